"""Which comments ask the same, and what is done with each."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pasar.live.comment import Understood, normalise
from pasar.live.rules import LiveRules

INVITATION = "invitation"  #: the cluster of all personal questions


class Treatment(enum.Enum):
    """What is done with a comment."""

    ANSWER = "answer"  # in public, once for all who ask it
    INVITE = "invite"  # asked to write to the shop's chat
    PERSON = "person"  # a person of the shop sees to it
    IGNORE = "ignore"  # greetings, chatter, spam, what is no question


@dataclasses.dataclass(frozen=True)
class Placed:
    """A comment with what is done with it."""

    treatment: Treatment
    reason: str  #: of IGNORE: why; else the intent
    cluster: str = ""  #: the question's name, the same for all who ask it
    product: str = ""  #: shown while she asked, where the answer depends on it and she names no other
    ask: Mapping[str, Any] | None = None  #: the values it is asked with; None: in her own words


def place(text: str, understood: Understood, product: str, rules: LiveRules) -> Placed:
    """What is done with a comment that was written while ``product`` was shown ("" where none was)."""
    for name, patterns in (("spam", rules.spam), ("chatter", rules.chatter)):
        if any(pattern.search(text) for pattern in patterns):
            return Placed(Treatment.IGNORE, name)
    intent = understood.intent
    if understood.confidence < rules.sure or not intent:
        return Placed(Treatment.IGNORE, "unclear")
    if intent in rules.person or (intent in rules.when_negative and understood.mood == "negative"):
        return Placed(Treatment.PERSON, intent)
    found = {str(entity["entity"]): entity["value"] for entity in understood.entities}
    is_question = intent in rules.answer or intent in rules.invite
    if intent in rules.invite or (is_question and not rules.personal.isdisjoint(found)):
        return Placed(Treatment.INVITE, intent, INVITATION)
    question = rules.answer.get(intent)
    if question is None:
        return Placed(Treatment.IGNORE, intent)
    if question.product and not (product or found.keys() & {"product_name", "sku"}):
        return Placed(Treatment.IGNORE, "no product")
    values = {name: found[name] for name in question.by if name in found}
    words = normalise(text) if question.words else ""
    # What names a product is found by her words, so that the words belong to the question.
    named = "product_name" in values or "sku" in values
    about = product if not named and (question.product or "product_name" in question.by) else ""
    cluster = name_cluster(intent, about, values, words)
    return Placed(Treatment.ANSWER, intent, cluster, about, None if question.words or named else values)


def name_cluster(intent: str, product: str, values: Mapping[str, Any], words: str = "") -> str:
    """A name that is the same for the same question, at most 64 characters and legible at its beginning."""
    told = json.dumps([intent, product, sorted((name, str(value).casefold()) for name, value in values.items()), words])
    return f"{intent[:31]}.{hashlib.sha256(told.encode()).hexdigest()[:32]}"
