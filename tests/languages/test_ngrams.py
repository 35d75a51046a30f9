"""Features of texts and their weights."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.ngrams import NgramIndex, Ngrams, hash_characters, hash_marks, hash_words

DOCUMENTS = hash_marks([["a", "b", "b"], ["a", "c"], ["a"]])
NGRAMS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=6)
WORDS = st.lists(st.text("abก中🙂", min_size=1, max_size=4), max_size=9)


def of(ngrams: Ngrams, row: int) -> list[int]:
    """The hashes of one text, sorted."""
    return sorted(ngrams.hashes[ngrams.rows == row].tolist())


def name(mark: str) -> int:
    """The number of a named feature."""
    return int(hash_marks([[mark]]).hashes[0])


@given(st.text(max_size=20), st.integers(1, 3), st.integers(0, 3))
def test_hash_characters_have_their_number(text: str, shortest: int, more: int) -> None:
    """A text of n characters has n + 3 - size runs of a size, as far as there are any; the same run the same hash."""
    sizes = range(shortest, shortest + more + 1)
    padded = f" {text} "
    runs = {padded[start : start + size] for size in sizes for start in range(len(padded) - size + 1)}
    found = hash_characters([text], shortest, shortest + more).hashes
    assert sum(max(0, len(text) + 3 - size) for size in sizes) == len(found)
    assert len(runs) == len(set(found.tolist()))


@given(WORDS, st.integers(1, 12))
def test_hash_words_are_words_neighbours_and_pairs(words: list[str], paired: int) -> None:
    """Each word, each with the one before it or the ends, and any two different ones of the first few."""
    found = hash_words([words], paired).hashes.tolist()
    neighbours = list(zip(["", *words], [*words, ""], strict=True)) if words else []
    pairs = set(itertools.combinations(sorted(set(words[:paired])), 2))
    assert len(words) + len(neighbours) + len(pairs) == len(found)
    assert len(set(words)) + len(set(neighbours)) + len(pairs) == len(set(found))


@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(0, 12))
def test_many_texts_have_what_each_has_alone(texts: list[list[str]], paired: int) -> None:
    """No n-gram reaches from one text into another."""
    words, characters = hash_words(texts, paired), hash_characters([" ".join(own) for own in texts], 1, 4)
    for row, own in enumerate(texts):
        assert of(hash_words([own], paired), 0) == of(words, row)
        assert of(hash_characters([" ".join(own)], 1, 4), 0) == of(characters, row)


def test_order_of_words_tells_neighbours_not_pairs() -> None:
    """ "refund order" and "order refund" share the words and their pair, not the neighbours."""
    first, second = (
        set(hash_words([words], 12).hashes.tolist()) for words in (["refund", "order"], ["order", "refund"])
    )
    assert 3 == len(first & second)
    assert 6 == len(first)


def test_a_word_of_any_length_is_one_ngram() -> None:
    """A hundred thousand letters without a blank are read as one word."""
    assert 1 == len(hash_words([["a" * 100_000]], 0).hashes)


def test_fit_weighs_by_rarity() -> None:
    """Inverse document frequency as computed by hand: ln((1+n)/(1+df)) + 1."""
    index, _ = NgramIndex.fit(DOCUMENTS)
    weights = dict(zip(index.known.tolist(), index.weights.tolist(), strict=True))
    assert pytest.approx({name("a"): 1.0, name("b"): math.log(2) + 1, name("c"): math.log(2) + 1}) == weights


def test_fit_leaves_out_what_is_rare() -> None:
    """N-grams of fewer documents than asked for do not count; twice in one document is one document."""
    assert [name("a")] == NgramIndex.fit(DOCUMENTS, least=2)[0].known.tolist()


def test_vector_is_as_computed_by_hand() -> None:
    """(1 + ln tf) · idf, scaled to length one."""
    built, _ = NgramIndex.fit(DOCUMENTS)
    index, values = built.vector(hash_marks([["a", "b", "b", "z"]]))
    raw = {name("a"): 1.0, name("b"): (1 + math.log(2)) * (math.log(2) + 1)}
    length = math.hypot(*raw.values())
    assert pytest.approx({mark: value / length for mark, value in raw.items()}) == dict(
        zip(built.known[index].tolist(), values.tolist(), strict=True)
    )


@given(NGRAMS, st.lists(st.sampled_from("abcxyz"), max_size=8))
def test_vector_has_length_one_or_nothing(documents: list[list[str]], asked: list[str]) -> None:
    """Known n-grams give a vector of length one; a text of none an empty one."""
    built, _ = NgramIndex.fit(hash_marks(documents))
    index, values = built.vector(hash_marks([asked]))
    known = set(asked) & {word for own in documents for word in own}
    assert len(known) == len(index)
    assert (1.0 if known else 0.0) == pytest.approx(float(np.linalg.norm(values)), abs=1e-5)


@given(NGRAMS, st.integers(1, 2))
def test_matrix_has_the_vectors_as_rows(documents: list[list[str]], least: int) -> None:
    """Every row is what the document's own vector is."""
    built, matrix = NgramIndex.fit(hash_marks(documents), least)
    rows = matrix.toarray()
    assert (len(documents), len(built.known)) == rows.shape
    for row, document in zip(rows, documents, strict=True):
        index, values = built.vector(hash_marks([document]))
        expected = np.zeros(len(built.known))
        expected[index] = values
        assert expected.tolist() == pytest.approx(row.tolist())
