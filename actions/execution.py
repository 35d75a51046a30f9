"""Making what a buyer has said yes to: once, and with an answer for her also where the shop's system gives none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

import actions.turn
from actions.turn import Turn
from pasar.commerce.access import access_order
from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Change, Outcome, shows
from pasar.commerce.ledger import UnclearChangeError, Wish, open_ledger
from pasar.commerce.model import Order

_SHARE = 0.6  # of the time an action has; the rest is for reading the order before and after

log = structlog.get_logger()
_running: set[asyncio.Task[Change]] = set()


def make_wish(turn: Turn, order: Order, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Wish:
    """What the buyer has confirmed by her latest message."""
    message = (turn.tracker.latest_message or {}).get("message_id") or ""
    return Wish(turn.shop.shop_id, order.order_id, kind, turn.tracker.sender_id, str(message), before, after)


async def make_once(turn: Turn, wish: Wish, act: Callable[[], Awaitable[Change]]) -> Change | None:
    """What came of a wish; None where nobody knows yet: then a person has to look, and nobody asks the shop again.

    Where the buyer cannot wait any longer the change goes on, and the ledger learns how it ends. ShopError where the
    shop's system refused it for trouble of its own, and nothing was changed.
    """
    task = asyncio.ensure_future(open_ledger().make(wish, act))
    _running.add(task)  # asyncio itself holds only a weak reference
    task.add_done_callback(_end)
    try:
        return await asyncio.wait_for(asyncio.shield(task), actions.turn.SHOP_SECONDS * _SHARE)
    except (ShopUnavailableError, UnclearChangeError, asyncio.TimeoutError) as error:
        # which order it was stands in the ledger, as begun and not ended
        log.error("action.change.unclear", shop=wish.shop_id, kind=wish.kind, error=type(error).__name__)
    return await _look(turn, wish)


async def _look(turn: Turn, wish: Wish) -> Change | None:
    """Whether the order itself shows that the change was made."""
    try:
        order = await access_order(turn.backend, wish.order_id, turn.proof)
    except ShopError:
        return None
    if order is None or not shows(order, wish.kind, wish.after):
        return None
    change = Change(Outcome.DONE, detail="seen in the order")
    await asyncio.get_running_loop().run_in_executor(None, open_ledger().settle, wish, change)
    return change


def _end(task: asyncio.Task[Change]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # what nobody waits for any more is in the ledger
