"""Days that a buyer names."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.dates import find_numeric, resolve
from pasar.languages.pack import load_pack
from tests.languages.samples import DATA, LIVE

DAYS = st.dates(datetime.date(2020, 1, 1), datetime.date(2090, 12, 31))
TODAY = datetime.date(2026, 3, 10)  # a Tuesday


@given(DAYS)
def test_find_numeric_reads_an_iso_date(day: datetime.date) -> None:
    """Year, month, day is read back exactly."""
    assert [(day.isoformat(), 3, 13)] == [
        (one.value, one.start, one.end) for one in find_numeric(f"by {day.isoformat()} ok")
    ]


@given(DAYS)
def test_find_numeric_reads_the_day_first(day: datetime.date) -> None:
    """Day, month, year is what buyers here write."""
    assert [day.isoformat()] == [one.value for one in find_numeric(f"{day.day}/{day.month}/{day.year}")]


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2050, 12, 31)))
def test_find_numeric_reads_the_buddhist_era(day: datetime.date) -> None:
    """Thai years are 543 ahead; both give one date."""
    assert [day.isoformat()] == [one.value for one in find_numeric(f"{day.day}/{day.month}/{day.year + 543}")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/25/2026", ["2026-12-25"]),
        ("31/02/2026", []),
        ("1/2/26", []),
        ("10/10/10/2026", []),
        ("2026-13-01", []),
        ("", []),
    ],
)
def test_find_numeric_takes_only_days_that_exist(text: str, expected: list[str]) -> None:
    """The month first only where nothing else is a day; no days out of the calendar."""
    assert expected == [one.value for one in find_numeric(text)]


@given(DAYS, st.integers(-400, 400))
def test_resolve_counts_days(today: datetime.date, distance: int) -> None:
    """A distance is that many days away."""
    assert today + datetime.timedelta(days=distance) == datetime.date.fromisoformat(resolve(f"{distance:+d}d", today))


@given(DAYS, st.integers(0, 6))
def test_resolve_weekday_is_within_the_next_week(today: datetime.date, weekday: int) -> None:
    """A weekday is the next such day, never today."""
    day = datetime.date.fromisoformat(resolve(f"weekday:{weekday}", today))
    assert weekday == day.weekday()
    assert 1 <= (day - today).days <= 7


@given(DAYS)
def test_resolve_end_of_week_and_month(today: datetime.date) -> None:
    """The week ends on its Sunday, the month on its last day."""
    week = datetime.date.fromisoformat(resolve("end:week", today))
    month = datetime.date.fromisoformat(resolve("end:month", today))
    assert (6, True) == (week.weekday(), 0 <= (week - today).days <= 6)
    assert 1 == (month + datetime.timedelta(days=1)).day
    assert (today.year, today.month) == (month.year, month.month)


@given(DAYS, st.sampled_from(["12-25", "01-01", "04-13", "02-14"]))
def test_resolve_holiday_is_the_next_one(today: datetime.date, code: str) -> None:
    """A holiday is this year's where it has not passed, else the next year's."""
    day = datetime.date.fromisoformat(resolve(code, today))
    assert code == day.strftime("%m-%d")
    assert 0 <= (day - today).days <= 366


@given(DAYS)
def test_resolve_leap_day_is_a_day(today: datetime.date) -> None:
    """The 29th of February, too, is some day to come."""
    assert today <= datetime.date.fromisoformat(resolve("02-29", today))


@pytest.mark.parametrize("code", ["", "tomorrow", "weekday:7", "end:year", "2d", "1-1"])
def test_resolve_refuses_what_is_no_code(code: str) -> None:
    """A slip in a word list is named."""
    with pytest.raises(ValueError, match="is no code of a day"):
        resolve(code, TODAY)


@pytest.mark.parametrize("code", LIVE)
def test_resolve_knows_every_code_of_the_packs(code: str) -> None:
    """No word list of days has a code that nobody can read, in any year."""
    for value in sorted(set(load_pack(code, DATA).lookups["date"].values())):
        for today in (TODAY, datetime.date(2027, 12, 31), datetime.date(2028, 2, 29)):
            assert 10 == len(resolve(value, today))
