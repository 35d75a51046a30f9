"""When money that goes back arrives: by the record, else by what the shop promises for the way it was paid."""

from __future__ import annotations

import datetime

from pasar.commerce.model import Refund
from pasar.commerce.rules import ReturnPolicy


def find_payout_days(refund: Refund, policy: ReturnPolicy) -> tuple[int, int] | None:
    """Working days from the decision, from and to; None where neither the record nor the shop says."""
    return refund.payout_days or promise_payout_days(refund.method, policy)


def promise_payout_days(method: str, policy: ReturnPolicy) -> tuple[int, int] | None:
    """Working days that the shop promises for a payment method, from and to; None where it promises none."""
    days = policy.payout_days.get(method, policy.refund_days)
    return days if any(days) else None


def add_working_days(day: datetime.date, count: int) -> datetime.date:
    """The ``count``-th day after ``day`` that is neither Saturday nor Sunday."""
    while count > 0:
        day += datetime.timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day
