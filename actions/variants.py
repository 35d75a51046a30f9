"""The colour or size a buyer wants instead of the one she ordered."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import EventType

from actions.catalogue import describe_variant, list_variants
from actions.forms import REQUESTED, checked_order
from actions.references import recall_size
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Order, OrderLine, Product, Variant

_NAMED = ("color", "size")
_LABEL = re.compile(r"[0-9a-z]+(?:[.,][0-9]+)?")
_SHORT_ANSWER = 30  # signs
#: What a message may be about that names a colour or size as an answer; other messages ask about it.
_ANSWERS = frozenset({"edit_order", "exchange_item", "inform", "affirm", "deny", "nlu_fallback"})
_ASKED = frozenset({"new_variant", "change_confirmed", "return_confirmed"})


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What of an order is to be another one."""

    line: OrderLine
    product: Product
    variant: Variant | None  #: None where it is not made

    @property
    def is_there(self) -> bool:
        """Whether all pieces of the line can be had."""
        return self.variant is not None and self.variant.stock >= self.line.quantity

    @property
    def is_ordered(self) -> bool:
        """Whether it is the one she ordered."""
        return self.variant is not None and self.variant.sku == self.line.variant_sku


async def begin_wish(turn: Turn) -> dict[str, Any] | None:
    """The slot ``wish`` after a message that begins with one: colour, size, product as far as they are named.

    A bare number may be a size or ``pieces``: what she ordered tells.
    """
    wish: dict[str, Any] = {
        kind: str(value) for kind in _NAMED if (value := next(iter(turn.named(kind)), None)) is not None
    }
    if not wish and (pieces := next(iter(turn.named("quantity")), None)) is not None:
        wish = {"size": str(pieces), "pieces": True}
    found = [] if turn.text.startswith("/") else await turn.backend.search_products(turn.text, 1, turn.language)
    return {**wish, "sku": found[0].sku} if wish and found else wish or None


async def read_wish(turn: Turn, order: Order | None) -> dict[str, Any] | None:
    """The wish to be looked at now: what this message names, added to what was named; None where there is nothing new."""
    known = turn.slot("wish") or {}
    named = {kind: str(value) for kind in _NAMED if (value := next(iter(turn.named(kind)), None)) is not None}
    if not named and order and turn.slot(REQUESTED) == "new_variant" and (size := await _spot_size(turn, order)):
        named = {"size": size}
    if order and "size" not in named and (size := await recall_size(turn, order)):
        named["size"] = size
    if named and await _is_answer(turn, order):
        wish = {key: value for key, value in known.items() if key not in ("gone", "pieces")} | named
        return wish if wish != known or not turn.slot("new_variant") else None
    return known if known and order and not known.get("gone") and not turn.slot("new_variant") else None


async def _spot_size(turn: Turn, order: Order) -> str | None:
    """The one size of what she ordered that stands in a short answer: "then 43"."""
    found = await find_line(turn, order, turn.slot("wish") or {})
    if found is None or turn.text.startswith("/") or len(turn.text) > _SHORT_ANSWER:
        return None
    said = _LABEL.findall(turn.text.lower())
    # a letter alone may be anything: "I'm not sure"
    sizes = [size for size in found[1].sizes if size.lower() in said and (len(size) > 1 or len(said) == 1)]
    return sizes[0] if len(sizes) == 1 else None


async def _is_answer(turn: Turn, order: Order | None) -> bool:
    """Whether a colour or size is named as what she wants: "is the bag there in red?" in between is not."""
    if turn.intent in _ANSWERS:
        return True
    if turn.slot(REQUESTED) not in _ASKED or order is None:
        return False
    found = await turn.backend.search_products(turn.text, 1, turn.language)
    return not found or any(line.sku == found[0].sku for line in order.lines)


async def find_wanted(turn: Turn, order: Order, wish: Mapping[str, Any]) -> Wanted | None:
    """The line that is meant and its product's variant of that colour and size; what is not named stays as ordered.

    None where the shop has no record of the ordered products any more.
    """
    found = await find_line(turn, order, wish)
    if found is None:
        return None
    line, product = found
    ordered = next((variant for variant in product.variants if variant.sku == line.variant_sku), None)
    color = wish.get("color") or (ordered.color if ordered else None)
    size = read_size(turn, product, wish.get("size")) or (ordered.size if ordered else None)
    made = wish.get("size") is None or read_size(turn, product, wish["size"]) is not None
    fitting = [variant for variant in product.variants if (variant.color, variant.size) == (color, size)]
    return Wanted(line, product, fitting[0] if fitting and made else None)


async def find_line(turn: Turn, order: Order, wish: Mapping[str, Any]) -> tuple[OrderLine, Product] | None:
    """The line of the product that is named, else the first that comes in the wanted colour and size, else the first."""
    lines = [(line, product) for line in order.lines if (product := await turn.backend.get_product(line.sku))]
    for line, product in lines:
        if line.sku == wish.get("sku"):
            return line, product
    for line, product in lines:
        has_color = not wish.get("color") or wish["color"] in product.colors
        if has_color and (not wish.get("size") or read_size(turn, product, wish["size"])):
            return line, product
    return lines[0] if lines else None


async def find_line_of(turn: Turn, order: Order, variant_sku: str) -> tuple[OrderLine, Product, Variant] | None:
    """The line whose product comes in a variant, and that variant."""
    for line in order.lines:
        product = await turn.backend.get_product(line.sku)
        for variant in product.variants if product else ():
            if product and variant.sku == variant_sku:
                return line, product, variant
    return None


def read_size(turn: Turn, product: Product, size: str | None) -> str | None:
    """The product's size that a buyer means by "m", "SIZE 39", or with a word behind it; None where it has no such size."""
    said = {(size or "").lower(), *_LABEL.findall((size or "").lower())} - turn.pack.size_words
    return next((own for own in product.sizes if own.lower() in said), None)


def describe_wish(turn: Turn, wanted: Wanted, wish: Mapping[str, Any]) -> str:
    """Colour and size as the variant has them, else as she named them."""
    if wanted.variant is not None:
        return describe(turn, wanted.product, wanted.variant)
    size = read_size(turn, wanted.product, wish.get("size")) or wish.get("size")
    return describe_variant(turn, wish.get("color"), size)


def describe(turn: Turn, product: Product, variant: Variant) -> str:
    """A variant by colour and size; what has neither by its name."""
    return describe_variant(turn, variant.color, variant.size) or turn.product_name(product)


class ActionAskNewVariant(ShopAction):
    """Asks which colour or size instead."""

    def name(self) -> str:
        """As Rasa's forms look for it."""
        return "action_ask_new_variant"

    async def answer(self, turn: Turn) -> list[EventType]:
        """What is there of the product, unless that has just been told."""
        order = await checked_order(turn)
        found = await find_line(turn, order, turn.slot("wish") or {}) if order else None
        told = ("utter_change_no_stock", "utter_edit_same_variant", "utter_exchange_no_stock")
        if found is not None and not turn.said(*told, "utter_exchange_no_stock_until"):
            product = found[1]
            turn.say("utter_ask_new_variant", product=turn.product_name(product), variants=list_variants(turn, product))
        return []
