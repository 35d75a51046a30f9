"""A comment under a live stream, the same for every platform."""

from __future__ import annotations

import dataclasses
import datetime
import unicodedata
from collections.abc import Mapping
from typing import Any

import regex

MAX_TEXT = 500  # characters of a comment that are read; a question is shorter

_REPEATED = regex.compile(r"(\X)\1{2,}")
_NOT_WORDS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


@dataclasses.dataclass(frozen=True)
class Stream:
    """A live stream of a shop."""

    channel: str  #: the connector's name
    account: str  #: the shop's account on the platform, as ``credentials.yml`` names it
    stream: str  #: the platform's id of it


@dataclasses.dataclass(frozen=True)
class Comment:
    """A comment as a platform gave it. Who wrote it is known by the platform's id only."""

    where: Stream
    shop: str
    comment_id: str  #: the platform's id, one in its stream: what comes twice is dropped by it
    author: str  #: the platform's id of who wrote it
    sent_at: datetime.datetime  #: aware UTC, by the platform's clock
    text: str
    own: bool = False  #: the shop itself has written it: the host, or we


@dataclasses.dataclass(frozen=True)
class Understood:
    """What a comment means."""

    intents: tuple[str, ...]  #: what she wants, the first of most weight
    confidence: float  #: of the first
    language: str
    entities: tuple[Mapping[str, Any], ...] = ()  #: each with ``entity`` and ``value``
    mood: str = "neutral"

    @property
    def intent(self) -> str:
        """The first one; "" where there is none."""
        return self.intents[0] if self.intents else ""


def normalise(text: str) -> str:
    """A text by which the same words are the same: no case, no marks, no emoji, "plsssss" as "pls"."""
    plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
    return str(_NOT_WORDS.sub(" ", _REPEATED.sub(r"\1", plain))).strip()
