"""Measures against figures worked out by hand."""

from __future__ import annotations

import pytest

from evaluation.metrics import (
    Score,
    accuracy,
    accuracy_among,
    count_confusions,
    expected_calibration_error,
    find_worst,
    keep_comparable,
    macro_f1,
    score_labels,
    score_spans,
    share,
)
from pasar.languages.tagger import Span

GOLD = ["a", "a", "a", "b", "b", "c"]
READ = ["a", "a", "b", "b", "d", "a"]


def test_score_is_precision_recall_and_harmonic_mean() -> None:
    """a: 2 of 3 found are right, 2 of 3 there are found."""
    score = score_labels(GOLD, READ)["a"]

    assert (2, 3, 3) == (score.right, score.found, score.gold)
    assert pytest.approx(2 / 3) == score.precision
    assert pytest.approx(2 / 3) == score.recall
    assert pytest.approx(2 / 3) == score.f1


def test_score_of_nothing_is_zero() -> None:
    """Neither found nor there: no division by zero."""
    assert (0.0, 0.0, 0.0) == (Score(0, 0, 0).precision, Score(0, 0, 0).recall, Score(0, 0, 0).f1)


def test_macro_f1_is_the_mean_over_labels_that_occur() -> None:
    """a 2/3, b 2·1/(2+2) = 1/2, c 0; d was never meant and does not count."""
    assert pytest.approx((2 / 3 + 1 / 2 + 0) / 3) == macro_f1(score_labels(GOLD, READ))


def test_accuracy_and_first_three() -> None:
    """3 of 6 right; among the offered ones 2 of 3."""
    assert accuracy(GOLD, READ) == 0.5
    assert accuracy_among(["a", "b", "c"], [("x", "a"), ("b",), ("a", "b", "d")]) == pytest.approx(2 / 3)


def test_share_of_nothing_is_unknown() -> None:
    """No sentences, no figure."""
    assert share([]) is None


def test_confusions_count_every_pair() -> None:
    """Zeros are left out."""
    assert {"a": {"a": 2, "b": 1}, "b": {"b": 1, "d": 1}, "c": {"a": 1}} == count_confusions(GOLD, READ)


def test_worst_confusions_are_most_frequent_first() -> None:
    """With their sentences; ties by name."""
    worst = find_worst(["a", "b", "a", "b"], ["b", "a", "b", "b"], ["one", "two", "three", "four"])

    assert [("a", "b", 2), ("b", "a", 1)] == [(one["gold"], one["read"], one["number"]) for one in worst]
    assert ["one", "three"] == worst[0]["examples"]


def test_spans_match_where_they_overlap_and_are_of_one_kind() -> None:
    """Right: the size, though longer. Wrong: another kind; a second span for one annotation; touching only."""
    gold = [[Span("size", 0, 4)], [Span("date", 3, 8)], [Span("color", 0, 3)]]
    found = [[Span("size", 2, 9), Span("size", 0, 2)], [Span("price", 3, 8)], [Span("color", 3, 6)]]
    scores = score_spans(gold, found)

    assert (1, 2, 1) == (scores["size"].right, scores["size"].found, scores["size"].gold)
    assert (0, 0, 1) == (scores["date"].right, scores["date"].found, scores["date"].gold)
    assert scores["color"].right == 0
    assert (1, 4, 3) == (scores["all"].right, scores["all"].found, scores["all"].gold)


def test_calibration_error_is_the_mean_distance_over_bins() -> None:
    """0.95 twice, once right: |0.5 − 0.95|; 0.15 once, wrong: |0 − 0.15|; weighted 2:1."""
    assert pytest.approx((2 * 0.45 + 1 * 0.15) / 3) == expected_calibration_error(
        [0.95, 0.95, 0.15], [True, False, False]
    )


def test_keep_comparable_leaves_out_what_nobody_marks() -> None:
    """The country of a city, and kinds that are never annotated, are no mistakes."""
    city, country = Span("city", 0, 4), Span("country", 0, 4)
    other = Span("country", 9, 12)
    gold = [[city], [other]]
    assert [[city], [other]] == keep_comparable(gold, [[city, country], [other, Span("attribute", 0, 2)]])
