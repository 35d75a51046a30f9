"""WooCommerce's coupon as a promotion: https://woocommerce.github.io/woocommerce-rest-api-docs/#coupon-properties ."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping, Sequence

from pasar.commerce.model import Money, Text
from pasar.commerce.platforms.woocommerce.records import Record
from pasar.commerce.rules import Promotion

#: Conditions that a promotion cannot hold; empty, false or an amount of zero where there is none.
UNTOLD = (
    "excluded_product_ids",
    "excluded_product_categories",
    "exclude_sale_items",
    "email_restrictions",
    "maximum_amount",
    "limit_usage_to_x_items",
)


def is_coupon(coupon: Record, code: str) -> bool:
    """Whether it is the one of that code, in any letter case, and published."""
    status = coupon["status"].read_text()  # the documentation has no status; newer versions answer one
    return coupon["code"].read_text().casefold() == code.casefold() and status in ("", "publish")


def read_coupon(coupon: Record, skus: Sequence[str], currency: str, language: str) -> Promotion:
    """What it gives; ``skus`` are of the products it is limited to, () for all.

    An amount off each piece is told as off one piece. Coupons have no first day: it is the day they were made.
    RecordError where it has a condition that a promotion cannot hold.
    """
    for name in UNTOLD:
        if _is_limited(coupon[name]):
            raise coupon[name].fail("is a condition that only a person can explain")
    percent, amount_off = None, {}
    amount = coupon["amount"].read_decimal()
    if amount > 0 and coupon["discount_type"].read_text() == "percent":
        percent = amount
    elif amount > 0:
        if coupon["discount_type"].read_text() not in ("fixed_cart", "fixed_product"):
            raise coupon["discount_type"].fail("is of a kind that only a person can explain")
        amount_off = {currency: Money(amount, currency)}
    return Promotion(
        code=coupon["code"].read_text().upper(),
        name=Text({language: coupon["description"].read_words()}),
        skus=tuple(skus),
        starts_on=coupon["date_created"].read_local_time().date(),
        ends_on=_read_last_day(coupon["date_expires"]),
        percent=percent,
        amount_off=amount_off,
        min_spend=_read_threshold(coupon["minimum_amount"], currency),
        stackable=not coupon["individual_use"].read_bool(),
        uses_left=_read_uses(coupon),
        once_per_buyer=coupon["usage_limit_per_user"].find_int() == 1,
    )


def _is_limited(field: Record) -> bool:
    if isinstance(field.value, str):
        return bool(field) and field.read_decimal() > 0
    return bool(field.value)


def _read_last_day(expires: Record) -> datetime.date:
    """The last whole day before it expires, in the shop's time; the calendar's last where it does not."""
    if not expires:
        return datetime.date.max
    moment = expires.read_local_time()
    begins = moment.time() == datetime.time.min  # at midnight the day itself is over before it begins
    return datetime.date.fromordinal(max(1, moment.toordinal() - begins))


def _read_threshold(minimum: Record, currency: str) -> Mapping[str, Money]:
    amount = minimum.read_decimal() if minimum else decimal.Decimal(0)
    return {currency: Money(amount, currency)} if amount > 0 else {}


def _read_uses(coupon: Record) -> int | None:
    limit = coupon["usage_limit"].find_int()
    return max(0, limit - coupon["usage_count"].find_int()) if limit else None
