"""Sizes come from the product's chart and from nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.labels import Label
from pasar.commerce.model import Size
from pasar.commerce.sizing import (
    Recommendation,
    correct_measure,
    find_needed,
    recommend_by_label,
    recommend_size,
)
from tests.commerce.samples import make_product

DRESS = make_product(
    chart=(
        Size("S", height=(148, 156), weight=(40, 49)),
        Size("M", height=(155, 163), weight=(48, 57)),
        Size("L", height=(162, 170), weight=(56, 66)),
    )
)
SHOE = make_product(
    chart=(
        Size("38", foot_length=(23.5, 24.1)),
        Size("39", foot_length=(24.2, 24.7)),
        Size("40", foot_length=(24.8, 25.4)),
    )
)


GOWN = make_product(
    chart=(
        Size("S", height=(148, 156), weight=(40, 49), bust=(80, 86), waist=(62, 68)),
        Size("M", height=(155, 163), weight=(48, 57), bust=(86, 92), waist=(68, 74)),
        Size("L", height=(162, 170), weight=(56, 66), bust=(92, 98), waist=(74, 82)),
    )
)
BOOT = dataclasses.replace(
    make_product(
        chart=(
            Size("37", foot_length=(22.8, 23.4)),
            Size("38", foot_length=(23.5, 24.1)),
            Size("39", foot_length=(24.2, 24.7)),
            Size("40", foot_length=(24.8, 25.4)),
            Size("41", foot_length=(25.5, 26.1)),
            Size("42", foot_length=(26.2, 26.7)),
        )
    ),
    size_unit="foot",
)


def given_of(**measures: float | None) -> dict[str, float]:
    """The measures that are there."""
    return {name: value for name, value in measures.items() if value is not None}


@pytest.mark.parametrize(
    ("height", "weight", "expected"),
    [
        (150, 45, Recommendation("S", "fits")),
        (160, 52, Recommendation("M", "fits")),
        (155.5, 48.5, Recommendation("M", "between", "S")),
        (160, 56.5, Recommendation("M", "fits")),
        (160, 60, Recommendation("L", "between", "M")),
        (168, 45, Recommendation("L", "between", "S")),
        (180, 60, Recommendation("L", "above_chart")),
        (160, 90, Recommendation("L", "above_chart")),
        (140, 35, Recommendation("S", "below_chart")),
        (140, 52, Recommendation("M", "between", "S")),
        (160, None, Recommendation("M", "fits")),
        (None, 60, Recommendation("L", "fits")),
    ],
)
def test_body_measures(height: float | None, weight: float | None, expected: Recommendation) -> None:
    """Height and weight together decide, the larger size where they disagree."""
    assert expected == recommend_size(DRESS, given_of(height=height, weight=weight))


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (23.8, Recommendation("38", "fits")),
        (24.7, Recommendation("39", "fits")),
        (24.75, Recommendation("40", "between", "39")),
        (20, Recommendation("38", "below_chart")),
        (30, Recommendation("40", "above_chart")),
    ],
)
def test_foot_length(length: float, expected: Recommendation) -> None:
    """A foot in the gap between two rows is between their sizes."""
    assert expected == recommend_size(SHOE, {"foot_length": length})


@pytest.mark.parametrize(
    ("weight", "expected"), [(45, Recommendation("M", "loose", "S")), (63, Recommendation("L", "fits"))]
)
def test_loose_is_one_size_up_where_there_is_one(weight: float, expected: Recommendation) -> None:
    """Who likes it loose gets the next size, but never one that does not exist."""
    assert expected == recommend_size(DRESS, {"weight": weight}, "loose")


def test_without_chart_or_measures_there_is_no_size() -> None:
    """Nothing is guessed: no chart or no measure in it gives None."""
    assert recommend_size(make_product(), {"height": 160, "weight": 50}) is None
    assert recommend_size(DRESS, {}) is None
    assert recommend_size(DRESS, {"foot_length": 24}) is None
    assert recommend_size(SHOE, {"height": 160, "weight": 50}) is None


measures = st.one_of(st.none(), st.floats(1, 400))


@given(height=measures, weight=measures, fit=st.sampled_from(["loose", "tight", None]))
def test_sizes_are_always_in_the_chart(height: float | None, weight: float | None, fit: Any) -> None:
    """Whatever the body, both named sizes exist and differ."""
    found = recommend_size(DRESS, given_of(height=height, weight=weight), fit)
    assert (height is None and weight is None) == (found is None)
    if found is not None:
        assert found.size in {"S", "M", "L"}
        assert found.other in {"S", "M", "L", None} - {found.size}


@given(length=st.floats(1, 40), growth=st.floats(0, 10))
def test_a_longer_foot_never_gets_a_smaller_shoe(length: float, growth: float) -> None:
    """The size grows with the foot."""
    small, large = recommend_size(SHOE, {"foot_length": length}), recommend_size(SHOE, {"foot_length": length + growth})
    assert small is not None
    assert large is not None
    assert int(small.size) <= int(large.size)


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        (None, Recommendation("L", "between", "M")),
        ("loose", Recommendation("L", "between_loose", "M")),
        ("tight", Recommendation("M", "between_tight", "L")),
    ],
)
def test_between_two_sizes_the_habit_decides(fit: Any, expected: Recommendation) -> None:
    """Loose takes the larger, tight the smaller; who says nothing is told the larger."""
    assert expected == recommend_size(GOWN, {"height": 162.5, "weight": 56.5}, fit)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], ("height", "weight")),
        (["weight"], ("height",)),
        (["waist"], ("height", "weight")),
        (["bust"], ()),
        (["foot_length"], ("height", "weight")),
        (["height", "weight"], ()),
    ],
)
def test_only_what_the_chart_needs_is_asked(known: list[str], expected: tuple[str, ...]) -> None:
    """The bust alone is enough where the chart has it."""
    assert expected == find_needed(GOWN, known)


def test_trousers_and_charts_of_one_girth() -> None:
    """The waist is enough where there is no bust, and is asked for where there is nothing else. Without a chart: nothing."""
    trousers = make_product(chart=(Size("S", height=(150, 160), waist=(60, 68)),))
    assert find_needed(trousers, ["waist"]) == ()
    assert find_needed(trousers, []) == ("height",)
    assert find_needed(make_product(chart=(Size("S", waist=(60, 68)),)), []) == ("waist",)
    assert find_needed(make_product(), []) == ()


@pytest.mark.parametrize(
    ("label", "wearer", "expected"),
    [
        ("EU 39", None, Recommendation("39", "fits")),
        ("UK 6", None, Recommendation("39", "fits")),
        ("UK 8", None, Recommendation("42", "fits")),
        ("US 9", "men", Recommendation("42", "fits")),
        ("US 8", "women", Recommendation("39", "between", "38")),
        ("JP 24.5", None, Recommendation("39", "fits")),
        ("KR 245", None, Recommendation("39", "fits")),
        ("CN 39", None, Recommendation("39", "fits")),
        ("US 8", None, None),
        ("UK 12", "child", None),
        ("EU 60", None, None),
    ],
)
def test_shoe_of_another_system(label: str, wearer: Any, expected: Recommendation | None) -> None:
    """Converted to the foot, found in the chart; women's American sizes by two conventions come out between two."""
    known = Label.read(label)
    assert known is not None
    found = recommend_by_label(BOOT, known, wearer)
    assert expected == (found and found[0])


