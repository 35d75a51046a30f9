"""After the order: where it is, when it comes, and what now when it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.claims import find_case, judge, tell_claim, tell_not_received
from actions.forms import ANSWERED_BY_PERSON, LISTED, OrderForm, fetch_order, interrupt, resume
from actions.needs import CHANGES, TRACKED, find_form, find_last_need
from actions.parcels import tell_deadline, tell_parcel, tell_source
from actions.references import OTHER, SAME, find_reference, list_others, recall_order, tell_no_other
from actions.refunds import tell_refund
from actions.returns import FORM as RETURN_FORM
from actions.returns import SLOTS as RETURN_SLOTS
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_orders
from pasar.commerce.model import Order, OrderState
from pasar.commerce.tracking import ParcelView, judge_parcel

_MOST_LISTED = 5
#: States in which a carrier was asked.
_SENT = frozenset({OrderState.SHIPPED, OrderState.DELIVERED})
#: The states that an order is most likely in where a form is about it; in all others it is being waited for.
_OPEN = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED})
_LIKELY = {
    "change_order_form": frozenset({OrderState.UNPAID, OrderState.PAID}),
    "return_order_form": frozenset({OrderState.DELIVERED}),
    "refund_status_form": frozenset({OrderState.RETURNED, OrderState.CANCELLED}),
    "get_invoice_form": frozenset(OrderState),
}


class ActionTakeOrder(ShopAction):
    """Begins a conversation about an order: what was checked before is open again; an only order is taken at once."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_order"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Forget the last check; take the order she points at, or a known buyer's only one; else list hers."""
        form = find_form(turn.intent)
        events: list[EventType] = [*interrupt(turn, form), SlotSet("checked", None), SlotSet("attempts", None)]
        reference = find_reference(turn)
        if reference and not (reference == SAME and turn.intent in CHANGES):  # then it is the address, or the size
            if reference == OTHER and await tell_no_other(turn):
                return events
            return [*events, SlotSet("order_id", await recall_order(turn, reference))]
        if turn.slot("order_id"):
            return events
        if turn.intent in TRACKED and (waited_for := find_case(turn).get("order_id")):
            return [*events, SlotSet("order_id", waited_for)]
        orders = await access_orders(turn.backend, turn.proof)
        candidates = _find_likely(orders, form, turn.intent)
        if len(candidates) == 1:
            events.append(SlotSet("order_id", candidates[0].order_id))
        elif candidates and turn.intent == "order_status":
            events.append(SlotSet("checked", LISTED))
        return events


def _find_likely(orders: Sequence[Order], form: str, need: str) -> Sequence[Order]:
    """Orders that a need is probably about; all of them where none is likelier than the others."""
    states = frozenset({OrderState.DELIVERED}) if need == "missing_item" else _LIKELY.get(form, _OPEN)
    return [order for order in orders if order.state in states] or orders


class ActionAskOrderId(ShopAction):
    """Asks which order; a known buyer chooses among hers."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_order_id"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Ask, unless the bot has just asked to send the number again."""
        if turn.said("utter_order_not_matched", "utter_order_id_wrong_form"):
            return []
        others = find_reference(turn) == OTHER
        orders = await (list_others(turn) if others else access_orders(turn.backend, turn.proof))
        if orders:
            turn.offer("utter_ask_which_order", _list_choices(turn, orders))
        else:
            turn.say("utter_ask_order_id", example=turn.shop.order_example)
        return []


def _list_choices(turn: Turn, orders: Sequence[Order]) -> list[tuple[str, str]]:
    """The newest orders as buttons: number and state."""
    return [
        (f"{order.order_id} · {turn.word('state_' + order.state.value)}", f'/inform{{"order_id": "{order.order_id}"}}')
        for order in orders[:_MOST_LISTED]
    ]


class ActionAskContact(ShopAction):
    """Asks for the e-mail or phone the order was made with."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_contact"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Ask, unless the bot has just asked to send it again."""
        if not turn.said("utter_contact_wrong_form"):
            turn.say("utter_ask_contact")
        return []


class ValidateTrackOrderForm(OrderForm):
    """Makes sure the order is the buyer's."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_track_order_form"


class ActionTrackOrder(ShopAction):
    """Tells where an order is and when it arrives."""

    def name(self) -> str:
        """As in the domain."""
        return "action_track_order"

    async def answer(self, turn: Turn) -> list[EventType]:
        """State of the order, of its parcel, and whether it comes by the buyer's deadline; or a list of her orders."""
        if turn.slot("checked") == LISTED:
            return await _tell_orders(turn)
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        view = judge_parcel(order, turn.today, turn.time_zone)
        events = await self._tell(turn, order, view)
        if view is not None and order.state in _SENT:
            tell_source(turn, view)
        tell_deadline(turn, order, view)
        turn.show(order_card(turn, order, view))
        return [SlotSet("deadline", None), SlotSet("country", order.country), *events, *resume(turn)]

    async def _tell(self, turn: Turn, order: Order, view: ParcelView | None) -> list[EventType]:
        """Say how the order stands, or what is done about one that is said to have come and has not."""
        claim = judge(turn, order)
        if view is not None and claim is not None and view.concern is None:
            if events := await tell_claim(turn, order):
                return events
            waited_for = find_case(turn).get("order_id") == order.order_id
            missed = find_last_need(turn, TRACKED) == "missing_item"
            if waited_for or missed or _was_told(turn, order, "utter_order_delivered"):
                if events := await _take_missing_part(turn, order, in_doubt=not waited_for):
                    return events
                return tell_not_received(turn, order, view, claim)
        return [SlotSet("offer", _tell_state(turn, order, view))]


