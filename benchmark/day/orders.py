"""The orders of one live stream, six days later: made by a seed, written into the demo shop's database."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from random import Random

from pasar.commerce.demo import schema
from pasar.commerce.demo.database import create_engine
from pasar.commerce.demo.files import ShopFiles
from pasar.commerce.model import Money, Order, OrderLine, OrderState, Parcel, Refund, RefundState, Scan
from pasar.commerce.rows import encode

_COUNTRIES = {"id": "ID", "th": "TH", "vi": "VN", "ms": "MY", "en": "US"}
_PREFIXES = {"ID": "+62812", "TH": "+6681", "VN": "+8490", "MY": "+6012", "US": "+1206555"}
_HUBS = {"ID": "Jakarta hub", "TH": "Bangkok hub", "VN": "Hanoi hub", "MY": "Shah Alam hub", "US": "Los Angeles hub"}
_AGO = 6  # days since the live stream
#: Where orders stand six days later, in parts of a hundred: our assumption.
_STATES = {
    "unpaid": 5,
    "paid": 18,
    "shipped": 38,
    "no_scan": 4,
    "late": 6,
    "delivered": 22,
    "cancelled": 4,
    "returned": 3,
}


def make_orders(
    chance: Random, count: int, languages: Sequence[str], files: ShopFiles, now: datetime.datetime
) -> list[tuple[str, Order]]:
    """So many orders, each with its buyer's language."""
    made = []
    for number in range(count):
        language = languages[number % len(languages)]
        made.append((language, _make_order(chance, number, _COUNTRIES[language], files, now)))
    return made


def _make_order(chance: Random, number: int, country: str, files: ShopFiles, now: datetime.datetime) -> Order:
    currency = files.shop.currencies[country]
    product = chance.choice([product for product in files.products if currency in product.prices and product.variants])
    variant, quantity = chance.choice(product.variants), chance.choice((1, 1, 1, 2))
    price = product.prices[currency]
    total = Money(price.amount * decimal.Decimal(quantity), currency)
    state = chance.choices(list(_STATES), weights=list(_STATES.values()))[0]
    today = now.date()

    def at(days: int) -> datetime.datetime:
        return (now + datetime.timedelta(days=days, minutes=-chance.randrange(240))).astimezone(datetime.timezone.utc)

    def day(days: int) -> datetime.date:
        return today + datetime.timedelta(days=days)

    parcel = refund = None
    if state in ("shipped", "no_scan", "late", "delivered", "returned"):
        shipped, delivered = at(-5), at(-1) if state in ("delivered", "returned") else None
        scans = (
            []
            if state == "no_scan"
            else [Scan(shipped, "Singapore", "picked_up"), Scan(at(-2), _HUBS[country], "arrived_at_hub")]
        )
        due = day(-1) if state == "late" else day(chance.randrange(1, 4))
        parcel = Parcel("J&T Express", f"JP{7_000_000_000 + number}", shipped, due, tuple(scans), delivered)
    if state in ("cancelled", "returned"):
        refund = Refund(total, RefundState.APPROVED, day(-1), (3, 5), "card")
    kinds = {"no_scan": "shipped", "late": "shipped"}
    return Order(
        order_id=f"SH{200_001 + number}",
        email=f"buyer{number}@example.com",
        phone=_PREFIXES[country] + (f"{number % 10_000:04}" if country == "US" else str(1_000_000 + number)),
        buyer_name=f"Buyer {number}",
        country=country,
        state=OrderState(kinds.get(state, state)),
        placed_at=at(-_AGO),
        total=total,
        lines=(OrderLine(product.sku, variant.sku, product.name, quantity, price),),
        payment_method="card",
        pay_until=day(1) if state == "unpaid" else None,
        ship_on=day(1) if state == "paid" else None,
        parcel=parcel,
        refund=refund,
        cancelled_on=day(-1) if state == "cancelled" else None,
        cancelled_by="buyer" if state == "cancelled" else "",
    )


def write_orders(url: str, shop: str, orders: Sequence[Order]) -> None:
    """Add the orders to a seeded demo database."""
    rows = [
        {
            "shop_id": shop,
            "order_id": order.order_id,
            "email": order.email,
            "phone": order.phone,
            "placed_at": order.placed_at.replace(tzinfo=None),
            "record": encode(order),
        }
        for order in orders
    ]
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(schema.orders.insert(), rows)
    finally:
        engine.dispose()
