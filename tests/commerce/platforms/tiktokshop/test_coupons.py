"""Promotions from TikTok Shop's promo codes."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import pytest

from pasar.commerce.model import Money
from pasar.commerce.platforms.tiktokshop import coupons
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from tests.commerce.platforms.tiktokshop.samples import PRODUCT_ID, make_coupon, make_market


def test_a_promo_code_is_told_as_documented() -> None:
    """Days are the shop's; what is left of it is the smallest of its limits."""
    coupon = coupons.read_coupon(Record(make_coupon(), "coupon"), make_market())
    assert ("TTS12345", (), None, True) == (coupon.code, coupon.skus, coupon.percent, coupon.once_per_buyer)
    assert {"USD": Money(decimal.Decimal("30.5"), "USD")} == coupon.amount_off
    assert {"USD": Money(decimal.Decimal(100), "USD")} == coupon.min_spend
    assert (datetime.date(2024, 3, 4), datetime.date(2024, 3, 8)) == (coupon.starts_on, coupon.ends_on)
    assert 498 == coupon.uses_left


def test_a_percentage_for_some_products() -> None:
    """Usable for some days from each claim: told by the days on which it can be claimed."""
    changes = {
        "discount": {"type": "PERCENT_OFF", "percentage": "12.5"},
        "threshold": {"type": "NONE"},
        "product_scope": "SPECIFIC_PRODUCTS",
        "product_ids": [PRODUCT_ID],
        "redemption_duration": {"type": "RELATIVE", "relative_time": 4},
        "usage_limits": None,
    }
    coupon = coupons.read_coupon(Record(make_coupon(**changes), "coupon"), make_market())
    assert (decimal.Decimal("12.5"), {}, {}, (PRODUCT_ID,)) == (
        coupon.percent,
        coupon.amount_off,
        coupon.min_spend,
        coupon.skus,
    )
    assert (datetime.date(2024, 3, 4), None, False) == (coupon.starts_on, coupon.uses_left, coupon.once_per_buyer)


def test_a_percentage_has_its_highest_amount() -> None:
    """In its currency."""
    discount = {"type": "PERCENT_OFF", "percentage": "30", "max_discount": {"amount": "40", "currency": "USD"}}
    coupon = coupons.read_coupon(Record(make_coupon(discount=discount), "coupon"), make_market())
    assert (decimal.Decimal(30), {"USD": Money(decimal.Decimal(40), "USD")}) == (coupon.percent, coupon.most_off)


@pytest.mark.parametrize(
    "changes",
    [
        {"target_buyer_segment": "NEW_FOLLOWERS"},
        {"discount": {"type": "PERCENT_OFF", "percentage": "30", "max_discount": {"amount": "40"}}},
        {"discount": {"type": "SURPRISE"}},
        {"product_scope": "SPECIFIC_PRODUCTS"},
        {"claim_duration": None, "redemption_duration": None},
    ],
)
def test_what_would_promise_too_much_is_no_promotion(changes: dict[str, Any]) -> None:
    """For some buyers, capped at nobody knows what, of a kind nobody knows, for products nobody knows, for days nobody knows."""
    with pytest.raises(FieldError, match=r"^coupon"):
        coupons.read_coupon(Record(make_coupon(**changes), "coupon"), make_market())
