"""A voucher of Shopee's as our promotion.

Source: https://open.shopee.com/documents/v2/v2.voucher.get_voucher?module=112&type=1.
"""

from __future__ import annotations

import datetime
import decimal

from pasar.commerce.model import Money, Text
from pasar.commerce.platforms.shopee.fields import Field
from pasar.commerce.rules import Promotion

STATUSES = ("ongoing", "upcoming", "expired")
PAGE = 100
MOST_PAGES = 5  # of each status

_AMOUNT, _PERCENT, _COINS = 1, 2, 3


def read_voucher(
    voucher: Field, skus: tuple[str, ...], currency: str, language: str, time_zone: datetime.tzinfo
) -> Promotion:
    """What a voucher is worth. Its name is put together of figures: the seller's own is not for buyers.

    ``max_price`` is the highest reduction of a percentage. Coins that are paid back reduce no price.
    """
    kind, percent = voucher["reward_type"].number(), decimal.Decimal(voucher["percentage"].number(0))
    most = voucher["max_price"].money(currency) if voucher["max_price"].value else None
    amount_off: dict[str, Money] = {}
    if kind == _AMOUNT:
        amount_off[currency] = voucher["discount_amount"].money(currency)
        name = f"−{_tell(amount_off[currency])}"
    elif kind == _PERCENT:
        name = f"−{percent}%"
    elif kind == _COINS:
        name = f"+{percent}% Shopee Coins" + (f" (≤ {most.amount:f})" if most else "")
    else:
        raise voucher["reward_type"].fail("is not in the specification")
    least = voucher["min_basket_price"]
    left = voucher["usage_quantity"].number() - voucher["current_usage"].number(0)
    return Promotion(
        code=voucher["voucher_code"].text(),
        name=Text({language: name}),
        skus=skus,
        starts_on=voucher["start_time"].time().astimezone(time_zone).date(),
        ends_on=voucher["end_time"].time().astimezone(time_zone).date(),
        percent=percent if kind == _PERCENT else None,
        amount_off=amount_off,
        min_spend={currency: least.money(currency)} if least.value else {},
        most_off={currency: most} if most and kind == _PERCENT else {},
        uses_left=max(0, left),
    )


def _tell(money: Money) -> str:
    return f"{money.amount:f} {money.currency}"
