"""What was said in a conversation, read from and added to Rasa's tracker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import (
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    UserUttered,
)

LIMIT = 50

Line = dict[str, Any]


async def read_history(agent: Agent, conversation_id: str, limit: int = LIMIT) -> list[Line]:
    """Return the last lines of a conversation, oldest first; none where it has not begun."""
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation_id)
    return [] if tracker is None else render(tracker.events)[-limit:]


async def append_events(agent: Agent, conversation_id: str, events: Sequence[Event]) -> None:
    """Add events to a conversation, between two turns of it."""
    async with agent.lock_store.lock(conversation_id):
        tracker = await agent.tracker_store.get_or_create_tracker(conversation_id)
        for event in events:
            tracker.update(event, agent.domain)
        await agent.tracker_store.save(tracker)


def render(events: Iterable[Event]) -> list[Line]:
    """Return what buyer, bot and person said to each other, as the web chat and the desk show it.

    What the bot said after a person had taken over was withheld from the buyer, and is left out.
    """
    listed = list(events)
    silent = _find_silent_times(listed)
    lines: list[Line] = []
    for event in listed:
        if isinstance(event, UserUttered):
            text = _name_payload(event.text or "", lines)
            media = [_name_medium(medium) for medium in event.metadata.get("media") or ()]
            if text or media:
                lines.append(
                    {
                        "from": "user",
                        "id": event.message_id,
                        "text": text,
                        "time": event.timestamp,
                        **({"media": media} if media else {}),
                    }
                )
        elif isinstance(event, BotUttered):
            withheld = any(start <= event.timestamp < end for start, end in silent)
            if "person" in event.metadata or not withheld:
                lines.extend(_split(event))
    return lines


def _name_medium(medium: Mapping[str, Any]) -> dict[str, str]:
    """What was sent, and the message it is listed under among the conversation's media; nothing of where it is."""
    return {name: str(medium.get(name, "")) for name in ("kind", "message_id")}


def _find_silent_times(events: Sequence[Event]) -> list[tuple[float, float]]:
    times: list[tuple[float, float]] = []
    start: float | None = None
    for event in events:
        if isinstance(event, ConversationPaused) and event.metadata.get("taken") and start is None:
            start = event.timestamp
        elif isinstance(event, ConversationResumed) and start is not None:
            times.append((start, event.timestamp))
            start = None
    if start is not None:
        times.append((start, float("inf")))
    return times


def _name_payload(text: str, lines: Sequence[Line]) -> str:
    """Return a pressed button's title for its payload; "" for a payload that no button shows."""
    if not text.startswith("/"):
        return text
    for line in reversed(lines):
        offered = list(line.get("buttons", []))
        for card in (line.get("custom") or {}).get("cards") or []:
            offered.extend(card.get("buttons") or [])
        for button in offered:
            if button.get("payload") == text:
                return str(button.get("title", ""))
    return ""


def _split(event: BotUttered) -> list[Line]:
    """Return the lines of one utterance, cut as an output channel cuts it."""
    base: Line = {"from": "bot", "time": event.timestamp}
    if "person" in event.metadata:
        base |= {"from": "person", "person": event.metadata["person"]}
    lines: list[Line] = []
    if event.text:
        line = {**base, "text": event.text}
        if event.data.get("buttons"):
            line["buttons"] = event.data["buttons"]
        lines.append(line)
    for key in ("custom", "image"):
        value = event.data.get(key)
        if value:
            # A pack's "custom" may be a JSON text.
            lines.append(
                {
                    **base,
                    key: json.loads(value) if key == "custom" and isinstance(value, str) else value,
                }
            )
    return lines
