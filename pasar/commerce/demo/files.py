"""The demo shop's files as records of the model.

``shop.yml``, ``promotions.yml``, ``shipping.yml``, ``guides.yml`` and ``orders.yml`` hold a list or mapping each,
``products/*.yml`` a list of products by kind, ``texts/<code>.yml`` the words for all of them. Dates are whole days
from today, but for those of laws.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import pathlib
import re
from collections.abc import Mapping

from pasar.commerce.demo.fields import Field, open_file
from pasar.commerce.demo.orders import read_order
from pasar.commerce.demo.products import read_product
from pasar.commerce.demo.texts import ShopTexts
from pasar.commerce.guides import Guide
from pasar.commerce.model import Order, Product, Text
from pasar.commerce.rules import (
    Amends,
    ChangeRules,
    Policy,
    Promotion,
    ReturnPolicy,
    ShippingOption,
    ShippingRule,
    Shop,
)


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
    path = directory / "guides.yml"
    guides = open_file(path, today) if path.exists() else Field(path.name, None, today)
    texts.check_known("guides", frozenset(guide["id"].read_text() for guide in guides.list_items()))
    return ShopFiles(
        shop=dataclasses.replace(
            shop, guides=tuple(_read_guide(field, texts, products) for field in guides.list_items())
        ),
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
    elsewhere = ("address", "return_address", "guides")
    names = tuple(entry.name for entry in dataclasses.fields(Shop) if entry.name not in elsewhere)
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
        personas={language: _read_persona(item) for language, item in field["personas"].map_items()},
        returns=_read_returns(field["returns"]),
        email=field["email"].read_text(),
        address=texts.read("address"),
        handling_days=field["handling_days"].read_int(),
        amends=tuple(_read_amends(item) for item in field["amends"].list_items()),
        changes=_read_changes(field["changes"]) if field["changes"] else ChangeRules(),
        return_address=texts.read("return_address") if texts.has("return_address") else Text(),
        policies=_read_policies(field["policies"]),
        order_example=_read_example(field["order_example"], formats),
    )


def _read_persona(field: Field) -> dict[str, str]:
    field.check_names("name", "gender", "formality", "emoji")
    return {name: word.read_text() for name, word in field.map_items()}


def _read_example(field: Field, formats: tuple[str, ...]) -> str:
    example = field.read_text("")
    if example and not any(re.fullmatch(pattern, example) for pattern in formats):
        raise field.fail("is in none of the order_formats")
    return example


def _read_clock(field: Field) -> datetime.time:
    try:
        return datetime.time.fromisoformat(field.read_text())
    except ValueError as error:
        raise field.fail("must be a time, as '09:00'") from error


def _read_policies(field: Field) -> tuple[Policy, ...]:
    policies = tuple(_read_policy(item) for item in field.list_items())
    begins = collections.Counter((policy.country, policy.valid_from) for policy in policies)
    for (country, day), times in begins.items():
        if times > 1:
            raise field.fail(f"{country or 'the default'} has two that begin on {day}")
    return policies


def _read_policy(field: Field) -> Policy:
    field.check_names(*(entry.name for entry in dataclasses.fields(Policy)))
    country, tax = field["country"].read_text(""), field["tax_percent"]
    if not re.fullmatch("([A-Z]{2})?", country):
        raise field["country"].fail("is no country code")
    if tax and not 0 <= tax.read_int() <= 100:
        raise tax.fail("must be from 0 to 100")
    return Policy(
        country=country,
        valid_from=field["valid_from"].read_day(),
        returns=_read_returns(field["returns"]) if field["returns"] else None,
        warranty_months=field["warranty_months"].read_int() if field["warranty_months"] else None,
        tax_included=field["tax_included"].read_bool() if field["tax_included"] else None,
        tax_percent=decimal.Decimal(tax.read_int()) if tax else None,
        claim_days=field["claim_days"].read_int() if field["claim_days"] else None,
        invoice=field["invoice"].read_bool() if field["invoice"] else None,
        source=field["source"].read_text(),
    )


def _read_returns(field: Field) -> ReturnPolicy:
    return ReturnPolicy(
        days=field["days"].read_int(),
        buyer_pays_shipping=field["buyer_pays_shipping"].read_bool(),
        refund_days=field["refund_days"].read_days(),
        approval_limit=field["approval_limit"].read_amounts(),
        photo_reasons=field["photo_reasons"].read_texts(),
        payout_days={method: days.read_days() for method, days in field["payout_days"].map_items()},
    )


def _read_amends(field: Field) -> Amends:
    field.check_names("code", "reasons", "most_per_buyer", "budget")
    return Amends(
        code=field["code"].read_text("").upper(),
        reasons=field["reasons"].read_texts(),
        most_per_buyer=field["most_per_buyer"].read_int(1),
        budget=field["budget"].read_amounts(),
    )


def _read_guide(field: Field, texts: ShopTexts, products: Mapping[str, Product]) -> Guide:
    field.check_names("id", "skus", "kinds", "whole")
    kinds = {product.kind for product in products.values()}
    for sku in field["skus"].list_items():
        if sku.read_text() not in products:
            raise sku.fail(f"there is no product {sku.value}")
    for kind in field["kinds"].list_items():
        if kind.read_text() not in kinds:
            raise kind.fail(f"there is no product of kind {kind.value}")
    guide_id = field["id"].read_text()
    return Guide(
        guide_id=guide_id,
        skus=field["skus"].read_texts(),
        kinds=field["kinds"].read_texts(),
        whole=field["whole"].read_bool(False),
        problem=texts.read("guides", guide_id, "problem"),
        signs=texts.read("guides", guide_id, "signs"),
        steps=texts.read_lists("guides", guide_id, "steps"),
    )


def _read_changes(field: Field) -> ChangeRules:
    field.check_names("cancel_limit")
    return ChangeRules(cancel_limit=field["cancel_limit"].read_amounts())


def _read_promotion(field: Field, texts: ShopTexts, skus: frozenset[str]) -> Promotion:
    field.check_names(
        "id", "code", "skus", "starts_on", "ends_on", "percent", "amount_off", "min_spend", "most_off", "stackable"
    )
    percent, amount_off = field["percent"], field["amount_off"].read_amounts()
    if percent and amount_off:
        raise field.fail("has both percent and amount_off")
    if field["most_off"] and not percent:
        raise field["most_off"].fail("is the highest amount of a percentage, and there is no percent")
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
        most_off=field["most_off"].read_amounts(),
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
