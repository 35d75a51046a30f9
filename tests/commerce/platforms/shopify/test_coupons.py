"""What a voucher's code is worth."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money
from pasar.commerce.platforms.shopify import ShopifyApi
from pasar.commerce.rules import Promotion
from tests.commerce.platforms.shopify.records import Record, make_discount, money
from tests.commerce.platforms.shopify.server import ShopifyServer

ALL = {"__typename": "AllDiscountItems"}
HALF = {"__typename": "DiscountPercentage", "percentage": 0.5}


async def read(api: ShopifyApi, store: ShopifyServer, kind: str = "DiscountCodeBasic", **fields: Any) -> Promotion:
    """The promotion of a discount with these fields."""
    store.discounts["WELCOME15"] = make_discount(kind, **fields)
    promotion = await api.read_coupon(" welcome15 ")
    assert promotion is not None
    return promotion


def products(*handles: str, more: int = 0, variants: int = 0) -> Record:
    """Items of a discount: products by handle, and so many without a name that matters."""
    found = [{"handle": handle} for handle in (*handles, *(f"more-{index}" for index in range(more)))]
    chosen = [{"id": f"gid://shopify/ProductVariant/{index}"} for index in range(variants)]
    return {"__typename": "DiscountProducts", "products": found, "productVariants": chosen}


@pytest.mark.parametrize(("fraction", "percent"), [(0.15, "15"), (0.07, "7"), (0.333, "33.3"), (1, "100")])
async def test_a_percentage_is_exact(api: ShopifyApi, store: ShopifyServer, fraction: float, percent: str) -> None:
    value = {"__typename": "DiscountPercentage", "percentage": float(fraction)}
    promotion = await read(api, store, customerGets={"value": value, "items": ALL})
    assert ("WELCOME15", {"en": "Welcome"}, ()) == (promotion.code, promotion.name, promotion.skus)
    assert (Decimal(percent), {}) == (promotion.percent, promotion.amount_off)


async def test_an_amount_off(api: ShopifyApi, store: ShopifyServer) -> None:
    value = {"__typename": "DiscountAmount", "amount": money("5.1", "USD"), "appliesOnEachItem": False}
    minimum = {"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": money("30.0", "USD")}
    promotion = await read(api, store, customerGets={"value": value, "items": ALL}, minimumRequirement=minimum)
    assert (None, {"USD": Money(Decimal("5.1"), "USD")}) == (promotion.percent, promotion.amount_off)
    assert {"USD": Money(Decimal("30.0"), "USD")} == promotion.min_spend


async def test_free_shipping_and_a_gift_are_neither(api: ShopifyApi, store: ShopifyServer) -> None:
    for kind in ("DiscountCodeFreeShipping", "DiscountCodeBxgy"):
        promotion = await read(api, store, kind)
        assert (None, {}, {}) == (promotion.percent, promotion.amount_off, promotion.min_spend)


async def test_products_and_collections_are_handles(api: ShopifyApi, store: ShopifyServer) -> None:
    promotion = await read(api, store, customerGets={"value": HALF, "items": products("dress", "boot")})
    assert ("dress", "boot") == promotion.skus
    pages = [{"products": [{"handle": "dress"}]}, {"products": [{"handle": "boot"}, {"handle": "dress"}]}]
    items = {"__typename": "DiscountCollections", "collections": pages}
    promotion = await read(api, store, customerGets={"value": HALF, "items": items})
    assert ("dress", "boot") == promotion.skus


async def test_days_are_those_of_the_shop(api: ShopifyApi, store: ShopifyServer) -> None:
    promotion = await read(api, store, startsAt="2026-03-01T17:00:00Z", endsAt="2026-03-08T17:00:00Z")
    assert datetime.date(2026, 3, 2) == promotion.starts_on  # midnight in Jakarta
    assert datetime.date(2026, 3, 8) == promotion.ends_on  # the last whole day
    assert datetime.date.max == (await read(api, store)).ends_on


async def test_how_often_it_can_be_used(api: ShopifyApi, store: ShopifyServer) -> None:
    promotion = await read(api, store, usageLimit=3, asyncUsageCount=5, appliesOncePerCustomer=True)
    assert (0, True, False) == (promotion.uses_left, promotion.once_per_buyer, promotion.stackable)
    combines = {"orderDiscounts": True, "productDiscounts": False, "shippingDiscounts": False}
    promotion = await read(api, store, combinesWith=combines)
    assert (None, True) == (promotion.uses_left, promotion.stackable)


@pytest.mark.parametrize("code", ["", " ", "NOSUCH", '" OR ""="'])
async def test_an_unknown_code_is_none(api: ShopifyApi, store: ShopifyServer, code: str) -> None:
    assert await api.read_coupon(code) is None


@pytest.mark.parametrize(
    ("kind", "fields", "path"),
    [
        ("DiscountCodeApp", {}, "__typename"),
        ("DiscountCodeBasic", {"context": {"__typename": "DiscountCustomers"}}, "context.__typename"),
        (
            "DiscountCodeBasic",
            {"customerGets": {"value": HALF, "items": products("a", variants=1)}},
            "items.productVariants",
        ),
        ("DiscountCodeBasic", {"customerGets": {"value": HALF, "items": products(more=51)}}, "items.products.nodes"),
        (
            "DiscountCodeBasic",
            {"customerGets": {"value": {"__typename": "DiscountOnQuantity"}, "items": ALL}},
            "value.__typename",
        ),
        (
            "DiscountCodeBasic",
            {
                "customerGets": {
                    "value": {"__typename": "DiscountAmount", "amount": money("1"), "appliesOnEachItem": True},
                    "items": ALL,
                }
            },
            "value.appliesOnEachItem",
        ),
        (
            "DiscountCodeBasic",
            {"minimumRequirement": {"__typename": "DiscountMinimumQuantity"}},
            "minimumRequirement.__typename",
        ),
        (
            "DiscountCodeFreeShipping",
            {"destinationSelection": {"__typename": "DiscountCountries"}},
            "destinationSelection.__typename",
        ),
        ("DiscountCodeFreeShipping", {"maximumShippingPrice": money("9")}, "maximumShippingPrice"),
    ],
)
async def test_what_a_promotion_cannot_say_is_for_a_person(
    api: ShopifyApi, store: ShopifyServer, kind: str, fields: Record, path: str
) -> None:
    with pytest.raises(ShopError, match=rf"testshop.*read_coupon.*{path}"):
        await read(api, store, kind, **fields)
