"""Days that a buyer names."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.dates import find_named, find_numeric, read_short, resolve
from pasar.languages.formatting import month_names
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


@pytest.mark.parametrize(
    ("locale", "text", "value", "written"),
    [
        ("en", "term starts 1 september", "2026-09-01", "1 september"),
        ("en", "the 2nd of may please", "2026-05-02", "2nd of may"),
        ("en", "by april 20th, 2027 ok", "2027-04-20", "april 20th, 2027"),
        ("en", "on jan 5", "2027-01-05", "jan 5"),
        ("es", "el 15 de junio", "2026-06-15", "15 de junio"),
        ("id", "tgl 3 desember", "2026-12-03", "3 desember"),
        ("ms", "5 ogos", "2026-08-05", "5 ogos"),
        ("fil", "hunyo 12 po", "2026-06-12", "hunyo 12"),
        ("vi", "ngày 15 tháng 6 nhé", "2026-06-15", "15 tháng 6"),
        ("vi", "15 thang 12", "2026-12-15", "15 thang 12"),
        ("th", "ส่งก่อน 15 มิ.ย. นะ", "2026-06-15", "15 มิ.ย."),
        ("th", "1 มกราคม 2570", "2027-01-01", "1 มกราคม 2570"),
        ("zh", "6月15日前到", "2026-06-15", "6月15日"),
        ("zh", "12月1号", "2026-12-01", "12月1号"),
        ("en", "29 february", "2028-02-29", "29 february"),
    ],
)
def test_find_named_reads_months_in_every_language(locale: str, text: str, value: str, written: str) -> None:
    """The next such day, however the month is written; a year where one stands."""
    found = [(one.value, text[one.start : one.end]) for one in find_named(text, month_names(locale), TODAY)]
    assert [(value, written)] == found


@pytest.mark.parametrize("text", ["may 35", "may i ask", "march", "30 february 2027", "ver 2.12 decent", "12 decent"])
def test_find_named_reads_nothing_else(text: str) -> None:
    """A month without a day, or a day that no month has, is no date."""
    assert [] == list(find_named(text, month_names("en"), TODAY))


@given(DAYS, st.sampled_from(["en", "id", "th", "vi", "ms", "fil", "zh", "es"]))
def test_find_named_reads_what_a_language_writes(day: datetime.date, locale: str) -> None:
    """Every month's own name, with a year, is read back exactly."""
    names = [name for name, month in month_names(locale).items() if month == day.month]
    for name in names:
        text = f"{name}{day.day}日" if name[0].isdigit() else f"{day.day} {name} {day.year}"
        found = [one.value for one in find_named(text, month_names(locale), day)]
        assert [day.isoformat()] == found, text


@pytest.mark.parametrize(
    ("text", "value"), [("25/12", "2026-12-25"), ("1.3", "2027-03-01"), ("32/1", None), ("x", None)]
)
def test_read_short_reads_day_and_month(text: str, value: str | None) -> None:
    """Day first; the next such day."""
    assert read_short(text, {}, TODAY) == value


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("en", "the 20th", "2026-03-20"),
        ("en", "on the 5th", "2026-04-05"),
        ("en", "31st", "2026-03-31"),
        ("en", "3 days", None),
        ("en", "6pm", None),
        ("id", "tgl 28", "2026-03-28"),
        ("id", "tanggal 5", "2026-04-05"),
        ("th", "วันที่ 15", "2026-03-15"),
        ("vi", "ngày 9", "2026-04-09"),
        ("vi", "9 ngày nữa", None),
        ("zh", "20号", "2026-03-20"),
        ("zh", "32号", None),
        ("es", "el 12", "2026-03-12"),
    ],
)
def test_read_short_reads_a_day_of_the_month(code: str, text: str, value: str | None) -> None:
    """The next such day, by the words the pack has beside it; a number of days or an hour is none."""
    assert read_short(text, load_pack(code, DATA).lookups["day"], TODAY) == value
