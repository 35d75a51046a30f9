"""Who will wear it: her measures, another shop's label, what she bought last; and asking for what is not known."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import find_product
from actions.forms import GAVE_UP, OPEN_FORM, REQUESTED, TROUBLE, Form
from actions.references import points_back
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_orders
from pasar.commerce.labels import Label, Wearer
from pasar.commerce.model import OrderState, Product
from pasar.commerce.sizing import MEASURES, correct_measure, find_needed, recommend_by_label, recommend_size
from pasar.languages import measures

#: What belongs to one body, and is forgotten when the size is for another.
OF_A_BODY = (*MEASURES, "fit", "foreign_size")
LAST_ORDER = "last_order"  #: what the slot same_size holds where the size of an earlier order is wanted

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_EXAMPLES = {"height": "165", "weight": "55", "foot_length": "24.5", "bust": "88", "waist": "70"}
_EU_SHOES = (33, 50)  #: a bare number in answer to the length of a foot
_BOUGHT = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED})


class ValidateSizeHelpForm(Form):
    """Asks only for the measures that the product's chart is made of."""

    def name(self) -> str:
        """As in the domain."""
        return "validate_size_help_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """What the chart needs and is not known; nothing where there is one size, or another way to tell it."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot("checked") in (GAVE_UP, TROUBLE) or answers_interrupted(turn):
            return []
        product = await turn.backend.get_product(turn.slot("product")) if turn.slot("product") else None
        if product is None:
            return ["product"]
        if turn.slot(REQUESTED) and points_back(turn):
            tracker.slots["same_size"] = LAST_ORDER
        if turn.slot("same_size") and await find_last_size(turn, product):
            return ["product"]
        label = known_label(turn)
        if label and _lacks_wearer(product, label, turn.slot("wearer")):
            return ["product", "wearer"]
        if label and recommend_by_label(product, label, turn.slot("wearer")):
            return ["product"]
        known = known_measures(turn)
        needed = find_needed(product, known)
        # whom the chart does not reach by one measure need not tell the other; short grown-ups may weigh what others do
        if known and turn.slot("wearer") == "child":
            found = recommend_size(product, known)
            needed = () if found and found.reason == "below_chart" else needed
        return ["product", *(measure for measure in MEASURES if measure in needed or measure in known)]

    async def extract_product(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The product named in answer to the question."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot(REQUESTED) != "product":
            return {}
        product = await find_product(turn)
        return {"product": product.sku} if product else {}

    async def extract_height(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the height was asked for; or one that corrects it."""
        return self._take_number("height", Turn(dispatcher, tracker))

    async def extract_weight(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the weight was asked for; or one that corrects it."""
        return self._take_number("weight", Turn(dispatcher, tracker))

    async def extract_bust(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the bust was asked for; or one that corrects it."""
        return self._take_number("bust", Turn(dispatcher, tracker))

    async def extract_waist(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the waist was asked for; or one that corrects it."""
        return self._take_number("waist", Turn(dispatcher, tracker))

    async def extract_foot_length(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the foot's length was asked for; a European size is one too."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot(REQUESTED) != "foot_length" or turn.set_now("foot_length"):
            return {}
        product = await turn.backend.get_product(turn.slot("product"))
        if product and cannot_convert(turn, product, turn.slot("wearer")):
            label = turn.named("foreign_size")[0]
            turn.say("utter_size_label_unknown", label=label, product=turn.product_name(product))
            return {"foreign_size": None}
        if turn.named("foreign_size"):
            return {}
        numbers = _read_numbers(turn)
        if len(numbers) == 1 and _EU_SHOES[0] <= numbers[0] <= _EU_SHOES[1]:
            return {"foreign_size": f"EU {numbers[0]:g}"}
        return self._take_number("foot_length", turn)

    def _take_number(self, measure: str, turn: Turn) -> dict[str, Any]:
        numbers = _read_numbers(turn)
        known = turn.slot(measure)
        if known is not None and not turn.set_now(measure):
            better = correct_measure(float(known), numbers)
            value = measures.from_number(better, measure) if better is not None else None
            return {measure: value} if value is not None else {}
        if turn.slot(REQUESTED) != measure or turn.set_now(measure) or len(numbers) != 1:
            return {}
        value = measures.from_number(numbers[0], measure)
        if value is None:
            turn.say("utter_measure_wrong", measure=turn.word(measure), example=_EXAMPLES[measure])
            return {}
        return {measure: value}


class ActionAskWearer(ShopAction):
    """Asks for whom an American size is made: women's and men's numbers differ."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_wearer"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As two choices."""
        choices = [(turn.label("wearer", who), f'/inform{{"wearer": "{who}"}}') for who in ("women", "men")]
        turn.offer("utter_ask_wearer", choices, label=turn.slot("foreign_size"))
        return []


def answers_interrupted(turn: Turn) -> bool:
    """Whether the buyer, instead of a measure, gives what the interrupted form had asked for."""
    return bool(turn.slot(OPEN_FORM) and turn.named("order_id", "email", "phone"))


def known_measures(turn: Turn) -> dict[str, float]:
    """The measures known so far."""
    return {name: float(turn.slot(name)) for name in MEASURES if turn.slot(name) is not None}


def _read_numbers(turn: Turn) -> list[float]:
    """The numbers in a message, in digits of any script."""
    text = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in turn.text)
    return [float(number.replace(",", ".")) for number in _NUMBER.findall(text)]


def known_label(turn: Turn) -> Label | None:
    """The size of another shop that she wears, where it can be read."""
    return Label.read(turn.slot("foreign_size")) if turn.slot("foreign_size") else None


def _lacks_wearer(product: Product, label: Label, wearer: Wearer | None) -> bool:
    """Whether all depends on women's or men's: two American sizes of shoes."""
    if wearer or recommend_by_label(product, label, None):
        return False
    return product.size_unit == "foot" and recommend_by_label(product, label, "women") is not None


def cannot_convert(turn: Turn, product: Product, wearer: Wearer | None) -> bool:
    """Whether the message names a label that says nothing for this product's chart."""
    label = next((Label.read(value) for value in turn.named("foreign_size")), None)
    if label is None or not product.size_chart or _lacks_wearer(product, label, wearer):
        return False
    return recommend_by_label(product, label, wearer) is None


async def find_last_size(turn: Turn, product: Product) -> tuple[Product, str] | None:
    """What a known buyer bought last of that kind, and its size, where this product comes in that size too."""
    for order in await access_orders(turn.backend, turn.proof):
        for line in order.lines if order.state in _BOUGHT else ():
            bought = await turn.backend.get_product(line.sku)
            if bought is None or bought.kind != product.kind:
                continue
            size = next((variant.size for variant in bought.variants if variant.sku == line.variant_sku), None)
            if size in product.sizes:
                return bought, str(size)
    return None
