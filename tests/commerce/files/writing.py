"""Shops of any content, and their files as a seller's program might write them."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import itertools
import string
from decimal import Decimal

from hypothesis import strategies as st

from pasar.commerce.model import (
    Address,
    Attribute,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Product,
    Refund,
    RefundState,
    Size,
    Text,
    Variant,
)
from pasar.commerce.pricing import MINOR_DIGITS
from pasar.commerce.rules import Promotion

LANGUAGES = ("en", "id", "th", "zh-tw")
CURRENCIES = ("USD", "IDR", "THB")

# Words of any script, with what CSV treats specially; no outer spaces, which are stripped.
words = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0") | st.sampled_from(",;\"\n'|\r"), max_size=30
).map(str.strip)
some_words = words.filter(bool)
codes = st.text(string.ascii_letters + string.digits + "-_./", min_size=1, max_size=12)
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
moments = st.integers(600_000_000, 4_000_000_000).map(
    lambda seconds: datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
)
texts = st.dictionaries(st.sampled_from(LANGUAGES), some_words).map(Text)
some_texts = st.dictionaries(st.sampled_from(LANGUAGES), some_words, min_size=1).map(Text)


def moneys(currency):
    """Any amount of a currency, in its smallest unit."""
    places = MINOR_DIGITS.get(currency, 2)
    return st.integers(0, 10**12).map(lambda units: Money(Decimal(units).scaleb(-places), currency))


amounts = st.lists(st.sampled_from(CURRENCIES), unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries({currency: moneys(currency) for currency in chosen})
)
some_amounts = amounts.filter(bool)
ranges = st.tuples(st.integers(1, 250), st.integers(0, 60)).map(lambda pair: (float(pair[0]), float(sum(pair))))
urls = st.just("") | codes.map("https://shop.example/".__add__)
facts = (
    st.booleans()
    | st.integers(-(10**6), 10**6).map(float)
    | some_words.filter(lambda word: word.lower() not in ("yes", "no", "true", "false") and not word[-1].isdecimal())
)


@st.composite
def products(draw):
    """One product with all that a file can say of it."""
    sku = draw(codes)
    labels = draw(st.lists(codes, unique=True, max_size=3))
    colors = draw(st.lists(st.sampled_from(["black", "navy", "light blue"]), unique=True, max_size=2))
    variants = tuple(
        Variant(f"{sku}-{number}", color, size, draw(st.integers(0, 10**6)), draw(st.none() | days))
        for number, (color, size) in enumerate(itertools.product(colors or [None], labels or [None]))
    )
    measures = st.fixed_dictionaries({}, optional=dict.fromkeys(("height", "weight", "bust", "waist"), ranges))
    feet = draw(st.booleans())
    chart = tuple(
        Size(label, **(draw(st.just({"foot_length": draw(ranges)}) if feet else measures.filter(bool))))
        for label in labels
        if draw(st.booleans())
    )
    names = draw(st.lists(st.sampled_from(["material", "skin_type", "5g"]), unique=True))
    return Product(
        sku=sku,
        name=draw(some_texts),
        aliases=draw(texts),
        kind=draw(st.sampled_from(["", "clothing", "phone"])),
        description=draw(texts),
        prices=draw(some_amounts),
        variants=variants,
        attributes={name: Attribute(name, draw(facts), draw(some_texts)) for name in names},
        size_chart=chart,
        size_unit="" if not chart else "foot" if feet else "body",
        genuine=draw(st.none() | st.booleans()),
        authenticity_card=draw(st.booleans()),
        warranty_months=draw(st.none() | st.integers(0, 120)),
        returnable=draw(st.booleans()),
        url=draw(urls),
        image=draw(urls),
        reference=sku,
    )


@st.composite
def catalogues(draw):
    """Products with SKUs of their own, in any letter case, and related to one another."""
    found = draw(st.lists(products(), max_size=4, unique_by=lambda product: product.sku.casefold()))
    # A variant's SKU must not be another product's variant's either.
    found = [
        dataclasses.replace(
            product,
            variants=tuple(
                dataclasses.replace(variant, sku=f"{number}/{place}") for place, variant in enumerate(product.variants)
            ),
        )
        for number, product in enumerate(found)
    ]
    skus = [product.sku for product in found]
    related = st.lists(st.sampled_from(skus), unique=True).map(tuple) if skus else st.just(())
    return [dataclasses.replace(product, related=draw(related)) for product in found]


@st.composite
def orders(draw):
    """One order with all that a file can say of it."""
    currency, name = draw(st.sampled_from(CURRENCIES)), draw(words)
    parcel = st.builds(Parcel, some_words, some_words, moments, st.none() | days, st.just(()), st.none() | moments)
    method = draw(words)
    refund = st.builds(
        Refund,
        moneys(currency),
        st.sampled_from(RefundState),
        st.none() | days,
        st.none() | st.tuples(st.integers(0, 9), st.integers(10, 30)),
        st.just(method) if not method else some_words,
        st.none() | days,
    )
    address = st.builds(
        Address,
        st.lists(some_words, min_size=1, max_size=3).map(tuple),
        words,
        words,
        st.just("ID"),
        some_words,
    )
    line = st.builds(OrderLine, some_words, some_words, some_texts, st.integers(1, 10**6), moneys(currency))
    return Order(
        order_id=draw(codes),
        email=draw(st.sampled_from(["siti@example.com", "Ю@example.com"])),
        phone=draw(st.sampled_from(["", "+6281200001001", "+66810001003"])),
        buyer_name=name,
        country="ID",
        state=draw(st.sampled_from(OrderState)),
        placed_at=draw(moments),
        total=draw(moneys(currency)),
        lines=tuple(draw(st.lists(line, min_size=1, max_size=3))),
        payment_method=method,
        pay_until=draw(st.none() | days),
        ship_on=draw(st.none() | days),
        parcel=draw(st.none() | parcel),
        refund=draw(st.none() | refund),
        cancelled_on=draw(st.none() | days),
        cancelled_by=draw(st.sampled_from(["", "buyer", "shop"])),
        address=draw(st.none() | address),
        account=draw(words),
    )


def _without_nothing(found):
    return {currency: money for currency, money in found.items() if money.amount}


@st.composite
def promotions(draw):
    """One promotion with all that a file can say of it."""
    begins, lasts = draw(days), draw(st.integers(0, 400))
    percent = draw(st.none() | st.integers(1, 10000).map(lambda number: Decimal(number) / 100))
    return Promotion(
        code=draw(st.just("") | codes).upper(),
        name=draw(some_texts),
        skus=tuple(draw(st.lists(codes, unique=True, max_size=3))),
        starts_on=begins,
        ends_on=begins + datetime.timedelta(days=lasts),
        percent=percent,
        amount_off={} if percent else draw(amounts),
        min_spend=draw(amounts),
        stackable=draw(st.booleans()),
        most_off=draw(amounts.map(_without_nothing)) if percent else {},
        uses_left=draw(st.none() | st.integers(0, 10**6)),
        once_per_buyer=draw(st.booleans()),
    )


def write_products(path, catalogue, **form):
    """``products.csv`` of a catalogue."""
    rows = []
    for product in catalogue:
        chart = {size.label: size for size in product.size_chart}
        for place, variant in enumerate(product.variants):
            row = {"sku": product.sku} if place else describe_product(product)
            size = chart.get(variant.size)
            measures = {} if size is None else dataclasses.asdict(size)
            row |= {
                "variant_sku": variant.sku,
                "color": variant.color,
                "size": variant.size,
                "stock": variant.stock,
                "restock_on": variant.restock_on,
                **{name: "-".join(map(str, value)) for name, value in measures.items() if value and name != "label"},
            }
            rows.append(row)
    write_rows(path, rows, ["sku", "stock", "name_en", "price_USD"], **form)


def describe_product(product):
    """What holds for the whole product, by column."""
    row = {
        "sku": product.sku,
        "kind": product.kind,
        "genuine": product.genuine,
        "authenticity_card": product.authenticity_card,
        "warranty_months": product.warranty_months,
        "returnable": product.returnable,
        "related": "|".join(product.related),
        "url": product.url,
        "image": product.image,
        **flatten("price", product.prices),
    }
    for family, text in (("name", product.name), ("aliases", product.aliases), ("description", product.description)):
        row |= flatten(family, text)
    for attribute in product.attributes.values():
        row |= {
            f"attribute_{attribute.name}": attribute.value,
            **flatten(f"attribute_{attribute.name}", attribute.text),
        }
    # Every language of a sentence needs its column of names.
    for language in {language for attribute in product.attributes.values() for language in attribute.text}:
        row.setdefault(f"name_{language}", "")
    return row


def write_orders(path, found, **form):
    """``orders.csv`` of orders."""
    rows = []
    for order in found:
        for place, line in enumerate(order.lines):
            row = {"order_id": order.order_id} if place else describe_order(order)
            row |= {
                "sku": line.sku,
                "variant_sku": line.variant_sku,
                "quantity": line.quantity,
                "price": line.price.amount,
                **flatten("name", line.name),
            }
            rows.append(row)
    needed = ["order_id", "placed_at", "state", "country", "currency", "total", "sku", "quantity", "price", "name_en"]
    write_rows(path, rows, needed, **form)


def describe_order(order):
    """What holds for the whole order, by column."""
    plain = ("order_id", "email", "phone", "buyer_name", "country", "payment_method", "pay_until", "ship_on")
    row = {name: getattr(order, name) for name in (*plain, "cancelled_on", "cancelled_by", "account")}
    row |= {"placed_at": order.placed_at, "state": order.state.value}
    row |= {"currency": order.total.currency, "total": order.total.amount}
    if order.parcel:
        names = ("courier", "tracking_number", "shipped_at", "due_on", "delivered_at")
        row |= {name: getattr(order.parcel, name) for name in names}
    if order.refund:
        days = order.refund.payout_days
        row |= {
            "refund_amount": order.refund.amount.amount,
            "refund_state": order.refund.state.value,
            "refund_method": order.refund.method,
            "refund_days": f"{days[0]}-{days[1]}" if days else "",
            "refund_decided_on": order.refund.decided_on,
            "refund_paid_on": order.refund.paid_on,
        }
    if order.address:
        row |= {f"address_{number}": line for number, line in enumerate(order.address.lines, 1)}
        row |= {name: getattr(order.address, name) for name in ("city", "postcode", "recipient")}
    return row


def write_promotions(path, found, **form):
    """``promotions.csv`` of promotions."""
    names = ("code", "starts_on", "ends_on", "percent", "stackable", "uses_left", "once_per_buyer")
    rows = [
        {name: getattr(promotion, name) for name in names}
        | {"skus": "|".join(promotion.skus), **flatten("name", promotion.name)}
        | {**flatten("amount_off", promotion.amount_off), **flatten("min_spend", promotion.min_spend)}
        | flatten("most_off", promotion.most_off)
        for promotion in found
    ]
    write_rows(path, rows, ["starts_on", "ends_on", "name_en"], **form)


def flatten(family, values):
    """A family's columns of words by language, or of amounts by currency."""
    return {f"{family}_{key}": getattr(value, "amount", value) for key, value in values.items()}


def write_rows(path, rows, needed, *, delimiter=",", bom=False):
    """The file, with all columns that any row has; ``needed`` also where none has."""
    columns = list(dict.fromkeys([*needed, *(column for row in rows for column in row)]))
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=delimiter)
        writer.writeheader()
        writer.writerows({column: write_cell(value) for column, value in row.items()} for row in rows)


def write_cell(value):
    """A value as the documentation writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:f}"
    return f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)
