"""TikTok Shop keeps the contract of platforms; what it promises besides is in the folder beside this file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.platforms.api import PlatformApi
from pasar.commerce.platforms.tiktokshop import session
from pasar.commerce.platforms.tiktokshop.notices import sign_notice
from pasar.commerce.platforms.tiktokshop.signing import App
from tests.commerce.platforms.contract import PlatformContract
from tests.commerce.platforms.tiktokshop.samples import HER, ORDER_ID, PAID_ID, PRODUCT_ID, fill, make_tokens, open_api
from tests.commerce.platforms.tiktokshop.server import APP_KEY, APP_SECRET, SHOP_ID, TikTokShopServer


class TestTikTokShopApi(PlatformContract):
    """The contract."""

    order_id = ORDER_ID
    cancellable_order_id = PAID_ID
    shipped_order_id = ORDER_ID
    owner = HER
    product_reference = PRODUCT_ID
    products = 5

    @pytest.fixture
    async def server(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TikTokShopServer]:
        monkeypatch.setattr(session, "PAGE_SIZE", 2)  # so that five products are three pages
        async with TikTokShopServer() as server:
            fill(server)
            yield server

    @pytest.fixture
    async def api(self, server: TikTokShopServer) -> AsyncIterator[PlatformApi]:
        api = open_api(server, make_tokens())
        yield api
        await api.close()

    def sign_notice(self, body: bytes) -> dict[str, str]:
        return {"authorization": sign_notice(App(APP_KEY, APP_SECRET), body)}

    def product_notice(self) -> bytes:
        # product_id is a number in the documentation's sample of this topic, too
        data = {"product_id": int(PRODUCT_ID), "status": "PRODUCT_STATUS_CHANGED", "update_time": 1644412885}
        notice = {"type": 5, "tts_notification_id": "7327112393057371910", "shop_id": SHOP_ID, "data": data}
        return json.dumps(notice).encode()
