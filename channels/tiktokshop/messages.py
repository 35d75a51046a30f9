"""TikTok Shop's messages: https://partner.tiktokshop.com/docv2/page/14-new-message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from channels.base import MessageError
from channels.connector import Account
from channels.echoes import Echoes
from channels.fields import Fields
from pasar.messages.model import Author, Kind, Received

CHANNEL = "tiktokshop"

_AUTHORS = {
    "BUYER": Author.BUYER,
    "CUSTOMER_SERVICE": Author.AGENT,
    "SHOP": Author.SYSTEM,  # automatic replies and FAQs
    "ROBOT": Author.BOT,  # the seller's chat bot in Seller Center
}
#: Type → kind, and of its facts the fields they stand in. BUYER_ENTER_FROM: what she was looking at as she wrote.
_KINDS: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "TEXT": (Kind.TEXT, {}),
    "IMAGE": (Kind.IMAGE, {"url": "url"}),
    "VIDEO": (Kind.VIDEO, {"url": "url", "media_id": "vid"}),
    "EMOTICONS": (Kind.STICKER, {"sticker": "content"}),
    "PRODUCT_CARD": (Kind.PRODUCT, {"product": "product_id"}),
    "BUYER_ENTER_FROM_PRODUCT": (Kind.PRODUCT, {"product": "product_id"}),
    "ORDER_CARD": (Kind.ORDER, {"order_id": "order_id"}),
    "BUYER_ENTER_FROM_ORDER": (Kind.ORDER, {"order_id": "order_id"}),
    "RETURN_REFUND_CARD": (Kind.ORDER, {"order_id": "order_id"}),
    "LOGISTICS_CARD": (Kind.ORDER, {"order_id": "order_id"}),
}
#: An agent joins, a notice, another agent takes over.
_NOTICES = frozenset({"ALLOCATED_SERVICE", "NOTIFICATION", "BUYER_ENTER_FROM_TRANSFER"})


def read_message(data: Fields, account: Account, echoes: Echoes) -> Received:
    """The message in a webhook's ``data``; MessageError."""
    kind_name, sender = data.text("type"), data.object("sender")
    author = _AUTHORS.get(sender.text("role"), Author.SYSTEM)
    kind, names = _KINDS.get(kind_name, (Kind.OTHER, {}))
    if kind_name in _NOTICES or not data.flag("is_visible", True):
        author = Author.SYSTEM
    facts: dict[str, Any] = {"type": kind_name} if kind is Kind.OTHER else {}
    text, thread = "", data.id("conversation_id")
    if kind is not Kind.OTHER:
        content = Fields.load(data.text("content"), "data.content")
        text = content.text("content") if kind is Kind.TEXT else ""
        facts |= {fact: value for fact, name in names.items() if (value := _read_fact(content, name))}
        if author is Author.AGENT and echoes.is_ours(thread, name_content(kind_name, content.value)):
            author = Author.BOT
    return Received(
        channel=CHANNEL,
        account=account.name,
        shop=account.shop,
        thread=thread,
        message_id=data.id("message_id"),
        buyer=sender.id("im_user_id") if author is Author.BUYER else "",
        sent_at=data.moment("create_time"),
        kind=kind,
        author=author,
        text=text,
        facts=facts,
    )


def _read_fact(content: Fields, name: str) -> str:
    # Ids are texts; a number would do.
    return content.id(name, "") if name.endswith("_id") else content.text(name, "")


def read_object(text: str) -> Mapping[str, Any]:
    """A JSON object in a text; {} where there is none."""
    try:
        return Fields.load(text).value
    except MessageError:
        return {}


def name_content(kind: str, content: Mapping[str, Any]) -> str:
    """One text for one content, however TikTok writes it again; blanks do not count."""
    shown = {name: " ".join(str(value).split()) for name, value in content.items()}
    return f"{kind} {json.dumps(shown, sort_keys=True)}"
