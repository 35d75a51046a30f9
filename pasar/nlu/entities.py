"""Entities of a message in Rasa's graph: by form and word lists, and by what annotated examples teach.

See :mod:`pasar.languages.entities` and :mod:`pasar.languages.tagger`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
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
from pasar.languages.entities import AS_WRITTEN, Entity, EntityFinder
from pasar.languages.formatting import country_names
from pasar.languages.pack import load_pack
from pasar.languages.tagger import EntityTagger, Marked, Span
from pasar.languages.text import normalize
from pasar.languages.words import Word, WordCutter
from pasar.nlu.sources import language_sources

#: Kinds whose phrases are learnt from annotated examples; the others have closed lists or forms.
_LEARNT = frozenset({"product_name", "brand"})
_LONGEST_LEARNT = 40
#: Kinds that are told by the words around them; the rest only by their form.
_TAGGED = frozenset({
    "address", "brand", "city", "color", "country", "coupon_code", "courier", "date", "foot_length", "height", "language",
    "material", "order_id", "payment_method", "person_name", "postcode", "price", "problem", "product_name", "quantity",
    "size", "tracking_number", "weight",
})  # fmt: skip
#: Kinds whose words may name something else too: "blue dress" is a product and a colour.
_WIDE = frozenset({"address", "problem", "product_name"})
_MEASURES = frozenset({"height", "weight", "foot_length"})
#: Forms that the words around them may tell to be something else: eleven digits are a phone's, or an order's.
_MISTAKEN = {
    "phone": frozenset({"order_id", "tracking_number"}),
    "coupon_code": frozenset({"order_id", "tracking_number", "size"}),
    "tracking_number": frozenset({"order_id"}),
    "price": frozenset({"order_id", "postcode"}),
    "height": frozenset({"size"}),
}
_TAGS, _PHRASES = "tags.crfsuite", "phrases.json"

#: Message attribute: kinds of things a message names by their form alone.
FORMS = "forms"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=True,
)
class PackEntityExtractor(GraphComponent):
    """Finds entities by the pack's lookups, by form, and by what annotated examples named.

    Those that only the words around them tell have the extractor ``EntityTagger``.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``language``: the pack; ``tokenizer``: as the tokenizer of the pipeline has it.

        ``tagger``: whether annotated examples teach to mark what neither form nor lists know.
        """
        return {"language": None, "tokenizer": "spacy", "tagger": True}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        learnt: dict[str, str],
        tagger: EntityTagger | None = None,
    ) -> None:
        """With the phrases and tags learnt so far."""
        self._config = config
        self._tagger = tagger
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
            learnt = json.loads((folder / _PHRASES).read_text(encoding="utf-8"))
            tagger = EntityTagger((folder / _TAGS).read_bytes()) if config["tagger"] else None
        return cls(config, model_storage, resource, learnt, tagger)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Word lists and our own code count as settings."""
        return language_sources(config.get("language"))

    def train(self, training_data: TrainingData) -> Resource:
        """Remember phrases that examples name as one kind only, and learn tags from the annotated examples."""
        kinds: dict[str, set[str]] = {}
        for message in training_data.training_examples:
            text = message.get(TEXT) or ""
            for entity in message.get(ENTITIES) or ():
                phrase = normalize(text[entity["start"] : entity["end"]]).text
                if phrase and len(phrase) <= _LONGEST_LEARNT and not phrase.isdigit():
                    kinds.setdefault(phrase, set()).add(entity["entity"])
        learnt = {phrase: next(iter(of)) for phrase, of in sorted(kinds.items()) if len(of) == 1 and of <= _LEARNT}
        with self._storage.write_to(self._resource) as folder:
            (folder / _PHRASES).write_text(json.dumps(learnt, ensure_ascii=False), encoding="utf-8")
            if self._config["tagger"]:
                marked = [self._mark(message) for message in training_data.training_examples if message.get(ENTITIES)]
                (folder / _TAGS).write_bytes(EntityTagger.fit(marked).model)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Mark examples with the kinds of things recognised by form, for the classifier; annotations stay as they are."""
        for message in training_data.training_examples:
            if message.get(TEXT) and message.get(FORMS) is None:
                found = self._find(message.get(TEXT), _words(message), message)
                message.set(FORMS, [entity.kind for entity in found if entity.pattern])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities found to each message."""
        for message in messages:
            source, words = message.get(TEXT) or "", _words(message)
            found = self._find(source, words, message)
            tagged = self._tag(source, words, found)
            message.set(FORMS, [entity.kind for entity in found if entity.pattern])
            found = [entity for entity in found if not _is_replaced(entity, tagged)]
            entities = [
                *(_describe(entity, type(self).__name__) for entity in found),
                *(_describe(entity, EntityTagger.__name__) for entity in tagged),
            ]
            entities.sort(key=lambda entity: entity["start"])
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)
        return messages

    def _find(self, source: str, words: Sequence[Word], message: Message) -> list[Entity]:
        """What forms and word lists tell."""
        formats = order_formats((message.get("metadata") or {}).get("shop"))
        return self._finder.find(source, normalize(source), words, formats, _today())

    def _tag(self, source: str, words: Sequence[Word], found: Sequence[Entity]) -> list[Entity]:
        """What only the words around it tell: nothing that has a form, nor what a list knows to be the same."""
        tagged = []
        for span in self._tagger.tag(source, words, found) if self._tagger else ():
            known = [entity for entity in found if entity.start < span.end and span.start < entity.end]
            if span.kind not in _TAGGED or any(_is_known(entity, span, source) for entity in known):
                continue
            if span.kind in _MEASURES and any(entity.pattern and entity.kind == span.kind for entity in found):
                continue  # "height 165 not 156": the one that is called so counts
            written = source[span.start : span.end]
            value = self._finder.read(span.kind, written, _today())
            role = AS_WRITTEN if value is None else None
            tagged.append(Entity(span.kind, written if value is None else value, span.start, span.end, role=role))
        return tagged

    def _mark(self, message: Message) -> Marked:
        source, words = message.get(TEXT), _words(message)
        found = self._find(source, words, message)
        message.set(FORMS, [entity.kind for entity in found if entity.pattern])  # need not be found again
        spans = [Span(entity["entity"], entity["start"], entity["end"]) for entity in message.get(ENTITIES)]
        return Marked(source, words, found, spans)


