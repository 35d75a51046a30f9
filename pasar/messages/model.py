"""What a buyer wrote and what she is told, the same for every platform."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
from collections.abc import Mapping
from typing import Any

MAX_ID = 255  # what the tracker store and the tables keep of a conversation's id
MAX_FIELD = 128  # of channel, account and the platform's ids


class Kind(enum.Enum):
    """What a message is, whoever wrote it."""

    TEXT = "text"
    BUTTON = "button"  # a pressed button or chosen quick reply: ``payload``
    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"  # facts: latitude, longitude
    ORDER = "order"  # an order's card; facts: order_id
    PRODUCT = "product"  # a product's card; facts: product
    CONSENT = "consent"  # the platform tells what she wants sent; facts: event, given, purposes (values of Purpose)
    OTHER = "other"  # what the platform sends and we do not read: recorded, never answered


class Author(enum.Enum):
    """Who wrote it. Only the buyer is answered; all others are recorded."""

    BUYER = "buyer"
    AGENT = "agent"  # a person of the shop, in the platform's own app: the bot keeps silent from then on
    BOT = "bot"  # ourselves: the platform's echo of what we sent, or another program of the shop
    SYSTEM = "system"  # the platform: a notice, an event, an automatic message


@dataclasses.dataclass(frozen=True)
class Received:
    """A message as a platform gave it."""

    channel: str  #: the connector's name
    account: str  #: the shop's account on the platform, as ``credentials.yml`` names it
    shop: str
    thread: str  #: the platform's id of the conversation
    message_id: str  #: the platform's id of the message, one in channel and account: what comes twice is dropped by it
    buyer: str  #: the platform's id of the buyer
    sent_at: datetime.datetime  #: aware UTC, by the platform's clock
    kind: Kind = Kind.TEXT
    author: Author = Author.BUYER
    text: str = ""
    payload: str = ""  #: of a pressed button
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)  #: small, as JSON: order_id, media_id, url…
    name: str = ""  #: how the platform shows the buyer; never who she is
    phone: str = (
        ""  #: the number (digits, international) that the platform gives of her account; "" where it gives none
    )

    @property
    def conversation_id(self) -> str:
        """The conversation, as every store knows it."""
        return name_conversation(self.channel, self.account, self.thread)

    @property
    def is_answered(self) -> bool:
        """Whether it is a buyer's, and something a bot can answer."""
        return self.author is Author.BUYER and self.kind is not Kind.OTHER

    @property
    def is_work(self) -> bool:
        """Whether somebody must see to it: besides answers, a person of the shop changes who speaks, a notice what is sent."""
        return self.is_answered or self.author is Author.AGENT or self.kind is Kind.CONSENT


def name_conversation(channel: str, account: str, thread: str) -> str:
    """``channel:account:thread``; where that would be too long, the thread's SHA-256 stands for it."""
    named = f"{channel}:{account}:{thread}"
    return named if len(named) <= MAX_ID else f"{channel}:{account}:{hashlib.sha256(thread.encode()).hexdigest()}"


class ReplyKind(enum.Enum):
    """What is sent. A connector gets only kinds of which its capabilities say that it can send them."""

    TEXT = "text"
    BUTTONS = "buttons"  # a text and buttons below it
    IMAGE = "image"  # facts: url (https); ``text`` describes it
    PRODUCT = "product"  # facts: product, title, url, image…; ``text`` says the same in words
    ORDER = "order"  # facts: order_id…; ``text`` says the same in words
    TEMPLATE = "template"  # one that the platform has approved; facts: template, language, values


class Purpose(enum.Enum):
    """Why it is sent: what platforms and laws allow depends on it."""

    ANSWER = "answer"  # to what the buyer wrote
    SERVICE = "service"  # of her order, unasked: sent, late, delivered
    PROMOTION = "promotion"
    REVIEW = "review"  # asks for one


@dataclasses.dataclass(frozen=True)
class Button:
    """What the buyer may press: its title, and the payload that comes back."""

    title: str
    payload: str


@dataclasses.dataclass(frozen=True)
class Reply:
    """One message to a buyer."""

    text: str = ""
    kind: ReplyKind = ReplyKind.TEXT
    buttons: tuple[Button, ...] = ()
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    purpose: Purpose = Purpose.ANSWER
    author: Author = Author.BOT  #: AGENT where a person at the desk wrote it


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a reply goes."""

    account: str
    shop: str
    thread: str
    buyer: str
    heard_at: datetime.datetime | None = None  #: when the buyer last wrote (aware UTC): reply windows run from it
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)  #: of her last message, as the connector read it
    phone: str = ""  #: as the platform gave it

    @classmethod
    def of(cls, message: Received) -> Address:
        """Where a buyer's message is answered."""
        return cls(
            message.account, message.shop, message.thread, message.buyer, message.sent_at, message.facts, message.phone
        )


@dataclasses.dataclass(frozen=True)
class Sending:
    """One call to a platform: replies that go together, in order."""

    key: str  #: UUID (hex), the same however often it is tried
    to: Address
    replies: tuple[Reply, ...]  #: at least one, at most as many as the platform takes in one call
    attempt: int = 1
    uncertain: bool = False  #: an earlier try may have been taken: its answer was lost, or our process died over it

    @property
    def reply(self) -> Reply:
        """The only reply, for platforms that take one in a call."""
        (reply,) = self.replies
        return reply
