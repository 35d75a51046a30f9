"""A sentence encoder beside the n-grams: what it is worth, and what is said where it cannot be used."""

from __future__ import annotations

import asyncio
import importlib.abc
import json
import pathlib
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import pytest
import structlog
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.languages.pack import list_codes, load_pack
from pasar.nlu import dense
from pasar.nlu.classifier import NgramIntentClassifier
from pasar.nlu.dense import EncoderError, SentenceEncoder
from pasar.nlu.embeddings import Embeddings
from pasar.nlu.tokenizer import PackTokenizer
from pasar.processes import Task
from tests.nlu.small_project import SmallProject, train, write_project
from tests.nlu.tiny_encoder import DIMENSIONS, write_encoder

EXAMPLES = {
    "order_status": ["where is my parcel", "my parcel please", "parcel arrived", "track my parcel", "where is the box"],
    "return_policy": ["refund please", "return rules please", "my refund", "rules for a refund", "the refund rules"],
    "greet": ["hello", "hi", "hello hello", "hi hello", "morning"],
}
#: Unseen words of letters that no example has: to n-grams they are all the same.
UNSEEN = {"zqq": "order_status", "qjj": "return_policy", "jzz": "greet"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A tiny encoder."""
    return write_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


def encoder_of(folder: pathlib.Path, **settings: Any) -> SentenceEncoder:
    """As a pack's config.yml names it."""
    return SentenceEncoder("en", {"folder": str(folder), **settings})


def message(text: str, intent: str | None = None) -> Message:
    """A message as the pipeline hands it to the classifier."""
    made = Message({TEXT: text, **({INTENT: intent} if intent else {})})
    PackTokenizer({**PackTokenizer.get_default_config(), "language": "en", "tokenizer": "spaced"}).process([made])
    return made


def fit(encoder: dict[str, Any] | None, folder: pathlib.Path) -> NgramIntentClassifier:
    """The classifier alone, trained and loaded again; its model is in the folder."""
    folder.mkdir(exist_ok=True)
    storage = LocalModelStorage(folder)
    config = {**NgramIntentClassifier.get_default_config(), "language": "en", "encoder": encoder}
    examples = [message(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    about = (config, storage, Resource("intents"), ExecutionContext(GraphSchema({})))
    NgramIntentClassifier.create(*about).train(TrainingData(examples))
    return NgramIntentClassifier.load(*about)


def intents(classifier: NgramIntentClassifier, *texts: str) -> list[tuple[str, float]]:
    """What a classifier makes of texts, the first of its ranking."""
    messages = classifier.process([message(text) for text in texts])
    return [(ranking[0]["name"], ranking[0]["confidence"]) for ranking in (m.get("intent_ranking") for m in messages)]


class Missing(importlib.abc.MetaPathFinder):
    """An import hook: one package is not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


# ---- embeddings


@pytest.mark.parametrize("pooled", [False, True])
def test_encode_is_the_mean_over_tokens_of_length_one(tmp_path: pathlib.Path, pooled: bool) -> None:
    """By hand from the model's table, whether the model gives a row a token or a row a text."""
    folder = write_encoder(tmp_path, pooled=pooled)
    table = onnx.numpy_helper.to_array(onnx.load(str(folder / "model.onnx")).graph.initializer[0])
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    mean = table[[vocabulary[word] for word in ("where", "my", "parcel")]].mean(axis=0)
    expected = mean / np.linalg.norm(mean)
    np.testing.assert_allclose(expected, encoder_of(folder).encode(["Where my PARCEL"])[0], rtol=1e-5)


def test_encode_does_not_depend_on_what_stands_beside(folder: pathlib.Path) -> None:
    """Texts of all lengths at once, more than a batch, are what each is alone; and the same every time."""
    texts = [" ".join(["parcel", "hello", "refund", "my"][: 1 + n % 4]) for n in range(200)] + ["", "  "]
    together = encoder_of(folder).encode(texts)
    assert (len(texts), DIMENSIONS) == together.shape
    np.testing.assert_allclose(together, np.vstack([encoder_of(folder).encode([text]) for text in texts]), atol=1e-6)
    np.testing.assert_array_equal(together, encoder_of(folder).encode(texts))
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), [1.0] * 200 + [0.0] * 2, rtol=1e-5)


def test_encode_reads_a_prefix_and_no_more_than_the_longest(folder: pathlib.Path) -> None:
    """The prefix stands before each text; what comes after the longest is not read."""
    plain, prefixed, short = encoder_of(folder), encoder_of(folder, prefix="query "), encoder_of(folder, longest=2)
    np.testing.assert_array_equal(plain.encode(["query hello"]), prefixed.encode(["hello"]))
    np.testing.assert_array_equal(plain.encode(["my parcel"]), short.encode(["my parcel hello refund"]))


def test_encode_takes_models_that_ask_for_token_types(tmp_path: pathlib.Path) -> None:
    """They are nought for a single text."""
    given = ("input_ids", "attention_mask", "token_type_ids")
    with_types = encoder_of(write_encoder(tmp_path / "with", inputs=given)).encode(["my parcel"])
    np.testing.assert_array_equal(encoder_of(write_encoder(tmp_path / "without")).encode(["my parcel"]), with_types)


def test_encode_works_in_a_copied_process(folder: pathlib.Path) -> None:
    """A session opened here is not used there."""
    encoder = encoder_of(folder)
    here = encoder.encode(["my parcel"])
    np.testing.assert_array_equal(here, Task(encoder.encode, ["my parcel"]).wait())
    opened = encoder.open().process
    assert opened != Task(lambda: encoder.open().process).wait()


def test_open_shares_one_session_between_languages(folder: pathlib.Path) -> None:
    """Eight languages that name one encoder hold it once; another one is another's."""
    first, second, other = encoder_of(folder), encoder_of(folder), encoder_of(folder, longest=9)
    assert first.open() is second.open()
    assert first.open() is not other.open()


def test_open_uses_one_thread(folder: pathlib.Path) -> None:
    """Cores are for other buyers' messages."""
    options = encoder_of(folder).open()._session.get_session_options()
    assert (1, 1) == (options.intra_op_num_threads, options.inter_op_num_threads)


def test_encode_a_message_takes_less_than_a_few_milliseconds(folder: pathlib.Path) -> None:
    """What is around the model costs next to nothing."""
    encoder = encoder_of(folder)
    encoder.encode(["warm"])
    seconds = []
    for _ in range(50):
        began = time.perf_counter()
        encoder.encode(["where is my parcel please"])
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.003


def test_embed_tells_how_far_it_is(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of texts take minutes."""
    monkeypatch.setattr(dense, "_LOG_EVERY", 3)
    monkeypatch.setattr(dense, "_BATCH", 2)
    examples = [message(text) for text in ("hi", "hello", "box", "refund", "rules", "hi", "morning parcel")]
    with structlog.testing.capture_logs() as logs:
        embeddings = encoder_of(folder).embed(TrainingData(examples))
    assert 6 == len(embeddings.texts)
    told = [(entry["event"], entry.get("done"), entry.get("of")) for entry in logs]
    assert [("encoder.progress", 4, 6), ("encoder.progress", 6, 6), ("encoder.done", None, None)] == told


def test_embeddings_survive_rasas_cache(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What comes back is what went in, and has the same fingerprint; other texts have another."""
    made = encoder_of(folder).embed(TrainingData([message("hi"), message("my parcel")]))
    made.to_cache(tmp_path, None)
    restored = Embeddings.from_cache("embed_en", tmp_path, None, made.fingerprint())
    np.testing.assert_array_equal(made.of(["my parcel", "hi"]), restored.of(["my parcel", "hi"]))
    assert made.fingerprint() == restored.fingerprint()
    assert made.fingerprint() != encoder_of(folder).embed(TrainingData([message("hi")])).fingerprint()


def test_fingerprint_is_of_the_files_content(tmp_path: pathlib.Path) -> None:
    """Another model is another fingerprint, a copy is not; without an encoder there is none."""
    tiny = write_encoder(tmp_path / "tiny")
    copy = shutil.copytree(tiny, tmp_path / "copy")
    config = {"language": "en", "encoder": {"folder": str(tiny)}}
    before = SentenceEncoder.fingerprint_addon(config)
    assert before == SentenceEncoder.fingerprint_addon({**config, "encoder": {"folder": str(copy)}})
    write_encoder(tiny, seed=1)
    assert before != SentenceEncoder.fingerprint_addon(config)
    assert "" == SentenceEncoder.fingerprint_addon({"language": "en", "encoder": None})
    assert "" == SentenceEncoder.fingerprint_addon({})


# ---- the classifier


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


# ---- what is said where it cannot be used


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


# ---- the whole way: rasa train, Rasa's cache, a server's model


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SmallProject]:
    """The small project in English with the examples above and a tiny encoder; then with another setting, or encoder.

    They are trained one after the other, with one cache.
    """
    folder = tmp_path_factory.mktemp("dense") / "first"
    folder.mkdir()
    first = write_project(folder)
    config = yaml.safe_load((first.folder / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"][0]["languages"] = ["en"]
    (first.folder / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    for intent, texts in EXAMPLES.items():
        section = {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
        content = yaml.safe_dump({"version": "3.1", "language": "en", "nlu": [section]}, sort_keys=False)
        (first.folder / "data" / "en" / "nlu" / f"{intent}.yml").write_text(content, encoding="utf-8")
    first.replace("data/en/config.yml", "    spelling: 4", "    encoder: {folder: encoders/tiny}\n    spelling: 4")
    write_encoder(first.folder / "encoders" / "tiny")
    setting, encoder = (
        SmallProject(shutil.copytree(first.folder, first.folder.with_name(name)), first.code)
        for name in ("setting", "encoder")
    )
    setting.replace("data/en/config.yml", "spelling: 4", "spelling: 5")
    write_encoder(encoder.folder / "encoders" / "tiny", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_CACHE_DIRECTORY", str(first.folder.with_name("cache")))
        first.first, setting.first, encoder.first = train(first, setting, encoder)
    return {"first": first, "setting": setting, "encoder": encoder}


@pytest.fixture(scope="module")
def agent(projects: dict[str, SmallProject]) -> Iterator[Any]:
    """The first model, loaded as a server loads it."""
    from rasa.core.agent import Agent

    project = projects["first"]
    assert project.first is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        yield Agent.load(project.first.model)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "trained", "restored"),
    [
        ("first", {"embed_en", "train_nlu_en"}, set()),
        ("setting", {"train_nlu_en"}, {"embed_en"}),
        ("encoder", {"embed_en", "train_nlu_en"}, set()),
    ],
)
def test_rasas_cache_keeps_embeddings(
    projects: dict[str, SmallProject], name: str, trained: set[str], restored: set[str]
) -> None:
    """Another setting trains with the embeddings there are; another encoder makes them anew."""
    done = projects[name].first
    assert done is not None
    assert trained == {node for node in done.trained if node.endswith("_en")}
    assert restored == {node for node in done.restored if node.endswith("_en")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "intent"), [("my zqq", "order_status"), ("qjj please", "return_policy"), ("jzz", "greet")]
)
def test_a_served_model_understands_unseen_words(agent: Any, text: str, intent: str) -> None:
    """Through the whole graph, from the packed model."""
    parsed = asyncio.run(agent.parse_message(text))
    assert intent == parsed["intent"]["name"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'RulePolicy' is not included:UserWarning")  # ours is one
def test_training_ends_with_one_sentence(
    projects: dict[str, SmallProject], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is trained; Rasa's command prints such an error without a trace."""
    source = projects["first"].folder
    monkeypatch.chdir(
        shutil.copytree(source, tmp_path / "without", ignore=shutil.ignore_patterns("encoders", "models"))
    )
    from rasa.model_training import train as rasa_train

    for cached in (list_codes, load_pack):  # they are remembered by a path that counts from here
        cached.cache_clear()
    with pytest.raises(
        EncoderError, match=r"data/en/config\.yml: encoder\.folder: encoders/tiny/model\.onnx is missing"
    ):
        rasa_train(domain="domain.yml", config="config.yml", training_files=["data"], output="models")
    for cached in (list_codes, load_pack):
        cached.cache_clear()
