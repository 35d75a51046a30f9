"""The thoughts in messages that came together: each is answered by one turn of the bot."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from channels.base import is_payload
from channels.fitting import choose
from pasar.messages.model import Kind, Received

MEDIA = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.FILE, Kind.LOCATION, Kind.STICKER})
ONLY_MEDIA = "/send_media"


@dataclasses.dataclass(frozen=True)
class Thought:
    """Messages of a batch that are one thought."""

    text: str  #: a payload where she pressed or chose, or only sent what has no words
    product: str = ""
    media: tuple[Received, ...] = ()

    def describe_media(self) -> list[dict[str, Any]]:
        """What the tracker keeps of pictures and the like: their kind, and where the platform has them."""
        return [{"kind": one.kind.value, "message_id": one.message_id, **one.facts} for one in self.media]

    def find_photo(self) -> str:
        """Where the first picture is: its address, or the platform's id of it; "" where there is none."""
        for one in self.media:
            if one.kind is Kind.IMAGE:
                return str(one.facts.get("url") or f"{one.channel}:{one.facts.get('media_id') or one.message_id}")
        return ""


def merge(messages: Sequence[Received], choices: Mapping[str, str]) -> list[Thought]:
    """The thoughts in messages that came together: lines of text are one; a button and a chosen number stand alone.

    An order's card says its number, a product's card which product is meant; what has no words comes as such.
    """
    turns: list[Thought] = []
    lines: list[str] = []
    product, media = "", list[Received]()

    def close(payload: str = "") -> None:
        nonlocal product
        text = payload or "\n".join(lines)
        if not text and product:
            text = "/product_info"
        if text or media:
            turns.append(Thought(text or ONLY_MEDIA, product, tuple(media)))
            product = ""
            lines.clear()
            media.clear()

    for message in messages:
        chosen = choose(message.text, choices) if message.kind is Kind.TEXT else None
        if message.kind is Kind.BUTTON:
            chosen = message.payload if is_payload(message.payload) else None
        if chosen is not None:
            if lines:
                close()
            close(chosen)
            continue
        if message.kind is Kind.PRODUCT:
            product = str(message.facts.get("product", ""))[:64]
        if message.kind in MEDIA:
            media.append(message)
        spoken = message.text or message.payload or str(message.facts.get("order_id", ""))
        if spoken.strip():
            lines.append(spoken)
    close()
    return turns
