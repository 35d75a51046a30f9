"""Until when a shop answers for what it has sold."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence

from pasar.commerce.model import Order, Product
from pasar.commerce.rules import Policy


def warranty_until(
    order: Order,
    product: Product,
    policy_months: int | None,
    time_zone: datetime.tzinfo = datetime.timezone.utc,
) -> datetime.date | None:
    """The last day of the warranty, counted from the delivery; None before it, or where there is no warranty at all.

    ``policy_months``: what the law gives at least where the buyer lives; it holds also where the product's record
    says less or nothing.
    """
    delivered_at = order.parcel.delivered_at if order.parcel else None
    months = warranty_months(product, policy_months)
    if delivered_at is None or not months:
        return None
    return add_months(delivered_at.astimezone(time_zone).date(), months)


def warranty_months(product: Product, policy_months: int | None) -> int | None:
    """Months of warranty: the record's, at least the law's; None where neither says anything."""
    known = [months for months in (product.warranty_months, policy_months) if months is not None]
    return max(known, default=None)


def find_law_months(policies: Sequence[Policy], country: str, on: datetime.date) -> int | None:
    """Months that the law gives at least in a country on a day, else the shop's default's; None where neither says so."""
    valid = [policy for policy in policies if policy.valid_from <= on and policy.warranty_months is not None]
    for place in (country, ""):
        own = [policy for policy in valid if policy.country == place]
        if own:
            return max(own, key=lambda policy: policy.valid_from).warranty_months
    return None


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
