"""A platform, a bot that it calls, and the way between them, as `make check-channel` finds them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import httpx

from channels.check import check_account
from channels.findings import Finding, Level
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from tests.channels import (
    test_ebay,
    test_instagram,
    test_lazada,
    test_line,
    test_messenger,
    test_shopee,
    test_telegram,
    test_tiktokshop,
    test_whatsapp,
    test_zalo,
)
from tests.channels.conftest import Server
from tests.channels.contract import ChatServer
from tests.commerce.platforms.server import MemoryTokens

PUBLIC = "https://bot.example"
CONTRACTS = {
    "ebay": test_ebay.TestEbay,
    "instagram": test_instagram.TestInstagram,
    "lazada": test_lazada.TestLazada,
    "line": test_line.TestLine,
    "messenger": test_messenger.TestMessenger,
    "shopee": test_shopee.TestShopee,
    "telegram": test_telegram.TestTelegram,
    "tiktokshop": test_tiktokshop.TestTikTokShop,
    "whatsapp": test_whatsapp.TestWhatsApp,
    "zalo": test_zalo.TestZalo,
}


class Proxy(httpx.AsyncHTTPTransport):
    """What stands before the bot: takes calls for its public name, and passes them on to a port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.instead: httpx.Response | None = None  #: answered without asking the bot

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.instead is not None:
            return self.instead
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@dataclasses.dataclass
class Stage:
    """An account ``main`` that is connected as it should be."""

    platform: str
    chat: ChatServer
    bot: Server
    proxy: Proxy
    client: httpx.AsyncClient
    tokens: MemoryTokens
    settings: dict[str, Any]
    public: str = PUBLIC

    async def check(self, **changes: Any) -> list[Finding]:
        """With other settings than the bot's, where there are some; None takes one away."""
        settings = {name: value for name, value in {**self.settings, **changes}.items() if value is not None}
        return await check_account(self.platform, "main", settings, self.client, self.tokens, self.public, self.bot.url)

    async def find_faults(self, **changes: Any) -> list[tuple[str, str]]:
        """What is wrong, with what to do; everything wrong must say that."""
        found = await self.check(**changes)
        assert all(finding.advice for finding in found if finding.level is not Level.GOOD)
        return [(finding.subject, finding.words) for finding in found if finding.level is Level.BAD]


@contextlib.asynccontextmanager
async def connect(tmp_path: Any, platform: str) -> AsyncIterator[Stage]:
    """Start the platform and the bot."""
    contract = CONTRACTS[platform]()
    async with contract.make_server() as chat:
        url = chat.base_url + ("/rest" if platform == "lazada" else "")
        settings = {"shop": "stylehub", "country": "ID", **contract.settings, "url": url, "oauth_url": chat.base_url}
        chat.callback = f"{PUBLIC}/webhooks/{platform}/main"
        if "callback" in settings:
            settings["callback"] = chat.callback
        tokens = test_zalo.EmptyTokens()
        if platform == "zalo":
            tokens.tokens["main", "zalo"] = test_zalo.make_token()
        elif hasattr(contract, "make_token"):
            tokens.tokens["stylehub", platform] = contract.make_token(chat)
        accounts = read_accounts({platform: {"main": settings}})
        bot = await asyncio.to_thread(Server, tmp_path, lambda store: [PlatformInput(accounts, store)])
        proxy = Proxy(bot.port)
        try:
            async with httpx.AsyncClient(mounts={PUBLIC: proxy}, trust_env=False) as client:
                yield Stage(platform, chat, bot, proxy, client, tokens, settings)
        finally:
            await asyncio.to_thread(bot.stop)
            bot.store.dispose()
