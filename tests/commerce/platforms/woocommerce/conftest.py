"""A shop with WooCommerce on this machine, and the module that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pasar.commerce.platforms.woocommerce import WooCommerceApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shops import make_shop
from tests.commerce.platforms.woocommerce.samples import SETTINGS, fill
from tests.commerce.platforms.woocommerce.server import WooCommerceServer


@pytest.fixture
async def server() -> AsyncIterator[WooCommerceServer]:
    """A filled shop."""
    async with WooCommerceServer() as running:
        fill(running)
        yield running


@pytest.fixture
async def api(server: WooCommerceServer) -> AsyncIterator[WooCommerceApi]:
    """The module, with the shop's keys."""
    opened = WooCommerceApi.open(make_shop(), {**SETTINGS, "base_url": server.base_url}, MemoryTokens())
    yield opened
    await opened.close()
