"""A small project with the real configuration and a few real examples of three languages, trained once a test run."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "id", "th")
INTENTS = ("greet", "order_status", "return_policy")
EXAMPLES = 12
SECONDS = 900
ANSWER = "training.json"

DOMAIN = {
    "version": "3.1",
    "intents": [*INTENTS, "nlu_fallback", "unknown_language"],
    "slots": {
        "language": {
            "type": "text",
            "influence_conversation": False,
            "mappings": [{"type": "from_entity", "entity": "reply_language"}],
        },
        "shop": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
        "order_id": {
            "type": "text",
            "influence_conversation": False,
            "mappings": [{"type": "from_entity", "entity": "order_id"}],
        },
    },
    "actions": [
        "action_next_need",
        "action_ask_back",
        "action_greet",
        "action_take_order",
        "action_tell_return_policy",
    ],
    "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
}
CORE = {
    "version": "3.1",
    "rules": [
        {"rule": "Hello", "steps": [{"intent": "greet"}, {"action": "action_greet"}]},
        {"rule": "Where", "steps": [{"intent": "order_status"}, {"action": "action_take_order"}]},
    ],
    "stories": [
        {"story": "Rules", "steps": [{"intent": "return_policy"}, {"action": "action_tell_return_policy"}]},
        {
            "story": "Hello, then rules",
            "steps": [
                {"intent": "greet"},
                {"action": "action_greet"},
                {"intent": "return_policy"},
                {"action": "action_tell_return_policy"},
            ],
        },
    ],
}


@dataclasses.dataclass(frozen=True)
class Training:
    """What one training did."""

    model: str
    trained: list[str]
    restored: list[str]


@dataclasses.dataclass
class SmallProject:
    """The project's folder, and how its first training went."""

    folder: pathlib.Path
    code: pathlib.Path  #: a copy of our code: what is edited during the tests is no change of the project
    first: Training | None = None

    def replace(self, path: str, old: str, new: str) -> None:
        """Change one place of a file; the place must be there."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")


def find_causes(printed: str) -> str:
    """The lines of what a process printed that say what went wrong."""
    lines = printed.splitlines()
    return "\n".join([line for line in lines if re.match(r"\S*(Error|Exception)\b", line)] or lines[-10:])


def train(*projects: SmallProject) -> list[Training]:
    """Train one after the other in a process of their own; each has its cache in its folder."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "RASA_TELEMETRY_ENABLED": "false",
    }
    for project in projects:
        (project.folder / ANSWER).unlink(missing_ok=True)
    done = subprocess.run(
        [
            sys.executable,
            str(CHECKOUT / "tests" / "nlu" / "train_small_project.py"),
            *(str(p.folder) for p in projects),
        ],
        cwd=projects[0].folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the training failed ({done.returncode}):\n{find_causes(done.stderr)}")
    told = [(p.folder, json.loads((p.folder / ANSWER).read_text(encoding="utf-8"))) for p in projects]
    return [Training(str(folder / one["model"]), one["trained"], one["restored"]) for folder, one in told]


def write_project(folder: pathlib.Path) -> SmallProject:
    """The real configuration, packs with three intents, a domain and rules that fit them."""
    config = yaml.safe_load((CHECKOUT / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"][0]["languages"] = list(LANGUAGES)
    _write(folder / "config.yml", config)
    entities = yaml.safe_load((CHECKOUT / "domain.yml").read_text(encoding="utf-8"))["entities"]
    _write(folder / "domain.yml", {**DOMAIN, "entities": entities})
    (folder / "data" / "core").mkdir(parents=True)
    _write(folder / "data" / "core" / "core.yml", CORE)
    for code in LANGUAGES:
        source, target = CHECKOUT / "data" / code, folder / "data" / code
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("nlu"))
        (target / "nlu").mkdir()
        for intent in INTENTS:
            head, examples = _split((source / "nlu" / f"{intent}.yml").read_text(encoding="utf-8"))
            (target / "nlu" / f"{intent}.yml").write_text(head + "".join(examples[:EXAMPLES]), encoding="utf-8")
    code = folder.parent / f"{folder.name}-code"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "pasar", code / "pasar", ignore=ignored)
    shutil.copytree(CHECKOUT / "shops", code / "shops")
    return SmallProject(folder, code)


def _split(text: str) -> tuple[str, list[str]]:
    """A file of examples as its head and its lines."""
    lines = text.splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if re.match(r"\s+- \S", line))
    return "".join(lines[:first]), [line for line in lines[first:] if re.match(r"\s+- \S", line)]


def _write(path: pathlib.Path, content: dict) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


_made: dict[str, Any] = {}


def trained_project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """The project after its first training, the same one for all tests of this process."""
    if "error" in _made:
        raise AssertionError(_made["error"])
    if "project" not in _made:
        _made["error"] = "the first training failed, see the test before"
        project = write_project(tmp_path_factory.mktemp("small-project"))
        [project.first] = train(project)
        _made["project"] = project
        del _made["error"]
    made: SmallProject = _made["project"]
    return made
