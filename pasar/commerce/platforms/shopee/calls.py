"""Asking Shopee for one shop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import CALL_SECONDS, SYNC_SECONDS, PlatformClient
from pasar.commerce.platforms.shopee.auth import ShopeeAuth
from pasar.commerce.platforms.shopee.envelope import PLATFORM, read_problem
from pasar.commerce.platforms.shopee.fields import Field, FieldError
from pasar.commerce.platforms.shopee.settings import Settings
from pasar.commerce.platforms.tokens import TokenStore

RATE = (10, 1.0)  # a guess: no figure is published


class Calls:
    """Sends calls and reads the envelope; every error is a ShopError with shop and call.

    What answers a buyer takes several calls that share one deadline: ``until``, by the monotonic clock.
    """

    def __init__(self, shop_id: str, settings: Settings, tokens: TokenStore) -> None:
        """``shop_id`` is our own name of the shop."""
        self.shop_id = shop_id
        self._auth = ShopeeAuth(shop_id, settings.account, tokens, settings.base_url)
        self._client = PlatformClient(shop_id, PLATFORM, settings.base_url, self._auth, RATE, read_problem)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()
        await self._auth.close()

    async def ask(self, call: str, path: str, params: Mapping[str, Any], until: float) -> Field:
        """Read something: ``response`` of the answer. Where ``until`` has passed it fails as a slow platform does."""
        seconds = max(0.1, until - time.monotonic())
        body = await self._client.read(call, f"/api/v2/{path}", params=params, seconds=seconds)
        if body is None:
            raise self.error(call, "HTTP 404")
        return Field("response", body.get("response"))

    async def change(self, call: str, path: str, body: Mapping[str, Any]) -> None:
        """Change something, once."""
        await self._client.change(call, f"/api/v2/{path}", json=body)

    @contextlib.contextmanager
    def reading(self, call: str) -> Iterator[None]:
        """Around the reading of an answer: makes a ShopError of what is not as specified."""
        try:
            yield
        except FieldError as error:
            raise self.error(call, str(error)) from error

    def error(self, call: str, reason: str) -> ShopError:
        """The error to raise about a call."""
        return ShopError(self.shop_id, call, f"{PLATFORM}: {reason}")


def for_buyer() -> float:
    """The deadline of something that a buyer waits for, beginning now."""
    return time.monotonic() + CALL_SECONDS


def for_sync() -> float:
    """The deadline of one call of a synchronisation, beginning now."""
    return time.monotonic() + SYNC_SECONDS
