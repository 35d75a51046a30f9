"""Sizes come from the product's chart and from nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.model import Size
from pasar.commerce.sizing import Recommendation, recommend_size
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
    assert expected == recommend_size(DRESS, height, weight)


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
    assert expected == recommend_size(SHOE, foot_length=length)


@pytest.mark.parametrize(
    ("weight", "expected"), [(45, Recommendation("M", "fits", "S")), (63, Recommendation("L", "fits"))]
)
def test_loose_is_one_size_up_where_there_is_one(weight: float, expected: Recommendation) -> None:
    """Who likes it loose gets the next size, but never one that does not exist."""
    assert expected == recommend_size(DRESS, weight=weight, loose=True)


def test_without_chart_or_measures_there_is_no_size() -> None:
    """Nothing is guessed: no chart or no measure in it gives None."""
    assert recommend_size(make_product(), 160, 50) is None
    assert recommend_size(DRESS) is None
    assert recommend_size(DRESS, foot_length=24) is None
    assert recommend_size(SHOE, 160, 50) is None


measures = st.one_of(st.none(), st.floats(1, 400))


@given(height=measures, weight=measures, loose=st.booleans())
def test_sizes_are_always_in_the_chart(height: float | None, weight: float | None, loose: bool) -> None:
    """Whatever the body, both named sizes exist and differ."""
    found = recommend_size(DRESS, height, weight, loose=loose)
    assert (height is None and weight is None) == (found is None)
    if found is not None:
        assert found.size in {"S", "M", "L"}
        assert found.other in {"S", "M", "L", None} - {found.size}


@given(length=st.floats(1, 40), growth=st.floats(0, 10))
def test_a_longer_foot_never_gets_a_smaller_shoe(length: float, growth: float) -> None:
    """The size grows with the foot."""
    small, large = recommend_size(SHOE, foot_length=length), recommend_size(SHOE, foot_length=length + growth)
    assert small is not None
    assert large is not None
    assert int(small.size) <= int(large.size)
