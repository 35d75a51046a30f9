"""Whether an order may be sent back under the shop's rules."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Literal

from pasar.commerce.model import Order, OrderState, Product, RefundState
from pasar.commerce.rules import ReturnPolicy

ReasonCode = Literal["ok", "not_delivered", "too_late", "not_returnable", "already_returned", "cancelled"]

#: Reasons for which the shop answers: they also hold for what is otherwise not taken back.
SHOP_FAULTS = frozenset({"damaged", "wrong", "missing"})


@dataclasses.dataclass(frozen=True)
class Eligibility:
    """What the rules say about sending an order back."""

    allowed: bool
    reason_code: ReasonCode
    deadline: datetime.date | None  #: the last day on which a return may be opened; None before delivery
    photo_needed: bool
    needs_person: bool  #: only a person approves: above the shop's limit, or the record is not complete
    buyer_pays: bool  #: the buyer pays for sending it back


def judge_return(
    order: Order,
    product: Product | None,
    policy: ReturnPolicy,
    reason: str,
    today: datetime.date,
    time_zone: datetime.tzinfo = datetime.timezone.utc,
) -> Eligibility:
    """Judge a return of ``product`` (None where its record is gone) on a day of ``time_zone``.

    The day of the deadline still counts. A value equal to the approval limit needs no person.
    """
    delivered_at = order.parcel.delivered_at if order.parcel else None
    deadline = None
    if delivered_at is not None:
        deadline = delivered_at.astimezone(time_zone).date() + datetime.timedelta(days=policy.days)
    code = _find_obstacle(order, product, reason, deadline, today)
    limit = policy.approval_limit.get(order.total.currency)
    unsure = product is None or deadline is None or limit is None
    return Eligibility(
        allowed=code == "ok",
        reason_code=code,
        deadline=deadline,
        photo_needed=reason in policy.photo_reasons,
        needs_person=unsure or (limit is not None and limit < order.total),
        buyer_pays=policy.buyer_pays_shipping and reason not in SHOP_FAULTS,
    )


def _find_obstacle(
    order: Order, product: Product | None, reason: str, deadline: datetime.date | None, today: datetime.date
) -> ReasonCode:
    refunding = order.refund is not None and order.refund.state is not RefundState.REJECTED
    if order.state is OrderState.CANCELLED:
        return "cancelled"
    if order.state is OrderState.RETURNED or refunding:
        return "already_returned"
    if order.state is not OrderState.DELIVERED:
        return "not_delivered"
    if deadline is not None and today > deadline:
        return "too_late"
    if product is not None and not product.returnable and reason not in SHOP_FAULTS:
        return "not_returnable"
    return "ok"
