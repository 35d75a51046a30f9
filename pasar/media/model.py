"""Media of conversations: which are wanted, and what became of them."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any

from pasar.messages.model import Kind

#: What has content to fetch; places and stickers are told in words.
FETCHED = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.FILE})


class State(enum.Enum):
    """What became of a medium."""

    WAITING = "waiting"  # it is to be fetched
    KEPT = "kept"
    LOST = "lost"  # the platform does not give it
    REFUSED = "refused"  # it is too large, of no type that is kept, or at an address that nobody asks


class RefusedError(ValueError):
    """What was sent is not kept; says why in a few words of ours, nothing of the content."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """A medium that is to be fetched and kept."""

    shop: str
    channel: str
    account: str
    conversation_id: str
    message_id: str
    kind: Kind
    place: int = 0  #: among the media of one message
    name: str = ""  #: as the sender named the file
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)  #: where the platform has it: media_id, url…


@dataclasses.dataclass(frozen=True)
class Medium:
    """A medium of a conversation."""

    number: int
    wish: Wish
    state: State
    asked_at: datetime.datetime  #: aware UTC, as all times
    attempts: int  #: to fetch it
    fetched_at: datetime.datetime | None = None
    media_type: str = ""  #: found in its own bytes, never as the sender says
    size: int = 0  #: bytes
    digest: str = ""  #: SHA-256 (hex): the file's name
    reason: str = ""  #: why it is not kept, or not yet
    owner: str = ""  #: of the claim by which it is fetched


@dataclasses.dataclass(frozen=True)
class Content:
    """A medium's bytes as the platform gave them."""

    data: bytes = dataclasses.field(repr=False)
    name: str = ""  #: where only the platform's answer tells it
