"""Which size fits, by the product's own chart: from measures, from another shop's label, or as the last time."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.catalogue import find_product, match_variants
from actions.forms import GAVE_UP, TROUBLE, interrupt, resume
from actions.orders import ActionTakeOrder
from actions.products import ActionAnswerAvailability
from actions.references import points_back
from actions.shipping import ActionTellDestination
from actions.turn import ShopAction, Turn
from actions.wearers import (
    LAST_ORDER,
    OF_A_BODY,
    answers_interrupted,
    cannot_convert,
    find_last_size,
    known_label,
    known_measures,
)
from pasar.commerce.model import Product
from pasar.commerce.sizing import MEASURES, Range, Recommendation, recommend_by_label, recommend_size

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
_MOST_CHOICES = 4  #: colours as buttons


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
            slots |= {name: None for name in OF_A_BODY if not turn.named(name)} | {"wearer": wearer}
        if fit := next(iter(turn.named("fit")), None):
            slots["fit"] = fit
        if turn.named(*MEASURES) and not turn.named("foreign_size"):
            slots["foreign_size"] = None
        slots["same_size"] = LAST_ORDER if points_back(turn) else None
        if product and slots["same_size"] and await find_last_size(turn, product) is None:
            turn.say("utter_size_no_last_order")
            slots["same_size"] = None
        if product and cannot_convert(turn, product, slots.get("wearer") or turn.slot("wearer")):
            turn.say(
                "utter_size_label_unknown", label=turn.named("foreign_size")[0], product=turn.product_name(product)
            )
            slots["foreign_size"] = None
        return [*interrupt(turn, "size_help_form"), *(SlotSet(name, value) for name, value in slots.items())]


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
        if answers_interrupted(turn):
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
        last = await find_last_size(turn, product)
        if last is None:
            return None
        bought, size = last
        same = bought.sku == product.sku
        facts = {"product": turn.product_name(product), "size": size, "last": turn.product_name(bought)}
        turn.say("utter_size_as_last" if same else "utter_size_as_last_other", **facts)
        return size

    def _tell_by_label(self, turn: Turn, product: Product) -> str | None:
        label = known_label(turn)
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
        known = known_measures(turn)
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
        if turn.named(*OF_A_BODY, "wearer") or points_back(turn):
            return [*await super().answer(turn), FollowupAction("size_help_form")]
        if turn.named("order_id"):
            return [*await ActionTakeOrder().answer(turn), FollowupAction("track_order_form")]
        if turn.named("country", "city"):
            return await ActionTellDestination().answer(turn)
        if turn.named("color", "size"):
            return [*await ActionAnswerAvailability().answer(turn), SlotSet("offer", "size")]
        return [*await super().answer(turn), FollowupAction("size_help_form")]


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
