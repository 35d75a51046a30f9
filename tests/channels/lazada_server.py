"""Lazada's Instant Messaging API on this machine."""

from __future__ import annotations

import itertools
import time
from typing import Any

from aiohttp import web

from pasar.messages.model import ReplyKind
from tests.channels.contract import ChatServer, Shown
from tests.commerce.platforms.lazada_server import LazadaServer, Refusal

TEMPLATES = {"1": {"txt"}, "3": {"img_url", "width", "height"}, "10006": {"item_id"}, "10007": {"order_id"}}
KINDS = {"3": ReplyKind.IMAGE, "10006": ReplyKind.PRODUCT, "10007": ReplyKind.ORDER}
CALLING = {"app_key", "timestamp", "sign_method", "sign", "access_token"}


class LazadaChatServer(LazadaServer, ChatServer):
    """One seller's sessions."""

    platform = "lazada"
    specification = "https://open.lazada.com/apps/doc/api?path=%2Fim%2Fmessage%2Fsend and …%2Fseller%2Fget"
    checks = (
        "signature (docId=108068), timestamp and token, the parameters of each template; the page names no "
        "error, so the codes are made up and only their place is the page's"
    )
    leaves_out = "five messages a day while the buyer is silent, real limits of texts and pictures, moderation"

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.wants_code = True
        self.seller = "20240305"
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_post("/rest/im/message/send", self._send)
        router.add_get("/rest/seller/get", self._wrap("/seller/get", self._show_seller))

    async def _send(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        query: dict[str, Any] = {**request.query, **form}
        assert not form.keys() & CALLING
        try:
            self._check("/im/message/send", query)
            if self.refuse:
                raise Refusal(*self.refuse.pop(0))
        except Refusal as error:
            answer = {"code": error.code, "type": error.kind, "message": str(error)}
            return web.json_response({**answer, "request_id": "0ba2887315178178017221014"})
        answer = self._show({name: value for name, value in query.items() if name not in CALLING})
        code = {"code": "0", "request_id": "0ba2887315178178017221014"} if self.wants_code else {}
        return web.json_response({**answer, **code})

    def _show_seller(self, _: Any) -> dict[str, Any]:
        return {"data": {"name": "StyleHub", "seller_id": self.seller, "status": "ACTIVE", "location": "Jakarta"}}

    def _show(self, query: dict[str, str]) -> dict[str, Any]:
        template = query.get("template_id", "")
        if set(query) != {"session_id", "template_id"} | TEMPLATES.get(template, {"?"}):
            return {"err_code": "1001", "success": False, "err_message": "illegal parameter"}
        text = (
            query.get("txt") or query.get("item_id") or query.get("order_id") or f"{query['width']}x{query['height']}"
        )
        if template == "10006" and len(text) < 5:
            return {"err_code": "1002", "success": False, "err_message": "no such item"}
        self.shown.append(Shown(query["session_id"], text, KINDS.get(template, ReplyKind.TEXT)))
        named = f"23hR7YH0BtkiN{next(self._ids):05}"
        data = {"current_time": int(time.time() * 1000), "message_id": named, "template_id": int(template)}
        return {"err_code": "0", "success": True, "err_message": "SUCCESS", "data": data}
