"""LINE on this machine."""

from __future__ import annotations

import uuid
from typing import Any

import regex
from aiohttp import web

from pasar.messages.model import Button, ReplyKind
from tests.channels.contract import ChatServer, Shown

TOKEN = "line-access-token-of-the-tests"


class LineServer(ChatServer):
    """The two ways to send."""

    platform = "line"
    specification = (
        "https://github.com/line/line-openapi (messaging-api.yml) and "
        "https://developers.line.biz/en/reference/messaging-api/"
    )
    checks = (
        "the bearer token, shapes, lengths (UTF-16 code units, labels in grapheme clusters), reply tokens "
        "that serve once, retry keys, contents by their id, the webhook's own test; LINE's SDK (line-bot-sdk) takes it for LINE"
    )
    leaves_out = "the monthly quota, blocked accounts, the minute that a reply token lasts"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, str] = {}  #: reply token → whom it answers
        self.contents: dict[str, bytes] = {}  #: what buyers have sent, by the message's id
        self.preparing = 0  #: so often a content is not ready yet
        self.deleted: set[str] = set()  #: ids of contents that LINE keeps no longer
        self.active = True  #: Use webhook
        self.test: dict[str, Any] = {"success": True, "statusCode": 200, "reason": "OK", "detail": "200"}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v2/bot/message/reply", self.reply)
        router.add_post("/v2/bot/message/push", self.push)
        router.add_get("/v2/bot/message/{message}/content", self.show_content)
        router.add_get("/v2/bot/info", self.show_bot)
        router.add_get("/v2/bot/channel/webhook/endpoint", self.show_endpoint)
        router.add_post("/v2/bot/channel/webhook/test", self.test_endpoint)

    async def show_content(self, request: web.Request) -> web.Response:
        problem, named = self.refuse_stranger(request), request.match_info["message"]
        if problem is not None:
            return problem
        if named in self.deleted:
            return web.json_response({"message": "Gone"}, status=410)
        if named not in self.contents:
            return web.json_response({"message": "Not found"}, status=404)
        if self.preparing > 0:
            self.preparing -= 1
            return web.Response(status=202)
        # LINE's type is not to be believed either.
        return web.Response(body=self.contents[named], content_type="text/html")

    async def show_bot(self, request: web.Request) -> web.Response:
        bot = {"userId": f"U{'1' * 32}", "basicId": "@216ru", "displayName": "StyleHub", "chatMode": "bot"}
        return self.refuse_stranger(request) or web.json_response({**bot, "markAsReadMode": "auto"})

    async def show_endpoint(self, request: web.Request) -> web.Response:
        problem = self.refuse_stranger(request)
        if problem is None and not self.callback:
            return web.json_response({"message": "Webhook endpoint not found"}, status=404)
        return problem or web.json_response({"endpoint": self.callback, "active": self.active})

    async def test_endpoint(self, request: web.Request) -> web.Response:
        assert set(await request.json()) <= {"endpoint"}
        return self.refuse_stranger(request) or web.json_response(
            {**self.test, "timestamp": "2026-11-23T05:38:20.031Z"}
        )

    async def reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        problem = self.check(request, body, {"replyToken", "messages"})
        if problem is not None:
            return problem
        token = body["replyToken"]
        if token not in self.tokens or token in self.spent:
            return web.json_response({"message": "Invalid reply token"}, status=400)
        self.spent.add(token)
        return self.show(self.tokens[token], body["messages"])

    async def push(self, request: web.Request) -> web.Response:
        body = await request.json()
        problem = self.check(request, body, {"to", "messages"})
        if problem is not None:
            return problem
        key = request.headers.get("X-Line-Retry-Key")
        if key is not None:
            uuid.UUID(key)
            if key in self.spent:
                message = "The retry key is already accepted"
                return web.json_response({"message": message, "sentMessages": []}, status=409)
            self.spent.add(key)
        return self.show(body["to"], body["messages"])

    def check(self, request: web.Request, body: Any, fields: set[str]) -> web.Response | None:
        problem = self.refuse_stranger(request)
        if problem is not None:
            return problem
        optional = {"notificationDisabled", "customAggregationUnits"}
        if not fields <= set(body) <= fields | optional or not 1 <= len(body["messages"]) <= 5:
            return _refuse("messages")
        for message in body["messages"]:
            field = find_fault(message)
            if field is not None:
                return _refuse(field)
        return None

    def refuse_stranger(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        self.forged += 1
        return web.json_response({"message": "Authentication failed"}, status=401)

    def show(self, thread: str, messages: list[dict[str, Any]]) -> web.Response:
        for message in messages:
            items = message.get("quickReply", {}).get("items", [])
            buttons = tuple(Button(item["action"]["label"], item["action"]["data"]) for item in items)
            kind = ReplyKind.IMAGE if message["type"] == "image" else ReplyKind.TEXT
            self.shown.append(Shown(thread, message.get("text", ""), kind, buttons))
        sent = [{"id": str(len(self.shown)), "quoteToken": "q"} for _ in messages]
        return web.json_response({"sentMessages": sent})


def find_fault(message: dict[str, Any]) -> str | None:
    """The field that LINE would refuse."""
    if message["type"] == "text":
        if not 0 < len(message["text"].encode("utf-16-le")) // 2 <= 5000:
            return "text"
    elif message["type"] == "image":
        if not all(message[name].startswith("https://") for name in ("originalContentUrl", "previewImageUrl")):
            return "originalContentUrl"
    else:
        return "type"
    items = message.get("quickReply", {}).get("items", [])
    if len(items) > 13:
        return "quickReply.items"
    for item in items:
        action = item["action"]
        if item["type"] != "action" or action["type"] != "postback" or not 0 < len(action["data"]) <= 300:
            return "quickReply.items.action"
        if not 0 < len(regex.findall(r"\X", action["label"])) <= 20:
            return "quickReply.items.action.label"
    return None


def _refuse(field: str) -> web.Response:
    details = [{"message": "May not be valid", "property": field}]
    return web.json_response({"message": "The request body has 1 error(s)", "details": details}, status=400)
