"""What has happened in this process since it started, counted by channel. Nothing here is about a buyer."""

from __future__ import annotations

import collections
import enum
from collections.abc import Mapping


class Event(enum.Enum):
    """What is counted."""

    ACCEPTED = "calls_accepted"  # verified and kept, whether or not there was a message in it
    FORGED = "calls_forged"  # not the platform's: 401, or as the connector says
    UNREADABLE = "calls_unreadable"  # the platform's, and of a shape that nobody knows
    FAILED = "calls_failed"  # our own fault, or the database's: the platform sends them again
    MESSAGES = "messages"  # that came for the first time
    DUPLICATES = "duplicates"  # that had come before
    SENT = "sends_sent"
    RETRIED = "sends_retried"  # tries that did not come through, and will be made again
    WITHHELD = "sends_withheld"  # by a rule, or as a person speaks
    BURIED = "sends_buried"  # given up: they are dead letters now


class Counters:
    """Numbers that only grow."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._counts: dict[str, collections.Counter[Event]] = {}

    def add(self, channel: str, event: Event, number: int = 1) -> None:
        """Count."""
        self._counts.setdefault(channel, collections.Counter())[event] += number

    def read(self, channel: str) -> Mapping[str, int]:
        """All numbers of a channel, zeros too."""
        counts = self._counts.get(channel) or collections.Counter[Event]()
        return {event.value: counts[event] for event in Event}


#: Of this process. Connectors are known by a handful of names, so that nobody can make it grow.
counters = Counters()
