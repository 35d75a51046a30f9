"""Trains projects as ``rasa train`` does, and writes into each which nodes were trained and which restored.

``python train_small_project.py <folder> [<folder> …]``
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import sys

import rasa.engine.training.hooks as rasa_hooks
import structlog
from rasa.model_training import train

from pasar.languages.pack import load_pack

ANSWER = "training.json"


def main(folders: list[str]) -> None:
    """Train each with Rasa's own cache inside it; node names are noted, since the log names classes only."""
    trained: list[str] = []
    restored: list[str] = []
    log_start = rasa_hooks.LoggingHook.on_before_node

    def note_start(self, node_name, execution_context, config, received_inputs):
        node = self._pruned_schema.nodes[node_name]
        if self._does_node_train(node) or execution_context.graph_schema.nodes[node_name].fn == "embed":
            (restored if self._is_cached_node(node) else trained).append(node_name)
        return log_start(self, node_name, execution_context, config, received_inputs)

    rasa_hooks.LoggingHook.on_before_node = note_start
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for folder in folders:
        os.chdir(folder)
        load_pack.cache_clear()
        trained.clear()
        restored.clear()
        result = train(domain="domain.yml", config="config.yml", training_files=["data"], output="models")
        written = {"model": result.model, "code": result.code, "trained": sorted(trained), "restored": sorted(restored)}
        pathlib.Path(ANSWER).write_text(json.dumps(written), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
