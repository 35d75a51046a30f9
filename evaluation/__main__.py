"""Measures the newest model: ``python -m evaluation``, which is ``make eval``."""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("LOG_LEVEL", "ERROR")  # Rasa then shows no progress of what takes a second
warnings.filterwarnings("ignore")

import structlog  # noqa: E402 - TensorFlow reads the line above when it is imported

from evaluation import diet, stories  # noqa: E402
from evaluation.assessment import (  # noqa: E402
    assess,
    assess_identification,
    assess_labels,
    assess_pairs,
    assess_two_needs,
)
from evaluation.keywords import read_by_keywords, word_cutter  # noqa: E402
from evaluation.metrics import accuracy, keep_comparable, score_spans  # noqa: E402
from evaluation.noise import measure_noise  # noqa: E402
from evaluation.quality import render_quality  # noqa: E402
from evaluation.readings import ModelError, newest_model, open_model, read_texts  # noqa: E402
from evaluation.report import tabulate, write_report  # noqa: E402
from evaluation.sentences import (  # noqa: E402
    count_seen,
    list_trained,
    read_evaluation,
    read_harder,
    read_marked,
    read_pairs,
    read_training,
    read_two_needs,
)
from pasar.languages.pack import load_pack  # noqa: E402


def main() -> int:
    """Measure, write the report, print the table; 1 where there is no model that loads."""
    asked = _parse_arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.getLogger("rasa").setLevel(logging.ERROR)
    try:
        path = Path(asked.model) if asked.model else newest_model()
        agent = open_model(path)
    except ModelError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    languages: dict[str, Any] = {}
    for code in asked.languages or list_trained():
        _say(f"{code}: reading")
        languages[code] = measure_language(code, agent)
        if not asked.without_diet:
            _say(f"{code}: stock DIET, {asked.diet_epochs} epochs: minutes, unless nothing has changed")
            languages[code]["diet"] = measure_diet(code, asked.diet_epochs)
    figures = {
        "made": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "model": path.name,
        "about_baselines": _describe_baselines(asked.diet_epochs, without_diet=asked.without_diet),
        "languages": languages,
        "stories": None if asked.without_stories else stories.measure_stories(asked.ted_epochs, _say),
    }
    written = write_report(figures, Path(asked.out))
    if asked.quality:
        Path(asked.quality).write_text(render_quality(figures), encoding="utf-8")
    print(tabulate(figures), *written, sep="\n")  # noqa: T201
    return 0


def measure_language(code: str, agent: Any) -> dict[str, Any]:
    """What our model and the keyword baseline make of one language's sentences."""
    sentences, pairs = read_evaluation(code), read_pairs(code)
    readings, milliseconds = read_texts(agent, [sentence.text for sentence in sentences])
    of_pairs, _ = read_texts(agent, [sentence.text for sentence in pairs])
    training = read_training(code)
    by_words = read_by_keywords(training, [*sentences, *pairs], code)
    gold = [sentence.intent for sentence in sentences]
    return {
        "name": load_pack(code).name,
        "sentences": len(sentences),
        "training_sentences": len(training),
        "seen": count_seen([*sentences, *pairs], training),
        "ours": {
            **assess(sentences, readings),
            "milliseconds": milliseconds,
            "pairs": assess_pairs(pairs, [reading.intent for reading in of_pairs]),
        },
        "identification": assess_identification(sentences, readings, word_cutter(code)),
        "keywords": {
            **assess_labels(gold, by_words[: len(gold)]),
            "pairs": assess_pairs(pairs, by_words[len(gold) :]),
        },
        "diet": None,
        "noise": measure_noise(code, sentences, lambda texts: [one.intent for one in read_texts(agent, texts)[0]]),
        **measure_harder(code, agent),
    }


def measure_harder(code: str, agent: Any) -> dict[str, Any]:
    """What our model makes of the harder messages, of those with two needs, and of entities."""
    harder = {}
    for name, sentences in read_harder(code).items():
        readings, _ = read_texts(agent, [sentence.text for sentence in sentences])
        right = accuracy([sentence.intent for sentence in sentences], [reading.intent for reading in readings])
        harder[name] = {"sentences": len(sentences), "accuracy": right}
    two_needs, marked = read_two_needs(code), read_marked(code)
    of_needs, _ = read_texts(agent, [text for text, _ in two_needs])
    of_marked, _ = read_texts(agent, [sentence.text for sentence in marked])
    annotated = [sentence.entities for sentence in marked]
    scores = score_spans(annotated, keep_comparable(annotated, [reading.entities for reading in of_marked]))
    return {
        "harder": harder,
        "two_needs": assess_two_needs(two_needs, of_needs),
        "marked": {kind: score.as_row() for kind, score in scores.items()},
    }


def measure_diet(code: str, epochs: int) -> dict[str, Any]:
    """What a stock model makes of one language's sentences."""
    result = diet.measure_diet(code, epochs)
    return {
        **assess(read_evaluation(code), result.sentences),
        "milliseconds": result.milliseconds,
        "training_seconds": result.seconds,
        "epochs": result.epochs,
        "tokenizer": result.tokenizer,
        "pairs": assess_pairs(read_pairs(code), [reading.intent for reading in result.pairs]),
    }


def _describe_baselines(epochs: int, *, without_diet: bool) -> str:
    words = (
        "Keywords: the twelve most telling words of each intent (chi-square over the training examples), most hits"
        " win; it is told the language."
    )
    if without_diet:
        return words
    return (
        f"Rasa, DIET: Rasa's default pipeline with {epochs} epochs on the same training examples, one model a language,"
        " which is told the language and never asks back. It learns intents only: with our kinds of entities beside"
        " them it takes hours. Rasa's tokenizer refuses Thai; there it has ours. " + words
    )


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--model", help="a trained model; the newest of models/ where none is named")
    parser.add_argument("--languages", nargs="+", help="codes; all that have evaluation sentences where none is named")
    parser.add_argument("--without-diet", action="store_true", help="leave out the stock model, slow to train")
    parser.add_argument("--without-stories", action="store_true", help="leave out the policies on held-out stories")
    parser.add_argument("--diet-epochs", type=int, default=diet.EPOCHS)
    parser.add_argument("--ted-epochs", type=int, default=stories.EPOCHS)
    parser.add_argument("--quality", help="a page to write the report to, kept small: docs/quality.md")
    parser.add_argument("--out", default="reports", help="folder of evaluation.json and evaluation.html")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