def _tell_state(turn: Turn, order: Order, view: ParcelView | None) -> str | None:
    """Say how an order stands; what was offered with it."""
    number = order.order_id
    if order.state is OrderState.UNPAID:
        until = turn.date(order.pay_until) if order.pay_until else "–"
        turn.say("utter_order_unpaid", order_id=number, total=turn.money(order.total), date=until)
    elif order.state is OrderState.PAID:
        if order.ship_on:
            turn.say("utter_order_paid", order_id=number, date=turn.date(order.ship_on))
        else:
            turn.say("utter_order_paid_no_date", order_id=number)
    elif order.state is OrderState.CANCELLED:
        turn.say("utter_order_cancelled", order_id=number, date=turn.date(order.cancelled_on or turn.today))
        return tell_refund(turn, order, order.refund) if order.refund else None
    elif order.state is OrderState.RETURNED:
        turn.say("utter_order_returned", order_id=number)
    elif view is not None and view.state == "delivered" and view.concern is None:
        facts = {"order_id": number, "courier": view.courier, "tracking_number": view.tracking_number}
        turn.say("utter_order_delivered", **facts, date=turn.date(view.delivered_on or turn.today))
        return "missing"
    elif view is not None and tell_parcel(turn, order, view):
        return "person"
    return None


async def _tell_orders(turn: Turn) -> list[EventType]:
    """A known buyer's newest orders, each in a few words, to choose one of."""
    orders = list(await access_orders(turn.backend, turn.proof))[:_MOST_LISTED]
    lines = "; ".join(_describe(turn, order) for order in orders)
    turn.offer("utter_order_list", _list_choices(turn, orders), orders=lines)
    return [SlotSet("checked", None), SlotSet("offer", None), *resume(turn)]


def _describe(turn: Turn, order: Order) -> str:
    """An order in a few words: its number, its state, and the day that matters most where it is known."""
    view = judge_parcel(order, turn.today, turn.time_zone)
    facts = {"order_id": order.order_id, "state": turn.word(f"state_{order.state.value}")}
    if order.state is OrderState.SHIPPED and view is not None and view.state == "late":
        return turn.word("brief_late", **facts)
    if order.state is OrderState.SHIPPED and view is not None and view.expected_on:
        return turn.word("brief_due", **facts, date=turn.date(view.expected_on))
    if order.state is OrderState.UNPAID and order.pay_until:
        return turn.word("brief_unpaid", **facts, date=turn.date(order.pay_until))
    if order.state is OrderState.DELIVERED and view is not None and view.delivered_on:
        return turn.word("brief_delivered", **facts, date=turn.date(view.delivered_on))
    return turn.word("brief_order", **facts)


def find_message(turn: Turn, *intents: str) -> Mapping[str, Any]:
    """The buyer's latest message with one of these intents, as it was understood; {} where there is none."""
    for event in reversed(turn.tracker.events):
        parsed = (event.get("parse_data") or {}) if event.get("event") == "user" else {}
        if (parsed.get("intent") or {}).get("name") in intents:
            return dict(parsed)
    return {}


async def _take_missing_part(turn: Turn, order: Order, *, in_doubt: bool) -> list[EventType]:
    """Goes on where a part of the order is missing, not all of it; nothing where all of it is.

    "Missing" alone may be either: then she is asked, where there is doubt. A thing that is not what she ordered is a
    part of it.
    """
    entities = find_message(turn, "missing_item").get("entities") or ()
    if not any((entity.get("entity"), entity.get("value")) == ("return_reason", "missing") for entity in entities):
        return []
    parts, ordered = [], {line.sku for line in order.lines}
    for thing in (str(entity["value"]) for entity in entities if entity.get("entity") == "product_name"):
        found = await turn.backend.search_products(thing, 1, turn.language)
        if not found or found[0].sku not in ordered:
            parts.append(thing)
    if not parts and not in_doubt:
        return []
    if not parts and not _was_told(turn, order, "utter_ask_what_is_missing"):
        turn.say("utter_ask_what_is_missing", order_id=order.order_id)
        return [SlotSet("deadline", None)]
    known = {"return_reason": "missing", "return_wants": "refund", "missing_part": turn.names(parts) or None}
    taken = [SlotSet(slot, known.get(slot)) for slot in RETURN_SLOTS]
    return [*taken, SlotSet("deadline", None), FollowupAction(RETURN_FORM)]


def _was_told(turn: Turn, order: Order, response: str) -> bool:
    """Whether the buyer asks again after she was told this of the order."""
    return any(
        event.get("event") == "bot"
        and (event.get("metadata") or {}).get("utter_action") == response
        and order.order_id in (event.get("text") or "")
        for event in turn.tracker.events
    )


def order_card(turn: Turn, order: Order, view: ParcelView | None) -> dict[str, object]:
    """An order as a card."""
    facts = [[turn.word("card_state"), turn.word("state_" + order.state.value)]]
    if view is not None:
        facts.append([turn.word("card_tracking"), f"{view.courier} {view.tracking_number}"])
        if view.expected_on and order.state is OrderState.SHIPPED:
            facts.append([turn.word("card_due"), turn.date(view.expected_on)])
    facts.append([turn.word("card_total"), turn.money(order.total)])
    items = turn.names(
        f"{line.quantity} × {line.name.to(turn.language, turn.shop.default_language)}" for line in order.lines
    )
    return {
        "type": "order",
        "title": turn.word("card_order", order_id=order.order_id),
        "subtitle": items,
        "facts": facts,
    }
