"""Small records for tests of pure functions."""

from __future__ import annotations

import datetime
import decimal

from pasar.commerce.model import Money, Order, OrderLine, OrderState, Parcel, Product, Scan, Size, Text, Variant
from pasar.commerce.rules import ReturnPolicy, Shop

TODAY = datetime.date(2026, 3, 10)


def at(days: int, hour: int = 12) -> datetime.datetime:
    """The hour of the day that is so many days from today, in UTC."""
    day = TODAY + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(hour), tzinfo=datetime.timezone.utc)


def make_product(
    chart: tuple[Size, ...] = (), price: str = "100", currency: str = "USD", returnable: bool = True
) -> Product:
    """A product with one price."""
    return Product(
        sku="THING-01",
        name=Text(en="Thing"),
        aliases=Text(),
        kind="home",
        description=Text(),
        prices={currency: Money(decimal.Decimal(price), currency)},
        variants=(Variant("THING-01", None, None, 1),),
        attributes={},
        size_chart=chart,
        returnable=returnable,
    )


def make_order(
    state: OrderState = OrderState.DELIVERED,
    total: str = "20",
    currency: str = "USD",
    delivered: datetime.datetime | None = None,
    due_on: datetime.date | None = None,
    shipped: datetime.datetime | None = None,
    scans: tuple[Scan, ...] = (),
) -> Order:
    """An order of one thing, with a parcel where it was shipped or delivered."""
    amount = Money(decimal.Decimal(total), currency)
    sent = shipped or (delivered and delivered - datetime.timedelta(days=4))
    parcel = Parcel("JNE", "JP1", sent, due_on, scans, delivered) if sent else None
    return Order(
        order_id="SH2001",
        email="Mei@Example.com",
        phone="+6281200001001",
        buyer_name="Mei",
        country="ID",
        state=state,
        placed_at=at(-30),
        total=amount,
        lines=(OrderLine("THING-01", "THING-01", Text(en="Thing"), 1, amount),),
        payment_method="card",
        parcel=parcel,
    )


POLICY = ReturnPolicy(
    days=15,
    buyer_pays_shipping=True,
    refund_days=(5, 7),
    approval_limit={"USD": Money(decimal.Decimal(100), "USD")},
    photo_reasons=("damaged", "wrong", "missing"),
)


def make_shop(shop_id: str = "testshop") -> Shop:
    """A shop of one language and one currency, without rules by country."""
    return Shop(
        shop_id=shop_id,
        name="Test Shop",
        default_language="en",
        languages=("en",),
        country="SG",
        currency="USD",
        currencies={},
        time_zone="Asia/Singapore",
        opens_at=datetime.time(9),
        closes_at=datetime.time(18),
        open_days=(0, 1, 2, 3, 4),
        order_formats=(r"T\d{4}",),
        personas={},
        returns=POLICY,
        email="care@test.example",
        address=Text(en="1 Test Street"),
        handling_days=1,
    )
