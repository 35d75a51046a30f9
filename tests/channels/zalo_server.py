"""Zalo's OA API on this machine."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from pasar.messages.model import Button, ReplyKind
from tests.channels.contract import ChatServer, Shown

APP = "3608465248940903967"
APP_SECRET = "zalo-application-secret-of-the-tests"
UNDOCUMENTED = {"error": -1, "error_name": "refused"}  # Zalo does not say what it answers to a renewal that it refuses


class ZaloServer(ChatServer):
    """Messages and tokens."""

    platform = "zalo"
    specification = (
        "https://docs.zaloplatforms.com/docs/OA/ (texts, pictures, error codes, OAuth v4), as quoted and "
        "mirrored in public repositories"
    )
    checks = (
        "the bare access_token header, shapes and lengths, errors with HTTP 200 and a number, refresh tokens "
        "that serve once"
    )
    leaves_out = (
        "quotas, the hours of night, fetching pictures, what an account's package allows, the seven days "
        "unless a test names the buyer"
    )

    def __init__(self) -> None:
        super().__init__()
        self.access = "zalo-access-0"  #: the one that is valid now
        self.refresh = "zalo-refresh-0"  #: so is this, once
        self.silent: set[str] = set()  #: buyers who have not written for seven days

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v3.0/oa/message/cs", self.send)
        router.add_post("/v4/oa/access_token", self.renew)
        router.add_get("/v2.0/oa/getoa", self.show_account)

    async def renew(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if request.headers.get("secret_key") != APP_SECRET:
            return web.json_response(UNDOCUMENTED)
        if form != {"refresh_token": self.refresh, "app_id": APP, "grant_type": "refresh_token"}:
            return web.json_response(UNDOCUMENTED)
        self.spent.add(self.refresh)
        number = len(self.spent)
        self.access, self.refresh = f"zalo-access-{number}", f"zalo-refresh-{number}"
        answer = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}
        return web.json_response(answer)

    async def show_account(self, request: web.Request) -> web.Response:
        if request.headers.get("access_token") != self.access:
            self.forged += 1
            return _refuse(-216, "Access token is invalid")
        data = {"oa_id": "2867735993958514567", "name": "StyleHub", "is_verified": True}
        return web.json_response({"data": data, "error": 0, "message": "Success"})

    async def send(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers or request.headers.get("access_token") != self.access:
            self.forged += 1
            return _refuse(-216, "Access token is invalid")
        body = await request.json()
        user = body["recipient"]["user_id"]
        if user in self.silent:
            return _refuse(-230, "User has not interacted with the OA in the past 7 days")
        field = find_fault(body["message"])
        if field is not None:
            return _refuse(-201, f"{field} is invalid!")
        payload = body["message"].get("attachment", {}).get("payload", {})
        buttons = tuple(Button(button["title"], button["payload"]) for button in payload.get("buttons", []))
        kind = ReplyKind.IMAGE if payload.get("template_type") == "media" else ReplyKind.TEXT
        self.shown.append(Shown(user, body["message"].get("text", ""), kind, buttons))
        data = {"message_id": f"63ecf43f0df7dba8{len(self.shown):04}", "user_id": user, "sent_time": "1626926349402"}
        return web.json_response({"data": data, "error": 0, "message": "Success"})


def find_fault(message: dict[str, Any]) -> str | None:
    """The field that Zalo would refuse."""
    text = message.get("text")
    if set(message) - {"text", "attachment"} or (text is not None and not 0 < len(text) <= 2000):
        return "text"
    if "attachment" not in message:
        return None if text else "message"
    attachment = message["attachment"]
    payload = attachment["payload"]
    if attachment["type"] != "template":
        return "attachment.type"
    if "buttons" in payload:
        good = 1 <= len(payload["buttons"]) <= 5 and text and all(map(is_button, payload["buttons"]))
        return None if good else "buttons"
    element = payload["elements"][0]
    good = payload["template_type"] == "media" and element["media_type"] == "image"
    return None if good and element["url"].startswith("https://") else "elements"


def is_button(button: dict[str, Any]) -> bool:
    """Whether it is a hidden query within its limits."""
    titled = 0 < len(button["title"]) <= 100 and 0 < len(button["payload"]) <= 1000
    return titled and button["type"] == "oa.query.hide"


def _refuse(code: int, message: str) -> web.Response:
    return web.json_response({"error": code, "message": message})
