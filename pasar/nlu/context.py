"""Where a message was written, and what that makes likelier.

"The blue one?" on a product's page is a question about the product; in the middle of a form it is an answer. The words
do not say so, and the classifier has seen words only. So what the place makes likelier gets something added to its
log-odds: how much stands in :data:`PLACES`, and is little. A sure reading stays as it is.

A message's metadata tell the page and the live stream, the tracker the rest: Rasa gives the understanding graph the
tracker of the conversation as it was before the message.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

#: Message attribute: the places a message was written in.
PLACES_OF = "places"

#: A reading from here on is sure, and nothing is added to others.
SURE = 0.9
#: No more than this is added to any intent, however many places speak for it: less than what parts 0.9 from 0.1.
MOST = 2.0


@dataclasses.dataclass(frozen=True)
class Place:
    """What is known beside a message's words."""

    more: float  #: added to the log-odds of the intents
    intents: frozenset[str]


#: How much was chosen so that it pays even where few messages are of that kind (``python -m evaluation.context``).
#: Conversations by which it could be learnt are written for what they prove, not as often as buyers write them.
PLACES: Mapping[str, Place] = {
    "product_page": Place(1.0, frozenset({
        "product_info", "product_availability", "price_inquiry", "promotion_inquiry", "size_help", "recommend_product",
        "compare_product", "authenticity", "warranty",
    })),
    "asked": Place(1.0, frozenset({"inform", "affirm", "deny"})),
    "order_known": Place(0.5, frozenset({
        "order_status", "change_address", "edit_order", "cancel_order", "return_item", "exchange_item", "refund_request",
        "refund_status", "damaged_item", "wrong_item", "missing_item", "invoice_request",
    })),
    "live_stream": Place(1.0, frozenset({
        "how_to_order", "price_inquiry", "promotion_inquiry", "product_availability",
    })),
}  # fmt: skip


def find_places(metadata: Mapping[str, Any] | None, tracker: DialogueStateTracker | None) -> tuple[str, ...]:
    """Which of :data:`PLACES` a message was written in; none where neither metadata nor tracker tell.

    Metadata are those of ``channels.base.Context``: ``product`` (the page that is open) and ``live`` (a live stream).
    """
    shown, kept = metadata or {}, tracker.slots if tracker else {}
    found = {
        "product_page": shown.get("product"),
        "asked": _is_set(kept, REQUESTED_SLOT),
        "order_known": _is_set(kept, "checked") or _is_set(kept, "order_id"),
        "live_stream": shown.get("live"),
    }
    return tuple(name for name, value in found.items() if value)


def weigh(ranking: Sequence[tuple[str, float]], places: Iterable[str]) -> list[tuple[str, float]]:
    """A ranking of calibrated probabilities, best first, as the places make it; a sure one as it is."""
    more: dict[str, float] = {}
    for place in (PLACES[name] for name in places):
        for intent in place.intents:
            more[intent] = min(MOST, more.get(intent, 0.0) + place.more)
    if not more or not ranking or ranking[0][1] >= SURE:
        return list(ranking)
    scores = [(name, score * math.exp(more[name]) if name in more else score) for name, score in ranking]
    total = sum(score for _, score in scores)
    return sorted(((name, score / total) for name, score in scores), key=lambda entry: -entry[1])


def _is_set(slots: Mapping[str, Slot], name: str) -> bool:
    return name in slots and bool(slots[name].value)
