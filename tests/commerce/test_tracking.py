"""A parcel is late when its day has passed or nobody sees it any more."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo

import pytest

from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.model import Order, OrderState, Scan
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


def make_sent(*events: tuple[int, str], due: int | None = None, state: OrderState = OrderState.SHIPPED) -> Order:
    """An order whose parcel was seen (days from today, event), due in so many days."""
    scans = tuple(Scan(at(days), f"place of {event}", event) for days, event in events)
    due_on = None if due is None else TODAY + datetime.timedelta(days=due)
    return make_order(state, shipped=at(-20), due_on=due_on, scans=scans)


@pytest.mark.parametrize(
    ("events", "concern"),
    [
        ([(-1, "in_transit")], None),
        ([(-6, "in_transit")], None),
        ([(-7, "in_transit")], "not_moving"),
        ([], "not_moving"),
        ([(-1, "failed_attempt")], "failed_attempt"),
        ([(-2, "failed_attempt"), (-1, "arrived_at_hub")], "failed_attempt"),
        ([(-2, "failed_attempt"), (-1, "out_for_delivery")], None),
        ([(-2, "failed_attempt"), (-1, "ready_for_pickup")], "ready_for_pickup"),
        ([(-2, "failed_attempt"), (-1, "returning")], "returning"),
        ([(-9, "failed_attempt")], "failed_attempt"),
        ([(-9, "ready_for_pickup")], "ready_for_pickup"),
        ([(-4, "customs")], None),
        ([(-5, "customs")], "customs_held"),
        ([(-1, "customs_held")], "customs_held"),
        ([(-2, "customs_held"), (-1, "customs_released")], None),
        ([(-1, "delayed")], "delayed"),
        ([(-1, "returning")], "returning"),
        ([(-3, "returning"), (-1, "returned")], "returned"),
        ([(-1, "exception")], "exception"),
        ([(-2, "exception"), (-1, "in_transit")], None),
        ([(-1, "unheard_of")], None),
    ],
)
def test_concern_of_a_parcel(events: list[tuple[int, str]], concern: str | None) -> None:
    """What the buyer should know, and the scan that tells it."""
    view = judge_parcel(make_sent(*events), TODAY)
    assert view is not None
    assert concern == view.concern
    if concern in (None, "not_moving"):
        assert view.concern_scan is None
    else:
        assert view.concern_scan is not None
        assert view.concern_scan.place.startswith(("place of " + concern, "place of customs"))


@pytest.mark.parametrize(("events", "silent", "since"), [([(-9, "in_transit")], 9, 9), ([], 20, None)])
def test_days_of_a_parcel_that_does_not_move(events: list[tuple[int, str]], silent: int, since: int | None) -> None:
    """Days since the last scan; since it was handed over where nobody has seen it."""
    view = judge_parcel(make_sent(*events), TODAY)
    assert view is not None
    assert ("late", "not_moving", silent, since) == (
        view.state,
        view.concern,
        view.days_silent,
        view.days_since_scan,
    )


@pytest.mark.parametrize(
    ("events", "due", "expected"),
    [
        ([(-1, "in_transit")], 2, 2),
        ([(-1, "in_transit")], 0, 0),
        ([(-1, "in_transit")], -1, None),
        ([(-1, "in_transit")], None, None),
        ([(-8, "in_transit")], 2, None),
        ([(-1, "failed_attempt")], -1, None),
        ([(0, "failed_attempt")], 0, None),
        ([(0, "failed_attempt")], 1, 1),
        ([(-3, "delayed")], 1, 1),
        ([(0, "delayed")], 0, None),
        ([(-1, "customs_held")], 3, 3),
        ([(-1, "ready_for_pickup")], 3, None),
        ([(-1, "returning")], 3, None),
        ([(-1, "returned")], 3, None),
        ([(-1, "exception")], 3, None),
    ],
)
def test_expected_day_is_the_carriers_or_unknown(
    events: list[tuple[int, str]], due: int | None, expected: int | None
) -> None:
    """A date that has passed, was meant for a delivery that failed, or of a parcel gone silent, is none."""
    view = judge_parcel(make_sent(*events, due=due), TODAY)
    assert view is not None
    assert (None if expected is None else TODAY + datetime.timedelta(days=expected)) == view.expected_on


def test_concerns_leave_the_state_as_it_was() -> None:
    """Who knows only the four states is told the same as before."""
    overdue = judge_parcel(make_sent((-1, "failed_attempt"), due=-2), TODAY)
    coming = judge_parcel(make_sent((-1, "ready_for_pickup"), due=2), TODAY)
    assert overdue is not None and coming is not None
    assert [("late", 2), ("on_the_way", 0)] == [(view.state, view.days_overdue) for view in (overdue, coming)]


def test_delivered_parcel_concerns_nobody() -> None:
    """A failed attempt before the delivery is over; a parcel that went back is not delivered, whatever the shop has."""
    order = make_sent((-2, "failed_attempt"), (-1, "delivered"), state=OrderState.DELIVERED, due=3)
    back = make_sent((-2, "returning"), (-1, "returned"), state=OrderState.DELIVERED)
    delivered, returned = judge_parcel(order, TODAY), judge_parcel(back, TODAY)
    assert delivered is not None and returned is not None
    assert [(None, None), ("returned", None)] == [(view.concern, view.expected_on) for view in (delivered, returned)]


def test_day_of_a_failed_attempt_is_the_shops() -> None:
    """Late in the evening in UTC it is the next day in Jakarta: a date of that day was given before the attempt."""
    order = make_sent(due=0)
    assert order.parcel is not None
    tried = Scan(at(-1, 23), "Jakarta", "failed_attempt")
    order = dataclasses.replace(order, parcel=dataclasses.replace(order.parcel, scans=(tried,), read_at=at(0, 8)))
    here = judge_parcel(order, TODAY, zoneinfo.ZoneInfo("Asia/Jakarta"))
    there = judge_parcel(order, TODAY)
    assert here is not None and there is not None
    assert [None, TODAY] == [here.expected_on, there.expected_on]
    assert at(0, 8) == here.read_at


def test_last_of_two_scans_at_the_same_time() -> None:
    """The carrier's order decides."""
    view = judge_parcel(make_sent((-1, "out_for_delivery"), (-1, "ready_for_pickup")), TODAY)
    assert view is not None and view.last_scan is not None
    assert ("ready_for_pickup", "ready_for_pickup") == (view.last_scan.event, view.concern)
