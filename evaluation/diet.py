"""The baseline that Rasa comes with: DIET, trained on the same examples and asked the same sentences.

The pipeline is that of Rasa's ``default_config.yml`` without the parts that do not decide an intent (response selector,
synonyms, fallback: without the last one it is never asked back, which is to its advantage). It knows one language, so
each language has a model of its own and is told the language, which Pasar has to find out. Rasa's whitespace tokenizer
refuses Thai; there it gets our tokenizer.

Training takes minutes: what came out is kept in ``reports/diet-<hash>.json``, the hash being that of the examples, the
sentences, the pipeline and, for Thai, the code that cuts words.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer

from evaluation.readings import Reading, as_rows, open_model, read_texts
from evaluation.sentences import DATA, find_files, find_training_files, hash_files, read_evaluation, read_pairs

EPOCHS = 5  # over 20,000 examples a quarter of an hour a language; Rasa's 300 would be a night
REPORTS = Path("reports")
_MOST_SECONDS = 3600
_WORDS = Path("pasar/languages/words.py")


@dataclasses.dataclass(frozen=True)
class DietResult:
    """What a stock model of one language made of the evaluation sentences and of the pair set."""

    language: str
    epochs: int
    tokenizer: str
    seconds: float  #: of training, start of the program included
    milliseconds: float  #: of reading one sentence
    sentences: list[Reading]
    pairs: list[Reading]


def pipeline(language: str, epochs: int) -> list[dict[str, Any]]:
    """Rasa's default pipeline for a language."""
    refused = WhitespaceTokenizer.not_supported_languages() or []
    tokenizer: dict[str, Any] = {"name": "WhitespaceTokenizer"}
    if language in refused:
        cutter = yaml.safe_load((DATA / language / "config.yml").read_text(encoding="utf-8"))["pipeline"][0][
            "tokenizer"
        ]
        tokenizer = {"name": "pasar.nlu.tokenizer.PackTokenizer", "language": language, "tokenizer": cutter}
    return [
        tokenizer,
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {
            "name": "DIETClassifier",
            "epochs": epochs,
            "constrain_similarities": True,
            "entity_recognition": False,
            "random_seed": 1,
        },
    ]


def measure_diet(language: str, epochs: int = EPOCHS, reports: Path = REPORTS) -> DietResult:
    """A stock model's readings, from the last run where nothing changed since."""
    stages = pipeline(language, epochs)
    files = [*find_training_files(language), *find_files(language), Path(f"tests/languages/{language}/pairs.yml")]
    if stages[0]["name"] != "WhitespaceTokenizer":
        files.append(_WORDS)
    kept = reports / f"diet-{hash_files(filter(Path.exists, files), language, json.dumps(stages))}.json"
    if kept.exists():
        return _restore(json.loads(kept.read_text(encoding="utf-8")))
    result = _train_and_read(language, epochs, stages)
    reports.mkdir(exist_ok=True)
    rows = {**vars(result), "sentences": as_rows(result.sentences), "pairs": as_rows(result.pairs)}
    kept.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return result


def _train_and_read(language: str, epochs: int, stages: list[dict[str, Any]]) -> DietResult:
    sentences = [sentence.text for sentence in read_evaluation(language)]
    pairs = [sentence.text for sentence in read_pairs(language)]
    with tempfile.TemporaryDirectory(prefix="pasar-diet-") as folder:
        config = {"recipe": "default.v1", "assistant_id": f"diet-{language}", "language": language, "pipeline": stages}
        (Path(folder) / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        began = time.perf_counter()
        _train(language, Path(folder))
        seconds = time.perf_counter() - began
        agent = open_model(next(Path(folder).glob("*.tar.gz")))
        read, milliseconds = read_texts(agent, sentences)
        read_of_pairs, _ = read_texts(agent, pairs)
    tokenizer = stages[0]["name"].rpartition(".")[2]
    return DietResult(language, epochs, tokenizer, seconds, milliseconds, read, read_of_pairs)


def _train(language: str, folder: Path) -> None:
    """Train in a process of its own, whose progress is shown and whose memory and temporary files go with it."""
    command = [sys.executable, "-m", "rasa", "train", "nlu", "--config", str(folder / "config.yml")]
    command += ["--nlu", str(DATA / language / "nlu"), "--out", str(folder)]
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(Path.cwd()),
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "INFO",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TMPDIR": str(folder),
    }
    subprocess.run(command, env=surroundings, check=True, timeout=_MOST_SECONDS)


def _restore(rows: dict[str, Any]) -> DietResult:
    readings = {key: [Reading.restore(row) for row in rows[key]] for key in ("sentences", "pairs")}
    return DietResult(**{**rows, **readings})
