"""Days that a buyer names, as ISO dates.

Codes in ``lookups/date.yml``: ``+2d`` days from today, ``weekday:4`` the next Friday, ``end:week``, ``end:month``,
``12-25`` the next such day of a year.
"""

from __future__ import annotations

import calendar
import contextlib
import dataclasses
import datetime
import re
from collections.abc import Iterator

_NUMERIC = re.compile(r"(?<![\w/.-])(?:(20\d\d)-(\d\d?)-(\d\d?)|(\d\d?)[/-](\d\d?)[/-](20\d\d|25\d\d))(?![\w/-])")
_BUDDHIST_ERA = 543  # Thai calendars are this many years ahead


@dataclasses.dataclass(frozen=True)
class FoundDate:
    """An ISO date at ``start`` to ``end`` of the normalised text."""

    value: str
    start: int
    end: int


def find_numeric(text: str) -> Iterator[FoundDate]:
    """2026-12-25 and 25/12/2026 (day first; month first where only that is a day), also of the Buddhist era."""
    for match in _NUMERIC.finditer(text):
        year, month, day = (
            int(group) for group in (match.groups()[:3] if match[1] else (match[6], match[5], match[4]))
        )
        if year >= 2400:
            year -= _BUDDHIST_ERA
        if month > 12 >= day and not match[1]:
            day, month = month, day
        try:
            value = datetime.date(year, month, day)
        except ValueError:
            continue
        yield FoundDate(value.isoformat(), *match.span())


def resolve(code: str, today: datetime.date) -> str:
    """The ISO date that a code means on a day; ValueError for what is no code."""
    if match := re.fullmatch(r"([+-]\d+)d", code):
        return (today + datetime.timedelta(days=int(match[1]))).isoformat()
    if match := re.fullmatch(r"weekday:([0-6])", code):
        return (today + datetime.timedelta(days=(int(match[1]) - today.weekday() - 1) % 7 + 1)).isoformat()
    if code == "end:week":
        return (today + datetime.timedelta(days=6 - today.weekday())).isoformat()
    if code == "end:month":
        return today.replace(day=calendar.monthrange(today.year, today.month)[1]).isoformat()
    if match := re.fullmatch(r"(\d\d)-(\d\d)", code):
        for year in range(today.year, today.year + 9):  # 29 February may be eight years away
            with contextlib.suppress(ValueError):
                day = datetime.date(year, int(match[1]), int(match[2]))
                if day >= today:
                    return day.isoformat()
    raise ValueError(f"{code!r} is no code of a day: +2d, weekday:4, end:week, end:month or 12-25")
