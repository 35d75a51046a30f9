"""Messages spoilt as buyers spoil them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from evaluation.noise import (
    add_blanks,
    add_emoji,
    drop_blanks,
    list_noises,
    measure_noise,
    mistype,
    mistype_unspaced,
)
from evaluation.sentences import Sentence

TEXTS = st.text(alphabet=st.characters(codec="utf-8", categories=("L", "Mn", "Nd", "Po", "Zs")), max_size=60)


@given(TEXTS, st.sampled_from(["en", "th", "zh", "vi"]), st.integers())
def test_noise_of_a_seed_is_always_the_same(text: str, language: str, seed: int) -> None:
    """Two runs are measured on the same messages."""
    for spoil in list_noises(language).values():
        assert spoil(text, random.Random(seed)) == spoil(text, random.Random(seed))


@given(st.lists(st.sampled_from(["where", "order", "SH1001", "paket", "ok"]), min_size=1, max_size=9), st.integers())
def test_a_slip_leaves_numbers_and_most_letters(words: list[str], seed: int) -> None:
    """A word loses or gains one letter at most; an order number stays as it is."""
    spoilt = mistype(" ".join(words), random.Random(seed)).split(" ")
    assert len(spoilt) == len(words)
    for before, after in zip(words, spoilt, strict=True):
        assert abs(len(before) - len(after)) <= 1
        assert before == after or before != "SH1001"


def test_a_quarter_of_the_words_is_spoilt() -> None:
    """Not one more or fewer than chance has it."""
    words = ["parcel"] * 4000
    spoilt = mistype(" ".join(words), random.Random(1)).split(" ")
    assert 0.2 < sum(word != "parcel" for word in spoilt) / 4000 < 0.3


@given(st.text(alphabet="ของถึงไหนแล้ว", min_size=1, max_size=40), st.integers())
def test_blanks_come_and_go_without_the_letters(text: str, seed: int) -> None:
    """Nothing but blanks changes."""
    assert add_blanks(text, random.Random(seed)).replace(" ", "") == text
    latin = "where is my parcel now"
    assert drop_blanks(latin, random.Random(seed)).replace(" ", "") == latin.replace(" ", "")
    assert mistype_unspaced("", random.Random(seed)) == ""


def test_emoji_are_added_to_the_text() -> None:
    assert "สวัสดี" in add_emoji("สวัสดี", random.Random(3)) != "สวัสดี"


def test_what_is_lost_is_counted() -> None:
    """A reader that knows capitals only loses everything to small letters, and nothing to capitals."""
    sentences = [Sentence("en", "WHERE IS IT", "order_status")] * 6

    def read(texts: list[str]) -> list[str]:
        return ["order_status" if text.isupper() else "greet" for text in texts]

    measured = measure_noise("en", sentences, read)
    assert measured["lower case"] == {"sentences": 2, "accuracy": 0.0, "lost": 1.0}
    assert measured["upper case"] == {"sentences": 2, "accuracy": 1.0, "lost": 0.0}
