"""Where a package of an order is, as our parcel.

Sources: https://open.shopee.com/documents/v2/v2.logistics.get_tracking_number?module=95&type=1,
https://open.shopee.com/documents/v2/v2.logistics.get_tracking_info?module=95&type=1, TrackingLogisticsStatus in the
data definition, https://open.shopee.com/developer-guide/31.
"""

from __future__ import annotations

import datetime

from pasar.commerce.model import Parcel, Scan
from pasar.commerce.platforms.shopee.fields import Field

#: Entries that a carrier makes; the others are Shopee's own, as ORDER_CREATED.
_EVENTS = {
    "PICKED_UP": "picked_up",
    "DELIVERY_PENDING": "in_transit",
    "UPDATE": "in_transit",
    "DELIVERED": "delivered",
    "FAILED_DELIVERED": "failed_delivery",
    "RETURN_INITIATED": "returning",
    "RETURN_STARTED": "returning",
    "RETURN_PENDING": "returning",
    "RETURNED": "returned",
    "LOST": "lost",
}


def read_parcel(
    detail: Field, package: Field | None, number: Field | None, tracking: Field | None, time_zone: datetime.tzinfo
) -> Parcel:
    """A parcel of an order that a carrier has. ``number`` and ``tracking`` are None where Shopee has none.

    Shopee names no places apart: a scan's place is what Shopee tells of it, in the market's language. It was shipped
    when the carrier took it, else when it was seen first, else at the order's last change. Only Brazil has a due date.
    """
    scans = _read_scans(tracking) if tracking else ()
    carrier = package["shipping_carrier"] if package else detail["shipping_carrier"]
    due = detail["edt_to"].moment()
    return Parcel(
        courier=carrier.text("") or detail["shipping_carrier"].text(""),
        tracking_number=number["tracking_number"].text("") if number else "",
        shipped_at=detail["pickup_done_time"].moment() or (scans[0].at if scans else detail["update_time"].time()),
        due_on=due.astimezone(time_zone).date() if due else None,
        scans=scans,
        delivered_at=next((scan.at for scan in scans if scan.event == "delivered"), None),
    )


def _read_scans(tracking: Field) -> tuple[Scan, ...]:
    scans = [
        Scan(entry["update_time"].time(), entry["description"].text(""), _EVENTS[entry["logistics_status"].text()])
        for entry in tracking["tracking_info"].items()
        if entry["logistics_status"].text("") in _EVENTS
    ]
    return tuple(sorted(scans, key=lambda scan: scan.at))
