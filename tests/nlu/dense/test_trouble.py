"""What is said where a sentence encoder cannot be used."""

from __future__ import annotations

import importlib.abc
import pathlib
import sys
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import RasaException

from pasar.nlu import dense
from pasar.nlu.classifier import NgramIntentClassifier
from pasar.nlu.dense import EncoderError, SentenceEncoder
from tests.nlu.dense.samples import encoder_of, fit
from tests.nlu.tiny_encoder import write_encoder


class Missing(importlib.abc.MetaPathFinder):
    """An import hook: one package is not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("encoders/tiny", "data/en/config.yml: encoder: must have a folder"),
        ({"prefix": "query: "}, "data/en/config.yml: encoder: must have a folder"),
        ({"folder": 7}, "data/en/config.yml: encoder.folder: must be a str, is 7"),
        ({"folder": "x", "fodler": "y"}, "encoder.fodler: is no key here; known: folder, prefix, longest"),
        ({"folder": "x", "longest": True}, "encoder.longest: must be a int, is True"),
        ({"folder": "x", "longest": 0}, "encoder.longest: must be 1 at least, is 0"),
        (
            {"folder": "no/such"},
            "encoder.folder: no/such/model.onnx is missing: download a sentence encoder's model.onnx",
        ),
    ],
)
def test_a_wrong_entry_is_named(entry: Any, told: str) -> None:
    """File, key, and what to do, in one line; and Rasa prints no trace of it."""
    with pytest.raises(EncoderError) as error:
        SentenceEncoder("en", entry)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, RasaException)


def test_a_missing_tokenizer_is_named(tmp_path: pathlib.Path) -> None:
    """A folder with half of it is not enough."""
    folder = write_encoder(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"tokenizer\.json is missing: download"):
        encoder_of(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_broken_file_is_named(tmp_path: pathlib.Path, name: str) -> None:
    """A download that stopped half-way."""
    folder = write_encoder(tmp_path)
    (folder / name).write_bytes(b"<html>")
    with pytest.raises(EncoderError, match=f"encoder.folder: {folder / name} cannot be read: "):
        encoder_of(folder).open()


def test_a_model_that_is_no_encoder_is_told_by_its_inputs(tmp_path: pathlib.Path) -> None:
    """One that reads pictures, or generates."""
    folder = write_encoder(tmp_path, inputs=("input_ids", "attention_mask", "pixel_values"))
    with pytest.raises(EncoderError, match=r"model\.onnx asks for pixel_values; a sentence encoder takes"):
        encoder_of(folder).open()


@pytest.mark.parametrize("package", dense.PACKAGES)
def test_a_missing_package_is_named(folder: pathlib.Path, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which one, by which key of which file, and how to come by it; a model without an encoder trains as ever."""
    monkeypatch.setattr(sys, "meta_path", [Missing(package), *sys.meta_path])
    monkeypatch.delitem(sys.modules, package, raising=False)
    with pytest.raises(EncoderError) as error:
        encoder_of(folder)
    told = f"data/en/config.yml: encoder: needs the package {package}, which is not installed: run `make setup`"
    assert str(error.value).startswith(told)
    NgramIntentClassifier({**NgramIntentClassifier.get_default_config(), "language": "en"}, None, None)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_load_refuses_another_file(tmp_path: pathlib.Path, name: str) -> None:
    """A model is served with the encoder it was trained with, or not at all."""
    folder = write_encoder(tmp_path / "tiny")
    config = {**NgramIntentClassifier.get_default_config(), "language": "en", "encoder": {"folder": str(folder)}}
    fit(config["encoder"], tmp_path / "trained")
    with (folder / name).open("ab") as file:
        file.write(b" ")
    about = (config, LocalModelStorage(tmp_path / "trained"), Resource("intents"), ExecutionContext(GraphSchema({})))
    with pytest.raises(EncoderError, match=f"{folder / name} is not the file that this model was trained with: put"):
        NgramIntentClassifier.load(*about)
