"""What comments mean: Rasa's understanding, many at a time, and the same words once."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker

from channels.base import PoliteRefusal, check_text
from pasar.live.comment import Understood, normalise

TOGETHER = 4  # comments before others may have the processor: a fortieth of a second
KEPT = 5_000  # of a rush the same words come again and again
UNKNOWN_LANGUAGE = "unknown_language"


class Understanding(Protocol):
    """Understands comments."""

    async def understand(self, texts: Sequence[str], language: str) -> list[Understood]:
        """What each means; ``language`` is what most of a stream speak, for what could be of several."""


class AgentUnderstanding:
    """By Rasa's agent, without a conversation: nothing is remembered of who wrote."""

    def __init__(self, agent: Callable[[], Any]) -> None:
        """``agent`` gives the one that serves now: a new model brings another."""
        self._agent = agent
        self._of: object = None
        self._known: collections.OrderedDict[tuple[str, str], Understood] = collections.OrderedDict()

    async def understand(self, texts: Sequence[str], language: str) -> list[Understood]:
        """In the order of ``texts``."""
        agent = self._agent()
        if agent is not self._of:
            self._of = agent
            self._known.clear()
        names = [(_name(text), language) for text in texts]
        fresh = {name: text for name, text in zip(names, texts, strict=True) if name not in self._known}
        listed = list(fresh.items())
        found = {name: self._known[name] for name in names if name in self._known}
        for start in range(0, len(listed), TOGETHER):
            part = listed[start : start + TOGETHER]
            for (name, _), data in zip(part, _parse(agent, [text for _, text in part], language), strict=True):
                found[name] = self._known[name] = read_understood(data, language)
            await asyncio.sleep(0)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return [found[name] for name in names]


def read_understood(data: Mapping[str, Any], language: str) -> Understood:
    """What Rasa found in a message."""
    intent = data.get("intent") or {}
    name = str(intent.get("name") or "")
    needs = [str(need.get("intent") if isinstance(need, Mapping) else need) for need in data.get("needs") or ()]
    intents = tuple(dict.fromkeys([name, *needs])) if name and name != UNKNOWN_LANGUAGE else ()
    entities = tuple(
        {"entity": entity["entity"], "value": entity["value"]}
        for entity in data.get("entities") or ()
        if entity.get("role") != "as_written"
    )
    mood = str((data.get("sentiment") or {}).get("label") or "neutral")
    return Understood(
        intents, float(intent.get("confidence") or 0.0), str(data.get("language") or language), entities, mood
    )


def _name(text: str) -> str:
    # "?!" and emoji have no words, and are not the same.
    return normalise(text) or text


def _parse(agent: Any, texts: Sequence[str], language: str) -> list[Mapping[str, Any]]:
    """One run of the graph for all of them; what has nothing to be read means nothing."""
    clean = [_clean(text) for text in texts]
    messages = [UserMessage(text, metadata={"live": True}) for text in clean if text]
    if not messages:
        return [{} for _ in texts]
    processor = agent.processor
    tracker = DialogueStateTracker.from_events("live", [], agent.domain.slots)
    if "language" in tracker.slots:
        tracker.slots["language"].value = language
    target = processor.model_metadata.nlu_target
    inputs = {PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: tracker}
    understood = iter(processor.graph_runner.run(inputs=inputs, targets=[target])[target])
    return [next(understood).as_dict(only_output_properties=True) if text else {} for text in clean]


def _clean(text: str) -> str:
    try:
        return check_text(text)
    except PoliteRefusal:
        return ""
