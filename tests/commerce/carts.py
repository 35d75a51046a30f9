"""Carts and promotions for tests, and what a cart costs, found the long way."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction

from pasar.commerce.model import Money, Text, Variant
from pasar.commerce.promotions import CartLine
from pasar.commerce.rules import Promotion
from tests.commerce.samples import TODAY, make_product

DAY = datetime.timedelta(days=1)


def money(amount: str | int | decimal.Decimal, currency: str = "USD") -> Money:
    """An amount."""
    return Money(decimal.Decimal(amount), currency)


def make_line(sku: str, price: str, quantity: int = 1, currency: str = "USD") -> CartLine:
    """Pieces of the only variant of a product."""
    variant = Variant(f"{sku}-M", None, "M", 5)
    product = dataclasses.replace(make_product(price=price, currency=currency), sku=sku, variants=(variant,))
    return CartLine(product, variant, quantity)


def make_promotion(
    percent: str | None = None,
    off: str | None = None,
    spend: str | None = None,
    code: str = "",
    skus: tuple[str, ...] = (),
    stackable: bool = False,
    currency: str = "USD",
    begins: int = 0,
    ends: int = 0,
    uses_left: int | None = None,
    once: bool = False,
    most: str | None = None,
) -> Promotion:
    """A promotion that runs today, or days from it."""
    return Promotion(
        code=code,
        name=Text(en="Promotion"),
        skus=skus,
        starts_on=TODAY + begins * DAY,
        ends_on=TODAY + ends * DAY,
        percent=decimal.Decimal(percent) if percent else None,
        amount_off={currency: money(off, currency)} if off else {},
        min_spend={currency: money(spend, currency)} if spend else {},
        stackable=stackable,
        uses_left=uses_left,
        once_per_buyer=once,
        most_off={currency: money(most, currency)} if most else {},
    )


def brute_force(lines: Sequence[CartLine], eligible: Sequence[Promotion]) -> Fraction:
    """The best exact total of all that may be granted together, tried one by one without the module's help."""
    stackable = [promotion for promotion in eligible if promotion.stackable]
    sets: list[tuple[Promotion, ...]] = [(promotion,) for promotion in eligible]
    for size in range(len(stackable) + 1):
        sets += itertools.combinations(stackable, size)
    return min(total_of(lines, chosen) for chosen in sets)


def total_of(lines: Sequence[CartLine], chosen: Iterable[Promotion]) -> Fraction:
    """Percentages first; an amount is shared by what its products cost by then."""
    costs = {line.product.sku: Fraction(line.product.prices["USD"].amount) * line.quantity for line in lines}
    chosen = list(chosen)
    for promotion in [item for item in chosen if item.percent] + [item for item in chosen if not item.percent]:
        ours = [sku for sku in costs if not promotion.skus or sku in promotion.skus]
        cost = sum((costs[sku] for sku in ours), Fraction(0))
        if promotion.percent:
            off = cost * Fraction(promotion.percent) / 100
            off = min([off, *(Fraction(most.amount) for most in promotion.most_off.values())])
        else:
            off = min(cost, Fraction(promotion.amount_off["USD"].amount) if promotion.amount_off else Fraction(0))
        for sku in ours:
            costs[sku] -= off * costs[sku] / cost if cost else 0
    return sum(costs.values(), Fraction(0))


def is_eligible(
    lines: Sequence[CartLine], promotion: Promotion, codes: Sequence[str], used: Sequence[Promotion]
) -> bool:
    """Whether nothing stands against a promotion but others."""
    ours = [line for line in lines if not promotion.skus or line.product.sku in promotion.skus]
    spent = sum(line.product.prices["USD"].amount * line.quantity for line in ours)
    return all(
        [
            promotion.starts_on <= TODAY <= promotion.ends_on,
            promotion.uses_left != 0,
            not (promotion.once_per_buyer and promotion in used),
            promotion.code in ("", *codes),
            ours,
            not promotion.min_spend or spent >= promotion.min_spend.get("USD", money("Infinity")).amount,
            promotion.percent or not promotion.amount_off or "USD" in promotion.amount_off,
        ]
    )
