"""Products as Shopify tells them.

A product has no SKU of its own: its handle stands for it. Its price in a currency is that of its cheapest variant
there (https://shopify.dev/docs/api/admin-graphql/latest/objects/ProductContextualPricing).
"""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Mapping, Sequence

from pasar.commerce.model import Attribute, Money, Product, Text, Variant
from pasar.commerce.platforms.shopify.orders import read_variant_sku
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.rules import Shop

#: Told of a variant that is sold although nobody counts it, or beyond what is there.
UNCOUNTED = 999

#: English colour words and their codes, as in the language packs.
COLORS = {
    **{code: code for code in ("black", "white", "blue", "red", "pink", "beige", "brown", "green", "grey", "navy")},
    **{code: code for code in ("purple", "yellow", "orange", "cream", "khaki", "gold", "silver")},
    "gray": "grey",
    "violet": "purple",
    "golden": "gold",
}
SHADES = frozenset({"light", "dark", "bright", "deep", "pale", "pure", "jet", "snow", "sky", "baby", "hot", "royal"})
NAMED = {"dark blue": "navy", "navy blue": "navy", "midnight blue": "navy"}

#: Metafields whose words a buyer can be told (https://shopify.dev/docs/apps/build/custom-data/metafields/list-of-data-types).
TEXTS = frozenset({"single_line_text_field", "multi_line_text_field"})
TEXT_LISTS = frozenset({"list.single_line_text_field"})


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """How to read a shop's products."""

    shop: Shop
    facts: tuple[tuple[str, str], ...]  #: namespace and key of the metafields that are attributes
    color_options: frozenset[str]  #: what the shop calls the option, in lower case
    size_options: frozenset[str]

    @property
    def countries(self) -> Mapping[str, str]:
        """One country by currency that the shop sells in."""
        countries = {currency: country for country, currency in sorted(self.shop.currencies.items(), reverse=True)}
        return countries | {self.shop.currency: self.shop.country}


def is_for_sale(record: Record) -> bool:
    """Whether buyers can see it: neither draft nor archived, nor only known by its address."""
    return record.identifier("status") == "ACTIVE"


def read_product(record: Record, variants: Sequence[Record], catalogue: Catalogue) -> Product:
    """A product with the variants given."""
    language = catalogue.shop.default_language
    description = record.text("description")
    media = record.find("featuredMedia")
    preview = media.find("preview") if media else None
    image = preview.find("image") if preview else None
    return Product(
        sku=record.identifier("handle"),
        name=Text({language: record.identifier("title")}),
        aliases=Text(),
        kind=record.text("productType").strip().casefold(),
        description=Text({language: description} if description else {}),
        prices=_read_prices(record, catalogue.countries),
        variants=_read_variants(record, variants, catalogue),
        attributes=_read_attributes(record, catalogue),
        url=record.text("onlineStoreUrl"),
        image=image.text("url") if image else "",
        reference=record.identifier("legacyResourceId"),
    )


def read_stock(variant: Record, *, tracked: bool) -> int:
    """Pieces that can be sold now."""
    if not variant.flag("availableForSale"):
        return 0
    left = variant.find_number("inventoryQuantity") or 0
    if tracked and left > 0:
        return left
    beyond = variant.identifier("inventoryPolicy") == "CONTINUE"
    return UNCOUNTED if beyond or not tracked else 0


def read_color(text: str) -> str:
    """The code of an English colour word, else the text itself."""
    words = text.casefold().replace("-", " ").split()
    phrase = " ".join(words)
    if phrase in NAMED:
        return NAMED[phrase]
    if words and words[-1] in COLORS and SHADES.issuperset(words[:-1]):
        return COLORS[words[-1]]
    return text.strip()


def _read_variants(record: Record, variants: Sequence[Record], catalogue: Catalogue) -> tuple[Variant, ...]:
    tracked = record.flag("tracksInventory")
    colors = _read_colors([_find_option(variant, catalogue.color_options) for variant in variants])
    return tuple(
        Variant(
            sku=read_variant_sku(variant, variant),
            color=colors.get(_find_option(variant, catalogue.color_options)),
            size=_find_option(variant, catalogue.size_options) or None,
            stock=read_stock(variant, tracked=tracked),
        )
        for variant in variants
    )


def _find_option(variant: Record, names: frozenset[str]) -> str:
    options = variant.records("selectedOptions")
    return next((item.text("value") for item in options if item.text("name").strip().casefold() in names), "")


def _read_colors(texts: Sequence[str]) -> Mapping[str, str]:
    """Codes by option. Where a product has two shades of a colour, only the plain one goes by the colour's code."""
    codes = {text: read_color(text) for text in texts if text}
    shared = collections.Counter(codes.values())
    return {
        text: code if shared[code] == 1 or text.strip().casefold() in COLORS else text.strip()
        for text, code in codes.items()
    }


def _read_prices(record: Record, countries: Mapping[str, str]) -> Mapping[str, Money]:
    own = record.record("priceRangeV2").price("minVariantPrice")
    prices = {own.currency: own}
    for currency in countries:
        price = record.record(f"price_{currency}").record("priceRange").price("minVariantPrice")
        if price.currency == currency:  # else the shop does not sell in it there
            prices.setdefault(currency, price)
    return prices


def _read_attributes(record: Record, catalogue: Catalogue) -> Mapping[str, Attribute]:
    """What is written in the metafields that the shop's file names; others than texts have no words to be told."""
    attributes = {}
    for index, (_, key) in enumerate(catalogue.facts):
        fact = record.find(f"fact_{index}")
        words = _read_words(fact) if fact else ""
        if words:
            attributes[key] = Attribute(key, words, Text({catalogue.shop.default_language: words}))
    return attributes


def _read_words(fact: Record) -> str:
    kind = fact.identifier("type")
    if kind in TEXTS:
        return fact.text("value").strip()
    if kind in TEXT_LISTS:
        try:
            return ", ".join(str(item) for item in json.loads(fact.text("value")))
        except (TypeError, ValueError) as error:
            raise fact.fail("value", "is no list") from error
    return ""
