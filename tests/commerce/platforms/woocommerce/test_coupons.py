"""Coupons of WooCommerce are promotions, or a person's business."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money
from tests.commerce.platforms.woocommerce.server import make_coupon


async def test_a_coupon_is_a_promotion(api, server):
    server.coupons[1] = make_coupon(
        1,
        "welcome10",
        description="10% off for <b>new</b> friends",
        date_expires="2026-04-01T00:00:00",
        usage_limit=100,
        usage_count=97,
        usage_limit_per_user=1,
        individual_use=True,
        minimum_amount="50.00",
    )
    coupon = await api.read_coupon(" WELCOME10 ")
    assert ("WELCOME10", Decimal(10), {}, ()) == (coupon.code, coupon.percent, coupon.amount_off, coupon.skus)
    assert {"USD": Money(Decimal(50), "USD")} == coupon.min_spend
    assert (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31)) == (coupon.starts_on, coupon.ends_on)
    assert (3, True, False) == (coupon.uses_left, coupon.once_per_buyer, coupon.stackable)
    assert "10% off for new friends" == coupon.name["en"]


@pytest.mark.parametrize("kind", ["fixed_cart", "fixed_product"])
async def test_a_coupon_of_an_amount(api, server, kind):
    server.coupons[1] = make_coupon(1, "five", discount_type=kind, amount="5.00", usage_limit=2, usage_count=3)
    coupon = await api.read_coupon("five")
    assert (None, {"USD": Money(Decimal(5), "USD")}) == (coupon.percent, coupon.amount_off)
    assert (0, True, datetime.date.max) == (coupon.uses_left, coupon.stackable, coupon.ends_on)


async def test_a_coupon_of_free_shipping_takes_nothing_off(api, server):
    server.coupons[1] = make_coupon(1, "free", discount_type="fixed_cart", amount="0.00", free_shipping=True)
    coupon = await api.read_coupon("free")
    assert (None, {}) == (coupon.percent, coupon.amount_off)


async def test_a_coupon_is_limited_to_its_products(api, server):
    server.products[7]["categories"] = [{"id": 15, "name": "Bags", "slug": "bags"}]
    server.coupons[1] = make_coupon(1, "some", product_ids=[3, 200], product_categories=[15])
    assert {"SKU-3", "TEE", "SKU-7"} == set((await api.read_coupon("some")).skus)
    server.coupons[1] = make_coupon(1, "none", product_ids=[99999])
    with pytest.raises(ShopError, match="product_ids"):
        await api.read_coupon("none")


@pytest.mark.parametrize(
    "condition",
    [
        {"excluded_product_ids": [3]},
        {"excluded_product_categories": [15]},
        {"exclude_sale_items": True},
        {"email_restrictions": ["siti@example.com"]},
        {"maximum_amount": "100.00"},
        {"limit_usage_to_x_items": 1},
        {"discount_type": "store_credit"},
    ],
)
async def test_conditions_that_cannot_be_told_are_a_persons(api, server, condition):
    server.coupons[1] = make_coupon(1, "tricky", **condition)
    with pytest.raises(ShopError, match=f"testshop: read_coupon: .*{next(iter(condition))}") as raised:
        await api.read_coupon("tricky")
    assert "siti" not in str(raised.value)


async def test_unknown_and_draft_coupons_are_none(api, server):
    server.coupons[1] = make_coupon(1, "secret", status="draft")
    assert await api.read_coupon("nope") is None
    assert await api.read_coupon("") is None
    assert await api.read_coupon("secret") is None
