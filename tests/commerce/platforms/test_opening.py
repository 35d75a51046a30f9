"""Shops on platforms are opened from their files."""

from __future__ import annotations

import csv
import pathlib

import pytest

from pasar.commerce import files as csv_files
from pasar.commerce import registry
from pasar.commerce.backend import ShopError, UnknownShopError
from pasar.commerce.model import Buyer
from pasar.commerce.platforms.backend import PlatformBackend
from tests.commerce.platforms.installation import shops, write_plain
from tests.commerce.profiles.example import write_example

__all__ = ["shops"]

FILES = pathlib.Path(csv_files.__file__).parent / "example"


async def test_the_registry_opens_a_shop_from_its_file(shops):
    write_example(shops, "# base_url: https://sandbox.example ", "base_url: https://sandbox.example ")

    shop = registry.open_shop("batikhaus")
    assert isinstance(shop, PlatformBackend)
    assert shop is registry.open_shop(registry.default_shop())
    assert "Batikhaus" == (await shop.get_shop()).name
    assert 5 == (await shop.sync()).added
    assert "LAMP-01" == (await shop.get_product("lamp-01")).sku
    assert {"1000001", "test-partner-key", "2000002", "https://sandbox.example", "30"} == set(
        shop._api.settings.values()
    )
    [service] = shop._parcels._sources
    assert ("batikhaus", "test-tracking-key", 190008) == (service._shop_id, service._key, service._couriers["yun"])


async def test_two_shops_of_one_platform_have_their_own_keys(shops, monkeypatch):
    monkeypatch.setenv("SECOND_KEY", "second-key")
    write_plain(shops)
    second = write_plain(shops, "second")
    text = second.read_text(encoding="utf-8")
    second.write_text(text.replace("BATIKHAUS_SHOPEE_PARTNER_KEY", "SECOND_KEY"), encoding="utf-8")

    first, other = registry.open_shop("batikhaus"), registry.open_shop("second")
    assert "test-partner-key" == first._api.settings["partner_key"]
    assert ("second", "second-key") == (other._api.shop_id, other._api.settings["partner_key"])
    await first.sync()
    with pytest.raises(ShopError, match="make sync SHOP=second"):
        await other.list_products()


def test_a_key_that_is_not_set_is_named(shops, monkeypatch):
    write_example(shops)
    monkeypatch.delenv("BATIKHAUS_SHOPEE_PARTNER_KEY")
    with pytest.raises(UnknownShopError, match=r"keys\.partner_key: BATIKHAUS_SHOPEE_PARTNER_KEY is not set"):
        registry.open_shop("batikhaus")


async def test_a_shop_from_three_files_is_whole(shops, monkeypatch):
    """With the real module, from the shop's file to a product that is found."""
    path = write_plain(shops)
    text = path.read_text(encoding="utf-8").replace("platform: shopee", "platform: csv")
    start, end = text.index("keys:"), text.index("# base_url")
    path.write_text(f"{text[:start]}keys:\n  folder: ${{FILES}}\n{text[end:]}", encoding="utf-8")
    monkeypatch.setenv("FILES", str(FILES))

    shop = registry.open_shop("batikhaus")
    report = await shop.sync()
    products = await shop.list_products()
    assert len(products) == report.added > 0
    first = products[0]
    assert first.sku in [product.sku for product in await shop.search_products(first.name.to("en", "en"))]
    assert first.sku == (await shop.get_product(first.variants[0].sku.lower())).sku
    assert not (await shop.sync()).added
    orders = [row["order_id"] for row in csv.DictReader((FILES / "orders.csv").open(encoding="utf-8"))]
    order = await shop.get_order(orders[0].lower())
    assert orders[0] == order.order_id
    assert order in await shop.find_orders(Buyer(email=order.email))
