"""What a product costs with the promotions that apply. Pure functions, exact amounts."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Collection, Iterable, Sequence

from pasar.commerce.model import Money, Product
from pasar.commerce.rules import Promotion

#: Digits after the decimal point that a shop shows; two for every currency not named here.
MINOR_DIGITS = {"IDR": 0, "VND": 0, "JPY": 0, "KRW": 0, "CLP": 0}


@dataclasses.dataclass(frozen=True)
class Offer:
    """What a number of pieces costs."""

    full: Money  #: without promotions
    price: Money  #: with them
    promotions: tuple[Promotion, ...]  #: those that made the price, in the order applied

    @property
    def saved(self) -> Money:
        """How much cheaper it is; zero where no promotion applies."""
        return self.full - self.price


def round_money(amount: decimal.Decimal, currency: str) -> Money:
    """``amount`` rounded half up to the smallest unit that is shown of ``currency``."""
    unit = decimal.Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    return Money(amount.quantize(unit, rounding=decimal.ROUND_HALF_UP), currency)


def price_product(
    product: Product,
    currency: str,
    promotions: Iterable[Promotion],
    on: datetime.date,
    quantity: int = 1,
    codes: Collection[str] = (),
) -> Offer | None:
    """The best price of ``quantity`` pieces on a day; None where the product has no price in ``currency``.

    A promotion with a code counts only when ``codes`` has it (any letter case). Promotions that are
    not stackable are never combined with any other; stackable ones are combined, percentages first.
    Spending thresholds are measured on the full price. No price falls below zero.
    """
    if quantity < 1:
        raise ValueError(f"quantity must be at least 1, is {quantity}")
    single = product.prices.get(currency)
    if single is None:
        return None
    full = round_money(single.amount * quantity, currency)
    given = {code.strip().upper() for code in codes}
    usable = [
        promotion
        for promotion in promotions
        if applies_to(promotion, product.sku, on)
        and (not promotion.code or promotion.code.upper() in given)
        and _reduces(promotion, full)
    ]
    offers = [Offer(full, full, ())]
    offers += [_combine(full, [promotion]) for promotion in usable if not promotion.stackable]
    offers.append(_combine(full, [promotion for promotion in usable if promotion.stackable]))
    return min(offers, key=lambda offer: offer.price.amount)


def applies_to(promotion: Promotion, sku: str, on: datetime.date) -> bool:
    """Whether a promotion covers a product on a day; says nothing about code and spending."""
    return promotion.starts_on <= on <= promotion.ends_on and (not promotion.skus or sku in promotion.skus)


def find_missing(promotion: Promotion, spent: Money) -> Money | None:
    """How much more must be spent for a promotion: zero where it is reached or asks for nothing.

    None where the promotion has a threshold, but none in the currency of ``spent``.
    """
    if not promotion.min_spend:
        return round_money(decimal.Decimal(0), spent.currency)
    threshold = promotion.min_spend.get(spent.currency)
    if threshold is None:
        return None
    return round_money(max(decimal.Decimal(0), threshold.amount - spent.amount), spent.currency)


def _reduces(promotion: Promotion, full: Money) -> bool:
    missing = find_missing(promotion, full)
    reached = missing is not None and missing.amount == 0
    return reached and (promotion.percent is not None or full.currency in promotion.amount_off)


def _combine(full: Money, promotions: Sequence[Promotion]) -> Offer:
    ordered = sorted(promotions, key=lambda promotion: promotion.percent is None)
    amount = full.amount
    for promotion in ordered:
        if promotion.percent is not None:
            amount = round_money(amount * (100 - promotion.percent) / 100, full.currency).amount
        else:
            amount -= promotion.amount_off[full.currency].amount
    return Offer(full, round_money(max(decimal.Decimal(0), amount), full.currency), tuple(ordered))
