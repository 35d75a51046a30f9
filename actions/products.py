"""Before the order: what a product is, whether it is there, whether it is genuine. Every fact is the record's."""

from __future__ import annotations

import abc
import json

import structlog
from rasa_sdk.events import EventType, SlotSet

from actions.catalogue import (
    describe_variant,
    find_product,
    list_variants,
    match_variants,
    product_card,
    related_products,
)
from actions.questions import note_question
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Product

_MOST_CHOICES = 6  # colours or sizes as buttons

log = structlog.get_logger()


class ProductAction(ShopAction, abc.ABC):
    """An action about one product; asks which where none is known."""

    async def answer(self, turn: Turn) -> list[EventType]:
        """Find the product, then tell."""
        product = await find_product(turn)
        if product is None:
            turn.say("utter_ask_product")
            return []
        return [SlotSet("product", product.sku), *await self.tell(turn, product)]

    @abc.abstractmethod
    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Tell what was asked of this product."""


class ActionAskProduct(ShopAction):
    """Asks which product."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_product"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Plainly."""
        turn.say("utter_ask_product")
        return []


class ActionAnswerProduct(ProductAction):
    """Answers a question about a product from its record; then the variants in stock, then what goes with it."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_product"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """The facts asked for, or that the record has none; the description where nothing particular was asked."""
        name = turn.product_name(product)
        asked = list(dict.fromkeys(turn.named("attribute")))
        known = [product.attributes[attribute] for attribute in asked if attribute in product.attributes]
        unknown = [attribute for attribute in asked if attribute not in product.attributes]
        for attribute in known:
            turn.say(
                "utter_product_fact", product=name, fact=attribute.text.to(turn.language, turn.shop.default_language)
            )
        if unknown:
            noted = [await note_question(turn, product, attribute) for attribute in unknown]
            turn.say("utter_product_fact_unknown", product=name, noted=noted[0])
        if asked and not known:
            return []
        if not asked:
            turn.say(
                "utter_product_described",
                product=name,
                description=product.description.to(turn.language, turn.shop.default_language),
            )
        related = await related_products(turn, product) if asked and product.in_stock and turn.may_sell else []
        if related:
            turn.say("utter_also_interesting")
            turn.show(*[await product_card(turn, other) for other in related])
        return await _offer_next(turn, product)


async def _offer_next(turn: Turn, product: Product) -> list[EventType]:
    """The next step: its colours or sizes to choose from, else its page."""
    if product.in_stock and (len(product.colors) > 1 or len(product.sizes) > 1):
        kind = "color" if len(product.colors) > 1 else "size"
        there = dict.fromkeys(getattr(variant, kind) for variant in product.variants if variant.stock > 0)
        choices = [
            (describe_variant(turn, value, None) if kind == "color" else describe_variant(turn, None, value), value)
            for value in there
            if value
        ]
        turn.offer(
            "utter_ask_which_variant",
            [(title, "/inform" + json.dumps({kind: value})) for title, value in choices[:_MOST_CHOICES]],
            variants=list_variants(turn, product),
        )
        return [SlotSet("offer", "variants"), SlotSet("color", None), SlotSet("size", None)]
    turn.show(await product_card(turn, product))
    return []


class ActionAnswerAvailability(ProductAction):
    """Whether a product, a colour, a size is in stock."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_availability"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Of the variant asked for, else of the product."""
        name = turn.product_name(product)
        color = next(iter(turn.named("color")), None)
        size = next(iter(turn.named("size")), None)
        if turn.slot("offer") in ("variants", "size"):  # "black?" and then "the L?" are one wish
            color, size = color or turn.slot("color"), size or turn.slot("size")
        variants = list_variants(turn, product)
        if color or size:
            self._tell_variant(turn, product, name, color, size, variants)
        elif product.in_stock:
            turn.say("utter_available", product=name, variants=variants)
        else:
            back = min((v.restock_on for v in product.variants if v.restock_on), default=None)
            if back:
                turn.say("utter_unavailable_until", product=name, date=turn.date(back))
            else:
                turn.say("utter_unavailable", product=name)
        turn.show(await product_card(turn, product))
        return [SlotSet("offer", "variants"), SlotSet("color", color), SlotSet("size", size)]

    def _tell_variant(
        self, turn: Turn, product: Product, name: str, color: str | None, size: str | None, variants: str
    ) -> None:
        matching = match_variants(product, color, size)
        wish = describe_variant(turn, color, size)
        if not matching:
            turn.say("utter_variant_not_made", product=name, variant=wish, variants=variants)
            return
        stock = sum(variant.stock for variant in matching)
        if stock:
            turn.say("utter_available_variant", product=name, variant=wish, stock=stock)
            return
        back = min((variant.restock_on for variant in matching if variant.restock_on), default=None)
        if back:
            facts = {"product": name, "variant": wish, "variants": variants}
            turn.say("utter_unavailable_variant_until", **facts, date=turn.date(back))
        else:
            turn.say("utter_unavailable_variant", product=name, variant=wish, variants=variants)


class ActionAnswerAuthenticity(ProductAction):
    """Whether a product is genuine, by its record; and its warranty only where the record has one."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_authenticity"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Yes only where the record says so."""
        name = turn.product_name(product)
        if not product.genuine:
            turn.say("utter_genuine_unknown", product=name, noted=await note_question(turn, product, "genuine"))
            return []
        turn.say("utter_genuine_with_card" if product.authenticity_card else "utter_genuine", product=name)
        if product.warranty_months:
            turn.say("utter_warranty", product=name, months=product.warranty_months)
        return []
