"""The classifier of intents and its confidence."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from pasar.languages.classify import LinearClassifier, Settings, expected_calibration_error, features_of
from pasar.languages.ngrams import Ngrams, hash_characters, hash_marks, hash_words
from tests.languages.samples import training

SETTINGS = Settings()
INTENTS = ("greet", "order_status", "return_policy", "cod_available")


def documents(*intents: str) -> tuple[Ngrams, list[str]]:
    """Features and labels of thirty English examples of each intent."""
    chosen = [sample for intent in intents for sample in training("en") if sample.intent == intent]
    kept = [sample for intent in intents for sample in [one for one in chosen if one.intent == intent][:30]]
    return features(*(sample.text for sample in kept)), [sample.intent for sample in kept]


def features(*texts: str) -> Ngrams:
    """Features of texts cut at blanks."""
    return features_of([text.lower().split() for text in texts], [()] * len(texts), SETTINGS)


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


def test_features_of_are_words_characters_and_kinds() -> None:
    """Words with their neighbours and pairs, characters, the kinds of things named and the length."""
    found = features_of([["where", "is"]], [["order_id"]], Settings(shortest=2, longest=2))
    expected = [
        hash_words([["where", "is"]], paired=12),
        hash_characters(["where is"], 2, 2),
        hash_marks([["order_id", "size:2"]]),
    ]
    assert sorted(np.concatenate([part.hashes for part in expected])) == sorted(found.hashes)
    assert set(hash_marks([["size:4"]]).hashes) <= set(features_of([["a"] * 9], [[]], SETTINGS).hashes)


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
    few = LinearClassifier.fit(hash_marks([["hi"], ["order"]]), ["greet", "order_status"], SETTINGS)
    name, confidence = few.rank(hash_marks([["hi"]]))[0]
    assert "greet" == name
    assert 0.5 < confidence < 1.0


def test_fit_one_label_says_what_it_needs() -> None:
    """One label is no choice."""
    with pytest.raises(ValueError, match=r"two labels at least, has \['greet'\]"):
        LinearClassifier.fit(hash_marks([["a"], ["b"]]), ["greet", "greet"], SETTINGS)


def test_fit_is_the_same_every_time() -> None:
    """Two fits on the same examples give the same model."""
    first, second = (LinearClassifier.fit(*documents(*INTENTS[:3]), SETTINGS) for _ in range(2))
    assert dict(first.rank(features("where is it"))) == dict(second.rank(features("where is it")))


def test_fit_many_is_the_same_every_time() -> None:
    """Nor does it matter that many examples are fitted on in processes of their own."""
    few, labels = (
        [f"{word} {number}" for number in range(1100) for word in ("hello", "where")],
        ["greet", "order"] * 1100,
    )
    first, second = (LinearClassifier.fit(features(*few), labels, SETTINGS) for _ in range(2))
    assert dict(first.rank(features("where is it"))) == dict(second.rank(features("where is it")))
    assert "order" == first.rank(features("where is it"))[0][0]


@pytest.mark.parametrize(("common", "scale"), [(0.0, 1.0), (1.0, 0.05)])
def test_fit_embeddings_tell_what_ngrams_do_not(tmp_path: pathlib.Path, common: float, scale: float) -> None:
    """Also where an encoder puts all texts close together; saved and loaded it is the same."""
    directions = np.random.default_rng(0).normal(size=(2, 30, 4)) * 0.2 + np.array([[[1, 0, 0, 0]], [[0, 1, 0, 0]]])
    embeddings = (directions.reshape(60, 4) * scale + common).astype(np.float32)
    same = hash_marks([["same"]] * 60)
    model = LinearClassifier.fit(same, ["greet"] * 30 + ["order_status"] * 30, SETTINGS, embeddings)
    model.save(tmp_path / "intents.npz")
    for fitted in (model, LinearClassifier.load(tmp_path / "intents.npz")):
        for asked, intent in (([1, 0, 0, 0], "greet"), ([0, 1, 0, 0], "order_status")):
            embedding = np.array(asked, dtype=np.float32) * np.float32(scale) + np.float32(common)
            name, confidence = fitted.rank(hash_marks([["same"]]), embedding)[0]
            assert intent == name
            assert confidence > 0.9
