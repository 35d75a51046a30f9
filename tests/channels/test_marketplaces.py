"""From a marketplace's push to the answer in its app, over HTTP: tokens, receipts, echoes, lost pushes, buyers."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from channels import exchange
from channels.connector import SendError
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from channels.shopee import ShopeeConnector
from pasar.commerce.platforms.client import load_trust
from pasar.commerce.platforms.opening import open_tokens
from tests.channels import test_lazada, test_shopee, test_tiktokshop
from tests.channels.conftest import Server
from tests.channels.selling import SellerContract

PLATFORMS = {
    "tiktokshop": test_tiktokshop.TestTikTokShop(),
    "shopee": test_shopee.TestShopee(),
    "lazada": test_lazada.TestLazada(),
}


@dataclasses.dataclass
class Market:
    """A marketplace and the bot, connected."""

    platform: str
    kit: SellerContract
    chat: Any
    server: Server
    client: httpx.AsyncClient

    async def post(self, body: bytes) -> httpx.Response:
        call = self.kit.sign(body, None)
        return await self.client.post(f"/webhooks/{self.platform}/main", content=body, headers=dict(call.headers))

    def write_now(self, text: str, message_id: str) -> bytes:
        """A text of this moment, as who was silent for a day may not be written to."""
        push = json.loads(self.kit.write_text(text, message_id))
        data = push["data"].get("content") if self.platform == "shopee" else push["data"]
        field, unit = {
            "tiktokshop": ("create_time", 1),
            "shopee": ("created_timestamp", 1),
            "lazada": ("send_time", 1000),
        }[self.platform]
        data[field] = int(time.time() * unit)
        return json.dumps(push, ensure_ascii=False).encode()

    async def wait(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)

    @property
    def shown(self) -> list[str]:
        return [shown.text for shown in self.chat.shown]


@contextlib.asynccontextmanager
async def connect(
    platform: str, tmp_path: Any, before: Callable[[Any], None] = lambda _: None
) -> AsyncIterator[Market]:
    kit = PLATFORMS[platform]
    async with kit.make_server() as chat:
        before(chat)
        settings = {"shop": "stylehub", "country": "SG", **kit.settings, "url": chat.base_url}
        if platform == "lazada":
            settings["url"] += "/rest"
        accounts = read_accounts({platform: {"main": settings}})
        tokens = await asyncio.to_thread(open_tokens)
        await tokens.put("stylehub", platform, kit.make_token(chat))
        server = await asyncio.to_thread(Server, tmp_path, lambda store: [PlatformInput(accounts, store)])
        try:
            async with httpx.AsyncClient(base_url=server.url, timeout=20, verify=load_trust()) as client:
                yield Market(platform, kit, chat, server, client)
        finally:
            await asyncio.to_thread(server.stop)
            server.store.dispose()


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_message_is_answered_once(platform, settings, tmp_path):
    """Pushed three times, at once and again; our own message comes back and silences nobody."""
    async with connect(platform, tmp_path) as market:
        body = market.write_now("hello", "m-1")
        answers = await asyncio.gather(*(market.post(body) for _ in range(3)))
        assert {(200, b"")} == {(answer.status_code, answer.content) for answer in answers}
        await market.wait(lambda: market.shown)
        await market.post(market.kit.write_own("You said: hello", "echo-1"))
        await market.post(body)
        await market.post(market.write_now("again", "m-2"))
        await market.wait(lambda: len(market.shown) > 1)
        assert ["You said: hello", "You said: again"] == market.shown
        assert 0 == market.chat.forged


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_person_in_the_platforms_own_app_silences_the_bot(platform, settings, tmp_path):
    async with connect(platform, tmp_path) as market:
        await market.post(market.kit.write_own("Hello, Rina here", "m-1"))
        await market.wait(lambda: market.server.store.get(conversation(market)) is not None)
        await market.post(market.write_now("hello", "m-2"))
        await market.wait(lambda: market.server.bot.heard)
        assert ([], 1) == (market.shown, len(market.server.bot.heard))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_buttons_are_numbers(platform, settings, tmp_path):
    async with connect(platform, tmp_path) as market:
        await market.post(market.write_now("choose", "m-1"))
        await market.wait(lambda: market.shown)
        await market.post(market.write_now("2", "m-2"))
        await market.wait(lambda: len(market.shown) > 1)
        assert ["What is it about?\n1. Order status\n2. Returns", "You said: /return_item"] == market.shown


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_is_forged_is_refused(platform, settings, tmp_path):
    async with connect(platform, tmp_path) as market:
        body = market.write_now("hello", "m-1")
        signed = dict(market.kit.sign(body, None).headers)
        path = f"/webhooks/{platform}/main"
        assert 401 == (await market.client.post(path, content=body)).status_code
        assert 401 == (await market.client.post(path, content=body + b" ", headers=signed)).status_code


@pytest.mark.parametrize("orders_on", ["shopee", "woocommerce", ""])
async def test_a_buyer_is_vouched_for_where_the_shops_orders_are(orders_on, settings, tmp_path, monkeypatch):
    """Her number on Shopee may be somebody else's in another shop system."""
    monkeypatch.setattr("channels.worker.find_platform", lambda _: orders_on)
    async with connect("shopee", tmp_path) as market:
        await market.post(market.write_now("hello", "m-1"))
        await market.wait(lambda: market.shown)
        (heard,) = market.server.bot.heard
        expected = {"account": "165105353"} if orders_on == "shopee" else None
        assert expected == heard.metadata.get("buyer")


async def test_who_cannot_be_asked_for_is_nobody(settings, tmp_path, monkeypatch):
    """The answer does not wait for it."""
    monkeypatch.setattr("channels.worker.find_platform", lambda _: "tiktokshop")

    def before(chat):
        chat.conversations = "broken"

    async with connect("tiktokshop", tmp_path, before) as market:
        await market.post(market.write_now("hello", "m-1"))
        await market.wait(lambda: market.shown)
        assert (["You said: hello"], None) == (market.shown, market.server.bot.heard[0].metadata.get("buyer"))


async def test_what_came_of_a_message_stays_unknown(settings, tmp_path, monkeypatch):
    """After a try whose answer was lost, one that surely failed tells nothing of the first."""
    tries = []

    async def deliver(_, sending, reply):
        tries.append(sending.uncertain)
        if len(tries) < 3:
            raise SendError("as the test says", uncertain=len(tries) == 1)
        return ["1"]

    monkeypatch.setattr(ShopeeConnector, "deliver", deliver)
    async with connect("shopee", tmp_path) as market:
        await market.post(market.write_now("hello", "m-1"))
        await market.wait(lambda: len(tries) > 2)
    assert [False, True, True] == tries


async def test_what_was_lost_is_answered_as_we_come_back(settings, tmp_path, monkeypatch):
    """It was pushed in vain while we were away; and once more by hand, which is not answered again."""
    monkeypatch.setattr(exchange, "RECOVER_SECONDS", 0.5)
    market = PLATFORMS["shopee"]
    lost = json.loads(market.write_text("are you there?", "m-1"))
    lost["data"]["content"]["created_timestamp"] = int(time.time())
    body = json.dumps(lost, ensure_ascii=False).encode()

    async with connect("shopee", tmp_path, lambda chat: chat.lose(body)) as market:
        await market.wait(lambda: market.shown)
        market.chat.lose(body)
        await market.wait(lambda: len(market.chat.confirmed) > 1)
        assert (["You said: are you there?"], []) == (market.shown, market.chat.lost)


def conversation(market: Market) -> str:
    """The id of the conversation of the platform's example."""
    return f"{market.platform}:main:{market.kit.make_address().thread}"
