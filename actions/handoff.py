"""Handing a conversation to a person, with the whole story."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, ConversationPaused, EventType, SlotSet

from actions.turn import ShopAction, Turn
from pasar.conversations.store import open_store

_SUMMARISED = (
    "order_id", "product", "return_reason", "return_wants", "missing_part", "size", "color", "country", "contact",
    "change", "new_address", "new_variant", "wish",
)  # fmt: skip
_TOLD = 20  # last messages that go into the summary


class ActionOfferPerson(ShopAction):
    """Remembers that a person was offered, for a yes or no."""

    def name(self) -> str:
        """As in the domain."""
        return "action_offer_person"

    async def answer(self, turn: Turn) -> list[EventType]:
        """The offer itself was said by the response before."""
        return [SlotSet("offer", "person")]


class ActionRequestPerson(ShopAction):
    """The buyer waits for a person from now on; the bot is silent until the conversation is handed back."""

    def name(self) -> str:
        """As in the domain."""
        return "action_request_person"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Record the conversation as waiting, tell the buyer when people are there, pause."""
        open_store().request_person(
            turn.tracker.sender_id,
            reason=find_reason(turn),
            summary=summarise(turn),
            shop=turn.shop.shop_id,
            channel=str(turn.metadata.get("channel") or turn.tracker.get_latest_input_channel() or ""),
            language=turn.language,
        )
        now = turn.now
        is_open = now.weekday() in turn.shop.open_days and turn.shop.opens_at <= now.time() < turn.shop.closes_at
        turn.say(
            "utter_person_called_open" if is_open else "utter_person_called",
            hours=turn.hours(),
            time_zone=turn.shop.time_zone,
        )
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("offer", None),
            SlotSet("open_form", None),
            ConversationPaused(),
        ]


def find_reason(turn: Turn) -> str:
    """The last need the buyer told before asking for a person, as an intent's name."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            if intent not in ("affirm", "deny", "talk_to_human", "inform", "nlu_fallback", None):
                return str(intent)
    return "talk_to_human"


def summarise(turn: Turn) -> dict[str, Any]:
    """What a person needs to see first: what it is about, what is known, how often it went wrong."""
    known = {slot: turn.slot(slot) for slot in _SUMMARISED if turn.slot(slot)}
    intents = [
        ((event.get("parse_data") or {}).get("intent") or {}).get("name")
        for event in turn.tracker.events
        if event.get("event") == "user"
    ]
    return {
        "known": known,
        "needs": [intent for intent in intents if intent][-_TOLD:],
        "tags": list(turn.slot("tags") or ()),
    }
