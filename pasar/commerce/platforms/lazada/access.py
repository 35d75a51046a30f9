"""The access token of one seller on Lazada, renewed where it ends or is refused.

Lazada publishes no number of calls a second for its interfaces; ``RATE`` is modest, and bans are waited out.
"""

from __future__ import annotations

import datetime
from typing import Any

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.lazada.envelope import read_code, read_problem
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.signature import LazadaAuth
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore

PLATFORM = "lazada"
RATE = (20, 1.0)
MOST_SECONDS = 10 * 365 * 86_400  #: that a token is believed to last


class Access:
    """Gives the token, for :class:`LazadaAuth`. Besides the shop's errors TokenExpiredError comes out."""

    def __init__(self, shop_id: str, auth_url: str, app_key: str, app_secret: str, tokens: TokenStore) -> None:
        """``auth_url`` ends before the path that is signed; ``shop_id`` is the name the token is kept under."""
        self._shop_id = shop_id
        self._tokens = tokens
        auth = LazadaAuth(app_key, app_secret, auth_url)
        self._client = PlatformClient(shop_id, PLATFORM, auth_url, auth, RATE, read_problem)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def get_token(self, refused: str) -> str:
        """The access token; another one than ``refused``."""
        return (await self._tokens.get(self._shop_id, PLATFORM, self._renew, refused=refused)).access

    async def _renew(self, token: Token) -> Token:
        """https://open.lazada.com/apps/doc/api?path=%2Fauth%2Ftoken%2Frefresh."""
        params = {"refresh_token": token.refresh}
        body: Any = await self._client.change("renew_token", "/auth/token/refresh", method="GET", params=params)
        if (code := read_code(body)) != "0":
            raise TokenExpiredError(f"{self._shop_id}: {PLATFORM}: the seller must authorise again ({code})")
        try:
            return read_token(Record(body))
        except FieldError as error:
            raise ShopError(self._shop_id, "renew_token", f"{PLATFORM}: {error}") from error


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
