"""Products of WooCommerce: variations, stock, sales, pages."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from pasar.commerce.model import Money
from pasar.commerce.platforms.woocommerce import WooCommerceApi
from tests.commerce.platforms.contract import NOW
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shops import make_shop
from tests.commerce.platforms.woocommerce.samples import SETTINGS


async def test_a_variable_product_has_its_variations(api):
    product = await api.read_product("200")
    assert ("TEE", "Ship Your Idea – Tee", "clothing") == (product.sku, product.name["en"], product.kind)
    assert {"USD": Money(Decimal("12.00"), "USD")} == product.prices
    assert [("TEE-BLK-M", "black", "M", 5), ("TEE#202", "navy", "M", 3), ("TEE-BLK-L", "black", "L", 0)] == [
        (variant.sku, variant.color, variant.size, variant.stock) for variant in product.variants
    ]
    assert {"care"} == product.attributes.keys()
    assert ("Cold, By hand", "Care: Cold, By hand") == (
        product.attributes["care"].value,
        product.attributes["care"].text["en"],
    )
    assert "Short & sweet." == product.description["en"]


@pytest.mark.parametrize("reference", ["301", "302", "303", "304", "305", "999", "abc", "", "٣"])
async def test_what_is_not_sold_is_none(api, reference):
    assert await api.read_product(reference) is None


@pytest.mark.parametrize(
    ("more", "stock"),
    [
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "instock"}, 1),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "outofstock"}, 0),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "onbackorder"}, 0),
        ({"stock_quantity": -2, "stock_status": "onbackorder"}, 0),
        ({"stock_quantity": 2.5}, 2),
    ],
)
async def test_stock_is_never_made_up(api, server, more, stock):
    server.products[1] |= more
    assert [stock] == [variant.stock for variant in (await api.read_product("1")).variants]


async def test_a_sale_counts_between_its_dates(api, server):
    def day(days):
        return (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S")

    for begins, ends, price in [(-1, 1, "0.99"), (1, 2, "1.50"), (-2, -1, "1.50")]:
        dates = {"date_on_sale_from_gmt": day(begins), "date_on_sale_to_gmt": day(ends)}
        server.products[1] |= {"sale_price": "0.99", **dates}
        assert Decimal(price) == (await api.read_product("1")).prices["USD"].amount


async def test_the_currency_is_the_shops_and_asked_once(api, server):
    server.currency = "IDR"
    assert {"IDR"} == (await api.read_product("1")).prices.keys()
    assert {"IDR"} == (await api.read_product("2")).prices.keys()
    assert 1 == len(server.calls("/data/currencies/current"))


async def test_products_without_sku_have_their_ids(api, server):
    server.products[1]["sku"] = server.products[200]["sku"] = ""
    server.variations[200][1]["sku"] = ""
    server.orders[727]["line_items"][1]["sku"] = ""
    assert ("#1", "#1") == ((one := await api.read_product("1")).sku, one.variants[0].sku)
    assert ("#200", "#200#202") == ((tee := await api.read_product("200")).sku, tee.variants[1].sku)
    line = (await api.read_order("727")).lines[1]
    assert (tee.sku, tee.variants[1].sku) == (line.sku, line.variant_sku)


async def test_pages_are_followed_to_the_last(api, server):
    """As X-WP-TotalPages says, also where a page is shorter than asked for and not the last."""
    assert [100, 2] == [len(page) async for page in api.read_products()]
    listed = [call.query for call in server.calls("/products") if call.path.endswith("/products")]
    assert [("1", "100"), ("2", "100")] == [(query["page"], query["per_page"]) for query in listed]
    server.unseen = {1, 2, 3}
    assert [97, 2] == [len(page) async for page in api.read_products()]
    for number in range(1, 60):
        server.products[number]["status"] = "draft"
    assert [43] == [len(page) async for page in api.read_products()]


async def test_pages_are_followed_where_a_proxy_takes_the_headers(api, server):
    server.counts = False
    assert [100, 2] == [len(page) async for page in api.read_products()]


async def test_only_what_changed_is_read(api, server):
    server.products[5]["date_modified_gmt"] = "2026-03-08T00:00:01"
    since = datetime.datetime(2026, 3, 8, 7, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))
    assert ["SKU-5"] == [product.sku async for page in api.read_products(since) for product in page]


async def test_a_seller_may_name_attributes_otherwise(server):
    for item in server.variations[200]:
        item["attributes"] = [{"name": "Warna", "option": "Hitam"}, {"name": "Ukuran", "option": "M"}]
    own = {"color_attribute": "warna", "size_attribute": "Ukuran"}
    api = WooCommerceApi.open(make_shop(), {**SETTINGS, **own, "base_url": server.base_url}, MemoryTokens())
    variant = (await api.read_product("200")).variants[0]
    assert ("hitam", "M") == (variant.color, variant.size)
    await api.close()
