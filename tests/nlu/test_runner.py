"""The planned runner against Rasa's own, on a graph with a shared input and two targets."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from pasar.nlu.runner import PlannedGraphRunner


class Adder(GraphComponent):
    """Adds, and counts how often."""

    runs = 0

    def __init__(self, amount: int) -> None:
        self._amount = amount

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Adder:
        return cls(config["amount"])

    def add(self, first: int, second: int = 0) -> int:
        Adder.runs += 1
        return first + second + self._amount


def node(needs: dict[str, str], amount: int, *, target: bool = False) -> SchemaNode:
    return SchemaNode(needs, Adder, "create", "add", {"amount": amount}, eager=True, is_target=target)


SCHEMA = GraphSchema({
    "last": node({"first": "left", "second": "right"}, 1000, target=True),
    "left": node({"first": "begin"}, 10),
    "right": node({"first": "begin", "second": "given"}, 100),
    "begin": node({"first": "given"}, 1),
    "unwanted": node({"first": "elsewhere"}, 5),
})  # fmt: skip


@pytest.fixture
def runners(tmp_path: pathlib.Path) -> tuple[PlannedGraphRunner, DaskGraphRunner]:
    storage = LocalModelStorage(tmp_path)
    stock = DaskGraphRunner.create(SCHEMA, storage, ExecutionContext(SCHEMA))
    return PlannedGraphRunner.create(SCHEMA, storage, ExecutionContext(SCHEMA)), stock


@pytest.mark.parametrize("targets", [None, ["left"], ["right", "left"], ["last", "begin"]])
def test_run_gives_what_rasas_runner_gives(runners: tuple[Any, Any], targets: list[str] | None) -> None:
    ours, stock = runners
    assert ours.run({"given": 7}, targets) == stock.run({"given": 7}, targets)


def test_run_runs_every_node_once(runners: tuple[Any, Any]) -> None:
    Adder.runs = 0
    assert runners[0].run({"given": 7}) == {"last": 7 + 1 + 10 + 7 + 1 + 7 + 100 + 1000}
    assert Adder.runs == 4


@pytest.mark.parametrize(("inputs", "named"), [({}, "given"), ({"left": 1, "given": 2}, "left")])
def test_run_says_which_input_is_wrong(runners: tuple[Any, Any], inputs: dict[str, int], named: str) -> None:
    with pytest.raises(GraphRunError, match=named):
        runners[0].run(inputs)
