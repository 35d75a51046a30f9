"""How a trained Rasa model, ours or a stock one, reads sentences."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import UserMessage

from pasar.languages.tagger import Span

FALLBACK = "nlu_fallback"
UNKNOWN_LANGUAGE = "unknown_language"
_REPLY_LANGUAGE = "reply_language"  # says how to answer, is not in the text


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a model makes of a sentence."""

    intent: str
    confidence: float
    ranking: tuple[str, ...] = ()  #: best first, of the model alone
    entities: tuple[Span, ...] = ()
    language: str | None = None
    needs: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The intent the confidence is about: the best one also where it was not trusted."""
        return self.ranking[0] if self.intent == FALLBACK and self.ranking else self.intent

    @property
    def first_three(self) -> tuple[str, ...]:
        """The intents a buyer could be offered: what was decided, then the ranking."""
        decided = () if self.intent == FALLBACK else (self.intent,)
        return (*decided, *(name for name in self.ranking if name not in decided))[:3]

    @property
    def known(self) -> bool:
        """Whether the sentence was taken to be in one of the shop's languages."""
        return self.intent != UNKNOWN_LANGUAGE

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Reading:
        """From Rasa's parse result."""
        intent = data["intent"]
        return cls(
            intent=intent["name"] or FALLBACK,
            confidence=float(intent["confidence"]),
            ranking=tuple(entry["name"] for entry in data.get("intent_ranking") or ()),
            entities=tuple(
                Span(entity["entity"], entity["start"], entity["end"])
                for entity in data.get("entities") or ()
                if entity["entity"] != _REPLY_LANGUAGE
            ),
            language=data.get("language"),
            needs=tuple(data.get("needs") or ()),
        )

    @classmethod
    def restore(cls, values: Mapping[str, Any]) -> Reading:
        """From what ``dataclasses.asdict`` and JSON made of a reading."""
        spans = tuple(Span(**span) for span in values["entities"])
        return cls(
            **{**values, "ranking": tuple(values["ranking"]), "needs": tuple(values["needs"]), "entities": spans}
        )


class ModelError(RuntimeError):
    """There is no model, or it does not load."""


def newest_model(folder: Path = Path("models")) -> Path:
    """The model trained last; ModelError where there is none."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise ModelError(f"{folder}/ has no model: run `make train` first")
    return models[-1]


def open_model(path: Path) -> Agent:
    """A trained model, ready to read; ModelError where it was trained by other code."""
    agent = asyncio.run(load_agent(model_path=str(path)))
    if agent.processor is None:
        raise ModelError(f"{path} does not load with this code: train again (`make train`)")
    return agent


def read_texts(agent: Agent, texts: Sequence[str]) -> tuple[list[Reading], float]:
    """What a model makes of each text, told no language and no history; and the milliseconds each took."""

    async def read_all() -> list[Reading]:
        return [Reading.parse(await agent.processor.parse_message(UserMessage(text))) for text in texts]

    began = time.perf_counter()
    readings = asyncio.run(read_all())
    return readings, 1000 * (time.perf_counter() - began) / max(1, len(texts))


def as_rows(readings: Iterable[Reading]) -> list[dict[str, Any]]:
    """Readings as JSON knows them."""
    return [dataclasses.asdict(reading) for reading in readings]
