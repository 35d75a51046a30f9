"""Intent of a message, with calibrated confidence, and a second need where there are two."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import pasar.nlu
from pasar.languages.classify import LinearClassifier, Settings, features_of
from pasar.languages.ngrams import Floats
from pasar.languages.pack import load_pack
from pasar.languages.spelling import Speller
from pasar.languages.tagger import EntityTagger
from pasar.languages.text import drop_accents
from pasar.languages.thresholds import learn_second_need, learn_threshold
from pasar.nlu.clauses import ClauseCutter
from pasar.nlu.context import PLACES_OF, weigh
from pasar.nlu.dense import SentenceEncoder
from pasar.nlu.embeddings import Embeddings
from pasar.nlu.entities import FORMS
from pasar.nlu.needs import ACTS, find_needs, find_surest_other, keep_beside_act, order_needs
from pasar.nlu.sources import hash_sources, language_sources

FALLBACK = "nlu_fallback"
GIVES = "inform"
NEEDS = "needs"
_USUAL_THRESHOLD, _USUAL_SECOND_NEED = 0.28, 0.7  # with too few examples to learn them from
_TRIED = 4000  # examples of which those in several clauses tell how sure a second need must be
_SHOWN = 5  # intents in a ranking
_GIVEN_CONFIDENCE = 0.95
_FOLLOW_UP_WORDS, _FOLLOW_UP_DOUBT = 7, 0.75
_POINTING, _POINTING_WORDS = "reference", 12  # kind of what is not named but pointed at: "the other order"
_CORRECTED = "deny"  # "no, the other order" gives the other one
_MODEL, _LEARNT, _ENCODER = "intents.npz", "learnt.json", "encoder.json"

#: Things that buyers give in answer; a message that names nothing but these gives, whatever it says around them.
_GIVEN = frozenset({
    "order_id", "tracking_number", "email", "phone", "coupon_code", "color", "size", "height", "weight", "foot_length",
    "bust", "waist", "foreign_size", "wearer", "fit", "quantity", "country", "city", "product_name", "sku", "postcode",
})  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(GraphComponent):
    """A linear n-gram model (see :mod:`pasar.languages.classify`) in Rasa's graph.

    Sets ``intent``, ``intent_ranking`` and ``needs``: the intents a message asks to be served, one or two. Where the
    message's place is known, it has its say (:mod:`pasar.nlu.context`).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What a pack's ``config.yml`` may set; besides these the :class:`Settings` of the model.

        ``threshold``: below it the buyer is asked back; ``second_need``: confidence a clause needs to count. Both are
        learnt from the examples unless they are set. ``spelling``: read words that no example has, of so many
        letters or more, as the nearest ones that some have (0: never); ``unaccented``: the share of examples that are
        learnt without accents too; ``encoder``: a folder with a sentence encoder, see :mod:`pasar.nlu.dense`.
        """
        own = {"threshold": None, "second_need": None, "spelling": 0, "unaccented": 0.0, "encoder": None}
        return {"language": None, **own, **dataclasses.asdict(Settings())}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Without a model yet."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: LinearClassifier | None = None
        self._speller: Speller | None = None
        self._threshold = config["threshold"] or _USUAL_THRESHOLD
        self._second_need = config["second_need"] or _USUAL_SECOND_NEED
        self._settings = Settings(**{field.name: config[field.name] for field in dataclasses.fields(Settings)})
        self._encoder = SentenceEncoder(config["language"], config["encoder"]) if config["encoder"] else None
        pack = load_pack(config["language"])
        self._fillers = pack.fillers
        self._follow_ups = [opening.split() for opening in pack.follow_ups]
        self._cutter = ClauseCutter(pack.joiners)

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
            learnt = json.loads((folder / _LEARNT).read_text(encoding="utf-8"))
            if component._encoder:
                component._encoder.check(json.loads((folder / _ENCODER).read_text(encoding="utf-8"))["files"])
                component._encoder.open()
        component._threshold, component._second_need = learnt["threshold"], learnt["second_need"]
        component._speller = Speller(learnt["words"], config["spelling"]) if learnt["words"] else None
        return component

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Word lists, the encoder's files and our own code count as settings."""
        own = hash_sources(("clauses", "needs"), of=pasar.nlu)
        return language_sources(config.get("language")) + own + SentenceEncoder.fingerprint_addon(config)

    def train(self, training_data: TrainingData, *, embeddings: Embeddings | None = None) -> Resource:
        """Fit on the examples that have an intent and words.

        ``embeddings``: those of all examples, where a node before has made them.
        """
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.get(TOKENS_NAMES[TEXT])]
        texts, kinds, sources = self._add_unaccented(examples)
        ngrams = features_of(texts, kinds, self._settings)
        dense = None
        if self._encoder:
            embeddings = embeddings or self._encoder.embed(training_data)
            dense = embeddings.of([examples[place].get(TEXT) for place in sources])
        labels = [examples[place].get(INTENT) for place in sources]
        self._model = LinearClassifier.fit(ngrams, labels, self._settings, dense)
        if self._config["spelling"]:
            self._speller = Speller.fit(texts, self._config["spelling"])
        self._learn_thresholds([examples[place] for place in sources], len(examples))
        words = self._speller.counts if self._speller else {}
        learnt = {"threshold": self._threshold, "second_need": self._second_need, "words": words}
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder / _MODEL)
            (folder / _LEARNT).write_text(json.dumps(learnt, ensure_ascii=False), encoding="utf-8")
            if self._encoder:
                about = {"folder": self._config["encoder"]["folder"], "files": self._encoder.hashes}
                (folder / _ENCODER).write_text(json.dumps(about), encoding="utf-8")
        return self._resource

    def _add_unaccented(self, examples: Sequence[Message]) -> tuple[list[list[str]], list[list[str]], list[int]]:
        """Words, kinds and places of the examples, and after them of those learnt without accents too."""
        texts, kinds = [_words(m) for m in examples], [_kinds(m) for m in examples]
        sources = list(range(len(examples)))
        chance = random.Random(0)  # noqa: S311 - the same examples in every training
        for place in range(len(examples)):
            plain = [drop_accents(word) for word in texts[place]]
            if chance.random() < self._config["unaccented"] and plain != texts[place]:
                texts.append(plain)
                kinds.append(kinds[place])
                sources.append(place)
        return texts, kinds, sources

    def _learn_thresholds(self, examples: Sequence[Message], own: int) -> None:
        """Those that the pack does not set, where there are examples enough; the first ``own`` are as written."""
        rehearsal = self._model.rehearsal if self._model else None
        if rehearsal is None:
            return
        if self._config["threshold"] is None:
            self._threshold = learn_threshold(rehearsal.confidences, rehearsal.right) or self._threshold
        if self._config["second_need"] is not None:
            return
        confidences, right, false_needs = [], [], []
        tried = zip(rehearsal.unknown, rehearsal.confidences, rehearsal.right, strict=True)
        for place, confidence, is_right in itertools.islice(tried, _TRIED):
            intent = examples[place].get(INTENT)
            if place >= own or intent in ACTS:
                continue
            if clauses := self._cutter.cut(examples[place].get(TOKENS_NAMES[TEXT])):
                false_needs.append(self._find_other(rehearsal.model, examples[place], clauses, intent))
            else:
                confidences.append(confidence)
                right.append(is_right)
        found = learn_second_need(*(np.array(values) for values in (confidences, right, false_needs)))
        self._second_need = found or self._second_need

    def _find_other(self, model: LinearClassifier, message: Message, clauses: list[list[Token]], own: str) -> float:
        """How sure a model is of the surest need of a message's clauses besides its own."""
        embeddings = self._embed(_texts_of(message, clauses))
        return find_surest_other(
            (
                model.rank(features_of([[token.text for token in clause]], [()], self._settings), embedding)[0]
                for clause, embedding in zip(clauses, embeddings, strict=True)
            ),
            own,
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge messages; one below the threshold gets the intent ``nlu_fallback`` and keeps its ranking."""
        for message in messages:
            self._judge(message)
        return messages

    def _rank(
        self, words: list[str], kinds: Iterable[str] = (), embedding: Floats | None = None
    ) -> list[tuple[str, float]]:
        """Intents of words as they are written, or as they were probably meant where that is surer."""
        assert self._model is not None
        ranking = self._model.rank(features_of([words], [kinds], self._settings), embedding)
        meant = self._speller.mend(words) if self._speller else words
        if meant == words:
            return ranking
        other = self._model.rank(features_of([meant], [kinds], self._settings), embedding)
        return max(ranking, other, key=lambda ranked: ranked[0][1])

    def _embed(self, texts: Sequence[str]) -> Sequence[Floats | None]:
        return list(self._encoder.encode(texts)) if self._encoder else [None] * len(texts)

    def _judge(self, message: Message) -> None:
        [embedding] = self._embed([message.get(TEXT) or ""])
        ranking = weigh(self._rank(_words(message), _kinds(message), embedding), message.get(PLACES_OF) or ())
        best, confidence = ranking[0]
        scores = dict(ranking)
        points = _points(message)
        carries_on = points or self._follows_up(message)
        gives = self._only_gives(message) or (confidence < _FOLLOW_UP_DOUBT and carries_on)
        gives = gives or (points and best == _CORRECTED)
        if gives and GIVES in scores:
            best, confidence = GIVES, _GIVEN_CONFIDENCE
        needs = self._find_needs(message, scores)
        if best in ACTS:
            needs = keep_beside_act(needs, scores, confidence, gives=gives)
        if needs and (best in ACTS or confidence < self._threshold):
            best = max(needs, key=lambda intent: scores[intent])
            confidence = needs[best]
        shown = [{"name": name, "confidence": score} for name, score in ranking[:_SHOWN]]
        if confidence < self._threshold:
            best, needs = FALLBACK, {}
        names = order_needs(best, needs, scores)
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
        """The needs of the message's clauses with their confidence, in order; empty unless there are clauses."""
        clauses = self._cutter.cut(message.get(TOKENS_NAMES[TEXT]) or ())
        embeddings = self._embed(_texts_of(message, clauses))
        judged = (
            (len(clause), *self._rank([token.text for token in clause], embedding=embedding)[0])
            for clause, embedding in zip(clauses, embeddings, strict=True)
        )
        return find_needs(judged, scores, self._second_need)


def _points(message: Message) -> bool:
    """Whether a short message points at something that the conversation or an earlier order knows."""
    return len(_words(message)) <= _POINTING_WORDS and any(
        entity["entity"] == _POINTING for entity in message.get(ENTITIES) or ()
    )


def _words(message: Message) -> list[str]:
    return [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]


def _kinds(message: Message) -> list[str]:
    """The kinds of things recognised by their form, which tell an intent whatever their value is."""
    return message.get(FORMS) or []


def _texts_of(message: Message, clauses: Sequence[Sequence[Token]]) -> list[str]:
    return [message.get(TEXT)[clause[0].start : clause[-1].end] for clause in clauses]
