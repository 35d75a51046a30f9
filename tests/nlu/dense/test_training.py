"""A sentence encoder the whole way: rasa train, Rasa's cache, a server's model."""

from __future__ import annotations

import asyncio
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from pasar.languages.pack import list_codes, load_pack
from pasar.nlu.dense import EncoderError
from tests.nlu.dense.samples import EXAMPLES
from tests.nlu.small_project import SmallProject, train, write_project
from tests.nlu.tiny_encoder import write_encoder


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
