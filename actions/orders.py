"""After the order: where it is, when it comes, and what now when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.forms import ANSWERED_BY_PERSON, OrderForm, fetch_order, interrupt, resume
from actions.refunds import tell_refund
from actions.returns import FORM as RETURN_FORM
from actions.returns import SLOTS as RETURN_SLOTS
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_orders
from pasar.commerce.model import Order, OrderState
from pasar.commerce.tracking import ParcelView, judge_parcel

#: Which form an intent begins; all others begin with where the order is.
FORMS = {
    "refund_status": "refund_status_form",
    "invoice_request": "get_invoice_form",
    **dict.fromkeys(("cancel_order", "change_address", "edit_order"), "change_order_form"),
    **dict.fromkeys(
        ("return_item", "exchange_item", "refund_request", "damaged_item", "wrong_item"), "return_order_form"
    ),
}
_DOUBT = frozenset({OrderState.SHIPPED, OrderState.PAID})
#: The states that an order is most likely in where a form is about it; in all others it is being waited for.
_OPEN = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED})
_LIKELY = {
    "change_order_form": frozenset({OrderState.UNPAID, OrderState.PAID}),
    "return_order_form": frozenset({OrderState.DELIVERED}),
    "refund_status_form": frozenset({OrderState.RETURNED, OrderState.CANCELLED}),
    "get_invoice_form": frozenset(OrderState),
}


class ActionTakeOrder(ShopAction):
    """Begins a conversation about an order: what was checked before is open again; the only likely one is taken."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_order"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Forget the last check; of a known buyer's orders take the only one that this can be about."""
        form = FORMS.get(turn.intent, "track_order_form")
        events: list[EventType] = [*interrupt(turn, form), SlotSet("checked", None), SlotSet("attempts", None)]
        if turn.slot("order_id") is None and turn.buyer:
            orders = await access_orders(turn.backend, turn.proof)
            likely = [order for order in orders if order.state in _LIKELY.get(form, _OPEN)] or list(orders)
            if len(likely) == 1:
                events.append(SlotSet("order_id", likely[0].order_id))
        return events


class ActionAskOrderId(ShopAction):
    """Asks which order; a known buyer chooses among hers."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_order_id"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Ask, unless the bot has just asked to send the number again."""
        if turn.said("utter_order_not_matched", "utter_order_id_wrong_form"):
            return []
        orders = await access_orders(turn.backend, turn.proof) if turn.buyer else []
        if orders:
            choices = [
                (
                    f"{order.order_id} · {turn.word('state_' + order.state.value)}",
                    f'/inform{{"order_id": "{order.order_id}"}}',
                )
                for order in orders[:5]
            ]
            turn.offer("utter_ask_which_order", choices)
        else:
            turn.say("utter_ask_order_id", example=turn.shop.order_example)
        return []


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
        """State of the order, of its parcel, and whether it comes by the buyer's deadline."""
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        view = judge_parcel(order, turn.today, turn.time_zone)
        doubted = _find_need(turn) == "missing_item" or _was_told(turn, order, "utter_order_delivered")
        if doubted and view is not None and view.delivered_on:
            if events := await _take_missing_part(turn, order):
                return events
            if _was_told(turn, order, "utter_delivered_not_received"):
                # She has looked where she was told to, and it is not there: it is for a person to claim it.
                return [SlotSet("deadline", None), FollowupAction("action_request_person")]
            offer = _tell_not_received(turn, order, view)
        else:
            offer = _tell_state(turn, order, view)
        _tell_deadline(turn, order, view)
        turn.show(order_card(turn, order, view))
        return [
            SlotSet("offer", "person" if offer else None),
            SlotSet("deadline", None),
            SlotSet("country", order.country),
            *resume(turn),
        ]


def _tell_state(turn: Turn, order: Order, view: ParcelView | None) -> bool:
    """Say how an order stands; whether a person was offered."""
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
        return order.refund is not None and tell_refund(turn, order, order.refund) is not None
    elif order.state is OrderState.RETURNED:
        turn.say("utter_order_returned", order_id=number)
    elif view is not None and order.state is OrderState.DELIVERED:
        facts = {"order_id": number, "courier": view.courier, "tracking_number": view.tracking_number}
        turn.say("utter_order_delivered", **facts, date=turn.date(view.delivered_on or turn.today))
    elif view is not None:
        return _tell_parcel(turn, order, view)
    return False


