"""Where a parcel is, and whether somebody should worry."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Literal

from pasar.commerce.model import Order, OrderState, Parcel, Scan

ParcelState = Literal["on_the_way", "late", "delivered", "no_scan"]

#: What the buyer should know beside the state: delivery was tried in vain, the parcel waits for her at a point, is stuck
#: at customs, is delayed as its carrier says, goes back or is back at the sender, has trouble, or its tracking does not move.
Concern = Literal[
    "failed_attempt", "ready_for_pickup", "customs_held", "delayed", "returning", "returned", "exception", "not_moving"
]

#: Days without a scan after which a parcel counts as late, whatever its due date says.
SILENT_DAYS = 7

#: Days without a scan after which a parcel being cleared counts as stuck at customs.
CUSTOMS_DAYS = 5

#: Concerns of the last scan, by its event.
_CONCERNS: dict[str, Concern] = {
    "ready_for_pickup": "ready_for_pickup",
    "customs_held": "customs_held",
    "delayed": "delayed",
    "returning": "returning",
    "returned": "returned",
    "exception": "exception",
}

#: What ends a failed attempt: another one begins, or none will. Scans at a depot between them do not.
_ATTEMPTS = frozenset(["failed_attempt", "out_for_delivery", "ready_for_pickup", "delivered", "returning", "returned"])

#: With these a carrier's date for the delivery says nothing any more.
_DATELESS = frozenset(["ready_for_pickup", "returning", "returned", "exception"])


@dataclasses.dataclass(frozen=True)
class ParcelView:
    """What can be said about a parcel today."""

    state: ParcelState  #: "no_scan": handed over less than seven days ago, and no carrier has seen it yet
    courier: str
    tracking_number: str
    shipped_on: datetime.date
    due_on: datetime.date | None
    last_scan: Scan | None
    days_since_scan: int | None  #: None where there is no scan
    days_overdue: int  #: days since the due date; 0 where it has not passed or is not known
    delivered_on: datetime.date | None
    concern: Concern | None = None  #: independent of the state: a parcel at customs may be late or not
    concern_scan: Scan | None = None  #: the scan it rests on; None for "not_moving"
    days_silent: int = 0  #: days since the last scan, where there is none since it was handed over
    #: The day that can be told the buyer: the carrier's own, of a parcel that is not late, and given after what concerns
    #: it. None is unknown.
    expected_on: datetime.date | None = None
    read_at: datetime.datetime | None = None  #: when a tracking service said all this; None: it came with the order
    unanswered: bool = False  #: a tracking service was asked and did not answer: all this is the shop's own record


def judge_parcel(
    order: Order, today: datetime.date, time_zone: datetime.tzinfo = datetime.timezone.utc
) -> ParcelView | None:
    """Judge an order's parcel on a day of ``time_zone``; None where nothing has been sent.

    Late is what is not delivered and past its due date, or not seen for seven days.
    """
    parcel = order.parcel
    if parcel is None:
        return None
    last = max(reversed(parcel.scans), key=lambda scan: scan.at, default=None)
    shipped_on = parcel.shipped_at.astimezone(time_zone).date()
    seen_on = last.at.astimezone(time_zone).date() if last else None
    silent = (today - (seen_on or shipped_on)).days
    overdue = max(0, (today - parcel.due_on).days) if parcel.due_on else 0
    state: ParcelState
    if parcel.delivered_at is not None or order.state is OrderState.DELIVERED:
        state, overdue = "delivered", 0
    elif overdue > 0 or silent >= SILENT_DAYS:
        state = "late"
    else:
        state = "on_the_way" if last else "no_scan"
    concern, scan = _find_concern(parcel, silent, delivered=state == "delivered")
    concerned_on = scan.at.astimezone(time_zone).date() if scan else None
    return ParcelView(
        state=state,
        courier=parcel.courier,
        tracking_number=parcel.tracking_number,
        shipped_on=shipped_on,
        due_on=parcel.due_on,
        last_scan=last,
        days_since_scan=(today - seen_on).days if seen_on else None,
        days_overdue=overdue,
        delivered_on=parcel.delivered_at.astimezone(time_zone).date() if parcel.delivered_at else None,
        concern=concern,
        concern_scan=scan,
        days_silent=max(0, silent),
        expected_on=None if state in ("delivered", "late") else _find_expected(parcel.due_on, concern, concerned_on),
        read_at=parcel.read_at,
        unanswered=parcel.unanswered,
    )


def _find_concern(parcel: Parcel, silent: int, *, delivered: bool) -> tuple[Concern | None, Scan | None]:
    scans = sorted(parcel.scans, key=lambda scan: scan.at)
    event = scans[-1].event if scans else ""
    if delivered and event not in ("returning", "returned"):
        return None, None
    attempts = [scan for scan in scans if scan.event in _ATTEMPTS]
    if attempts and attempts[-1].event == "failed_attempt":
        return "failed_attempt", attempts[-1]
    if event == "customs" and silent >= CUSTOMS_DAYS:
        event = "customs_held"
    if event in _CONCERNS:
        return _CONCERNS[event], scans[-1]
    return ("not_moving" if silent >= SILENT_DAYS else None), None


def _find_expected(
    due_on: datetime.date | None, concern: Concern | None, concerned_on: datetime.date | None
) -> datetime.date | None:
    if due_on is None or concern in _DATELESS:
        return None
    # A date up to the day of the trouble was given before it; only a later one can be the carrier's new one.
    return None if concerned_on is not None and due_on <= concerned_on else due_on
