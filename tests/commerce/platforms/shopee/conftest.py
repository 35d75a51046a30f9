"""Shopee on this machine, and the module that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee_samples import fill, open_api
from tests.commerce.platforms.shopee_server import ShopeeServer


@pytest.fixture
async def server() -> AsyncIterator[ShopeeServer]:
    """Shopee, with the contract's shop."""
    async with ShopeeServer() as running:
        fill(running)
        yield running


@pytest.fixture
async def api(server: ShopeeServer) -> AsyncIterator[ShopeeApi]:
    """The module, with looking through orders."""
    opened = open_api(server, find_orders_days="15")
    yield opened
    await opened.close()
