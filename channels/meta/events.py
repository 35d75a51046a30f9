"""What Messenger and Instagram tell of a conversation.

Shapes are those of https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks and, for
Instagram, of https://developers.facebook.com/documentation/business-messaging/instagram-messaging/webhooks .

Only what a buyer wrote in ``messaging`` is answered. What comes on ``standby`` is recorded: another app, or Meta's own
inbox, has the conversation then (conversation routing), and a postback there has no payload. So are echoes, handovers,
reactions, edits, and that something was delivered, read or taken back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from channels.base import MessageError
from channels.connector import tell_consent
from channels.fields import Fields
from channels.meta.graph import read_mid, shorten
from pasar.buyers.consents import PROMOTIONS
from pasar.messages.model import Author, Kind, Purpose, Received

#: A shared post is shown by its address, as a picture is. ``ig_reel`` and the like are Meta's names for short films.
_KINDS = {
    "image": Kind.IMAGE,
    "share": Kind.IMAGE,
    "post": Kind.IMAGE,
    "ig_post": Kind.IMAGE,
    "video": Kind.VIDEO,
    "reel": Kind.VIDEO,
    "ig_reel": Kind.VIDEO,
    "audio": Kind.VOICE,
    "file": Kind.FILE,
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
    "template": Kind.PRODUCT,
}
_COMMON = frozenset({"sender", "recipient", "timestamp"})


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads the events of one account."""

    channel: str
    account: str
    shop: str
    own_id: str  #: the page's, or the Instagram account's
    find_author: Callable[[Fields], Author]  #: who has written an echo: a program or a person

    def read(self, event: Fields, *, standby: bool = False) -> Received:
        """One event, of ``messaging`` or ``standby``; MessageError."""
        sender, recipient = event.object("sender").id("id"), event.object("recipient").id("id")
        message = event.object("message") if "message" in event else None
        echoed = sender == self.own_id or (message is not None and message.flag("is_echo", False))
        buyer = recipient if echoed else sender
        common: dict[str, Any] = {
            "channel": self.channel,
            "account": self.account,
            "shop": self.shop,
            "thread": buyer,
            "buyer": buyer,
            "sent_at": event.moment("timestamp", per_second=1000),
        }
        if message is not None:
            author = self.find_author(message) if echoed else Author.SYSTEM if standby else Author.BUYER
            return Received(**common, author=author, **_read_message(message))
        if "postback" in event:
            author = Author.SYSTEM if standby or echoed else Author.BUYER
            return Received(**common, author=author, **_read_postback(event.object("postback"), event))
        if "optin" in event and event.object("optin").text("type", "") == "notification_messages":
            return Received(**common, **_read_optin(event.object("optin"), event))
        return Received(**common, author=Author.SYSTEM, **_read_notice(event))


def _read_message(message: Fields) -> dict[str, Any]:
    mid = read_mid(message)
    for flag in ("is_deleted", "is_unsupported"):
        if message.flag(flag, False):
            event = flag.removeprefix("is_")
            return {"message_id": shorten(mid, event), "kind": Kind.OTHER, "facts": {"event": event, "of": mid}}
    text = message.text("text", "")
    if "quick_reply" in message:
        payload = message.object("quick_reply").text("payload", "")
        return {"message_id": mid, "kind": Kind.BUTTON, "text": text, "payload": payload}
    kind, facts = _read_attachments(message.objects("attachments") if "attachments" in message else [])
    product = _read_referred(message)
    if product:
        kind, facts = Kind.PRODUCT, {**facts, "product": product}
    if kind is Kind.OTHER and text:
        kind = Kind.TEXT
    if "reply_to" in message and "story" in message.object("reply_to"):
        facts = {**facts, "story": message.object("reply_to").object("story").text("url", "")}
    return {"message_id": mid, "kind": kind, "text": text, "facts": facts}


def _read_attachments(attachments: list[Fields]) -> tuple[Kind, dict[str, Any]]:
    """The kind of the first that has one; a sticker comes as a picture beside it, too, until Meta ends that."""
    found: list[tuple[Kind, dict[str, Any]]] = [_read_attachment(attachment) for attachment in attachments]
    found = [(kind, facts) for kind, facts in found if kind is not Kind.OTHER] or found[:1]
    if not found:
        return Kind.OTHER, {}
    kind, facts = next((item for item in found if item[0] is Kind.STICKER), found[0])
    urls = [other["url"] for _, other in found if other.get("url")]
    return kind, {**facts, "urls": urls} if len(urls) > 1 and kind is not Kind.STICKER else facts


