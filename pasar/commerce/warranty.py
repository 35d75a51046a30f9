"""Until when a shop answers for what it has sold."""

from __future__ import annotations

import calendar
import datetime

from pasar.commerce.model import Order, Product


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


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
