"""Sparse n-gram features of short texts: fitted once, then one dictionary look-up an n-gram.

Weights are term frequency (1 + ln tf) times inverse document frequency (ln((1+n)/(1+df)) + 1),
scaled to length one: the form that linear text classifiers are fitted on (Salton and Buckley, 1988).
"""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

Floats = npt.NDArray[np.float32]


def character_ngrams(text: str, shortest: int, longest: int) -> list[str]:
    """All runs of ``shortest`` to ``longest`` characters of a text, its ends marked by a blank."""
    padded = f" {text} "
    return [
        padded[start : start + size] for size in range(shortest, longest + 1) for start in range(len(padded) - size + 1)
    ]


@dataclasses.dataclass(frozen=True)
class NgramIndex:
    """Which n-grams count, and how much."""

    positions: dict[str, int]
    weights: Floats

    @classmethod
    def fit(cls, documents: Iterable[Sequence[str]], least: int = 1) -> NgramIndex:
        """From documents' n-grams; those in fewer than ``least`` documents are left out."""
        counts: collections.Counter[str] = collections.Counter()
        total = 0
        for document in documents:
            counts.update(set(document))
            total += 1
        kept = sorted(ngram for ngram, count in counts.items() if count >= least)
        weights = [math.log((1 + total) / (1 + counts[ngram])) + 1 for ngram in kept]
        return cls({ngram: position for position, ngram in enumerate(kept)}, np.asarray(weights, dtype=np.float32))

    def vector(self, ngrams: Iterable[str]) -> tuple[npt.NDArray[np.int64], Floats]:
        """Positions and values of one document, its length scaled to one; empty where nothing is known."""
        counts: dict[int, int] = {}
        find = self.positions.get
        for ngram in ngrams:
            position = find(ngram)
            if position is not None:
                counts[position] = counts.get(position, 0) + 1
        index = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(values)) * self.weights[index]
        norm = float(np.sqrt(values @ values))
        return index, values / norm if norm else values

    def matrix(self, documents: Iterable[Iterable[str]]) -> Any:
        """Documents as rows of a scipy CSR matrix."""
        indices, values, bounds = [], [], [0]
        for document in documents:
            index, value = self.vector(document)
            indices.append(index)
            values.append(value)
            bounds.append(bounds[-1] + len(index))
        shape = (len(bounds) - 1, len(self.positions))
        return scipy.sparse.csr_matrix((np.concatenate(values), np.concatenate(indices), bounds), shape=shape)

    def names(self) -> npt.NDArray[np.str_]:
        """The n-grams in the order of their positions, to be stored."""
        return np.array(list(self.positions))

    @classmethod
    def restore(cls, names: npt.NDArray[np.str_], weights: Floats) -> NgramIndex:
        """From what :meth:`names` and ``weights`` gave."""
        return cls({name: position for position, name in enumerate(names.tolist())}, weights)


Ngrams = Callable[[str], list[str]]
