"""Before the order: what a product is, whether it is there, what it costs, which size fits. Every fact is the record's."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from rasa_sdk.events import EventType, SlotSet

from actions.catalogue import (
    describe_variant,
    find_product,
    list_variants,
    match_variants,
    price_of,
    product_card,
    related_products,
)
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Product
from pasar.commerce.rules import Promotion

_MOST_CARDS = 3


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
        for attribute in known:
            turn.say(
                "utter_product_fact", product=name, fact=attribute.text.to(turn.language, turn.shop.default_language)
            )
        if asked and not known:
            turn.say("utter_product_fact_unknown", product=name)
            return []
        if not asked:
            turn.say(
                "utter_product_described",
                product=name,
                description=product.description.to(turn.language, turn.shop.default_language),
            )
        related = await related_products(turn, product)
        asks_variant = len(product.colors) > 1 or len(product.sizes) > 1
        if related and product.in_stock and asked and turn.may_sell:
            turn.say("utter_also_interesting")
            turn.show(*[await product_card(turn, other) for other in related[:_MOST_CARDS]])
        if asks_variant and product.in_stock:
            turn.say("utter_ask_which_variant", variants=list_variants(turn, product))
            return [SlotSet("offer", "variants"), SlotSet("color", None), SlotSet("size", None)]
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


class ActionAnswerPrice(ProductAction):
    """What a product costs, promotions included."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_price"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """In the buyer's currency where the shop has a price in it."""
        offer, converted = await price_of(turn, product)
        name = turn.product_name(product)
        if offer is None:
            turn.say("utter_product_fact_unknown", product=name)
        elif offer.promotions:
            promotion = offer.promotions[0]
            turn.say(
                "utter_price_reduced",
                product=name,
                price=turn.money(offer.price),
                full=turn.money(offer.full),
                promotion=promotion.name.to(turn.language, turn.shop.default_language),
                date=turn.date(promotion.ends_on),
            )
        else:
            response = "utter_price_in_other_currency" if converted else "utter_price"
            turn.say(response, product=name, price=turn.money(offer.price))
        turn.show(await product_card(turn, product))
        return []


class ActionAnswerPromotion(ShopAction):
    """Discounts: on the product in question, else all that run."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_promotion"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Only promotions that the shop's system has, with exact prices."""
        product = await find_product(turn)
        if product is None:
            running = [p for p in await turn.backend.get_promotions(turn.today) if not p.code or not p.skus]
            if running:
                turn.say(
                    "utter_promotion_list", promotions="; ".join(_describe(turn, promotion) for promotion in running)
                )
            else:
                turn.say("utter_promotion_none")
            return []
        offer, _ = await price_of(turn, product)
        name = turn.product_name(product)
        if offer and offer.promotions:
            turn.say(
                "utter_promotion_product",
                product=name,
                promotion=offer.promotions[0].name.to(turn.language, turn.shop.default_language),
                date=turn.date(offer.promotions[0].ends_on),
                price=turn.money(offer.price),
                full=turn.money(offer.full),
            )
        elif offer:
            turn.say("utter_promotion_none_product", product=name, price=turn.money(offer.price))
        others = [p for p in await turn.backend.get_promotions(turn.today) if not p.skus]
        if others:
            turn.say("utter_promotion_list", promotions="; ".join(_describe(turn, promotion) for promotion in others))
        return [SlotSet("product", product.sku)]


class ActionAnswerCoupon(ShopAction):
    """What is the matter with a voucher's code."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_coupon"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Valid, not begun, expired or unknown."""
        code = next(iter(turn.named("coupon_code")), None)
        if code is None:
            turn.say("utter_coupon_ask")
            return []
        coupon = await turn.backend.get_coupon(str(code))
        if coupon is None:
            turn.say("utter_coupon_unknown", code=code)
        elif turn.today < coupon.starts_on:
            turn.say("utter_coupon_not_begun", code=code, date=turn.date(coupon.starts_on))
        elif turn.today > coupon.ends_on:
            turn.say("utter_coupon_expired", code=code, date=turn.date(coupon.ends_on))
        else:
            threshold = coupon.min_spend.get(turn.currency) or next(iter(coupon.min_spend.values()), None)
            turn.say(
                "utter_coupon_valid",
                code=code,
                date=turn.date(coupon.ends_on),
                promotion=coupon.name.to(turn.language, turn.shop.default_language),
                condition=turn.word("condition_min_spend", amount=turn.money(threshold)) if threshold else "",
            )
        return []


class ActionAnswerAuthenticity(ProductAction):
    """Whether a product is genuine, by its record; and its warranty only where the record has one."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_authenticity"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Yes only where the record says so."""
        name = turn.product_name(product)
        if not product.genuine:
            turn.say("utter_genuine_unknown", product=name)
            return []
        turn.say("utter_genuine_with_card" if product.authenticity_card else "utter_genuine", product=name)
        if product.warranty_months:
            turn.say("utter_warranty", product=name, months=product.warranty_months)
        return []


class ActionAnswerWarranty(ProductAction):
    """The warranty in a product's record."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_warranty"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Months, none, or unknown."""
        name = turn.product_name(product)
        if product.warranty_months is None:
            turn.say("utter_warranty_unknown", product=name)
        elif product.warranty_months == 0:
            turn.say("utter_warranty_none", product=name, days=turn.shop.returns.days)
        else:
            turn.say("utter_warranty", product=name, months=product.warranty_months)
        return []


class ActionRecommendProducts(ShopAction):
    """At most three products in stock: of those the message names, else related to the one talked about."""

    def name(self) -> str:
        """As in the domain."""
        return "action_recommend_products"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As cards."""
        found: Sequence[Product] = [p for p in await turn.backend.search_products(turn.text) if p.in_stock]
        if not found and (product := await find_product(turn)):
            found = await related_products(turn, product)
        if not found:
            found = [p for p in await turn.backend.list_products() if p.in_stock]
        turn.say("utter_recommended")
        turn.show(*[await product_card(turn, product) for product in found[:_MOST_CARDS]])
        return []


def _describe(turn: Turn, promotion: Promotion) -> str:
    name = promotion.name.to(turn.language, turn.shop.default_language)
    off, least = promotion.amount_off.get(turn.currency), promotion.min_spend.get(turn.currency)
    if off and least:
        name += ": " + turn.word("promotion_amount", amount=turn.money(off), minimum=turn.money(least))
    return f"{name} ({promotion.code})" if promotion.code else name
