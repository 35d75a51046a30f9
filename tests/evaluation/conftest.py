"""Figures of one made-up language, small enough to check by eye."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.assessment import assess, assess_identification, assess_labels, assess_pairs, assess_two_needs
from evaluation.readings import Reading
from evaluation.sentences import Sentence
from pasar.languages.tagger import Span


@pytest.fixture
def sentences() -> list[Sentence]:
    """Four sentences, one with a number in it."""
    return [
        Sentence("en", "where is SH1001", "order_status", (Span("order_id", 9, 15),)),
        Sentence("en", "still waiting", "order_status"),
        Sentence("en", "hello", "greet"),
        Sentence("en", "who won <b>the</b> cup", "out_of_scope"),
    ]


@pytest.fixture
def readings() -> list[Reading]:
    """Two right, one wrong, one asked back."""
    return [
        Reading("order_status", 0.95, ("order_status", "refund_status"), (Span("order_id", 9, 15),), "en"),
        Reading("refund_status", 0.55, ("refund_status", "greet", "order_status"), (Span("date", 0, 5),), "en"),
        Reading("greet", 0.85, ("greet",), (), "th"),
        Reading("nlu_fallback", 0.25, ("out_of_scope", "greet"), (), "en"),
    ]


@pytest.fixture
def figures(sentences: list[Sentence], readings: list[Reading]) -> dict[str, Any]:
    """What ``python -m evaluation`` writes."""
    gold = [sentence.intent for sentence in sentences]
    pairs = assess_pairs(sentences[:2], ["order_status", "refund_status"])
    return {
        "made": "2030-01-01 00:00 UTC",
        "model": "a-model.tar.gz",
        "about_baselines": "What they are.",
        "languages": {
            "en": {
                "name": "English",
                "sentences": 4,
                "training_sentences": 10,
                "seen": 0,
                "ours": {**assess(sentences, readings), "milliseconds": 1.5, "pairs": pairs},
                "identification": assess_identification(sentences, readings, str.split),
                "keywords": {**assess_labels(gold, ["greet"] * 4), "pairs": pairs},
                "diet": None,
                "harder": {"slang": {"sentences": 2, "accuracy": 0.5}},
                "two_needs": assess_two_needs(
                    [
                        ("refund and parcel", frozenset({"refund_status", "order_status"})),
                        ("hi", frozenset({"a", "b"})),
                    ],
                    [Reading("order_status", 0.9, needs=("order_status", "refund_status")), Reading("greet", 0.9)],
                ),
                "marked": {"all": {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "found": 2, "gold": 1}},
            }
        },
        "stories": None,
    }
