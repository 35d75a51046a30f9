"""When money arrives: the record first, then the shop's promise by payment method, else nobody knows."""

from __future__ import annotations

import dataclasses
import datetime
import decimal

import pytest

from pasar.commerce.model import Money, Refund, RefundState
from pasar.commerce.refunds import add_working_days, find_payout_days
from tests.commerce.samples import POLICY

BY_METHOD = dataclasses.replace(POLICY, payout_days={"gopay": (1, 3)})
SILENT = dataclasses.replace(POLICY, refund_days=(0, 0))


def make_refund(method: str, payout_days: tuple[int, int] | None = None) -> Refund:
    return Refund(Money(decimal.Decimal(20), "USD"), RefundState.APPROVED, None, payout_days, method)


@pytest.mark.parametrize(
    ("refund", "policy", "days"),
    [
        (make_refund("gopay", (2, 4)), BY_METHOD, (2, 4)),
        (make_refund("gopay"), BY_METHOD, (1, 3)),
        (make_refund("card"), BY_METHOD, (5, 7)),
        (make_refund("card"), POLICY, (5, 7)),
        (make_refund("card"), SILENT, None),
        (make_refund("card", (5, 7)), SILENT, (5, 7)),
    ],
)
def test_days_of_the_record_then_of_the_method_then_of_the_shop(refund, policy, days) -> None:
    assert days == find_payout_days(refund, policy)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-03-10", 1, "2026-03-11"),
        ("2026-03-13", 1, "2026-03-16"),
        ("2026-03-10", 5, "2026-03-17"),
        ("2026-03-14", 0, "2026-03-14"),
    ],
)
def test_working_days_leave_out_weekends(day: str, count: int, expected: str) -> None:
    """Banks do not pay on Saturdays and Sundays."""
    assert expected == add_working_days(datetime.date.fromisoformat(day), count).isoformat()
