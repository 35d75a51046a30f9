"""The conversation itself: beginning, languages, what was not understood, the second need of a message."""

from __future__ import annotations

import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, ActiveLoop, EventType, SessionStarted, SlotSet, UserUttered
from rasa_sdk.executor import CollectingDispatcher

from actions.claims import keep_case
from actions.forms import MOST_ATTEMPTS
from actions.turn import ShopAction, Turn
from pasar.languages.pack import list_codes, load_pack

#: What the next session knows of the last one, beside an open case: nothing that proves who writes.
_KEPT = ("language", "country", "height", "weight", "foot_length")
_CHOICES = 3
_LEAST_LIKELY = 0.03  # an intent below it is no choice worth offering
#: What a buyer wants who says yes to an offer; to "received" it is her no.
_WISHES = {
    "cancel": "cancel_order",
    "return": "return_item",
    "missing": "missing_item",
    "received": "missing_item",
}
_NEVER_OFFERED = frozenset({
    "greet", "goodbye", "thank", "affirm", "deny", "inform", "bot_challenge", "switch_language", "chitchat",
    "out_of_scope", "feedback", "complaint", "nlu_fallback", "unknown_language",
})  # fmt: skip


class ActionSessionStart(ShopAction):
    """Begins a session: remembers the shop and an open case; the rest of the last session's business is forgotten."""

    def name(self) -> str:
        """As Rasa names it."""
        return "action_session_start"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Never fails: a session begins also while the shop's system is down."""
        metadata = tracker.get_slot("session_started_metadata") or {}
        events: list[EventType] = [SessionStarted()]
        if metadata.get("shop"):
            events.append(SlotSet("shop", metadata["shop"]))
        kept = {name: tracker.slots.get(name) for name in _KEPT}
        if keep_case(tracker.slots.get("case"), datetime.datetime.now(datetime.timezone.utc).date()):
            kept |= {name: tracker.slots.get(name) for name in ("case", "tags")}
        events += [SlotSet(name, value) for name, value in kept.items() if value is not None]
        if not metadata.get("shop") and tracker.get_slot("shop"):
            events.append(SlotSet("shop", tracker.get_slot("shop")))
        return [*events, ActionExecuted("action_listen")]

    async def answer(self, turn: Turn) -> list[EventType]:
        """Nothing is said at the beginning."""
        return []


class ActionGreet(ShopAction):
    """Greets, once a session with the whole sentence."""

    def name(self) -> str:
        """As in the domain."""
        return "action_greet"

    async def answer(self, turn: Turn) -> list[EventType]:
        """A second hello gets a short answer."""
        greeted = any(
            event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") == "utter_greet"
            for event in turn.tracker.events
        )
        turn.say("utter_what_can_i_do" if greeted else "utter_greet")
        return []


class ActionNextNeed(Action):
    """Makes the second need of the buyer's message a message of its own, so that it is answered as any other."""

    def name(self) -> str:
        """As in the domain and in ``pasar.nlu.policies``."""
        return "action_next_need"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """As if the buyer had said it after the first answer."""
        message = tracker.latest_message or {}
        needs = message.get("needs") or []
        if len(needs) < 2:
            return []
        return _hear(message, needs[1], needs[1:])


class ActionAcceptOffer(Action):
    """Makes a yes to what was offered the wish itself, so that it is served as any other."""

    def name(self) -> str:
        """As in the domain."""
        return "action_accept_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """As if the buyer had asked for it herself."""
        wish = _WISHES.get(tracker.slots.get("offer") or "")
        if wish is None:
            return []
        return [SlotSet("offer", None), *_hear({**(tracker.latest_message or {}), "entities": []}, wish, [wish])]


def _hear(message: dict[str, Any], intent: str, needs: list[str]) -> list[EventType]:
    """As if the buyer's message had been of that intent."""
    parse_data = {
        "intent": {"name": intent, "confidence": 1.0},
        "entities": message.get("entities") or [],
        "text": message.get("text") or "",
        "needs": needs,
        "metadata": message.get("metadata") or {},
    }
    said = UserUttered(message.get("text") or "", parse_data)
    said["metadata"] = message.get("metadata") or {}
    return [ActionExecuted("action_listen"), said]


class ActionAskBack(ShopAction):
    """Not understood: offers the likeliest meanings; the second time in a row a person."""

    def name(self) -> str:
        """As in the domain."""
        return "action_ask_back"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Two or three choices, and always a way to a person."""
        attempts = int(turn.slot("attempts") or 0) + 1
        if attempts > MOST_ATTEMPTS:
            turn.say("utter_still_not_understood")
            return [
                SlotSet("attempts", None),
                SlotSet("offer", "person"),
                ActiveLoop(None),
                SlotSet("requested_slot", None),
            ]
        ranking = (turn.tracker.latest_message or {}).get("intent_ranking") or []
        choices = [
            (turn.word(f"intent_{entry['name']}"), f"/{entry['name']}")
            for entry in ranking
            if entry["name"] not in _NEVER_OFFERED
            and entry["confidence"] >= _LEAST_LIKELY
            and f"intent_{entry['name']}" in turn.pack.words
        ][:_CHOICES]
        if len(choices) >= 2 and not turn.tracker.active_loop:
            person = (turn.word("talk_to_human"), "/talk_to_human")
            turn.offer("utter_ask_back", [*choices, person] if attempts == MOST_ATTEMPTS else choices)
        else:
            turn.offer("utter_ask_rephrase", [(turn.word("talk_to_human"), "/talk_to_human")])
        return [SlotSet("attempts", attempts)]


class ActionSwitchLanguage(ShopAction):
    """Another language is wanted."""

    def name(self) -> str:
        """As in the domain."""
        return "action_switch_language"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Go on in it where the shop speaks it; else say which ones it speaks."""
        wanted = next(iter(turn.named("language")), None)
        if wanted is None:
            turn.say("utter_ask_which_language", languages=spoken_languages(turn))
        elif wanted in turn.shop.languages and wanted in list_codes():
            # said after the event takes effect, so that the answer is in the new language
            turn.say("utter_language_switched", language=wanted)
            return [SlotSet("language", wanted)]
        else:
            turn.say(
                "utter_language_not_spoken", wanted=turn.label("language", wanted), languages=spoken_languages(turn)
            )
        return []


class ActionTellLanguages(ShopAction):
    """A message in none of the shop's languages: which ones are spoken, in the shop's default language."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_languages"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Politely, in a language that the shop's buyers most likely read."""
        language = turn.slot("language") or turn.shop.default_language
        turn.say("utter_unknown_language", language=language, languages=spoken_languages(turn))
        return [] if turn.slot("language") else [SlotSet("language", turn.shop.default_language)]


class ActionStopForm(ShopAction):
    """The buyer does not want to go on with it."""

    def name(self) -> str:
        """As in the domain."""
        return "action_stop_form"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Leave the form."""
        turn.say("utter_form_stopped")
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("attempts", None),
            SlotSet("checked", None),
            SlotSet("open_form", None),
        ]


class ActionTellStore(ShopAction):
    """Where the shop is and when people are there."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_store"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As the shop's record has it."""
        turn.say(
            "utter_store_info",
            address=turn.shop.address.to(turn.language, turn.shop.default_language),
            hours=turn.hours(),
            time_zone=turn.shop.time_zone,
        )
        return []


def spoken_languages(turn: Turn) -> str:
    """The names of the shop's languages, each in itself."""
    return ", ".join(load_pack(code).name for code in turn.shop.languages if code in list_codes())
