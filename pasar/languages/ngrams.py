"""Sparse n-gram features of short texts, as numbers of 64 bits, for one text or many thousands at once.

An n-gram is known by a polynomial hash (Karp and Rabin, 1987) mixed as in MurmurHash3's finaliser (Appleby, 2011), so
that nothing is kept of its letters: of a hundred thousand n-grams two fall together once in a billion models.
Weights are term frequency (1 + ln tf) times inverse document frequency (ln((1+n)/(1+df)) + 1), scaled to length one:
the form that linear text classifiers are fitted on (Salton and Buckley, 1988).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_LONGEST_WORD = 256  # characters of a word that count
_POWERS = np.cumprod(np.full(_LONGEST_WORD, _BASE, dtype=np.uint64), dtype=np.uint64)

# Kinds of n-grams: the same letters as a word and as a run of characters are two n-grams.
_WORD, _NEIGHBOURS, _PAIR, _MARK, _CHARACTERS = (np.uint64(kind << 40) for kind in range(1, 6))
_START, _END = np.uint64(1), np.uint64(2)
_NOTHING: Hashes = np.zeros(0, dtype=np.uint64)


@dataclasses.dataclass(frozen=True)
class Ngrams:
    """The n-grams of texts: ``hashes[i]`` stands in text ``rows[i]``, one of ``texts``."""

    hashes: Hashes
    rows: Places
    texts: int

    @classmethod
    def join(cls, parts: Sequence[Ngrams]) -> Ngrams:
        """Several kinds of n-grams of the same texts."""
        hashes = np.concatenate([part.hashes for part in parts])
        return cls(hashes, np.concatenate([part.rows for part in parts]), parts[0].texts)


def hash_marks(texts: Sequence[Iterable[str]]) -> Ngrams:
    """Named features, as they are: one n-gram a name."""
    marks = [[_hash_name(name) for name in names] for names in texts]
    rows = np.repeat(np.arange(len(marks)), [len(own) for own in marks])
    return Ngrams(np.array([mark for own in marks for mark in own], dtype=np.uint64), rows, len(marks))


def hash_words(texts: Sequence[Sequence[str]], paired: int) -> Ngrams:
    """Words, neighbours with the texts' ends, and any two of a text's first ``paired`` words in whatever order."""
    lengths = np.array([len(words) for words in texts])
    rows = np.repeat(np.arange(len(texts)), lengths)
    words = _hash_each([word for words in texts for word in words])
    if not len(words):
        return Ngrams(words, rows, len(texts))
    parts = [Ngrams(_mix(words + _WORD), rows, len(texts))]
    if paired:
        turns = np.flatnonzero(rows[:-1] != rows[1:])
        before = np.concatenate([[_START], words[:-1]])
        before[turns + 1] = _START
        last = np.append(turns, len(rows) - 1)
        neighbours = np.concatenate([before * _BASE + words, words[last] * _BASE + _END])
        parts.append(Ngrams(_mix(neighbours + _NEIGHBOURS), np.concatenate([rows, rows[last]]), len(texts)))
        parts.append(_pair(words, rows, lengths, paired))
    return Ngrams.join(parts)


def hash_characters(texts: Sequence[str], shortest: int, longest: int) -> Ngrams:
    """All runs of ``shortest`` to ``longest`` characters of texts, their ends marked by a blank."""
    rows = np.repeat(np.arange(len(texts)), [len(text) + 2 for text in texts])
    codes = _mix(_codes("".join(f" {text} " for text in texts)))
    runs, found, of = codes, [], []
    for size in range(1, min(longest, len(codes)) + 1):
        if size > 1:
            runs = runs[:-1] * _BASE + codes[size - 1 :]
        if size >= shortest:
            whole = rows[: len(runs)] == rows[size - 1 :]
            found.append(runs[whole])
            of.append(rows[: len(runs)][whole])
    hashes = np.concatenate(found) if found else _NOTHING
    return Ngrams(_mix(hashes + _CHARACTERS), np.concatenate(of) if of else rows[:0], len(texts))


def _pair(words: Hashes, rows: Places, lengths: Places, paired: int) -> Ngrams:
    """Any two different words of the first ``paired`` of each text."""
    places = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    words, rows = _once_a_text(words[places < paired], rows[places < paired])
    if len(lengths) == 1:
        first, second = _two_of(len(words))
    else:
        apart = [np.flatnonzero(rows[:-step] == rows[step:]) for step in range(1, min(paired, len(words)))]
        first = np.concatenate(apart) if apart else rows[:0]
        second = np.concatenate([places + step for step, places in enumerate(apart, start=1)]) if apart else rows[:0]
    return Ngrams(_mix(words[first] * _BASE + words[second] + _PAIR), rows[first], len(lengths))


@functools.lru_cache(maxsize=64)
def _two_of(count: int) -> tuple[Places, Places]:
    return np.triu_indices(count, 1)


def _hash_each(words: Sequence[str]) -> Hashes:
    """One hash a word."""
    words = [word[:_LONGEST_WORD] or " " for word in words]
    if not words:
        return _NOTHING
    lengths = np.array([len(word) for word in words])
    starts = np.cumsum(lengths) - lengths
    powers = _POWERS[np.arange(int(lengths.sum())) - np.repeat(starts, lengths)]
    return _mix(np.add.reduceat(_mix(_codes("".join(words))) * powers, starts))


@functools.lru_cache(maxsize=65536)
def _hash_name(name: str) -> np.uint64:
    return np.uint64(_mix(_hash_each([name]) + _MARK)[0])


def _codes(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def _mix(hashes: Hashes) -> Hashes:
    """Spread what differs in few bits over all of them; nought is no number's own."""
    hashes = hashes + _BASE
    hashes = (hashes ^ (hashes >> _SHIFT)) * _FIRST
    hashes = (hashes ^ (hashes >> _SHIFT)) * _SECOND
    return hashes ^ (hashes >> _SHIFT)


