"""The training runner against Rasa's own: the same results, the same calls of hooks, some of the work elsewhere."""

from __future__ import annotations

import inspect
import os
import pathlib
from typing import Any

import pytest
import rasa.model_training
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphNodeHook, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource

import pasar.nlu.importer
from pasar.nlu.branches import LanguageBranch, _language_graph
from pasar.nlu.training import TrainingRunner


class Giver(GraphComponent):
    """Gives what it is configured to give."""

    def __init__(self, amount: int) -> None:
        self._amount = amount

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Giver:
        return cls(config["amount"])

    def give(self, given: int) -> int:
        return given + self._amount


class Learner(GraphComponent):
    """Writes what it learns, and where, into the model storage."""

    def __init__(self, config: dict[str, Any], storage: LocalModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: Any, resource: Resource, **__: Any) -> Learner:
        return cls(config, model_storage, resource)

    @classmethod
    def trains_apart(cls, config: dict[str, Any]) -> bool:
        return bool(config["apart"])

    def learn(self, lesson: int) -> Resource:
        if lesson < 0:
            raise ValueError("nothing to learn")
        with self._storage.write_to(self._resource) as folder:
            (folder / "lesson").write_text(f"{lesson} {os.getpid()}")
        return self._resource


class Notes(GraphNodeHook):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}

    def on_before_node(
        self, node_name: str, execution_context: ExecutionContext, config: Any, received_inputs: Any
    ) -> dict[str, Any]:
        self.before[node_name] = (execution_context.node_name, config, received_inputs)
        return {"of": node_name}

    def on_after_node(
        self, node_name: str, execution_context: ExecutionContext, config: Any, output: Any, input_hook_data: Any
    ) -> None:
        assert input_hook_data == {"of": node_name}
        self.after[node_name] = (execution_context.node_name, config, output)


def learner(need: str, *, apart: bool) -> SchemaNode:
    return SchemaNode({"lesson": need}, Learner, "create", "learn", {"apart": apart}, is_target=True)


SCHEMA = GraphSchema({
    **{f"learner_{number}": learner("plus_one", apart=True) for number in range(5)},
    "here": learner("plus_two", apart=False),
    "plus_one": SchemaNode({"given": "given"}, Giver, "create", "give", {"amount": 1}),
    "plus_two": SchemaNode({"given": "given"}, Giver, "create", "give", {"amount": 2}),
})  # fmt: skip


def run(kind: type[DaskGraphRunner], folder: pathlib.Path, given: int) -> tuple[dict[str, Any], Notes, dict[str, str]]:
    folder.mkdir()
    notes = Notes()
    storage = LocalModelStorage(folder)
    results = kind.create(SCHEMA, storage, ExecutionContext(SCHEMA), [notes]).run({"given": given})
    lessons = {}
    for name, resource in results.items():
        with storage.read_from(resource) as stored:
            lessons[name] = (stored / "lesson").read_text()
    return results, notes, lessons


def test_results_and_hooks_are_those_of_rasas_runner(tmp_path: pathlib.Path) -> None:
    ours, our_notes, our_lessons = run(TrainingRunner, tmp_path / "ours", 7)
    stock, stock_notes, stock_lessons = run(DaskGraphRunner, tmp_path / "stock", 7)
    assert ours == stock
    assert our_notes.before == stock_notes.before
    assert our_notes.after == stock_notes.after
    assert {name: text.split()[0] for name, text in our_lessons.items()} == {
        name: text.split()[0] for name, text in stock_lessons.items()
    }


def test_those_that_say_so_train_in_processes_of_their_own(tmp_path: pathlib.Path) -> None:
    _, _, lessons = run(TrainingRunner, tmp_path / "ours", 7)
    processes = {name: int(text.split()[1]) for name, text in lessons.items()}
    assert processes.pop("here") == os.getpid()
    assert len({*processes.values(), os.getpid()}) == 6


def test_what_fails_apart_fails_as_it_does_here(tmp_path: pathlib.Path) -> None:
    with pytest.raises(GraphComponentException, match="learner_"):
        run(TrainingRunner, tmp_path / "ours", -2)


def test_rasa_trains_with_our_runner() -> None:
    """Rasa takes its runner from where the importer, which every training loads, puts ours."""
    assert pasar.nlu.importer.branches.training.TrainingRunner is TrainingRunner
    assert rasa.model_training.DaskGraphRunner is TrainingRunner
    assert "DaskGraphRunner)" in inspect.getsource(rasa.model_training._train_graph)


def test_a_branch_with_components_of_rasa_trains_here() -> None:
    """TensorFlow does not survive in a copied process."""
    schema, _ = _language_graph("th")
    assert LanguageBranch.trains_apart({"schema": schema})
    name = next(name for name in schema["nodes"] if "NgramIntentClassifier" in name)
    schema["nodes"][name]["uses"] = "rasa.nlu.classifiers.diet_classifier.DIETClassifier"
    assert not LanguageBranch.trains_apart({"schema": schema})
