"""Run in a project's folder: trains it as ``rasa train`` does, then writes which nodes were trained and which restored.

``python train_small_project.py <file for the answer>``
"""

from __future__ import annotations

import json
import pathlib
import sys

import rasa.engine.training.hooks as rasa_hooks
from rasa.model_training import train


def main(answer: str) -> None:
    """Train with Rasa's own cache; node names, since the log names classes only."""
    trained: list[str] = []
    restored: list[str] = []
    log_start = rasa_hooks.LoggingHook.on_before_node

    def note_start(self, node_name, execution_context, config, received_inputs):
        node = self._pruned_schema.nodes[node_name]
        if self._does_node_train(node):
            (restored if self._is_cached_node(node) else trained).append(node_name)
        return log_start(self, node_name, execution_context, config, received_inputs)

    rasa_hooks.LoggingHook.on_before_node = note_start
    result = train(domain="domain.yml", config="config.yml", training_files=["data"], output="models")
    written = {"model": result.model, "code": result.code, "trained": sorted(trained), "restored": sorted(restored)}
    pathlib.Path(answer).write_text(json.dumps(written), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
