"""Running a trained graph without planning it anew for every message.

Rasa hands its graph to dask, which sorts the nodes and writes keys for them three times a turn: a sixth of the time a
message takes. The order never changes, so it is found once.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class PlannedGraphRunner(GraphRunner):
    """Runs the nodes of a loaded graph one after another; the results are those of Rasa's runner."""

    def __init__(self, schema: GraphSchema, nodes: Mapping[str, GraphNode]) -> None:
        """``nodes``: the loaded nodes by their names in ``schema``."""
        self._schema = schema
        self._nodes = nodes
        self._plan = functools.lru_cache(maxsize=64)(functools.partial(make_plan, schema))

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> PlannedGraphRunner:
        """Load the nodes as Rasa's runner does."""
        return cls.adopt(DaskGraphRunner.create(graph_schema, model_storage, execution_context, hooks))

    @classmethod
    def adopt(cls, runner: DaskGraphRunner) -> PlannedGraphRunner:
        """Take over the nodes that another runner has loaded."""
        return cls(runner._graph_schema, runner._instantiated_nodes)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need; their results by name.

        Raises:
            GraphRunError: an input bears the name of a node, or is missing.
        """
        values: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        wanted = tuple(targets or self._schema.target_names)
        for name, needs in self._plan(wanted, frozenset(values)):
            values[name] = self._nodes[name](*(values[need] for need in needs))
        return {name: values[name][1] for name in wanted}


def make_plan(schema: GraphSchema, wanted: Sequence[str], given: frozenset[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The nodes to be run in order, each with the names of its inputs.

    Raises:
        GraphRunError: an input bears the name of a node, or is missing.
    """
    if clash := given & schema.nodes.keys():
        raise GraphRunError(f"an input has the name of a node: {', '.join(sorted(clash))}")
    plan: dict[str, tuple[str, ...]] = {}

    def add(name: str) -> None:
        if name in given or name in plan:
            return
        if name not in schema.nodes:
            raise GraphRunError(f"the input {name!r} is missing")
        needs = tuple(schema.nodes[name].needs.values())
        for need in needs:
            add(need)
        plan[name] = needs

    for name in wanted:
        add(name)
    return list(plan.items())
