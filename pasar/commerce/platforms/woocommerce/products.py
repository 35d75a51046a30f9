"""WooCommerce's product as the model's: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties ."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Sequence

from pasar.commerce.model import Attribute, Money, Product, Text, Variant
from pasar.commerce.platforms.woocommerce.orders import name_product, name_variation
from pasar.commerce.platforms.woocommerce.records import Record

#: What is told of stock that WooCommerce does not count: one piece is all that is sure.
UNCOUNTED = 1


@dataclasses.dataclass(frozen=True)
class AttributeNames:
    """What the seller calls the attributes by which variations differ, in lower case."""

    color: frozenset[str] = frozenset(["color", "colour", "pa_color", "pa_colour"])
    size: frozenset[str] = frozenset(["size", "pa_size"])

    @classmethod
    def extend(cls, color: str, size: str) -> AttributeNames:
        """The usual English ones, and the shop's own where they are not ""."""
        usual = cls()
        own = ({name.strip().casefold()} - {""} for name in (color, size))
        return cls(usual.color | next(own), usual.size | next(own))


def is_sold(product: Record) -> bool:
    """Whether a buyer can see it and put it into a cart here.

    Not so: drafts, hidden ones, groups (of which the parts are sold) and what is sold on another site.
    """
    return (
        product["status"].read_text() == "publish"
        and product["catalog_visibility"].read_text() != "hidden"
        and product["type"].read_text() not in ("grouped", "external", "variation")
    )


def is_variable(product: Record) -> bool:
    """Whether its variations are sold, and not itself."""
    return bool(product["variations"].value)


def read_product(
    product: Record, variations: Sequence[Record], currency: str, language: str, names: AttributeNames
) -> Product | None:
    """A product with its variations; None where nothing of it can be bought or has a price."""
    product_id, sku = product["id"].read_int(), product["sku"].read_text()
    sold = [item for item in (variations if is_variable(product) else [product]) if _is_buyable(item)]
    if not is_sold(product) or not sold:
        return None
    images = [image["src"].read_text() for image in product["images"].list_items()]
    categories = [category["slug"].read_text() for category in product["categories"].list_items()]
    return Product(
        sku=name_product(product_id, sku),
        name=Text({language: product["name"].read_words()}),
        aliases=Text(),
        kind=next(iter(categories), ""),
        description=Text({language: _read_description(product)}),
        prices={currency: min((item["price"].read_money(currency) for item in sold), key=_amount)},
        variants=tuple(_read_variant(item, product, names) for item in sold),
        attributes=_read_attributes(product, language),
        url=product["permalink"].read_text(),
        image=next(iter(images), ""),
        reference=str(product_id),
        read_at=datetime.datetime.now(datetime.timezone.utc),
    )


def read_stock(item: Record, product: Record) -> int:
    """Pieces of a variation, or of a product without any, that can be sold now."""
    # A variation may be counted by itself (true), with its product ("parent") or not at all.
    counter = product if item["manage_stock"].value == "parent" else item
    if counter["manage_stock"].value is True and counter["stock_quantity"].value is not None:
        # What is sold ahead is below zero; some plugins sell by weight, and halves are no pieces.
        return max(0, int(_read_quantity(counter["stock_quantity"])))
    return UNCOUNTED if item["stock_status"].read_text() == "instock" else 0


def has_stock(item: Record, product: Record, quantity: int) -> bool:
    """Whether so many pieces can be sold now; what is not counted is there or not."""
    if not _is_buyable(item):
        return False
    stock = read_stock(item, product)
    counted = item["manage_stock"].value not in (False, None)
    return stock >= quantity if counted else stock > 0


def name_item(item: Record, product: Record) -> str:
    """The variant's SKU of a variation, or of a product without any."""
    product_id, sku = product["id"].read_int(), product["sku"].read_text()
    if not is_variable(product):
        return name_product(product_id, sku)
    return name_variation(product_id, sku, item["id"].read_int(), item["sku"].read_text())


def _is_buyable(item: Record) -> bool:
    # To the seller's key even a draft is "purchasable".
    return item["status"].value == "publish" and item["purchasable"].read_bool() and bool(item["price"])


def _read_quantity(field: Record) -> int | float:
    if type(field.value) not in (int, float):
        raise field.fail("must be a number")
    quantity: int | float = field.value
    return quantity


def _amount(price: Money) -> decimal.Decimal:
    return price.amount


def _read_variant(item: Record, product: Record, names: AttributeNames) -> Variant:
    color = size = None
    for attribute in item["attributes"].list_items() if is_variable(product) else ():
        called = {attribute["name"].read_words().casefold(), attribute["slug"].read_text().casefold()}
        option = attribute["option"].read_words()
        if called & names.color:
            color = option.casefold() or None
        elif called & names.size or size is None:
            # A product that comes by memory or by scent alone has that for its size.
            size = option or None
    return Variant(name_item(item, product), color, size, read_stock(item, product))


def _read_description(product: Record) -> str:
    return product["short_description"].read_words() or product["description"].read_words()


def _read_attributes(product: Record, language: str) -> dict[str, Attribute]:
    """What the product's page shows as additional information and what is no choice between variations."""
    attributes = {}
    for field in product["attributes"].list_items():
        if field["variation"].read_bool() or not field["visible"].read_bool():
            continue
        name = field["name"].read_words()
        options = ", ".join(option.read_words() for option in field["options"].list_items())
        key = name.casefold().replace(" ", "_")
        if key and options:
            attributes[key] = Attribute(key, options, Text({language: f"{name}: {options}"}))
    return attributes
