"""What a shop may offer a buyer who has reason to complain: by its own rules, once, for a reason on record. Pure functions.

Nothing is ever asked for in return: no review, no rating, no withdrawn complaint.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pasar.commerce.model import Money, Order
from pasar.commerce.returns import SHOP_FAULTS
from pasar.commerce.rules import Amends
from pasar.commerce.tracking import judge_parcel

#: The kind of a wish in :mod:`pasar.commerce.ledger`.
KIND = "amends"

#: Days after a late delivery in which it is still a reason.
REMEMBERED_DAYS = 30

Fault = Literal["late", "quality"]


def find_fault(
    order: Order,
    changes: Sequence[Mapping[str, Any]],
    today: datetime.date,
    time_zone: datetime.tzinfo = datetime.timezone.utc,
) -> Fault | None:
    """What went wrong with an order by the records, or None. ``changes``: the ledger's of this order.

    Late: the parcel is, or it came after its due date. Quality: a return for a fault of the shop was opened.
    """
    if _find_return(changes) is not None:
        return "quality"
    view = judge_parcel(order, today, time_zone)
    if view is None:
        return None
    if view.delivered_on is None or view.due_on is None:
        return "late" if view.state == "late" else None
    fresh = (today - view.delivered_on).days <= REMEMBERED_DAYS
    return "late" if fresh and view.delivered_on > view.due_on else None


def describe_fault(fault: str, changes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the ledger is told of a fault: for one of quality the return that was opened for it, and its reason."""
    returned = _find_return(changes) if fault == "quality" else None
    if returned is None:
        return {"fault": fault}
    return {"fault": fault, "reason": returned["after"]["reason"], "return": returned["reference"]}


def _find_return(changes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest return for a fault of the shop."""
    returned = [change for change in changes if change["kind"] == "return" and change["outcome"] != "refused"]
    faulty = [change for change in returned if change["after"].get("reason") in SHOP_FAULTS]
    return faulty[-1] if faulty else None


def choose_amends(
    offers: Sequence[Amends],
    fault: str,
    given: Sequence[str],
    spent: Sequence[Money],
    costs: Mapping[str, Money],
) -> Amends | None:
    """The best offer that the shop's rules allow now, or None.

    Args:
        offers: the shop's, best first.
        fault: what went wrong.
        given: codes that this buyer was given before.
        spent: what was given to all buyers this month.
        costs: what each code is worth in the order's currency; one without is not offered.
    """
    for offer in offers:
        fits = not offer.reasons or fault in offer.reasons
        if fits and offer.code in costs and given.count(offer.code) < offer.most_per_buyer:
            cost = costs[offer.code]
            limit = offer.budget.get(cost.currency)
            used = sum((amount.amount for amount in spent if amount.currency == cost.currency), cost.amount)
            # a shop that sets budgets has none for currencies that it does not name
            if not offer.budget or (limit is not None and used <= limit.amount):
                return offer
    return None
