"""Ten shops in one database, unlike one another in everything; two numbers of orders and one SKU are the same in all."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import pathlib
from collections.abc import Iterator

from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.files import ShopFiles
from pasar.commerce.demo.seed import write_shop
from pasar.commerce.model import Address, Money, Order, OrderLine, OrderState, Parcel, Product, Scan, Text, Variant
from pasar.commerce.rules import ChangeRules, Policy, Promotion, ReturnPolicy, ShippingOption, ShippingRule, Shop

LANGUAGES = ("en", "id", "th", "vi", "ms", "fil", "zh", "es", "en", "id")
COUNTRIES = ("US", "ID", "TH", "VN", "MY", "PH", "CN", "ES", "GB", "ID")
CURRENCIES = ("USD", "IDR", "THB", "VND", "MYR", "PHP", "CNY", "EUR", "GBP", "IDR")
MARKS = ("Alder", "Birch", "Cedar", "Dogwood", "Ebony", "Fuchsia", "Ginkgo", "Hazel", "Iris", "Juniper")

#: A number that every shop has given to a buyer of its own, and a product number that every shop uses.
SHARED_ORDER, SHARED_SKU = "X1001", "SHARED-01"
#: Somebody who buys in all shops.
EVERYWHERE = "everywhere@example.com"


@dataclasses.dataclass(frozen=True)
class Sample:
    """One of the ten. Its mark is a word that no other shop's texts and orders hold."""

    place: int

    @property
    def mark(self) -> str:
        return MARKS[self.place]

    @property
    def shop_id(self) -> str:
        return self.mark.lower()

    @property
    def prefix(self) -> str:
        return self.mark[:2].upper()

    @property
    def email(self) -> str:
        return f"buyer@{self.shop_id}.example"

    @property
    def phone(self) -> str:
        return f"+1202555{7000 + self.place}"

    @property
    def language(self) -> str:
        return LANGUAGES[self.place]

    @property
    def days(self) -> int:
        return 10 + self.place

    @property
    def coupon(self) -> str:
        return f"{self.mark.upper()}SAVE"

    def number(self, last: int) -> str:
        """An order's number: 1 is shipped, 2 delivered, 3 paid, 4 somebody's who buys everywhere."""
        return f"{self.prefix}{1000 + last}"

    @property
    def words(self) -> tuple[str, ...]:
        """What may be found nowhere but in this shop, in capitals."""
        numbers = (self.number(last) for last in range(1, 5))
        return (self.mark.upper(), *numbers, self.phone, f"9{self.place}7{self.place}3", f"{self.place}TRK")


SAMPLES = tuple(Sample(place) for place in range(10))


def make_files(sample: Sample, today: datetime.date) -> ShopFiles:
    """All that a shop's database holds."""
    return ShopFiles(
        shop=make_shop(sample),
        products=tuple(make_products(sample)),
        promotions=(
            Promotion(
                code=sample.coupon,
                name=Text({sample.language: f"{sample.mark} days"}),
                skus=(),
                starts_on=today - datetime.timedelta(days=2),
                ends_on=today + datetime.timedelta(days=2),
                percent=decimal.Decimal(5 + sample.place),
            ),
        ),
        shipping=(
            ShippingRule(
                country=COUNTRIES[sample.place],
                options=(ShippingOption(f"{sample.mark} Express", make_money(sample, 3), (1, 2 + sample.place)),),
                cod=False,
                cod_limit=None,
                payment_methods=("card",),
                customs=Text({sample.language: f"{sample.mark} pays."}),
            ),
        ),
        orders=tuple(make_orders(sample, today)),
    )


