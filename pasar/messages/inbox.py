"""The inbox: what came in and is not answered yet. What a store of it promises, whatever it is built on.

A conversation has one owner at a time. Who claims it gets all its waiting messages as one batch, under a lease that the
store renews while the process lives; a batch whose owner died is given to the next one as it was: the same messages, the
same id. So whoever answers it can tell by that id what was done already, and an owner who comes back late finds its
claim taken (:class:`LostLeaseError`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from pasar.messages.model import Address, Received
from pasar.messages.outbox import Outgoing


class LostLeaseError(Exception):
    """Somebody else has the conversation by now: what was done for it here must not count."""


@dataclasses.dataclass(frozen=True)
class Waiting:
    """How long a message waits for what follows it, and is remembered."""

    pause: float  #: seconds after the last line
    most: float  #: seconds after the first line, however fast lines follow
    keep: float  #: seconds in which the platform may send it again


@dataclasses.dataclass(frozen=True)
class Batch:
    """The waiting messages of one conversation, claimed."""

    id: str
    conversation_id: str
    messages: tuple[Received, ...]  #: in the order they were sent
    owner: str  #: the claim's own id
    attempt: int  #: 1 the first time; dead owners count


@dataclasses.dataclass(frozen=True)
class Depth:
    """How much waits."""

    conversations: int
    oldest: float  #: seconds since the longest waiting one was due


class Intake(Protocol):
    """Where messages come in."""

    async def accept(self, messages: Sequence[Received], waiting: Waiting) -> list[bool]:
        """Keep messages; False for those known to have come before. When this returns, a killed process cannot lose them."""


class Reception(Intake, Protocol):
    """The side of the inbox where messages come in; ``accept`` tells of each whether it is new."""

    async def measure(self) -> Depth:
        """How much waits now."""

    def close(self) -> None:
        """Keep what is being accepted, hold nothing more; blocks until then."""


class Inbox(Reception, Protocol):
    """Messages that wait for an answer."""

    async def claim(self) -> Batch | None:
        """The conversation that is due longest and nobody holds; None where there is none."""

    async def finish(self, batch: Batch, outgoing: Sequence[Outgoing]) -> None:
        """Done: its messages are, and its replies are in the outbox, both or neither; LostLeaseError."""

    async def fail(self, batch: Batch, after: float) -> None:
        """Give it back, to be claimed again in so many seconds; LostLeaseError."""

    async def release(self, batch: Batch) -> None:
        """Give it back at once, as if it had not been claimed; LostLeaseError."""

    async def find_address(self, conversation_id: str) -> Address | None:
        """Where a conversation's buyer is answered, by her last message; None where she never wrote."""

    async def forget(self) -> int:
        """Drop what no platform sends again; how many rows."""
