"""Help with using something: the shop's own instructions, one step at a time, then what the warranty gives."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import GAVE_UP, REQUESTED, TROUBLE, Form, interrupt, resume
from actions.turn import ShopAction, Turn
from actions.warranty import find_order_of, find_subject, tell_order_warranty, tell_record_warranty
from pasar.commerce.guides import Guide, list_guides, match_guide
from pasar.commerce.model import Product

_FORM = "solve_problem_form"
_SLOTS = ("helped", "problem", "guide_step", "solved")
OTHER = "other"  # a problem that the shop has no instructions for
LEFT = "left"  # what "solved" holds once she does not want to go on

#: Messages that may say what is the matter, or with which product.
_TELLING = frozenset({"inform", "usage_help", "damaged_item", "complaint", "nlu_fallback", "out_of_scope"})
_HELPED = frozenset({"affirm", "thank"})
_NOT_HELPED = frozenset({"deny", "damaged_item", "usage_help", "complaint"})
_LEAVING = frozenset({"cancel_order", "goodbye"})


class ActionTakeProblem(ShopAction):
    """Begins to help with a product: takes product and problem from the message, forgets an earlier problem."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_problem"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Nothing is said."""
        product = await find_subject(turn)
        return [*interrupt(turn, _FORM), *_begin(turn, product, _choose(turn, product))]


class ActionTryGuide(ShopAction):
    """Something arrived that does not work: where the shop has steps to try for it, begins with them instead of a return."""

    def name(self) -> str:
        """As in the domain."""
        return "action_try_guide"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Nothing is said; inside another form it stays with that one."""
        if (turn.tracker.active_loop or {}).get("name") not in (None, _FORM):
            return []
        product = await find_subject(turn)
        guide = match_guide(_list_guides(turn, product), turn.text)
        if guide is None or guide.whole:
            return []
        return [*_begin(turn, product, {"problem": guide.guide_id}), FollowupAction(_FORM)]


