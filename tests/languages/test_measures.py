"""Body measures, in centimetres and kilograms."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.measures import Measure, find, from_number

UNITS = {
    "cm": "cm",
    "m": "m",
    "mm": "mm",
    "inch": "inch",
    "kg": "kg",
    "lbs": "pound",
    "stone": "stone",
    "g": "gram",
    "ซม.": "cm",
    "กก": "kg",
}

WORDS = {
    "tall": "height",
    "weigh": "weight",
    "foot": "foot_length",
    "bust": "bust",
    "chest": "bust",
    "de busto": "bust",
    "waist": "waist",
    "อก": "bust",
    "胸围": "bust",
}


def values(text: str) -> list[tuple[str, float]]:
    """Kinds and values found."""
    return [(measure.kind, measure.value) for measure in find(text, UNITS, WORDS)]


@given(st.integers(90, 230))
def test_find_height_is_the_same_in_all_units(number: int) -> None:
    """Centimetres, metres and millimetres-free forms of one height give one value."""
    expected = [("height", float(number))]
    assert expected == values(f"{number} cm")
    assert expected == values(f"{number}cm")
    assert expected == values(f"{number / 100:.2f} m")


@given(st.integers(4, 7), st.integers(0, 11))
def test_find_feet_and_inches(feet: int, inches: int) -> None:
    """Feet and inches are converted exactly, however they are written."""
    expected = [("height", round(feet * 30.48 + inches * 2.54, 1))]
    for text in (f"{feet}'{inches}", f"{feet}'{inches}\"", f"{feet}ft {inches}in", f"{feet} feet {inches} inches"):
        assert expected == values(text)


@given(st.integers(130, 209), st.integers(35, 149))
def test_find_pair_is_height_then_weight(height: int, weight: int) -> None:
    """Two numbers with a stroke are height and weight, each at its own place."""
    text = f"{height}/{weight}"
    found = list(find(text, UNITS, WORDS))
    assert [("height", float(height)), ("weight", float(weight))] == [(one.kind, one.value) for one in found]
    assert [str(height), str(weight)] == [text[one.start : one.end] for one in found]


@given(st.text(st.sampled_from("0123456789.,/'\" cmkgftin"), max_size=30))
def test_find_stays_inside_the_text_and_overlaps_nothing(text: str) -> None:
    """Measures are parts of the text, none twice, and all of a size that bodies have."""
    found = sorted(find(text, UNITS, WORDS), key=lambda one: one.start)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    limits = {
        "height": (90, 241),
        "weight": (15, 250),
        "foot_length": (14, 34),
        "bust": (57, 150),
        "waist": (47, 150),
    }
    assert all(limits[one.kind][0] <= one.value <= limits[one.kind][1] for one in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120 lbs", [("weight", 54.4)]),
        ("9 stone", [("weight", 57.2)]),
        ("55,5 kg", [("weight", 55.5)]),
        ("24.5cm", [("foot_length", 24.5)]),
        ("245 mm", [("foot_length", 24.5)]),
        ("10 inch", [("foot_length", 25.4)]),
        ("165 ซม.", [("height", 165.0)]),
        ("1,65", [("height", 165.0)]),
        ("50 cm", []),
        ("300 kg", []),
        ("5g", []),
        ("5 gb", []),
        ("12/2026", []),
        ("165cmx", []),
        ("", []),
    ],
)
def test_find_takes_what_a_body_can_be(text: str, expected: list[tuple[str, float]]) -> None:
    """Numbers with units are measures where a body has such."""
    assert expected == values(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weigh 55", [("weight", 55.0)]),
        ("tall 165 weigh 55", [("height", 165.0), ("weight", 55.0)]),
        ("weigh 500", []),
        ("55", []),
    ],
)
def test_find_bare_number_by_the_word_before_it(text: str, expected: list[tuple[str, float]]) -> None:
    """A number without a unit is a measure after the word for it, where a body has it."""
    assert expected == values(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bust 92", [("bust", 92.0)]),
        ("bust 92 cm", [("bust", 92.0)]),
        ("bust: 36", [("bust", 91.4)]),
        ("waist 28 inch", [("waist", 71.1)]),
        ("a 44 inch chest", [("bust", 111.8)]),
        ('38" waist', [("waist", 96.5)]),
        ("88 de busto", [("bust", 88.0)]),
        ("bust 92 waist 70", [("bust", 92.0), ("waist", 70.0)]),
        ("weigh 55 bust 90", [("bust", 90.0), ("weight", 55.0)]),
        ("tall 165 cm bust 90", [("bust", 90.0), ("height", 165.0)]),
        ("90-60-90", [("bust", 90.0), ("waist", 60.0)]),
        ("34/26/36", [("bust", 86.4), ("waist", 66.0)]),
        ("160/84a", [("bust", 84.0), ("height", 160.0)]),
        ("160/68a", [("height", 160.0), ("waist", 68.0)]),
        ("อก 34", [("bust", 86.4)]),
        ("บอก 34", []),
        ("我胸围88", [("bust", 88.0)]),
        ("bust 500", []),
        ("12-11-26", []),
        ("busted 92", []),
    ],
)
def test_find_girths(text: str, expected: list[tuple[str, float]]) -> None:
    """Bust and waist by the word for them, in centimetres or inches; three with strokes; Chinese labels."""
    assert expected == sorted(values(text))


def test_find_without_units_of_the_pack() -> None:
    """A pack without units still has feet, pairs and metres."""
    assert [Measure("height", 165.0, 0, 4)] == list(find("1.65", {}, {}))


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        (165, "height", 165.0),
        (1.65, "height", 165.0),
        (55, "weight", 55.0),
        (24.5, "foot_length", 24.5),
        (55, "height", None),
        (5, "weight", None),
        (42, "foot_length", None),
        (245, "foot_length", 24.5),
        (36, "bust", 91.4),
        (92, "bust", 92.0),
        (28, "waist", 71.1),
        (10, "waist", None),
        (2.31, "height", None),
    ],
)
def test_from_number_is_what_the_kind_allows(number: float, kind: str, expected: float | None) -> None:
    """A bare number is a measure where the question was for it and a body has it."""
    assert expected == from_number(number, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1m65", [("height", 165.0)]),
        ("mình 1m7 nha", [("height", 170.0)]),
        ("1m6 50kg", [("height", 160.0), ("weight", 50.0)]),
        ("体重110斤", [("weight", 55.0)]),
        ("我165cm穿", [("height", 165.0)]),
    ],
)
def test_find_as_other_countries_write_it(text: str, expected: list[tuple[str, float]]) -> None:
    """Metres with what follows them, Chinese pounds, Chinese characters right beside a number."""
    units = {"m": "m", "cm": "cm", "kg": "kg", "斤": "jin"}
    assert expected == [(found.kind, found.value) for found in find(text, units, {})]
