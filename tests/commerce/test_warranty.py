"""Until when a shop answers for what it has sold."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo

import pytest

from pasar.commerce.model import OrderState
from pasar.commerce.warranty import add_months, warranty_months, warranty_until
from tests.commerce.samples import at, make_order, make_product

DAY = datetime.date


@pytest.mark.parametrize(
    ("recorded", "law", "until"),
    [
        (12, None, DAY(2027, 3, 8)),
        (12, 24, DAY(2028, 3, 8)),
        (24, 12, DAY(2028, 3, 8)),
        (None, 24, DAY(2028, 3, 8)),
        (0, 6, DAY(2026, 9, 8)),
        (0, None, None),
        (None, None, None),
    ],
)
def test_warranty_is_the_record_s_and_at_least_the_law_s(
    recorded: int | None, law: int | None, until: datetime.date | None
) -> None:
    """Counted from the delivery, two days ago."""
    product = dataclasses.replace(make_product(), warranty_months=recorded)
    assert until == warranty_until(make_order(delivered=at(-2)), product, law)


def test_warranty_does_not_run_before_the_delivery() -> None:
    """Nothing is counted from the day of the order."""
    order = make_order(OrderState.SHIPPED, shipped=at(-2))
    assert warranty_until(order, dataclasses.replace(make_product(), warranty_months=12), 24) is None


def test_warranty_counts_the_day_at_the_shop() -> None:
    """Eight in the evening in London is the next day in Jakarta."""
    product = dataclasses.replace(make_product(), warranty_months=12)
    order = make_order(delivered=at(-2, hour=20))
    assert DAY(2027, 3, 9) == warranty_until(order, product, None, zoneinfo.ZoneInfo("Asia/Jakarta"))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (DAY(2026, 1, 31), 1, DAY(2026, 2, 28)),
        (DAY(2024, 1, 31), 1, DAY(2024, 2, 29)),
        (DAY(2024, 2, 29), 12, DAY(2025, 2, 28)),
        (DAY(2026, 11, 30), 3, DAY(2027, 2, 28)),
        (DAY(2026, 12, 8), 12, DAY(2027, 12, 8)),
        (DAY(2026, 12, 8), 0, DAY(2026, 12, 8)),
    ],
)
def test_add_months_stays_in_the_month(day: datetime.date, months: int, expected: datetime.date) -> None:
    """A month without that day ends on its last."""
    assert expected == add_months(day, months)


def test_warranty_months_unknown_is_not_none_at_all() -> None:
    """A record that says nothing is told apart from one that says zero."""
    assert warranty_months(make_product(), None) is None
    assert 0 == warranty_months(dataclasses.replace(make_product(), warranty_months=0), None)
