"""Sending back, money back: by the shop's rules and dates, and never promised beyond the shop's limit."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import ANSWERED_BY_PERSON, NO_ORDER, REQUESTED, OrderForm, fetch_order
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_order
from pasar.commerce.model import Order, OrderState, Product, ReturnRequest
from pasar.commerce.returns import Eligibility, judge_return

NO_PHOTO = "none"
_LINK = re.compile(r"https?://\S+")
_REASON_OF_INTENT = {"damaged_item": "damaged", "wrong_item": "wrong", "missing_item": "missing"}
_WANTS = {"exchange_item": "exchange", "return_item": "return"}
_REFUSED = {
    "not_delivered": "utter_return_not_delivered",
    "too_late": "utter_return_too_late",
    "not_returnable": "utter_return_not_returnable",
    "already_returned": "utter_return_already",
    "cancelled": "utter_return_cancelled",
}
_BY_PERSON = frozenset({"not_delivered", "too_late", "not_returnable"})
_RETURN_SLOTS = ("return_reason", "photo", "return_confirmed")


async def judge(turn: Turn, order: Order, reason: str) -> Eligibility:
    """What the shop's rules say about this order."""
    product: Product | None = await turn.backend.get_product(order.lines[0].sku) if order.lines else None
    return judge_return(order, product, turn.shop.returns, reason, turn.today, turn.time_zone)


class ActionTakeReturn(ShopAction):
    """Begins a return: forgets the answers of an earlier one, keeps the reason that this message gives."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_return"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Only what the buyer says now counts."""
        reason = turn.named("return_reason")[:1] or [_REASON_OF_INTENT.get(turn.intent)]
        return [*(SlotSet(slot, None) for slot in _RETURN_SLOTS[1:]), SlotSet("return_reason", reason[0])]


class ValidateReturnOrderForm(OrderForm):
    """The order is hers, may come back, with a reason, a photo where the rules ask for one, and her yes to the summary."""

    confirmed = ("return_confirmed",)

    def name(self) -> str:
        """As in the domain."""
        return "validate_return_order_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Once the rules say no, nothing more is asked; a photo only where the rules want one."""
        slots = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        turn = await Turn(dispatcher, tracker).enter()
        checked, reason = turn.slot("checked"), turn.slot("return_reason")
        if checked and checked not in NO_ORDER:
            order = await access_order(turn.backend, checked, turn.proof)
            if order is None or order.state is OrderState.UNPAID:
                return []
            verdict = await judge(turn, order, reason or "other")
            if not verdict.allowed and (reason or verdict.reason_code != "not_returnable"):
                return []
            if reason and not verdict.photo_needed:
                slots = [slot for slot in slots if slot != "photo"]
        return slots

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


class ActionAskReturnOrderFormReturnConfirmed(ShopAction):
    """Sums the return up before it is sent."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_return_order_form_return_confirmed"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Order, reason, value, who pays for sending it back."""
        order = await access_order(turn.backend, turn.slot("checked") or "", turn.proof)
        if order is None:
            turn.say("utter_form_gave_up")
            return ANSWERED_BY_PERSON
        reason = turn.slot("return_reason") or "other"
        verdict = await judge(turn, order, reason)
        turn.say(
            "utter_ask_return_confirmed",
            order_id=order.order_id,
            reason=turn.word(f"reason_{reason}"),
            total=turn.money(order.total),
            shipping_side=turn.word("buyer_pays" if verdict.buyer_pays else "shop_pays"),
        )
        return []


class ActionOpenReturn(ShopAction):
    """Sends the return to the shop's system, or says why it cannot be."""

    def name(self) -> str:
        """As in the domain."""
        return "action_open_return"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Record it; above the shop's limit only as a request that a person decides."""
        order = await fetch_order(turn)
        forget: list[EventType] = [SlotSet(slot, None) for slot in _RETURN_SLOTS]
        if order is None:
            return [*ANSWERED_BY_PERSON, *forget]
        if order.state is OrderState.UNPAID:
            turn.say("utter_return_unpaid", order_id=order.order_id)
            return forget
        reason = turn.slot("return_reason") or "other"
        verdict = await judge(turn, order, reason)
        if not verdict.allowed:
            deadline = turn.date(verdict.deadline) if verdict.deadline else "–"
            turn.say(_REFUSED[verdict.reason_code], order_id=order.order_id, deadline=deadline)
            return [*forget, SlotSet("offer", "person" if verdict.reason_code in _BY_PERSON else None)]
        if turn.slot("return_confirmed") is not True:
            turn.say("utter_return_not_sent")
            return forget
        photo = turn.slot("photo") or ""
        ticket = await turn.backend.open_return(
            ReturnRequest(
                order_id=order.order_id,
                reason=reason,
                wants=_WANTS.get(self._first_need(turn), "refund"),
                photo="" if photo == NO_PHOTO else photo,
            )
        )
        by_person = verdict.needs_person or ticket.state != "approved" or photo == NO_PHOTO
        facts = {"ticket": ticket.number, "order_id": order.order_id}
        if by_person:
            turn.say("utter_return_in_review", **facts)
        else:
            first, last = turn.shop.returns.refund_days
            turn.say("utter_return_opened", **facts, days=f"{first}–{last}")
        return forget

    def _first_need(self, turn: Turn) -> str:
        """The intent that opened the form."""
        for event in reversed(turn.tracker.events):
            if event.get("event") == "user":
                intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name") or ""
                if intent in ("return_item", "exchange_item", "refund_request", "damaged_item", "wrong_item"):
                    return str(intent)
        return ""


class ActionTellReturnPolicy(ShopAction):
    """Tells the rules for returns."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_return_policy"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As the shop has them."""
        policy = turn.shop.returns
        first, last = policy.refund_days
        turn.say(
            "utter_return_policy",
            days=policy.days,
            payer_changed_mind=turn.word("payer_buyer" if policy.buyer_pays_shipping else "payer_shop"),
            refund_from=first,
            refund_to=last,
        )
        return []
