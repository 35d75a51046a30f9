"""A parcel is late when its day has passed or nobody sees it any more."""

from __future__ import annotations

import datetime

import pytest

from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.model import OrderState, Scan
from pasar.commerce.tracking import judge_parcel
from tests.commerce.samples import TODAY, at, make_order


def make_scan(days: int) -> Scan:
    """A scan so many days from today."""
    return Scan(at(days), "Jakarta hub", "in_transit")


@pytest.mark.parametrize(
    ("due", "scan", "state"),
    [
        (2, -1, "on_the_way"),
        (0, -1, "on_the_way"),
        (-1, -1, "late"),
        (2, -6, "on_the_way"),
        (2, -7, "late"),
        (None, -1, "on_the_way"),
        (None, -8, "late"),
        (2, None, "no_scan"),
        (-1, None, "late"),
    ],
)
def test_state_of_a_parcel(due: int | None, scan: int | None, state: str) -> None:
    """The due day itself and six silent days are still in time."""
    order = make_order(
        OrderState.SHIPPED,
        shipped=at(-5 if scan is None else -20),
        due_on=None if due is None else TODAY + datetime.timedelta(days=due),
        scans=() if scan is None else (make_scan(scan),),
    )
    view = judge_parcel(order, TODAY)
    assert view is not None
    assert state == view.state


def test_parcel_never_scanned_is_late_after_a_week() -> None:
    """A parcel handed over seven days ago that nobody has seen is late."""
    view = judge_parcel(make_order(OrderState.SHIPPED, shipped=at(-7)), TODAY)
    assert view is not None
    assert ("late", None, None) == (view.state, view.days_since_scan, view.last_scan)


def test_delivered_parcel_is_not_late() -> None:
    """Once delivered, a passed due date does not matter."""
    order = make_order(delivered=at(-2), due_on=TODAY - datetime.timedelta(days=9))
    view = judge_parcel(order, TODAY)
    assert view is not None
    assert ("delivered", 0, TODAY - datetime.timedelta(days=2)) == (view.state, view.days_overdue, view.delivered_on)


def test_order_without_parcel_has_no_view() -> None:
    """What was not sent is nowhere."""
    assert judge_parcel(make_order(OrderState.PAID), TODAY) is None


@pytest.mark.parametrize(
    ("order_id", "state", "days"),
    [
        ("SH1001", "on_the_way", 1),
        ("SH1006", "late", 9),
        ("SH1007", "delivered", 2),
        ("SH1003", "delivered", 3),
        ("SH1011", "no_scan", None),
    ],
)
async def test_parcels_of_the_demo_shop(stylehub: DemoBackend, order_id: str, state: str, days: int | None) -> None:
    """The demo orders are in the states their table says."""
    order = await stylehub.get_order(order_id)
    assert order is not None
    view = judge_parcel(order, TODAY)
    assert view is not None
    assert (state, days) == (view.state, view.days_since_scan)
