"""Making what the bot says fit a platform: split, buttons as numbers, cards and pictures in words where it has none."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regex
import structlog

from channels.connector import Capabilities
from pasar.messages.model import Button, Reply, ReplyKind
from pasar.messages.splitting import split

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class Fitted:
    """What goes out."""

    calls: tuple[tuple[Reply, ...], ...]  #: the replies of each call to the platform
    choices: Mapping[str, str]  #: what the buyer may type → payload


def fit(replies: Sequence[Reply], capabilities: Capabilities) -> Fitted:
    """Replies of one turn as the platform can show them. Numbers go on from reply to reply, so that each means one thing."""
    choices: dict[str, str] = {}
    fitted = [part for reply in replies for part in _fit_reply(reply, capabilities, choices)]
    together = capabilities.together
    calls = tuple(tuple(fitted[place : place + together]) for place in range(0, len(fitted), together))
    return Fitted(calls, choices)


def choose(text: str, choices: Mapping[str, str]) -> str | None:
    """The payload a buyer means by a number ("2", "2.", a digit of any script) or a button's title; None where she means none."""
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    number = re.fullmatch(r"\W*(\d{1,2})\W*", wanted)
    if number:
        # int reads the digits of every script.
        return choices.get(str(int(number[1])))
    return choices.get(wanted)


def read_replies(messages: Sequence[Mapping[str, Any]]) -> list[Reply]:
    """What Rasa's output channel has collected, as replies."""
    return [reply for message in messages for reply in _read_message(message)]


def _read_message(message: Mapping[str, Any]) -> Iterator[Reply]:
    text = str(message.get("text") or "")
    buttons = _read_buttons([*(message.get("buttons") or ()), *(message.get("quick_replies") or ())])
    if text or buttons:
        yield Reply(text, ReplyKind.BUTTONS if buttons else ReplyKind.TEXT, buttons)
    custom = message.get("custom")
    if isinstance(custom, Mapping):
        cards = custom.get("cards")
        if not cards:
            log.info("channel.custom.skipped", keys=sorted(map(str, custom)))
        for card in cards or ():
            yield _read_card(card)
    if message.get("image"):
        yield Reply("", ReplyKind.IMAGE, facts={"url": str(message["image"])})
    if isinstance(message.get("attachment"), str):
        yield Reply(message["attachment"])


def _read_buttons(buttons: Sequence[Mapping[str, Any]]) -> tuple[Button, ...]:
    return tuple(
        Button(str(button["title"]), str(button.get("payload") or button["title"]))
        for button in buttons
        if button.get("title")
    )


def _read_card(card: Mapping[str, Any]) -> Reply:
    kind = ReplyKind.ORDER if card.get("type") == "order" else ReplyKind.PRODUCT
    lines = [str(card[name]) for name in ("title", "subtitle", "price") if card.get(name)]
    lines += [f"{fact[0]}: {fact[1]}" for fact in card.get("facts") or () if len(fact) == 2]
    url = str(card.get("url") or "")
    if url.startswith(("https://", "http://")):
        lines.append(url)
    facts = {name: card[name] for name in ("sku", "title", "price", "image", "url", "order_id") if card.get(name)}
    if "sku" in facts:
        facts["product"] = facts.pop("sku")
    return Reply("\n".join(lines), kind, _read_buttons(card.get("buttons") or ()), facts)


def _fit_reply(reply: Reply, capabilities: Capabilities, choices: dict[str, str]) -> Iterator[Reply]:
    if reply.kind in _list_natives(capabilities):
        yield dataclasses.replace(reply, buttons=()) if reply.kind is not ReplyKind.TEMPLATE else reply
        if reply.buttons and reply.kind is not ReplyKind.TEMPLATE:
            # Below the card, as no platform's own card carries ours.
            yield from _fit_text(
                dataclasses.replace(reply, text=str(reply.facts.get("title", ""))), capabilities, choices
            )
        return
    text = reply.text
    if reply.kind is ReplyKind.IMAGE:
        url = str(reply.facts.get("url", ""))
        text = "\n".join(filter(None, (text, url if url.startswith("https://") else "")))
    yield from _fit_text(dataclasses.replace(reply, text=text), capabilities, choices)


def _list_natives(capabilities: Capabilities) -> set[ReplyKind]:
    able = {
        ReplyKind.IMAGE: capabilities.images,
        ReplyKind.PRODUCT: capabilities.product_cards,
        ReplyKind.ORDER: capabilities.order_cards,
        ReplyKind.TEMPLATE: capabilities.templates,
    }
    return {kind for kind, is_able in able.items() if is_able}


def _fit_text(reply: Reply, capabilities: Capabilities, choices: dict[str, str]) -> Iterator[Reply]:
    """Its parts; buttons are below the last one, since that is where a buyer looks."""
    text, buttons = reply.text, reply.buttons
    if buttons and not _takes(buttons, capabilities):
        text, buttons = _number(text, buttons, choices), ()
    if buttons and not text.strip():
        text = " / ".join(button.title for button in buttons)
    parts = split(text, capabilities.text_limit, capabilities.text_unit)
    if buttons and capabilities.button_text is not None:
        parts[-1:] = split(parts[-1], capabilities.button_text, capabilities.text_unit)
    for place, part in enumerate(parts):
        below = buttons if place == len(parts) - 1 else ()
        kind = ReplyKind.BUTTONS if below else ReplyKind.TEXT
        yield dataclasses.replace(reply, text=part, kind=kind, buttons=below)


def _takes(buttons: Sequence[Button], capabilities: Capabilities) -> bool:
    return len(buttons) <= capabilities.buttons and all(
        len(regex.findall(r"\X", button.title)) <= capabilities.button_title
        and len(button.payload.encode()) <= capabilities.button_payload
        for button in buttons
    )


def _number(text: str, buttons: Sequence[Button], choices: dict[str, str]) -> str:
    """The text with its buttons as numbered lines."""
    lines = [text] if text else []
    taken = sum(key.isdigit() for key in choices)
    for number, button in enumerate(buttons, taken + 1):
        lines.append(f"{number}. {button.title}")
        choices[str(number)] = button.payload
        choices.setdefault(unicodedata.normalize("NFKC", button.title).strip().casefold(), button.payload)
    return "\n".join(lines)
