"""A parcel that its carrier calls delivered and its buyer has not got: from when it is claimed, and by whom."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection

from pasar.commerce.changes import Ability
from pasar.commerce.model import Address, Order, OrderState, RefundState
from pasar.commerce.rules import ReturnPolicy

#: Reason of the :class:`~pasar.commerce.model.ReturnRequest` that such a claim is.
NOT_RECEIVED = "not_received"

_HIDDEN = "*"
_OVER = frozenset({OrderState.RETURNED, OrderState.CANCELLED})


@dataclasses.dataclass(frozen=True)
class Claim:
    """What the shop's rules say about claiming an order that never arrived."""

    delivered_on: datetime.date | None  #: None where the record does not say
    claim_on: datetime.date  #: the day from which it is claimed without waiting further
    due: bool  #: whether that day has come
    needs_person: bool  #: above the shop's limit, money under way already, or the shop's system opens no returns


def judge_claim(
    order: Order,
    policy: ReturnPolicy,
    claim_days: int,
    abilities: Collection[Ability],
    today: datetime.date,
    time_zone: datetime.tzinfo = datetime.timezone.utc,
) -> Claim | None:
    """Judge a delivered order on a day of ``time_zone``; None where it is still under way, or back at the shop.

    ``claim_days`` are waited from the delivery, or from today where its day is not known. A value equal to the approval
    limit needs no person.
    """
    delivered_at = order.parcel.delivered_at if order.parcel else None
    under_way = order.state is not OrderState.DELIVERED and delivered_at is None
    if under_way or order.state in _OVER:
        return None
    delivered_on = delivered_at.astimezone(time_zone).date() if delivered_at else None
    claim_on = (delivered_on or today) + datetime.timedelta(days=claim_days)
    limit = policy.approval_limit.get(order.total.currency)
    refunding = order.refund is not None and order.refund.state is not RefundState.REJECTED
    by_rule = limit is None or limit < order.total or refunding
    return Claim(
        delivered_on=delivered_on,
        claim_on=claim_on,
        due=today >= claim_on,
        needs_person=by_rule or Ability.OPEN_RETURN not in abilities,
    )


def mask_address(address: Address | None) -> str:
    """City and the first half of the postcode: enough to know one's own address by; "" where the record has neither."""
    if address is None:
        return ""
    return " ".join(part for part in (address.city.strip(), _mask(address.postcode.strip())) if part)


def _mask(postcode: str) -> str:
    shown = len(postcode) // 2
    return postcode[:shown] + "".join(_HIDDEN if sign.isalnum() else sign for sign in postcode[shown:])
