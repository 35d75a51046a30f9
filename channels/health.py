"""How the platforms' chats do, as ``GET /webhooks/platforms`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from channels.counters import counters
from pasar.messages.outbox import Stock

_NOTHING: Mapping[str, int] = {}


def describe(channels: Iterable[str], stock: Stock | None = None, **waits: float) -> dict[str, Any]:
    """What waits, and by channel what this process has counted.

    With the outbox's ``stock`` also what waits there and what was given up. Of no buyer anything.
    """
    waiting, dead = (stock.waiting, stock.dead) if stock else (_NOTHING, _NOTHING)
    named = sorted({*channels, *waiting, *dead})
    return {"status": "ok", **waits, "channels": {channel: _describe(channel, stock) for channel in named}}


def _describe(channel: str, stock: Stock | None) -> dict[str, int]:
    counts = dict(counters.read(channel))
    if stock is not None:
        counts |= {"outbox": stock.waiting.get(channel, 0), "dead_letters": stock.dead.get(channel, 0)}
    return counts
