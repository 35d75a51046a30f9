"""A product of the demo shop's files."""

from __future__ import annotations

import itertools

from pasar.commerce.demo.fields import Field
from pasar.commerce.demo.texts import ShopTexts
from pasar.commerce.model import Attribute, Product, Size, Variant

KINDS = frozenset({"clothing", "shoes", "phone", "bag", "cosmetics", "accessory", "outdoor", "home"})

#: What a record may say of a product: the assistant knows questions for these names.
ATTRIBUTES = frozenset(
    [
        "material",
        "stretch",
        "hijab",
        "waterproof",
        "care",
        "5g",
        "battery",
        "storage",
        "screen",
        "camera",
        "weight",
        "dimensions",
        "lining",
        "thickness",
        "transparency",
        "origin",
        "compatibility",
        "charger",
        "skin_type",
        "ingredients",
        "expiry",
        "certification",
        "box_contents",
        "capacity",
        "sole",
        "heel",
        "volume",
        "washable",
        "noise",
        "power",
    ]
)

#: Colour codes, and how they are written in a variant's SKU.
COLORS = {
    "black": "BLK",
    "white": "WHT",
    "blue": "BLU",
    "red": "RED",
    "pink": "PNK",
    "beige": "BGE",
    "brown": "BRN",
    "green": "GRN",
    "grey": "GRY",
    "navy": "NVY",
    "purple": "PUR",
    "yellow": "YLW",
    "orange": "ORG",
    "cream": "CRM",
    "khaki": "KHK",
}

FIELDS = (
    "sku",
    "kind",
    "prices",
    "colors",
    "sizes",
    "stock",
    "exceptions",
    "chart",
    "attributes",
    "related",
    "genuine",
    "card",
    "warranty",
    "returnable",
)


def read_product(field: Field, texts: ShopTexts, currencies: tuple[str, ...]) -> Product:
    """The product of ``field``, with words in all languages of ``texts`` and a price in all ``currencies``."""
    sku = field["sku"].read_text().upper()
    # From here on the path names the product, not only its place in the file.
    field = Field(f"{field.path} ({sku})", field.value, field.today)
    field.check_names(*FIELDS)
    if field["kind"].read_text() not in KINDS:
        raise field["kind"].fail(f"must be one of: {', '.join(sorted(KINDS))}")
    prices = field["prices"].read_amounts()
    for currency in currencies:
        if currency not in prices:
            raise field["prices"].fail(f"has none in {currency}")
    chart = tuple(_read_size(label, item) for label, item in field["chart"].map_items())
    sizes = field["sizes"].read_texts()
    for size in chart:
        if size.label not in sizes:
            raise field["chart"].fail(f"{size.label} is not among the sizes")
    attributes = dict(field["attributes"].map_items())
    texts.check_attributes(sku, list(attributes))
    return Product(
        sku=sku,
        name=texts.read("products", sku, "name"),
        aliases=texts.read("products", sku, "aliases"),
        kind=field["kind"].read_text(),
        description=texts.read("products", sku, "description"),
        prices=prices,
        variants=_read_variants(field, sku, sizes),
        attributes={name: _read_attribute(name, item, sku, texts) for name, item in attributes.items()},
        size_chart=chart,
        size_unit="" if not chart else "foot" if chart[0].foot_length else "body",
        related=field["related"].read_texts(),
        genuine=field["genuine"].read_bool() if field["genuine"] else None,
        authenticity_card=field["card"].read_bool(False),
        warranty_months=field["warranty"].read_int() if field["warranty"] else None,
        returnable=field["returnable"].read_bool(True),
        url=f"https://stylehub.example/products/{sku.lower()}",
        image=f"https://stylehub.example/images/{sku.lower()}.jpg",
    )


def _read_size(label: str, field: Field) -> Size:
    field.check_names("height", "weight", "bust", "waist", "foot_length")
    return Size(label, **{name: item.read_range() for name, item in field.map_items()})


def _read_attribute(name: str, field: Field, sku: str, texts: ShopTexts) -> Attribute:
    if name not in ATTRIBUTES:
        raise field.fail("is no attribute's name")
    value = field.value
    if not isinstance(value, (str, bool, int, float)):
        raise field.fail("must be a text, a number, true or false")
    plain = float(value) if type(value) is int else value
    return Attribute(name, plain, texts.read("products", sku, "attributes", name))


def _read_variants(field: Field, sku: str, sizes: tuple[str, ...]) -> tuple[Variant, ...]:
    """Every colour in every size: ``stock`` pieces each, but for ``exceptions`` (``black/M: {stock: 0, restock: 9}``)."""
    colors = field["colors"].read_texts()
    for color in field["colors"].list_items():
        if color.value not in COLORS:
            raise color.fail(f"must be one of: {', '.join(COLORS)}")
    exceptions = dict(field["exceptions"].map_items())
    variants = []
    for color_code, size in itertools.product(colors or (None,), sizes or (None,)):
        parts = [part for part in (color_code, size) if part is not None]
        exception = exceptions.pop("/".join(parts), None)
        if exception:
            exception.check_names("stock", "restock")
        suffixes = [COLORS[color_code]] if color_code else []
        suffixes += [size.upper().replace(" ", "").replace(".", "")] if size else []
        variants.append(
            Variant(
                sku="-".join([sku, *suffixes]),
                color=color_code,
                size=size,
                stock=exception["stock"].read_int() if exception else field["stock"].read_int(),
                restock_on=exception["restock"].find_date() if exception else None,
            )
        )
    for name, exception in exceptions.items():
        raise exception.fail(f"there is no variant {name}")
    return tuple(variants)
