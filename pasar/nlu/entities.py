"""Entities of a message in Rasa's graph, from forms and word lists (see :mod:`pasar.languages.entities`)."""

from __future__ import annotations

import datetime
import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.commerce.registry import order_formats
from pasar.languages.entities import Entity, EntityFinder
from pasar.languages.formatting import country_names
from pasar.languages.pack import load_pack
from pasar.languages.text import normalize
from pasar.languages.words import Word, WordCutter
from pasar.nlu.sources import language_sources

#: Kinds whose phrases are learnt from annotated examples; the others have closed lists or forms.
_LEARNT = frozenset({"product_name", "brand"})
_LONGEST_LEARNT = 40

#: Message attribute: kinds of things a message names by their form alone.
FORMS = "forms"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=True,
)
class PackEntityExtractor(GraphComponent):
    """Finds entities by the pack's lookups, by form, and by what annotated examples named."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``language``: the pack; ``tokenizer``: as the tokenizer of the pipeline has it."""
        return {"language": None, "tokenizer": "spacy"}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, learnt: dict[str, str]
    ) -> None:
        """With the phrases learnt so far."""
        self._storage = storage
        self._resource = resource
        pack = load_pack(config["language"])
        cutter = WordCutter(config["language"], config["tokenizer"], pack.slang)
        self._finder = EntityFinder(pack, cutter.cut, country_names(pack.locale), learnt)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PackEntityExtractor:
        """Creates an untrained component."""
        return cls(config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PackEntityExtractor:
        """Loads the learnt phrases."""
        with model_storage.read_from(resource) as folder:
            learnt = json.loads((folder / "phrases.json").read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, learnt)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Word lists and our own code count as settings."""
        return language_sources(config.get("language"))

    def train(self, training_data: TrainingData) -> Resource:
        """Remember phrases that examples name as one kind only."""
        kinds: dict[str, set[str]] = {}
        for message in training_data.training_examples:
            text = message.get(TEXT) or ""
            for entity in message.get(ENTITIES) or ():
                phrase = normalize(text[entity["start"] : entity["end"]]).text
                if phrase and len(phrase) <= _LONGEST_LEARNT and not phrase.isdigit():
                    kinds.setdefault(phrase, set()).add(entity["entity"])
        learnt = {phrase: next(iter(of)) for phrase, of in sorted(kinds.items()) if len(of) == 1 and of <= _LEARNT}
        with self._storage.write_to(self._resource) as folder:
            (folder / "phrases.json").write_text(json.dumps(learnt, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Mark examples with the kinds of things recognised by form, for the classifier; annotations stay as they are."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(FORMS, [entity.kind for entity in self._find(message) if entity.pattern])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities found to each message."""
        for message in messages:
            found = self._find(message)
            entities = [
                {
                    "entity": entity.kind,
                    "value": entity.value,
                    "start": entity.start,
                    "end": entity.end,
                    "extractor": type(self).__name__,
                }
                for entity in found
            ]
            message.set(FORMS, [entity.kind for entity in found if entity.pattern])
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)
        return messages

    def _find(self, message: Message) -> list[Entity]:
        source = message.get(TEXT) or ""
        words = [Word(token.text, token.start, token.end) for token in message.get(TOKENS_NAMES[TEXT]) or ()]
        formats = order_formats((message.get("metadata") or {}).get("shop"))
        return self._finder.find(source, normalize(source), words, formats, datetime.datetime.now().astimezone().date())
