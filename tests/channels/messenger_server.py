"""Messenger's and Instagram's sending on this machine."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from pasar.messages.model import Button, ReplyKind
from tests.channels.contract import Shown
from tests.channels.meta_server import VERSION, GraphServer, refuse

PAGE = "682498302938465"
INSTAGRAM_ID = "17841400008460056"


class MessengerServer(GraphServer):
    """Sending for a page, or as the Instagram account."""

    platform = "messenger"
    specification = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages"
    checks = "the token, shapes, lengths (characters), quick replies, the generic template, subscriptions"
    leaves_out = "the window (tests answer as Meta does then), conversation routing, pictures that cannot be fetched"

    limit, measure = 2000, staticmethod(len)
    account = subscriber = PAGE
    types = frozenset({"RESPONSE", "MESSAGE_TAG"})  #: of messaging

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        self.subscribed = ["messages", "messaging_postbacks", "message_echoes"]
        self.owner = self.account  #: whom the token is for

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"/{VERSION}/{self.account}/messages", self.send)
        router.add_get(f"/{VERSION}/me", self.show_owner)
        router.add_get(f"/{VERSION}/{self.subscriber}/subscribed_apps", self.show_apps)

    async def show_owner(self, request: web.Request) -> web.Response:
        assert request.query["fields"] == "id,name"
        return self.check_token(request) or web.json_response({"id": self.owner, "name": "StyleHub"})

    async def show_apps(self, request: web.Request) -> web.Response:
        app = {"subscribed_fields": self.subscribed, "id": "1517776481860111"}
        return self.check_token(request) or web.json_response({"data": [app] if self.subscribed else []})

    async def send(self, request: web.Request) -> web.Response:
        problem = self.check_token(request)
        if problem is not None:
            return problem
        body = await request.json()
        if body.get("messaging_type") not in self.types or set(body) - {
            "messaging_type",
            "tag",
            "recipient",
            "message",
        }:
            return refuse(100, "Invalid parameter")
        if (body.get("messaging_type") == "MESSAGE_TAG") != (body.get("tag") == "HUMAN_AGENT"):
            return refuse(100, "Invalid parameter")
        # A comment's author is answered by the comment's id; the answer tells her own.
        recipient = body["recipient"].get("id") or f"author-of-{body['recipient']['comment_id']}"
        shown = self.read(body["message"], recipient)
        if shown is None:
            return refuse(100, "Invalid parameter")
        self.bodies.append(body)
        self.shown.append(shown)
        return web.json_response({"recipient_id": shown.thread, "message_id": f"m_{len(self.shown)}"})

    def read(self, message: dict[str, Any], thread: str) -> Shown | None:
        """What the buyer sees; None where Meta would refuse it."""
        replies = message.get("quick_replies", [])
        if len(replies) > 13 or (replies and "text" not in message):
            return None
        for reply in replies:
            if reply["content_type"] != "text" or not reply["title"] or not 0 < len(reply["payload"]) <= 1000:
                return None
        buttons = tuple(Button(reply["title"][:20], reply["payload"]) for reply in replies)
        if "text" in message:
            fits = 0 < self.measure(message["text"]) <= self.limit and "attachment" not in message
            return Shown(thread, message["text"], ReplyKind.TEXT, buttons) if fits else None
        attachment = message["attachment"]
        if attachment["type"] == "image":
            fits = attachment["payload"]["url"].startswith("https://")
            return Shown(thread, "", ReplyKind.IMAGE) if fits else None
        payload = attachment["payload"]
        (element,) = payload["elements"]
        fits = payload["template_type"] == "generic" and 1 <= len(element["title"]) <= 80 and len(element) > 1
        fits = fits and len(element.get("subtitle", "")) <= 80
        return Shown(thread, element["title"], ReplyKind.PRODUCT) if fits else None


class InstagramServer(MessengerServer):
    """graph.instagram.com."""

    platform = "instagram"
    specification = (
        "https://developers.facebook.com/documentation/instagram-platform and the pages on Messenger's sending"
    )
    checks = "the token and its renewal, shapes, lengths (bytes), quick replies, the generic template, subscriptions"
    leaves_out = "the window (tests answer as Meta does then), pictures that cannot be fetched"

    limit, measure = 1000, staticmethod(lambda text: len(text.encode()))
    account, subscriber = INSTAGRAM_ID, "me"
    types = frozenset({None, "MESSAGE_TAG"})

    def __init__(self) -> None:
        super().__init__()
        self.young: set[str] = set()  #: tokens of less than a day

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_get("/refresh_access_token", self.refresh)

    async def show_owner(self, request: web.Request) -> web.Response:
        assert request.query["fields"] == "user_id,username"
        owner = {"user_id": self.owner, "username": "stylehub", "id": "6391"}
        return self.check_token(request) or web.json_response(owner)

    async def refresh(self, request: web.Request) -> web.Response:
        token = request.query["access_token"]
        if request.query.get("grant_type") != "ig_refresh_token" or token not in self.good or token in self.young:
            return refuse(190, "Session key invalid.")
        renewed = f"{token}+"
        self.good.add(renewed)
        return web.json_response({"access_token": renewed, "token_type": "bearer", "expires_in": 5183944})
