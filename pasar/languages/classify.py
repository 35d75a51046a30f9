"""What a buyer wants: a linear model over word and character n-grams.

Fitted with scikit-learn's liblinear hinge loss, one class against the rest, then calibrated: a temperature
fitted on held-out examples turns margins into probabilities that are right as often as they say
(Guo et al., 2017, "On Calibration of Modern Neural Networks").
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from pasar.languages.ngrams import Floats, NgramIndex, character_ngrams

_HELD_OUT = 0.2
_TOLERANCE = 0.1  # as right as liblinear's default, a third faster
_USUAL_TEMPERATURE = 0.3  # where there are too few examples to hold some out


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to fit; a pack's ``config.yml`` may set each."""

    strength: float = 1.0  #: of liblinear's C: less is smoother
    shortest: int = 1  #: characters of the shortest n-gram
    longest: int = 5
    paired: int = 12  #: of so many of a message's words, any two count together, wherever they stand
    balanced: bool = False  #: whether a label with few examples counts as much as one with many


def features_of(words: Sequence[str], kinds: Iterable[str], settings: Settings) -> list[str]:
    """The n-grams of a message: words, neighbours, any two words, characters, and which kinds of things it names."""
    known = sorted(set(words[: settings.paired]))
    text = " ".join(words)
    marks = [f"⟨{kind}⟩" for kind in kinds]
    return [
        *(f"w:{word}" for word in words),
        *(f"w:{first} {second}" for first, second in zip(("^", *words), (*words, "$"), strict=True)),
        *(f"p:{first}&{second}" for first, second in itertools.combinations(known, 2)),
        *character_ngrams(text, settings.shortest, settings.longest),
        *marks,
        f"size:{min(len(words), 4)}",
    ]


class LinearClassifier:
    """Labels with calibrated confidence."""

    def __init__(
        self, labels: Sequence[str], index: NgramIndex, weights: Floats, bias: Floats, settings: Settings
    ) -> None:
        """``weights`` is (n-grams, labels), scaled so that a softmax gives probabilities."""
        self.labels = tuple(labels)
        self.settings = settings
        self._index = index
        self._weights = weights
        self._bias = bias

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], labels: Sequence[str], settings: Settings) -> LinearClassifier:
        """From the features of every example. ValueError with fewer than two labels."""
        names = sorted(set(labels))
        if len(names) < 2:
            raise ValueError(f"needs examples of two labels at least, has {names}")
        index = NgramIndex.fit(documents, least=1 if len(documents) < 2000 else 2)
        matrix = index.matrix(documents)
        target = np.array([names.index(label) for label in labels])
        # One after the other: liblinear's threads share one random state, and two trainings would differ.
        weights, bias = _fit_margins(matrix, target, len(names), settings)
        temperature = _fit_temperature(matrix, target, len(names), settings)
        return cls(
            names, index, (weights / temperature).astype(np.float32), (bias / temperature).astype(np.float32), settings
        )

    def rank(self, features: Iterable[str]) -> list[tuple[str, float]]:
        """All labels with their probabilities, best first."""
        index, values = self._index.vector(features)
        scores = self._bias + values @ self._weights[index] if len(index) else self._bias
        scores = np.exp(scores - scores.max())
        scores /= scores.sum()
        return [(self.labels[position], float(scores[position])) for position in np.argsort(-scores)]

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        np.savez(
            path,
            labels=np.array(self.labels),
            ngrams=self._index.names(),
            idf=self._index.weights,
            weights=self._weights.astype(np.float16),
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
                NgramIndex.restore(stored["ngrams"], stored["idf"]),
                stored["weights"].astype(np.float32),
                stored["bias"],
                Settings(strength, int(shortest), int(longest), int(paired), bool(balanced)),
            )


def _fit_margins(matrix: Floats, target: Floats, intents: int, settings: Settings) -> tuple[Floats, Floats]:
    """Weights (n-grams, intents) and bias of linear margins, one intent against the rest."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - training only

    weighting = "balanced" if settings.balanced else None
    model = LinearSVC(C=settings.strength, class_weight=weighting, random_state=0, tol=_TOLERANCE)
    model.fit(matrix, target)
    if intents == 2:
        return np.hstack([-model.coef_.T, model.coef_.T]), np.hstack([-model.intercept_, model.intercept_])
    return model.coef_.T, model.intercept_


def _fit_temperature(matrix: Floats, target: Floats, intents: int, settings: Settings) -> float:
    """The temperature that makes the probabilities of held-out examples likeliest."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - training only
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    if np.bincount(target).min() * _HELD_OUT < 1:
        return _USUAL_TEMPERATURE
    known, unknown = train_test_split(np.arange(len(target)), test_size=_HELD_OUT, stratify=target, random_state=0)
    weights, bias = _fit_margins(matrix[known], target[known], intents, settings)
    margins = matrix[unknown] @ weights + bias

    def surprise(temperature: float) -> float:
        scaled = margins / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        log_likelihood = scaled[np.arange(len(unknown)), target[unknown]] - np.log(np.exp(scaled).sum(axis=1))
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
