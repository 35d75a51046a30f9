"""Words as they were probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.spelling import Speller

SPELLER = Speller(
    {
        "where": 900,
        "refund": 300,
        "order": 800,
        "free": 200,
        "shipping": 500,
        "sender": 5,
        "the": 2000,
        "a": 900,
        "sleep": 4,
    }
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("refnud", ["refund"]),  # two letters swapped
        ("refnd", ["refund"]),  # one left out
        ("reffund", ["refund"]),  # one doubled
        ("rafund", ["refund"]),  # one wrong
        ("freeshipping", ["free", "shipping"]),  # a lost blank
        ("wheree", ["where"]),
        ("order", ["order"]),  # known
        ("xyz", ["xyz"]),  # too short to tell
        ("sh1001", ["sh1001"]),  # no word
        ("zebra", ["zebra"]),  # nothing is near
        ("", [""]),
    ],
)
def test_mend_finds_the_word_that_was_meant(written: str, meant: list[str]) -> None:
    """One slip away, or two words that lost their blank; all others stay."""
    assert meant == SPELLER.mend([written])


def test_mend_takes_what_buyers_write_more_often() -> None:
    """Of two words as near, the common one; one with the same beginning before another."""
    assert ["order"] == Speller({"older": 5, "order": 800}).mend(["oder"])
    assert ["coast"] == Speller({"coast": 40, "boat": 100}).mend(["coat"])


def test_fit_leaves_out_what_two_examples_have() -> None:
    """A slip of two buyers is no word."""
    speller = Speller.fit([["order"]] * 3 + [["ordr"]] * 2)
    assert ["order", "order"] == speller.mend(["order", "ordr"])


@given(st.lists(st.text(max_size=20), max_size=8))
def test_mend_keeps_all_letters_words_of_which_are_unknown(words: list[str]) -> None:
    """Nothing is lost and nothing fails whatever is written: every word becomes one or two."""
    mended = SPELLER.mend(words)
    assert len(words) <= len(mended) <= 2 * len(words)
