"""Thresholds come from the data."""

from __future__ import annotations

import numpy as np

from pasar.languages.thresholds import (
    UNDERSTOOD_AMONG_ASKED_BACK,
    learn_second_need,
    learn_threshold,
)

CHANCE = np.random.default_rng(0)


def test_threshold_asks_back_what_is_mostly_wrong() -> None:
    """Where confidence says how often a reading is right, a quarter of those below the threshold were."""
    confidences = CHANCE.random(20_000).astype(np.float32)
    right = CHANCE.random(20_000) < confidences
    threshold = learn_threshold(confidences, right)
    assert threshold is not None
    assert abs(right[confidences < threshold].mean() - UNDERSTOOD_AMONG_ASKED_BACK) < 0.02


def test_threshold_is_higher_for_a_model_that_says_too_much() -> None:
    """A language whose low readings are wrong is asked back sooner than one whose low readings are right."""
    confidences = CHANCE.random(5_000).astype(np.float32)
    sure, unsure = (CHANCE.random(5_000) < confidences**power for power in (0.5, 1.0))
    assert (learn_threshold(confidences, sure) or 0) < (learn_threshold(confidences, unsure) or 0)


def test_threshold_needs_examples() -> None:
    """Of a few, or of readings that are all right, nothing is learnt."""
    assert learn_threshold(np.array([0.1, 0.2], dtype=np.float32), np.array([False, False])) is None
    assert learn_threshold(CHANCE.random(500).astype(np.float32), np.ones(500, dtype=bool)) is None


def test_second_need_parts_needs_from_stories() -> None:
    """Where stories are read with little confidence and needs with much, it lies between."""
    confidences = CHANCE.uniform(0.7, 1.0, 500).astype(np.float32)
    stories = CHANCE.uniform(0.1, 0.6, 500).astype(np.float32)
    least = learn_second_need(confidences, np.ones(500, dtype=bool), stories)
    assert least is not None
    assert 0.59 <= least <= 0.71


def test_second_need_is_stricter_where_stories_look_like_needs() -> None:
    """The surer what is made up, the surer a need must be."""
    confidences, right = np.linspace(0.5, 1, 500, dtype=np.float32), np.ones(500, dtype=bool)
    found = [learn_second_need(confidences, right, np.full(50, sure, dtype=np.float32)) for sure in (0.4, 0.55, 0.7)]
    assert found == sorted(found, key=lambda least: least or 0)
    assert found[0] != found[2]
    assert learn_second_need(confidences[:5], right[:5], confidences) is None
