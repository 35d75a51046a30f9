"""Vouchers.

https://shopify.dev/docs/api/admin-graphql/latest/queries/codeDiscountNodeByCode: a promotion says what a code is worth to
anybody. A discount for chosen buyers, countries or variants, one that asks for a number of pieces, takes its amount off
each piece, or is made by an app, says more than that: it is an error that names the field, so that a person answers.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping

from pasar.commerce.model import Money, Text
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.rules import Promotion, Shop

MOMENT = datetime.timedelta(seconds=1)


def read_promotion(discount: Record, code: str, shop: Shop, time_zone: datetime.tzinfo) -> Promotion:
    """What a code discount is worth; days are those of ``time_zone``."""
    kind = discount.identifier("__typename")
    if kind not in {"DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping"}:
        raise discount.fail("__typename", f"{kind} cannot be put into a promotion")
    _check(discount.record("context"), "DiscountBuyerSelectionAll")
    skus: tuple[str, ...] = ()
    percent: decimal.Decimal | None = None
    amount: dict[str, Money] = {}
    if kind == "DiscountCodeFreeShipping":
        _check(discount.record("destinationSelection"), "DiscountCountryAll")
        if discount.find("maximumShippingPrice"):
            raise discount.fail("maximumShippingPrice", "cannot be put into a promotion")
    else:
        gets = discount.record("customerGets")
        skus = _read_skus(gets.record("items"))
        if kind == "DiscountCodeBasic":
            percent, amount = _read_value(gets.record("value"))
    ends_at = discount.find_time("endsAt")
    limit = discount.find_number("usageLimit")
    combines = discount.record("combinesWith")
    return Promotion(
        code=code,
        name=Text({shop.default_language: discount.identifier("title")}),
        skus=skus,
        starts_on=discount.time("startsAt").astimezone(time_zone).date(),
        # A discount that ends at midnight ends with the day before.
        ends_on=(ends_at - MOMENT).astimezone(time_zone).date() if ends_at else datetime.date.max,
        percent=percent,
        amount_off=amount,
        min_spend={} if kind == "DiscountCodeBxgy" else _read_minimum(discount.find("minimumRequirement")),
        stackable=combines.flag("orderDiscounts") or combines.flag("productDiscounts"),
        uses_left=None if limit is None else max(0, limit - discount.number("asyncUsageCount")),
        once_per_buyer=discount.flag("appliesOncePerCustomer"),
    )


def _check(record: Record, kind: str) -> None:
    if record.identifier("__typename") != kind:
        raise record.fail("__typename", f"{record.identifier('__typename')} cannot be put into a promotion")


def _read_value(value: Record) -> tuple[decimal.Decimal | None, dict[str, Money]]:
    kind = value.identifier("__typename")
    if kind == "DiscountPercentage":  # 0.15 is 15 %
        return value.fraction("percentage") * 100, {}
    _check(value, "DiscountAmount")
    if value.flag("appliesOnEachItem"):
        raise value.fail("appliesOnEachItem", "cannot be put into a promotion")
    amount = value.price("amount")
    return None, {amount.currency: amount}


def _read_minimum(minimum: Record | None) -> Mapping[str, Money]:
    if minimum is None:
        return {}
    _check(minimum, "DiscountMinimumSubtotal")
    subtotal = minimum.price("greaterThanOrEqualToSubtotal")
    return {subtotal.currency: subtotal}


def _read_skus(items: Record) -> tuple[str, ...]:
    """The handles of its products; () means all."""
    kind = items.identifier("__typename")
    if kind == "AllDiscountItems":
        return ()
    if kind == "DiscountCollections":
        collections = items.record("collections")
        _check_whole(collections)
        lists = [collection.record("products") for collection in collections.records("nodes")]
    else:
        _check(items, "DiscountProducts")
        if items.records("productVariants"):
            raise items.fail("productVariants", "cannot be put into a promotion")
        lists = [items.record("products")]
    for products in lists:
        _check_whole(products)
    return tuple(
        dict.fromkeys(product.identifier("handle") for products in lists for product in products.records("nodes"))
    )


def _check_whole(connection: Record) -> None:
    if connection.record("pageInfo").flag("hasNextPage"):
        raise connection.fail("nodes", "are too many to be put into a promotion")
