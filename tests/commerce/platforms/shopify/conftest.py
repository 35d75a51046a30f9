"""A running store, and the interface that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pasar.commerce.platforms.shopify import ShopifyApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopify.records import SHOP
from tests.commerce.platforms.shopify.server import SECRET, ShopifyServer


@pytest.fixture
async def store() -> AsyncIterator[ShopifyServer]:
    """An empty store; at the end, it has understood everything it was asked."""
    async with ShopifyServer() as server:
        yield server
        assert [] == server.misfits


@pytest.fixture
async def api(store: ShopifyServer) -> AsyncIterator[ShopifyApi]:
    """With the token of an app made in the shop's admin."""
    settings = {
        "store": "example",
        "access_token": store.token,
        "client_secret": SECRET,
        "base_url": store.base_url,
        "metafields": "custom.material, custom.care, custom.missing, custom.Weight",
    }
    made = ShopifyApi.open(SHOP, settings, MemoryTokens())
    yield made
    await made.close()
