"""One language's figures: ours and the baselines', in the form the report takes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from evaluation.metrics import (
    accuracy,
    accuracy_among,
    count_confusions,
    expected_calibration_error,
    find_worst,
    macro_f1,
    score_labels,
    score_spans,
    share,
)
from evaluation.readings import FALLBACK, Reading
from evaluation.sentences import Sentence

OUT_OF_SCOPE = "out_of_scope"
_CODE = re.compile(r"\S*[\d@/]\S*")
_WORD = re.compile(r"[^\W\d_]{3}|[\u0e00-\u0eff\u3400-\u9fff]")
PAIR = ("order_status", "refund_status")  # taking one for the other is the worst a shop can do


def assess(sentences: Sequence[Sentence], readings: Sequence[Reading]) -> dict[str, Any]:
    """How well a model read sentences. Asked back (``nlu_fallback``) counts as wrong."""
    gold = [sentence.intent for sentence in sentences]
    read = [reading.intent for reading in readings]
    entities = score_spans([one.entities for one in sentences], [one.entities for one in readings])
    return {
        **assess_labels(gold, read),
        "among_three": accuracy_among(gold, [reading.first_three for reading in readings]),
        "calibration_error": expected_calibration_error(
            [reading.confidence for reading in readings],
            [reading.first == label for reading, label in zip(readings, gold, strict=True)],
        ),
        "asked_back": share(label == FALLBACK for label in read),
        "confusions": count_confusions(gold, read),
        "worst": find_worst(gold, read, [sentence.text for sentence in sentences]),
        "entities": {kind: score.as_row() for kind, score in entities.items()},
    }


def assess_labels(gold: Sequence[str], read: Sequence[str]) -> dict[str, Any]:
    """What can be said where there is nothing but an answer."""
    scores = score_labels(gold, read)
    return {
        "accuracy": accuracy(gold, read),
        "macro_f1": macro_f1(scores),
        "out_of_scope_recall": scores[OUT_OF_SCOPE].recall if OUT_OF_SCOPE in scores else None,
        "intents": {label: score.as_row() for label, score in scores.items()},
    }


def assess_pairs(pairs: Sequence[Sentence], read: Sequence[str]) -> dict[str, Any]:
    """The pair set: how often one of the two was taken for the other, which sentences, and how many were right."""
    crossed = [
        {"text": sentence.text, "gold": sentence.intent, "read": label}
        for sentence, label in zip(pairs, read, strict=True)
        if label != sentence.intent and {label, sentence.intent} == set(PAIR)
    ]
    return {
        "sentences": len(pairs),
        "accuracy": accuracy([sentence.intent for sentence in pairs], read),
        "crossed": len(crossed),
        "examples": crossed,
    }


def assess_two_needs(messages: Sequence[tuple[str, frozenset[str]]], readings: Sequence[Reading]) -> dict[str, Any]:
    """Messages with two needs: how often both were seen, and how often at least one."""
    seen = [needs & {reading.intent, *reading.needs} for (_, needs), reading in zip(messages, readings, strict=True)]
    return {
        "sentences": len(messages),
        "both": share(len(found) == 2 for found in seen),
        "one": share(bool(found) for found in seen),
    }


def assess_identification(
    sentences: Sequence[Sentence], readings: Sequence[Reading], cut: Callable[[str], Iterable[str]]
) -> dict[str, Any]:
    """How often the language was told rightly, with neither a hint nor a history; unknown counts as wrong.

    Sentences without a word (numbers, codes, e-mail addresses, "158 cm 61 kg", emoji) are in no language and left out.
    """
    kept = [place for place, one in enumerate(sentences) if _WORD.search(_CODE.sub(" ", one.text))]
    sentences, readings = [sentences[place] for place in kept], [readings[place] for place in kept]
    right = [
        reading.known and reading.language == one.language for one, reading in zip(sentences, readings, strict=True)
    ]
    longer = [len([word for word in cut(one.text) if any(map(str.isalpha, word))]) >= 2 for one in sentences]
    return {
        "sentences": len(sentences),
        "all": share(right),
        "longer": share(hit for hit, long in zip(right, longer, strict=True) if long),
        "longer_sentences": sum(longer),
        "wrong": [
            {"text": one.text, "read": reading.language if reading.known else "unknown"}
            for one, reading, hit in zip(sentences, readings, right, strict=True)
            if not hit
        ],
    }


def list_intents(sentences: Collection[Sentence]) -> list[str]:
    """The intents that sentences have, in alphabetical order."""
    return sorted({sentence.intent for sentence in sentences})
