"""Telegram's Bot API on this machine."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from channels.connector import Answer
from pasar.messages.model import Button, ReplyKind
from tests.channels.contract import ChatServer, Shown

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"


class TelegramServer(ChatServer):
    """The methods a shop's bot calls."""

    platform = "telegram"
    specification = "https://core.telegram.org/bots/api (Bot API 9)"
    checks = (
        "the token in the path, parameters and their types, lengths (UTF-16 code units), callback data of 1 "
        "to 64 bytes, addresses of pictures, the envelope of answers and errors, methods in the answer to a "
        "webhook; python-telegram-bot takes it for Telegram"
    )
    leaves_out = (
        "flood control of its own accord, fetching the pictures it is given, chats that the bot may not write to unless a "
        "test names them"
    )

    def __init__(self) -> None:
        super().__init__()
        self.blocked: set[str] = set()  #: chats whose user has blocked the bot
        self.webhook: dict[str, Any] = {"pending_update_count": 0, "allowed_updates": ["message", "callback_query"]}
        self.files: dict[str, bytes] = {}  #: what buyers have sent, by its file_id
        self.expired = 0  #: so many of the next paths have ended when they are asked
        self.queries: set[str] = set()  #: pressed buttons that wait for an answer

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/file/bot{token}/{path:.+}", self.download)
        router.add_post("/bot{token}/{method}", self.call)
        router.add_get("/bot{token}/{method}", self.call)

    async def call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            self.forged += 1
            return _refuse(401, "Unauthorized")
        return self.run(request.match_info["method"], await read_parameters(request))

    def perform(self, answer: Answer) -> web.Response | None:
        """Do what the answer to a webhook asks for."""
        if not answer.body:
            return None
        assert answer.content_type == "application/json"
        body = json.loads(answer.body)
        return self.run(body.pop("method"), body)

    def run(self, method: str, body: dict[str, Any]) -> web.Response:
        methods = {
            "sendMessage": self.send_message,
            "sendPhoto": self.send_photo,
            "answerCallbackQuery": self.answer_callback_query,
            "getFile": self.get_file,
            "getMe": self.show_bot,
            "getWebhookInfo": self.show_webhook,
        }
        if method not in methods:
            return _refuse(404, "Not Found")
        return methods[method](body)

    def get_file(self, body: dict[str, Any]) -> web.Response:
        """https://core.telegram.org/bots/api#getfile"""
        named = str(body.get("file_id"))
        if named not in self.files:
            return _refuse(400, "Bad Request: invalid file_id")
        if len(self.files[named]) > 20 * 2**20:
            return _refuse(400, "Bad Request: file is too big")
        file = {"file_id": named, "file_unique_id": "AQ", "file_size": len(self.files[named])}
        file["file_path"] = f"documents/old {named}" if self.expired > 0 else f"documents/file {named}"
        self.expired -= 1
        return web.json_response({"ok": True, "result": file})

    async def download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            self.forged += 1
            return _refuse(401, "Unauthorized")
        kind, _, named = request.match_info["path"].removeprefix("documents/").partition(" ")
        if kind != "file" or named not in self.files:
            return _refuse(404, "Not Found")
        return web.Response(body=self.files[named], content_type="application/octet-stream")

    def show_bot(self, body: dict[str, Any]) -> web.Response:
        bot = {"id": 123456, "is_bot": True, "first_name": "StyleHub", "username": "stylehub_bot"}
        return web.json_response({"ok": True, "result": bot})

    def show_webhook(self, body: dict[str, Any]) -> web.Response:
        result = {"url": self.callback, "has_custom_certificate": False, **self.webhook}
        return web.json_response({"ok": True, "result": result})

    def send_message(self, body: dict[str, Any]) -> web.Response:
        assert set(body) <= {"chat_id", "text", "reply_markup"}
        if not body.get("text"):
            return _refuse(400, "Bad Request: message text is empty")
        if len(body["text"].encode("utf-16-le")) // 2 > 4096:
            return _refuse(400, "Bad Request: message is too long")
        return self.show(body, body["text"], ReplyKind.TEXT)

    def send_photo(self, body: dict[str, Any]) -> web.Response:
        assert set(body) <= {"chat_id", "photo", "caption", "reply_markup"}
        if not body["photo"].startswith(("https://", "http://")):
            return _refuse(400, "Bad Request: wrong remote file identifier specified")
        caption = body.get("caption", "")
        if len(caption.encode("utf-16-le")) // 2 > 1024:
            return _refuse(400, "Bad Request: message caption is too long")
        return self.show(body, caption, ReplyKind.IMAGE)

    def answer_callback_query(self, body: dict[str, Any]) -> web.Response:
        if body.get("callback_query_id") not in self.queries:
            return _refuse(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.queries.remove(body["callback_query_id"])
        return web.json_response({"ok": True, "result": True})

    def show(self, body: dict[str, Any], text: str, kind: ReplyKind) -> web.Response:
        chat = str(body["chat_id"])
        if chat in self.blocked:
            return _refuse(403, "Forbidden: bot was blocked by the user")
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        for button in buttons:
            if set(button) != {"text", "callback_data"} or not button["text"]:
                return _refuse(400, "Bad Request: can't parse inline keyboard button")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                return _refuse(400, "Bad Request: BUTTON_DATA_INVALID")
        shown = tuple(Button(button["text"], button["callback_data"]) for button in buttons)
        self.shown.append(Shown(chat, text, kind, shown))
        result = {"message_id": len(self.shown), "date": 1700000000, "chat": {"id": chat, "type": "private"}}
        return web.json_response({"ok": True, "result": result})


async def read_parameters(request: web.Request) -> dict[str, Any]:
    """As JSON or as a form, in which objects are JSON again: https://core.telegram.org/bots/api#making-requests ."""
    if request.content_type == "application/json":
        return dict(await request.json())
    form = {name: str(value) for name, value in [*request.query.items(), *(await request.post()).items()]}
    return {name: json.loads(value) if value.startswith("{") else value for name, value in form.items()}


def _refuse(status: int, description: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": status, "description": description}, status=status)