def _find_need(turn: Turn) -> str:
    """The intent that began this conversation about an order."""
    return str((find_message(turn, "order_status", "missing_item").get("intent") or {}).get("name") or "")


def find_message(turn: Turn, *intents: str) -> Mapping[str, Any]:
    """The buyer's latest message with one of these intents, as it was understood; {} where there is none."""
    for event in reversed(turn.tracker.events):
        parsed = (event.get("parse_data") or {}) if event.get("event") == "user" else {}
        if (parsed.get("intent") or {}).get("name") in intents:
            return dict(parsed)
    return {}


async def _take_missing_part(turn: Turn, order: Order) -> list[EventType]:
    """Goes on where a part of the order is missing, not all of it; nothing where all of it is.

    "Missing" alone may be either: then she is asked. A thing that is not what she ordered is a part of it.
    """
    entities = find_message(turn, "missing_item").get("entities") or ()
    if not any((entity.get("entity"), entity.get("value")) == ("return_reason", "missing") for entity in entities):
        return []
    parts, ordered = [], {line.sku for line in order.lines}
    for thing in (str(entity["value"]) for entity in entities if entity.get("entity") == "product_name"):
        found = await turn.backend.search_products(thing, 1, turn.language)
        if not found or found[0].sku not in ordered:
            parts.append(thing)
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


def _tell_not_received(turn: Turn, order: Order, view: ParcelView) -> bool:
    """Delivered, says the carrier, but the buyer has not got it: where to look first, then a claim."""
    turn.say(
        "utter_delivered_not_received",
        order_id=order.order_id,
        courier=view.courier,
        date=turn.date(view.delivered_on or turn.today),
        scan_place=view.last_scan.place if view.last_scan else turn.country_name(order.country),
    )
    return True


def _tell_parcel(turn: Turn, order: Order, view: ParcelView) -> bool:
    facts = {
        "order_id": order.order_id,
        "courier": view.courier,
        "tracking_number": view.tracking_number,
        "shipped_date": turn.date(view.shipped_on),
    }
    if view.last_scan is None:
        turn.say("utter_order_shipped_no_scan", **facts)
        return False
    facts |= {"scan_date": turn.date(view.last_scan.at), "scan_place": view.last_scan.place}
    if view.state == "late":
        if view.days_since_scan and view.days_since_scan >= 7:
            turn.say("utter_order_late", **facts, days=view.days_since_scan)
        else:
            turn.say("utter_order_overdue", **facts, date=turn.date(view.due_on or turn.today))
        return True
    if view.due_on:
        turn.say("utter_order_shipped", **facts, date=turn.date(view.due_on))
    else:
        turn.say("utter_order_shipped_no_due", **facts)
    return False


def _tell_deadline(turn: Turn, order: Order, view: ParcelView | None) -> None:
    """Whether the parcel makes it by the day the buyer named, where it is still on its way."""
    deadline = turn.deadline
    if deadline is None or deadline < turn.today or order.state not in _DOUBT:
        return
    late = view is not None and view.state == "late"
    if view is None or view.due_on is None or late:
        turn.say("utter_deadline_unknown", deadline=turn.date(deadline))
    elif view.due_on <= deadline:
        turn.say("utter_deadline_met", deadline=turn.date(deadline), date=turn.date(view.due_on))
    else:
        turn.say("utter_deadline_missed", deadline=turn.date(deadline), date=turn.date(view.due_on))


def order_card(turn: Turn, order: Order, view: ParcelView | None) -> dict[str, object]:
    """An order as a card."""
    facts = [[turn.word("card_state"), turn.word("state_" + order.state.value)]]
    if view is not None:
        facts.append([turn.word("card_tracking"), f"{view.courier} {view.tracking_number}"])
        if view.due_on and order.state is OrderState.SHIPPED and view.state != "late":
            facts.append([turn.word("card_due"), turn.date(view.due_on)])
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
