"""Training the branches of the graph side by side, a process each.

Rasa trains node after node, though the branches of eight languages have nothing to do with one another: on two cores
they are done in half the time. Rasa has no setting for its runner, so ours takes the place of Rasa's own.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import rasa.model_training
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage

from pasar.nlu.runner import make_plan
from pasar.processes import Task, wait_for_one


class TrainingRunner(DaskGraphRunner):
    """Rasa's runner, but that components which say so train in processes of their own.

    Such a component has a class method ``trains_apart(config)``, and gives back a ``Resource``, which lies in the model
    storage: what it leaves in the memory of its process is gone. Hooks, and with them Rasa's cache, are called here.
    """

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        """As Rasa's."""
        super().__init__(graph_schema, model_storage, execution_context, hooks)
        self._apart = {
            name: _NodeApart(
                GraphNode.from_schema_node(name, node, model_storage, execution_context),
                dataclasses.replace(execution_context, node_name=name),
                hooks or [],
            )
            for name, node in graph_schema.nodes.items()
            if hasattr(node.uses, "trains_apart") and node.uses.trains_apart(node.config)
        }

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need; their results by name."""
        values: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        wanted = tuple(targets or self._graph_schema.target_names)
        running: dict[str, Task[tuple[str, Any]]] = {}

        def finish_one() -> None:
            name = wait_for_one(running)
            values[name] = self._apart[name].finish(running.pop(name))

        # the last first: what all languages share stands there, and takes longest
        for name, needs in make_plan(self._graph_schema, wanted[::-1], frozenset(values)):
            while any(need in running for need in needs):
                finish_one()
            received = [values[need] for need in needs]
            if name in self._apart:
                while len(running) >= (os.cpu_count() or 1):
                    finish_one()
                running[name] = self._apart[name].start(received)
            else:
                values[name] = self._instantiated_nodes[name](*received)
        while running:
            finish_one()
        return {name: values[name][1] for name in wanted}


class _NodeApart:
    """A node whose component is at work elsewhere while its hooks are called here."""

    def __init__(self, node: GraphNode, context: ExecutionContext, hooks: Sequence[GraphNodeHook]) -> None:
        self._node = node
        self._hooks = hooks
        self._about: dict[str, Any] = {
            "node_name": context.node_name,
            "execution_context": context,
            "config": node._component_config,
        }
        self._noted: list[dict[str, Any]] = []

    def start(self, received: Sequence[tuple[str, Any]]) -> Task[tuple[str, Any]]:
        values = dict(received)
        inputs = {argument: values[need] for argument, need in self._node._inputs.items()}
        self._noted = [hook.on_before_node(**self._about, received_inputs=inputs) for hook in self._hooks]
        return Task(self._node, *received)

    def finish(self, task: Task[tuple[str, Any]]) -> tuple[str, Any]:
        name, output = task.wait()
        for hook, noted in zip(self._hooks, self._noted, strict=True):
            hook.on_after_node(**self._about, output=output, input_hook_data=noted)
        return name, output


def use() -> None:
    """Let every training of this process run so."""
    rasa.model_training.DaskGraphRunner = TrainingRunner
