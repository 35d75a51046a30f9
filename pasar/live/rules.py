"""What is done with which comment: dated by nothing, edited by the shop (``rules.yml``)."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import yaml

RULES = pathlib.Path(__file__).with_name("rules.yml")


class LiveRulesError(ValueError):
    """The rules cannot be read; names the key."""


@dataclasses.dataclass(frozen=True)
class Question:
    """How an intent is answered in public."""

    product: bool = False  #: the product must be known
    words: bool = False  #: only the same words are the same question
    by: tuple[str, ...] = ()  #: entities that tell two questions apart


@dataclasses.dataclass(frozen=True)
class LiveRules:
    """The rules of one shop; ``rules.yml`` says what each means. Times in seconds."""

    sure: float
    gather: float
    again_after: float
    answers: int
    too_late: float
    stale: float
    parts: int
    idle: float
    answer: Mapping[str, Question]
    invite: frozenset[str]
    personal: frozenset[str]
    person: frozenset[str]
    when_negative: frozenset[str]
    spam: tuple[re.Pattern[str], ...]
    chatter: tuple[re.Pattern[str], ...]


@functools.lru_cache(maxsize=64)
def load_rules(shop: str) -> LiveRules:
    """The rules of a shop; LiveRulesError."""
    return read_rules(RULES.read_text(encoding="utf-8"), shop)


def read_rules(text: str, shop: str) -> LiveRules:
    """Rules from YAML, with what the shop has otherwise; LiveRulesError."""
    data = yaml.safe_load(text)
    own = (data.pop("shops", None) or {}).get(shop) or {}
    values = {**data, **own}
    unknown = values.keys() - {field.name for field in dataclasses.fields(LiveRules)}
    if unknown:
        raise LiveRulesError(f"live rules of {shop}: unknown {', '.join(sorted(unknown))}")
    for field in dataclasses.fields(LiveRules):
        if field.name not in values:
            raise LiveRulesError(f"live rules of {shop}: {field.name} is missing")
        try:
            values[field.name] = _READERS.get(field.name, _read_number)(values[field.name])
        except (TypeError, ValueError, AttributeError, re.error) as error:
            raise LiveRulesError(f"live rules of {shop}: {field.name}: {error}") from error
    return LiveRules(**values)


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("must be a number, 0 or more")
    return value


def _read_questions(value: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Question]:
    return {
        intent: Question(**{**(rule or {}), "by": tuple((rule or {}).get("by", ()))}) for intent, rule in value.items()
    }


def _read_patterns(value: Any) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in value)


_READERS: Mapping[str, Any] = {
    "answer": _read_questions,
    "invite": frozenset,
    "personal": frozenset,
    "person": frozenset,
    "when_negative": frozenset,
    "spam": _read_patterns,
    "chatter": _read_patterns,
}
