"""Reading the examples of a language pack.

A pack holds tens of thousands of lines in plain Rasa YAML: intents with lists of messages. Rasa's reader parses every
file several times over, in Python alone; this one reads what is plainly formed once and leaves the rest to Rasa.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.constants import DIAGNOSTIC_DATA, LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.data import YAML_FILE_EXTENSIONS, is_nlu_file
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_EXAMPLE, TEXT
from rasa.shared.nlu.training_data.entities_parser import find_entities_in_training_example, replace_entities
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.synonyms_parser import add_synonyms_from_entities
from rasa.shared.nlu.training_data.training_data import TrainingData

_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
_PLAIN = frozenset({"version", "language", "nlu"})
_KNOWN = frozenset({
    "actions", "e2e_actions", "entities", "forms", "intents", "language", "nlu", "responses", "rules",
    "session_config", "slots", "stories", "values", "version",
})  # fmt: skip
_READ = frozenset({TEXT, INTENT, ENTITIES, METADATA})  # the parts of an example as it was read
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Example(Message):
    """A training example that is cheap to copy, compare and fingerprint: Rasa does so many times with all of them.

    Copies share their parts until one is changed, by :meth:`set` or :meth:`add_features`; what stands in its lists
    is not to be changed in place.
    """

    data: dict[str, Any]
    features: list[Features]
    output_properties: set[str]
    _cached_fingerprint: str | None
    language: str | None = None  #: where it is known from the file it was read from

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """A copy that can be changed on its own."""
        twin = Example.__new__(Example)
        twin.__dict__.update(self.__dict__)
        return twin

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a part of this copy only."""
        if isinstance(info, str) and self.data.get(prop) == info and not add_to_output:
            return  # Rasa strips every intent, again and again
        self._part()
        super().set(prop, info, add_to_output)

    def add_features(self, features: Features | None) -> None:
        """Add features to this copy only."""
        self._part()
        super().add_features(features)

    def add_diagnostic_data(self, origin: str, data: dict[str, Any]) -> None:
        """Add what a component tells of itself to this copy only."""
        self._part()
        if DIAGNOSTIC_DATA in self.data:
            self.data[DIAGNOSTIC_DATA] = dict(self.data[DIAGNOSTIC_DATA])
        super().add_diagnostic_data(origin, data)

    def _part(self) -> None:
        """Share nothing that is about to be changed."""
        self.data = dict(self.data)
        self.features = list(self.features)
        self.output_properties = set(self.output_properties)

    def __hash__(self) -> int:
        """Equal examples have equal texts."""
        return hash(self.data.get(TEXT))

    def __eq__(self, other: object) -> bool:
        """Whether all parts are equal."""
        if isinstance(other, Example) and not self.features and not other.features:
            return bool(self.data == other.data)
        return bool(Message.__eq__(self, other))

    def fingerprint(self) -> str:
        """A text that is equal for equal examples."""
        if self._cached_fingerprint is None and not self.features and self.data.keys() <= _READ:
            parts = [(key, self.data[key]) for key in sorted(self.data)]
            self._cached_fingerprint = hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()
        return str(super().fingerprint())


def holds_examples(path: str) -> bool:
    """Whether Rasa would take a file for NLU data."""
    keys = _top_level_keys(path)
    return bool(is_nlu_file(path)) if keys is None else bool(keys & {"nlu", "responses"})


def holds_stories(path: str) -> bool:
    """Whether Rasa would take a file for stories or rules."""
    keys = _top_level_keys(path)
    return bool(YAMLStoryReader.is_stories_file(path)) if keys is None else bool(keys & {"stories", "rules"})


def read_examples(path: str, language: str) -> TrainingData:
    """The training data of one file, as Rasa reads it; each example is marked with its language.

    Raises:
        RasaException: what Rasa's reader says of a file that is not formed as it should be.
    """
    keys = _top_level_keys(path)
    if keys is not None and "nlu" not in keys:
        return TrainingData()  # the pack's texts: get_domain reads and checks them
    sections = _read_plain(path)
    if sections is None:
        return _read_by_rasa(path, language)
    examples: list[Message] = []
    synonyms: dict[str, str] = {}
    metadata = {METADATA_EXAMPLE: {"language": language}}
    for intent, lines in sections:
        for line in lines:
            data: dict[str, Any] = {TEXT: line, INTENT: intent, METADATA: metadata}
            if "[" in line:
                data[TEXT] = replace_entities(line)
                if entities := find_entities_in_training_example(line):
                    data[ENTITIES] = entities
                    add_synonyms_from_entities(data[TEXT], entities, synonyms)
            example = Example(data)
            example.language = language
            examples.append(example)
    return TrainingData(examples, synonyms)


def language_of(message: Message) -> str | None:
    """The language a training example is marked with, or None."""
    if isinstance(message, Example) and message.language:
        return message.language
    metadata = message.get("metadata") or {}
    example = metadata.get("example") or {}
    language = example.get("language") if isinstance(example, Mapping) else None
    return language or None


def examples_of(data: TrainingData, language: str) -> TrainingData:
    """The examples of one language, as a training data set of its own."""
    return TrainingData(
        [message for message in data.training_examples if message.get(TEXT) and language_of(message) == language],
        data.entity_synonyms,
        data.regex_features,
        data.lookup_tables,
    )


def _top_level_keys(path: str) -> frozenset[str] | None:
    """The keys of a YAML mapping as it is usually written; None where Rasa must look for itself."""
    if Path(path).suffix not in YAML_FILE_EXTENSIONS:
        return None
    keys = frozenset(_KEY.findall(Path(path).read_text(encoding="utf-8", errors="replace")))
    return keys if keys and keys <= _KNOWN else None


def _read_plain(path: str) -> list[tuple[str, list[str]]] | None:
    """Intents and their lines; None where the file holds anything but such sections."""
    text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    keys = _KEY.findall(text)
    if len(keys) != len(set(keys)) or not set(keys) <= _PLAIN or "${" in text:
        return None
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        return None
    if not isinstance(content, dict) or content.get("version") != LATEST_TRAINING_DATA_FORMAT_VERSION:
        return None
    sections: list[tuple[str, list[str]]] = []
    for section in content.get("nlu") or ():
        if not isinstance(section, dict) or section.keys() != {"intent", "examples"}:
            return None
        intent, examples = section["intent"], section["examples"]
        if not isinstance(intent, str) or not isinstance(examples, str) or "/" in intent:
            return None
        lines = examples.splitlines()
        if not lines or any(not line.startswith("- ") or not line[2:].strip() for line in lines):
            return None
        sections.append((intent.strip(), [line[2:].strip() for line in lines]))
    return sections


def _read_by_rasa(path: str, language: str) -> TrainingData:
    data = load_data(path, language)
    data.training_examples = [_mark(message, language) for message in data.training_examples]
    data.responses = {}  # of packs they are the domain's business
    return data


def _mark(message: Message, language: str) -> Example:
    metadata: dict[str, Any] = dict(message.get(METADATA) or {})
    metadata[METADATA_EXAMPLE] = {**(metadata.get(METADATA_EXAMPLE) or {}), "language": language}
    return Example({**message.data, METADATA: metadata}, message.output_properties, message.time)
