"""Which size fits, by the product's own chart: from measures, from another shop's label, or as the last time."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue import find_product, match_variants
from actions.forms import GAVE_UP, OPEN_FORM, REQUESTED, TROUBLE, Form, interrupt, resume
from actions.orders import ActionTakeOrder
from actions.products import ActionAnswerAvailability
from actions.references import points_back
from actions.shipping import ActionTellDestination
from actions.turn import ShopAction, Turn
from pasar.commerce.access import access_orders
from pasar.commerce.labels import Label, Wearer
from pasar.commerce.model import OrderState, Product
from pasar.commerce.sizing import (
    MEASURES,
    Range,
    Recommendation,
    correct_measure,
    find_needed,
    recommend_by_label,
    recommend_size,
)
from pasar.languages import measures

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_EXAMPLES = {"height": "165", "weight": "55", "foot_length": "24.5", "bust": "88", "waist": "70"}
_UNITS = {
    "height": "measure_cm",
    "weight": "measure_kg",
    "foot_length": "measure_cm",
    "bust": "measure_bust",
    "waist": "measure_waist",
}
_RESPONSES = {
    "fits": "utter_size_fits",
    "loose": "utter_size_loose",
    "between": "utter_size_between",
    "between_loose": "utter_size_between_loose",
    "between_tight": "utter_size_between_tight",
    "above_chart": "utter_size_above",
    "below_chart": "utter_size_below",
}
#: What belongs to one body, and is forgotten when the size is for another.
_LAST_ORDER = "last_order"  # what the slot same_size holds where the size of an earlier order is wanted
_OF_A_BODY = (*MEASURES, "fit", "foreign_size")
_MOST_CHOICES = 4  #: colours as buttons
_EU_SHOES = (33, 50)  #: a bare number in answer to the length of a foot
_BOUGHT = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED})


class ActionTakeProduct(ShopAction):
    """Takes what a question for a size names: the product, for whom, how it should sit, another shop's label."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_product"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Nothing is said but what cannot be converted or found."""
        product = await find_product(turn)
        slots: dict[str, Any] = {"product": product.sku if product else None, "attempts": None}
        wearers = turn.named("wearer")
        wearer = "child" if "child" in wearers else next(iter(wearers), None)  # "anak perempuan" names both
        if wearer and wearer != turn.slot("wearer"):
            slots |= {name: None for name in _OF_A_BODY if not turn.named(name)} | {"wearer": wearer}
        if fit := next(iter(turn.named("fit")), None):
            slots["fit"] = fit
        if turn.named(*MEASURES) and not turn.named("foreign_size"):
            slots["foreign_size"] = None
        slots["same_size"] = _LAST_ORDER if points_back(turn) else None
        if product and slots["same_size"] and await _last_size(turn, product) is None:
            turn.say("utter_size_no_last_order")
            slots["same_size"] = None
        if product and _cannot_convert(turn, product, slots.get("wearer") or turn.slot("wearer")):
            turn.say(
                "utter_size_label_unknown", label=turn.named("foreign_size")[0], product=turn.product_name(product)
            )
            slots["foreign_size"] = None
        return [*interrupt(turn, "size_help_form"), *(SlotSet(name, value) for name, value in slots.items())]


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
        if turn.slot("checked") in (GAVE_UP, TROUBLE) or _answers_interrupted(turn):
            return []
        product = await turn.backend.get_product(turn.slot("product")) if turn.slot("product") else None
        if product is None:
            return ["product"]
        if turn.slot(REQUESTED) and points_back(turn):
            tracker.slots["same_size"] = _LAST_ORDER
        if turn.slot("same_size") and await _last_size(turn, product):
            return ["product"]
        label = _label(turn)
        if label and _lacks_wearer(product, label, turn.slot("wearer")):
            return ["product", "wearer"]
        if label and recommend_by_label(product, label, turn.slot("wearer")):
            return ["product"]
        known = _known(turn)
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
        if product and _cannot_convert(turn, product, turn.slot("wearer")):
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


