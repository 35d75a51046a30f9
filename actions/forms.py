"""What forms share: making sure an order is the buyer's, and not asking for ever."""

from __future__ import annotations

import abc
import logging
import re
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.proofs import note_proof
from actions.references import OTHER, find_reference, recall_order, tell_no_other
from actions.turn import Turn, ask_shop
from pasar.commerce.access import access_order
from pasar.commerce.model import Order
from pasar.commerce.registry import order_formats

# says at every turn which slots have no validation of their own
logging.getLogger("rasa_sdk.forms").setLevel(logging.ERROR)

REQUESTED = "requested_slot"
MOST_ATTEMPTS = 2  # re-asks before a person is offered
MOST_FAILED_CHECKS = 5
GAVE_UP = "gave_up"
FAILED = "failed"
TROUBLE = "trouble"  # the shop did not answer, and the buyer was told
LISTED = "listed"  # several orders are told at once
#: What the slot ``checked`` holds where it holds no order's number.
NO_ORDER = frozenset({GAVE_UP, FAILED, TROUBLE, LISTED})

OPEN_FORM = "open_form"  # the form that another one has interrupted

#: What the last turn of a form returns where a person has been offered instead of an answer.
ANSWERED_BY_PERSON: list[EventType] = [
    SlotSet("offer", "person"),
    SlotSet("checked", None),
    SlotSet("order_id", None),
    SlotSet("attempts", None),
]

#: A message of these intents that fills nothing was an attempt to answer; all others lead away and back again.
_ATTEMPTS = frozenset({"inform", "affirm", "nlu_fallback", "out_of_scope"})


def interrupt(turn: Turn, form: str) -> list[EventType]:
    """What a form returns at its beginning: remembers the one it interrupts, to go on with it afterwards."""
    active = (turn.tracker.active_loop or {}).get("name")
    if active and active != form:
        return [SlotSet(OPEN_FORM, active)]
    return [] if active else [SlotSet(OPEN_FORM, None)]


def resume(turn: Turn) -> list[EventType]:
    """What a form returns at its end: goes on with the one it interrupted."""
    interrupted = turn.slot(OPEN_FORM)
    return [SlotSet(OPEN_FORM, None), FollowupAction(interrupted)] if interrupted else []


async def checked_order(turn: Turn) -> Order | None:
    """The order that the form has checked so far; None where it has not, or where it could not."""
    checked = turn.slot("checked")
    if not checked or checked in NO_ORDER:
        return None
    return await access_order(turn.backend, checked, turn.proof)


async def fetch_order(turn: Turn) -> Order | None:
    """The order that the form has checked. Where there is none, says why and offers a person."""
    checked = turn.slot("checked")
    if checked == TROUBLE:
        return None
    if checked == FAILED:
        turn.say("utter_order_check_failed")
        return None
    order = await checked_order(turn)
    if order is None:
        turn.say("utter_form_gave_up")
    return order


class Form(FormValidationAction, abc.ABC):
    """A form that gives up after two unclear answers, and lets questions pass by."""

    @abc.abstractmethod
    def name(self) -> str:
        """``validate_`` and the form's name."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Called by Rasa at every turn of the form."""
        turn = Turn(dispatcher, tracker)
        requested = turn.slot(REQUESTED)
        before = dict(tracker.slots)
        events = await ask_shop(self.name(), turn, lambda: FormValidationAction.run(self, dispatcher, tracker, domain))
        if events is None:
            return [SlotSet(REQUESTED, None), SlotSet("checked", TROUBLE)]
        # the SDK forgets what it extracted for slots that, by now, need not be asked for
        told = {event["name"] for event in events if event.get("event") == "slot"}
        events = [
            SlotSet(name, value)
            for name, value in tracker.slots.items()
            if value != before.get(name) and name not in told and name != REQUESTED
        ] + list(events)
        filled = any(event.get("event") == "slot" and event["name"] != REQUESTED for event in events)
        if requested and not filled and turn.intent in _ATTEMPTS:
            attempts = int(turn.slot("attempts") or 0) + 1
            if attempts > MOST_ATTEMPTS:
                return [SlotSet("attempts", attempts), SlotSet("checked", GAVE_UP), SlotSet(REQUESTED, None)]
            if turn.intent == "out_of_scope" and not dispatcher.messages:
                turn.say("utter_out_of_scope")  # then the form asks again
            return [SlotSet("attempts", attempts), *events]
        if filled and not any(event.get("name") == "attempts" for event in events):
            events = [*events, SlotSet("attempts", None)]
        if events and turn.slot("reference"):
            events = [*events, SlotSet("reference", None)]
        return events


