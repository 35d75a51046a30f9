"""A return summed up for the buyer's yes, sent to the shop's system, and what happens next."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.execution import make_once, make_wish
from actions.forms import ANSWERED_BY_PERSON, checked_order, fetch_order, resume
from actions.returns import NO_PHOTO, SLOTS, describe_return, judge, return_policy, tell_gone
from actions.turn import ShopAction, Turn
from actions.variants import Wanted, describe, find_line_of
from actions.wishes import FORM as CHANGE_FORM
from actions.wishes import SLOTS as CHANGE_SLOTS
from pasar.commerce.changes import Ability, Change, Outcome, judge_change
from pasar.commerce.model import Order, OrderState, ReturnRequest
from pasar.commerce.refunds import promise_payout_days
from pasar.commerce.returns import Eligibility
from pasar.commerce.rows import encode

_REFUSED = {
    "not_delivered": "utter_return_not_delivered",
    "too_late": "utter_return_too_late",
    "not_returnable": "utter_return_not_returnable",
    "already_returned": "utter_return_already",
    "cancelled": "utter_return_cancelled",
}
_BY_PERSON = frozenset({"not_delivered", "too_late", "not_returnable"})
_APPROVED = "approved"


class ActionAskReturnOrderFormReturnConfirmed(ShopAction):
    """Sums the return up before it is sent."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_return_order_form_return_confirmed"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Order, reason, value, until when, who pays for sending it back, and what happens then."""
        order = await checked_order(turn)
        if order is None:
            turn.say("utter_form_gave_up")
            return ANSWERED_BY_PERSON
        reason = turn.slot("return_reason") or "other"
        verdict = await judge(turn, order, reason)
        facts = {
            "order_id": order.order_id,
            "reason": turn.word(f"reason_{reason}"),
            "deadline": turn.date(verdict.deadline) if verdict.deadline else "–",
            "shipping_side": turn.word("buyer_pays" if verdict.buyer_pays else "shop_pays"),
            "next": _tell_next(turn, order, approved=not _is_for_person(turn, verdict)),
        }
        new = await _find_new(turn, order)
        if reason == "missing":
            turn.say("utter_ask_missing_confirmed", order_id=order.order_id, part=turn.slot("missing_part"))
        elif new is not None and new.variant is not None:
            described = describe(turn, new.product, new.variant)
            turn.say("utter_ask_exchange_confirmed", **facts, product=turn.product_name(new.product), new=described)
        else:
            turn.say("utter_ask_return_confirmed", **facts, total=turn.money(order.total))
        return [SlotSet("summed_up", describe_return(turn))]


class ActionOpenReturn(ShopAction):
    """Sends the return to the shop's system, or says why it cannot be."""

    def name(self) -> str:
        """As in the domain."""
        return "action_open_return"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Record it, once; above the shop's limit only as a request that a person decides."""
        order = await fetch_order(turn)
        forget: list[EventType] = [SlotSet(slot, None) for slot in SLOTS]
        if order is None:
            return [*ANSWERED_BY_PERSON, *forget]
        reason = turn.slot("return_reason") or "other"
        verdict = await judge(turn, order, reason)
        can_edit = judge_change("edit", order, turn.shop.changes, turn.backend.abilities).allowed
        if turn.slot("return_wants") == "exchange" and can_edit:
            # it has not left yet: then another one is put into the order
            kept = {"change": "edit", "wish": turn.slot("wish")}
            return [*forget, *(SlotSet(slot, kept.get(slot)) for slot in CHANGE_SLOTS), FollowupAction(CHANGE_FORM)]
        if order.state is OrderState.UNPAID or not verdict.allowed:
            return [*forget, SlotSet("offer", _refuse(turn, order, verdict)), *resume(turn)]
        if Ability.OPEN_RETURN not in turn.backend.abilities:
            turn.say("utter_return_by_person")  # who gets to see what she has told
            return [SlotSet("offer", "person")]
        if turn.slot("return_confirmed") is not True:
            turn.say("utter_return_not_sent")
            return [*forget, *resume(turn)]
        new = await _find_new(turn, order)
        if new is not None and new.variant is not None and not new.is_there:
            await tell_gone(turn, order, new, describe(turn, new.product, new.variant))
            turn.say("utter_return_not_sent")
            return [*forget, *resume(turn)]
        labels: list[str] = []
        change = await self._send(turn, order, reason, labels)
        if change is None:
            turn.say("utter_return_unclear", order_id=order.order_id)
            return [SlotSet("offer", "person")]
        approved = change.outcome is Outcome.DONE and not _is_for_person(turn, verdict)
        facts = {"ticket": change.reference, "order_id": order.order_id}
        if reason == "missing":
            turn.say("utter_missing_recorded", **facts, part=turn.slot("missing_part") or "")
            return forget
        if not approved:
            turn.say("utter_return_in_review", **facts)
            return [*forget, *resume(turn)]
        then = _tell_next(turn, order, approved=True, label="".join(labels))
        if new is not None and new.variant is not None:
            turn.say("utter_exchange_opened", **facts, new=describe(turn, new.product, new.variant), next=then)
        else:
            turn.say("utter_return_opened", **facts, next=then)
        return [*forget, *resume(turn)]

    async def _send(self, turn: Turn, order: Order, reason: str, labels: list[str]) -> Change | None:
        """The ticket as a change with its number; None where it is not known whether there is one."""
        photo = turn.slot("photo") or ""
        request = ReturnRequest(
            order_id=order.order_id,
            reason=reason,
            wants=turn.slot("return_wants") or "refund",
            photo="" if photo == NO_PHOTO else photo,
            note=turn.slot("missing_part") or turn.slot("new_variant") or "",
        )

        async def open_return() -> Change:
            ticket = await turn.backend.open_return(request)
            labels.append(ticket.label)
            outcome = Outcome.DONE if ticket.state == _APPROVED else Outcome.REQUESTED
            return Change(outcome, reference=ticket.number)

        wish = make_wish(turn, order, "return", {"state": order.state.value}, encode(request))
        return await make_once(turn, wish, open_return)


