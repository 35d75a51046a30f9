"""One order on Shopee, as the module reads it."""

from __future__ import annotations

from typing import Any

from pasar.commerce.model import Order
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee_samples import make_order
from tests.commerce.platforms.shopee_server import ShopeeServer

NUMBER = "250202AAAA0001"


async def read(api: ShopeeApi, server: ShopeeServer, status: str = "READY_TO_SHIP", **changes: Any) -> Order:
    """What the module makes of such an order."""
    server.orders[NUMBER] = make_order(NUMBER, status, **changes)
    order = await api.read_order(NUMBER)
    assert order is not None
    return order
