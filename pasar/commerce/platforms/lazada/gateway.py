"""Lazada's gateway for one shop: signed calls, answers without their envelope, tokens that are renewed.

Lazada publishes no number of calls a second for these interfaces; ``RATE`` is modest, and bans are waited out.
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.lazada.envelope import read_code, read_problem
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.signature import LazadaAuth
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore

PLATFORM = "lazada"
RATE = (20, 1.0)
LEAST_SECONDS = 0.05
MOST_SECONDS = 10 * 365 * 86_400  #: that a token is believed to last


class Gateway:
    """Asks and tells Lazada; errors name shop and call."""

    def __init__(
        self, shop_id: str, url: str, auth_url: str, app_key: str, app_secret: str, tokens: TokenStore
    ) -> None:
        """``url`` and ``auth_url`` end before the path that is signed."""
        self._shop_id = shop_id
        self._tokens = tokens
        auth = LazadaAuth(app_key, app_secret, url, self._get_token)
        self._client = PlatformClient(shop_id, PLATFORM, url, auth, RATE, read_problem)
        plain = LazadaAuth(app_key, app_secret, auth_url)
        self._auth_client = PlatformClient(shop_id, PLATFORM, auth_url, plain, RATE, read_problem)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()
        await self._auth_client.close()

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

    async def _get_token(self, refused: str) -> str:
        return (await self._tokens.get(self._shop_id, PLATFORM, self._renew, refused=refused)).access

    async def _renew(self, token: Token) -> Token:
        """https://open.lazada.com/apps/doc/api?path=%2Fauth%2Ftoken%2Frefresh."""
        params = {"refresh_token": token.refresh}
        body: Any = await self._auth_client.change("renew_token", "/auth/token/refresh", method="GET", params=params)
        if (code := read_code(body)) != "0":
            raise TokenExpiredError(f"{self._shop_id}: {PLATFORM}: the seller must authorise again ({code})")
        return read_token(Record(body))


def read_token(answer: Record) -> Token:
    """The token that Lazada gave; FieldError."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return Token(
        access=answer.need_text("access_token"),
        refresh=answer.need_text("refresh_token"),
        access_until=now + _read_duration(answer, "expires_in"),
        refresh_until=now + _read_duration(answer, "refresh_expires_in"),
    )


def _read_duration(answer: Record, name: str) -> datetime.timedelta:
    return datetime.timedelta(seconds=max(0, min(answer.need_whole(name), MOST_SECONDS)))
