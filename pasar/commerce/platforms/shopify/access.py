"""The access token on every call, and where it comes from.

An app made in the shop's admin (until 2026) has one token for good. An app of the Dev Dashboard gets tokens for a day with
its id and secret; an app of others, which the seller has authorised, gets tokens for an hour and a refresh token that
changes with every use: the first of them is put into the token store by the authorisation.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.client import CALL_SECONDS
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore

PLATFORM = "shopify"
HEADER = "X-Shopify-Access-Token"
CALL = "get_token"


class AppTokens:
    """Tokens that an app gets with its id and secret, kept in the store."""

    def __init__(self, shop_id: str, base_url: str, client_id: str, client_secret: str, store: TokenStore) -> None:
        """``base_url`` of the store that the app is installed in."""
        self._shop_id = shop_id
        self._url = f"{base_url}/admin/oauth/access_token"
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._store = store
        self._lock = asyncio.Lock()

    async def get(self, refused: str = "") -> str:
        """A token that lasts, never the one that Shopify has ``refused``."""
        async with self._lock:
            try:
                token = await self._store.get(self._shop_id, PLATFORM, self._renew, refused=refused)
            except TokenExpiredError:
                token = await self._request({"grant_type": "client_credentials"})
                await self._store.put(self._shop_id, PLATFORM, token)
            return token.access

    async def _renew(self, token: Token) -> Token:
        if token.refresh:
            return await self._request({"grant_type": "refresh_token", "refresh_token": token.refresh})
        return await self._request({"grant_type": "client_credentials"})

    async def _request(self, grant: Mapping[str, str]) -> Token:
        now = datetime.datetime.now(datetime.timezone.utc)
        try:
            async with httpx.AsyncClient(timeout=CALL_SECONDS, follow_redirects=False) as http:
                response = await http.post(self._url, data={**self._credentials, **grant})
        except httpx.HTTPError as error:
            reason = f"{PLATFORM}: no connection ({type(error).__name__})"
            raise ShopUnavailableError(self._shop_id, CALL, reason) from None
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ShopUnavailableError(self._shop_id, CALL, f"{PLATFORM}: HTTP {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise ShopError(self._shop_id, CALL, f"{PLATFORM}: HTTP {response.status_code}, the app is refused")
        try:
            return _read_token(response.json(), now)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            # The body is a secret, and so may be what the first error quotes of it.
            raise ShopError(self._shop_id, CALL, f"{PLATFORM}: the answer is no token") from None


class ShopifyAuth(httpx.Auth):
    """Puts the token on a call; where it is refused and can be renewed, once more with the next one."""

    def __init__(self, source: str | AppTokens) -> None:
        """``source``: the token itself, or where to get one."""
        self._source = source

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """As httpx asks for it. A refused call was not executed, so a change may be sent again."""
        if isinstance(self._source, str):
            request.headers[HEADER] = self._source
            yield request
            return
        token = await self._source.get()
        request.headers[HEADER] = token
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            request.headers[HEADER] = await self._source.get(refused=token)
            yield request


def _read_token(answer: Any, now: datetime.datetime) -> Token:
    refresh = answer.get("refresh_token", "")
    lasting = answer.get("refresh_token_expires_in")
    if not isinstance(answer["access_token"], str) or not isinstance(refresh, str):
        raise TypeError
    return Token(
        access=answer["access_token"],
        refresh=refresh,
        access_until=now + datetime.timedelta(seconds=int(answer["expires_in"])),
        refresh_until=now + datetime.timedelta(seconds=int(lasting)) if lasting is not None else None,
    )
