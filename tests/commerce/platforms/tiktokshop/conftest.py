"""A shop at TikTok Shop on this machine, and the module that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pasar.commerce.platforms.tiktokshop import TikTokShopApi, session
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.tiktokshop.samples import fill, make_tokens, open_api
from tests.commerce.platforms.tiktokshop.server import TikTokShopServer


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TikTokShopServer]:
    """A filled shop with pages of two, so that a few records are several pages."""
    monkeypatch.setattr(session, "PAGE_SIZE", 2)
    async with TikTokShopServer() as server:
        fill(server)
        yield server


@pytest.fixture
def tokens() -> MemoryTokens:
    """The token that the server takes."""
    return make_tokens()


@pytest.fixture
async def api(server: TikTokShopServer, tokens: MemoryTokens) -> AsyncIterator[TikTokShopApi]:
    """The module in the US market, where sellers may do most."""
    api = open_api(server, tokens)
    yield api
    await api.close()
