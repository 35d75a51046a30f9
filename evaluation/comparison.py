"""What else could have been chosen: ``python -m evaluation.comparison th id zh`` prints a table a language.

Each candidate learns all examples and answers the evaluation sentences, and is cross-validated in three parts of the
examples. Its first intent counts, the language known, nothing asked back.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import ComplementNB
from sklearn.preprocessing import normalize

from evaluation.features import open_reader
from evaluation.sentences import list_trained, read_evaluation, read_training
from pasar.languages.classify import Settings, _fit_margins, expected_calibration_error, features_of
from pasar.languages.ngrams import NgramIndex, Ngrams
from pasar.languages.text import drop_accents

PARTS = 3
_FACTORS = 200
_LEAST = 3

Texts = tuple[list[list[str]], list[list[str]]]
Labels = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
#: Learns texts with labels, answers others: scores (texts, labels).
Candidate = Callable[[Texts, Labels, Texts], Scores]


def linear(settings: Settings) -> Candidate:
    """The linear model with other features or another weighting."""

    def answer(known: Texts, labels: Labels, asked: Texts) -> Scores:
        matrix, questions = _matrices(known, asked, settings)
        weights, bias = _fit_margins(matrix, labels, settings)
        return np.asarray(questions @ weights + bias, dtype=np.float32)

    return answer


def unaccented(known: Texts, labels: Labels, asked: Texts) -> Scores:
    """The linear model, every example learnt without accents too."""
    plain = [[drop_accents(word) for word in words] for words in known[0]]
    both = (known[0] + plain, known[1] + known[1])
    return linear(Settings())(both, np.concatenate([labels, labels]), asked)


def bayes(known: Texts, labels: Labels, asked: Texts) -> Scores:
    """Complement naive Bayes (Rennie et al., 2003) over the same n-grams."""
    matrix, questions = _matrices(known, asked, Settings())
    model = ComplementNB(alpha=0.05, norm=True).fit(matrix, labels)
    return np.asarray(model.predict_log_proba(questions), dtype=np.float32)


def vectors(known: Texts, labels: Labels, asked: Texts) -> Scores:
    """The linear model over vectors of n-grams, learnt from our own text: 200 singular vectors (Deerwester et al., 1990)."""
    return _with_vectors(known, labels, asked, beside=False)


def vectors_beside(known: Texts, labels: Labels, asked: Texts) -> Scores:
    """The same beside the n-grams themselves."""
    return _with_vectors(known, labels, asked, beside=True)


def ensemble(known: Texts, labels: Labels, asked: Texts) -> Scores:
    """Linear model, naive Bayes and vectors, their standardised scores added."""
    parts = [answer(known, labels, asked) for answer in (linear(Settings()), bayes, vectors)]
    return np.asarray(sum((part - part.mean(1, keepdims=True)) / part.std(1, keepdims=True) for part in parts))


CANDIDATES: dict[str, Candidate] = {
    "words, neighbours, pairs, characters (chosen)": linear(Settings()),
    "words, neighbours and pairs alone": linear(Settings(longest=0)),
    "characters alone": linear(Settings(paired=-1)),
    "labels weighted alike": linear(Settings(balanced=True)),
    "half the strength": linear(Settings(strength=0.5)),
    "also learnt without accents": unaccented,
    "complement naive Bayes": bayes,
    "vectors of n-grams": vectors,
    "vectors beside n-grams": vectors_beside,
    "linear, Bayes and vectors together": ensemble,
}


@dataclasses.dataclass(frozen=True)
class Row:
    """What a candidate did."""

    name: str
    right: float  #: of the evaluation sentences
    parts: float  #: of the examples, cross-validated
    seconds: float  #: to learn all examples and answer the sentences


def compare(language: str) -> list[Row]:
    """Every candidate on a language."""
    read = open_reader(language)
    examples, questions = read_training(language), read_evaluation(language)
    known, asked = read([one.text for one in examples]), read([one.text for one in questions])
    names = sorted({one.intent for one in examples})
    labels = np.array([names.index(one.intent) for one in examples])
    gold = np.array([names.index(one.intent) if one.intent in names else -1 for one in questions])
    folds = list(StratifiedKFold(PARTS, shuffle=True, random_state=0).split(labels, labels))
    rows = []
    for name, answer in CANDIDATES.items():
        begun = time.monotonic()
        right = float((answer(known, labels, asked).argmax(1) == gold).mean())
        seconds = time.monotonic() - begun
        hits = [
            (answer(_take(known, learnt), labels[learnt], _take(known, tried)).argmax(1) == labels[tried]).mean()
            for learnt, tried in folds
        ]
        rows.append(Row(name, right, float(np.mean(hits)), seconds))
        print(f"{language}: {name}: {right:.1%}, in parts {np.mean(hits):.1%}, {seconds:.0f} s", flush=True)  # noqa: T201
    return rows


def calibration(language: str) -> tuple[float, float]:
    """The expected calibration error with the temperature that was learnt, and without one."""
    from pasar.languages.classify import LinearClassifier  # noqa: PLC0415 - only here

    read = open_reader(language)
    examples, questions = read_training(language), read_evaluation(language)
    ngrams = features_of(*read([one.text for one in examples]), Settings())
    model = LinearClassifier.fit(ngrams, [one.intent for one in examples], Settings())
    temperature = model.rehearsal.temperature if model.rehearsal else 1.0
    errors = []
    for factor in (1.0, temperature):
        ranked = [
            model.rank(features_of(*read([one.text]), Settings()))
            if factor == 1.0
            else _soften(model, read, one.text, factor)
            for one in questions
        ]
        right = [ranking[0][0] == one.intent for ranking, one in zip(ranked, questions, strict=True)]
        errors.append(expected_calibration_error([ranking[0][1] for ranking in ranked], right))
    return errors[0], errors[1]


def _soften(model: Any, read: Any, text: str, factor: float) -> list[tuple[str, float]]:
    ranking = model.rank(features_of(*read([text]), Settings()))
    scores = np.array([score for _, score in ranking]) ** factor
    return [(label, float(score)) for (label, _), score in zip(ranking, scores / scores.sum(), strict=True)]


def _with_vectors(known: Texts, labels: Labels, asked: Texts, *, beside: bool) -> Scores:
    matrix, questions = _matrices(known, asked, Settings())
    factors = TruncatedSVD(_FACTORS, random_state=0, n_iter=2).fit(matrix)
    learnt, tried = (normalize(factors.transform(part)) for part in (matrix, questions))
    if beside:
        learnt, tried = sparse.hstack([matrix, learnt]).tocsr(), sparse.hstack([questions, tried]).tocsr()
    weights, bias = _fit_margins(learnt, labels, Settings())
    return np.asarray(tried @ weights + bias, dtype=np.float32)


def _matrices(known: Texts, asked: Texts, settings: Settings) -> tuple[Any, Any]:
    index, matrix = NgramIndex.fit(_features(known, settings), least=_LEAST)
    vectors = [index.vector(_features(([words], [kinds]), settings)) for words, kinds in zip(*asked, strict=True)]
    rows = np.repeat(np.arange(len(vectors)), [len(places) for places, _ in vectors])
    columns = np.concatenate([places for places, _ in vectors])
    values = np.concatenate([values for _, values in vectors])
    return matrix, sparse.csr_matrix((values, (rows, columns)), shape=(len(vectors), len(index.known)))


def _features(texts: Texts, settings: Settings) -> Ngrams:
    if settings.paired < 0:  # characters alone: no words
        from pasar.languages.ngrams import hash_characters  # noqa: PLC0415 - only here

        return hash_characters([" ".join(words) for words in texts[0]], settings.shortest, settings.longest)
    return features_of(*texts, settings)


def _take(texts: Texts, places: Sequence[int]) -> Texts:
    return [texts[0][place] for place in places], [texts[1][place] for place in places]


def main(languages: Sequence[str]) -> None:
    """Print a table a language."""
    for language in languages:
        rows = compare(language)
        calibrated, raw = calibration(language)
        print(f"\n{language}: calibration error {calibrated:.1%}, without temperature {raw:.1%}\n")  # noqa: T201
        print("| candidate | evaluation | in parts | seconds |\n| --- | --- | --- | --- |")  # noqa: T201
        for row in rows:
            print(f"| {row.name} | {row.right:.1%} | {row.parts:.1%} | {row.seconds:.0f} |")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or list_trained())
