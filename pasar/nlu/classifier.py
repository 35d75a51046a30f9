"""Intent of a message, with calibrated confidence, and a second need where there are two."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.languages.classify import LinearClassifier, Settings, features_of
from pasar.languages.ngrams import Floats
from pasar.languages.pack import load_pack
from pasar.languages.tagger import EntityTagger
from pasar.nlu.context import PLACES_OF, weigh
from pasar.nlu.dense import SentenceEncoder
from pasar.nlu.embeddings import Embeddings
from pasar.nlu.entities import FORMS
from pasar.nlu.sources import language_sources

FALLBACK = "nlu_fallback"
GIVES = "inform"
NEEDS = "needs"
_SHOWN = 5  # intents in a ranking
_SEEN_IN_WHOLE = 0.01
_SURE_OF_CLAUSE = 0.85
_STANDS_OUT = 0.15
_CLAUSE_WORDS, _SURE_WORDS = 2, 3  # a clause of fewer words is no need of its own
_GIVEN_CONFIDENCE = 0.95
_FOLLOW_UP_WORDS, _FOLLOW_UP_DOUBT = 7, 0.75
_MODEL, _ENCODER = "intents.npz", "encoder.json"

#: Things that buyers give in answer; a message that names nothing but these gives, whatever it says around them.
_GIVEN = frozenset({
    "order_id", "tracking_number", "email", "phone", "coupon_code", "color", "size", "height", "weight", "foot_length",
    "quantity", "country", "city", "product_name", "sku", "postcode",
})  # fmt: skip

#: Acts of talk; a need beside one of these is the need.
ACTS = frozenset({
    "greet", "goodbye", "thank", "affirm", "deny", "inform", "chitchat", "out_of_scope", "feedback", "complaint",
    "bot_challenge", "switch_language",
})  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(GraphComponent):
    """A linear n-gram model (see :mod:`pasar.languages.classify`) in Rasa's graph.

    Sets ``intent``, ``intent_ranking`` and ``needs``: the intents a message asks to be served, one or two. Where the
    message's place is known, it has its say (:mod:`pasar.nlu.context`).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``threshold``: below it the buyer is asked back; ``second_need``: confidence a clause needs to count.

        ``encoder``: a folder with a sentence encoder, see :mod:`pasar.nlu.dense`. The rest are the :class:`Settings`
        of the model.
        """
        own = {"language": None, "threshold": 0.28, "second_need": 0.7, "encoder": None}
        return {**own, **dataclasses.asdict(Settings())}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Without a model yet."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: LinearClassifier | None = None
        self._settings = Settings(**{field.name: config[field.name] for field in dataclasses.fields(Settings)})
        self._encoder = SentenceEncoder(config["language"], config["encoder"]) if config["encoder"] else None
        pack = load_pack(config["language"])
        self._fillers = pack.fillers
        self._follow_ups = [opening.split() for opening in pack.follow_ups]
        self._joiners = _joiner_pattern(pack.joiners)
        self._blank_joins = " " in pack.joiners  # where words are not parted by blanks, clauses are

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramIntentClassifier:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramIntentClassifier:
        """Loads the trained model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LinearClassifier.load(folder / _MODEL)
            if component._encoder:
                component._encoder.check(json.loads((folder / _ENCODER).read_text(encoding="utf-8"))["files"])
                component._encoder.open()
        return component

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Word lists, the encoder's files and our own code count as settings."""
        return language_sources(config.get("language")) + SentenceEncoder.fingerprint_addon(config)

    def train(self, training_data: TrainingData, *, embeddings: Embeddings | None = None) -> Resource:
        """Fit on the examples that have an intent and words.

        ``embeddings``: those of all examples, where a node before has made them.
        """
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.get(TOKENS_NAMES[TEXT])]
        ngrams = features_of([_words(m) for m in examples], [_kinds(m) for m in examples], self._settings)
        dense = None
        if self._encoder:
            embeddings = embeddings or self._encoder.embed(training_data)
            dense = embeddings.of([m.get(TEXT) for m in examples])
        self._model = LinearClassifier.fit(ngrams, [m.get(INTENT) for m in examples], self._settings, dense)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder / _MODEL)
            if self._encoder:
                about = {"folder": self._config["encoder"]["folder"], "files": self._encoder.hashes}
                (folder / _ENCODER).write_text(json.dumps(about), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge messages; one below the threshold gets the intent ``nlu_fallback`` and keeps its ranking."""
        for message in messages:
            self._judge(message)
        return messages

    def _rank(
        self, words: list[str], kinds: Iterable[str] = (), embedding: Floats | None = None
    ) -> list[tuple[str, float]]:
        assert self._model is not None
        return self._model.rank(features_of([words], [kinds], self._settings), embedding)

    def _embed(self, texts: Sequence[str]) -> Sequence[Floats | None]:
        return list(self._encoder.encode(texts)) if self._encoder else [None] * len(texts)

    def _judge(self, message: Message) -> None:
        [embedding] = self._embed([message.get(TEXT) or ""])
        ranking = weigh(self._rank(_words(message), _kinds(message), embedding), message.get(PLACES_OF) or ())
        best, confidence = ranking[0]
        scores = dict(ranking)
        gives = self._only_gives(message) or (confidence < _FOLLOW_UP_DOUBT and self._follows_up(message))
        if gives and GIVES in scores:
            best, confidence = GIVES, _GIVEN_CONFIDENCE
        needs = self._find_needs(message, scores)
        if self._blank_joins and best in ACTS:  # many a blank parts nothing: the whole must show the need too
            needs = {intent: sure for intent, sure in needs.items() if scores[intent] >= _SEEN_IN_WHOLE}
        if needs and (best in ACTS or confidence < self._config["threshold"]):
            best = max(needs, key=lambda intent: scores[intent])
            confidence = needs[best]
        shown = [{"name": name, "confidence": score} for name, score in ranking[:_SHOWN]]
        if confidence < self._config["threshold"]:
            best, needs = FALLBACK, {}
        names = _in_order(best, needs, scores)
        if names[0] != best:
            best, confidence = names[0], needs[names[0]]
        message.set(INTENT, {"name": best, "confidence": confidence}, add_to_output=True)
        message.set(INTENT_RANKING_KEY, shown, add_to_output=True)
        message.set(NEEDS, names if best not in ACTS | {FALLBACK} else [], add_to_output=True)

    def _only_gives(self, message: Message) -> bool:
        """Whether a message names things and says nothing else: "and blue?", "kalo merah?", an order number.

        What is asked about them, the conversation so far tells.
        """
        tagger = EntityTagger.__name__  # what the words around it tell is no word that stands for itself
        entities = [entity for entity in message.get(ENTITIES) or () if entity.get("extractor") != tagger]
        if not entities or any(entity["entity"] not in _GIVEN for entity in entities):
            return False
        return all(
            token.text in self._fillers
            or not any(character.isalnum() for character in token.text)
            or any(entity["start"] <= token.start and token.end <= entity["end"] for entity in entities)
            for token in message.get(TOKENS_NAMES[TEXT]) or ()
        )

    def _follows_up(self, message: Message) -> bool:
        """Whether a short message carries the last question over to something else: "and the wrap dress?"."""
        words = _words(message)
        if not 2 <= len(words) <= _FOLLOW_UP_WORDS:
            return False
        return any(words[: len(opening)] == opening for opening in self._follow_ups)

    def _find_needs(self, message: Message, scores: Mapping[str, float]) -> dict[str, float]:
        """The needs of the message's clauses with their confidence, in order; empty unless there are clauses.

        ``scores`` are those of the whole message: a clause of two words ("quick q") must not say what the whole does not.
        """
        found: dict[str, float] = {}
        clauses = self._split(message)
        embeddings = self._embed([message.get(TEXT)[clause[0].start : clause[-1].end] for clause in clauses])
        for clause, embedding in zip(clauses, embeddings, strict=True):
            intent, confidence = self._rank([token.text for token in clause], embedding=embedding)[0]
            if len(clause) < _SURE_WORDS and scores[intent] < _SEEN_IN_WHOLE:
                continue
            if intent not in ACTS and confidence >= self._config["second_need"]:
                found[intent] = max(confidence, found.get(intent, 0.0))
        return found

    def _split(self, message: Message) -> list[list[Token]]:
        """The words of each of the message's clauses; empty where it is one clause."""
        clauses: list[list[Token]] = [[]]
        end = 0
        for token in message.get(TOKENS_NAMES[TEXT]) or ():
            if (
                self._blank_joins
                and clauses[-1]
                and token.start > end
                and not (token.text + clauses[-1][-1].text).isascii()
            ):
                clauses.append([])
            end = token.end
            if self._joiners.fullmatch(token.text):
                clauses.append([])
            else:
                clauses[-1].append(token)
        clauses = [clause for clause in clauses if len(clause) >= _CLAUSE_WORDS]
        return clauses if len(clauses) > 1 else []


def _in_order(best: str, needs: Mapping[str, float], scores: Mapping[str, float]) -> list[str]:
    """One need or two. They come as the message has them if the other one stands out, else the whole's comes first."""
    others = [intent for intent in needs if intent != best]
    if not others:
        return [best]
    other = max(others, key=lambda intent: scores[intent])
    order = list(needs)
    # what is but the story around a need ("the grey one came, can I swap it") must not be answered first
    stands_out = scores[other] >= _STANDS_OUT or needs[other] >= _SURE_OF_CLAUSE
    if best in needs and stands_out and order.index(other) < order.index(best):
        return [other, best]
    return [best, other]


def _words(message: Message) -> list[str]:
    return [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]


def _kinds(message: Message) -> list[str]:
    """The kinds of things recognised by their form, which tell an intent whatever their value is."""
    return message.get(FORMS) or []


def _joiner_pattern(joiners: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, joiners)) or r"(?!)")
