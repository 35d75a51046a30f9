"""Products from TikTok Shop's records."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from pasar.commerce.model import Money
from pasar.commerce.platforms.tiktokshop import products
from pasar.commerce.platforms.tiktokshop.fields import Record
from tests.commerce.platforms.tiktokshop.samples import PRODUCT_ID, make_market, make_product, make_sku


def read_product(**changes: Any) -> Any:
    """A product with changes."""
    return products.read_product(Record(make_product(**changes)), make_market())


def test_a_product_is_told_as_documented() -> None:
    """TikTok's id stands for it; colours by TikTok's attribute, what else tells variants apart is their size."""
    product = read_product()
    assert (PRODUCT_ID, PRODUCT_ID, "Short Boat Invisible Socks") == (
        product.sku,
        product.reference,
        product.name["id"],
    )
    assert "Soft & warm.\nM-Size\nXL-Size" == product.description["id"]
    assert "https://p16.example/1.jpeg" == product.image
    assert ("birthday", "Occasion: Birthday") == (
        str(product.attributes["occasion"].value).lower(),
        product.attributes["occasion"].text["id"],
    )
    (variant,) = product.variants
    assert ("SOCKS-1", "red", "M", 9) == (variant.sku, variant.color, variant.size, variant.stock)
    assert {"USD": Money(decimal.Decimal("117.5"), "USD")} == product.prices


@pytest.mark.parametrize(
    ("attributes", "color", "size"),
    [
        ([], None, None),
        ([("100000", "Warna", "Hitam")], "hitam", None),
        ([("7", "Màu sắc", "Đen"), ("8", "Kích cỡ", "XL")], "đen", "XL"),
        ([("7", "Style", "A"), ("8", "Size", "M"), ("100000", "Color", "Navy")], "navy", "A / M"),
        ([("100000", "Color", ""), ("8", "Size", "")], None, None),
    ],
)
def test_attributes_of_variants(attributes: list[tuple[str, str, str]], color: str | None, size: str | None) -> None:
    """By TikTok's own number of the colour, or by its name where the seller made one."""
    given = [{"id": number, "name": name, "value_name": value} for number, name, value in attributes]
    (variant,) = read_product(skus=[make_sku(sales_attributes=given)]).variants
    assert (color, size) == (variant.color, variant.size)


def test_variants_that_the_seller_has_stopped_are_left_out() -> None:
    """The price is the cheapest of the others; those without a code of the seller's have TikTok's id."""
    price = {"currency": "USD", "sale_price": "5"}
    skus = [
        make_sku(1),
        make_sku(2, price={"currency": "USD", "tax_exclusive_price": "99.90"}, seller_sku=""),
        make_sku(3, price=price, status_info={"status": "DEACTIVATED"}),
        make_sku(4),
    ]
    product = read_product(skus=skus)
    assert ["SOCKS-1", "1729592969712207012", "SOCKS-4"] == [variant.sku for variant in product.variants]
    assert {"USD": Money(decimal.Decimal("99.90"), "USD")} == product.prices
    assert read_product(skus=skus[2:3]) is None


@pytest.mark.parametrize(
    ("changes", "sold"),
    [
        ({"status": "ACTIVATE"}, True),
        ({"status": "DRAFT"}, False),
        ({"status": "FREEZE"}, False),
        ({"is_not_for_sale": True}, False),
        ({"status": None}, False),
        ({"status": None, "integrated_platform_statuses": [{"platform": "TOKOPEDIA", "status": "ACTIVATE"}]}, True),
        (
            {"status": "DELETED", "integrated_platform_statuses": [{"platform": "TOKOPEDIA", "status": "ACTIVATE"}]},
            False,
        ),
    ],
)
def test_only_what_is_sold_is_a_product(changes: dict[str, Any], sold: bool) -> None:
    """In Indonesia on Tokopedia alone, too."""
    assert sold is (read_product(**changes) is not None)


def test_stock_is_by_tiktoks_id() -> None:
    """And never below nothing."""
    skus = [{"id": "1", "total_available_quantity": 100}, {"id": "2", "total_available_quantity": -1}, {"id": "3"}]
    assert {"1": 100, "2": 0, "3": 0} == products.read_stock(Record({"inventory": [{"product_id": "9", "skus": skus}]}))
