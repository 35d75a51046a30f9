"""Language packs as Rasa training data: one domain, every text in its own language.

Named in ``config.yml`` under ``importers``. Rasa's own importer would let the last file win
where two packs say the same response; this one joins them (see ``docs/architecture.md``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from pasar.languages import responses
from pasar.languages.pack import DATA, PackError, list_codes
from pasar.nlu import branches

branches.register()


class LanguagePackError(RasaException):
    """A pack cannot be used; names the file and the key."""


def language_of(message: Message) -> str | None:
    """The language a training example is marked with, or None."""
    metadata = message.get("metadata") or {}
    example = metadata.get("example") or {}
    language = example.get("language") if isinstance(example, Mapping) else None
    return language or None


class Example(Message):
    """A training example that is cheap to copy and to compare: Rasa does both many times with all of them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """A copy whose parts may be changed."""
        data = {
            key: copy.deepcopy(value, memo) if isinstance(value, (list, dict)) else value
            for key, value in self.data.items()
        }
        return Example(data, set(self.output_properties), self.time, features=list(self.features))

    def __hash__(self) -> int:
        """Equal examples have equal texts."""
        return hash((self.data.get(TEXT), self.data.get(INTENT)))

    __eq__ = Message.__eq__


class LanguagePackImporter(RasaFileImporter):
    """Reads the Rasa files as ever, marks every example with its pack's language, joins the packs' responses."""

    @cached_method
    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All examples of all packs; each carries its language as example metadata."""
        parts = []
        for path in self._nlu_files:
            loaded = load_data(path, language)
            code = _pack_of(Path(path))
            if code:
                loaded.training_examples = [_mark(message, code) for message in loaded.training_examples]
                # responses of packs are the domain's business (get_domain)
                loaded.responses = {}
            parts.append(loaded)
        # TrainingData.merge would copy everything once a file
        return TrainingData(
            [message for part in parts for message in part.training_examples],
            {word: value for part in parts for word, value in part.entity_synonyms.items()},
            [feature for part in parts for feature in part.regex_features],
            [table for part in parts for table in part.lookup_tables],
            {intent: texts for part in parts for intent, texts in part.responses.items()},
        )

    def get_domain(self) -> Domain:
        """The domain file with the texts of all packs, each for its language only.

        Raises:
            LanguagePackError: a live pack misses a text, or the domain file holds texts itself.
        """
        domain = super().get_domain()
        if not self._domain_path or domain.is_empty():
            return domain
        if domain.responses:
            first = next(iter(domain.responses))
            raise LanguagePackError(
                f"{self._domain_path}: responses: {first}: texts belong into data/<code>/responses.yml"
            )
        codes = list_codes()
        default = self.get_config().get("language", "en")
        try:
            merged = responses.merge_packs({code: responses.read_responses(DATA / code) for code in codes}, default)
            responses.check_packs(codes, default, DATA)
        except PackError as error:
            raise LanguagePackError(str(error)) from None
        return domain.merge(Domain.from_dict({"responses": merged}))


def _pack_of(path: Path) -> str | None:
    """The language a file belongs to: the folder below ``data/`` that holds a ``pack.yml``."""
    for folder in path.resolve().parents:
        if (folder / "pack.yml").exists():
            return folder.name
    return None


def _mark(message: Message, code: str) -> Example:
    metadata: dict[str, Any] = dict(message.get("metadata") or {})
    metadata["example"] = {**(metadata.get("example") or {}), "language": code}
    return Example({**message.data, "metadata": metadata}, message.output_properties, message.time)


def examples_of(data: TrainingData, language: str) -> TrainingData:
    """The examples of one language, as a training data set of its own."""
    return TrainingData(
        [message for message in data.training_examples if message.get(TEXT) and language_of(message) == language],
        data.entity_synonyms,
        data.regex_features,
        data.lookup_tables,
    )


def languages_in(examples: Iterable[Message]) -> set[str]:
    """The languages that examples are marked with."""
    return {code for code in map(language_of, examples) if code}
