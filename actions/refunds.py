"""Where the money is: by the shop's record, and by what the shop promises where the record does not say."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.forms import ANSWERED_BY_PERSON, OrderForm, fetch_order, resume
from actions.returns import return_policy
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Order, Refund, RefundState
from pasar.commerce.refunds import add_working_days, find_payout_days


class ValidateRefundStatusForm(OrderForm):
    """Makes sure the order is the buyer's."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_refund_status_form"


class ActionTellRefundStatus(ShopAction):
    """Tells where a refund is."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_refund_status"

    async def answer(self, turn: Turn) -> list[EventType]:
        """State, amount, days and method of the refund; a day that nobody has recorded is not told."""
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        refund = order.refund
        if refund is None:
            turn.say("utter_no_refund", order_id=order.order_id)
            return [SlotSet("offer", "return"), *resume(turn)]
        offer = tell_refund(turn, order, refund)
        return [SlotSet("offer", offer), *resume(turn)]


def tell_refund(turn: Turn, order: Order, refund: Refund) -> str | None:
    """Say how a refund stands; what was offered with it."""
    if refund.state is RefundState.APPROVED:
        return _tell_approved(turn, order, refund)
    if refund.state is RefundState.REJECTED:
        turn.say("utter_refund_rejected", order_id=order.order_id)
        return "person"
    if refund.state is RefundState.PAID:
        _tell_paid(turn, order, refund)
    else:
        _tell_requested(turn, order, refund)
    return None


def _tell_paid(turn: Turn, order: Order, refund: Refund) -> None:
    """The money has gone out, on that day if it is recorded."""
    facts = _describe(turn, order, refund)
    if refund.paid_on:
        turn.say("utter_refund_paid", **facts, date=turn.date(refund.paid_on))
    else:
        turn.say("utter_refund_paid_no_date", **facts)


def _tell_approved(turn: Turn, order: Order, refund: Refund) -> str | None:
    """Until when it comes, or that it should have come, or that nobody knows; what is offered then."""
    facts, days = _describe(turn, order, refund), find_payout_days(refund, return_policy(turn, order))
    if days is None:
        turn.say("utter_refund_approved_unknown", **facts)
        return "person"
    if refund.decided_on is None:
        turn.say("utter_refund_approved_no_date", **facts, from_days=days[0], to_days=days[1])
        return None
    latest = add_working_days(refund.decided_on, days[1])
    dates = {"date": turn.date(refund.decided_on), "latest": turn.date(latest)}
    if latest < turn.today:
        turn.say("utter_refund_overdue", **facts, **dates)
        return "person"
    turn.say("utter_refund_approved", **facts, **dates, from_days=days[0], to_days=days[1])
    return None


def _tell_requested(turn: Turn, order: Order, refund: Refund) -> None:
    facts = _describe(turn, order, refund)
    turn.say("utter_refund_requested", order_id=order.order_id, amount=facts["amount"])
    if days := find_payout_days(refund, return_policy(turn, order)):
        turn.say("utter_refund_payout", method=facts["method"], from_days=days[0], to_days=days[1])


def _describe(turn: Turn, order: Order, refund: Refund) -> dict[str, str]:
    return {
        "order_id": order.order_id,
        "amount": turn.money(refund.amount),
        "method": turn.label("payment_method", refund.method),
    }
