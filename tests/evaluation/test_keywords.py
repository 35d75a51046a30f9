"""The keyword baseline, on examples small enough to work out by hand."""

from __future__ import annotations

import pytest

from evaluation.keywords import KeywordBaseline, chi_square

TEXTS = ["where parcel", "parcel late", "where refund", "refund late", "hello"]
INTENTS = ["order_status", "order_status", "refund_status", "refund_status", "greet"]


def test_chi_square_is_that_of_the_table() -> None:
    """A=2, B=0, C=0, D=3, N=5: 5·(6−0)²/(2·3·2·3) = 5, the word tells all."""
    assert chi_square(2, 2, 2, 5) == pytest.approx(5.0)


def test_a_word_that_speaks_against_an_intent_is_not_telling() -> None:
    """AD < BC: the statistic is high, the word is no sign of the intent."""
    assert chi_square(0, 2, 2, 5) == 0.0


def test_most_hits_win() -> None:
    """Two words for a refund, one that says nothing."""
    baseline = KeywordBaseline.fit(TEXTS, INTENTS, str.split)

    assert baseline.read("refund late refund") == "refund_status"
    assert baseline.read("my parcel") == "order_status"
    assert baseline.read("hello there") == "greet"


def test_no_known_word_reads_as_the_most_usual_intent() -> None:
    """Of two equally usual ones the first by name."""
    assert KeywordBaseline.fit(TEXTS, INTENTS, str.split).read("xyz") == "order_status"


def test_only_the_most_telling_words_are_kept() -> None:
    """One word an intent."""
    baseline = KeywordBaseline.fit(TEXTS, INTENTS, str.split, most=1)

    assert {"order_status": ["parcel"], "refund_status": ["refund"], "greet": ["hello"]} == {
        intent: list(words) for intent, words in baseline.words.items()
    }