@dataclasses.dataclass(frozen=True)
class NgramIndex:
    """Which n-grams count, in rising order, and how much."""

    known: Hashes
    weights: Floats

    @classmethod
    def fit(cls, ngrams: Ngrams, least: int = 1) -> tuple[NgramIndex, Any]:
        """From texts' n-grams, those in fewer than ``least`` texts left out; with the texts as a CSR matrix.

        Its rows are what :meth:`vector` gives for each text.
        """
        known, places = np.unique(ngrams.hashes, return_inverse=True)
        ones = np.ones(len(places), dtype=np.float32)
        counts = scipy.sparse.coo_matrix((ones, (ngrams.rows, places)), shape=(ngrams.texts, len(known))).tocsr()
        texts_with = np.bincount(counts.indices, minlength=len(known))
        kept = texts_with >= least
        index = cls(known[kept], (np.log((1 + ngrams.texts) / (1 + texts_with[kept])) + 1).astype(np.float32))
        return index, index._weigh(counts[:, np.flatnonzero(kept)])

    def _weigh(self, counts: Any) -> Any:
        """A matrix of counts, as values; rows scaled to length one."""
        counts.data = (1 + np.log(counts.data)) * self.weights[counts.indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        norms = np.sqrt(np.bincount(rows, weights=counts.data * counts.data, minlength=counts.shape[0]))
        counts.data = (counts.data / norms[rows]).astype(np.float32)
        return counts

    def vector(self, ngrams: Ngrams) -> tuple[Places, Floats]:
        """Positions and values of one text, its length scaled to one; empty where nothing is known."""
        places = np.searchsorted(self.known, ngrams.hashes)
        places[places == len(self.known)] = 0
        found = self.known[places] == ngrams.hashes if len(self.known) else np.zeros(len(places), dtype=bool)
        index, counts = np.unique(places[found], return_counts=True)
        values = (1 + np.log(counts, dtype=np.float32)) * self.weights[index]
        norm = float(np.sqrt(values @ values))
        return index, values / norm if norm else values


def _once_a_text(hashes: Hashes, rows: Places) -> tuple[Hashes, Places]:
    """Each hash once for every text that has it, text by text in rising order."""
    order = np.lexsort((hashes, rows))
    hashes, rows = hashes[order], rows[order]
    fresh = np.ones(len(hashes), dtype=bool)
    fresh[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    return hashes[fresh], rows[fresh]
