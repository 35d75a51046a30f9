"""Returns are judged by the shop's rules."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import zoneinfo

import pytest

from pasar.commerce.model import Money, OrderState, Refund, RefundState
from pasar.commerce.returns import Eligibility, judge_return
from tests.commerce.samples import POLICY, TODAY, at, make_order, make_product

DELIVERED = make_order(delivered=at(-3))
PRODUCT = make_product()


def test_fresh_delivery_may_go_back() -> None:
    """Within the days, below the limit and for a change of mind: allowed, at the buyer's cost."""
    expected = Eligibility(True, "ok", TODAY + datetime.timedelta(days=12), False, False, True)
    assert expected == judge_return(DELIVERED, PRODUCT, POLICY, "changed_mind", TODAY)


@pytest.mark.parametrize("reason", ["damaged", "wrong", "missing"])
def test_the_shops_faults_cost_the_buyer_nothing(reason: str) -> None:
    """A defect needs a photo and is sent back at the shop's cost."""
    judged = judge_return(DELIVERED, PRODUCT, POLICY, reason, TODAY)
    assert (True, True, False) == (judged.allowed, judged.photo_needed, judged.buyer_pays)


@pytest.mark.parametrize(("days", "code"), [(-15, "ok"), (-16, "too_late")])
def test_last_day_still_counts(days: int, code: str) -> None:
    """The fifteenth day after delivery is in time, the sixteenth is not."""
    assert code == judge_return(make_order(delivered=at(days)), PRODUCT, POLICY, "size", TODAY).reason_code


@pytest.mark.parametrize(("total", "person"), [("100", False), ("100.01", True)])
def test_person_is_needed_above_the_limit(total: str, person: bool) -> None:
    """The limit itself is still within the limit."""
    order = make_order(total=total, delivered=at(-3))
    assert person == judge_return(order, PRODUCT, POLICY, "size", TODAY).needs_person


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.UNPAID, "not_delivered"),
        (OrderState.PAID, "not_delivered"),
        (OrderState.SHIPPED, "not_delivered"),
        (OrderState.RETURNED, "already_returned"),
        (OrderState.CANCELLED, "cancelled"),
    ],
)
def test_other_states_are_refused(state: OrderState, code: str) -> None:
    """Only what was delivered and kept can be sent back."""
    judged = judge_return(make_order(state=state), PRODUCT, POLICY, "size", TODAY)
    assert (False, code) == (judged.allowed, judged.reason_code)


@pytest.mark.parametrize(("state", "code"), [(RefundState.REQUESTED, "already_returned"), (RefundState.REJECTED, "ok")])
def test_running_refund_is_not_opened_twice(state: RefundState, code: str) -> None:
    """A refund on its way blocks another; a rejected one does not."""
    refund = Refund(Money(decimal.Decimal(20), "USD"), state, None, None, "card")
    order = dataclasses.replace(DELIVERED, refund=refund)
    assert code == judge_return(order, PRODUCT, POLICY, "size", TODAY).reason_code


@pytest.mark.parametrize(("reason", "code"), [("size", "not_returnable"), ("damaged", "ok")])
def test_excluded_product_goes_back_only_when_faulty(reason: str, code: str) -> None:
    """What is not taken back is taken back when the shop is at fault."""
    assert code == judge_return(DELIVERED, make_product(returnable=False), POLICY, reason, TODAY).reason_code


def test_incomplete_records_need_a_person() -> None:
    """Without product record, delivery time or limit in the currency somebody has to look."""
    bare = dataclasses.replace(make_order(), parcel=None)
    baht = make_order(currency="THB", delivered=at(-3))
    judged = [
        judge_return(DELIVERED, None, POLICY, "size", TODAY),
        judge_return(bare, PRODUCT, POLICY, "size", TODAY),
        judge_return(baht, PRODUCT, POLICY, "size", TODAY),
    ]
    assert [True, True, True] == [item.needs_person for item in judged]


def test_deadline_is_counted_in_the_buyers_zone() -> None:
    """A parcel delivered at 20:00 UTC arrived on the next day in Jakarta."""
    order = make_order(delivered=at(-3, hour=20))
    judged = judge_return(order, PRODUCT, POLICY, "size", TODAY, zoneinfo.ZoneInfo("Asia/Jakarta"))
    assert TODAY + datetime.timedelta(days=13) == judged.deadline
