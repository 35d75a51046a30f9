"""What products cost with the promotions that apply. Pure functions, exact amounts, rounded once at the end."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import math
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

from pasar.commerce.model import Money, Product
from pasar.commerce.rules import Promotion

#: Digits after the decimal point that a shop shows; two for every currency not named here.
MINOR_DIGITS = {"IDR": 0, "VND": 0, "JPY": 0, "KRW": 0, "CLP": 0}


@dataclasses.dataclass(frozen=True)
class Offer:
    """What one or more products cost."""

    full: Money  #: without promotions
    price: Money  #: with them
    promotions: tuple[Promotion, ...]  #: those that made the price, in the order applied
    capped: tuple[Promotion, ...] = ()  #: of these, percentages that would take off more than they may

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
    Spending thresholds are measured on the full price. No price falls below zero. One that is used up does not count,
    nor a percentage with a highest amount that is set in other currencies only.
    """
    if quantity < 1:
        raise ValueError(f"quantity must be at least 1, is {quantity}")
    single = product.prices.get(currency)
    if single is None:
        return None
    full = round_money(single.amount * quantity, currency)
    usable = [
        promotion
        for promotion in promotions
        if applies_to(promotion, product.sku, on)
        and promotion.uses_left != 0
        and is_open(promotion, codes)
        and _reduces(promotion, full)
    ]
    offers = [apply_promotions([(product.sku, full)], combination) for combination in list_combinations(usable)]
    return min(offers, key=lambda offer: offer.price.amount)


def list_combinations(promotions: Sequence[Promotion]) -> list[tuple[Promotion, ...]]:
    """What may be granted together: nothing, each that is not stackable alone, all stackable ones."""
    alone = [(promotion,) for promotion in promotions if not promotion.stackable]
    return [(), *alone, tuple(promotion for promotion in promotions if promotion.stackable)]


def apply_promotions(lines: Sequence[tuple[str, Money]], promotions: Sequence[Promotion]) -> Offer:
    """What lines (a product's SKU and its full price; one at least, of one currency) cost with these promotions.

    Percentages come first, otherwise the given order. Each reduces the lines that it covers, in proportion to what
    they cost by then, by no more than that.
    """
    currency = lines[0][1].currency
    amounts = [Fraction(full.amount) for _, full in lines]
    capped = []
    ordered = sorted(promotions, key=lambda promotion: promotion.percent is None)
    for promotion in ordered:
        covered = [index for index, (sku, _) in enumerate(lines) if covers(promotion, sku)]
        before = sum((amounts[index] for index in covered), Fraction(0))
        if before > 0:
            off, is_capped = _find_reduction(promotion, before, currency)
            capped += [promotion] if is_capped else []
            for index in covered:
                amounts[index] *= (before - off) / before
    full = round_money(sum((price.amount for _, price in lines), decimal.Decimal(0)), currency)
    return Offer(full, _round_fraction(sum(amounts, Fraction(0)), currency), tuple(ordered), tuple(capped))


def applies_to(promotion: Promotion, sku: str, on: datetime.date) -> bool:
    """Whether a promotion covers a product on a day; says nothing about code and spending."""
    return promotion.starts_on <= on <= promotion.ends_on and covers(promotion, sku)


def covers(promotion: Promotion, sku: str) -> bool:
    """Whether a promotion is for a product."""
    return not promotion.skus or sku in promotion.skus


def is_open(promotion: Promotion, codes: Collection[str]) -> bool:
    """Whether a promotion needs no code, or its code is among ``codes`` (any letter case)."""
    return not promotion.code or promotion.code.strip().upper() in {code.strip().upper() for code in codes}


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


def holds_in(promotion: Promotion, currency: str) -> bool:
    """Whether what a promotion takes off is known in a currency; a gift takes nothing off, anywhere."""
    amounts = promotion.amount_off if promotion.percent is None else promotion.most_off
    return not amounts or currency in amounts


def _reduces(promotion: Promotion, full: Money) -> bool:
    missing = find_missing(promotion, full)
    reached = missing is not None and missing.amount == 0
    gives = promotion.percent is not None or bool(promotion.amount_off)
    return reached and gives and holds_in(promotion, full.currency)


def _find_reduction(promotion: Promotion, amount: Fraction, currency: str) -> tuple[Fraction, bool]:
    """What it takes off an amount, never more than that; whether its highest amount keeps it from more."""
    if promotion.percent is None:
        off = promotion.amount_off.get(currency)
        return min(amount, Fraction(off.amount)) if off else Fraction(0), False
    share, most = amount * min(Fraction(1), Fraction(promotion.percent) / 100), promotion.most_off.get(currency)
    if most is not None and Fraction(most.amount) < share:
        return Fraction(most.amount), True
    return share, False


def _round_fraction(amount: Fraction, currency: str) -> Money:
    """As :func:`round_money`: half up, for amounts that no decimal fraction holds."""
    digits = MINOR_DIGITS.get(currency, 2)
    return Money(decimal.Decimal(math.floor(amount * 10**digits + Fraction(1, 2))).scaleb(-digits), currency)
