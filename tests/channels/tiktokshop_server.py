"""TikTok Shop's Customer Service API on this machine."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from aiohttp import web

from pasar.messages.model import ReplyKind
from tests.channels.contract import ChatServer, Shown
from tests.channels.selling import read_upload
from tests.commerce.platforms.tiktokshop.server import Answer, TikTokShopServer

API = "/customer_service/202309"
KINDS = {
    "TEXT": {"content"},
    "IMAGE": {"url", "width", "height"},
    "PRODUCT_CARD": {"product_id"},
    "ORDER_CARD": {"order_id"},
}


class TikTokShopChatServer(TikTokShopServer, ChatServer):
    """One shop's conversations."""

    platform = "tiktokshop"
    specification = "https://partner.tiktokshop.com/docv2/page/customer-service-api-overview (202309, end of 2025)"
    checks = (
        "signature, timestamp, token and cipher, types and their JSON, the length of a text, pictures that "
        "were uploaded before, forbidden words, conversations and their messages, read receipts, 10,000 calls "
        "a day"
    )
    leaves_out = "who may begin a conversation, coupons and return cards, what a webhook for our own message looks like"

    def __init__(self) -> None:
        self.read: list[str] = []  #: conversations in which messages were marked as read
        self.quota = 10_000
        self.uploads: dict[str, tuple[int, int]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.conversations: list[dict[str, Any]] = []
        self.sensitive = "weapon"
        self._ids = itertools.count(7494560109732334261)
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        messages = f"{API}/conversations/{{conversation_id}}/messages"
        for method, path, handler in (
            ("POST", messages, self._send),
            ("GET", messages, self._list),
            ("POST", f"{messages}/read", self._mark_read),
            ("GET", f"{API}/conversations", self._list_conversations),
        ):
            router.add_route(method, path, self._gate(self._count(handler)))
        router.add_post(f"{API}/images/upload", self._upload)

    def _count(self, handler: Any) -> Any:
        def count(request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
            self.quota -= 1
            if self.quota < 0:
                return (
                    45101004,
                    "The query quota has been reached (10000 request per day). Please try again tomorrow.",
                    {},
                )
            return handler(request, query, body)

        return count

    def _send(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if set(body) != {"type", "content"} or body["type"] not in KINDS or not isinstance(body["content"], str):
            return 45101001, "Invalid parameter. Please check the parameters.", {}
        content = json.loads(body["content"])
        if set(content) != KINDS[body["type"]]:
            return 45101001, "Invalid parameter. Please check the parameters.", {}
        thread, shown = request.match_info["conversation_id"], Shown("", "")
        if body["type"] == "TEXT":
            if not 0 < len(content["content"]) <= 2000:
                return 45101001, "Invalid parameter. Please check the parameters.", {}
            if self.sensitive in content["content"]:
                return (
                    45101006,
                    "You cannot send the message containing sensitive content. Please check the message.",
                    {},
                )
            shown = Shown(thread, content["content"])
        elif body["type"] == "IMAGE":
            if self.uploads.get(content["url"]) != (content["width"], content["height"]):
                return 45101001, "Invalid parameter. Please check the parameters.", {}
            shown = Shown(thread, f"{content['width']}x{content['height']}", ReplyKind.IMAGE)
        else:
            (named,) = content.values()
            if len(named) < 10:
                return 45101003, "Record not found. Please check the parameters.", {}
            shown = Shown(thread, named, ReplyKind.PRODUCT if "product_id" in content else ReplyKind.ORDER)
        self.shown.append(shown)
        named = str(next(self._ids))
        self.messages.setdefault(thread, []).insert(0, {
            "id": named, "type": body["type"], "content": json.dumps(content), "create_time": int(time.time()),
            "is_visible": True, "sender": {"im_user_id": "7494560109732334261", "role": "CUSTOMER_SERVICE"},
        })  # fmt: skip
        return 0, "Success", {"message_id": named}

    def _list(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        assert 1 <= int(query["page_size"]) <= 10
        found = self.messages.get(request.match_info["conversation_id"], [])
        return 0, "Success", {"next_page_token": "", "messages": found[: int(query["page_size"])]}

    def _mark_read(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        self.read.append(request.match_info["conversation_id"])
        return 0, "Success", {}

    def _list_conversations(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        size, start = int(query["page_size"]), int(query.get("page_token") or "0")
        assert 1 <= size <= 20
        following = str(start + size) if start + size < len(self.conversations) else ""
        page = self.conversations[start : start + size]
        return 0, "Success", {"next_page_token": following, "conversations": page}

    async def _upload(self, request: web.Request) -> web.Response:
        refusal = self._refuse(request, dict(request.query), b"")
        if refusal is not None:
            return self._envelope(*refusal, {}, status=self.error_status)
        picture = await read_upload(request, "data")
        assert len(picture.data) <= 10 * 1024 * 1024
        url = f"https://p16-oec-va.ibyteimg.com/{len(self.uploads)}.image?from=1320446476"
        self.uploads[url] = (picture.width, picture.height)
        return self._envelope(0, "Success", {"url": url, "width": picture.width, "height": picture.height})
