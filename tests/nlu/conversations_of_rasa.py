"""Conversations in Rasa's events: everything a tracker has to come back from, by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [greet, order_status, inform]
    entities: [order_id]
    slots:
      order_id: {type: text, mappings: [{type: from_entity, entity: order_id}]}
      language: {type: text, influence_conversation: false, initial_value: "en", mappings: [{type: custom}]}
      cart: {type: any, mappings: [{type: custom}]}
      count: {type: float, mappings: [{type: custom}]}
    forms:
      order_form: {required_slots: [order_id]}
    responses:
      utter_hello: [{text: "hello"}]
    actions: [action_track_order, action_fails, validate_order_form]
    session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
    """
)


def listen() -> ActionExecuted:
    return ActionExecuted("action_listen", policy="rules", confidence=1.0)


def say(text: str, intent: str = "greet") -> UserUttered:
    ranking = {"name": intent, "confidence": 0.9}
    data: dict[str, Any] = {"text": text, "intent": ranking, "entities": [], "intent_ranking": [ranking]}
    return UserUttered(text, ranking, [], data, input_channel="rest", message_id=text, metadata={"shop": "stylehub"})


def turn(number: int) -> list[Event]:
    """A short turn that sets slots and answers."""
    return [
        say(f"say {number}"),
        SlotSet("count", float(number)),
        SlotSet("cart", {"lines": [number]}),
        ActionExecuted("utter_hello", policy="rules", confidence=1.0),
        BotUttered(f"hello {number}", {"buttons": []}, {"utter_action": "utter_hello"}),
        listen(),
    ]


def begin() -> list[Event]:
    return [ActionExecuted("action_session_start"), SessionStarted(), listen()]


def open_form() -> list[Event]:
    return [
        say("my order", "order_status"),
        ActionExecuted("order_form"),
        ActiveLoop("order_form"),
        SlotSet("requested_slot", "order_id"),
        BotUttered("which?"),
        listen(),
    ]


CONVERSATIONS: dict[str, list[Event]] = {
    "slots": [*begin(), *turn(1), SlotSet("language", "th"), SlotSet("count", None), listen()],
    "slots_reset": [*begin(), *turn(1), AllSlotsReset(), SlotSet("language", "id"), listen()],
    "form": [*begin(), *turn(1), *open_form(), say("A1", "inform"), ActionExecuted("order_form"), listen()],
    "form_rejected": [
        *[*begin(), *open_form(), say("hello"), ActionExecutionRejected("order_form"), LoopInterrupted(True)],
        *[ActionExecuted("utter_hello"), BotUttered("hello"), ActionExecuted("order_form"), listen()],
        *[say("bye"), ActionExecutionRejected("order_form", "rules", 1.0)],
    ],
    "form_closed": [
        *[*begin(), *open_form(), say("A1", "inform"), SlotSet("order_id", "A1"), ActionExecuted("order_form")],
        *[ActiveLoop(None), SlotSet("requested_slot", None), ActionExecuted("action_track_order"), listen()],
    ],
    "message_taken_back": [*begin(), *turn(1), *turn(2), UserUtteranceReverted(), *turn(3)],
    "action_taken_back": [*begin(), *turn(1), *turn(2), ActionReverted(), ActionReverted()],
    "restart": [*begin(), *turn(1), ActionExecuted("action_restart"), Restarted()],
    "followup": [*begin(), *turn(1), say("x"), FollowupAction("action_track_order")],
    "paused": [*begin(), *turn(1), ConversationPaused()],
    "second_session": [*begin(), *turn(1), SlotSet("language", "id"), *begin(), *turn(2)],
    "slots_carried_over": [
        *[*begin(), *turn(1), ActionExecuted("action_session_start"), SessionStarted()],
        *[SlotSet("count", 1.0), SlotSet("cart", {"lines": [1]}), SlotSet("language", "id"), listen(), *turn(2)],
    ],
    "no_session": [listen(), *turn(1)],
    "two_restarts": [*begin(), *turn(1), Restarted(), *begin(), *turn(2), Restarted(), *begin()],
}


def fresh(events: Sequence[Event]) -> list[Event]:
    """Copies of events with times that go up, as they happen."""
    copies = [Event.from_parameters(json.loads(json.dumps(event.as_dict()))) for event in events]
    for number, event in enumerate(copies):
        event.timestamp = 1_700_000_000.0 + number
    return [event for event in copies if event is not None]


def describe(tracker: DialogueStateTracker, *, events: bool = True) -> dict[str, Any]:
    """All of a tracker's state; ``events`` too, as they are written."""
    state = dict(tracker.current_state())
    state["bot"] = tracker.latest_bot_utterance.as_dict() if tracker.latest_bot_utterance.text else None
    state["message"] = tracker.latest_message.as_dict() if tracker.latest_message.text else None
    if events:
        state["events"] = [event.as_dict() for event in tracker.events]
        state["applied"] = [event.as_dict() for event in tracker.applied_events()]
        state["past"] = tracker.past_states(DOMAIN)
    return state
