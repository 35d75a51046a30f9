"""Displeased buyers: sorry, a look at the record, and one thing that the shop offers; never for anything in return."""

from __future__ import annotations

import asyncio
import datetime
import decimal

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.execution import make_once, make_wish
from actions.forms import ANSWERED_BY_PERSON, OrderForm, fetch_order, resume
from actions.orders import ActionTrackOrder
from actions.turn import ShopAction, Turn
from actions.warranty import list_own_orders
from pasar.commerce.access import Proof, access_orders
from pasar.commerce.amends import KIND, choose_amends, describe_fault, find_fault
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.ledger import open_ledger
from pasar.commerce.model import Buyer, Money, Order, OrderState
from pasar.commerce.pricing import holds_in, round_money
from pasar.commerce.rules import Promotion


class ActionAnswerComplaint(ShopAction):
    """Angry with nothing else to do: what the record of her order gives reason for, else sorry and a person."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_complaint"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Only for orders proved to be hers; the one with a reason on record first."""
        if turn.tracker.active_loop:
            turn.say("utter_sorry_for_trouble")
            return []
        own, number = await list_own_orders(turn), str(turn.slot("order_id") or "").upper()
        named = [order for order in own if order.order_id == number]
        if number and not named:
            return [SlotSet("checked", None), SlotSet("attempts", None), FollowupAction("complaint_form")]
        for order in named[:1] or own:
            if fault := await _find_fault(turn, order):
                return await _answer_fault(turn, order, fault)
        if named:
            return _look_at(turn, named[0])
        turn.say("utter_sorry_for_trouble")
        return [SlotSet("offer", "complaint")]


class ActionAnswerFeedback(ShopAction):
    """Praise is thanked for; a bad review is a complaint."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_feedback"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Neither is ever paid for."""
        if turn.unhappy:
            return await ActionAnswerComplaint().answer(turn)
        turn.say("utter_feedback_thanks")
        return []


class ValidateComplaintForm(OrderForm):
    """Makes sure the order is the buyer's."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_complaint_form"


class ActionMakeAmends(ShopAction):
    """The order she complains about is known: what its record gives reason for."""

    def name(self) -> str:
        """As in the domain."""
        return "action_make_amends"

    async def answer(self, turn: Turn) -> list[EventType]:
        """An offer inside the shop's rules, or a person."""
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        fault = await _find_fault(turn, order)
        told = await _answer_fault(turn, order, fault) if fault else _look_at(turn, order)
        return [*told, *([] if any(event.get("event") == "followup" for event in told) else resume(turn))]


async def _find_fault(turn: Turn, order: Order) -> str | None:
    changes = await asyncio.to_thread(open_ledger().list_of_order, turn.shop.shop_id, order.order_id)
    return find_fault(order, changes, turn.today, turn.time_zone)


def _look_at(turn: Turn, order: Order) -> list[EventType]:
    """Nothing on record that could be put right here: a person looks."""
    turn.say("utter_complaint_looked_at", order_id=order.order_id)
    return [SlotSet("offer", "person")]


async def _answer_fault(turn: Turn, order: Order, fault: str) -> list[EventType]:
    """Sorry, the offer, and where the parcel is as long as it is under way."""
    ledger, shop_id = open_ledger(), turn.shop.shop_id
    owner = Proof(Buyer(order.email, order.phone, order.account))
    hers = {order.order_id, *(other.order_id for other in await access_orders(turn.backend, owner))}
    month = turn.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = await asyncio.to_thread(ledger.list_of_kind, shop_id, KIND, month, sorted(hers))
    for row in rows:
        if row["order_id"] == order.order_id:
            turn.say("utter_amends_given", order_id=order.order_id, code=row["after"]["code"])
            return [SlotSet("offer", "person")]
    coupons = [await turn.backend.get_coupon(offer.code) for offer in turn.shop.amends if offer.code]
    running = {coupon.code: coupon for coupon in coupons if coupon and _runs(coupon, turn.today)}
    costs = {code: cost for code, coupon in running.items() if (cost := _find_cost(coupon, order.total))}
    chosen = choose_amends(
        turn.shop.amends,
        fault,
        [row["after"]["code"] for row in rows if row["order_id"] in hers],
        [_read_cost(row["after"]) for row in rows if _as_utc(row["asked_at"]) >= month],
        costs,
    )
    if chosen is not None:
        cost = costs[chosen.code]
        after = {"code": chosen.code, "amount": str(cost.amount), "currency": cost.currency}
        changes = await asyncio.to_thread(ledger.list_of_order, shop_id, order.order_id)
        before = {"state": order.state.value, **describe_fault(fault, changes)}
        if await make_once(turn, make_wish(turn, order, KIND, before, after), _grant) is None:
            # the same message is answered elsewhere at this moment: she has the code from there
            turn.say("utter_amends_given", order_id=order.order_id, code=chosen.code)
            return [SlotSet("offer", "person")]
        turn.say("utter_complaint_acknowledged", order_id=order.order_id)
        _tell_offer(turn, running[chosen.code], order)
    if order.state is OrderState.SHIPPED:
        turn.tracker.slots["checked"] = order.order_id
        return [SlotSet("checked", order.order_id), *await ActionTrackOrder().answer(turn)]
    return [] if chosen is not None else _look_at(turn, order)


async def _grant() -> Change:
    """A code is given by telling it: nothing changes in the shop's system."""
    return Change(Outcome.DONE)


def _tell_offer(turn: Turn, coupon: Promotion, order: Order) -> None:
    least, most = coupon.min_spend.get(order.total.currency), coupon.most_off.get(order.total.currency)
    conditions = [turn.word("condition_most", amount=turn.money(most))] if most else []
    conditions += [turn.word("condition_min_spend", amount=turn.money(least))] if least else []
    turn.say(
        "utter_amends_offered",
        code=coupon.code,
        promotion=coupon.name.to(turn.language, turn.shop.default_language),
        date=turn.date(coupon.ends_on),
        condition=" ".join(conditions),
    )


def _runs(coupon: Promotion, today: datetime.date) -> bool:
    return coupon.starts_on <= today <= coupon.ends_on and coupon.uses_left != 0


def _find_cost(coupon: Promotion, total: Money) -> Money | None:
    """What it is worth, in the order's currency; of a percentage what it were on the same order again."""
    if coupon.percent is not None:
        share = round_money(total.amount * coupon.percent / 100, total.currency)
        return min(share, coupon.most_off.get(total.currency, share)) if holds_in(coupon, total.currency) else None
    return coupon.amount_off.get(total.currency)


def _read_cost(after: dict[str, str]) -> Money:
    return Money(decimal.Decimal(after["amount"]), after["currency"])


def _as_utc(moment: datetime.datetime) -> datetime.datetime:
    # SQLite gives times back without their zone
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)
