"""The classifier of intents and its confidence."""

from __future__ import annotations

import pathlib

import pytest

from pasar.languages.classify import LinearClassifier, Settings, expected_calibration_error, features_of
from tests.languages.samples import training

SETTINGS = Settings()
INTENTS = ("greet", "order_status", "return_policy", "cod_available")


def documents(*intents: str) -> tuple[list[list[str]], list[str]]:
    """Features and labels of thirty English examples of each intent."""
    chosen = [sample for intent in intents for sample in training("en") if sample.intent == intent]
    kept = [sample for intent in intents for sample in [one for one in chosen if one.intent == intent][:30]]
    return [features(sample.text) for sample in kept], [sample.intent for sample in kept]


def features(text: str) -> list[str]:
    """Features of a text cut at blanks."""
    return features_of(text.lower().split(), (), SETTINGS)


@pytest.fixture(scope="module")
def classifier() -> LinearClassifier:
    """Fitted on four intents."""
    return LinearClassifier.fit(*documents(*INTENTS), SETTINGS)


@pytest.mark.parametrize(
    ("confidences", "right", "bins", "expected"),
    [
        # bins of a tenth: {0.95, 0.91}: half right, mean 0.93 → 0.43 · 2/4; {0.55, 0.51}: all right, 0.53 → 0.47 · 2/4
        ([0.95, 0.91, 0.55, 0.51], [True, False, True, True], 10, 0.45),
        ([1.0, 1.0], [True, True], 10, 0.0),
        ([1.0, 1.0], [False, False], 10, 1.0),
        ([0.75, 0.75, 0.75, 0.75], [True, True, True, False], 10, 0.0),
        # one bin for all: mean confidence 0.5, half right
        ([0.1, 0.9], [False, True], 1, 0.0),
        ([0.1, 0.9], [False, True], 2, 0.1),
    ],
)
def test_expected_calibration_error_by_hand(
    confidences: list[float], right: list[bool], bins: int, expected: float
) -> None:
    """The distance between confidence and accuracy, weighed by how many fall into each bin."""
    assert expected == pytest.approx(expected_calibration_error(confidences, right, bins))


def test_features_of_names_words_pairs_and_kinds() -> None:
    """Words, pairs with the message's ends, characters and the kinds of things named."""
    found = features_of(["where", "is"], ["order_id"], Settings(shortest=2, longest=2))
    assert {"w:where", "w:is", "w:^ where", "w:where is", "w:is $", " w", "⟨order_id⟩", "size:2"} <= set(found)
    assert "size:4" in features_of(["a"] * 9, [], SETTINGS)


def test_rank_is_a_distribution_best_first(classifier: LinearClassifier) -> None:
    """Probabilities of all labels, in falling order, sum to one."""
    for text in ("hello", "where is my parcel", "zzz", ""):
        ranking = classifier.rank(features(text))
        scores = [score for _, score in ranking]
        assert set(INTENTS) == {name for name, _ in ranking}
        assert sorted(scores, reverse=True) == scores
        assert 1.0 == pytest.approx(sum(scores), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hello there", "greet"),
        ("where is my order", "order_status"),
        ("return policy?", "return_policy"),
        ("is cod available", "cod_available"),
    ],
)
def test_rank_finds_the_intent(classifier: LinearClassifier, text: str, intent: str) -> None:
    """Plain sentences are understood from thirty examples each."""
    assert intent == classifier.rank(features(text))[0][0]


def test_load_ranks_as_what_was_saved(classifier: LinearClassifier, tmp_path: pathlib.Path) -> None:
    """Saved and loaded, the same labels in the same order with the same confidence."""
    classifier.save(tmp_path / "intents.npz")
    loaded = LinearClassifier.load(tmp_path / "intents.npz")
    assert (classifier.labels, classifier.settings) == (loaded.labels, loaded.settings)
    for text in ("hello", "where is my parcel", "can i pay cash", ""):
        before, after = dict(classifier.rank(features(text))), dict(loaded.rank(features(text)))
        assert classifier.rank(features(text))[0][0] == loaded.rank(features(text))[0][0]
        assert before == pytest.approx(after, abs=0.01)


def test_fit_two_labels() -> None:
    """Two labels have one column of weights in scikit-learn; both are told, in both orders."""
    two = LinearClassifier.fit(*documents("greet", "order_status"), SETTINGS)
    assert ["greet", "order_status"] == [two.rank(features(text))[0][0] for text in ("hello", "where is my order")]


def test_fit_few_examples_have_a_usual_confidence() -> None:
    """Where no examples can be held out, it still gives probabilities."""
    few = LinearClassifier.fit([["w:hi"], ["w:order"]], ["greet", "order_status"], SETTINGS)
    name, confidence = few.rank(["w:hi"])[0]
    assert "greet" == name
    assert 0.5 < confidence < 1.0


def test_fit_one_label_says_what_it_needs() -> None:
    """One label is no choice."""
    with pytest.raises(ValueError, match=r"two labels at least, has \['greet'\]"):
        LinearClassifier.fit([["a"], ["b"]], ["greet", "greet"], SETTINGS)


def test_fit_is_the_same_every_time() -> None:
    """Two fits on the same examples give the same model."""
    first, second = (LinearClassifier.fit(*documents(*INTENTS[:3]), SETTINGS) for _ in range(2))
    assert dict(first.rank(features("where is it"))) == dict(second.rank(features("where is it")))
