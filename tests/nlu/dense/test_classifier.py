"""What a sentence encoder is worth beside the n-grams."""

from __future__ import annotations

import json
import pathlib

from tests.nlu.dense.samples import UNSEEN, encoder_of, fit, intents, message


def test_the_encoder_leads_unseen_words_to_their_intents(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """N-grams alone make the same of all of them; with the encoder each is right."""
    alone = intents(fit(None, tmp_path / "alone"), *UNSEEN)
    assert 1 == len(set(alone))
    helped = intents(fit({"folder": str(folder)}, tmp_path / "helped"), *UNSEEN)
    assert list(UNSEEN.values()) == [intent for intent, _ in helped]


def test_the_encoder_reads_each_clause(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The second need of a message is found in words that no example has."""
    classifier = fit({"folder": str(folder)}, tmp_path)
    classifier._config["second_need"] = 0.4
    [judged] = classifier.process([message("zqq zqq, qjj qjj")])
    assert {"order_status", "return_policy"} == set(judged.get("needs"))


def test_training_is_the_same_every_time(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Also where the embeddings come from the cache."""
    first, second = (fit({"folder": str(folder)}, tmp_path / name) for name in "ab")
    assert intents(first, *UNSEEN) == intents(second, *UNSEEN)


def test_without_an_encoder_nothing_is_opened_or_kept(tmp_path: pathlib.Path) -> None:
    """The model is what it was, and so is the work a message makes."""
    classifier = fit(None, tmp_path)
    assert classifier._encoder is None
    assert classifier._model is not None and classifier._model._dense is None
    assert ["intents.npz", "learnt.json"] == sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def test_the_model_keeps_path_and_hashes_only(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """No weights of the encoder, no embeddings of examples."""
    fit({"folder": str(folder)}, tmp_path)
    kept = {path.name: path for path in tmp_path.rglob("*") if path.is_file()}
    assert {"intents.npz", "learnt.json", "encoder.json"} == set(kept)
    about = json.loads(kept["encoder.json"].read_text())
    assert {"folder": str(folder), "files": encoder_of(folder).hashes} == about
    assert {"model.onnx", "tokenizer.json"} == set(about["files"])
