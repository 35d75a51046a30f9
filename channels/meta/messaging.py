"""Messenger's way of sending and being told, which Instagram has too.

Sending: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages . A product's
card is the generic template (title and subtitle of 80 characters); Meta's product template wants Meta's own numbers of
products, which the shop does not know. Orders have the receipt template on Messenger only, and it wants a name and a way
of paying, which no reply has: orders are told in words. Buttons are quick replies: they are gone once one is tapped, and
tapped ones come back as messages with their payload.
"""

from __future__ import annotations

import abc
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from channels.base import MessageError
from channels.connector import Account, Call, read_each
from channels.fields import Fields
from channels.meta.events import Reader
from channels.meta.graph import MetaConnector, shorten
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Received, Reply, ReplyKind, Sending
from pasar.messages.splitting import split

CARD_LINE = 80  # characters of a card's title and subtitle
WINDOW = datetime.timedelta(hours=24)

log = structlog.get_logger()


class MessagingConnector(MetaConnector, abc.ABC):
    """Settings: those of :class:`MetaConnector`, and which account it is.

    ``programs``: ids (with commas between) of other apps of the shop that write by themselves. What any other app, or a
    person in Meta's own inbox, sends is a person's: the bot keeps silent from then on.
    ``human_agent: "yes"`` where Meta has granted the feature "Human Agent": what people at the desk write may then be
    sent for seven days; https://developers.facebook.com/documentation/business-messaging/messenger-platform/policy .
    """

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read who we are."""
        super().__init__(account, client, tokens)
        self._own_id = self.read_id()
        self._programs = {app.strip() for app in account.read("programs", "").split(",")} - {""}
        self._has_human_agent = account.read("human_agent", "no").lower() in {"yes", "true"}
        self._reader = Reader(self.name, account.name, account.shop, self._own_id, self._find_author)

    @abc.abstractmethod
    def read_id(self) -> str:
        """The account's id, from its settings."""

    @abc.abstractmethod
    async def call(self, body: Mapping[str, Any], attempt: int) -> Mapping[str, Any]:
        """Send one message; SendError."""

    def is_ours(self, message: Fields) -> bool:
        """Whether an echo says by itself that we have sent it."""
        return False

    def parse(self, call: Call) -> list[Received]:
        """Read all events of all entries of this account; comments and other ``changes`` are no conversation."""
        body = Fields.load(call.body)
        if body.text("object") != self.object_name:
            raise MessageError("object", f"must be {self.object_name}")
        events: list[tuple[Fields, bool]] = []
        for entry in body.objects("entry"):
            if entry.id("id") != self._own_id:
                log.warning("meta.entry.elsewhere", channel=self.name, account=self.account.name)
                continue
            for name in ("messaging", "standby"):
                if name in entry:
                    events += [(event, name == "standby") for event in entry.objects(name)]
        standby = {event.path: is_standby for event, is_standby in events}
        return read_each(
            [event for event, _ in events], lambda event: self._reader.read(event, standby=standby[event.path])
        )

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send the one message."""
        body: dict[str, Any] = {"recipient": self.address(sending), "message": self.write(sending.reply)}
        answer = await self.call({**body, **self._tag(sending)}, sending.attempt)
        mid = answer.get("message_id")
        return [shorten(mid)] if isinstance(mid, str) and mid else []

    def address(self, sending: Sending) -> dict[str, Any]:
        """The ``recipient`` of a call."""
        return {"id": sending.to.thread}

    def write(self, reply: Reply) -> dict[str, Any]:
        """The ``message`` of a call."""
        if reply.kind is ReplyKind.IMAGE:
            return {"attachment": {"type": "image", "payload": {"url": reply.facts["url"]}}}
        if reply.kind is ReplyKind.PRODUCT:
            card = _write_card(reply.facts)
            if len(card) > 1:  # "at least one property must be set in addition to title"
                return {"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": [card]}}}
        message: dict[str, Any] = {"text": reply.text}
        if reply.buttons:
            message["quick_replies"] = [
                {"content_type": "text", "title": button.title, "payload": button.payload} for button in reply.buttons
            ]
        return message

    def _tag(self, sending: Sending) -> dict[str, str]:
        """What lets a person's words be sent after the window, where Meta has granted it."""
        heard = sending.to.heard_at
        is_late = heard is not None and datetime.datetime.now(datetime.timezone.utc) - heard > WINDOW
        if self._has_human_agent and is_late and sending.reply.author is Author.AGENT:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {}

    def _find_author(self, message: Fields) -> Author:
        if self.is_ours(message) or str(message.value.get("app_id", "")) in self._programs:
            return Author.BOT
        return Author.AGENT


def _write_card(facts: Mapping[str, Any]) -> dict[str, Any]:
    """An element of the generic template; {} where there is no title."""
    title = _cut(facts.get("title"))
    if not title:
        return {}
    card: dict[str, Any] = {"title": title}
    if _cut(facts.get("price")):
        card["subtitle"] = _cut(facts.get("price"))
    if str(facts.get("image", "")).startswith("https://"):
        card["image_url"] = facts["image"]
    if str(facts.get("url", "")).startswith("https://"):
        card["default_action"] = {"type": "web_url", "url": facts["url"]}
    return card


def _cut(value: object) -> str:
    parts = split(str(value or ""), CARD_LINE)
    return parts[0] if parts else ""
