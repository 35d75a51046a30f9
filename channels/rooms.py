"""Rooms: the open windows on a conversation, all of which hear what is said in it.

A room knows no platform. The web chat opens windows; the desk speaks into rooms.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any, Protocol

import structlog

SEEN = 200  # message ids a room remembers: more than a buyer's browser can hold back while it is offline

log = structlog.get_logger()


class Window(Protocol):
    """One buyer's open chat window."""

    async def send(self, item: dict[str, Any]) -> None:
        """Show an item; an error means that the window is closed."""


class Room:
    """The windows of one conversation, and the turns that run in it."""

    def __init__(self) -> None:
        """Begin empty."""
        self.windows: set[Window] = set()
        self.running: dict[str, list[dict[str, Any]]] = {}  #: message id → what was said in its turn so far
        self._seen: collections.OrderedDict[str, None] = collections.OrderedDict()

    def remember(self, message_ids: Iterable[str]) -> None:
        """Know messages that were answered before this process began."""
        for message_id in message_ids:
            self.is_new(message_id)

    def is_new(self, message_id: str) -> bool:
        """Tell, once for each id, that the message was not seen before."""
        if message_id in self._seen:
            return False
        self._seen[message_id] = None
        while len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        return True

    async def tell(self, item: dict[str, Any], *, but: Window | None = None) -> None:
        """Show an item in every window (``but`` one); one that fails is closed, the others hear all the same."""
        for window in tuple(self.windows):
            if window is but:
                continue
            try:
                await window.send(item)
            except Exception:
                self.windows.discard(window)
                log.info("channel.window.lost")


class Rooms:
    """The rooms of this process; an empty one is forgotten."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rooms: dict[str, Room] = {}

    def open(self, conversation_id: str) -> Room:
        """Return the room of a conversation."""
        return self._rooms.setdefault(conversation_id, Room())

    def leave(self, conversation_id: str, window: Window) -> None:
        """Close a window."""
        room = self._rooms.get(conversation_id)
        if room is not None:
            room.windows.discard(window)
            if not room.windows and not room.running:
                del self._rooms[conversation_id]

    async def tell(self, conversation_id: str, item: dict[str, Any]) -> bool:
        """Show an item in all windows of a conversation; False where none is open here."""
        room = self._rooms.get(conversation_id)
        if room is None or not room.windows:
            return False
        await room.tell(item)
        return True


rooms = Rooms()