def make_shop(sample: Sample) -> Shop:
    """Who sells."""
    currency, country = CURRENCIES[sample.place], COUNTRIES[sample.place]
    returns = ReturnPolicy(sample.days, sample.place % 2 == 0, (2, 3), {currency: make_money(sample, 10**9)}, ())
    return Shop(
        shop_id=sample.shop_id,
        name=f"{sample.mark} Store",
        default_language=sample.language,
        languages=tuple(dict.fromkeys((sample.language, "en"))),
        country=country,
        currency=currency,
        currencies={country: currency},
        time_zone="Asia/Jakarta",
        opens_at=datetime.time(8),
        closes_at=datetime.time(18),
        open_days=(0, 1, 2, 3, 4, 5, 6),
        order_formats=(rf"{sample.prefix}\d{{4}}", r"X\d{4}"),
        personas={sample.language: {"name": f"Ms {sample.mark}", "gender": "female"}},
        returns=returns,
        email=f"care@{sample.shop_id}.example",
        address=Text({sample.language: f"1 {sample.mark} Street"}),
        handling_days=1,
        policies=(Policy(country, datetime.date(2020, 1, 1), warranty_months=sample.place, source=sample.mark),),
        changes=ChangeRules(cancel=OrderState.PAID if sample.place % 2 == 0 else None),
        order_example=f"{sample.prefix}9999",
    )


def make_products(sample: Sample) -> Iterator[Product]:
    """One with a number of its own, one with a number that all shops use."""
    for sku in (f"{sample.prefix}-01", SHARED_SKU):
        name = Text({sample.language: f"{sample.mark} lamp"})
        yield Product(
            sku=sku,
            name=name,
            aliases=Text({sample.language: f"{sample.mark} lamp"}),
            kind="home",
            description=Text({sample.language: f"A lamp of {sample.mark}."}),
            prices={CURRENCIES[sample.place]: make_money(sample, 5)},
            variants=(Variant(f"{sku}-BLK", "black", None, 5),),
            attributes={},
        )


def make_orders(sample: Sample, today: datetime.date) -> Iterator[Order]:
    """A shipped, a delivered, a paid one, one of somebody who buys everywhere, one with a number of all shops."""
    states = (OrderState.SHIPPED, OrderState.DELIVERED, OrderState.PAID, OrderState.SHIPPED, OrderState.SHIPPED)
    for last, state in enumerate(states, 1):
        sent = datetime.datetime.combine(today, datetime.time(1), tzinfo=datetime.timezone.utc)
        arrived = sent - datetime.timedelta(days=1) if state is OrderState.DELIVERED else None
        sent -= datetime.timedelta(days=3)
        scans = (Scan(sent, f"{sample.mark} hub", "arrived_at_hub"),)
        due = today + datetime.timedelta(days=3)
        parcel = Parcel(f"{sample.mark} Express", f"{sample.place}TRK{last}", sent, due, scans, arrived)
        money = Money(decimal.Decimal(f"9{sample.place}7{sample.place}3"), CURRENCIES[sample.place])
        name = Text({sample.language: f"{sample.mark} lamp"})
        yield Order(
            order_id=SHARED_ORDER if last == 5 else sample.number(last),
            email=EVERYWHERE if last == 4 else sample.email,
            phone="" if last == 4 else sample.phone,
            buyer_name=f"Ann {sample.mark}",
            country=COUNTRIES[sample.place],
            state=state,
            placed_at=sent,
            total=money,
            lines=(OrderLine(SHARED_SKU, f"{SHARED_SKU}-BLK", name, 1, money),),
            payment_method="card",
            parcel=None if state is OrderState.PAID else parcel,
            address=Address((f"7 {sample.mark} Road",), country=COUNTRIES[sample.place]),
        )


def make_money(sample: Sample, amount: int) -> Money:
    """In the shop's currency."""
    return Money(decimal.Decimal(amount), CURRENCIES[sample.place])


def write_database(url: str, today: datetime.date) -> None:
    """All ten in one database."""
    upgrade(url)
    for sample in SAMPLES:
        write_shop(url, make_files(sample, today), today)


def write_profiles(folder: pathlib.Path, url: str) -> None:
    """``<id>.yml`` of all ten; the last but one is the default."""
    for sample in SAMPLES:
        lines = (
            "platform: demo",
            f"default: {str(sample.place == 8).lower()}",
            f"database: '{url}'",
            rf"order_formats: ['{sample.prefix}\d{{4}}', 'X\d{{4}}']",
        )
        (folder / f"{sample.shop_id}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def find_strangers(text: str, *own: Sample) -> list[str]:
    """Words in a text that belong to other shops."""
    upper = text.upper()
    return [word for sample in SAMPLES if sample not in own for word in sample.words if word in upper]