class ActionRecommendSize(ShopAction):
    """Recommends a size from the product's chart, with the reason; then whether it is there, and how to go on."""

    def name(self) -> str:
        """As in the domain."""
        return "action_recommend_size"

    async def answer(self, turn: Turn) -> list[EventType]:
        """The size, what it was found by, the chart's range for it, the colours in stock."""
        if turn.slot("checked") == TROUBLE:
            return [SlotSet("checked", None)]
        product = await turn.backend.get_product(turn.slot("product")) if turn.slot("product") else None
        if product is None or turn.slot("checked") == GAVE_UP:
            turn.say("utter_form_gave_up")
            return [SlotSet("offer", "person"), SlotSet("checked", None), SlotSet("attempts", None)]
        if _answers_interrupted(turn):
            return resume(turn)
        size = await self._tell_last(turn, product) if turn.slot("same_size") else None
        size = size or self._tell_by_label(turn, product) or self._tell_by_measures(turn, product)
        if size is None:
            sizes_unknown = len(product.sizes) > 1
            turn.say(
                "utter_size_chart_missing" if sizes_unknown else "utter_size_no_chart",
                product=turn.product_name(product),
            )
            return [*([SlotSet("offer", "person")] if sizes_unknown else []), *resume(turn)]
        _tell_stock(turn, product, size)
        return [
            SlotSet("size", size),
            SlotSet("color", None),
            SlotSet("same_size", None),
            SlotSet("offer", "size"),
            *resume(turn),
        ]

    async def _tell_last(self, turn: Turn, product: Product) -> str | None:
        last = await _last_size(turn, product)
        if last is None:
            return None
        bought, size = last
        same = bought.sku == product.sku
        facts = {"product": turn.product_name(product), "size": size, "last": turn.product_name(bought)}
        turn.say("utter_size_as_last" if same else "utter_size_as_last_other", **facts)
        return size

    def _tell_by_label(self, turn: Turn, product: Product) -> str | None:
        label = _label(turn)
        found = recommend_by_label(product, label, turn.slot("wearer"), turn.slot("fit")) if label else None
        if label is None or found is None:
            return None
        recommendation, measure, span = found
        about = _describe_bounds(turn, measure, (round(span[0], 1), round(span[1], 1)))
        wearer = turn.slot("wearer") or ("women" if measure == "bust" else None)
        name = turn.word("label_of", label=label, wearer=turn.label("wearer", wearer)) if wearer else str(label)
        self._tell(turn, product, recommendation, turn.word("label_about", label=name, range=about), [measure])
        turn.say("utter_size_converted", label=str(label))
        return recommendation.size

    def _tell_by_measures(self, turn: Turn, product: Product) -> str | None:
        known = _known(turn)
        found = recommend_size(product, known, turn.slot("fit"))
        if found is None:
            return None
        in_chart = [name for name in known if all(getattr(row, name) for row in product.size_chart)]
        told = turn.names(turn.word(_UNITS[name], number=turn.number(known[name])) for name in in_chart)
        self._tell(turn, product, found, told, in_chart)
        return found.size

    def _tell(self, turn: Turn, product: Product, found: Recommendation, told: str, by: list[str]) -> None:
        turn.say(
            _RESPONSES[found.reason],
            product=turn.product_name(product),
            size=found.size,
            other=found.other or found.size,
            measures=told,
            range=_describe_row(turn, product, found.size, by),
        )


class ActionFollowSize(ActionTakeProduct):
    """After a size was told: another measure, habit or label begins anew; a colour or a size asks whether it is there."""

    def name(self) -> str:
        """As in the domain."""
        return "action_follow_size"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As if it had been asked so."""
        if turn.named(*_OF_A_BODY, "wearer") or points_back(turn):
            return [*await super().answer(turn), FollowupAction("size_help_form")]
        if turn.named("order_id"):
            return [*await ActionTakeOrder().answer(turn), FollowupAction("track_order_form")]
        if turn.named("country", "city"):
            return await ActionTellDestination().answer(turn)
        if turn.named("color", "size"):
            return [*await ActionAnswerAvailability().answer(turn), SlotSet("offer", "size")]
        return [*await super().answer(turn), FollowupAction("size_help_form")]


def _answers_interrupted(turn: Turn) -> bool:
    """Whether the buyer, instead of a measure, gives what the interrupted form had asked for."""
    return bool(turn.slot(OPEN_FORM) and turn.named("order_id", "email", "phone"))


def _known(turn: Turn) -> dict[str, float]:
    """The measures known so far."""
    return {name: float(turn.slot(name)) for name in MEASURES if turn.slot(name) is not None}


def _read_numbers(turn: Turn) -> list[float]:
    """The numbers in a message, in digits of any script."""
    text = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in turn.text)
    return [float(number.replace(",", ".")) for number in _NUMBER.findall(text)]


def _label(turn: Turn) -> Label | None:
    return Label.read(turn.slot("foreign_size")) if turn.slot("foreign_size") else None


def _lacks_wearer(product: Product, label: Label, wearer: Wearer | None) -> bool:
    """Whether all depends on women's or men's: two American sizes of shoes."""
    if wearer or recommend_by_label(product, label, None):
        return False
    return product.size_unit == "foot" and recommend_by_label(product, label, "women") is not None


def _cannot_convert(turn: Turn, product: Product, wearer: Wearer | None) -> bool:
    """Whether the message names a label that says nothing for this product's chart."""
    label = next((Label.read(value) for value in turn.named("foreign_size")), None)
    if label is None or not product.size_chart or _lacks_wearer(product, label, wearer):
        return False
    return recommend_by_label(product, label, wearer) is None


async def _last_size(turn: Turn, product: Product) -> tuple[Product, str] | None:
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


def _tell_stock(turn: Turn, product: Product, size: str) -> None:
    """Whether the size is there, in which colours, else from when; and what the buyer can do next."""
    own = match_variants(product, None, size)
    there = [variant for variant in own if variant.stock > 0]
    colors = list(dict.fromkeys(variant.color for variant in there if variant.color))
    if not there:
        back = min((variant.restock_on for variant in own if variant.restock_on), default=None)
        if back:
            turn.say("utter_size_out_of_stock_until", size=size, date=turn.date(back))
        else:
            turn.say("utter_size_out_of_stock", size=size)
        return
    choices = [(turn.label("color", color), f'/inform{{"color": "{color}"}}') for color in colors[:_MOST_CHOICES]]
    choices.append((turn.word("intent_how_to_order"), "/how_to_order"))
    names = turn.names(turn.label("color", color) for color in colors)
    response = "utter_size_in_stock" if colors else "utter_size_in_stock_plain"
    turn.offer(response, choices if turn.may_sell else [], size=size, colors=names)


def _describe_row(turn: Turn, product: Product, label: str, by: list[str]) -> str:
    """The chart's row for a size, as far as it concerns what was measured."""
    row = next(size for size in product.size_chart if size.label == label)
    return ", ".join(_describe_bounds(turn, name, bounds) for name in by if (bounds := getattr(row, name)))


def _describe_bounds(turn: Turn, measure: str, bounds: Range) -> str:
    return turn.word(f"range_{measure}", **{"from": turn.number(bounds[0]), "to": turn.number(bounds[1])})
