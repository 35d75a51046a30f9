"""Sellers' vouchers that have a code, in our terms.

https://open.lazada.com/apps/doc/api?path=%2Fpromotion%2Fvouchers%2Fget (``CODE_VOUCHER``) and, for what a voucher is
limited to, %2Fpromotion%2Fvoucher%2Fproducts%2Fget. How often one was used is told only as "already used total",
without saying of what: how many are left is not read from it.
"""

from __future__ import annotations

import datetime
import decimal

from pasar.commerce.model import Money, Text
from pasar.commerce.platforms.lazada.fields import Record
from pasar.commerce.platforms.lazada.ventures import Venture
from pasar.commerce.rules import Promotion

VOUCHER_TYPE = "CODE_VOUCHER"


def needs_products(record: Record) -> bool:
    """Whether a voucher is for some products only."""
    scope = record.need_text("apply")
    if scope not in ("ENTIRE_SHOP", "SPECIFIC_PRODUCTS"):
        raise record.fail("apply", f"is {scope!r}, which is not known")
    return scope == "SPECIFIC_PRODUCTS"


def read_voucher(
    record: Record, products: tuple[str, ...], venture: Venture, language: str, today: datetime.date
) -> Promotion | None:
    """A voucher for ``products`` (none: for all); None where the seller has switched it off.

    ``max_discount_offering_money_value`` is the highest amount of a percentage; empty or zero where there is none.
    """
    status = record.read_text("status")
    if status == "SUSPEND":
        return None
    percent, amount_off = _read_worth(record, venture)
    most = record.find_decimal("max_discount_offering_money_value") if percent is not None else None
    least = record.find_decimal("criteria_over_money")
    ends_on = record.need_time("period_end_time").astimezone(venture.time_zone).date()
    if status == "FINISH":  # perhaps before its time, also if that was today
        ends_on = min(ends_on, today - datetime.timedelta(days=1))
    return Promotion(
        code=record.need_text("voucher_code").upper(),
        name=Text({language: record.read_text("voucher_name")}),
        skus=products,
        starts_on=record.need_time("period_start_time").astimezone(venture.time_zone).date(),
        ends_on=ends_on,
        percent=percent,
        amount_off={venture.currency: amount_off} if amount_off else {},
        min_spend={venture.currency: venture.money(least)} if least else {},
        most_off={venture.currency: venture.money(most)} if most else {},
        once_per_buyer=record.find_whole("limit") == 1,
    )


def _read_worth(record: Record, venture: Venture) -> tuple[decimal.Decimal | None, Money | None]:
    """Percent or money off; exactly one of them."""
    if (currency := record.read_text("currency")) not in ("", venture.currency):
        raise record.fail("currency", f"is {currency!r}, but {venture.country} sells in {venture.currency}")
    kind = record.need_text("voucher_discount_type")
    if kind == "MONEY_VALUE_OFF":
        return None, venture.money(record.need_decimal("offering_money_value_off"))
    if kind != "PERCENTAGE_DISCOUNT_OFF":
        raise record.fail("voucher_discount_type", f"is {kind!r}, which is not known")
    percent = record.need_decimal("offering_percentage_discount_off")
    if not 0 < percent <= 100:
        raise record.fail("offering_percentage_discount_off", "is no percentage")
    return percent, None