def _words(message: Message) -> list[Word]:
    return [Word(token.text, token.start, token.end) for token in message.get(TOKENS_NAMES[TEXT]) or ()]


def _today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()


def _is_known(entity: Entity, span: Span, source: str) -> bool:
    """Whether what is tagged is known better: by its form, as the same, or as a property ("5G" is no size)."""
    if entity.pattern and span.kind in _MISTAKEN.get(entity.kind, ()):
        # a number that begins so is dialled
        return entity.kind == "phone" and source[entity.start] in "0+"
    return entity.pattern or entity.kind == span.kind or not (entity.kind in _TAGGED or span.kind in _WIDE)


def _is_replaced(entity: Entity, tagged: Sequence[Entity]) -> bool:
    """Whether the words around a thing tell that it is something else than the form or the list says."""
    over = [other for other in tagged if other.start < entity.end and entity.start < other.end]
    if entity.pattern:
        return any(other.kind in _MISTAKEN.get(entity.kind, ()) for other in over)
    return entity.kind in _TAGGED and any(other.kind not in _WIDE for other in over)


def _describe(entity: Entity, extractor: str) -> dict[str, Any]:
    described = {
        "entity": entity.kind,
        "value": entity.value,
        "start": entity.start,
        "end": entity.end,
        "extractor": extractor,
    }
    return described if entity.role is None else {**described, "role": entity.role}
