"""Stock Rasa with the same vocabulary, rules, stories and actions, as its own default configuration would run them.

It is trained on English examples, some of each intent and few epochs: what an answer costs depends on neither, and less
of both keeps the run short. In its favour: no kinds of entities are learnt (an order number and an e-mail are found by
regular expressions), no response selector, no second policy for unlikely intents. So it is cheaper here than in a shop.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from benchmark.servers import surroundings_of_run
from evaluation.sentences import read_training

DIET_EPOCHS = 5
TED_EPOCHS = 5
EXAMPLES = 25  # of an intent
_LANGUAGE = "en"
_MOST_SECONDS = 1800
_FORMS = {"order_id": r"\bSH\d{4,6}\b", "email": r"[\w.+-]+@[\w-]+\.[\w.-]+"}


def write_project(folder: Path) -> None:
    """Configuration, vocabulary and examples of the stock assistant."""
    folder.mkdir(parents=True, exist_ok=True)
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    texts = yaml.safe_load((Path("data") / _LANGUAGE / "responses.yml").read_text(encoding="utf-8"))
    _write(folder / "domain.yml", {**domain, "responses": texts["responses"]})
    _write(folder / "config.yml", _configure())
    _write(folder / "nlu.yml", {"version": "3.1", "nlu": [*_examples(), *_forms()]})


def train(folder: Path) -> tuple[Path, float]:
    """The trained model and the seconds it took, start of the program included."""
    command = [sys.executable, "-m", "rasa", "train", "--config", str(folder / "config.yml")]
    command += ["--domain", str(folder / "domain.yml"), "--data", str(folder / "nlu.yml"), "data/core"]
    command += ["--out", str(folder), "--fixed-model-name", "stock"]
    surroundings = surroundings_of_run({"RASA_MAX_CACHE_SIZE": "0", "RASA_CACHE_DIRECTORY": str(folder / "cache")})
    began = time.perf_counter()
    with (folder / "train.log").open("w") as log:
        subprocess.run(  # noqa: S603 - Rasa
            command, env=surroundings, stdout=log, stderr=log, check=True, timeout=_MOST_SECONDS
        )
    return folder / "stock.tar.gz", time.perf_counter() - began


def write_endpoints(folder: Path, action_port: int) -> tuple[Path, Path]:
    """Endpoints and credentials of the stock server; conversations in a new SQLite file."""
    database = (folder / "conversations.db").resolve()
    database.unlink(missing_ok=True)
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{action_port}/webhook"},
        "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(database)},
    }
    _write(folder / "endpoints.yml", endpoints)
    _write(folder / "credentials.yml", {"rest": None})
    return folder / "endpoints.yml", folder / "credentials.yml"


def _configure() -> dict[str, Any]:
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": _LANGUAGE,
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {
                "name": "DIETClassifier",
                "epochs": DIET_EPOCHS,
                "constrain_similarities": True,
                "entity_recognition": False,
            },
            {"name": "RegexEntityExtractor", "use_lookup_tables": False, "use_regexes": True},
            {"name": "EntitySynonymMapper"},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "TEDPolicy", "max_history": 5, "epochs": TED_EPOCHS, "constrain_similarities": True},
        ],
    }


def _examples() -> list[dict[str, str]]:
    texts: dict[str, list[str]] = {}
    for sentence in read_training(_LANGUAGE):
        texts.setdefault(sentence.intent, []).append(sentence.text.replace("\n", " "))
    chosen = {intent: own[:: max(1, len(own) // EXAMPLES)][:EXAMPLES] for intent, own in texts.items()}
    # an order number and an e-mail in the message, as the buyers of the run write
    chosen["order_status"] += [
        f"{text} SH10{place:02} buyer{place}@example.com" for place, text in enumerate(chosen["order_status"])
    ]
    annotated = {
        intent: [text.replace("[", "(").replace("]", ")") for text in own] for intent, own in sorted(chosen.items())
    }
    return [{"intent": intent, "examples": "".join(f"- {text}\n" for text in own)} for intent, own in annotated.items()]


def _forms() -> list[dict[str, str]]:
    # Rasa takes a regular expression for an entity only if an example has the entity
    known = {"intent": "inform", "examples": "- [SH1001](order_id)\n- [buyer@example.com](email)\n"}
    return [known, *({"regex": kind, "examples": f"- {form}\n"} for kind, form in _FORMS.items())]


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