class ValidateSolveProblemForm(Form):
    """Which product, which problem, and after each step whether it has helped."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_solve_problem_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """Nothing more is asked once it is known how it ends."""
        turn = Turn(dispatcher, tracker)
        ended = turn.slot("solved") is not None or turn.slot("checked") in (GAVE_UP, TROUBLE)
        return [] if ended else domain_slots

    async def extract_helped(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The product named in answer to the question, and the problem with it."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot(REQUESTED) != "helped" or turn.intent not in _TELLING:
            return {}
        product = await find_subject(turn)
        return {"helped": product.sku, **_choose(turn, product)} if product else {}

    async def extract_problem(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """One of the choices, or her own words; words that fit none are a problem without instructions."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot(REQUESTED) != "problem" or turn.intent not in _TELLING or await _names_another(turn):
            return {}
        chosen = _choose(turn, await turn.backend.get_product(turn.slot("helped") or ""))
        if not chosen and turn.intent in ("usage_help", "damaged_item"):
            return {"problem": OTHER, "solved": False}
        return chosen

    async def extract_solved(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Whether the step has helped; if not, the next one, or that there is none."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot(REQUESTED) != "solved":
            return {}
        if turn.intent in _LEAVING or (turn.intent == "deny" and _wants_out(turn)):
            return {"solved": LEFT}
        if turn.intent in _HELPED or (turn.intent == "feedback" and not turn.unhappy):
            return {"solved": True}
        if turn.intent not in (*_NOT_HELPED, "feedback") or await _names_another(turn):
            return {}
        product = await turn.backend.get_product(turn.slot("helped") or "")
        told = match_guide(_list_guides(turn, product), turn.text)
        if told is not None and told.guide_id != turn.slot("problem"):
            return {"guide_step": 0, **_open(told)}
        guide = _find_guide(turn)
        step = int(turn.slot("guide_step") or 0) + 1
        return {"guide_step": step} if guide and step < len(guide.steps) else {"solved": False}


class ActionAskHelped(ShopAction):
    """Asks what it is about."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_helped"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Which product, and what happens."""
        turn.say("utter_usage_help")
        return []


class ActionAskProblem(ShopAction):
    """Asks what is the matter, with the shop's instructions as choices."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_problem"

    async def answer(self, turn: Turn) -> list[EventType]:
        """And a choice for everything else."""
        product = await turn.backend.get_product(turn.slot("helped") or "")
        choices = [
            (guide.problem.to(turn.language, turn.shop.default_language), f'/inform{{"problem": "{guide.guide_id}"}}')
            for guide in _list_guides(turn, product)
        ]
        choices.append((turn.word("problem_other"), f'/inform{{"problem": "{OTHER}"}}'))
        turn.offer("utter_ask_problem", choices, product=turn.product_name(product) if product else "")
        return []


class ActionAskSolved(ShopAction):
    """Tells one step, and asks whether it has helped."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_solved"

    async def answer(self, turn: Turn) -> list[EventType]:
        """The same step again where the buyer had asked something else in between."""
        product = await turn.backend.get_product(turn.slot("helped") or "")
        guide, step = _find_guide(turn), int(turn.slot("guide_step") or 0)
        if product is None or guide is None:
            turn.say("utter_form_gave_up")
            return [SlotSet("offer", "person"), SlotSet("solved", LEFT)]
        turn.say(
            "utter_guide_step",
            product=turn.product_name(product),
            step=step + 1,
            steps=len(guide.steps),
            instruction=guide.steps[step].to(turn.language, turn.shop.default_language),
        )
        return []


class ActionFinishProblem(ShopAction):
    """Glad where it works; else what the warranty gives, and a return, an exchange or a person."""

    def name(self) -> str:
        """As in the domain."""
        return "action_finish_problem"

    async def answer(self, turn: Turn) -> list[EventType]:
        """By how it ended."""
        forget: list[EventType] = [SlotSet(slot, None) for slot in _SLOTS]
        if turn.slot("checked") == TROUBLE:
            return [*forget, SlotSet("checked", None)]
        product = await turn.backend.get_product(turn.slot("helped") or "")
        if product is None or turn.slot("checked") == GAVE_UP:
            turn.say("utter_form_gave_up")
            return [*forget, SlotSet("checked", None), SlotSet("attempts", None), SlotSet("offer", "person")]
        return [*forget, *await self._end(turn, product), *resume(turn)]

    async def _end(self, turn: Turn, product: Product) -> list[EventType]:
        name, guide = turn.product_name(product), _find_guide(turn)
        if turn.slot("solved") == LEFT:
            turn.say("utter_form_stopped")
        elif guide is None:
            turn.say("utter_guide_none", product=name)
            return [SlotSet("offer", "person")]
        elif guide.whole:
            default = turn.shop.default_language
            steps = [f"{number}. {step.to(turn.language, default)}" for number, step in enumerate(guide.steps, 1)]
            problem = guide.problem.to(turn.language, default)
            turn.say("utter_guide_whole", product=name, problem=problem, instructions="\n".join(steps))
        elif turn.slot("solved") is True:
            turn.say("utter_guide_solved")
        else:
            turn.say("utter_guide_exhausted", product=name)
            return await self._offer_claim(turn, product)
        return []

    async def _offer_claim(self, turn: Turn, product: Product) -> list[EventType]:
        order = await find_order_of(turn, product)
        if order is not None:
            return await tell_order_warranty(turn, product, order)
        if not await tell_record_warranty(turn, product):
            return [SlotSet("offer", "person")]
        turn.say("utter_warranty_send_order")
        turn.say("utter_warranty_claim")
        return [SlotSet("offer", "warranty")]


def _begin(turn: Turn, product: Product | None, chosen: dict[str, Any]) -> list[EventType]:
    """A new problem: what is known of it, all else empty."""
    known = {**dict.fromkeys(_SLOTS), "attempts": None, REQUESTED: None, **chosen}
    if product is not None:
        known |= {"helped": product.sku, "product": product.sku}
    if turn.slot("checked") in (GAVE_UP, TROUBLE):
        known["checked"] = None
    return [SlotSet(slot, value) for slot, value in known.items()]


def _choose(turn: Turn, product: Product | None) -> dict[str, Any]:
    """The problem that the message tells, as slots; {} where it has to be asked for."""
    guides = _list_guides(turn, product)
    if product is not None and not guides:
        return {"problem": OTHER, "solved": False}
    named = next((str(value) for value in turn.named("problem")), "")
    guide = next((guide for guide in guides if guide.guide_id == named), None) or match_guide(guides, turn.text)
    if guide is None:
        return {"problem": OTHER, "solved": False} if named == OTHER else {}
    return _open(guide)


def _open(guide: Guide) -> dict[str, Any]:
    return {"problem": guide.guide_id, **({"solved": True} if guide.whole else {})}


def _list_guides(turn: Turn, product: Product | None) -> list[Guide]:
    return list_guides(turn.shop.guides, product) if product else []


def _find_guide(turn: Turn) -> Guide | None:
    return next((guide for guide in turn.shop.guides if guide.guide_id == turn.slot("problem")), None)


async def _names_another(turn: Turn) -> bool:
    """Whether the message asks for help with another product: one may well be named beside the problem at hand."""
    if not turn.text or turn.text.startswith("/"):
        return False
    if match_guide(_list_guides(turn, await turn.backend.get_product(turn.slot("helped") or "")), turn.text):
        return False
    others = [
        found
        for found in await turn.backend.search_products(turn.text, language=turn.language)
        if found.sku != turn.slot("helped")
    ]
    return any(turn.intent == "usage_help" or match_guide(_list_guides(turn, other), turn.text) for other in others)


def _wants_out(turn: Turn) -> bool:
    """Whether a "no" is one to going on, not to "did it help?"."""
    text = turn.text.lower()
    return any(mark.strip() in text for mark in turn.word("leave_marks").split(","))
