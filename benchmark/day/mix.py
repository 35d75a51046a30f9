"""What buyers ask on the day after a live stream, and in which words.

Where the mix comes from: it is our assumption, not a measurement. Sellers' case studies say that most questions after a
sale are about the order ("where is it"), then about sizes, shipping and promotions, and that one in five is work for a
person; none publishes shares by intent. The shares below follow that order. A real shop's own history should replace
them. Lines come from ``tests/languages/<code>/nlu``, which no model is trained on. What a line marks as an order number, a
tracking number, an e-mail, a phone or a product is replaced with the buyer's own; all else stays as it was written.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from random import Random

from evaluation.sentences import Sentence, read_evaluation

LANGUAGES = ("id", "th", "vi", "ms", "en")

#: Parts of a hundred.
SHARES: dict[str, int] = {
    "order_status": 40,
    "size_help": 8,
    "promotion_inquiry": 6,
    "product_availability": 6,
    "price_inquiry": 3,
    "shipping_cost": 5,
    "delivery_time": 4,
    "return_item": 4,
    "return_policy": 2,
    "refund_status": 3,
    "payment_methods": 2,
    "cod_available": 2,
    "payment_problem": 1,
    "damaged_item": 3,
    "wrong_item": 1,
    "missing_item": 1,
    "cancel_order": 2,
    "change_address": 1,
    "complaint": 2,
    "talk_to_human": 2,
    "out_of_scope": 2,
}

#: The class that a machine should do, and what must come to a person.
SIMPLE = frozenset({
    "order_status", "size_help", "promotion_inquiry", "product_availability", "price_inquiry", "shipping_cost",
    "delivery_time", "return_policy", "payment_methods", "cod_available", "refund_status",
})  # fmt: skip
MUST_ESCALATE = frozenset({"talk_to_human"})


@dataclasses.dataclass(frozen=True)
class Line:
    """A buyer's first message, and what she meant by it."""

    text: str
    need: str


@functools.lru_cache(maxsize=8)
def _lines(language: str) -> Mapping[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {}
    for sentence in read_evaluation(language):
        found.setdefault(sentence.intent, []).append(sentence)
    return found


def draw_need(chance: Random) -> str:
    """One need by the shares."""
    return chance.choices(list(SHARES), weights=list(SHARES.values()))[0]


def draw_line(chance: Random, language: str, need: str, own: Mapping[str, str]) -> Line:
    """One of a language's lines for a need; ``own`` has the buyer's own words by entity."""
    sentence = chance.choice(_lines(language)[need])
    text = sentence.text
    for span in sorted(sentence.entities, key=lambda span: span.start, reverse=True):
        if span.kind in own:
            text = text[: span.start] + own[span.kind] + text[span.end :]
    return Line(text, need)
