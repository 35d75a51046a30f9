"""The measures of the report; each says where its formula is from."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pasar.languages.classify import expected_calibration_error
from pasar.languages.tagger import Span

__all__ = ["expected_calibration_error"]  # Naeini et al., 2015; the classifier's own


@dataclasses.dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean (van Rijsbergen, 1979, "Information Retrieval", chapter 7)."""

    right: int  #: true positives
    found: int  #: true and false positives
    gold: int  #: true positives and false negatives

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right; 0 where nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Of what there is, the share that was found; 0 where there is nothing."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """2PR / (P + R) = 2·right / (found + gold)."""
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0

    def as_row(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "precision": self.precision, "recall": self.recall, "f1": self.f1,
            "right": self.right, "found": self.found, "gold": self.gold,
        }  # fmt: skip


def share(hits: Iterable[bool]) -> float | None:
    """The share that is true; None of nothing."""
    known = list(hits)
    return sum(known) / len(known) if known else None


def accuracy(gold: Sequence[str], read: Sequence[str]) -> float | None:
    """The share of equal labels; None of nothing."""
    return share(one == other for one, other in zip(gold, read, strict=True))


def accuracy_among(gold: Sequence[str], read: Sequence[Collection[str]]) -> float | None:
    """The share of labels that are among those offered; None of nothing."""
    return share(label in offered for label, offered in zip(gold, read, strict=True))


def score_labels(gold: Sequence[str], read: Sequence[str]) -> dict[str, Score]:
    """A score for each label that occurs, by name."""
    pairs = collections.Counter(zip(gold, read, strict=True))
    wanted, found = collections.Counter(gold), collections.Counter(read)
    return {label: Score(pairs[label, label], found[label], wanted[label]) for label in sorted(wanted | found)}


def macro_f1(scores: dict[str, Score]) -> float:
    """The mean F1 of the labels there are sentences of (Sokolova and Lapalme, 2009); 0 without any."""
    known = [score.f1 for score in scores.values() if score.gold]
    return sum(known) / len(known) if known else 0.0


def count_confusions(gold: Sequence[str], read: Sequence[str]) -> dict[str, dict[str, int]]:
    """The confusion matrix: gold label to read label to number of sentences; zeros left out."""
    matrix: dict[str, dict[str, int]] = {}
    for (wanted, label), number in sorted(collections.Counter(zip(gold, read, strict=True)).items()):
        matrix.setdefault(wanted, {})[label] = number
    return matrix


def find_worst(
    gold: Sequence[str], read: Sequence[str], texts: Sequence[str], most: int = 12, examples: int = 3
) -> list[dict[str, Any]]:
    """The pairs of labels taken for each other most often, with example sentences; ties in alphabetical order."""
    found: dict[tuple[str, str], list[str]] = {}
    for wanted, label, text in zip(gold, read, texts, strict=True):
        if wanted != label:
            found.setdefault((wanted, label), []).append(text)
    ordered = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [
        {"gold": wanted, "read": label, "number": len(wrong), "examples": wrong[:examples]}
        for (wanted, label), wrong in ordered[:most]
    ]


def score_spans(gold: Sequence[Collection[Span]], found: Sequence[Collection[Span]]) -> dict[str, Score]:
    """A score for each kind of entity, and ``all``. Right is a span of the same kind that overlaps one annotated.

    That is MUC's "type" match (Chinchor and Sundheim, 1993): where a name begins and ends is not judged. Every
    annotated span counts for one found span at most.
    """
    right: collections.Counter[str] = collections.Counter()
    for annotated, seen in zip(gold, found, strict=True):
        left = list(annotated)
        for span in seen:
            match = next((one for one in left if one.kind == span.kind and _overlap(one, span)), None)
            if match is not None:
                left.remove(match)
                right[span.kind] += 1
    wanted = collections.Counter(span.kind for spans in gold for span in spans)
    seen_kinds = collections.Counter(span.kind for spans in found for span in spans)
    scores = {kind: Score(right[kind], seen_kinds[kind], wanted[kind]) for kind in sorted(wanted | seen_kinds)}
    return {"all": Score(right.total(), seen_kinds.total(), wanted.total()), **scores}


def keep_comparable(gold: Sequence[Collection[Span]], found: Sequence[Collection[Span]]) -> list[list[Span]]:
    """What was found without what no annotator marks: kinds that never are, and the country that a city implies."""
    kinds = {span.kind for spans in gold for span in spans}
    return [
        [
            span
            for span in spans
            if span.kind in kinds
            and not (span.kind == "country" and any(other.kind == "city" and _overlap(other, span) for other in spans))
        ]
        for spans in found
    ]


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
