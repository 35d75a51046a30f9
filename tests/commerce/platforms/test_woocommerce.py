"""WooCommerce keeps the contract of platforms; what its package's docstring decides is in the folder beside this file."""

from __future__ import annotations

import json

import pytest

from pasar.commerce.platforms.woocommerce import WooCommerceApi
from tests.commerce.platforms.contract import PlatformContract
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shops import make_shop
from tests.commerce.platforms.woocommerce.samples import OWNER, SETTINGS, fill, sign_notice
from tests.commerce.platforms.woocommerce.server import WooCommerceServer, make_product


class TestWooCommerce(PlatformContract):
    """The contract."""

    order_id = "727"
    cancellable_order_id = "728"
    shipped_order_id = "727"
    owner = OWNER
    product_reference = "200"
    products = 102

    @pytest.fixture
    async def server(self):
        async with WooCommerceServer() as running:
            fill(running)
            yield running

    @pytest.fixture
    async def api(self, server):
        opened = WooCommerceApi.open(make_shop(), {**SETTINGS, "base_url": server.base_url}, MemoryTokens())
        yield opened
        await opened.close()

    def sign_notice(self, body):
        return sign_notice(body)

    def product_notice(self):
        return json.dumps(make_product(200, "TEE", "12.00")).encode()
