"""What a return of an order has come to, as our refund.

Sources: https://open.shopee.com/documents/v2/v2.returns.get_return_list?module=102&type=1,
https://open.shopee.com/developer-guide/227.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

import structlog

from pasar.commerce.model import Refund, RefundState
from pasar.commerce.platforms.shopee.fields import Field

#: Returns can be listed by time only, fifteen days at once.
WINDOW = datetime.timedelta(days=15)
MOST_WINDOWS = 4  # sixty days from now backwards; Shopee takes no return that late
PAGE = 100
MOST_PAGES = 5  # of a window

_STATES = {
    "REQUESTED": RefundState.REQUESTED,
    "PROCESSING": RefundState.REQUESTED,  # the goods go back; the seller may still object
    "JUDGING": RefundState.REQUESTED,
    "SELLER_DISPUTE": RefundState.REQUESTED,
    "ACCEPTED": RefundState.APPROVED,
    # CANCELLED: the buyer has taken it back. CLOSED: the specification does not say what became of the money.
    "CANCELLED": None,
    "CLOSED": None,
}

log = structlog.get_logger()


def list_windows(since: datetime.datetime, now: datetime.datetime) -> Iterator[tuple[int, int]]:
    """Spans of time, in seconds since 1970, in which returns of an order placed at ``since`` began, newest first."""
    end = now
    for _ in range(MOST_WINDOWS):
        if end <= since:
            return
        begin = max(since, end - WINDOW)
        yield int(begin.timestamp()), int(end.timestamp())
        end = begin


def read_refund(
    returns: Iterable[Field], payout_days: tuple[int, int], method: str, time_zone: datetime.tzinfo
) -> Refund | None:
    """The refund of the youngest return; None where there is none, or none that money goes back for.

    Shopee tells when a return was changed last, which for an accepted one counts as the decision, but not when and how
    money is paid: ``payout_days`` and ``method`` are what the shop says.
    """
    youngest = max(returns, key=lambda entry: entry["create_time"].number(), default=None)
    if youngest is None:
        return None
    status = youngest["status"].text()
    if status not in _STATES:
        log.warning("shopee.return.unknown_status", status=status)
    state = _STATES.get(status)
    if state is None:
        return None
    approved = state is RefundState.APPROVED
    return Refund(
        amount=youngest["refund_amount"].money(youngest["currency"].currency()),
        state=state,
        decided_on=youngest["update_time"].time().astimezone(time_zone).date() if approved else None,
        payout_days=payout_days if approved else None,
        method=method,
    )
