"""Words that only a sentence encoder tells apart, and a classifier that is trained on their like."""

from __future__ import annotations

import pathlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.nlu.classifier import NgramIntentClassifier
from pasar.nlu.dense import SentenceEncoder
from pasar.nlu.tokenizer import PackTokenizer

EXAMPLES = {
    "order_status": ["where is my parcel", "my parcel please", "parcel arrived", "track my parcel", "where is the box"],
    "return_policy": ["refund please", "return rules please", "my refund", "rules for a refund", "the refund rules"],
    "greet": ["hello", "hi", "hello hello", "hi hello", "morning"],
}
#: Unseen words of letters that no example has: to n-grams they are all the same.
UNSEEN = {"zqq": "order_status", "qjj": "return_policy", "jzz": "greet"}


def encoder_of(folder: pathlib.Path, **settings: Any) -> SentenceEncoder:
    """As a pack's config.yml names it."""
    return SentenceEncoder("en", {"folder": str(folder), **settings})


def message(text: str, intent: str | None = None) -> Message:
    """A message as the pipeline hands it to the classifier."""
    made = Message({TEXT: text, **({INTENT: intent} if intent else {})})
    PackTokenizer({**PackTokenizer.get_default_config(), "language": "en", "tokenizer": "spaced"}).process([made])
    return made


def fit(encoder: dict[str, Any] | None, folder: pathlib.Path) -> NgramIntentClassifier:
    """The classifier alone, trained and loaded again; its model is in the folder."""
    folder.mkdir(exist_ok=True)
    storage = LocalModelStorage(folder)
    config = {**NgramIntentClassifier.get_default_config(), "language": "en", "encoder": encoder}
    examples = [message(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    about = (config, storage, Resource("intents"), ExecutionContext(GraphSchema({})))
    NgramIntentClassifier.create(*about).train(TrainingData(examples))
    return NgramIntentClassifier.load(*about)


def intents(classifier: NgramIntentClassifier, *texts: str) -> list[tuple[str, float]]:
    """What a classifier makes of texts, the first of its ranking."""
    messages = classifier.process([message(text) for text in texts])
    return [(ranking[0]["name"], ranking[0]["confidence"]) for ranking in (m.get("intent_ranking") for m in messages)]
