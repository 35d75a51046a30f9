"""Shopee's chat on this machine."""

from __future__ import annotations

import itertools
import json
from typing import Any

from aiohttp import web

from pasar.messages.model import ReplyKind
from tests.channels.contract import ChatServer, Shown
from tests.channels.selling import read_upload
from tests.commerce.platforms.shopee_server import Refusal, ShopeeServer

LOST_PAGE = 100
FIELDS = {"text": "text", "image": "image_url", "item": "item_id", "order": "order_sn"}
KINDS = {"image": ReplyKind.IMAGE, "item": ReplyKind.PRODUCT, "order": ReplyKind.ORDER}


class ShopeeChatServer(ShopeeServer, ChatServer):
    """One shop's chat, and what its app was not pushed."""

    platform = "shopee"
    specification = (
        "https://open.shopee.com/documents/v2 (v2.push, v2.shop.get_shop_info); v2.sellerchat, whose pages "
        "are not public, as EcomPHP/shopee-php and wjp-letgo/shopeego send and read it"
    )
    checks = (
        "signature, timestamp and token, fields and ids of 19 digits, pictures that were uploaded before, "
        "lost pushes page by page, what an app is pushed"
    )
    leaves_out = "real limits of texts, pictures and rates, sensitive words, who may be written to"

    def __init__(self) -> None:
        self.uploads: dict[str, str] = {}
        self.lost: list[tuple[int, str]] = []  #: id and push
        self.confirmed: list[int] = []
        self.pushes: dict[str, Any] = {"live_push_status": "Normal", "push_config_on_list": [10]}
        self._ids = itertools.count(2302748948493123953)
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_post("/api/v2/sellerchat/send_message", self._answer(self._send, shop=True))
        router.add_post("/api/v2/sellerchat/upload_image", self._upload)
        router.add_get("/api/v2/shop/get_shop_info", self._show_shop)
        router.add_get("/api/v2/push/get_app_push_config", self._answer(self._show_pushes, shop=False))
        router.add_get("/api/v2/push/get_lost_push_message", self._answer(self._give_lost, shop=False))
        router.add_post("/api/v2/push/confirm_consumed_lost_push_message", self._answer(self._confirm, shop=False))

    def lose(self, push: bytes) -> None:
        """A push that could not be delivered."""
        self.lost.append((176_610 + len(self.lost), push.decode()))

    def _send(self, body: Any) -> Any:
        if set(body) != {"to_id", "message_type", "content"} or not isinstance(body["to_id"], int):
            raise Refusal("param_error", "Invalid parameters.")
        kind, content = body["message_type"], body["content"]
        if set(content) != {FIELDS.get(kind)}:
            raise Refusal("param_error", "Invalid content.")
        value = content[FIELDS[kind]]
        if kind == "item" and (not isinstance(value, int) or value < 1000):
            raise Refusal("param_error", "Invalid item.")
        if kind == "image" and value not in self.uploads:
            raise Refusal("param_error", "Invalid image.")
        if kind == "text" and not value:
            raise Refusal("param_error", "Invalid text.")
        text = self.uploads[value] if kind == "image" else str(value)
        self.shown.append(Shown(str(body["to_id"]), text, KINDS.get(kind, ReplyKind.TEXT)))
        named = next(self._ids)
        return {"message_id": named, "to_id": body["to_id"], "message_type": kind, "content": content}

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            self._check(request, shop=True)
        except Refusal as refusal:
            return web.json_response({"error": refusal.code, "message": refusal.message, "request_id": "1"})
        picture = await read_upload(request, "file")
        url = f"https://cf.shopee.co.id/file/{len(self.uploads)}"
        self.uploads[url] = f"{picture.width}x{picture.height}"
        return web.json_response(
            {"error": "", "message": "", "request_id": "1", "response": {"url": url, "thumbnail": url}}
        )

    async def _show_shop(self, request: web.Request) -> web.Response:
        """Its fields stand beside the error."""
        try:
            self._check(request, shop=True)
        except Refusal as refusal:
            return web.json_response({"error": refusal.code, "message": refusal.message, "request_id": "1"})
        shop = {"shop_name": "StyleHub", "region": "ID", "status": "NORMAL", "expire_time": 1995435999}
        return web.json_response({"error": "", "message": "", "request_id": "1", **shop})

    def _show_pushes(self, query: Any) -> Any:
        return {"response": {"callback_url": self.callback, "blocked_shop_id": [], **self.pushes}}

    def _give_lost(self, query: Any) -> Any:
        page = self.lost[:LOST_PAGE]
        entries = []
        for _, push in page:
            try:
                head = json.loads(push)
            except ValueError:
                head = {}
            entries.append({"shop_id": head.get("shop_id"), "code": head.get("code"), "timestamp": 1, "data": push})
        response: dict[str, Any] = {"push_message_list": entries, "has_next_page": len(self.lost) > LOST_PAGE}
        return {"response": response | ({"last_message_id": page[-1][0]} if page else {})}

    def _confirm(self, body: Any) -> Any:
        self.confirmed.append(body["last_message_id"])
        self.lost = [(number, push) for number, push in self.lost if number > body["last_message_id"]]
        return {}
