"""An item of Shopee's and its models as our product and its variants.

Sources: https://open.shopee.com/documents/v2/v2.product.get_item_base_info?module=89&type=1,
https://open.shopee.com/documents/v2/v2.product.get_model_list?module=89&type=1,
https://open.shopee.com/developer-guide/223 (prices and stock).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pasar.commerce.model import Attribute, Money, Product, Text, Variant
from pasar.commerce.platforms.shopee.fields import Field
from pasar.commerce.platforms.shopee.orders import product_sku, variant_sku

FOR_SALE = "NORMAL"

#: How sellers in Shopee's markets name the tier of colours, lower case. Every other tier counts as a size.
_COLOR_TIERS = frozenset(
    {
        "color", "colour", "colors", "colours", "kulay", "warna", "màu", "màu sắc", "mau", "mau sac", "สี",
        "颜色", "顏色", "cor", "cores", "colores", "kolor",
    }
)  # fmt: skip


def read_product(item: Field, models: Field | None, language: str) -> Product:
    """A product; ``models`` is the answer of get_model_list for an item that has models.

    Its price is what a buyer pays now, with tax where the market shows it so; of models at several prices the lowest.
    """
    item_id, item_sku = item["item_id"].identifier(), item["item_sku"].text("")
    if models is None:
        variants = [Variant(variant_sku("", item_sku, item_id, "0"), None, None, _read_stock(item))]
        prices = _find_lowest([item])
    else:
        variants = list(_read_variants(models, item_sku, item_id))
        prices = _find_lowest(models["model"].items())
    if not variants:
        raise item["has_model"].fail("is true, but there are no models")
    if not prices:
        raise item["price_info"].fail("is missing")
    return Product(
        sku=product_sku(item_sku, item_id),
        name=Text({language: item["item_name"].text()}),
        aliases=Text(),
        kind="",
        description=Text({language: _read_description(item)}),
        prices=prices,
        variants=tuple(variants),
        attributes=_read_attributes(item, language),
        image=next((image.text("") for image in item["image"]["image_url_list"].items()), "") if item["image"] else "",
        reference=item_id,
    )


def _read_variants(models: Field, item_sku: str, item_id: str) -> Iterable[Variant]:
    tiers = [
        (tier["name"].text("").lower(), [option["option"].text() for option in tier["option_list"].items()])
        for tier in models["tier_variation"].items()
    ]
    for model in models["model"].items():
        color, sizes = None, []
        for number, index in enumerate(model["tier_index"].items()):
            name, options = tiers[number] if number < len(tiers) else ("", [])
            if not 0 <= index.number() < len(options):
                raise index.fail("is no option of tier_variation")
            if name in _COLOR_TIERS and color is None:
                color = options[index.number()].lower()
            else:
                sizes.append(options[index.number()])
        yield Variant(
            sku=variant_sku(model["model_sku"].text(""), item_sku, item_id, model["model_id"].identifier()),
            color=color,
            size=" / ".join(sizes) or None,
            stock=0 if model["model_status"].text("") == "MODEL_UNAVAILABLE" else _read_stock(model),
        )


def _read_stock(thing: Field) -> int:
    return max(0, thing["stock_info_v2"]["summary_info"]["total_available_stock"].number())


def _find_lowest(things: Iterable[Field]) -> Mapping[str, Money]:
    lowest: dict[str, Money] = {}
    for thing in things:
        for info in thing["price_info"].items():
            currency = info["currency"].currency()
            # The same as current_price but in Indonesia, Colombia and Poland, where buyers see it with tax.
            taxed = info["inflated_price_of_current_price"]
            price = (taxed if taxed.value else info["current_price"]).money(currency)
            if currency not in lowest or price < lowest[currency]:
                lowest[currency] = price
    return lowest


def _read_description(item: Field) -> str:
    if item["description_type"].text("") != "extended":
        return item["description"].text("")
    parts = item["description_info"]["extended_description"]["field_list"].items()
    return "\n".join(part["text"].text("") for part in parts if part["field_type"].text("") == "text")


def _read_attributes(item: Field, language: str) -> Mapping[str, Attribute]:
    attributes = {}
    for entry in item["attribute_list"].items():
        name = entry["original_attribute_name"].text("")
        values = [
            f"{value['original_value_name'].text('')} {value['value_unit'].text('')}".strip()
            for value in entry["attribute_value_list"].items()
        ]
        told = ", ".join(value for value in values if value)
        if name and told:
            attributes[name] = Attribute(name, told, Text({language: f"{name}: {told}"}))
    return attributes
