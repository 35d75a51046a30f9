"""The demo shop's files as records of the model.

``shop.yml``, ``promotions.yml``, ``shipping.yml`` and ``orders.yml`` hold a list or mapping each,
``products/*.yml`` a list of products by kind, ``texts/<code>.yml`` the words for all of them. Dates are whole days
from today.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import pathlib
import re

from pasar.commerce.demo.fields import Field, open_file
from pasar.commerce.demo.orders import read_order
from pasar.commerce.demo.products import read_product
from pasar.commerce.demo.texts import ShopTexts
from pasar.commerce.model import Order, Product, Text
from pasar.commerce.rules import ChangeRules, Promotion, ReturnPolicy, ShippingOption, ShippingRule, Shop


@dataclasses.dataclass(frozen=True)
class ShopFiles:
    """Everything a shop's files say."""

    shop: Shop
    products: tuple[Product, ...]
    promotions: tuple[Promotion, ...]
    shipping: tuple[ShippingRule, ...]
    orders: tuple[Order, ...]


def read_shop(directory: pathlib.Path, today: datetime.date) -> ShopFiles:
    """All files of a shop; ShopFileError names the file and field of the first thing that is wrong."""
    shop_file = open_file(directory / "shop.yml", today)
    texts = ShopTexts(directory / "texts", shop_file["languages"].read_texts(), today)
    shop = _read_shop(shop_file, texts)
    products: dict[str, Product] = {}
    for path in sorted((directory / "products").glob("*.yml")):
        for field in open_file(path, today).list_items():
            product = read_product(field, texts, (shop.currency, *shop.currencies.values()))
            if product.sku in products:
                raise field["sku"].fail(f"{product.sku} is there twice")
            products[product.sku] = product
    _check_related(directory, products, today)
    skus = frozenset(products)
    texts.check_known("products", skus)
    promotions = open_file(directory / "promotions.yml", today)
    shipping = open_file(directory / "shipping.yml", today)
    orders = open_file(directory / "orders.yml", today)
    return ShopFiles(
        shop=shop,
        products=tuple(products.values()),
        promotions=tuple(_read_promotion(field, texts, skus) for field in promotions.list_items()),
        shipping=tuple(_read_rule(country, field, shop, texts) for country, field in shipping.map_items()),
        orders=tuple(read_order(field, products, shop) for field in orders.list_items()),
    )


def _check_related(directory: pathlib.Path, products: dict[str, Product], today: datetime.date) -> None:
    whole = Field(f"{directory.name}/products", None, today)
    for product in products.values():
        for sku in product.related:
            if sku not in products:
                raise whole.fail(f"{product.sku}.related: there is no product {sku}")


def _read_shop(field: Field, texts: ShopTexts) -> Shop:
    names = tuple(entry.name for entry in dataclasses.fields(Shop) if entry.name not in ("address", "return_address"))
    field.check_names(*names)
    languages = field["languages"].read_texts()
    if field["default_language"].read_text() not in languages:
        raise field["default_language"].fail("is not among the languages")
    formats = field["order_formats"].read_texts()
    for pattern in formats:
        try:
            re.compile(pattern)
        except re.error as error:
            raise field["order_formats"].fail(f"{pattern!r}: {error}") from error
    return Shop(
        shop_id=field["shop_id"].read_text(),
        name=field["name"].read_text(),
        default_language=field["default_language"].read_text(),
        languages=languages,
        country=field["country"].read_text(),
        currency=field["currency"].read_text(),
        currencies={country: item.read_text() for country, item in field["currencies"].map_items()},
        time_zone=field["time_zone"].read_text(),
        opens_at=_read_clock(field["opens_at"]),
        closes_at=_read_clock(field["closes_at"]),
        open_days=tuple(item.read_int() for item in field["open_days"].list_items()),
        order_formats=formats,
        personas={
            language: {name: word.read_text() for name, word in item.map_items()}
            for language, item in field["personas"].map_items()
        },
        returns=_read_policy(field["returns"]),
        email=field["email"].read_text(),
        address=texts.read("address"),
        handling_days=field["handling_days"].read_int(),
        changes=_read_changes(field["changes"]) if field["changes"] else ChangeRules(),
        return_address=texts.read("return_address") if texts.has("return_address") else Text(),
    )


def _read_clock(field: Field) -> datetime.time:
    try:
        return datetime.time.fromisoformat(field.read_text())
    except ValueError as error:
        raise field.fail("must be a time, as '09:00'") from error


def _read_policy(field: Field) -> ReturnPolicy:
    return ReturnPolicy(
        days=field["days"].read_int(),
        buyer_pays_shipping=field["buyer_pays_shipping"].read_bool(),
        refund_days=field["refund_days"].read_days(),
        approval_limit=field["approval_limit"].read_amounts(),
        photo_reasons=field["photo_reasons"].read_texts(),
        payout_days={method: days.read_days() for method, days in field["payout_days"].map_items()},
    )


def _read_changes(field: Field) -> ChangeRules:
    field.check_names("cancel_limit")
    return ChangeRules(cancel_limit=field["cancel_limit"].read_amounts())


def _read_promotion(field: Field, texts: ShopTexts, skus: frozenset[str]) -> Promotion:
    field.check_names("id", "code", "skus", "starts_on", "ends_on", "percent", "amount_off", "min_spend", "stackable")
    percent, amount_off = field["percent"], field["amount_off"].read_amounts()
    if percent and amount_off:
        raise field.fail("has both percent and amount_off")
    if percent and not 0 < percent.read_int() <= 100:
        raise percent.fail("must be from 1 to 100")
    for sku in field["skus"].list_items():
        if sku.read_text() not in skus:
            raise sku.fail(f"there is no product {sku.value}")
    if field["ends_on"].read_date() < field["starts_on"].read_date():
        raise field["ends_on"].fail("is before starts_on")
    return Promotion(
        code=field["code"].read_text("").upper(),
        name=texts.read("promotions", field["id"].read_text()),
        skus=field["skus"].read_texts(),
        starts_on=field["starts_on"].read_date(),
        ends_on=field["ends_on"].read_date(),
        percent=decimal.Decimal(percent.read_int()) if percent else None,
        amount_off=amount_off,
        min_spend=field["min_spend"].read_amounts(),
        stackable=field["stackable"].read_bool(False),
    )


def _read_rule(country: str, field: Field, shop: Shop, texts: ShopTexts) -> ShippingRule:
    field.check_names("options", "cod_limit", "payment_methods", "customs")
    if not re.fullmatch("[A-Z]{2}", country):
        raise field.fail("is no country code")
    currency = shop.currencies.get(country, shop.currency)
    options = tuple(
        ShippingOption(
            courier=option["courier"].read_text(),
            cost=option["cost"].read_money(currency),
            days=option["days"].read_days(),
            free_from=option["free_from"].read_money(currency) if option["free_from"] else None,
        )
        for option in field["options"].list_items()
    )
    if not options:
        raise field["options"].fail("is empty")
    limit = field["cod_limit"]
    return ShippingRule(
        country=country,
        options=options,
        cod=bool(limit),
        cod_limit=limit.read_money(currency) if limit else None,
        payment_methods=field["payment_methods"].read_texts(),
        customs=texts.read("customs", field["customs"].read_text()),
    )
