"""Cancelling, another address, another size or colour: by the order's state and the shop's rules, after her yes, once."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

from rasa_sdk.events import EventType, SlotSet

from actions.catalogue import list_variants
from actions.execution import make_once, make_wish
from actions.forms import ANSWERED_BY_PERSON, fetch_order, resume
from actions.references import find_address, write_address
from actions.returns import return_policy
from actions.turn import ShopAction, Turn
from actions.variants import describe, find_line_of
from actions.wishes import SLOTS, find_obstacle
from pasar.commerce.changes import AddressChange, Change, LineChange, Outcome
from pasar.commerce.ledger import Wish
from pasar.commerce.model import Address, Order, OrderState
from pasar.commerce.refunds import find_payout_days
from pasar.commerce.rows import encode

_REFUSED = {
    "shipped": "utter_change_too_late_shipped",
    "delivered": "utter_change_too_late_delivered",
    "returned": "utter_order_returned",
    "cancelled": "utter_change_cancelled_before",
}
#: What a refusal offers instead; a person where nothing is said here.
_OFFERS = {"delivered": "return", "returned": None, "cancelled": None}
_AT_THE_DOOR = "cod"  # nothing was paid before the parcel came


class ActionChangeOrder(ShopAction):
    """Makes the change in the shop's system, or says why it cannot be made."""

    def name(self) -> str:
        """As in the domain."""
        return "action_change_order"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Once, through the ledger; what stays unclear goes to a person."""
        order = await fetch_order(turn)
        forget: list[EventType] = [SlotSet(slot, None) for slot in SLOTS]
        if order is None:
            return [*ANSWERED_BY_PERSON, *forget]
        if obstacle := await find_obstacle(turn, order):
            # what she wants is kept for the person, and for an exchange instead
            return _refuse(turn, order, obstacle)
        if turn.slot("change_confirmed") is not True:
            turn.say("utter_change_not_made", order_id=order.order_id)
            return [*forget, *resume(turn)]
        change = await make_once(turn, *await _prepare(turn, order))
        if change is None:
            turn.say("utter_change_unclear", order_id=order.order_id)
            return [SlotSet("offer", "person")]
        if change.outcome is Outcome.REFUSED and change.reason == "no_stock":
            await _tell_gone(turn, order)
            return [*forget, *resume(turn)]
        if change.outcome is Outcome.REFUSED:
            return _refuse(turn, order, change.reason)
        await _tell(turn, order, change)
        return [*forget, *resume(turn)]


async def _prepare(turn: Turn, order: Order) -> tuple[Wish, Callable[[], Awaitable[Change]]]:
    """The wish as it is written down, and how it is made."""
    kind = turn.slot("change")
    if kind == "address":
        given = str(turn.slot("new_address"))
        redirection = AddressChange(order.order_id, await find_address(turn, given) or read_address(given))
        after = {"address": encode(redirection.address)}
        wish = make_wish(turn, order, kind, {"address": encode(order.address)}, after)
        return wish, lambda: turn.backend.change_address(redirection)
    if kind == "edit" and (found := await find_line_of(turn, order, turn.slot("new_variant"))):
        line, _, variant = found
        edit = LineChange(order.order_id, line.variant_sku, variant.sku, line.quantity)
        wish = make_wish(turn, order, kind, {"variant": line.variant_sku}, dataclasses.asdict(edit))
        return wish, lambda: turn.backend.edit_order(edit)
    before, after = {"state": order.state.value}, {"state": OrderState.CANCELLED.value}
    wish = make_wish(turn, order, "cancel", before, after)
    return wish, lambda: turn.backend.cancel_order(order.order_id, "changed_mind")


def read_address(text: str) -> Address:
    """An address as she wrote it, line by line; in the order's country, as another one is a person's business."""
    return Address(tuple(line.strip() for line in text.splitlines() if line.strip()))


def _refuse(turn: Turn, order: Order, reason: str) -> list[EventType]:
    """Say why not; where only a person may, hand the wish over."""
    turn.say(_REFUSED.get(reason, "utter_order_change_by_person"), order_id=order.order_id)
    return [SlotSet("offer", _OFFERS.get(reason, "person")), *resume(turn)]


async def _tell_gone(turn: Turn, order: Order) -> None:
    """It was there when she was asked, and is not any more."""
    found = await find_line_of(turn, order, turn.slot("new_variant"))
    if found is not None:
        _, product, variant = found
        turn.say(
            "utter_change_no_stock",
            product=turn.product_name(product),
            variant=describe(turn, product, variant),
            variants=list_variants(turn, product),
        )
    turn.say("utter_change_not_made", order_id=order.order_id)


async def _tell(turn: Turn, order: Order, change: Change) -> None:
    kind, facts = turn.slot("change"), {"order_id": order.order_id}
    if change.outcome is Outcome.REQUESTED:
        turn.say("utter_change_requested", **facts)
    elif kind == "address":
        turn.say("utter_address_changed", **facts, address=await write_address(turn))
    elif kind == "edit" and (found := await find_line_of(turn, order, turn.slot("new_variant"))):
        turn.say("utter_order_edited", **facts, new=describe(turn, *found[1:]))
    else:
        turn.say("utter_order_cancelled_now", **facts)
        await _tell_refund(turn, order)


async def _tell_refund(turn: Turn, paid: Order) -> None:
    """What goes back for an order that was paid, as the shop's record has it now."""
    if paid.state is OrderState.UNPAID or paid.payment_method == _AT_THE_DOOR:
        return
    order = await fetch_order(turn)
    refund = order.refund if order else None
    days = find_payout_days(refund, return_policy(turn, paid)) if refund else None
    if refund is None or days is None:
        turn.say("utter_cancel_refund_later", order_id=paid.order_id, total=turn.money(paid.total))
        return
    turn.say(
        "utter_cancel_refund",
        amount=turn.money(refund.amount),
        method=turn.label("payment_method", refund.method),
        from_days=days[0],
        to_days=days[1],
    )