@pytest.mark.parametrize(
    ("label", "wearer", "expected"),
    [
        ("EU 38", None, Recommendation("M", "fits")),
        ("UK 10", "women", Recommendation("M", "fits")),
        ("US 6", None, Recommendation("M", "fits")),
        ("JP 9", None, Recommendation("S", "fits")),
        ("EU 48", "men", Recommendation("L", "fits")),
        ("EU 38", "child", None),
        ("KR 66", None, None),
        ("EU 39", None, None),
    ],
)
def test_clothes_of_another_system(label: str, wearer: Any, expected: Recommendation | None) -> None:
    """By the bust, a woman's where nobody says whose; nothing where no convention is known."""
    known = Label.read(label)
    assert known is not None
    found = recommend_by_label(GOWN, known, wearer)
    assert expected == (found and found[0])
    assert recommend_by_label(DRESS, known, wearer) is None  # no bust in the chart


@pytest.mark.parametrize("text", ["", "US", "US x", "8 US"])
def test_what_is_no_label(text: str) -> None:
    """A label is a system and a number."""
    assert Label.read(text) is None


@pytest.mark.parametrize(
    ("known", "numbers", "expected"),
    [
        (156, [165, 156], 165),
        (156, [156, 165], 165),
        (156, [165], None),
        (156, [165, 55], None),
        (156, [156, 156], None),
    ],
)
def test_correction_names_the_old_number_too(known: float, numbers: list[float], expected: float | None) -> None:
    """ "165 not 156" corrects 156, two other numbers correct nothing."""
    assert expected == correct_measure(known, numbers)