def _read_attachment(attachment: Fields) -> tuple[Kind, dict[str, Any]]:
    kind = _KINDS.get(attachment.text("type"), Kind.OTHER)
    payload = attachment.object("payload") if "payload" in attachment else None
    if payload is None:
        return (Kind.OTHER if kind is Kind.PRODUCT else kind), {}
    if "sticker_id" in payload:
        return Kind.STICKER, {"sticker": payload.id("sticker_id")}
    if kind is Kind.LOCATION:
        place = payload.object("coordinates")
        return kind, {"latitude": place.number("lat"), "longitude": place.number("long")}
    if kind is Kind.PRODUCT:
        elements = payload.object("product").objects("elements") if "product" in payload else []
        if not elements:
            return Kind.OTHER, {}
        # The shop's own number of it; Meta's where the app may not read the catalogue.
        return kind, {"product": elements[0].id("retailer_id", "") or elements[0].id("id")}
    url = payload.text("url", "")
    return kind, {"url": url} if url.startswith("https://") else {}


def _read_referred(message: Fields) -> str:
    """The product from whose page in a Meta shop the message was written; "" where there is none."""
    referral = message.object("referral") if "referral" in message else None
    return referral.object("product").id("id") if referral is not None and "product" in referral else ""


def _read_postback(postback: Fields, event: Fields) -> dict[str, Any]:
    title, payload = postback.text("title", ""), postback.text("payload", "")
    # ``mid`` came with v11.0.
    message_id = (
        read_mid(postback) if "mid" in postback else _name(event, "postback", shorten(payload or title or "none"))
    )
    return {"message_id": message_id, "kind": Kind.BUTTON, "text": title, "payload": payload}


def _read_optin(optin: Fields, event: Fields) -> dict[str, Any]:
    """She has agreed to marketing messages, or stopped or resumed them (the status is there only then).

    https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messaging_optins
    The page writes the two values with a blank, clients with an underscore.
    """
    status = optin.text("notification_messages_status", "").replace(" ", "_").upper()
    told = tell_consent(f"optin.{status.lower()[:40]}", PROMOTIONS, given=status != "STOP_NOTIFICATIONS")
    if status in ("", "RESUME_NOTIFICATIONS"):
        told["facts"]["purposes"] = [Purpose.PROMOTION.value]  # reviews were not asked about
        told["facts"]["words"] = optin.text("title", "")[:200]
    elif status != "STOP_NOTIFICATIONS":
        raise MessageError(f"{optin.path}.notification_messages_status", "is not known")
    return {"message_id": _name(event, "optin", status), **told}


def _read_notice(event: Fields) -> dict[str, Any]:
    kind = next((str(name) for name in event.value if name not in _COMMON), "none")[:64]
    if not kind.isprintable():
        raise MessageError(event.path or "event", "has a name that cannot be printed")
    content = event.value.get(kind)
    facts: dict[str, Any] = {"event": kind}
    if isinstance(content, Mapping):
        # Whom the conversation has gone to and come from, and what was delivered or read up to when.
        for name in ("new_owner_app_id", "previous_owner_app_id", "requested_owner_app_id", "watermark", "action"):
            if isinstance(content.get(name), str | int):
                facts[name] = str(content[name])[:64]
    return {"message_id": _name(event, kind, _describe(content)), "kind": Kind.OTHER, "facts": facts}


def _describe(content: object) -> str:
    """Which of two events of one moment it is."""
    marks = (
        (content.get("mid") or content.get("mids") or content.get("watermark")) if isinstance(content, Mapping) else ""
    )
    return str(marks or "")


def _name(event: Fields, kind: str, mark: str) -> str:
    """An id for what has none: the same for the same event."""
    timestamp = event.moment("timestamp", per_second=1000).timestamp()
    return shorten(kind, event.object("sender").id("id"), f"{timestamp:.3f}", mark)
