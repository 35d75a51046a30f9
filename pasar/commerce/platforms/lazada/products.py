"""Lazada's products in our terms.

https://open.lazada.com/apps/doc/api?path=%2Fproducts%2Fget and %2Fproduct%2Fitem%2Fget; what distinguishes variants
(``saleProp``) is in "Custom sales attributes" (docId=120259), which stock can be sold (``sellableQuantity``) in
"Inventory calculation logic" (docId=121233).

A product has no SKU of its own there: ours is its item id, its variants' are the seller's SKUs. For sale is an active
product with its active SKUs. Where variants differ in price, the lowest is told. A special price counts while its dates
say that it runs; they have no time zone in the documentation and are read in the country's. The names have no language
there and are taken for the shop's own. Kind, size chart and single facts are not in our terms.
"""

from __future__ import annotations

import datetime
import html
import json
import re
from collections.abc import Sequence

from pasar.commerce.model import Money, Product, Text, Variant
from pasar.commerce.platforms.lazada.fields import Record
from pasar.commerce.platforms.lazada.ventures import Venture

#: ``2018-07-26 00:00`` in answers, with seconds where sellers set it, and without its space in the documentation.
_DAY_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]?(\d{2}:\d{2})(?::\d{2})?)?")
#: HTML as sellers' editors write it, which no strict reader takes.
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"</?(?:p|div|br|li|ul|ol|table|tr|h[1-6])\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)


def read_product(record: Record, venture: Venture, language: str, now: datetime.datetime) -> Product | None:
    """A product with its variants, prices as they are ``now``; None where it is not for sale."""
    if (record.read_text("status") or "active").lower() != "active":
        return None
    skus = [sku for sku in record.list_records("skus") if (sku.read_text("Status") or "active").lower() == "active"]
    if not skus:
        return None
    attributes = record.get_record("attributes")
    item_id = record.need_text("item_id")
    price = min(_read_price(sku, venture, now).amount for sku in skus)
    return Product(
        sku=item_id,
        name=Text({language: attributes.need_text("name")}),
        aliases=Text(),
        kind="",
        description=Text({language: words} if (words := _read_description(attributes)) else {}),
        prices={venture.currency: venture.money(price)},
        variants=tuple(_read_variant(sku) for sku in skus),
        attributes={},
        url=skus[0].read_text("Url"),
        image=_read_image(record, skus),
        reference=item_id,
    )


def strip_tags(source: str) -> str:
    """The words of HTML, one line a paragraph."""
    words = html.unescape(_TAG.sub("", _BREAK.sub("\n", _HIDDEN.sub(" ", source))))
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return "\n".join(filter(None, lines))


def _read_description(attributes: Record) -> str:
    return strip_tags(attributes.read_text("description") or attributes.read_text("short_description"))


def _read_price(sku: Record, venture: Venture, now: datetime.datetime) -> Money:
    special = sku.find_decimal("special_price")
    if special:  # 0 is "none"
        begins, ends = (_find_moment(sku, name, venture) for name in ("special_from", "special_to"))
        if begins and ends and begins <= now < ends:
            return venture.money(special)
    return venture.money(sku.need_decimal("price"))


def _find_moment(sku: Record, name: str, venture: Venture) -> datetime.datetime | None:
    field = next((full for full in (f"{name}_time", f"{name}_date") if sku.read_text(full)), "")
    if not field:
        return None
    match = _DAY_TIME.fullmatch(sku.read_text(field))
    try:
        moment = datetime.datetime.fromisoformat(f"{match[1]} {match[2] or '00:00'}") if match else None
    except ValueError:
        moment = None
    if moment is None:
        raise sku.fail(field, "is no day")
    return moment.replace(tzinfo=venture.time_zone)


def _read_variant(sku: Record) -> Variant:
    props = sku.get_record("saleProp")
    color = props.read_text("color_family") or sku.read_text("color_family")
    size = props.read_text("size") or sku.read_text("size")
    return Variant(
        sku=sku.read_text("SellerSku") or sku.need_text("ShopSku"),
        color="_".join(color.lower().split()) or None,
        size=size or None,
        stock=max(0, _count_stock(sku)),
    )


def _count_stock(sku: Record) -> int:
    houses = [
        house for name in ("multiWarehouseInventories", "fblWarehouseInventories") for house in sku.list_records(name)
    ]
    sellable = [count for house in houses if (count := house.find_whole("sellableQuantity")) is not None]
    if sellable:
        return sum(sellable)
    count = sku.find_whole("Available")
    return (sku.find_whole("quantity") or 0) if count is None else count


def _read_image(record: Record, skus: Sequence[Record]) -> str:
    images = record.get("images")
    if isinstance(images, str):  # a list within a text, as documented; a bare list in truth
        try:
            images = json.loads(images)
        except ValueError:
            images = []
    candidates = images if isinstance(images, list) else []
    for sku in skus:
        more = sku.get("Images")
        candidates = [*candidates, *(more if isinstance(more, list) else [])]
    return next((image for image in candidates if isinstance(image, str) and image), "")
