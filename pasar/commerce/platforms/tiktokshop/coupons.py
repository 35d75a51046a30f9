"""TikTok Shop's promo codes as promotions.

https://partner.tiktokshop.com/docv2/page/search-coupons-202406, …/get-coupon-202406.

A code for some buyers only is no promotion of ours: what it is worth to this buyer is for a person to say.
``max_discount`` is the highest amount of a percentage.
"""

from __future__ import annotations

import datetime

from pasar.commerce.model import Money
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tiktokshop.markets import Market
from pasar.commerce.rules import Promotion

#: Coupons that sellers have stopped are left out. Of several with one code the first of these is told.
STATUSES = ("ONGOING", "NOT_START", "EXPIRED")


def is_code(text: str) -> bool:
    """Whether TikTok takes it as a promo code."""
    return text.isalnum() and 6 <= len(text) <= 12


def read_coupon(record: Record, market: Market) -> Promotion:
    """What a promo code is worth; FieldError where that cannot be told for every buyer alike."""
    if record.find_text("target_buyer_segment") not in ("", "ALL"):
        raise FieldError(f"{record.path}.target_buyer_segment: it is for some buyers only")
    discount = record.read_record("discount")
    kind = discount.read_text("type")
    percent = None
    amounts: dict[str, Money] = {}
    most_off: dict[str, Money] = {}
    if kind == "PERCENT_OFF":
        percent = discount.read_amount("percentage")
        if (limit := discount.find_record("max_discount")) is not None:
            most = _read_money(limit)
            most_off[most.currency] = most
    elif kind == "AMOUNT_OFF":
        amount = _read_money(discount.read_record("reduction_amount"))
        amounts[amount.currency] = amount
    else:
        raise discount.fail("type", "is none of those documented")
    starts_on, ends_on = _read_days(record, market)
    limits = record.find_record("usage_limits")
    return Promotion(
        code=record.read_text("promo_code"),
        name=market.text(record.find_text("title")),
        skus=_list_products(record),
        starts_on=starts_on,
        ends_on=ends_on,
        percent=percent,
        amount_off=amounts,
        min_spend=_read_threshold(record),
        most_off=most_off,
        uses_left=_count_left(limits, record.find_record("usage_stats")),
        once_per_buyer=limits is not None and limits.find_number("single_buyer_claim_limit") == 1,
    )


def _read_money(record: Record) -> Money:
    return record.read_money("amount", record.read_currency("currency"))


def _read_days(record: Record, market: Market) -> tuple[datetime.date, datetime.date]:
    """First and last day on which it can be used, or claimed where each claim starts a period of its own."""
    duration = record.find_record("redemption_duration")
    if duration is None or duration.find_text("type") != "ABSOLUTE":
        duration = record.read_record("claim_duration")
    starts_at, ends_at = duration.read_time("start_time"), duration.read_time("end_time")
    return starts_at.astimezone(market.zone).date(), ends_at.astimezone(market.zone).date()


def _list_products(record: Record) -> tuple[str, ...]:
    if record.find_text("product_scope") == "FULL_SHOP":
        return ()
    products = tuple(record.list_texts("product_ids"))
    if not products:
        raise record.fail("product_ids", "is missing")
    return products


def _read_threshold(record: Record) -> dict[str, Money]:
    threshold = record.find_record("threshold")
    if threshold is None or threshold.find_text("type") != "MIN_SPEND":
        return {}
    spend = _read_money(threshold.read_record("min_spend"))
    return {spend.currency: spend}


def _count_left(limits: Record | None, stats: Record | None) -> int | None:
    if limits is None or stats is None:
        return None
    pairs = (("redemption_limit", "redeemed_count"), ("total_claim_limit", "claimed_count"))
    left = [limit - (stats.find_number(used) or 0) for name, used in pairs if (limit := limits.find_number(name))]
    return max(0, min(left)) if left else None
