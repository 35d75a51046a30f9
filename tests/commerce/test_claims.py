"""A parcel that is said to have come: from when it is claimed, and who may do so."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import zoneinfo

import pytest

from pasar.commerce.changes import Ability
from pasar.commerce.claims import judge_claim, mask_address
from pasar.commerce.model import Address, Money, OrderState, Refund, RefundState
from tests.commerce.samples import POLICY, TODAY, at, make_order

ABLE = frozenset({Ability.OPEN_RETURN})
DAYS = 2


@pytest.mark.parametrize(
    ("delivered", "claim_on", "due"), [(0, 2, False), (-1, 1, False), (-2, 0, True), (-9, -7, True)]
)
def test_claim_is_due_after_the_shops_days(delivered: int, claim_on: int, due: bool) -> None:
    """The day itself counts."""
    claim = judge_claim(make_order(delivered=at(delivered)), POLICY, DAYS, ABLE, TODAY)
    assert claim is not None
    assert (TODAY + datetime.timedelta(days=claim_on), due) == (claim.claim_on, claim.due)


def test_claim_counts_days_where_the_shop_is() -> None:
    """Delivered late in the evening in UTC is the next day in Jakarta."""
    order = make_order(delivered=at(-2, hour=20))
    claim = judge_claim(order, POLICY, DAYS, ABLE, TODAY, zoneinfo.ZoneInfo("Asia/Jakarta"))
    assert claim is not None
    assert (TODAY - datetime.timedelta(days=1), False) == (claim.delivered_on, claim.due)


def test_claim_without_a_day_of_delivery_waits_from_today() -> None:
    """A record that says "delivered" and not when."""
    claim = judge_claim(make_order(OrderState.DELIVERED, shipped=at(-9)), POLICY, DAYS, ABLE, TODAY)
    assert claim is not None
    assert (None, TODAY + datetime.timedelta(days=DAYS)) == (claim.delivered_on, claim.claim_on)


def test_claim_of_what_its_carrier_has_delivered_and_the_shop_not_noticed() -> None:
    """The carrier's word counts."""
    order = make_order(OrderState.SHIPPED, delivered=at(-5))
    assert judge_claim(order, POLICY, DAYS, ABLE, TODAY) is not None


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED])
def test_no_claim_of_what_is_still_to_come(state: OrderState) -> None:
    """It is late or not, but not lost."""
    assert judge_claim(make_order(state, shipped=at(-9)), POLICY, DAYS, ABLE, TODAY) is None


@pytest.mark.parametrize("state", [OrderState.RETURNED, OrderState.CANCELLED])
def test_no_claim_of_what_is_back_at_the_shop(state: OrderState) -> None:
    """Whoever has sent it back had it."""
    assert judge_claim(make_order(state, delivered=at(-5)), POLICY, DAYS, ABLE, TODAY) is None


@pytest.mark.parametrize(("total", "person"), [("100", False), ("100.01", True)])
def test_claim_above_the_limit_needs_a_person(total: str, person: bool) -> None:
    """A value equal to the limit does not."""
    claim = judge_claim(make_order(total=total, delivered=at(-5)), POLICY, DAYS, ABLE, TODAY)
    assert claim is not None
    assert person is claim.needs_person


def test_claim_in_a_currency_without_a_limit_needs_a_person() -> None:
    """What the shop has not decided, no programme decides."""
    claim = judge_claim(make_order(currency="JPY", delivered=at(-5)), POLICY, DAYS, ABLE, TODAY)
    assert claim is not None
    assert claim.needs_person


def test_claim_needs_a_person_where_the_system_opens_no_returns() -> None:
    """What a platform does not let a programme do, a person does."""
    claim = judge_claim(make_order(delivered=at(-5)), POLICY, DAYS, frozenset({Ability.CANCEL}), TODAY)
    assert claim is not None
    assert claim.needs_person


@pytest.mark.parametrize(("state", "person"), [(RefundState.REQUESTED, True), (RefundState.REJECTED, False)])
def test_claim_needs_a_person_where_money_is_under_way(state: RefundState, person: bool) -> None:
    """Nobody is paid twice."""
    refund = Refund(Money(decimal.Decimal(20), "USD"), state, None, None, "card")
    order = dataclasses.replace(make_order(delivered=at(-5)), refund=refund)
    claim = judge_claim(order, POLICY, DAYS, ABLE, TODAY)
    assert claim is not None
    assert person is claim.needs_person


@pytest.mark.parametrize(
    ("city", "postcode", "shown"),
    [
        ("Washington", "20009", "Washington 20***"),
        ("London", "SW1A 1AA", "London SW1A ***"),
        ("Jakarta", "", "Jakarta"),
        ("", "10400", "10***"),
        ("B****k", "1**00", "B****k 1****"),
        ("", "", ""),
    ],
)
def test_masked_address_is_known_again_and_not_found_by(city: str, postcode: str, shown: str) -> None:
    """City and half a postcode; never a street, a name or a phone number."""
    address = Address(("1 Secret Street",), city, postcode, "US", "Anna Miller", "+12025550105")
    assert shown == mask_address(address)


def test_masked_address_of_none_is_empty() -> None:
    """The record has none."""
    assert "" == mask_address(None)
