"""Money, days and names as each language writes them."""

from __future__ import annotations

import datetime
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.model import Money
from pasar.languages.formatting import (
    country_names,
    format_country,
    format_date,
    format_money,
    join_names,
    label,
    weekday_names,
)
from pasar.languages.pack import load_pack
from tests.languages.samples import DATA

TODAY = datetime.date(2026, 3, 10)
PACKS = {code: load_pack(code, DATA) for code in ("en", "id", "th")}


@pytest.mark.parametrize(
    ("code", "amount", "currency", "expected"),
    [
        ("id", "259000", "IDR", "Rp 259.000"),
        ("en", "259000", "IDR", "Rp 259,000"),
        ("th", "790", "THB", "฿790"),
        ("th", "790.00", "THB", "฿790"),
        ("th", "1290.50", "THB", "฿1,290.50"),
        ("en", "12.5", "USD", "$12.50"),
        ("en", "85.00", "USD", "$85"),
        ("id", "12.50", "USD", "$12,50"),
        ("en", "5", "XYZ", "XYZ 5"),
    ],
)
def test_format_money(code: str, amount: str, currency: str, expected: str) -> None:
    """The sign of the currency, the language's separators, cents only where there are any."""
    assert expected == format_money(Money(decimal.Decimal(amount), currency), PACKS[code])


@given(st.integers(0, 10**12))
def test_format_money_keeps_every_digit(amount: int) -> None:
    """No amount is rounded or shortened."""
    written = format_money(Money(decimal.Decimal(amount), "IDR"), PACKS["id"])
    assert str(amount) == written.removeprefix("Rp ").replace(".", "")


@pytest.mark.parametrize(
    ("code", "days", "expected"),
    [
        ("en", 0, "Mar 10 (today)"),
        ("en", -1, "Mar 9 (yesterday)"),
        ("en", 1, "Mar 11 (tomorrow)"),
        ("en", 5, "Mar 15"),
        ("en", 365, "Mar 10, 2027"),
        ("id", 0, "10 Mar (hari ini)"),
        ("id", -1, "9 Mar (kemarin)"),
        ("th", 0, "10 มี.ค. (วันนี้)"),
        ("th", -1, "9 มี.ค. (เมื่อวาน)"),
    ],
)
def test_format_date(code: str, days: int, expected: str) -> None:
    """Near days are named, the year is told only where it is another."""
    assert expected == format_date(TODAY + datetime.timedelta(days=days), PACKS[code], TODAY)


@pytest.mark.parametrize(("code", "expected"), [("en", "Japan"), ("id", "Jepang"), ("th", "ญี่ปุ่น")])
def test_format_country(code: str, expected: str) -> None:
    """A country in the buyer's language; an unknown code as it is."""
    assert (expected, "QQ") == (format_country("JP", PACKS[code]), format_country("QQ", PACKS[code]))


def test_country_names_are_known_in_english_and_own_language() -> None:
    """Both names lead to the code."""
    names = country_names("id_ID")
    assert ("JP", "JP", "DE") == (names["jepang"], names["japan"], names["jerman"])
    assert all(len(code) == 2 for code in names.values())


@pytest.mark.parametrize(
    ("code", "names", "expected"),
    [
        ("en", ["a", "b", "c"], "a, b and c"),
        ("id", ["a", "b"], "a dan b"),
        ("th", ["a", "b"], "a และ b"),
        ("en", ["a"], "a"),
        ("en", [], ""),
    ],
)
def test_join_names(code: str, names: list[str], expected: str) -> None:
    """A list in a sentence ends with the language's "and"."""
    assert expected == join_names(names, PACKS[code])


def test_label_is_the_pack_s_first_form() -> None:
    """A code is told as the pack says; one that it does not know, in plain letters."""
    assert ["black", "rose gold"] == [label("color", value, PACKS["en"]) for value in ("black", "rose_gold")]
    assert "black" != label("color", "black", PACKS["th"])


@pytest.mark.parametrize(
    ("days", "expected"),
    [([0, 1, 2, 3, 4, 5], "Mon–Sat"), ([5, 0, 2], "Mon, Wed, Sat"), ([0, 1], "Mon, Tue"), ([], "")],
)
def test_weekday_names(days: list[int], expected: str) -> None:
    """Days in a row are told as from–to."""
    assert expected == weekday_names(days, PACKS["en"])