class OrderForm(Form, abc.ABC):
    """A form about one order: its number, and for an unknown buyer the e-mail or phone it was ordered with.

    The slot ``checked`` holds the order's number once it is proved to be hers. Whether a number exists is never told.
    """

    #: Slots with her yes or no to what was said of an order: a word about another order is neither.
    confirmed: tuple[str, ...] = ()

    @abc.abstractmethod
    def name(self) -> str:
        """``validate_`` and the form's name."""

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """A buyer whom the channel knows need not prove herself."""
        turn = Turn(dispatcher, tracker)
        if turn.slot("checked") in NO_ORDER:
            return []
        return [slot for slot in domain_slots if slot != "contact" or turn.buyer is None]

    async def extract_checked(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Look the order up as soon as there is enough to do so."""
        turn = await Turn(dispatcher, tracker).enter()
        number = turn.text_slot("order_id").strip()
        if not number or (turn.buyer is None and not turn.slot("contact")):
            return {"checked": None} if number and turn.slot("checked") else {}
        if turn.slot("checked") == number.upper():
            return {}
        if order := await access_order(turn.backend, number, turn.proof):
            await note_proof(turn, order)
            return {"checked": number.upper(), "failed_checks": None}
        failed = int(turn.slot("failed_checks") or 0) + 1
        if failed >= MOST_FAILED_CHECKS:
            return {"checked": FAILED, "failed_checks": failed}
        turn.say("utter_order_not_matched")
        return {"order_id": None, "contact": None, "checked": None, "failed_checks": failed}

    async def extract_order_id(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Tell a number of the wrong form from a right one, where a number was asked for; know an order pointed at."""
        turn = await Turn(dispatcher, tracker).enter()
        if self._points_at_order(turn):
            return await self._take_reference(turn)
        if turn.slot(REQUESTED) != "order_id" or turn.slot("order_id") or turn.intent not in _ATTEMPTS:
            return {}
        for pattern in order_formats(turn.shop.shop_id):
            if match := pattern.search(turn.text):
                return {"order_id": match.group().upper()}
        if re.search(r"\d{3}", turn.text) and not turn.named("email", "phone"):
            turn.say("utter_order_id_wrong_form", example=turn.shop.order_example)
        return {}

    def _points_at_order(self, turn: Turn) -> bool:
        """Whether she means another order than the one in hand: what "the same" is, the question tells."""
        reference, requested = find_reference(turn), turn.slot(REQUESTED)
        if reference is None or requested is None:  # at the form's beginning it has been looked up already
            return False
        return requested == "order_id" or (reference == OTHER and requested != "new_variant")

    async def _take_reference(self, turn: Turn) -> dict[str, Any]:
        """The order she points at, to be checked anew; where that leaves a choice, it is asked."""
        reference = find_reference(turn) or OTHER
        if reference == OTHER and await tell_no_other(turn):
            return {"order_id": turn.slot("order_id")}
        number = await recall_order(turn, reference)
        return {"order_id": number, "checked": None, **dict.fromkeys(self.confirmed)}

    async def extract_contact(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Tell what is neither an e-mail nor a phone, where one was asked for."""
        turn = Turn(dispatcher, tracker)
        if turn.slot(REQUESTED) == "contact" and not turn.slot("contact") and turn.intent in _ATTEMPTS:
            turn.say("utter_contact_wrong_form")
        return {}

    async def validate_order_id(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Another number than the one checked opens the check again."""
        return {"order_id": str(value).strip().upper() or None if value else None}
