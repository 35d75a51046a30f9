"""What was said in conversations, as the worker of the inbox reads and writes it in Rasa's tracker."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog

from channels.base import find_language
from pasar.conversations.store import ConversationStore, State
from pasar.messages.model import Received

log = structlog.get_logger()


class Records(Protocol):
    """What was said in conversations, as Rasa's tracker keeps it."""

    async def recall(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """What the bot said to that message, as an output channel collects it; None where it was not answered."""

    async def note_agent(self, messages: Sequence[Received]) -> None:
        """A person of the shop has written in the platform's own app: the conversation is hers."""


class TrackerRecords:
    """The records of Rasa's agent."""

    def __init__(self, agent: Callable[[], Any], store: Callable[[], ConversationStore]) -> None:
        """``agent`` gives the one that serves now: a new model brings another."""
        self._agent = agent
        self._open_store = store

    async def recall(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """Read the tracker's events after that message, up to the next."""
        from rasa.shared.core.events import BotUttered, UserUttered  # noqa: PLC0415 - only after a crash

        tracker = await self._agent().tracker_store.retrieve(conversation_id)
        said: list[dict[str, Any]] | None = None
        for event in tracker.events if tracker is not None else ():
            if isinstance(event, UserUttered):
                if said is not None:
                    break
                if event.message_id == message_id:
                    said = []
            elif isinstance(event, BotUttered) and said is not None and "person" not in event.metadata:
                data = {key: value for key, value in event.data.items() if value}
                said.append({"text": event.text, **data} if event.text else data)
        return said

    async def note_agent(self, messages: Sequence[Received]) -> None:
        """Take the conversation as the desk does, and keep what was said."""
        from rasa.shared.core.events import BotUttered, ConversationPaused  # noqa: PLC0415 - seldom

        from channels.history import append_events  # noqa: PLC0415

        last = messages[-1]
        conversation_id, store = last.conversation_id, self._open_store()
        known = store.get(conversation_id, fresh=True)
        if known is None:
            language = await find_language(conversation_id, last.shop, store)
            store.touch(conversation_id, last.shop, last.channel, language)
        events: list[Any] = []
        if known is None or known.state is not State.PERSON:
            store.take(conversation_id)
            events.append(ConversationPaused(_now(), {"taken": True, "person": ""}))
            log.info("channel.conversation.taken", conversation=conversation_id)
        events += [BotUttered(message.text, metadata={"person": message.name}) for message in messages if message.text]
        await append_events(self._agent(), conversation_id, events)


def _now() -> float:
    return datetime.datetime.now(datetime.timezone.utc).timestamp()
