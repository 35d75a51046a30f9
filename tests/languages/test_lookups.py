"""What a message names by the word lists of its language."""

from __future__ import annotations

import pytest

from tests.languages.entities import find, pairs


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "do you have it in navy blue", [("color", "navy")]),
        ("en", "the black one", [("color", "black")]),
        ("id", "warna hitam ada?", [("color", "black")]),
        ("th", "มีสีดำมั้ย", [("color", "black")]),
        ("en", "i don't like it", []),
    ],
)
def test_find_colours(code: str, source: str, expected: list[tuple[str, str]]) -> None:
    """A colour is told by a code, however long its name and whatever the language."""
    assert expected == pairs(code, source, "color")


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "size m please, i need it soon", "m"),
        ("en", "do you still have xxxl in stock today", "xxxl"),
        ("en", "XXXL", "xxxl"),
        ("en", "M", "m"),
        ("en", "extra large", "xl"),
        ("id", "ukuran L masih ada ga kak buat besok", "l"),
        ("th", "มีไซส์ m ไหมคะ", "m"),
        ("zh", "想换大一码 38码", "38"),
        ("zh", "36.5碼有嗎", "36.5"),
    ],
)
def test_find_sizes(code: str, source: str, expected: str) -> None:
    """A size is found as a word, after the word for it, or where little else is said."""
    assert [expected] == [str(value).lower() for _, value in pairs(code, source, "size")]


@pytest.mark.parametrize("code", ["en", "id", "th"])
@pytest.mark.parametrize(("first", "second"), [("2xl", "xxl"), ("3XL", "xxxl"), ("XL", "xl")])
def test_find_sizes_have_one_value(code: str, first: str, second: str) -> None:
    """The same size has the same value (in any case), however it is counted."""
    values = [str(value).lower() for source in (first, second) for _, value in pairs(code, source, "size")]
    assert [second, second] == values


def test_find_single_letter_in_a_sentence_is_no_size() -> None:
    """A letter in the middle of a sentence is a letter."""
    assert [] == pairs("en", "what does the letter m on the label mean", "size")


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "will it come before Christmas?", "2026-12-25"),
        ("en", "need it by friday", "2026-03-13"),
        ("en", "tomorrow", "2026-03-11"),
        ("id", "besok bisa sampai?", "2026-03-11"),
        ("th", "พรุ่งนี้ได้ของมั้ย", "2026-03-11"),
        ("en", "before 25/12/2026", "2026-12-25"),
        ("th", "ก่อนวันที่ 13/4/2569", "2026-04-13"),
        ("en", "2026-12-25", "2026-12-25"),
    ],
)
def test_find_dates(code: str, source: str, expected: str) -> None:
    """Days come out as ISO dates, counted from today."""
    assert [expected] == [value for _, value in pairs(code, source, "date")]


@pytest.mark.parametrize(
    ("code", "source"), [("en", "does it support 5G?"), ("id", "bisa 5g ga kak"), ("th", "รองรับ 5G ไหมคะ")]
)
def test_find_attribute_5g(code: str, source: str) -> None:
    """5G is a property of a phone, not five grams."""
    found = pairs(code, source, "attribute", "weight")
    assert ("attribute", "5g") in found
    assert ["attribute"] * len(found) == [kind for kind, _ in found]


@pytest.mark.parametrize(
    ("code", "source", "country"),
    [
        ("en", "do you ship to Bangkok", "TH"),
        ("en", "shipping to New York city", "US"),
        ("id", "kirim ke Bandung bisa?", "ID"),
        ("th", "ส่งเชียงใหม่ไหมคะ", "TH"),
    ],
)
def test_find_city_gives_its_country(code: str, source: str, country: str) -> None:
    """A city is found with the country it lies in, at the same place."""
    found = find(code, source)
    places = {entity.kind: (entity.start, entity.end) for entity in found if entity.kind in ("city", "country")}
    assert [("country", country)] == [(e.kind, e.value) for e in found if e.kind == "country"]
    assert places["city"] == places["country"]


@pytest.mark.parametrize(
    ("code", "source", "country"),
    [
        ("en", "ship to Singapore?", "SG"),
        ("id", "kirim ke Jepang", "JP"),
        ("th", "ส่งไปญี่ปุ่นไหม", "JP"),
        ("id", "to germany", "DE"),
    ],
)
def test_find_country_in_own_and_english_name(code: str, source: str, country: str) -> None:
    """Countries are known by their names in the language and in English."""
    assert country in [value for _, value in pairs(code, source, "country")]


def test_find_learnt_phrase() -> None:
    """What examples named is found again."""
    assert [("product_name", "photobook")] == pairs("en", "is the Photobook still there", "product_name")
