"""What WhatsApp tells of a conversation: messages, echoes and statuses.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages and the pages below
it. A cart that was sent (``order``) is no order yet and has no number: its first product is what it is about, all of them
are in the facts. Media are named by their id, by which they are fetched.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any

import structlog

from channels.base import MessageError
from channels.connector import tell_consent
from channels.fields import Fields
from channels.meta.graph import read_mid, shorten
from pasar.messages.model import MAX_FIELD, Author, Kind, Purpose, Received

_MEDIA = {
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "audio": Kind.VOICE,
    "document": Kind.FILE,
    "sticker": Kind.STICKER,
}
MAX_PRODUCTS = 30  # of a cart, in the facts

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads the messages of one account."""

    channel: str
    account: str
    shop: str

    def read_names(self, value: Fields) -> Mapping[str, str]:
        """How WhatsApp shows the buyers of a call, by user id and number."""
        names: dict[str, str] = {}
        with contextlib.suppress(MessageError):  # how she is shown is not worth a message
            for contact in value.objects("contacts") if "contacts" in value else []:
                name = contact.object("profile").text("name", "")
                names |= {contact.id(key): name for key in ("user_id", "wa_id") if key in contact}
        return names

    def read_users(self, value: Fields) -> Mapping[str, str]:
        """The buyers' user ids, by number."""
        users: dict[str, str] = {}
        with contextlib.suppress(MessageError):
            for contact in value.objects("contacts") if "contacts" in value else []:
                if "user_id" in contact and "wa_id" in contact:
                    users[contact.id("wa_id")] = contact.id("user_id")
        return users

    def read_message(self, message: Fields, author: Author, names: Mapping[str, str]) -> Received:
        """A message or an echo; groups are recorded, not answered."""
        echoed = author in (Author.AGENT, Author.BOT)
        kind = message.text("type")
        if kind == "system":  # a number or an id has changed
            author = Author.SYSTEM
        buyer = _read_buyer(message, *(("to_user_id", "to") if echoed else ("from_user_id", "from")))
        content = message.object(kind) if kind in message else None
        group = message.id("group_id", "")
        return Received(
            channel=self.channel,
            account=self.account,
            shop=self.shop,
            thread=group or buyer,
            message_id=read_mid(message, "id"),
            buyer=buyer,
            sent_at=message.moment("timestamp"),
            author=Author.SYSTEM if group and author is Author.BUYER else author,
            name="" if echoed else names.get(buyer, ""),
            phone="" if echoed else _read_number(message, "from"),
            **_read_content(kind, content, message),
        )

    def read_preference(self, preference: Fields, users: Mapping[str, str]) -> Received | None:
        """She has stopped or resumed marketing messages in WhatsApp itself; None for another category.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_preferences
        It has no id of its own, and comes by number where she has a user id too.
        """
        value, category = preference.text("value"), preference.text("category")
        if category != "marketing_messages":
            log.info("whatsapp.preference.skipped", account=self.account, category=category[:40])
            return None
        if value not in ("stop", "resume"):
            raise MessageError(f"{preference.path}.value", "must be stop or resume")
        number = preference.id("wa_id", "")
        buyer = preference.id("user_id", "") or users.get(number, "") or preference.id("wa_id")
        at = preference.moment("timestamp")
        told = tell_consent(f"user_preferences.{value}", (Purpose.PROMOTION,), given=value == "resume")
        return Received(
            channel=self.channel,
            account=self.account,
            shop=self.shop,
            thread=buyer,
            message_id=shorten("user_preferences", buyer, value, str(at.timestamp())),
            buyer=buyer,
            sent_at=at,
            phone=_read_number(preference, "wa_id"),
            **told,
        )

    def read_status(self, status: Fields) -> Received:
        """What became of a message of ours; a failure is told here as often as in the answer to its call."""
        of, state = read_mid(status, "id"), status.id("status")
        facts: dict[str, Any] = {"event": state, "of": of}
        errors = status.objects("errors") if "errors" in status else []
        if errors:
            facts["error"] = errors[0].id("code")
            log.warning("whatsapp.message.failed", account=self.account, message=of, error=facts["error"])
        buyer = _read_buyer(status, "recipient_user_id", "recipient_id")
        return Received(
            channel=self.channel,
            account=self.account,
            shop=self.shop,
            thread=buyer,
            message_id=shorten(of, state),
            buyer=buyer,
            sent_at=status.moment("timestamp"),
            author=Author.SYSTEM,
            kind=Kind.OTHER,
            facts=facts,
        )


def _read_number(message: Fields, name: str) -> str:
    """Her number, where WhatsApp tells it: she may be known by it elsewhere."""
    number = message.id(name, "")
    return number if number.isascii() and number.isdecimal() else ""


def _read_buyer(message: Fields, *names: str) -> str:
    """Her user id, else her number; who changes her user id is told of by the one she had."""
    for name in names:
        if name in message:
            return message.id(name)
    return message.object("system").id("previous_user_id") if "system" in message else message.id(names[-1])


def _read_content(kind: str, content: Fields | None, message: Fields) -> dict[str, Any]:
    """Kind, text, payload and facts. What has no content, WhatsApp could not pass on itself."""
    if content is None:
        return {"kind": Kind.OTHER, "facts": {"event": kind[:MAX_FIELD]}}
    if kind == "text":
        product = _read_referred(message)
        return {
            "kind": Kind.PRODUCT if product else Kind.TEXT,
            "text": content.text("body"),
            "facts": {"product": product} if product else {},
        }
    if kind in _MEDIA:
        facts: dict[str, Any] = {"media_id": content.id("id")}
        if "filename" in content:
            facts["file"] = content.text("filename")
        return {"kind": _MEDIA[kind], "text": content.text("caption", ""), "facts": facts}
    if kind == "location":
        place = {"latitude": content.number("latitude"), "longitude": content.number("longitude")}
        named = {name: content.text(name) for name in ("name", "address") if name in content}
        return {"kind": Kind.LOCATION, "facts": {**place, **named}}
    if kind == "button":  # of a template
        return {"kind": Kind.BUTTON, "text": content.text("text", ""), "payload": content.text("payload", "")}
    if kind == "interactive":
        for name in ("button_reply", "list_reply"):
            if name in content:
                chosen = content.object(name)
                return {"kind": Kind.BUTTON, "text": chosen.text("title", ""), "payload": chosen.text("id")}
    if kind == "order":
        return _read_cart(content)
    return {"kind": Kind.OTHER, "facts": {"event": kind[:MAX_FIELD]}}


def _read_cart(cart: Fields) -> dict[str, Any]:
    items = cart.objects("product_items")[:MAX_PRODUCTS]
    products = [{"product": item.id("product_retailer_id"), "quantity": item.number("quantity", 1)} for item in items]
    if not products:
        return {"kind": Kind.OTHER, "facts": {"event": "order"}}
    facts = {"product": products[0]["product"], "cart": products}
    return {"kind": Kind.PRODUCT, "text": cart.text("text", ""), "facts": facts}


def _read_referred(message: Fields) -> str:
    """The product whose page the buyer asks from; "" where there is none."""
    context = message.object("context") if "context" in message else None
    if context is None or "referred_product" not in context:
        return ""
    return context.object("referred_product").id("product_retailer_id", "")
