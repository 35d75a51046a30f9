"""Cancelling, another address, another size or colour: by the order's state and the shop's rules, after her yes, once."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import describe_variant, list_variants, match_variants
from actions.forms import ANSWERED_BY_PERSON, NO_ORDER, REQUESTED, OrderForm, fetch_order, resume
from actions.needs import CHANGES
from actions.references import SAME, find_address, recall_address, recall_size
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_order
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import AddressChange, Change, LineChange, Outcome, Permission, judge_change
from pasar.commerce.claims import mask_address
from pasar.commerce.ledger import UnclearChangeError, Wish, open_ledger
from pasar.commerce.model import Address, Order, OrderLine, OrderState, Product, Variant
from pasar.commerce.rows import encode

_SLOTS = ("change", "new_address", "change_confirmed")
_REFUSED = {
    "shipped": "utter_change_too_late_shipped",
    "delivered": "utter_change_too_late_delivered",
    "returned": "utter_order_returned",
    "cancelled": "utter_change_cancelled_before",
    "no_stock": "utter_change_no_stock",
}
_DONE = {"cancel": "utter_order_cancelled_now", "address": "utter_address_changed", "edit": "utter_order_edited"}
#: An address is longer, and has a number or several words.
_SHORTEST_ADDRESS, _FEWEST_WORDS = 10, 3


class ActionTakeChange(ShopAction):
    """Begins a change: which one the buyer wants; forgets the answers of an earlier one."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_change"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What this message names of colour and size is the wish, not what an earlier one named."""
        events: list[EventType] = [SlotSet(slot, None) for slot in _SLOTS]
        if turn.intent == "edit_order":
            events += [SlotSet(slot, next(iter(turn.named(slot)), None)) for slot in ("color", "size")]
        return [*events, SlotSet("change", CHANGES.get(turn.intent, "cancel"))]


class ValidateChangeOrderForm(OrderForm):
    """The order is hers and may be changed, what she wants is known and there, and she has said yes to the summary."""

    confirmed = ("change_confirmed",)

    def name(self) -> str:
        """As in the domain."""
        return "validate_change_order_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """Once the rules say no, nothing more is asked."""
        slots = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        turn = await Turn(dispatcher, tracker).enter()
        checked, kind = turn.slot("checked"), turn.slot("change") or "cancel"
        if checked and checked not in NO_ORDER:
            order = await access_order(turn.backend, checked, turn.proof)
            if order is None or not judge(turn, order).allowed:
                return []
        if kind != "address":
            slots = [slot for slot in slots if slot != "new_address"]
        return slots if kind == "edit" else [slot for slot in slots if slot != "new_variant"]

    async def extract_new_address(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The whole answer where an address was asked for; else what the message marks as one, or points at."""
        turn = Turn(dispatcher, tracker)
        if turn.slot("change") != "address" or turn.slot("new_address"):
            return {}
        if SAME in turn.named("reference"):
            return {"new_address": await recall_address(await turn.enter())}
        if turn.slot(REQUESTED) == "new_address" and turn.intent not in ("deny", "talk_to_human", "cancel_order"):
            text = turn.text.strip()
            looks_like_one = any(c.isdigit() for c in text) or len(text.split()) >= _FEWEST_WORDS
            if len(text) >= _SHORTEST_ADDRESS and looks_like_one and not text.endswith(("?", "？")):
                return {"new_address": text}
            return {}
        named = next(iter(turn.named("address")), None)
        return {"new_address": str(named)} if named and len(str(named)) >= _SHORTEST_ADDRESS else {}

    async def extract_new_variant(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The variant that she named, of the ordered product, if there is one; says so where there is none."""
        turn = await Turn(dispatcher, tracker).enter()
        checked = turn.slot("checked")
        if turn.slot("change") != "edit" or not checked or checked in NO_ORDER:
            return {}
        order = await access_order(turn.backend, checked, turn.proof)
        if order is None or (turn.slot("new_variant") and not turn.named("color", "size")):
            return {}
        found = await _find_wish(turn, order)
        if found is None:
            return {"new_variant": None}
        line, product, variant = found
        if variant is None or variant.stock < line.quantity:
            wish = describe_variant(turn, turn.slot("color"), turn.slot("size"))
            turn.say(
                "utter_change_no_stock",
                product=turn.product_name(product),
                variant=wish,
                variants=list_variants(turn, product),
            )
            return {"new_variant": None, "color": None, "size": None}
        return {"new_variant": variant.sku}


class ActionAskNewVariant(ShopAction):
    """Asks which colour or size instead."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_new_variant"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What is there of the product, unless that has just been told."""
        order = await access_order(turn.backend, turn.slot("checked") or "", turn.proof)
        product = await turn.backend.get_product(order.lines[0].sku) if order else None
        if product is not None and not turn.said("utter_change_no_stock"):
            turn.say("utter_ask_new_variant", product=turn.product_name(product), variants=list_variants(turn, product))
        return []


class ActionAskChangeConfirmed(ShopAction):
    """Sums the change up before it is made."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_change_confirmed"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What will be changed, from what to what."""
        order = await access_order(turn.backend, turn.slot("checked") or "", turn.proof)
        if order is None:
            turn.say("utter_form_gave_up")
            return ANSWERED_BY_PERSON
        facts = {"order_id": order.order_id}
        if turn.slot("change") == "address":
            turn.say("utter_ask_address_confirmed", **facts, address=await _write_address(turn))
        elif turn.slot("change") == "edit" and (line := await _find_line(turn, order)):
            product = await turn.backend.get_product(line.sku)
            turn.say(
                "utter_ask_edit_confirmed",
                **facts,
                product=line.name.to(turn.language, turn.shop.default_language),
                old=_describe(turn, product, line.variant_sku),
                new=_describe(turn, product, turn.slot("new_variant")),
            )
        else:
            items = turn.names(
                f"{line.quantity} × {line.name.to(turn.language, turn.shop.default_language)}" for line in order.lines
            )
            turn.say("utter_ask_cancel_confirmed", **facts, items=items, total=turn.money(order.total))
        return []


class ActionChangeOrder(ShopAction):
    """Makes the change in the shop's system, or says why it cannot be made."""

    def name(self) -> str:
        """As in the domain."""
        return "action_change_order"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Once, through the ledger; what stays unclear goes to a person."""
        order = await fetch_order(turn)
        forget: list[EventType] = [SlotSet(slot, None) for slot in (*_SLOTS, "new_variant")]
        if order is None:
            return [*ANSWERED_BY_PERSON, *forget]
        permission = judge(turn, order)
        if not permission.allowed:
            return [*forget, *_refuse(turn, order, permission.reason)]
        if turn.slot("change_confirmed") is not True:
            turn.say("utter_change_not_made", order_id=order.order_id)
            return [*forget, *resume(turn)]
        wish, act = await _prepare(turn, order)
        try:
            change = await open_ledger().make(wish, act)
        except (ShopUnavailableError, UnclearChangeError):
            # asked, and not known what came of it: nobody tries again before a person has looked
            turn.say("utter_change_unclear", order_id=order.order_id)
            return [*forget, SlotSet("offer", "person")]
        if change.outcome is Outcome.REFUSED:
            return [*forget, *_refuse(turn, order, change.reason)]
        await _tell(turn, order, change)
        return [*forget, *resume(turn)]


def judge(turn: Turn, order: Order) -> Permission:
    """What the order's state, the shop's rules and its system allow."""
    return judge_change(turn.slot("change") or "cancel", order, turn.shop.changes, turn.backend.abilities)


async def _prepare(turn: Turn, order: Order) -> tuple[Wish, Callable[[], Awaitable[Change]]]:
    """The wish as it is written down, and how it is made."""
    kind = turn.slot("change")
    before: dict[str, Any] = {"state": order.state.value}
    if kind == "address":
        change = AddressChange(order.order_id, await _read_address(turn))
        before, after = {"address": encode(order.address)}, {"address": encode(change.address)}
        act: Callable[[], Awaitable[Change]] = lambda: turn.backend.change_address(change)  # noqa: E731
    elif kind == "edit" and (line := await _find_line(turn, order)):
        edit = LineChange(order.order_id, line.variant_sku, turn.slot("new_variant"), line.quantity)
        before, after = {"variant": line.variant_sku}, dataclasses.asdict(edit)
        act = lambda: turn.backend.edit_order(edit)  # noqa: E731
    else:
        after = {"state": OrderState.CANCELLED.value}
        act = lambda: turn.backend.cancel_order(order.order_id, "changed_mind")  # noqa: E731
    message = (turn.tracker.latest_message or {}).get("message_id") or ""
    wish = Wish(turn.shop.shop_id, order.order_id, str(kind), turn.tracker.sender_id, str(message), before, after)
    return wish, act


async def _read_address(turn: Turn) -> Address:
    if known := await find_address(turn, str(turn.slot("new_address"))):
        return known
    lines = tuple(part.strip() for part in str(turn.slot("new_address")).splitlines() if part.strip())
    return Address(lines, country="")


async def _write_address(turn: Turn) -> str:
    """What she typed, as she typed it; of another order's address no more than she needs to know it by."""
    known = await find_address(turn, str(turn.slot("new_address")))
    return mask_address(known) if known else str(turn.slot("new_address"))


async def _find_line(turn: Turn, order: Order) -> OrderLine | None:
    """The line that is to be edited: the one whose product has the wanted variant, else the first."""
    wanted = turn.slot("new_variant")
    for line in order.lines:
        product = await turn.backend.get_product(line.sku)
        if product and any(variant.sku == wanted for variant in product.variants):
            return line
    return order.lines[0] if order.lines else None


async def _find_wish(turn: Turn, order: Order) -> tuple[OrderLine, Product, Variant | None] | None:
    """Line, product and variant of the colour and size she named; None where she named neither."""
    color, size = turn.slot("color"), turn.slot("size") or await recall_size(turn, order)
    if not color and not size:
        return None
    for line in order.lines:
        product = await turn.backend.get_product(line.sku)
        if product is None:
            continue
        ordered = next((variant for variant in product.variants if variant.sku == line.variant_sku), None)
        if (color and color not in product.colors) or (size and str(size) not in product.sizes):
            continue
        if ordered is not None:
            color, size = color or ordered.color, size or ordered.size
        matching = match_variants(product, color, size)
        return line, product, next(iter(matching), None)
    product = await turn.backend.get_product(order.lines[0].sku)
    return (order.lines[0], product, None) if product else None


def _describe(turn: Turn, product: Product | None, sku: str) -> str:
    variant = next((variant for variant in product.variants if variant.sku == sku), None) if product else None
    return describe_variant(turn, variant.color, variant.size) if variant else sku


def _refuse(turn: Turn, order: Order, reason: str) -> list[EventType]:
    """Say why not; where only a person may, hand the wish over."""
    response = _REFUSED.get(reason, "utter_order_change_by_person")
    turn.say(response, order_id=order.order_id, product="", variant="", variants="")
    return [SlotSet("offer", None if reason in ("returned", "cancelled") else "person"), *resume(turn)]


async def _tell(turn: Turn, order: Order, change: Change) -> None:
    kind, facts = turn.slot("change"), {"order_id": order.order_id}
    if change.outcome is Outcome.REQUESTED:
        turn.say("utter_change_requested", **facts)
    elif kind == "address":
        turn.say(_DONE[kind], **facts, address=await _write_address(turn))
    elif kind == "edit":
        product = await turn.backend.get_product(order.lines[0].sku)
        turn.say(_DONE[kind], **facts, new=_describe(turn, product, turn.slot("new_variant")))
    else:
        turn.say(_DONE["cancel"], **facts)
        cancelled = await turn.backend.get_order(order.order_id)
        if cancelled is not None and cancelled.refund is not None and cancelled.refund.payout_days:
            first, last = cancelled.refund.payout_days
            turn.say(
                "utter_cancel_refund",
                amount=turn.money(cancelled.refund.amount),
                method=turn.label("payment_method", cancelled.refund.method),
                from_days=first,
                to_days=last,
            )
