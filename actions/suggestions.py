"""Which products might suit, and how two of them differ: by their records, never by opinion."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.catalogue import (
    find_alike,
    find_product,
    list_names,
    list_variants,
    named_money,
    price_of,
    product_card,
    related_products,
)
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Attribute, Product
from pasar.commerce.recommendation import Wish, choose_products, list_common
from pasar.commerce.search import find_phrase, normalise

_MOST_FACTS = 5  # of two products side by side


class ActionRecommendProducts(ShopAction):
    """At most three products in stock, of the colour, size and budget that the message names.

    First those the message names, then what goes with the product talked about, then others of the same kind.
    """

    def name(self) -> str:
        """As in the domain."""
        return "action_recommend_products"

    async def answer(self, turn: Turn) -> list[EventType]:
        """As cards; nothing is offered where something has just gone wrong."""
        if not turn.may_sell:
            turn.say("utter_recommend_later")
            return []
        wish = _read_wish(turn)
        named = list(await turn.backend.search_products(turn.text, language=turn.language))
        current = None if named else await find_product(turn)
        everything = list(await turn.backend.list_products())
        about = named or ([current] if current else [])
        if named:
            near = [*named, *find_alike(named[0], find_phrase(named[0], turn.text), everything)]
        elif current:
            near = await related_products(turn, current)
        else:
            near = everything
        same_kind = [product for product in everything if any(product.kind == known.kind for known in about)]
        without = [current.sku] if current else []
        chosen = await _choose(turn, near, wish, without) or await _choose(turn, same_kind, wish, without)
        if not chosen:
            turn.say("utter_recommended_none")
            return []
        turn.say("utter_recommended")
        turn.show(*[await product_card(turn, product) for product in chosen])
        return []


class ActionCompareProducts(ShopAction):
    """Two of the shop's products side by side; of another shop's or brand's goods nothing is said."""

    def name(self) -> str:
        """As in the domain."""
        return "action_compare_products"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Only what both records have, with price and stock; else this one's facts, else which two."""
        pair = await _find_pair(turn)
        brand = _find_brand(turn, pair)
        if len(pair) == 2 and brand is None:
            await _tell_pair(turn, *pair)
            return []
        product = await find_product(turn)
        if product is not None:
            facts = await _describe(turn, product, list(product.attributes.values())[:_MOST_FACTS])
            if brand is not None:
                turn.say("utter_compare_other_brand", brand=brand, facts=facts)
            else:
                turn.say("utter_compare_one_known", facts=facts)
            return [SlotSet("product", product.sku)]
        if brand is not None:
            days, handling = turn.shop.returns.days, turn.shop.handling_days
            turn.say("utter_compare_other_shop", brand=brand, days=days, handling=handling)
        else:
            turn.say("utter_compare_by_person")
        return []


async def _tell_pair(turn: Turn, first: Product, second: Product) -> None:
    common = list_common(first, second)[:_MOST_FACTS]
    turn.say(
        "utter_compared",
        first=await _describe(turn, first, [one for one, _ in common]),
        second=await _describe(turn, second, [other for _, other in common]),
    )
    turn.show(await product_card(turn, first), await product_card(turn, second))


def _find_brand(turn: Turn, ours: list[Product]) -> str | None:
    """A brand that the message names and that is no part of what our own products are called."""
    names = " ".join(name for product in ours for name in list_names(product))
    return next((str(brand) for brand in turn.named("brand") if str(brand).lower() not in names), None)


def _read_wish(turn: Turn) -> Wish:
    """Budget, colour and size that the message names."""
    color, size = (next(iter(turn.named(kind)), None) for kind in ("color", "size"))
    return Wish(named_money(turn), color, size)


async def _choose(turn: Turn, candidates: list[Product], wish: Wish, without: list[str]) -> list[Product]:
    priced = []
    for product in candidates:
        offer, _ = await price_of(turn, product) if wish.budget else (None, False)
        priced.append((product, offer.price if offer else None))
    return choose_products(priced, wish, without)


async def _find_pair(turn: Turn) -> list[Product]:
    """The products to compare: the two that the message names best, or the one it names and the one talked about."""
    named = list(await turn.backend.search_products(turn.text, 2, turn.language))
    if len(named) == 2:
        text = normalise(turn.text)
        return sorted(named, key=lambda product: text.find(find_phrase(product, text)))
    for sku in (turn.metadata.get("product"), turn.slot("product")):
        current = await turn.backend.get_product(sku) if sku else None
        if current is not None and all(current.sku != product.sku for product in named):
            return [*named, current]
    return named


async def _describe(turn: Turn, product: Product, facts: list[Attribute]) -> str:
    """A product's price, stock and facts in a few sentences."""
    offer, _ = await price_of(turn, product)
    there = "compared_product" if product.colors or product.sizes else "compared_plain"
    parts = [
        turn.word(
            there if product.in_stock else "compared_sold_out",
            product=turn.product_name(product),
            price=turn.money(offer.price) if offer else "–",
            variants=list_variants(turn, product),
        )
    ]
    return " ".join([*parts, *(fact.text.to(turn.language, turn.shop.default_language) for fact in facts)])
