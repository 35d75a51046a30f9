"""The outbox: what is to be sent, in order for each conversation. What a store of it promises."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Protocol

from pasar.messages.model import Address, Reply, Sending


@dataclasses.dataclass(frozen=True)
class Outgoing:
    """A call to a platform that is to be made. The same key twice is one."""

    key: str  #: UUID (hex)
    conversation_id: str
    channel: str
    to: Address
    replies: tuple[Reply, ...]
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)  #: what the buyer may type → payload


@dataclasses.dataclass(frozen=True)
class Claimed:
    """A call that this process is to make now."""

    number: int
    conversation_id: str
    channel: str
    sending: Sending
    owner: str
    created_at: float


@dataclasses.dataclass(frozen=True)
class Dead:
    """A call that was given up."""

    number: int
    conversation_id: str
    channel: str
    account: str
    attempt: int
    reason: str
    ended_at: float


@dataclasses.dataclass(frozen=True)
class Stock:
    """How many calls there are, by channel; channels without any are left out."""

    waiting: Mapping[str, int]
    dead: Mapping[str, int]


class Outbox(Protocol):
    """Calls to platforms. Only the first waiting one of a conversation is given out."""

    async def put(self, outgoing: Sequence[Outgoing]) -> None:
        """Add, in this order, all or none: where the first one's key is known, they were added before."""

    async def ping(self) -> None:
        """Return where it can be asked; raise what asking it raises."""

    async def claim(self, limit: int) -> list[Claimed]:
        """At most so many that are due, one of a conversation."""

    async def mark_sent(self, claimed: Claimed, message_ids: Sequence[str]) -> bool:
        """The platform has it; False where another process has claimed it meanwhile."""

    async def retry(self, claimed: Claimed, reason: str, after: float, *, uncertain: bool) -> bool:
        """Try again in so many seconds; the conversation's later ones wait. False as above."""

    async def bury(self, claimed: Claimed, reason: str) -> bool:
        """Give up: a dead letter; the conversation's later ones go on. False as above."""

    async def withhold(self, claimed: Claimed, reason: str) -> bool:
        """Not to be sent, by a rule or as a person speaks now. False as above."""

    async def list_dead(self, limit: int = 100, channel: str = "") -> list[Dead]:
        """Dead letters, the latest first; of one channel where it is named."""

    async def read_dead(self, number: int) -> tuple[Dead, tuple[Reply, ...]] | None:
        """A dead letter with what it says; None where there is none."""

    async def resend(self, number: int) -> bool:
        """Let a dead letter go out again, with its old key; False where it is none."""

    async def resend_all(self, channel: str = "") -> int:
        """Let all dead letters go out again, of one channel where it is named; how many."""

    async def measure(self) -> Stock:
        """How much waits, and how much was given up."""

    async def find_choices(self, conversation_id: str) -> Mapping[str, str]:
        """What the conversation's last message offered as numbers; {} where it offered none."""

    async def is_ours(self, channel: str, account: str, message_id: str) -> bool:
        """Whether we have sent the message of that id."""

    async def forget(self, before: float) -> int:
        """Drop what ended before that time, dead letters too; how many rows."""


def make_key(batch: str, place: int) -> str:
    """The key of a batch's so-many-th call: the same whenever the batch is answered again."""
    return uuid.uuid5(uuid.UUID(batch), str(place)).hex
