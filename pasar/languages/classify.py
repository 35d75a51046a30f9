"""What a buyer wants: a linear model over word and character n-grams, and over embeddings where there are any.

Fitted with scikit-learn's liblinear hinge loss, one class against the rest, then calibrated: a temperature
fitted on held-out examples turns margins into probabilities that are right as often as they say
(Guo et al., 2017, "On Calibration of Modern Neural Networks").
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from pasar.languages.ngrams import Floats, NgramIndex, Ngrams, hash_characters, hash_marks, hash_words
from pasar.processes import Task

_HELD_OUT = 0.2
_CALIBRATED_ON = 0.4  # of many examples: the temperature is as good as from all the others, in a third of the time
_MANY, _LEAST = 2000, 3  # with many examples, an n-gram of fewer than three is left out
_ROUNDS = 5  # over many examples: as right as liblinear's default of a thousand, in half the time
_USUAL_TEMPERATURE = 0.3  # where there are too few examples to hold some out


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to fit; a pack's ``config.yml`` may set each."""

    strength: float = 1.0  #: of liblinear's C: less is smoother
    shortest: int = 1  #: characters of the shortest n-gram
    longest: int = 5
    paired: int = 12  #: of so many of a message's words, any two count together, wherever they stand
    balanced: bool = False  #: whether a label with few examples counts as much as one with many


def features_of(texts: Sequence[Sequence[str]], kinds: Sequence[Iterable[str]], settings: Settings) -> Ngrams:
    """The n-grams of texts given as words: words, neighbours, any two, characters, which kinds of things each names."""
    return Ngrams.join(
        [
            hash_words(texts, settings.paired),
            hash_characters([" ".join(words) for words in texts], settings.shortest, settings.longest),
            hash_marks([[*own, f"size:{min(len(words), 4)}"] for words, own in zip(texts, kinds, strict=True)]),
        ]
    )


class _Compact:
    """A matrix whose rows are kept as eight bits a number and one scale: a quarter of the memory, as right."""

    def __init__(self, parts: npt.NDArray[np.int8], scales: Floats) -> None:
        self.parts = parts
        self.scales = scales

    @classmethod
    def of(cls, weights: Floats) -> _Compact:
        scales = np.maximum(np.abs(weights).max(axis=1, initial=0.0), np.finfo(np.float32).tiny) / 127
        return cls(np.round(weights / scales[:, None]).astype(np.int8), scales.astype(np.float32))

    def sum_rows(self, index: npt.NDArray[np.int64], values: Floats) -> Floats:
        """The sum of some rows, each times its value."""
        # not a product of matrices: for so small a one, BLAS keeps all cores spinning
        scaled = (values * self.scales[index])[:, None] * self.parts[index]
        return np.add.reduce(scaled, axis=0)  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class Rehearsal:
    """How a model that knows but a part of the examples does on others: what is learnt from it is learnt honestly."""

    model: LinearClassifier
    temperature: float
    unknown: npt.NDArray[np.int64]  #: places of the examples that it was tried on
    confidences: Floats  #: of its first choice for each
    right: npt.NDArray[np.bool_]  #: whether that was the example's label


