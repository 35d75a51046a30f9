"""What is pointed at, not named: "the other order", "the last one", "same as before"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.needs import ABOUT_PRODUCTS, CHANGES, FORMS, TRACKED, find_form, find_last_need
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_order, access_orders
from pasar.commerce.claims import mask_address
from pasar.commerce.model import Address, Order

OTHER, SAME, LAST = "other", "same", "last"

_OF_ORDER = "order:"  # an address that stays in the shop's system until it is used


def find_reference(turn: Turn) -> str | None:
    """What the message points at, where it names no order itself."""
    return None if turn.named("order_id") else next(iter(turn.named("reference")), None)


def points_back(turn: Turn) -> bool:
    """Whether she wants it "the same as last time": the size or the address, as what it is asked about tells.

    The same words may be found as either entity.
    """
    return SAME in turn.named("reference") or bool(turn.named("same_size"))


def recall(turn: Turn, slot: str) -> Any:
    """The last value that a slot had in this session, also where it was emptied since; None where it never had one."""
    if turn.slot(slot) is not None:
        return turn.slot(slot)
    for event in reversed(turn.tracker.events):
        if event.get("event") == "slot" and event.get("name") == slot and event.get("value") is not None:
            return event["value"]
    return None


async def recall_order(turn: Turn, reference: str) -> str | None:
    """The number of the one order that is pointed at; None where that leaves a choice, or nothing to choose from."""
    current = recall(turn, "order_id")
    if reference != OTHER and current and (reference == SAME or turn.buyer is None):
        return str(current)
    orders = await list_others(turn) if reference == OTHER else await access_orders(turn.backend, turn.proof)
    if reference == OTHER:
        return orders[0].order_id if len(orders) == 1 else None
    return orders[0].order_id if orders else None


async def list_others(turn: Turn) -> Sequence[Order]:
    """A known buyer's orders besides the one that was talked about, newest first."""
    current = str(recall(turn, "order_id") or "").upper()
    return [order for order in await access_orders(turn.backend, turn.proof) if order.order_id.upper() != current]


async def tell_no_other(turn: Turn) -> bool:
    """Say that a known buyer has no other order than the one that was talked about, where that is so."""
    current = recall(turn, "order_id")
    if not current or turn.buyer is None or await list_others(turn):
        return False
    turn.say("utter_no_other_order", order_id=current)
    return True


async def recall_size(turn: Turn, order: Order) -> str | None:
    """The size meant by "the same as before": of this product in another order of hers, else the one named last."""
    if not points_back(turn):
        return None
    products = {line.sku for line in order.lines}
    for other in await access_orders(turn.backend, turn.proof):
        for line in other.lines:
            product = await turn.backend.get_product(line.sku) if line.sku in products else None
            if product is not None and other.order_id != order.order_id:
                return next((variant.size for variant in product.variants if variant.sku == line.variant_sku), None)
    named = recall(turn, "size")
    return str(named) if named else None


async def recall_address(turn: Turn) -> tuple[str | None, list[str]]:
    """The address she typed last, else a mark for the one of a known buyer's last order, and its country if it is known.

    None where there is neither.
    """
    if typed := recall(turn, "new_address"):
        return str(typed), list(recall(turn, "address_countries") or ())
    for order in await access_orders(turn.backend, turn.proof):
        address = order.address
        if address and address.lines and order.order_id != turn.slot("order_id") and "*" not in "".join(address.lines):
            return _OF_ORDER + order.order_id, [address.country or order.country]
    return None, []


async def find_address(turn: Turn, given: str) -> Address | None:
    """The address that a mark stands for; None for what she typed herself."""
    if not given.startswith(_OF_ORDER):
        return None
    order = await access_order(turn.backend, given.removeprefix(_OF_ORDER), turn.proof)
    return order.address if order else None


async def write_address(turn: Turn) -> str:
    """What she typed, as she typed it; of another order's address no more than she needs to know it by."""
    given = str(turn.slot("new_address"))
    known = await find_address(turn, given)
    return mask_address(known) if known else given


class ActionTakeReference(ShopAction):
    """She points at another order than the one just told: the same need is served for that one."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_reference"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Goes on with the form of her last need; where that was about no order, asks what she means."""
        need = find_last_need(turn, {*FORMS, *TRACKED, *ABOUT_PRODUCTS})
        if need in ABOUT_PRODUCTS:
            turn.say("utter_ask_product")
            return []
        if not need and turn.buyer is None and recall(turn, "order_id") is None:
            turn.say("utter_nothing_to_continue")
            return []
        reference = find_reference(turn) or OTHER
        if reference == OTHER and await tell_no_other(turn):
            return []
        return [
            SlotSet("checked", None),
            SlotSet("attempts", None),
            SlotSet("order_id", await recall_order(turn, reference)),
            *([SlotSet("change", CHANGES[need])] if need in CHANGES else ()),
            FollowupAction(find_form(need)),
        ]
