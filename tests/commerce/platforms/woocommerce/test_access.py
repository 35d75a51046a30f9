"""Keys, and what is said where they or the answers are wrong."""

from __future__ import annotations

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.woocommerce import WooCommerceApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shops import make_shop
from tests.commerce.platforms.woocommerce.samples import SETTINGS


async def test_wrong_keys_are_an_error_with_the_shops_code(server):
    wrong = {**SETTINGS, "consumer_secret": "cs_wrong", "base_url": server.base_url}
    api = WooCommerceApi.open(make_shop(), wrong, MemoryTokens())
    with pytest.raises(ShopError, match=r"testshop: read_order: .*401 woocommerce_rest_cannot_view") as raised:
        await api.read_order("727")
    assert "cs_wrong" not in str(raised.value)
    assert 1 == server.forged
    await api.close()


@pytest.mark.parametrize("name", ["url", "consumer_key", "consumer_secret", "webhook_secret"])
def test_every_key_is_needed(name):
    with pytest.raises(ShopError, match=f"testshop: open: .*{name}"):
        WooCommerceApi.open(make_shop(), {**SETTINGS, name: ""}, MemoryTokens())


def test_keys_are_not_sent_in_the_clear():
    with pytest.raises(ShopError, match="https"):
        WooCommerceApi.open(make_shop(), {**SETTINGS, "url": "http://shop.example"}, MemoryTokens())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total", "NaN"),
        ("total", "12,50"),
        ("total", 12.5),
        ("currency", "Rupiah"),
        ("date_created_gmt", "yesterday"),
        ("line_items", {}),
        ("line_items", [7]),
        ("billing", []),
        ("meta_data", [None]),
        ("customer_id", "26"),
    ],
)
async def test_a_malformed_order_is_told_by_its_field(api, server, field, value):
    server.orders[727][field] = value
    with pytest.raises(ShopError, match=f"testshop: read_order: woocommerce: orders/727.{field}"):
        await api.read_order("727")
