"""The sentences that understanding is measured on, and those it was learnt from.

Evaluation sentences stand in ``tests/languages/<code>/``, most of them in Rasa's format: ``nlu/*.yml``, ``pairs.yml``,
and what is harder (``slang.yml``, ``mixed.yml`` …). ``two_needs.yml`` and ``entities.yml`` have a form of their own. None
of them enters ``data/``. The hash of the files says whether a stored result still belongs to them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from pathlib import Path

import yaml
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.entities_parser import find_entities_in_training_example, replace_entities
from rasa.shared.nlu.training_data.loading import load_data

from pasar.languages.tagger import Span
from pasar.nlu.branches import named_languages

DATA = Path("data")
_OWN_FORM = frozenset({"pairs", "two_needs", "entities"})
TESTS = Path("tests/languages")


@dataclasses.dataclass(frozen=True)
class Sentence:
    """What a buyer wrote, and what she meant by it."""

    language: str
    text: str
    intent: str
    entities: tuple[Span, ...] = ()


def list_languages(tests: Path = TESTS) -> tuple[str, ...]:
    """The codes of the languages that have evaluation sentences."""
    return tuple(sorted(folder.parent.name for folder in tests.glob("*/nlu")))


def list_trained(config: Path = Path("config.yml"), tests: Path = TESTS) -> tuple[str, ...]:
    """Those of them that ``config.yml`` has trained; all where it names none."""
    named = named_languages(yaml.safe_load(config.read_text(encoding="utf-8")))
    return tuple(code for code in list_languages(tests) if not named or code in named)


def find_files(language: str, tests: Path = TESTS) -> list[Path]:
    """The evaluation files of a language, without the pair set."""
    return sorted((tests / language / "nlu").glob("*.yml"))


def find_training_files(language: str, data: Path = DATA) -> list[Path]:
    """The training files of a language."""
    return sorted((data / language / "nlu").glob("*.yml"))


def read_evaluation(language: str, tests: Path = TESTS) -> list[Sentence]:
    """A language's evaluation sentences, in the order of the files."""
    return read_sentences(find_files(language, tests), language)


def read_pairs(language: str, tests: Path = TESTS) -> list[Sentence]:
    """The pair set of a language: where is my parcel, where is my refund. Empty where there is none."""
    path = tests / language / "pairs.yml"
    return read_sentences([path], language) if path.exists() else []


def read_harder(language: str, tests: Path = TESTS) -> dict[str, list[Sentence]]:
    """The sets of harder messages a language has, by name: slang, mixed languages, dropped accents."""
    paths = sorted(path for path in (tests / language).glob("*.yml") if path.stem not in _OWN_FORM)
    return {path.stem: read_sentences([path], language) for path in paths}


def read_two_needs(language: str, tests: Path = TESTS) -> list[tuple[str, frozenset[str]]]:
    """Messages with two needs, and which; empty where there is no such file."""
    path = tests / language / "two_needs.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [(entry["text"], frozenset(entry["needs"])) for entry in content.get("messages", ())]


def read_marked(language: str, tests: Path = TESTS) -> list[Sentence]:
    """Messages in which every entity is marked, without an intent; empty where there is no such file."""
    path = tests / language / "entities.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = []
    for line in content.get("examples", "").splitlines():
        marked = line.removeprefix("- ")
        spans = tuple(Span(e["entity"], e["start"], e["end"]) for e in find_entities_in_training_example(marked))
        found.append(Sentence(language, replace_entities(marked), "", spans))
    return found


def read_training(language: str, data: Path = DATA) -> list[Sentence]:
    """A language's training sentences."""
    return read_sentences(find_training_files(language, data), language)


def read_sentences(paths: Iterable[Path], language: str) -> list[Sentence]:
    """The sentences of Rasa files, annotations as spans."""
    found = []
    for path in paths:
        for message in load_data(str(path), language).training_examples:
            if message.get(TEXT) and message.get(INTENT):
                spans = tuple(Span(e["entity"], e["start"], e["end"]) for e in message.get(ENTITIES) or ())
                found.append(Sentence(language, message.get(TEXT), message.get(INTENT), spans))
    return found


def count_seen(sentences: Iterable[Sentence], training: Iterable[Sentence]) -> int:
    """How many sentences also stand among the training sentences, letter case and signs aside; should be none."""
    known = {_plain(sentence.text) for sentence in training}
    return sum(_plain(sentence.text) in known for sentence in sentences)


def _plain(text: str) -> str:
    # signs alone (an emoji) are compared as they are
    return " ".join("".join(c if c.isalnum() or c > "\u0dff" else " " for c in text.casefold()).split()) or text


def hash_files(paths: Iterable[Path], *facts: str) -> str:
    """Twelve hexadecimal digits that change with the content of files or with other facts."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
