"""Figures of one language, and the page and table made of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evaluation.charts import draw_confusions
from evaluation.readings import Reading
from evaluation.report import list_checks, percent, render, tabulate, write_report


def test_asked_back_counts_as_wrong(figures: dict[str, Any]) -> None:
    """Two of four right; the one asked back is among the first three all the same, as is the one taken for a refund."""
    ours = figures["languages"]["en"]["ours"]

    assert ours["accuracy"] == 0.5
    assert ours["asked_back"] == 0.25
    assert ours["among_three"] == 1.0
    assert ours["out_of_scope_recall"] == 0.0


def test_confidence_is_judged_by_the_intent_it_is_about(figures: dict[str, Any]) -> None:
    """0.05 + 0.55 + 0.15 + 0.75 over four: the last one had the right intent first."""
    assert figures["languages"]["en"]["ours"]["calibration_error"] == pytest.approx((0.05 + 0.55 + 0.15 + 0.75) / 4)


def test_crossed_pairs_are_counted_and_shown(figures: dict[str, Any]) -> None:
    """A parcel taken for a refund."""
    pairs = figures["languages"]["en"]["ours"]["pairs"]

    assert pairs["crossed"] == 1
    assert pairs["examples"] == [{"text": "still waiting", "gold": "order_status", "read": "refund_status"}]


def test_language_is_judged_with_short_sentences_apart(figures: dict[str, Any]) -> None:
    """The one of one word was taken for Thai."""
    told = figures["languages"]["en"]["identification"]

    assert (0.75, 1.0, 3) == (told["all"], told["longer"], told["longer_sentences"])
    assert [{"text": "hello", "read": "th"}] == told["wrong"]


def test_targets_say_what_is_missed(figures: dict[str, Any]) -> None:
    """Intents, language and the pair set are; sentences of two words are not."""
    assert [False, False, True, False] == [check["met"] for check in list_checks(figures)]
    assert "MISSED  English: intents read rightly: 50.0 %, target ≥ 90 %" in tabulate(figures)


def test_page_needs_nothing_else_and_escapes_buyers(figures: dict[str, Any]) -> None:
    """No address, no script; what a buyer wrote is text."""
    page = render(figures)

    assert not re.search(r"<script|<link|src=|https?://", page)
    assert "<b>the</b>" not in page
    assert "&lt;b&gt;the&lt;/b&gt;" in page


def test_page_shows_stories_and_stock_where_they_were_measured(figures: dict[str, Any]) -> None:
    """Both are left out by flags."""
    policy = {
        "name": "A policy", "actions": 10, "accuracy": 0.8, "acting": 5, "acting_accuracy": 0.6,
        "training_seconds": 1.0, "milliseconds": 2.0,
    }  # fmt: skip
    figures["stories"] = {"stories": 4, "folds": 2, "epochs": 1, "policies": [policy]}
    one = figures["languages"]["en"]
    one["diet"] = one["ours"]

    assert "A policy" in render(figures)
    assert "Rasa, DIET" in render(figures)
    assert "A policy: 80.0 % of 10 held-out actions" in tabulate(figures)


def test_page_owns_up_to_sentences_that_were_learnt(figures: dict[str, Any]) -> None:
    """A sentence in both sets is no test."""
    figures["languages"]["en"]["seen"] = 2

    assert "except that 2 of\nEnglish also stand among them" in render(figures)


def test_written_figures_are_those_of_the_page(figures: dict[str, Any], tmp_path: Path) -> None:
    """JSON beside HTML."""
    data, page = write_report(figures, tmp_path / "reports")

    assert json.loads(data.read_text(encoding="utf-8"))["languages"]["en"]["ours"]["accuracy"] == 0.5
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_heat_map_has_a_cell_for_each_pair() -> None:
    """Three cells with their numbers."""
    drawn = draw_confusions({"a": {"a": 3, "b": 1}, "b": {"b": 2}})

    assert drawn.count("<title>") == 3
    assert "a read as b: 1 of 4" in drawn


def test_percent_of_nothing_is_a_dash() -> None:
    """Not measured is not zero."""
    assert ("–", "97.3 %") == (percent(None), percent(0.9731))


def test_reading_comes_back_from_json(readings: list[Reading]) -> None:
    """Kept results of the stock model are read again."""
    from evaluation.readings import as_rows

    assert readings == [Reading.restore(row) for row in json.loads(json.dumps(as_rows(readings)))]


def test_harder_messages_are_in_page_and_table(figures: dict[str, Any]) -> None:
    """Slang half right, one of two messages with both needs, and what is marked."""
    assert {"sentences": 2, "both": 0.5, "one": 0.5} == figures["languages"]["en"]["two_needs"]
    assert "English: slang 50.0 %, both of two needs 50.0 %, entities F1 66.7 %" in tabulate(figures)
    assert "two needs, both seen" in render(figures)
