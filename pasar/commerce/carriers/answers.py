"""Reading what tracking services answer, whatever shape it has."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pasar.commerce.model import Parcel, Scan

#: An event that is no scan: the carrier has been told of the parcel but has not got it, or has nothing to tell.
ANNOUNCED = "announced"

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FRACTION = re.compile(r"\.\d+")


def dig(value: Any, *path: str) -> Any:
    """What lies at ``path`` in nested objects; None where a part of it is missing or is no object."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def read_rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; [] where it is none."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def read_text(value: Any) -> str:
    """A text without the spaces around it; "" where it is none."""
    return value.strip() if isinstance(value, str) else ""


def read_day(value: Any) -> datetime.date | None:
    """The day of a date or time (ISO 8601) where it was written, not in UTC; None where there is none."""
    text = read_text(value)[:10]
    try:
        return datetime.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def read_moment(value: Any) -> datetime.datetime | None:
    """A time (ISO 8601) in UTC; None where there is none.

    Carriers leave out zones and hours. A time without zone counts as UTC, a day alone as its noon in UTC: the day is
    then right nearly everywhere.
    """
    text = read_text(value)
    if _DAY.fullmatch(text):
        text += "T12:00:00"
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    try:
        moment = datetime.datetime.fromisoformat(_FRACTION.sub("", text))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return moment.astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        return None


def make_parcel(
    courier: str,
    tracking_number: str,
    events: Iterable[Scan],
    *,
    due_on: datetime.date | None,
    delivered: bool,
    delivered_at: datetime.datetime | None = None,
) -> Parcel | None:
    """A parcel of what a service knows of it now; None where it knows nothing with a time.

    ``events`` come in the order they happened, which decides where times are equal. Shipped is the pickup, else the
    first scan, else the announcement; delivered the last delivery, else ``delivered_at``, else the last event.
    """
    told = sorted(dict.fromkeys(events), key=lambda scan: scan.at)
    if not told:
        return None
    scans = tuple(scan for scan in told if scan.event != ANNOUNCED)
    shipped = next((scan for scan in scans if scan.event == "picked_up"), (scans or told)[0])
    arrived = [scan.at for scan in scans if scan.event == "delivered"] or [delivered_at or told[-1].at]
    return Parcel(
        courier=courier,
        tracking_number=tracking_number,
        shipped_at=shipped.at,
        due_on=due_on,
        scans=scans,
        delivered_at=arrived[-1] if delivered else None,
        read_at=datetime.datetime.now(datetime.timezone.utc),
    )
