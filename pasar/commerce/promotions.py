"""Whether promotions apply to a cart, why not where they do not, and what the cart costs. Pure functions, exact amounts.

Prices, what may be combined and in which order: :mod:`pasar.commerce.pricing`. In a cart a promotion for certain
products reduces these alone, and its spending threshold is measured on their full price; one for all products counts all.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from pasar.commerce.model import Money, Product, Variant
from pasar.commerce.pricing import (
    Offer,
    apply_promotions,
    covers,
    find_missing,
    holds_in,
    is_open,
    list_combinations,
    round_money,
)
from pasar.commerce.rules import Promotion

#: "applies": it makes the best total, or gives something beside it. Otherwise the first obstacle, in this order.
Reason = Literal[
    "applies",
    "not_begun",
    "ended",
    "used_up",  #: its budget
    "used_by_buyer",  #: once per buyer, and this one has had it
    "code_needed",
    "other_products",  #: none of the cart's
    "other_currency",  #: its amount, highest amount or threshold is in none that the cart has
    "below_threshold",
    "not_combinable",  #: another promotion is better for the buyer, and they cannot be combined
]


class CartLine(NamedTuple):
    """Pieces of one variant that a buyer wants."""

    product: Product
    variant: Variant
    quantity: int


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether a promotion applies to a cart."""

    promotion: Promotion
    reason: Reason
    missing: Money | None = None  #: how much more of its products must be bought; only where below the threshold
    conflicts: tuple[Promotion, ...] = ()  #: those granted instead; only where it cannot be combined with them

    @property
    def applies(self) -> bool:
        """Whether it is granted."""
        return self.reason == "applies"


@dataclasses.dataclass(frozen=True)
class CartOffer:
    """What a cart costs at best."""

    offer: Offer
    verdicts: tuple[Verdict, ...]  #: one a promotion, in the order they were given


def price_cart(
    lines: Sequence[CartLine],
    currency: str,
    promotions: Sequence[Promotion],
    on: datetime.date,
    codes: Collection[str] = (),
    used: Sequence[Promotion] = (),
) -> CartOffer | None:
    """The best total of a cart on a day, and what came of each promotion; None where a product has no price in ``currency``.

    ``codes``: those the buyer has given (any letter case). ``used``: promotions that she has had before. Gifts and free
    shipping change no price, but take their place among what may be combined; of equal totals that with more
    promotions wins. ValueError for an empty cart, no pieces, or a variant of another product.
    """
    prices = _price_lines(lines, currency)
    return None if prices is None else _judge(prices, promotions, on, codes, used)


def price_amount(
    amount: Money,
    promotions: Sequence[Promotion],
    on: datetime.date,
    codes: Collection[str] = (),
    used: Sequence[Promotion] = (),
) -> CartOffer:
    """As :func:`price_cart`, of a cart of which only the sum is known: a promotion for certain products has none in it."""
    return _judge([("", round_money(amount.amount, amount.currency))], promotions, on, codes, used)


def _judge(
    prices: Sequence[tuple[str, Money]],
    promotions: Sequence[Promotion],
    on: datetime.date,
    codes: Collection[str],
    used: Sequence[Promotion],
) -> CartOffer:
    found = [_find_obstacle(promotion, prices, on, codes, used) for promotion in promotions]
    eligible = [verdict.promotion for verdict in found if verdict.applies]
    offers = [apply_promotions(prices, combination) for combination in list_combinations(eligible)]
    best = min(offers, key=lambda offer: (offer.price.amount, -len(offer.promotions)))
    granted = [id(promotion) for promotion in best.promotions]
    return CartOffer(
        best,
        tuple(
            Verdict(verdict.promotion, "not_combinable", conflicts=best.promotions)
            if verdict.applies and id(verdict.promotion) not in granted
            else verdict
            for verdict in found
        ),
    )


def _price_lines(lines: Sequence[CartLine], currency: str) -> list[tuple[str, Money]] | None:
    if not lines:
        raise ValueError("an empty cart has no price")
    prices = []
    for product, variant, quantity in lines:
        if quantity < 1:
            raise ValueError(f"quantity of {variant.sku} must be at least 1, is {quantity}")
        if variant not in product.variants:
            raise ValueError(f"{variant.sku} is no variant of {product.sku}")
        single = product.prices.get(currency)
        if single is None:
            return None
        prices.append((product.sku, round_money(single.amount * quantity, currency)))
    return prices


def _find_obstacle(
    promotion: Promotion,
    prices: Sequence[tuple[str, Money]],
    on: datetime.date,
    codes: Collection[str],
    used: Sequence[Promotion],
) -> Verdict:
    if on < promotion.starts_on:
        return Verdict(promotion, "not_begun")
    if on > promotion.ends_on:
        return Verdict(promotion, "ended")
    if promotion.uses_left == 0:
        return Verdict(promotion, "used_up")
    if promotion.once_per_buyer and promotion in used:
        return Verdict(promotion, "used_by_buyer")
    if not is_open(promotion, codes):
        return Verdict(promotion, "code_needed")
    covered = [price for sku, price in prices if covers(promotion, sku)]
    if not covered:
        return Verdict(promotion, "other_products")
    spent = sum(covered[1:], covered[0])
    missing = find_missing(promotion, spent)
    if missing is None or not holds_in(promotion, spent.currency):
        return Verdict(promotion, "other_currency")
    if missing.amount > 0:
        return Verdict(promotion, "below_threshold", missing=missing)
    return Verdict(promotion, "applies")
