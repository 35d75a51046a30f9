"""Prices are exact, and no promotion is granted twice."""

from __future__ import annotations

import dataclasses
import datetime
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.model import Money, Text
from pasar.commerce.pricing import apply_promotions, find_missing, price_product, round_money
from pasar.commerce.rules import Promotion
from tests.commerce.samples import TODAY, make_product

DAY = datetime.timedelta(days=1)


def dollars(amount: str) -> Money:
    """An amount of USD."""
    return Money(decimal.Decimal(amount), "USD")


def make_promotion(
    percent: int | None = None,
    off: str | None = None,
    spend: str | None = None,
    code: str = "",
    skus: tuple[str, ...] = (),
    stackable: bool = False,
) -> Promotion:
    """A promotion that runs today."""
    return Promotion(
        code=code,
        name=Text(en="Promotion"),
        skus=skus,
        starts_on=TODAY,
        ends_on=TODAY,
        percent=decimal.Decimal(percent) if percent else None,
        amount_off={"USD": dollars(off)} if off else {},
        min_spend={"USD": dollars(spend)} if spend else {},
        stackable=stackable,
    )


promotions = st.lists(
    st.builds(
        make_promotion,
        percent=st.one_of(st.none(), st.integers(1, 100)),
        off=st.one_of(st.none(), st.integers(1, 200).map(str)),
        spend=st.one_of(st.none(), st.integers(1, 500).map(str)),
        code=st.sampled_from(["", "ABC"]),
        stackable=st.booleans(),
    ),
    max_size=6,
)
prices = st.decimals("0.01", "9999", places=2).map(str)


@given(price=prices, offered=promotions, quantity=st.integers(1, 5))
def test_price_is_between_zero_and_full(price: str, offered: list[Promotion], quantity: int) -> None:
    """Promotions never make a thing dearer, nor its price negative."""
    offer = price_product(make_product(price=price), "USD", offered, TODAY, quantity)
    assert offer is not None
    assert decimal.Decimal(0) <= offer.price.amount <= offer.full.amount
    assert decimal.Decimal(price) * quantity == offer.full.amount


@given(price=prices, offered=promotions)
def test_exclusive_promotions_stand_alone(price: str, offered: list[Promotion]) -> None:
    """A promotion that is not stackable is never combined with another."""
    offer = price_product(make_product(price=price), "USD", offered, TODAY, codes=["abc"])
    assert offer is not None
    assert len(offer.promotions) <= 1 or all(item.stackable for item in offer.promotions)


@given(price=prices, offered=promotions)
def test_no_single_promotion_is_better(price: str, offered: list[Promotion]) -> None:
    """The best price is at most that of any promotion alone."""
    product = make_product(price=price)
    best = price_product(product, "USD", offered, TODAY)
    assert best is not None
    for item in offered:
        alone = price_product(product, "USD", [item], TODAY)
        assert alone is not None
        assert best.price.amount <= alone.price.amount


@given(amount=st.decimals(0, 10**9, places=5), currency=st.sampled_from(["IDR", "VND", "THB", "USD"]))
def test_rounding_stays_within_half_a_unit(amount: decimal.Decimal, currency: str) -> None:
    """Rounding moves an amount by half the smallest unit at most, and keeps no smaller one."""
    digits = 0 if currency in ("IDR", "VND") else 2
    rounded = round_money(amount, currency)
    assert abs(rounded.amount - amount) <= decimal.Decimal(5).scaleb(-digits - 1)
    assert -digits == rounded.amount.as_tuple().exponent


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("0.5", "IDR", "1"), ("2.5", "VND", "3"), ("1.005", "USD", "1.01"), ("1.004", "THB", "1.00")],
)
def test_halves_are_rounded_up(amount: str, currency: str, expected: str) -> None:
    """A half goes up, to the even and the odd alike."""
    assert Money(decimal.Decimal(expected), currency) == round_money(decimal.Decimal(amount), currency)


@given(spent=st.integers(0, 500), threshold=st.integers(1, 500))
def test_missing_completes_the_threshold(spent: int, threshold: int) -> None:
    """What is missing and what was spent reach the threshold, and nothing is missing beyond it."""
    missing = find_missing(make_promotion(percent=5, spend=str(threshold)), dollars(str(spent)))
    assert missing is not None
    assert max(spent, threshold) == spent + missing.amount


def test_missing_in_another_currency_is_unknown() -> None:
    """A threshold in dollars says nothing about rupiah."""
    assert find_missing(make_promotion(percent=5, spend="10"), Money(decimal.Decimal(1), "IDR")) is None


def test_stackable_promotions_are_combined_percentages_first() -> None:
    """10 % and then 5 dollars off 100 make 85."""
    offered = [make_promotion(off="5", stackable=True), make_promotion(percent=10, stackable=True)]
    offer = price_product(make_product(), "USD", offered, TODAY)
    assert offer is not None
    assert (dollars("85.00"), dollars("15.00")) == (offer.price, offer.saved)