class LinearClassifier:
    """Labels with calibrated confidence."""

    def __init__(
        self,
        labels: Sequence[str],
        index: NgramIndex,
        weights: _Compact,
        bias: Floats,
        settings: Settings,
        dense: Floats | None = None,
    ) -> None:
        """``weights`` is (n-grams, labels), scaled so that a softmax gives probabilities.

        ``dense`` is (dimensions of an embedding, labels); None where texts have none.
        """
        self.labels = tuple(labels)
        self.settings = settings
        self._index = index
        self._weights = weights
        self._bias = bias
        self._dense = dense
        self.rehearsal: Rehearsal | None = None  #: after a fit to many examples; not saved

    @classmethod
    def fit(
        cls, ngrams: Ngrams, labels: Sequence[str], settings: Settings, embeddings: Floats | None = None
    ) -> LinearClassifier:
        """From the features of every example. ValueError with fewer than two labels.

        ``embeddings`` is (texts, dimensions). They count as much as all n-grams together, however close to one another
        the encoder puts everything: their mean is taken off, and what is left is scaled to length one on average.
        """
        names = sorted(set(labels))
        if len(names) < 2:
            raise ValueError(f"needs examples of two labels at least, has {names}")
        index, matrix = NgramIndex.fit(ngrams, least=1 if ngrams.texts < _MANY else _LEAST)
        if embeddings is not None:
            centre = embeddings.mean(axis=0)
            spread = float(np.sqrt(((embeddings - centre) ** 2).sum(axis=1).mean())) or 1.0
            parts = [matrix, scipy.sparse.csr_matrix((embeddings - centre) / spread)]
            matrix = scipy.sparse.hstack(parts, format="csr", dtype=np.float32)
        places = {name: place for place, name in enumerate(names)}
        target = np.array([places[label] for label in labels])
        beside = Task(_rehearse, names, index, matrix, target, settings) if len(target) >= _MANY else None
        margins = _fit_margins(matrix, target, settings)
        rehearsal = beside.wait() if beside else _rehearse(names, index, matrix, target, settings)
        temperature = rehearsal.temperature if rehearsal else _USUAL_TEMPERATURE
        model = cls._of(names, index, margins, temperature, settings)
        if embeddings is not None:
            model._uncentre(centre, spread)
            if rehearsal is not None:
                rehearsal.model._uncentre(centre, spread)
        model.rehearsal = rehearsal
        return model

    @classmethod
    def _of(
        cls,
        names: Sequence[str],
        index: NgramIndex,
        margins: tuple[Floats, Floats],
        temperature: float,
        settings: Settings,
    ) -> LinearClassifier:
        weights, bias = ((part / temperature).astype(np.float32) for part in margins)
        own, dense = weights[: len(index.known)], weights[len(index.known) :]
        return cls(names, index, _Compact.of(own), bias, settings, dense if len(dense) else None)

    def _uncentre(self, centre: Floats, spread: float) -> None:
        """Put what was done to embeddings before the fit into weights and bias, so that they are taken as they are."""
        assert self._dense is not None
        self._dense = self._dense / np.float32(spread)
        self._bias = self._bias - centre @ self._dense

    def rank(self, ngrams: Ngrams, embedding: Floats | None = None) -> list[tuple[str, float]]:
        """All labels with their probabilities for the features of one text, best first.

        ``embedding``: the text's, where the model was fitted on embeddings.
        """
        index, values = self._index.vector(ngrams)
        scores = self._bias + self._weights.sum_rows(index, values) if len(index) else self._bias
        if self._dense is not None and embedding is not None:
            scores = scores + np.einsum("i,ij->j", embedding, self._dense)  # as above, not by BLAS
        scores = np.exp(scores - scores.max())
        scores /= scores.sum()
        return [(self.labels[position], float(scores[position])) for position in np.argsort(-scores)]

    def save(self, path: Path) -> None:
        """Write everything to one file, packed: Rasa's own packing takes five times as long over it."""
        dense = {} if self._dense is None else {"dense": self._dense}
        np.savez_compressed(
            path,
            **dense,
            labels=np.array(self.labels),
            ngrams=self._index.known,
            idf=self._index.weights,
            weights=self._weights.parts,
            scales=self._weights.scales,
            bias=self._bias,
            settings=np.array(dataclasses.astuple(self.settings), dtype=np.float64),
        )

    @classmethod
    def load(cls, path: Path) -> LinearClassifier:
        """Read what :meth:`save` wrote."""
        with np.load(path) as stored:
            strength, shortest, longest, paired, balanced = stored["settings"].tolist()
            return cls(
                stored["labels"].tolist(),
                NgramIndex(stored["ngrams"], stored["idf"]),
                _Compact(stored["weights"], stored["scales"]),
                stored["bias"],
                Settings(strength, int(shortest), int(longest), int(paired), bool(balanced)),
                stored.get("dense"),
            )


def _rehearse(
    names: Sequence[str], index: NgramIndex, matrix: Any, target: npt.NDArray[np.int64], settings: Settings
) -> Rehearsal | None:
    """Fit a part, find what its margins are to be divided by on examples it has not seen, and try it on them."""
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - training only

    if np.bincount(target).min() * _HELD_OUT < 1:
        return None
    share = _CALIBRATED_ON if len(target) >= _MANY else 1 - _HELD_OUT
    known, unknown = train_test_split(
        np.arange(len(target)), train_size=share, test_size=_HELD_OUT, stratify=target, random_state=0
    )
    weights, bias = _fit_margins(matrix[known], target[known], settings)
    margins = matrix[unknown] @ weights + bias
    temperature = _fit_temperature(margins, target[unknown])
    model = LinearClassifier._of(names, index, (weights, bias), temperature, settings)
    scores = _soften(margins, temperature)
    return Rehearsal(model, temperature, unknown, scores.max(axis=1), np.equal(scores.argmax(axis=1), target[unknown]))


def _soften(margins: Floats, temperature: float) -> Floats:
    scores = np.exp((margins - margins.max(axis=1, keepdims=True)) / temperature)
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)  # type: ignore[no-any-return]


def _fit_margins(matrix: Any, target: npt.NDArray[np.int64], settings: Settings) -> tuple[Floats, Floats]:
    """Weights (n-grams, intents) and bias of linear margins, one intent against the rest."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - training only
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    weighting = "balanced" if settings.balanced else None
    rounds = _ROUNDS if len(target) >= _MANY else 1000
    model = LinearSVC(C=settings.strength, class_weight=weighting, random_state=0, max_iter=rounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, target)
    if len(model.classes_) == 2:
        return np.hstack([-model.coef_.T, model.coef_.T]), np.hstack([-model.intercept_, model.intercept_])
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def _fit_temperature(margins: Floats, target: npt.NDArray[np.int64]) -> float:
    """The temperature that makes the probabilities of held-out examples likeliest."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - training only

    def surprise(temperature: float) -> float:
        scaled = margins / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_likelihood = scaled[np.arange(len(target)), target] - np.log(np.exp(scaled).sum(axis=1))
        return float(-log_likelihood.mean())

    return float(minimize_scalar(surprise, bounds=(0.02, 2.0), method="bounded").x)


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between confidence and accuracy over equal bins (Naeini et al., 2015); 0 is perfect."""
    edges = np.clip((np.asarray(confidences) * bins).astype(int), 0, bins - 1)
    hits = np.asarray(right, dtype=float)
    error = 0.0
    for position in range(bins):
        inside = edges == position
        if inside.any():
            error += inside.mean() * abs(hits[inside].mean() - np.asarray(confidences)[inside].mean())
    return float(error)
