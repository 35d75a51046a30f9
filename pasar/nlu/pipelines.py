"""One component that understands every language: finds the message's language, runs that language's pipeline."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.languages.identify import LanguageIdentifier
from pasar.languages.mood import judge_mood
from pasar.languages.pack import list_codes
from pasar.nlu.branches import load_pipeline
from pasar.nlu.context import PLACES_OF, find_places
from pasar.nlu.examples import language_of
from pasar.nlu.sources import hash_sources

LANGUAGE_ENTITY = "reply_language"
UNKNOWN_LANGUAGE = "unknown_language"
WITHOUT_WORDS = "send_media"
_KNOWN_PICTURE = 0.6  # confidence from which an emoji is taken for what it was learnt as
_NOBODYS_PICTURE = "\N{PLAYING CARD KNIGHT OF SPADES}"
#: Answers that are names in whatever language is spoken there: a street in Kuala Lumpur is no Malay.
_NAMES = frozenset({"new_address"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LanguagePipelines(GraphComponent):
    """Trains the language identifier; at run time holds every language's pipeline and asks the right one.

    A message comes out with what its language's pipeline found, ``language`` among its data, and an entity
    ``reply_language`` that fills the slot ``language`` when a conversation is known. ``places`` among its data tells
    what its place made likelier, see :mod:`pasar.nlu.context`.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """All packs, where ``languages`` names none."""
        return {"languages": None, "schemas": {}}

    def __init__(self, model_storage: ModelStorage, resource: Resource, default: str) -> None:
        """Empty until trained or loaded."""
        self._storage = model_storage
        self._resource = resource
        self._default = default
        self._identifier: LanguageIdentifier | None = None
        self._pipelines: dict[str, list[Any]] = {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguagePipelines:
        """For training."""
        component = cls(model_storage, resource, "en")
        component._schemas = config["schemas"]
        component._languages = config["languages"] or list(list_codes())
        return component

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The identifier's code."""
        return hash_sources(("identify", "classify", "ngrams", "text"))

    @classmethod
    def trains_apart(cls, config: dict[str, Any]) -> bool:
        """Beside the languages' branches."""
        return True

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the identifier on the examples of all languages; remember the pipelines' shapes."""
        texts: dict[str | None, list[str]] = {}
        for message in training_data.training_examples:
            if message.get(TEXT):
                texts.setdefault(language_of(message), []).append(message.get(TEXT))
        identifier = LanguageIdentifier.fit({code: texts[code] for code in self._languages if code in texts})
        with self._storage.write_to(self._resource) as folder:
            identifier.save(folder)
            (folder / "schemas.json").write_text(json.dumps(self._schemas))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguagePipelines:
        """Load the identifier and every language's components."""
        component = cls(model_storage, resource, "en")
        with model_storage.read_from(resource) as folder:
            component._identifier = LanguageIdentifier.load(folder)
            schemas = json.loads((folder / "schemas.json").read_text())
        for language, schema in schemas.items():
            component._pipelines[language] = load_pipeline(language, schema, model_storage, execution_context)
        return component

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Understand messages; ``tracker`` tells what was spoken so far."""
        for message in messages:
            self._understand(message, tracker)
        return messages

    def _understand(self, message: Message, tracker: DialogueStateTracker | None) -> None:
        text = message.get(TEXT) or ""
        if not text or text.startswith("/"):
            return  # a button's payload, Rasa's RegexMessageHandler reads it
        assert self._identifier is not None
        marked = language_of(message)
        current = tracker.get_slot("language") if tracker else None  # of her last session, too
        asked = tracker.get_slot(REQUESTED_SLOT) if tracker else None
        guess = self._identifier.identify(text, current=current, asked=bool(asked))
        if current and asked in _NAMES:
            guess = dataclasses.replace(guess, language=current, known=True)
        language = marked if marked in self._pipelines else guess.language
        if language not in self._pipelines:
            language = next(iter(self._pipelines))
        if places := find_places(message.get("metadata"), tracker):
            message.set(PLACES_OF, list(places), add_to_output=True)
        for component in self._pipelines[language]:
            component.process([message])
        if not guess.known and not marked:
            message.set(INTENT, {"name": UNKNOWN_LANGUAGE, "confidence": 1.0}, add_to_output=True)
            message.set("needs", [], add_to_output=True)
        elif _is_picture(text) and not self._knows_picture(text, language, message):
            message.set(INTENT, {"name": WITHOUT_WORDS, "confidence": 1.0}, add_to_output=True)
            message.set("needs", [], add_to_output=True)
        message.set("language", language, add_to_output=True)
        mood = judge_mood(text, language, str((message.get(INTENT) or {}).get("name") or ""))
        message.set("sentiment", dataclasses.asdict(mood), add_to_output=True)
        if tracker is not None and guess.known and tracker.sender_id and _in_conversation(tracker):
            entity = {"entity": LANGUAGE_ENTITY, "value": language, "extractor": type(self).__name__}
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), entity], add_to_output=True)

    def _knows_picture(self, text: str, language: str, message: Message) -> bool:
        """Whether examples have these emoji, and not rarely: all others look like any short answer, and as sure as a yes."""
        if (message.get(INTENT) or {}).get("confidence", 0.0) < _KNOWN_PICTURE:
            return False
        unknown = self._judge_picture(_NOBODYS_PICTURE, language)
        pictures = {sign for sign in text if unicodedata.category(sign) == "So"}
        return any(self._judge_picture(sign, language) != unknown for sign in pictures)

    def _judge_picture(self, picture: str, language: str) -> tuple[str, float]:
        message = Message({TEXT: picture})
        for component in self._pipelines[language]:
            component.process([message])
        intent = message.get(INTENT) or {}
        return str(intent.get("name")), round(float(intent.get("confidence") or 0.0), 6)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add: stories are learnt from intents, not from texts."""
        return training_data


def _is_picture(text: str) -> bool:
    """Whether it is emoji and nothing that could be read."""
    return not any(c.isalnum() or c in "?？" for c in text) and any(unicodedata.category(c) == "So" for c in text)


def _in_conversation(tracker: DialogueStateTracker) -> bool:
    """Whether this is a chat; evaluation parses with an empty tracker."""
    return bool(tracker.events)
