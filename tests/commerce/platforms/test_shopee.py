"""Shopee keeps the contract of platforms; what it promises besides is in the folder beside this file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.model import Buyer
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.contract import PlatformContract
from tests.commerce.platforms.shopee_samples import BUYER, MODELLED_ITEM, PAID, SHIPPED, fill, open_api
from tests.commerce.platforms.shopee_server import PARTNER_KEY, SHOP_ID, ShopeeServer, make_push


class TestShopee(PlatformContract):
    """The contract, for an app of the seller's own, and a shop that has its orders looked through for a buyer's."""

    order_id = SHIPPED
    cancellable_order_id = PAID
    shipped_order_id = SHIPPED
    owner = Buyer(account=str(BUYER))
    product_reference = str(MODELLED_ITEM)
    products = 61

    @pytest.fixture
    async def server(self) -> AsyncIterator[ShopeeServer]:
        async with ShopeeServer() as running:
            fill(running)
            yield running

    @pytest.fixture
    async def api(self, server: ShopeeServer) -> AsyncIterator[ShopeeApi]:
        opened = open_api(server, find_orders_days="15")
        yield opened
        await opened.close()

    def sign_notice(self, body: bytes) -> dict[str, str]:
        signed = self.notice_url.encode() + b"|" + body
        return {"authorization": hmac.new(PARTNER_KEY.encode(), signed, hashlib.sha256).hexdigest()}

    def product_notice(self) -> bytes:
        changed = {"name": "reserved_stock", "old": 4951, "new": 4950}
        data = {"shop_id": SHOP_ID, "item_id": MODELLED_ITEM, "variation_id": 87912785718, "changed_values": [changed]}
        return make_push(data=data, shop_id=SHOP_ID, code=8, timestamp=1660124246)
