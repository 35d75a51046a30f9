"""The invoice of an order: its number, and where it is to be had."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import ANSWERED_BY_PERSON, OrderForm, fetch_order, resume
from actions.turn import ShopAction, Turn
from pasar.commerce.access import mask_email
from pasar.commerce.changes import Ability
from pasar.commerce.model import OrderState
from pasar.commerce.policies import find_policy


class ValidateGetInvoiceForm(OrderForm):
    """Makes sure the order is the buyer's; asks nothing where only a person makes out invoices."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_get_invoice_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The order, if the shop's system can be asked for its invoice."""
        slots = await super().required_slots(domain_slots, dispatcher, tracker, domain)
        turn = await Turn(dispatcher, tracker).enter()
        return slots if Ability.INVOICE in turn.backend.abilities else []


class ActionTellInvoice(ShopAction):
    """Tells the invoice of an order."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_invoice"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Number and link, or that it goes to the order's e-mail address, which is never told in full."""
        if Ability.INVOICE not in turn.backend.abilities:
            turn.say("utter_invoice_by_person")
            return [SlotSet("offer", "person"), *resume(turn)]
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        facts = {"order_id": order.order_id}
        if order.state is OrderState.UNPAID:
            turn.say("utter_invoice_unpaid", **facts)
            return resume(turn)
        if find_policy(turn.shop, order.country, turn.today).invoice is False:
            turn.say("utter_invoice_by_person")
            return [SlotSet("offer", "person"), *resume(turn)]
        invoice = await turn.backend.get_invoice(order.order_id)
        email = mask_email(order.email)
        if invoice is not None and invoice.url:
            turn.say("utter_invoice_link", **facts, invoice=invoice.number, url=invoice.url)
        elif invoice is not None and email:
            turn.say("utter_invoice_by_email", **facts, invoice=invoice.number, email=email)
        else:
            turn.say("utter_invoice_none_yet", **facts)
            return [SlotSet("offer", "person"), *resume(turn)]
        return resume(turn)
