"""TikTok Shop's products as ours.

https://partner.tiktokshop.com/docv2/page/6509d85b4a0bb702c057fdda (product, 202309),
https://partner.tiktokshop.com/docv2/page/inventory-search-202309 (stock).

A product has no SKU of the seller's there, only its variants do: TikTok's own id stands for it. Its price is that of
its cheapest variant, as the platform shows it.
"""

from __future__ import annotations

import html.parser
from collections.abc import Mapping

from pasar.commerce.model import Attribute, Money, Product, Variant
from pasar.commerce.platforms.tiktokshop.fields import Record
from pasar.commerce.platforms.tiktokshop.markets import Market

_ON_SALE = "ACTIVATE"
_COLOR_ID = "100000"  # of TikTok's own attribute; sellers make others of the same name
#: What that attribute is called in the languages of TikTok's markets.
_COLOR_NAMES = frozenset(
    {"color", "colour", "colore", "cor", "couleur", "farbe", "màu", "màu sắc", "warna", "สี", "カラー", "色"}
)


def read_product(record: Record, market: Market, stock: Mapping[str, int] | None = None) -> Product | None:
    """One product, or None where it is not for sale; ``stock``: pieces by TikTok's id of the variant, as of now."""
    if not _is_on_sale(record):
        return None
    skus = [sku for sku in record.list_records("skus") if not _is_stopped(sku)]
    variants = tuple(_read_variant(sku, stock or {}) for sku in skus)
    prices: dict[str, Money] = {}
    for sku in skus:
        price = _read_price(sku.read_record("price"))
        prices[price.currency] = min(price, prices.get(price.currency, price))
    if not variants:
        return None
    product_id = record.read_text("id")
    images = [url for image in record.list_records("main_images") for url in image.list_texts("urls")]
    return Product(
        sku=product_id,
        name=market.text(record.read_text("title")),
        aliases=market.text(""),
        kind="",
        description=market.text(read_html(record.find_text("description"))),
        prices=prices,
        variants=variants,
        attributes=_read_attributes(record, market),
        image=images[0] if images else "",
        reference=product_id,
    )


def read_stock(data: Record) -> dict[str, int]:
    """Pieces that can be ordered now, over all warehouses, by TikTok's id of the variant."""
    return {
        sku.read_text("id"): max(0, sku.find_number("total_available_quantity") or 0)
        for product in data.list_records("inventory")
        for sku in product.list_records("skus")
    }


def read_html(source: str) -> str:
    """The words of a description, a line for each of its blocks."""
    words = _Words()
    words.feed(source)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Words(html.parser.HTMLParser):
    _BLOCKS = frozenset({"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "table", "tr", "ul"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._break(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def _break(self, tag: str) -> None:
        self.parts.append("\n" if tag in self._BLOCKS else "")


def _is_on_sale(record: Record) -> bool:
    """In Indonesia what is listed on Tokopedia alone has its state there."""
    if record.find_flag("is_not_for_sale"):  # a gift with a purchase
        return False
    status = record.find_text("status")
    elsewhere = record.list_records("integrated_platform_statuses")
    return status == _ON_SALE or (not status and any(item.find_text("status") == _ON_SALE for item in elsewhere))


def _is_stopped(sku: Record) -> bool:
    info = sku.find_record("status_info")
    return info is not None and info.find_text("status") == "DEACTIVATED"


def _read_price(price: Record) -> Money:
    """What the product's page shows before discounts; sellers at home may have only the price without tax."""
    name = "sale_price" if price.find_text("sale_price") else "tax_exclusive_price"
    return price.read_money(name, price.read_currency("currency"))


def _read_variant(sku: Record, stock: Mapping[str, int]) -> Variant:
    color, others = None, []
    for attribute in sku.list_records("sales_attributes"):
        value = attribute.find_text("value_name")
        if attribute.find_text("id") == _COLOR_ID or attribute.find_text("name").lower() in _COLOR_NAMES:
            color = value.lower() or None
        elif value:
            others.append(value)
    sku_id = sku.read_text("id")
    listed = sum(max(0, item.find_number("quantity") or 0) for item in sku.list_records("inventory"))
    return Variant(
        sku=sku.find_text("seller_sku") or sku_id,
        color=color,
        size=" / ".join(others) or None,  # whatever else tells variants apart is chosen as a size is
        stock=stock.get(sku_id, listed),
    )


def _read_attributes(record: Record, market: Market) -> dict[str, Attribute]:
    attributes = {}
    for item in record.list_records("product_attributes"):
        name = item.find_text("name")
        values = ", ".join(value.find_text("name") for value in item.list_records("values"))
        if name and values:
            attributes[name.lower()] = Attribute(name.lower(), values, market.text(f"{name}: {values}"))
    return attributes
