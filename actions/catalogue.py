"""Which product a conversation is about, and how it is shown."""

from __future__ import annotations

import decimal
from collections.abc import Iterable

from actions.turn import Turn
from pasar.commerce.access import access_order
from pasar.commerce.model import Money, Product, Variant
from pasar.commerce.pricing import Offer, price_product, round_money
from pasar.commerce.recommendation import Wish, choose_products
from pasar.commerce.search import find_phrase

_DOLLARS = frozenset({"USD", "SGD", "HKD", "TWD", "MXN", "AUD", "CAD", "NZD", "CLP", "COP", "ARS"})


async def find_product(turn: Turn) -> Product | None:
    """The product a message is about: the one it names, else the one the buyer looks at, else the last one.

    Where the message's words fit several products equally well and one of them is on the buyer's screen or was
    just talked about, it is that one: "this phone".
    """
    shown = turn.metadata.get("product")
    current = await turn.backend.get_product(shown) if shown else None
    if current is None and turn.slot("product"):
        current = await turn.backend.get_product(turn.slot("product"))
    if turn.text and not turn.text.startswith("/"):
        text = _without_properties(turn)
        found = await turn.backend.search_products(text, language=turn.language)
        if found and (current is None or _is_meant(found[0], current, text)):
            return found[0]
    return current or await _ordered_product(turn)


def _is_meant(found: Product, current: Product, text: str) -> bool:
    """Whether a text names another product than the current one: by more than what both go by, as "shoes"."""
    phrase = find_phrase(found, text)
    return len(phrase) > len(find_phrase(current, text)) and not find_alike(found, phrase, [current])


def find_alike(product: Product, phrase: str, others: Iterable[Product]) -> list[Product]:
    """Others of the same kind that also go by a phrase: of "dress", all dresses."""
    return [
        other
        for other in others
        if phrase and other.kind == product.kind and any(phrase in name for name in list_names(other))
    ]


def list_names(product: Product) -> list[str]:
    """All that a product is called, in any language, lower case."""
    names = [*product.name.values(), *(alias for words in product.aliases.values() for alias in words.split(","))]
    return [name.strip().lower() for name in names if name.strip()]


def _without_properties(turn: Turn) -> str:
    """The buyer's words without what asks for a property: "fits with a hijab?" asks nothing about a hijab."""
    text = turn.text
    for entity in turn.entities:
        if entity.get("entity") == "attribute" and "start" in entity:
            text = text[: entity["start"]] + " " * (entity["end"] - entity["start"]) + text[entity["end"] :]
    return text


async def _ordered_product(turn: Turn) -> Product | None:
    """The only product of the order that is talked about."""
    checked = turn.slot("checked")
    order = await access_order(turn.backend, checked, turn.proof) if checked else None
    if order is None or len(order.lines) != 1:
        return None
    return await turn.backend.get_product(order.lines[0].sku)


def named_money(turn: Turn) -> Money | None:
    """The amount of money that a message names, in the currency it names, else the buyer's.

    A lone dollar sign is that of the buyer's own dollar or peso.
    """
    amount = next((entity for entity in turn.entities if entity.get("entity") == "price"), None)
    if amount is None:
        return None
    currency = str(next(iter(turn.named("currency")), turn.currency))
    written = turn.text[amount.get("start", 0) : amount.get("end", 0)].lower()
    if "$" in written and "us" not in written and turn.currency in _DOLLARS:
        currency = turn.currency
    return round_money(decimal.Decimal(str(amount["value"])), currency)


async def related_products(turn: Turn, product: Product) -> list[Product]:
    """At most three products that the shop relates to this one, in stock, never itself."""
    others = [await turn.backend.get_product(sku) for sku in product.related]
    return choose_products([(other, None) for other in others if other], Wish(), without=[product.sku])


def match_variants(product: Product, color: str | None, size: str | None) -> list[Variant]:
    """Variants of a colour and a size, as far as they are given."""
    return [
        variant
        for variant in product.variants
        if (color is None or variant.color == color)
        and (size is None or (variant.size or "").lower() == str(size).lower())
    ]


def describe_variant(turn: Turn, color: str | None, size: str | None) -> str:
    """A variant in the buyer's words: colour, then size."""
    parts = [turn.label("color", color)] if color else []
    return " ".join([*parts, _describe_size(turn, str(size))] if size else parts)


def _describe_size(turn: Turn, size: str) -> str:
    """A letter or number as it is on the label, a word in the buyer's language."""
    return turn.label("size", size) if "_" in size else size.upper()


def list_variants(turn: Turn, product: Product) -> str:
    """What is in stock: every colour with its sizes, or the sizes, or the colours."""
    there = [variant for variant in product.variants if variant.stock > 0]
    colors = list(dict.fromkeys(variant.color for variant in there if variant.color))
    if not colors:
        return ", ".join(dict.fromkeys(variant.size for variant in there if variant.size)) or "–"
    listed = []
    for color in colors:
        sizes = [variant.size for variant in there if variant.color == color and variant.size]
        label = turn.label("color", color)
        listed.append(f"{label} ({', '.join(sizes)})" if sizes else label)
    return ", ".join(listed)


async def price_of(turn: Turn, product: Product) -> tuple[Offer | None, bool]:
    """The price now, and whether it is in another currency than the buyer's."""
    promotions = await turn.backend.get_promotions(turn.today, product.sku)
    own = price_product(product, turn.currency, promotions, turn.today)
    if own is not None:
        return own, False
    return price_product(product, turn.shop.currency, promotions, turn.today), True


async def product_card(turn: Turn, product: Product) -> dict[str, object]:
    """A product as a card."""
    offer, _ = await price_of(turn, product)
    return {
        "type": "product",
        "sku": product.sku,
        "title": turn.product_name(product),
        "subtitle": list_variants(turn, product) if product.variants else "",
        "price": turn.money(offer.price) if offer else "",
        "image": product.image,
        "url": product.url,
    }
