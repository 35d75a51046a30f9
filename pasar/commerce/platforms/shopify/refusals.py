"""When an order cannot be changed.

Shopify refuses by a list of user errors, of which only some have a code
(https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderCancelUserErrorCode).
"""

from __future__ import annotations

from pasar.commerce.changes import Change, Outcome
from pasar.commerce.model import Order, OrderState
from pasar.commerce.platforms.shopify.records import Record

#: Codes that say nothing about the order. All others, and none, mean that Shopify does not let it be changed so.
OTHER = frozenset({"NOT_FOUND", "INTERNAL_ERROR"})


def judge_state(order: Order) -> Change | None:
    """A refusal where the order has gone too far to be changed at all."""
    if order.state in (OrderState.UNPAID, OrderState.PAID):
        return None
    return refuse("cancelled" if order.state is OrderState.CANCELLED else "shipped")


def refuse(reason: str, detail: str = "") -> Change:
    """Not possible."""
    return Change(Outcome.REFUSED, reason, detail=detail)


def read_refusal(payload: Record, name: str = "userErrors", *, quotes: bool = True) -> Change | None:
    """A refusal where Shopify lists errors, None where it has done what it was asked.

    ``quotes``: with its messages, which may repeat what was sent: not where that was a buyer's own.
    """
    errors = payload.records(name)
    if not errors:
        return None
    codes = [error.text("code") if error.has("code") else "" for error in errors]
    told = [
        " ".join(filter(None, (code, ".".join(error.texts("field")), error.text("message") if quotes else "")))
        for code, error in zip(codes, errors, strict=True)
    ]
    return refuse("other" if OTHER.intersection(codes) else "not_allowed", "; ".join(told))
