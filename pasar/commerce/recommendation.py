"""Which products suit a buyer's wish: in stock, of the colour and size she named, within her budget. Pure functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pasar.commerce.model import Attribute, Money, Product

MOST = 3  # a buyer who sees more reads none


@dataclasses.dataclass(frozen=True)
class Wish:
    """What a buyer said a thing must be; what is None may be anything."""

    budget: Money | None = None  #: at most
    color: str | None = None
    size: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything suits."""
        return self == Wish()


def choose_products(
    candidates: Iterable[tuple[Product, Money | None]], wish: Wish, without: Sequence[str] = ()
) -> list[Product]:
    """At most three of the candidates (best first, each with its price now) that can be bought and are as wished.

    None of the SKUs ``without``, none twice. A price in another currency than the budget's, or none, is not within it.
    """
    chosen: dict[str, Product] = {}
    for product, price in candidates:
        if product.sku not in without and _has_variant(product, wish) and _is_within(price, wish.budget):
            chosen.setdefault(product.sku, product)
    return list(chosen.values())[:MOST]


def list_common(first: Product, second: Product) -> list[tuple[Attribute, Attribute]]:
    """What both records say, in the first one's order: the only things two products can be compared by."""
    return [(fact, second.attributes[name]) for name, fact in first.attributes.items() if name in second.attributes]


def _has_variant(product: Product, wish: Wish) -> bool:
    return any(
        variant.stock > 0
        and (wish.color is None or variant.color == wish.color)
        and (wish.size is None or (variant.size or "").lower() == wish.size.lower())
        for variant in product.variants
    )


def _is_within(price: Money | None, budget: Money | None) -> bool:
    if budget is None:
        return True
    return price is not None and price.currency == budget.currency and not budget < price
