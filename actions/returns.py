"""Sending back, exchanging, a missing part: what is wanted, whether the shop's rules allow it, and the summary."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import list_variants
from actions.forms import REQUESTED, OrderForm, checked_order
from actions.turn import ShopAction, Turn
from actions.variants import Wanted, begin_wish, describe_wish, find_line, find_wanted, read_wish
from pasar.commerce.changes import Ability
from pasar.commerce.model import Order, OrderState, Product
from pasar.commerce.policies import find_policy
from pasar.commerce.returns import SHOP_FAULTS, Eligibility, judge_return
from pasar.commerce.rules import ReturnPolicy

FORM = "return_order_form"
NO_PHOTO = "none"
WAITS = "waits"  # for a variant that is sold out now
#: What the answers of this form are kept in.
SLOTS = (
    "return_reason", "return_wants", "new_variant", "wish", "missing_part", "photo", "return_confirmed", "summed_up",
)  # fmt: skip
_LINK = re.compile(r"https?://\S+")
_REASON_OF_INTENT = {"damaged_item": "damaged", "wrong_item": "wrong", "missing_item": "missing"}
_WANTS = {"exchange_item": "exchange", "return_item": "return", "refund_request": "refund"}
#: Messages that tell no part of a product, whatever they answer to.
_NO_PART = frozenset({
    "affirm", "deny", "talk_to_human", "cancel_order", "switch_language", "greet", "thank", "goodbye", "bot_challenge",
    "order_status", "return_policy", "refund_request", "return_item", "exchange_item", "refund_status", "store_info",
    "delivery_time", "shipping_cost", "delete_my_data", "unsubscribe",
})  # fmt: skip
_SHORTEST_PART, _LONGEST_PART = 2, 300


def return_policy(turn: Turn, order: Order) -> ReturnPolicy:
    """The rules for sending this order back."""
    return find_policy(turn.shop, order.country, turn.today).returns


async def judge(turn: Turn, order: Order, reason: str) -> Eligibility:
    """What the shop's rules say about this order."""
    product: Product | None = await turn.backend.get_product(order.lines[0].sku) if order.lines else None
    return judge_return(order, product, return_policy(turn, order), reason, turn.today, turn.time_zone)


class ActionTakeReturn(ShopAction):
    """Begins a return, or goes on with one in which she wants something else now."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_return"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What the buyer says now counts; what she answered to the same return before is not asked again."""
        goes_on = (turn.tracker.active_loop or {}).get("name") == FORM
        reason = next(iter(turn.named("return_reason")), None) or _REASON_OF_INTENT.get(turn.intent)
        wants = _WANTS.get(turn.intent) or (turn.slot("return_wants") if goes_on else None) or "refund"
        wish = await begin_wish(turn) if wants == "exchange" else None
        if wants == "exchange" and not wish and turn.slot("change") == "edit":
            wish = turn.slot("wish")  # told when she wanted another one before it was sent
        if wants == "exchange" and wish and wish.get("size") and not wish.get("color"):
            reason = reason or "size"
        kept = {"return_reason": reason, "return_wants": wants, "wish": wish, "change": None}
        if goes_on:
            kept["return_reason"] = reason or turn.slot("return_reason")
            kept |= {slot: turn.slot(slot) for slot in ("photo", "missing_part")}
        return [SlotSet(slot, kept.get(slot)) for slot in (*SLOTS, "change")]


