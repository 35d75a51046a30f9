"""Which size fits, by the product's own chart."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import find_product
from actions.forms import GAVE_UP, OPEN_FORM, REQUESTED, TROUBLE, Form, resume
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Product
from pasar.commerce.sizing import recommend_size
from pasar.languages import measures

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_EXAMPLES = {"height": "165", "weight": "55", "foot_length": "24.5"}
_MEASURES = {"body": ("height", "weight"), "foot": ("foot_length",)}
_UNITS = {"height": "measure_cm", "weight": "measure_kg", "foot_length": "measure_cm"}
_RESPONSES = {
    "fits": "utter_size_fits",
    "between": "utter_size_between",
    "above_chart": "utter_size_above",
    "below_chart": "utter_size_below",
}


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
        """Height and weight, or the foot's length, or nothing where there is one size."""
        turn = await Turn(dispatcher, tracker).enter()
        if turn.slot("checked") in (GAVE_UP, TROUBLE) or _answers_interrupted(turn):
            return []
        product = await turn.backend.get_product(turn.slot("product")) if turn.slot("product") else None
        if product is None:
            return ["product"]
        return ["product", *_MEASURES.get(product.size_unit if product.size_chart else "", ())]

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
        """A bare number, where the height was asked for."""
        return self._take_number("height", Turn(dispatcher, tracker))

    async def extract_weight(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the weight was asked for."""
        return self._take_number("weight", Turn(dispatcher, tracker))

    async def extract_foot_length(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """A bare number, where the foot's length was asked for."""
        return self._take_number("foot_length", Turn(dispatcher, tracker))

    def _take_number(self, measure: str, turn: Turn) -> dict[str, Any]:
        if turn.slot(REQUESTED) != measure or turn.set_now(measure) or turn.slot(measure) is not None:
            return {}
        # digits of any script; units that the message names were understood before
        numbers = _NUMBER.findall("".join(str(int(c)) if c.isdecimal() else c for c in turn.text))
        if len(numbers) != 1:
            return {}
        value = measures.from_number(float(numbers[0].replace(",", ".")), measure)
        if value is None:
            turn.say("utter_measure_wrong", measure=turn.word(measure), example=_EXAMPLES[measure])
            return {}
        return {measure: value}


def _answers_interrupted(turn: Turn) -> bool:
    """Whether the buyer, instead of a measure, gives what the interrupted form had asked for."""
    return bool(turn.slot(OPEN_FORM) and turn.named("order_id", "email", "phone"))


class ActionRecommendSize(ShopAction):
    """Recommends a size from the product's chart, with the reason."""

    def name(self) -> str:
        """As in the domain."""
        return "action_recommend_size"

    async def answer(self, turn: Turn) -> list[EventType]:
        """The size, the measures it was found by, the chart's range for it, and whether it is in stock."""
        if turn.slot("checked") == TROUBLE:
            return [SlotSet("checked", None)]
        product = await turn.backend.get_product(turn.slot("product")) if turn.slot("product") else None
        if product is None or turn.slot("checked") == GAVE_UP:
            turn.say("utter_form_gave_up")
            return [SlotSet("offer", "person"), SlotSet("checked", None), SlotSet("attempts", None)]
        if _answers_interrupted(turn):
            return resume(turn)
        name = turn.product_name(product)
        wanted = {measure: turn.slot(measure) for measure in _MEASURES.get(product.size_unit, ())}
        given = {measure: float(value) for measure, value in wanted.items() if value is not None}
        found = recommend_size(
            product,
            height=given.get("height"),
            weight=given.get("weight"),
            foot_length=given.get("foot_length"),
        )
        if found is None:
            turn.say("utter_size_no_chart", product=name)
            return resume(turn)
        turn.say(
            _RESPONSES[found.reason],
            product=name,
            size=found.size,
            other=found.other or found.size,
            measures=turn.names(
                turn.word(_UNITS[measure], number=turn.number(value)) for measure, value in given.items()
            ),
            range=_describe_range(turn, product, found.size, given),
        )
        if not any(variant.stock > 0 for variant in product.variants if variant.size == found.size):
            turn.say("utter_size_out_of_stock", size=found.size)
        return [SlotSet("size", found.size), SlotSet("offer", "variants"), *resume(turn)]


def _describe_range(turn: Turn, product: Product, label: str, given: dict[str, float]) -> str:
    """The chart's row for a size, as far as it concerns what was measured."""
    row = next(size for size in product.size_chart if size.label == label)
    parts = []
    for measure in given:
        bounds = getattr(row, measure)
        if bounds:
            parts.append(
                turn.word(f"range_{measure}", **{"from": turn.number(bounds[0]), "to": turn.number(bounds[1])})
            )
    return ", ".join(parts)
