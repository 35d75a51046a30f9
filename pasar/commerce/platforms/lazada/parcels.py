"""Where a carrier has seen an order's parcel, from /logistic/order/trace.

https://open.lazada.com/apps/doc/api?path=%2Flogistic%2Forder%2Ftrace. The documentation names one kind of event,
``ready_to`` (packed, not yet handed over), which is no scan; ``delivered`` is known from users of the same gateway.
All others are told as being on the way, with the place, or the platform's own title where it names none. There is no
estimate of the arrival.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from pasar.commerce.model import OrderState, Parcel, Scan
from pasar.commerce.platforms.lazada.fields import Record
from pasar.commerce.platforms.lazada.orders import Item

_PACKED = "ready_to"
_DELIVERED = "delivered"
#: Where no carrier is named, it is the platform's own.
_LAZADA = "Lazada Logistics"


def find_parcel(trace: Record, items: Sequence[Item], state: OrderState) -> Parcel | None:
    """The parcel of ``items``, those that decide the order's state; the one seen last where there are several.

    None where the platform tells nothing yet.
    """
    numbers = {item.tracking_number for item in items} - {""}
    packages = [
        package
        for module in trace.get_record("result").list_records("module")
        for package in module.list_records("package_detail_info_list")
    ]
    # After the delivery the items forget their numbers; then any package will do.
    packages = [package for package in packages if package.read_text("tracking_number") in numbers] or packages
    seen = [(events[-1][0], package, events) for package in packages if (events := _read_events(package))]
    if not seen:
        return None
    _, package, events = max(seen, key=lambda one: one[0])
    scans = tuple(
        Scan(at, _read_place(event), _DELIVERED if _read_kind(event) == _DELIVERED else "in_transit")
        for at, event in events
        if _read_kind(event) != _PACKED
    )
    number = package.read_text("tracking_number")
    courier = next((name for item in items if (name := item.record.read_text("shipment_provider"))), _LAZADA)
    return Parcel(
        courier=courier,
        tracking_number=number or next(iter(sorted(numbers)), ""),
        shipped_at=scans[0].at if scans else events[0][0],
        due_on=None,
        scans=scans,
        delivered_at=_find_delivery(scans, state),
    )


def _read_events(package: Record) -> list[tuple[datetime.datetime, Record]]:
    """What has happened to a package, oldest first."""
    events = [(event.need_time("event_time"), event) for event in package.list_records("logistic_detail_info_list")]
    return sorted(events, key=lambda one: one[0])


def _read_kind(event: Record) -> str:
    return event.read_text("detail_type").lower()


def _read_place(event: Record) -> str:
    return event.read_text("package_location_name") or event.read_text("title")


def _find_delivery(scans: Sequence[Scan], state: OrderState) -> datetime.datetime | None:
    named = [scan.at for scan in scans if scan.event == _DELIVERED]
    if named:
        return named[-1]
    # The item says it has arrived: then the last the carrier told was that.
    return scans[-1].at if scans and state is OrderState.DELIVERED else None
