"""Shopify keeps the contract of platforms; what it promises besides is in :mod:`.shopify`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.model import Buyer
from pasar.commerce.platforms.shopify import ShopifyApi
from tests.commerce.platforms.contract import PlatformContract
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopify.records import OWNER, SHOP, make_order, make_product, make_shipped
from tests.commerce.platforms.shopify.server import SECRET, ShopifyServer


class TestShopify(PlatformContract):
    """The contract, on a store with two pages of products."""

    order_id = "#1001"
    cancellable_order_id = "#1002"
    shipped_order_id = "#1001"
    owner = Buyer(email=OWNER)
    product_reference = "7001"
    products = 23

    @pytest.fixture
    async def server(self) -> AsyncIterator[ShopifyServer]:
        """The store."""
        async with ShopifyServer() as store:
            store.orders = [make_shipped(1001), make_order(1002), make_order(1003, email="other@example.com")]
            store.products = [make_product(7000 + number) for number in range(self.products)]
            store.products += [make_product(8001, status="DRAFT"), make_product(8002, status="ARCHIVED")]
            yield store
            assert [] == store.misfits

    @pytest.fixture
    async def api(self, server: ShopifyServer) -> AsyncIterator[ShopifyApi]:
        """With the token of an app made in the shop's admin."""
        settings = {"store": "example.myshopify.com", "access_token": server.token, "client_secret": SECRET}
        made = ShopifyApi.open(SHOP, {**settings, "base_url": server.base_url}, MemoryTokens())
        yield made
        await made.close()

    def sign_notice(self, body: bytes) -> dict[str, str]:
        """As https://shopify.dev/docs/apps/build/webhooks/subscribe/https says."""
        digest = hmac.digest(SECRET.encode(), body, hashlib.sha256)
        return {
            "x-shopify-topic": "products/update",
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
            "x-shopify-shop-domain": "example.myshopify.com",
            "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        }

    def product_notice(self) -> bytes:
        """The ids of it, among much else, as in the REST resource of the version."""
        gid = f"gid://shopify/Product/{self.product_reference}"
        return json.dumps({"admin_graphql_api_id": gid, "id": int(self.product_reference), "title": "Thing"}).encode()
