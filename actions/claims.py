"""Delivered, says the carrier, but she has not got it: where to look, how long to wait, then a claim after her yes."""

from __future__ import annotations

import abc
import asyncio
import datetime
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.execution import make_once, make_wish
from actions.forms import ANSWERED_BY_PERSON, resume
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_order
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.claims import NOT_RECEIVED, Claim, judge_claim, mask_address
from pasar.commerce.ledger import open_ledger
from pasar.commerce.model import Order, ReturnRequest
from pasar.commerce.rules import CLAIM_DAYS
from pasar.commerce.tracking import ParcelView

#: What such a conversation is tagged with, for the desk and the reports.
TAG = "delivered_not_received"

_WANTS = "refund"
_APPROVED = "approved"
_FORGET_AFTER = datetime.timedelta(days=30)  # a case that nobody has come back to


def judge(turn: Turn, order: Order) -> Claim | None:
    """What the shop's rules for the order's country and its system say about claiming it."""
    policy = turn.policy_for(order.country)
    days = CLAIM_DAYS if policy.claim_days is None else policy.claim_days
    return judge_claim(order, policy.returns, days, turn.backend.abilities, turn.today, turn.time_zone)


def find_case(turn: Turn) -> dict[str, Any]:
    """The order she is waiting for (``order_id``) and the day from which it is claimed (``claim_on``); {} for none."""
    return turn.slot("case") or {}


def keep_case(case: Any, today: datetime.date) -> bool:
    """Whether a case outlives the session it began in."""
    if not isinstance(case, dict) or "claim_on" not in case:
        return False
    return today <= datetime.date.fromisoformat(case["claim_on"]) + _FORGET_AFTER


async def find_claim(turn: Turn, order: Order) -> Any:
    """What the ledger has of a claim for this order that was made or asked for; None where there is none."""
    loop = asyncio.get_running_loop()
    made = await loop.run_in_executor(None, open_ledger().list_of_order, turn.shop.shop_id, order.order_id)
    opened = (Outcome.DONE.value, Outcome.REQUESTED.value)
    claims = [row for row in made if row["after"].get("reason") == NOT_RECEIVED and row["outcome"] in opened]
    return claims[-1] if claims else None


async def tell_claim(turn: Turn, order: Order) -> list[EventType]:
    """Tell of the claim that was opened for an order; nothing where there is none."""
    claim = await find_claim(turn, order)
    if claim is None:
        return []
    asked_at = claim["asked_at"]
    if asked_at.tzinfo is None:  # as SQLite gives it
        asked_at = asked_at.replace(tzinfo=datetime.timezone.utc)
    ticket = claim["reference"] or "–"
    turn.say("utter_claim_known", order_id=order.order_id, ticket=ticket, date=turn.date(asked_at))
    return [_tag(turn), SlotSet("offer", "person")]


def tell_not_received(turn: Turn, order: Order, view: ParcelView, claim: Claim) -> list[EventType]:
    """The first time what the carrier says and where to look; when she comes back without it, the claim."""
    if find_case(turn).get("order_id") == order.order_id:
        return [_tag(turn), *_ask_claim(turn, order)]
    _tell_proof(turn, order, view)
    case = {"order_id": order.order_id, "claim_on": claim.claim_on.isoformat()}
    if claim.due:
        return [_tag(turn), SlotSet("case", case), *_ask_claim(turn, order)]
    turn.say("utter_ask_claim_wait", date=turn.date(claim.claim_on))
    return [_tag(turn), SlotSet("case", case), SlotSet("offer", "wait")]


def _tag(turn: Turn) -> EventType:
    return SlotSet("tags", sorted({*(turn.slot("tags") or ()), TAG}))


def _tell_proof(turn: Turn, order: Order, view: ParcelView) -> None:
    scan = view.last_scan
    delivered_at = order.parcel.delivered_at if order.parcel else None
    moment = delivered_at or (scan.at if scan else None)
    turn.say(
        "utter_delivered_not_received",
        order_id=order.order_id,
        courier=view.courier,
        date=turn.date(moment or turn.today),
        time=turn.time(moment) if moment else "–",
        scan_place=scan.place if scan else turn.country_name(order.country),
        address=mask_address(order.address) or turn.country_name(order.country),
    )