@pytest.mark.parametrize(("codes", "expected"), [((), "100.00"), (("welcome10",), "90.00")])
def test_code_counts_only_when_given(codes: tuple[str, ...], expected: str) -> None:
    """A voucher lowers the price of those who have its code."""
    offer = price_product(make_product(), "USD", [make_promotion(percent=10, code="WELCOME10")], TODAY, codes=codes)
    assert offer is not None
    assert dollars(expected) == offer.price


@pytest.mark.parametrize("on", [TODAY - DAY, TODAY + DAY])
def test_promotion_counts_only_on_its_days(on: datetime.date) -> None:
    """The day before and the day after have the full price."""
    offer = price_product(make_product(), "USD", [make_promotion(percent=10)], on)
    assert offer is not None
    assert offer.full == offer.price


def test_promotion_of_another_product_does_not_count() -> None:
    """A promotion for certain products leaves the others alone."""
    offer = price_product(make_product(), "USD", [make_promotion(percent=10, skus=("OTHER",))], TODAY)
    assert offer is not None
    assert () == offer.promotions


def test_no_price_in_the_currency() -> None:
    """Nothing is converted: a currency without price has none."""
    assert price_product(make_product(), "EUR", [], TODAY) is None


def test_quantity_must_be_positive() -> None:
    """No pieces have no price."""
    with pytest.raises(ValueError, match="quantity"):
        price_product(make_product(), "USD", [], TODAY, quantity=0)


# ---- percentages with a highest amount

CAP = st.decimals("0.01", "500", places=2)


@given(price=st.decimals("0", "99999", places=2), percent=st.integers(1, 100), most=CAP)
def test_capped_percentage_takes_off_its_share_but_never_more_than_its_cap(
    price: decimal.Decimal, percent: int, most: decimal.Decimal
) -> None:
    """Nor more than the price; rounded once."""
    promotion = dataclasses.replace(make_promotion(percent=percent), most_off={"USD": dollars(str(most))})
    offer = price_product(make_product(price=str(price)), "USD", [promotion], TODAY)
    assert offer is not None
    assert decimal.Decimal(0) <= offer.saved.amount <= min(most, price)
    share = price * percent / 100
    assert abs(offer.saved.amount - min(share, most)) <= decimal.Decimal("0.005")
    assert bool(offer.capped) is (share > most and offer.promotions == (promotion,))


@given(
    currency=st.sampled_from(["IDR", "USD"]),
    sums=st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)),
    percent=st.integers(1, 100),
    most=st.integers(1, 10**6),
)
def test_dearer_costs_no_less_and_saves_no_less(currency: str, sums: tuple[int, int], percent: int, most: int) -> None:
    """With a cap as without one, in currencies with cents and without."""
    cap = {currency: Money(decimal.Decimal(most), currency)}
    promotion = dataclasses.replace(make_promotion(percent=percent), most_off=cap)
    lines = [[("A", Money(decimal.Decimal(amount), currency))] for amount in sorted(sums)]
    less, more = (apply_promotions(line, [promotion]) for line in lines)
    assert not more.price < less.price
    assert not more.saved < less.saved


def test_twenty_percent_at_most_fifty_thousand() -> None:
    """Below, at and above the sum where it bites."""
    promotion = dataclasses.replace(make_promotion(percent=20), most_off={"IDR": Money(decimal.Decimal(50_000), "IDR")})
    told = []
    for price in ("100000", "250000", "250005", "1000000"):
        offer = price_product(make_product(price=price, currency="IDR"), "IDR", [promotion], TODAY)
        assert offer is not None
        told.append((int(offer.saved.amount), bool(offer.capped)))
    assert [(20_000, False), (50_000, False), (50_000, True), (50_000, True)] == told


def test_cap_in_another_currency_is_unknown() -> None:
    """Nobody is promised a percentage without its limit."""
    promotion = dataclasses.replace(make_promotion(percent=20), most_off={"IDR": Money(decimal.Decimal(50_000), "IDR")})
    offer = price_product(make_product(), "USD", [promotion], TODAY)
    assert offer is not None
    assert (dollars("100.00"), ()) == (offer.price, offer.promotions)


def test_caps_of_stackable_promotions_hold_each() -> None:
    """20 % of 100, at most 5, then 10 % of 95, at most 100: 85.50."""
    first = dataclasses.replace(make_promotion(percent=20, stackable=True), most_off={"USD": dollars("5")})
    second = dataclasses.replace(make_promotion(percent=10, stackable=True), most_off={"USD": dollars("100")})
    offer = price_product(make_product(), "USD", [first, second], TODAY)
    assert offer is not None
    assert (dollars("85.50"), (first,)) == (offer.price, offer.capped)
