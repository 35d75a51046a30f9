"""Where a parcel is, and whether somebody should worry."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Literal

from pasar.commerce.model import Order, OrderState, Scan

ParcelState = Literal["on_the_way", "late", "delivered", "no_scan"]

#: Days without a scan after which a parcel counts as late, whatever its due date says.
SILENT_DAYS = 7


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


def judge_parcel(
    order: Order, today: datetime.date, time_zone: datetime.tzinfo = datetime.timezone.utc
) -> ParcelView | None:
    """Judge an order's parcel on a day of ``time_zone``; None where nothing has been sent.

    Late is what is not delivered and past its due date, or not seen for seven days.
    """
    parcel = order.parcel
    if parcel is None:
        return None
    last = max(parcel.scans, key=lambda scan: scan.at, default=None)
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
    )
