"""Products as Shopify tells them: variants, colours, stock, prices, facts."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money, Product
from pasar.commerce.platforms.shopify import ShopifyApi
from pasar.commerce.platforms.shopify.products import UNCOUNTED, read_color
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopify.records import NOW, SHOP, at, make_product, make_variant, money
from tests.commerce.platforms.shopify.server import SECRET, ShopifyServer


async def read(api: ShopifyApi, reference: str = "7001") -> Product:
    """One product that is there."""
    product = await api.read_product(reference)
    assert product is not None
    return product


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Black", "black"),
        ("Gray", "grey"),
        ("Navy Blue", "navy"),
        ("dark-blue", "navy"),
        ("Light Blue", "blue"),
        ("JET BLACK", "black"),
        (" Violet ", "purple"),
        ("Ocean Mist", "Ocean Mist"),
        ("Black/White", "Black/White"),
        ("Rose Gold", "Rose Gold"),
        ("Hitam", "Hitam"),
        ("สีดำ", "สีดำ"),
    ],
)
def test_a_colour_is_a_code_where_an_english_word_says_it(text: str, code: str) -> None:
    assert code == read_color(text)


async def test_variants_with_colour_and_size(api: ShopifyApi, store: ShopifyServer) -> None:
    store.products = [
        make_product(
            7001,
            make_variant(1, "D-NVY-M", "Navy Blue", "M"),
            make_variant(2, "", "Ocean Mist", "L", inventoryQuantity=2),
        )
    ]
    product = await read(api)
    assert [("D-NVY-M", "navy", "M", 5), ("2", "Ocean Mist", "L", 2)] == [
        (variant.sku, variant.color, variant.size, variant.stock) for variant in product.variants
    ]


async def test_two_shades_of_one_colour_stay_apart(api: ShopifyApi, store: ShopifyServer) -> None:
    shades = ["Blue", "Light Blue", "Sky Blue", "Gray", "Light Grey"]
    store.products = [make_product(7001, *(make_variant(n, f"S-{n}", shade) for n, shade in enumerate(shades, 1)))]
    assert ("blue", "Light Blue", "Sky Blue", "grey", "Light Grey") == (await read(api)).colors


async def test_a_product_without_options(api: ShopifyApi, store: ShopifyServer) -> None:
    store.products = [make_product(7001)]
    variant = (await read(api)).variants[0]
    assert ("SKU-7001", None, None) == (variant.sku, variant.color, variant.size)


async def test_options_by_the_shops_own_names(store: ShopifyServer) -> None:
    options = [{"name": "Warna", "value": "Black"}, {"name": "UKURAN", "value": "XL"}, {"name": "Size", "value": "9"}]
    store.products = [make_product(7001, make_variant(1, "A", selectedOptions=options))]
    settings = {"color_options": "warna, สี", "size_options": "Ukuran", "access_token": store.token}
    api = ShopifyApi.open(
        SHOP, {**settings, "store": "example", "client_secret": SECRET, "base_url": store.base_url}, MemoryTokens()
    )
    variant = (await read(api)).variants[0]
    assert ("black", "XL") == (variant.color, variant.size)
    await api.close()


@pytest.mark.parametrize(
    ("fields", "tracked", "stock"),
    [
        ({"inventoryQuantity": 7}, True, 7),
        ({"inventoryQuantity": 0, "availableForSale": False}, True, 0),
        ({"inventoryQuantity": -2, "availableForSale": False}, True, 0),
        ({"inventoryQuantity": 7, "availableForSale": False}, True, 0),
        ({"inventoryQuantity": -2, "inventoryPolicy": "CONTINUE"}, True, UNCOUNTED),
        ({"inventoryQuantity": 3, "inventoryPolicy": "CONTINUE"}, True, 3),
        ({"inventoryQuantity": 0}, False, UNCOUNTED),
        ({"inventoryQuantity": None}, False, UNCOUNTED),
        ({"inventoryQuantity": None}, True, 0),
    ],
)
async def test_pieces_that_can_be_sold(
    api: ShopifyApi, store: ShopifyServer, fields: dict[str, Any], tracked: bool, stock: int
) -> None:
    store.products = [make_product(7001, make_variant(1, "A", **fields), tracksInventory=tracked)]
    assert stock == (await read(api)).variants[0].stock


async def test_prices_where_the_store_sells_in_the_currency(api: ShopifyApi, store: ShopifyServer) -> None:
    prices = {"DE": money("12.95", "EUR"), "FR": money("12.95", "EUR"), "ID": money("13.5", "USD")}
    store.products = [make_product(7001, price="13.5", prices=prices)]
    expected = {"USD": Money(Decimal("13.5"), "USD"), "EUR": Money(Decimal("12.95"), "EUR")}
    assert expected == (await read(api)).prices


async def test_metafields_that_are_words(api: ShopifyApi, store: ShopifyServer) -> None:
    metafields = {
        ("custom", "material"): {"type": "single_line_text_field", "value": " Linen "},
        ("custom", "care"): {"type": "list.single_line_text_field", "value": '["Cold wash", "No iron"]'},
        ("custom", "Weight"): {"type": "number_integer", "value": "200"},
        ("custom", "weight"): {"type": "single_line_text_field", "value": "not this one"},
    }
    store.products = [make_product(7001, metafields=metafields)]
    product = await read(api)
    assert {"material": "Linen", "care": "Cold wash, No iron"} == {
        name: fact.value for name, fact in product.attributes.items()
    }
    assert {"en": "Linen"} == product.attributes["material"].text


async def test_the_rest_of_a_product(api: ShopifyApi, store: ShopifyServer) -> None:
    bare = make_product(7002, description="", featuredMedia=None, onlineStoreUrl=None, productType="")
    store.products = [make_product(7001), bare]
    full, empty = await read(api), await read(api, "7002")
    assert ("thing-7001", "7001", {"en": "Thing 7001"}) == (full.sku, full.reference, full.name)
    assert ("clothing", {"en": "Made of linen."}) == (full.kind, full.description)
    assert ("https://example.com/products/thing-7001", "https://cdn.example.com/7001.jpg") == (full.url, full.image)
    assert ("", {}, "", "") == (empty.kind, empty.description, empty.url, empty.image)


async def test_more_variants_than_come_with_a_product(api: ShopifyApi, store: ShopifyServer) -> None:
    variants = [make_variant(number, f"V-{number}") for number in range(1, 252)]
    store.products = [make_product(7001), make_product(7002, *variants)]
    pages = [page async for page in api.read_products()]
    assert [f"V-{number}" for number in range(1, 252)] == [variant.sku for variant in pages[0][1].variants]
    assert 1 + 3 == len(store.seen)  # fifty with the product, then a hundred a page
    assert 251 == len((await read(api, "7002")).variants)


async def test_only_what_has_changed(api: ShopifyApi, store: ShopifyServer) -> None:
    store.products = [make_product(7001), make_product(7002, updatedAt=at(0))]
    zone = datetime.timezone(datetime.timedelta(hours=7))
    since = (NOW - datetime.timedelta(hours=1)).astimezone(zone)
    assert ["thing-7002"] == [product.sku async for page in api.read_products(since) for product in page]


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED", "UNLISTED"])
async def test_what_is_not_for_sale_is_not_told(api: ShopifyApi, store: ShopifyServer, status: str) -> None:
    store.products = [make_product(7001, status=status), make_product(7002)]
    assert await api.read_product("7001") is None
    assert ["thing-7002"] == [product.sku async for page in api.read_products() for product in page]


@pytest.mark.parametrize("reference", ["", "gid://shopify/Product/1", "1 OR 2", "-1", "１"])
async def test_a_reference_that_is_no_number(api: ShopifyApi, store: ShopifyServer, reference: str) -> None:
    with pytest.raises(ShopError, match=r"testshop.*read_product.*reference"):
        await api.read_product(reference)
    assert [] == store.seen