class ValidateReturnOrderForm(OrderForm):
    """The order is hers, may come back, with a reason, a photo where the rules ask for one, and her yes to the summary."""

    confirmed = ("return_confirmed",)

    def name(self) -> str:
        """As in the domain."""
        return "validate_return_order_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """Once the rules say no, nothing more is asked; a photo only where the rules want one."""
        slots = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        turn = await Turn(dispatcher, tracker).enter()
        order, reason = await checked_order(turn), turn.slot("return_reason")
        unasked = set()
        if order is not None:
            verdict = await judge(turn, order, reason or "other")
            refused = not verdict.allowed and (reason or verdict.reason_code != "not_returnable")
            refused = refused or turn.slot("new_variant") == WAITS
            if order.state is OrderState.UNPAID or refused or Ability.OPEN_RETURN not in turn.backend.abilities:
                return []
            if reason and not verdict.photo_needed:
                unasked.add("photo")
        if turn.slot("return_wants") != "exchange" or (order and await find_line(turn, order, {}) is None):
            unasked.add("new_variant")
        if reason != "missing":
            unasked.add("missing_part")
        return [slot for slot in slots if slot not in unasked]

    async def extract_return_reason(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A reason in the buyer's own words, where one was asked for."""
        turn = Turn(dispatcher, tracker)
        if turn.slot(REQUESTED) != "return_reason" or turn.slot("return_reason"):
            return {}
        if turn.intent in _REASON_OF_INTENT:
            return {"return_reason": _REASON_OF_INTENT[turn.intent]}
        return {"return_reason": "other"} if turn.intent in ("complaint", "feedback") else {}

    async def extract_new_variant(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """What she wants for it, if it is there: what she names, or the same again where the shop is at fault."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot("return_wants") != "exchange":
            return {}
        order = await checked_order(turn)
        wish = await read_wish(turn, order)
        if wish is None and turn.slot(REQUESTED) == "new_variant" and turn.intent == "affirm":
            return {"new_variant": WAITS} if (turn.slot("wish") or {}).get("gone") else {}
        if order is not None and order.state is not OrderState.DELIVERED:
            return {}  # there is nothing to exchange yet; what she wants is kept
        if wish is None and order is not None and not turn.slot("new_variant") and not turn.slot("wish"):
            found = await find_line(turn, order, {})
            only_one = found is not None and len(found[1].variants) == 1
            wish = {} if only_one or turn.slot("return_reason") in SHOP_FAULTS else None
        wanted = await find_wanted(turn, order, wish) if order is not None and wish is not None else None
        if order is None or wish is None or wanted is None:
            return {"wish": wish} if wish and wish != turn.slot("wish") else {}
        if wanted.variant is None or not wanted.is_there:
            await tell_gone(turn, order, wanted, describe_wish(turn, wanted, wish))
            return {"new_variant": None, "wish": {**wish, "gone": True}}
        return {"new_variant": wanted.variant.sku, "wish": wish}

    async def extract_missing_part(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Her own words, where she was asked what is missing."""
        turn = Turn(dispatcher, tracker)
        text = turn.text.strip()
        if turn.slot(REQUESTED) != "missing_part" or turn.slot("missing_part") or text.startswith("/"):
            return {}
        is_part = turn.intent not in _NO_PART and not text.endswith(("?", "？")) and len(text) >= _SHORTEST_PART
        return {"missing_part": text[:_LONGEST_PART]} if is_part else {}

    async def extract_photo(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A link, what the channel attached, or the word that there is none."""
        turn = Turn(dispatcher, tracker)
        attached = turn.metadata.get("photo")
        if attached:
            return {"photo": str(attached)}
        if turn.slot(REQUESTED) != "photo":
            return {}
        if link := _LINK.search(turn.text):
            return {"photo": link.group()}
        no_photo = turn.named("no_photo") or turn.intent == "deny"
        return {"photo": NO_PHOTO} if no_photo else {}

    async def extract_return_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Whether she says no to the summary; a wish to cancel is one, too."""
        turn = Turn(dispatcher, tracker)
        stopped = turn.slot(REQUESTED) == "return_confirmed" and turn.intent == "cancel_order"
        return {"return_confirmed": False} if stopped else {}

    async def validate_return_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Her yes or no is to what was summed up: what has changed by the same message is summed up anew.

        "I don't want it any more" is a no, though it sounds like another reason for the return.
        """
        turn = Turn(dispatcher, tracker)
        left = value is False and turn.named("return_reason") == ["changed_mind"]
        return {"return_confirmed": value if left or turn.slot("summed_up") == describe_return(turn) else None}


async def tell_gone(turn: Turn, order: Order, wanted: Wanted, variant: str) -> None:
    """What she wants for it is not there: what is, when it comes again, and what else she can have."""
    verdict = await judge(turn, order, turn.slot("return_reason") or "other")
    facts = {
        "product": turn.product_name(wanted.product),
        "variant": variant or turn.product_name(wanted.product),
        "variants": list_variants(turn, wanted.product),
        "deadline": turn.date(verdict.deadline) if verdict.deadline else "–",
    }
    if wanted.variant is not None and wanted.variant.restock_on:
        turn.say("utter_exchange_no_stock_until", **facts, date=turn.date(wanted.variant.restock_on))
    else:
        turn.say("utter_exchange_no_stock", **facts)


def describe_return(turn: Turn) -> str:
    """What the slots say is to be sent, to tell whether it is what was summed up."""
    names = ("checked", "return_wants", "return_reason", "new_variant", "missing_part")
    return ":".join(str(turn.slot(name) or "") for name in names)
