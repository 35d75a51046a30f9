"""Entities of messages."""

from __future__ import annotations

from typing import Any


def named(**values: str) -> list[dict[str, Any]]:
    """Entities of a message."""
    return [{"entity": kind, "value": value} for kind, value in values.items()]


def marked(text: str, **words: str) -> dict[str, Any]:
    """A message with entities at their words."""
    places = {kind: text.index(part) for kind, part in words.items()}
    entities = [
        {"entity": kind, "value": part, "start": places[kind], "end": places[kind] + len(part)}
        for kind, part in words.items()
    ]
    return {"text": text, "entities": entities}
