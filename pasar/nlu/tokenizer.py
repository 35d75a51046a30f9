"""Words of a message, normalised as its language pack says."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from pasar.languages.pack import load_pack
from pasar.languages.words import WordCutter
from pasar.nlu.sources import language_sources


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class PackTokenizer(Tokenizer):
    """Rasa tokens from :class:`pasar.languages.words.WordCutter`: plain text, offsets into the text as written."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``language``: the pack; ``tokenizer``: one of ``pasar.languages.words.CUTTERS``."""
        return {
            **Tokenizer.get_default_config(),
            "language": None,
            "tokenizer": "spacy",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Loads the pack's word lists."""
        super().__init__(config)
        self._cutter = WordCutter(config["language"], config["tokenizer"], load_pack(config["language"]).slang)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PackTokenizer:
        """Creates the component."""
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Word lists count as settings."""
        return language_sources(config.get("language"))

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one text."""
        return [Token(str(word), word.start, word.end) for word in self._cutter.cut(message.get(attribute) or "")]

    def process(self, messages: list[Message]) -> list[Message]:
        """Words of the message's text only; the other attributes are for training."""
        for message in messages:
            message.set(TOKENS_NAMES[TEXT], self.tokenize(message, TEXT))
        return messages
