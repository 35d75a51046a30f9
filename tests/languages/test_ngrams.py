"""Features of texts and their weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.ngrams import NgramIndex, character_ngrams

DOCUMENTS = [["a", "b", "b"], ["a", "c"], ["a"]]
NGRAMS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=6)


def test_character_ngrams_mark_the_ends() -> None:
    """All runs of each length, the text's ends being blanks."""
    assert [" ", "o", "k", " ", " o", "ok", "k "] == character_ngrams("ok", 1, 2)
    assert [" ok "] == character_ngrams("ok", 4, 4)
    assert [] == character_ngrams("ok", 5, 6)


@given(st.text(max_size=20), st.integers(1, 3), st.integers(0, 3))
def test_character_ngrams_have_their_number(text: str, shortest: int, more: int) -> None:
    """A text of n characters has n + 3 - size runs of a size, as far as there are any."""
    sizes = range(shortest, shortest + more + 1)
    assert sum(max(0, len(text) + 3 - size) for size in sizes) == len(character_ngrams(text, shortest, shortest + more))


def test_fit_weighs_by_rarity() -> None:
    """Inverse document frequency as computed by hand: ln((1+n)/(1+df)) + 1."""
    index = NgramIndex.fit(DOCUMENTS)
    weights = {name: float(index.weights[place]) for name, place in index.positions.items()}
    assert pytest.approx({"a": 1.0, "b": math.log(2) + 1, "c": math.log(2) + 1}) == weights


def test_fit_leaves_out_what_is_rare() -> None:
    """N-grams of fewer documents than asked for do not count; twice in one document is one document."""
    assert {"a": 0} == NgramIndex.fit(DOCUMENTS, least=2).positions


def test_vector_is_as_computed_by_hand() -> None:
    """(1 + ln tf) · idf, scaled to length one."""
    index, values = NgramIndex.fit(DOCUMENTS).vector(["a", "b", "b", "z"])
    raw = {0: 1.0, 1: (1 + math.log(2)) * (math.log(2) + 1)}
    length = math.hypot(*raw.values())
    assert pytest.approx({place: value / length for place, value in raw.items()}) == dict(
        zip(index.tolist(), values.tolist(), strict=True)
    )


@given(NGRAMS, st.lists(st.sampled_from("abcxyz"), max_size=8))
def test_vector_has_length_one_or_nothing(documents: list[list[str]], asked: list[str]) -> None:
    """Known n-grams give a vector of length one; a text of none an empty one."""
    built = NgramIndex.fit(documents)
    index, values = built.vector(asked)
    known = set(asked) & set(built.positions)
    assert len(known) == len(index)
    assert (1.0 if known else 0.0) == pytest.approx(float(np.linalg.norm(values)), abs=1e-5)


@given(NGRAMS)
def test_matrix_has_the_vectors_as_rows(documents: list[list[str]]) -> None:
    """Every row is what the document's own vector is."""
    built = NgramIndex.fit(documents)
    rows = built.matrix(documents).toarray()
    assert (len(documents), len(built.positions)) == rows.shape
    for row, document in zip(rows, documents, strict=True):
        index, values = built.vector(document)
        expected = np.zeros(len(built.positions))
        expected[index] = values
        assert expected.tolist() == pytest.approx(row.tolist())


def test_restore_gives_the_same_vectors() -> None:
    """What was stored by names and weights is the same index."""
    built = NgramIndex.fit(DOCUMENTS)
    restored = NgramIndex.restore(built.names(), built.weights)
    assert built.positions == restored.positions
    assert built.vector(["a", "c"])[1].tolist() == restored.vector(["a", "c"])[1].tolist()
