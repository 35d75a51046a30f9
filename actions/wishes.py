"""What a buyer wants changed in an order: asked for, found to be possible, and summed up for her yes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import list_variants
from actions.forms import ANSWERED_BY_PERSON, REQUESTED, OrderForm, checked_order
from actions.needs import CHANGES
from actions.references import points_back, recall_address, write_address
from actions.turn import ShopAction, Turn
from actions.variants import begin_wish, describe, describe_wish, find_line_of, find_wanted, read_size, read_wish
from pasar.commerce.changes import judge_change
from pasar.commerce.model import Order
from pasar.languages.addresses import Marked, cut_address
from pasar.languages.negations import may_negate

FORM = "change_order_form"
#: What the answers of this form are kept in.
SLOTS = ("change", "new_address", "address_countries", "new_variant", "wish", "change_confirmed", "summed_up")
#: A change of another sort than these, as another number of pieces: only a person makes it.
OTHER = "other"
#: Messages that say "do it" to the summary of a change, where they name nothing new.
_REPEATED = {"cancel": frozenset({"cancel_order"}), "edit": frozenset({"edit_order", "exchange_item"})}
#: What an answer may be taken for that is an address, though nothing in it is marked as one.
_GIVES = frozenset({"inform", "change_address", "nlu_fallback", "out_of_scope"})
_STREET = frozenset({"address", "postcode"})


class ActionTakeChange(ShopAction):
    """Begins a change: which one the buyer wants; forgets the answers of an earlier one."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_change"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What this message names of colour and size is the wish, not what an earlier one named."""
        kind = CHANGES.get(turn.intent, "cancel")
        wish = await begin_wish(turn) if kind == "edit" else None
        repeated = (turn.tracker.active_loop or {}).get("name") == FORM and turn.slot("change") == "edit"
        if kind == "edit" and not wish and repeated:
            kind = OTHER
        return [*(SlotSet(slot, None) for slot in SLOTS), SlotSet("change", kind), SlotSet("wish", wish)]


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
        order = await checked_order(turn)
        if order is not None and await find_obstacle(turn, order):
            return []
        asked = {"address": "new_address", "edit": "new_variant"}.get(turn.slot("change"))
        return [slot for slot in slots if slot not in {"new_address", "new_variant"} - {asked}]

    async def extract_new_address(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The whole answer where an address was asked for, else what the message marks as one, or points at."""
        turn = Turn(dispatcher, tracker)
        requested = turn.slot(REQUESTED)
        given = turn.slot("new_address") and requested != "change_confirmed"
        if turn.slot("change") != "address" or given or turn.text.startswith("/"):
            return {}
        if points_back(turn):
            address, countries = await recall_address(await turn.enter())
            return {"new_address": address, "address_countries": countries}
        has_street = bool(turn.named(*_STREET))
        asked = requested == "new_address" and (has_street or turn.intent in _GIVES)
        if requested == "change_confirmed":
            asked = bool(turn.named("address"))
        marked = [Marked(mark["entity"], mark["start"], mark["end"]) for mark in turn.entities if "start" in mark]
        address = cut_address(turn.text, marked, turn.pack, asked=asked)
        if address is None:
            return {}
        countries = list(dict.fromkeys(str(country) for country in turn.named("country") if country))
        return {"new_address": address, "address_countries": countries}

    async def extract_new_variant(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The variant that she named, of an ordered product, if there is one; says so where there is none."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot("change") != "edit":
            return {}
        order = await checked_order(turn)
        wish = await read_wish(turn, order)
        wanted = await find_wanted(turn, order, wish) if order and wish else None
        if wanted is None:
            return {"wish": wish} if wish and wish != turn.slot("wish") else {}
        variants = list_variants(turn, wanted.product)
        if wanted.is_ordered and wanted.variant:
            variant = describe(turn, wanted.product, wanted.variant)
            turn.say("utter_edit_same_variant", order_id=turn.slot("checked"), variant=variant, variants=variants)
            return {"new_variant": None, "wish": None}
        if not wanted.is_there or wanted.variant is None:
            product, variant = turn.product_name(wanted.product), describe_wish(turn, wanted, wish or {})
            turn.say("utter_change_no_stock", product=product, variant=variant, variants=variants)
            return {"new_variant": None, "wish": {**(wish or {}), "gone": True}}
        return {"new_variant": wanted.variant.sku, "wish": wish}

    async def extract_change_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """To "shall I cancel it?" a plain "cancel it" is a yes; what may be "don't cancel it" is none."""
        turn = Turn(dispatcher, tracker)
        if turn.slot(REQUESTED) != "change_confirmed" or turn.slot("change_confirmed") is not None:
            return {}
        says_so = turn.intent in _REPEATED.get(turn.slot("change"), ()) and not turn.text.startswith("/")
        named = turn.named("color", "size", "quantity", "product_name", "order_id")
        return {"change_confirmed": True} if says_so and not named and not may_negate(turn.text, turn.pack) else {}

    async def validate_change_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Her yes or no is to what was summed up: what has changed by the same message is summed up anew."""
        turn = Turn(dispatcher, tracker)
        return {"change_confirmed": value if turn.slot("summed_up") == describe_change(turn) else None}


class ActionAskChangeConfirmed(ShopAction):
    """Sums the change up before it is made."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_change_confirmed"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What will be changed, from what to what."""
        order = await checked_order(turn)
        if order is None:
            turn.say("utter_form_gave_up")
            return ANSWERED_BY_PERSON
        facts = {"order_id": order.order_id}
        if turn.slot("change") == "address":
            turn.say("utter_ask_address_confirmed", **facts, address=await write_address(turn))
        elif turn.slot("change") == "edit" and (found := await find_line_of(turn, order, turn.slot("new_variant"))):
            line, product, new = found
            old = next((variant for variant in product.variants if variant.sku == line.variant_sku), None)
            turn.say(
                "utter_ask_edit_confirmed",
                **facts,
                product=line.name.to(turn.language, turn.shop.default_language),
                old=describe(turn, product, old) if old else line.variant_sku,
                new=describe(turn, product, new),
            )
        else:
            turn.say(
                "utter_ask_cancel_confirmed", **facts, items=list_items(turn, order), total=turn.money(order.total)
            )
        return [SlotSet("summed_up", describe_change(turn))]


async def find_obstacle(turn: Turn, order: Order) -> str:
    """Why this order cannot be changed as she wants, as a code; "" where it can."""
    kind = turn.slot("change") or "cancel"
    rule = "edit" if kind == OTHER else kind
    permission = judge_change(rule, order, turn.shop.changes, turn.backend.abilities)
    if not permission.allowed:
        return permission.reason
    if kind == "address" and find_other_country(turn, order):
        return "by_person"
    if kind == "edit":
        lines = [await turn.backend.get_product(line.sku) for line in order.lines]
        products = [product for product in lines if product and len(product.variants) > 1]
        wish = turn.slot("wish") or {}
        sized = not wish.get("pieces") or any(read_size(turn, product, wish["size"]) for product in products)
        return "" if products and sized else "by_person"
    return "by_person" if kind == OTHER else ""


def find_other_country(turn: Turn, order: Order) -> str:
    """The country of the new address where it is another than the order's, whose prices and duties it has; else ""."""
    countries = turn.slot("address_countries") or []
    return "" if not countries or order.country in countries else str(countries[0])


def describe_change(turn: Turn) -> str:
    """What the slots say is to be changed, to tell whether it is what was summed up."""
    kind = turn.slot("change")
    wanted = {"address": turn.slot("new_address"), "edit": turn.slot("new_variant")}.get(kind)
    return f"{kind}:{turn.slot('checked')}:{wanted or ''}"


def list_items(turn: Turn, order: Order) -> str:
    """What was ordered, in the buyer's language."""
    names = (line.name.to(turn.language, turn.shop.default_language) for line in order.lines)
    return turn.names(f"{line.quantity} × {name}" for line, name in zip(order.lines, names, strict=True))
