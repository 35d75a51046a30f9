"""Days that a buyer names, as ISO dates.

Codes in ``lookups/date.yml``: ``+2d`` days from today, ``weekday:4`` the next Friday, ``end:week``, ``end:month``,
``12-25`` the next such day of a year.
"""

from __future__ import annotations

import calendar
import contextlib
import dataclasses
import datetime
import functools
import re
from collections.abc import Iterator, Mapping

_NUMERIC = re.compile(r"(?<![\w/.-])(?:(20\d\d)-(\d\d?)-(\d\d?)|(\d\d?)[/-](\d\d?)[/-](20\d\d|25\d\d))(?![\w/-])")
_BUDDHIST_ERA = 543  # Thai calendars are this many years ahead
_YEAR = r"(?:[\s,]{1,2}(?:de\s)?(?P<year>20\d\d|25\d\d)(?!\d))?"
_DAY_MONTH = re.compile(r"(?<![\w/.-])(\d\d?)[/.-](\d\d?)(?![\w/-]|\.\d)")


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


def find_named(text: str, months: Mapping[str, int], today: datetime.date) -> Iterator[FoundDate]:
    """A day beside the name of a month, in lower case: 1 September, May 2nd 2027, 15 de junio, 6月15日; the next one."""
    if not months:
        return
    taken: set[int] = set()
    for pattern in _named_patterns(tuple(months)):
        for match in pattern.finditer(text):
            if not taken.isdisjoint(range(*match.span())):
                continue
            taken.update(range(*match.span()))
            year = int(match["year"]) if match["year"] else None
            if value := _next(months[match["month"]], int(match["day"]), year, today):
                yield FoundDate(value, *match.span())


def read_short(text: str, words: Mapping[str, str], today: datetime.date) -> str | None:
    """25/12 or 25.12 as the next such day, day first, and "the 20th" as the next 20th; for a text known to be a day.

    ``words`` says what stands ``before`` the day of a month ("tanggal", "ngày") and what ``after`` ("th", "号").
    """
    if match := _DAY_MONTH.search(text):
        return _next(int(match[2]), int(match[1]), None, today)
    match = _day_pattern(tuple(words.items())).search(text)
    return _next_day(int(match[1] or match[2]), today) if match else None


@functools.lru_cache(maxsize=32)
def _day_pattern(words: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    first, last = (
        "|".join(re.escape(word) for word, place in words if place == wanted) or "(?!)"
        for wanted in ("before", "after")
    )
    begin, end = r"(?<![^\W\d_ก-๙\u3400-\u9fff])", r"(?![^\W\d_ก-๙\u3400-\u9fff])"
    return re.compile(rf"{begin}(?:{first})\W?(\d\d?)(?!\w|[.,:]\d)|(?<!\d)(\d\d?)\s?(?:{last}){end}")


def _next_day(day: int, today: datetime.date) -> str | None:
    """The next such day of any month; None where no month has it."""
    for months in range(12):
        years, month = divmod(today.month - 1 + months, 12)
        with contextlib.suppress(ValueError):
            found = datetime.date(today.year + years, month + 1, day)
            if found >= today:
                return found.isoformat()
    return None


@functools.lru_cache(maxsize=32)
def _named_patterns(months: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    by_length = sorted(months, key=len, reverse=True)
    # "12月" is December, not the first of February; "tháng 11" is November, not the first of January
    words = "|".join(re.escape(name) for name in by_length if not name[0].isdigit()) or "(?!)"
    names = "|".join(re.escape(name) for name in by_length if not name[-1].isdigit()) or "(?!)"
    end = r"(?![^\W\d_ก-๙\u3400-\u9fff])"
    day = r"(?<![\w.,/-])(?P<day>\d\d?)"
    return (
        re.compile(rf"{day}(?:st|nd|rd|th|º|°)?\.?\s?(?:of\s|de\s|del\s|ng\s)?(?P<month>{words}){end}\.?{_YEAR}"),
        re.compile(
            rf"(?<![^\W\d_\u3400-\u9fff])(?<!\d)(?P<month>{names}){end}\.?\s?(?:the\s)?(?P<day>\d\d?)(?:st|nd|rd|th|日|号|號)?(?![\d:%]){_YEAR}"
        ),
    )


def _next(month: int, day: int, year: int | None, today: datetime.date) -> str | None:
    """The day of that year, or else the next such day; None where there is none."""
    if year is not None and year >= 2400:
        year -= _BUDDHIST_ERA
    # 29 February may be eight years away
    for candidate in (year,) if year is not None else range(today.year, today.year + 9):
        with contextlib.suppress(ValueError):
            found = datetime.date(candidate, month, day)
            if year is not None or found >= today:
                return found.isoformat()
    return None


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
    match = re.fullmatch(r"(\d\d)-(\d\d)", code)
    if match and (found := _next(int(match[1]), int(match[2]), None, today)):
        return found
    raise ValueError(f"{code!r} is no code of a day: +2d, weekday:4, end:week, end:month or 12-25")
