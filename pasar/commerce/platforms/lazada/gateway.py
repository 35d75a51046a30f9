"""Lazada's gateway for one shop: signed calls, and answers without their envelope."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.lazada.access import PLATFORM, RATE, Access
from pasar.commerce.platforms.lazada.envelope import read_code, read_problem
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.signature import LazadaAuth
from pasar.commerce.platforms.tokens import TokenExpiredError, TokenStore

LEAST_SECONDS = 0.05


class Gateway:
    """Asks and tells Lazada; errors name shop and call."""

    def __init__(
        self, shop_id: str, url: str, auth_url: str, app_key: str, app_secret: str, tokens: TokenStore
    ) -> None:
        """``url`` and ``auth_url`` end before the path that is signed."""
        self._shop_id = shop_id
        self._access = Access(shop_id, auth_url, app_key, app_secret, tokens)
        auth = LazadaAuth(app_key, app_secret, url, self._access.get_token)
        self._client = PlatformClient(shop_id, PLATFORM, url, auth, RATE, read_problem)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()
        await self._access.close()

    async def ask(self, call: str, path: str, until: float, **params: str) -> Record | None:
        """An answer that is there by ``until`` (of the monotonic clock); None where Lazada has no such thing."""
        seconds = max(LEAST_SECONDS, until - time.monotonic())
        body: Any = await self._client.read(call, path, seconds=seconds, params=params)
        if body is None:
            raise self.fail(call, "HTTP 404")
        return Record(body) if read_code(body) == "0" else None

    async def tell(self, call: str, path: str, params: Mapping[str, str]) -> Record:
        """Change something, once. By GET: so the documentation has it also for what changes something."""
        return Record(await self._client.change(call, path, method="GET", params=params))

    @contextlib.contextmanager
    def explain(self, call: str) -> Iterator[None]:
        """Say shop and call of an answer that is not as documented, and of a token that cannot be renewed."""
        try:
            yield
        except (FieldError, TokenExpiredError) as error:
            raise self.fail(call, str(error)) from error

    def fail(self, call: str, reason: str) -> ShopError:
        """The error to raise about a call."""
        return ShopError(self._shop_id, call, f"{PLATFORM}: {reason}")