def _is_for_person(turn: Turn, verdict: Eligibility) -> bool:
    """Whether a person has to look before anything is promised."""
    return verdict.needs_person or turn.slot("photo") == NO_PHOTO or turn.slot("return_reason") == "missing"


async def _find_new(turn: Turn, order: Order) -> Wanted | None:
    """What she wants for it, in an exchange."""
    if turn.slot("return_wants") != "exchange" or not turn.slot("new_variant"):
        return None
    found = await find_line_of(turn, order, turn.slot("new_variant"))
    return Wanted(*found) if found else None


def _tell_next(turn: Turn, order: Order, *, approved: bool, label: str = "") -> str:
    """Where the parcel goes, and what comes of it then."""
    if not approved:
        return turn.word("return_then_person")
    address = turn.shop.return_address.to(turn.language, turn.shop.default_language)
    if label:
        send = turn.word("return_send_label", label=label)
    else:
        send = turn.word("return_send_address", address=address) if address else turn.word("return_send_person")
    days = promise_payout_days(order.payment_method, return_policy(turn, order))
    if turn.slot("return_wants") == "exchange":
        return f"{send} {turn.word('return_then_exchange')}"
    if days is None:
        return f"{send} {turn.word('return_then_refund_later')}"
    return f"{send} {turn.word('return_then_refund', days=f'{days[0]}–{days[1]}')}"


def _refuse(turn: Turn, order: Order, verdict: Eligibility) -> str | None:
    """Say why not; what is offered instead."""
    if order.state is OrderState.UNPAID:
        turn.say("utter_return_unpaid", order_id=order.order_id)
        return None
    cancellable = judge_change("cancel", order, turn.shop.changes, turn.backend.abilities).allowed
    if verdict.reason_code == "not_delivered" and cancellable:
        turn.say("utter_return_cancel_instead", order_id=order.order_id)
        return "cancel"
    deadline = turn.date(verdict.deadline) if verdict.deadline else "–"
    turn.say(_REFUSED[verdict.reason_code], order_id=order.order_id, deadline=deadline)
    return "person" if verdict.reason_code in _BY_PERSON else None


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
