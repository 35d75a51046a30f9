"""WhatsApp's Cloud API on this machine."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from aiohttp import web

from pasar.messages.model import Button, ReplyKind
from tests.channels.contract import Shown
from tests.channels.meta_server import VERSION, GraphServer, refuse

NUMBER = "106540352242922"
CATALOG = "354160437058781"
TEMPLATES = {("order_sent", "en_US"): 2, ("welcome", "id"): 0}  #: approved ones, and how many values they have


class WhatsAppServer(GraphServer):
    """Sending."""

    platform = "whatsapp"
    specification = (
        "https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages and "
        "the pages below it"
    )
    checks = (
        "the token, shapes and lengths (characters), one address of the two, buttons and lists, products of "
        "the catalogue, approved templates, the number and its callback, media by id; pywa takes it for Meta"
    )
    leaves_out = (
        "the window and the rates (tests answer as Meta does then), media that cannot be fetched, quality, "
        "billing, what only a status says later"
    )

    def __init__(self) -> None:
        super().__init__()
        self.products = {"DRESS-01"}  #: in the catalogue
        self.quality = "GREEN"
        self.media: dict[str, bytes] = {}  #: what buyers have sent, by its id
        self.expired = 0  #: so many of the next addresses have ended when they are asked
        self.elsewhere = ""  #: another address that is told for media
        self.messages: list[dict[str, Any]] = []

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"/{VERSION}/{NUMBER}/messages", self.send)
        router.add_get(f"/{VERSION}/{NUMBER}", self.show_number)
        router.add_get(f"/{VERSION}/{{media}}", self.show_media)
        router.add_get("/whatsapp_business/attachments/", self.download)

    async def show_number(self, request: web.Request) -> web.Response:
        problem = self.check_token(request)
        if problem is not None:
            return problem
        number = {
            "verified_name": "StyleHub",
            "display_phone_number": "+62 811 0000 000",
            "quality_rating": self.quality,
            "webhook_configuration": {"application": self.callback} if self.callback else {},
        }
        return web.json_response({**{name: number[name] for name in request.query["fields"].split(",")}, "id": NUMBER})

    async def show_media(self, request: web.Request) -> web.Response:
        """https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media"""
        problem, named = self.check_token(request), request.match_info["media"]
        if problem is not None:
            return problem
        if named not in self.media:
            return refuse(100, "Unsupported get request. Object with ID does not exist", error_subcode=33)
        until = int(time.time()) + 300
        if self.expired > 0:
            self.expired, until = self.expired - 1, 1
        data = self.media[named]
        told = {
            "messaging_product": "whatsapp", "mime_type": "image/jpeg", "id": named, "file_size": len(data),
            "url": self.elsewhere or f"{self.base_url}/whatsapp_business/attachments/?mid={named}&ext={until}&hash=A",
            "sha256": hashlib.sha256(data).hexdigest(),
        }  # fmt: skip
        return web.json_response(told)

    async def download(self, request: web.Request) -> web.Response:
        problem = self.check_token(request)
        if problem is not None:
            return problem
        if int(request.query["ext"]) < time.time():
            return web.Response(status=404)
        return web.Response(body=self.media[request.query["mid"]], content_type="image/jpeg")

    async def send(self, request: web.Request) -> web.Response:
        problem = self.check_token(request)
        if problem is not None:
            return problem
        body = await request.json()
        if body.get("messaging_product") != "whatsapp" or body.get("recipient_type") != "individual":
            return refuse(100, "Invalid parameter")
        to, user = body.get("to"), body.get("recipient")
        if (to is None) == (user is None) or (user is not None and "." not in user) or (to is not None and "." in to):
            return refuse(100, "Invalid parameter")
        kind = body["type"]
        if set(body) != {"messaging_product", "recipient_type", "to" if to else "recipient", "type", kind}:
            return refuse(100, "Invalid parameter")
        shown = self.read(kind, body[kind], to or user)
        if shown is None:
            return refuse(131009, "Parameter value is not valid")
        self.messages.append(body)
        self.shown.append(shown)
        sent = {"id": f"wamid.{len(self.shown)}"}
        contact = {"input": to or user, "wa_id": to} if to else {"input": user, "user_id": user}
        return web.json_response({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]})

    def read(self, kind: str, content: Any, thread: str) -> Shown | None:
        """What the buyer sees; None where WhatsApp would refuse it."""
        if kind == "text":
            return Shown(thread, content["body"]) if 0 < len(content["body"]) <= 4096 else None
        if kind == "image":
            caption = content.get("caption", "")
            fits = content["link"].startswith("https://") and len(caption) <= 1024
            return Shown(thread, caption, ReplyKind.IMAGE) if fits else None
        if kind == "template":
            return self.read_template(content, thread)
        if kind == "interactive":
            return self.read_interactive(content, thread)
        return None

    def read_template(self, content: Any, thread: str) -> Shown | None:
        values = [value for part in content.get("components", []) for value in part["parameters"]]
        wanted = TEMPLATES.get((content["name"], content["language"]["code"]))
        fits = wanted == len(values) and all(value["type"] == "text" and value["text"] for value in values)
        text = " ".join([content["name"], *(value["text"] for value in values)])
        return Shown(thread, text, ReplyKind.TEMPLATE) if fits else None

    def read_interactive(self, content: Any, thread: str) -> Shown | None:
        text, action = content.get("body", {}).get("text", ""), content["action"]
        if len(text) > 1024:
            return None
        if content["type"] == "product":
            known = action["catalog_id"] == CATALOG and action["product_retailer_id"] in self.products
            return Shown(thread, text, ReplyKind.PRODUCT) if known else None
        if not text:
            return None
        if content["type"] == "button":
            items = [item["reply"] for item in action["buttons"] if item["type"] == "reply"]
            fits = 1 <= len(items) <= 3 and all(0 < len(i["title"]) <= 20 and 0 < len(i["id"]) <= 256 for i in items)
            fits = fits and len({item["title"] for item in items}) == len(items)
        elif content["type"] == "list":
            (section,) = action["sections"]
            items = section["rows"]
            fits = 1 <= len(items) <= 10 and all(0 < len(i["title"]) <= 24 and 0 < len(i["id"]) <= 200 for i in items)
            fits = fits and 0 < len(action["button"]) <= 20
        else:
            return None
        if not fits or len({item["id"] for item in items}) < len(items):
            return None
        buttons = tuple(Button(item["title"], item["id"]) for item in items)
        return Shown(thread, text, ReplyKind.BUTTONS, buttons)
