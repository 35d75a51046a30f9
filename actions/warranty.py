"""What holds when something breaks: the record's warranty, the law's, and for an order of hers until which day."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.catalogue import find_alike, find_product
from actions.forms import ANSWERED_BY_PERSON, FAILED, GAVE_UP, TROUBLE, OrderForm, fetch_order, resume
from actions.questions import note_question
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_order, access_orders
from pasar.commerce.model import Order, OrderState, Product
from pasar.commerce.policies import find_policy
from pasar.commerce.search import find_phrase
from pasar.commerce.warranty import warranty_months, warranty_until

_NOT_CHECKED = frozenset({None, "", FAILED, GAVE_UP, TROUBLE})
_VOID = frozenset({OrderState.CANCELLED, OrderState.UNPAID})


class ActionAnswerWarranty(ShopAction):
    """The warranty of a product; where an order of hers has it, until which day."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_warranty"

    async def answer(self, turn: Turn) -> list[EventType]:
        """By the order that the message names, else by the product that it is about."""
        if turn.named("order_id") and not turn.tracker.active_loop:
            return [SlotSet("checked", None), SlotSet("attempts", None), FollowupAction("warranty_form")]
        product = await find_subject(turn)
        if product is None:
            turn.say("utter_ask_product")
            return []
        events: list[EventType] = [SlotSet("product", product.sku)]
        order = await find_order_of(turn, product)
        if order is not None:
            return [*events, *await tell_order_warranty(turn, product, order)]
        if await tell_record_warranty(turn, product):
            turn.say("utter_warranty_send_order")
            events.append(SlotSet("offer", "warranty"))
        return events


class ValidateWarrantyForm(OrderForm):
    """Makes sure the order is the buyer's."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_warranty_form"


class ActionTellWarranty(ShopAction):
    """Tells until when the warranty of an order's products holds."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_warranty"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Of the product that is talked about where the order has it, else of all that it has."""
        order = await fetch_order(turn)
        if order is None:
            return ANSWERED_BY_PERSON
        lines = [line for line in order.lines if line.sku == turn.slot("product")] or list(order.lines)
        events: list[EventType] = []
        for line in lines:
            product = await turn.backend.get_product(line.sku)
            if product is not None:
                events = await tell_order_warranty(turn, product, order, last=line is lines[-1])
        return [*events, *resume(turn)]


async def find_subject(turn: Turn) -> Product | None:
    """The product a message is about; of several that its words fit, the one that the buyer has ordered."""
    product = await find_product(turn)
    owned = {line.sku for order in await list_own_orders(turn) for line in order.lines}
    if owned and (product is None or product.sku not in owned) and turn.text and not turn.text.startswith("/"):
        found = list(await turn.backend.search_products(turn.text, language=turn.language))
        hers = [other for other in found if other.sku in owned]
        fitting = find_alike(found[0], find_phrase(found[0], turn.text), hers) if found else []
        return fitting[0] if fitting else product
    return product


async def find_order_of(turn: Turn, product: Product) -> Order | None:
    """The order of hers that has this product: the one that is talked about, else the newest."""
    for order in await list_own_orders(turn):
        if order.state not in _VOID and any(line.sku == product.sku for line in order.lines):
            return order
    return None


async def list_own_orders(turn: Turn) -> list[Order]:
    """Orders proved to be hers: first the one that was checked, then those of a buyer whom the channel knows."""
    checked = turn.slot("checked")
    order = None if checked in _NOT_CHECKED else await access_order(turn.backend, checked, turn.proof)
    known = await access_orders(turn.backend, turn.proof)
    return [*([order] if order else []), *known]


async def tell_record_warranty(turn: Turn, product: Product) -> bool:
    """Say what holds for a product without an order; whether there is a warranty."""
    months = warranty_months(product, find_policy(turn.shop, turn.country, turn.today).warranty_months)
    name = turn.product_name(product)
    if months is None:
        turn.say("utter_warranty_unknown", product=name, noted=await note_question(turn, product, "warranty"))
    elif months == 0:
        turn.say("utter_warranty_none", product=name, days=turn.shop.returns.days)
    else:
        turn.say("utter_warranty", product=name, months=months)
    return bool(months)


async def tell_order_warranty(turn: Turn, product: Product, order: Order, *, last: bool = True) -> list[EventType]:
    """Say until when it holds for this order, and where ``last``, what to do next."""
    law = find_policy(turn.shop, order.country, turn.today).warranty_months
    months = warranty_months(product, law)
    facts = {"product": turn.product_name(product), "order_id": order.order_id}
    if not months:
        await tell_record_warranty(turn, product)
        return []
    until = warranty_until(order, product, law, turn.time_zone)
    if until is None:
        turn.say("utter_warranty_not_begun", **facts, months=months)
        return []
    if until < turn.today:
        turn.say("utter_warranty_over", **facts, date=turn.date(until))
        return [SlotSet("offer", "person")]
    turn.say("utter_warranty_until", **facts, date=turn.date(until))
    if not last:
        return []
    turn.say("utter_warranty_claim")
    # what she chooses is about this order
    return [SlotSet("order_id", order.order_id)]