def _ask_claim(turn: Turn, order: Order) -> list[EventType]:
    turn.say("utter_ask_claim", order_id=order.order_id, total=turn.money(order.total))
    return [SlotSet("offer", "claim")]


class ActionAskReceived(ShopAction):
    """Asks whether she has the parcel, where her no to "did you not receive it?" may mean either."""

    def name(self) -> str:
        """As in the domain."""
        return "action_ask_received"

    async def answer(self, turn: Turn) -> list[EventType]:
        """In the other direction, so that a yes and a no are plain."""
        turn.say("utter_ask_received")
        return [SlotSet("offer", "received")]


class _CaseAction(ShopAction, abc.ABC):
    """Speaks about the order that the case is about, once more proved to be hers."""

    async def answer(self, turn: Turn) -> list[EventType]:
        """Where it is not, a person is offered."""
        number = find_case(turn).get("order_id")
        order = await access_order(turn.backend, number, turn.proof) if number else None
        if order is None:
            turn.say("utter_form_gave_up")
            return ANSWERED_BY_PERSON
        return await self.answer_case(turn, order)

    @abc.abstractmethod
    async def answer_case(self, turn: Turn, order: Order) -> list[EventType]:
        """What is said and remembered of the order."""


class ActionAskClaim(_CaseAction):
    """She does not want to wait: asks for her yes to the claim."""

    def name(self) -> str:
        """As in the domain."""
        return "action_ask_claim"

    async def answer_case(self, turn: Turn, order: Order) -> list[EventType]:
        """Whatever day it is: who insists need not wait."""
        return _ask_claim(turn, order)


class ActionWaitForParcel(_CaseAction):
    """She waits, or looks once more: until when, and what happens then."""

    def name(self) -> str:
        """As in the domain."""
        return "action_wait_for_parcel"

    async def answer_case(self, turn: Turn, order: Order) -> list[EventType]:
        """The day that she was told, while it has not come; the case stays open."""
        claim_on = datetime.date.fromisoformat(find_case(turn)["claim_on"])
        if turn.today < claim_on:
            turn.say("utter_claim_waiting", order_id=order.order_id, date=turn.date(claim_on))
        else:
            turn.say("utter_claim_left", order_id=order.order_id)
        return resume(turn)


class ActionOpenClaim(_CaseAction):
    """Claims the order in the shop's system, or hands it to a person where only a person may."""

    def name(self) -> str:
        """As in the domain."""
        return "action_open_claim"

    async def answer_case(self, turn: Turn, order: Order) -> list[EventType]:
        """Once, through the ledger; what stays unclear goes to a person."""
        claim = judge(turn, order)
        if claim is None or claim.needs_person:
            turn.say("utter_claim_by_person", order_id=order.order_id)
            return [FollowupAction("action_request_person")]

        async def act() -> Change:
            ticket = await turn.backend.open_return(ReturnRequest(order.order_id, NOT_RECEIVED, _WANTS))
            outcome = Outcome.DONE if ticket.state == _APPROVED else Outcome.REQUESTED
            return Change(outcome, reference=ticket.number, detail=ticket.state)

        after = {"reason": NOT_RECEIVED, "wants": _WANTS}
        change = await make_once(turn, make_wish(turn, order, "return", {"state": order.state.value}, after), act)
        if change is None:
            turn.say("utter_claim_unclear", order_id=order.order_id)
            return [SlotSet("offer", "person")]
        facts = {"ticket": change.reference, "order_id": order.order_id}
        if change.outcome is Outcome.DONE:
            turn.say("utter_claim_opened", **facts, courier=order.parcel.courier if order.parcel else "–")
        else:
            turn.say("utter_return_in_review", **facts)
        return resume(turn)
