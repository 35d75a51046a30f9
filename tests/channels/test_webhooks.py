"""Telegram, Zalo and eBay as they call us, over HTTP, and what their buyers are shown."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import time

import httpx

from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from tests.channels import test_ebay, test_telegram, test_zalo
from tests.channels.conftest import Server
from tests.channels.ebay_server import EbayServer
from tests.channels.telegram_server import TelegramServer
from tests.channels.zalo_server import ZaloServer

CONTRACTS = {"telegram": test_telegram.TestTelegram, "zalo": test_zalo.TestZalo, "ebay": test_ebay.TestEbay}


@contextlib.asynccontextmanager
async def run(tmp_path, platform, chat, **settings):
    """A client of our webhook, while the platform and the bot run."""
    async with chat:
        urls = {"url": chat.base_url, "oauth_url": chat.base_url}
        account = {"shop": "stylehub", **CONTRACTS[platform].settings, **urls, **settings}
        accounts = read_accounts({platform: {"main": account}})
        server = await asyncio.to_thread(Server, tmp_path, lambda store: [PlatformInput(accounts, store)])
        try:
            async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
                yield client
        finally:
            await asyncio.to_thread(server.stop)
            server.store.dispose()


async def wait(chat):
    """What is shown, once there is something and no more comes."""
    deadline = time.monotonic() + 20
    while not chat.shown and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    return [(shown.thread, shown.text) for shown in chat.shown]


async def test_telegram_is_answered(settings, tmp_path):
    chat, path = TelegramServer(), "/webhooks/telegram/main"
    async with run(tmp_path, "telegram", chat) as client:
        headers = {test_telegram.HEADER: test_telegram.SECRET}
        body = test_telegram.write_message(text="hello", date=int(time.time()))
        for _ in range(3):
            assert 200 == (await client.post(path, content=body, headers=headers)).status_code
        assert 401 == (await client.post(path, content=body)).status_code
        assert [("1111111", "You said: hello")] == await wait(chat)

        answer = await client.post(path, content=test_telegram.write_query(), headers=headers)
        assert "application/json" == answer.headers["content-type"].partition(";")[0]
        assert {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"} == answer.json()


async def test_zalo_is_answered(settings, tmp_path):
    """The first refresh token is in the settings; what it brings is kept in the database."""
    chat, path = ZaloServer(), "/webhooks/zalo/main"
    async with run(tmp_path, "zalo", chat, refresh_token="zalo-refresh-0") as client:
        assert 200 == (await client.post(path)).status_code
        call = test_zalo.sign_as_documented(test_zalo.write())
        for _ in range(3):
            assert 200 == (await client.post(path, content=call.body, headers=call.headers)).status_code
        assert 401 == (await client.post(path, content=call.body)).status_code
        assert [(test_zalo.USER, "You said: message")] == await wait(chat)
        assert {"zalo-refresh-0"} == chat.spent


async def test_ebay_is_answered(settings, tmp_path):
    chat, path = EbayServer(), "/webhooks/ebay/main"
    async with run(tmp_path, "ebay", chat) as client:
        challenge = await client.get(path, params={"challenge_code": "a1b2"})
        assert (200, ["challengeResponse"]) == (challenge.status_code, list(challenge.json()))
        now = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        body = test_ebay.write(createdDate=now)
        headers = {test_ebay.HEADER: test_ebay.sign(body)}
        for _ in range(3):
            assert 204 == (await client.post(path, content=body, headers=headers)).status_code
        assert 412 == (await client.post(path, content=body + b" ", headers=headers)).status_code
        assert [(test_ebay.DATA["conversationId"], "You said: Is there a size standard?")] == await wait(chat)
        assert 1 == len(chat.calls("public_key"))
