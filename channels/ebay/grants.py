"""What lets us call eBay: a token in the seller's name for messages, one of the application for public keys.

https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html and
https://developer.ebay.com/api-docs/static/oauth-client-credentials-grant.html : both last two hours, as ``expires_in`` says. A
refresh token lasts 18 months and serves as often as one likes, so it stays in the settings, and every process keeps access
tokens in memory, as eBay advises (https://developer.ebay.com/api-docs/static/oauth-best-practices.html).
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Mapping

import httpx

from channels.connector import Account, SendError, TokenRefusedError, read_status
from pasar.commerce.platforms.tokens import Token

APPLICATION_SCOPE = "https://api.ebay.com/oauth/api_scope"
SELLER_SCOPE = "https://api.ebay.com/oauth/api_scope/commerce.message"
LONGEST = 24 * 3600


class Grants:
    """The access tokens of one account."""

    def __init__(self, account: Account, post: Callable[..., Awaitable[httpx.Response]], url: str) -> None:
        """``post`` is the connector's. ConnectorSettingsError where a key is missing."""
        self._keys = httpx.BasicAuth(account.read("client_id"), account.read("client_secret"))
        self._url = f"{url}/identity/v1/oauth2/token"
        self._post = post
        refresh = account.read("refresh_token")
        self._seller = _Grant({"grant_type": "refresh_token", "refresh_token": refresh, "scope": SELLER_SCOPE})
        self._application = _Grant({"grant_type": "client_credentials", "scope": APPLICATION_SCOPE})

    async def find(self, *, refused: str = "") -> str:
        """The seller's access token, another than the ``refused`` one. SendError where there is none to be had."""
        return await self._find(self._seller, refused)

    async def find_application(self) -> str:
        """The application's own, for what is no seller's business."""
        return await self._find(self._application, "")

    async def _find(self, grant: _Grant, refused: str) -> str:
        async with grant.lock:  # who waits is given what the first has brought
            now = datetime.datetime.now(datetime.timezone.utc)
            if grant.token is None or not grant.token.is_fresh(now) or grant.token.access == refused:
                grant.token = await self._ask(grant.content, now)
            return grant.token.access

    async def _ask(self, content: Mapping[str, str], now: datetime.datetime) -> Token:
        try:
            response = await self._post(self._url, auth=self._keys, data=dict(content))
            if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise read_status(response, f"token: HTTP {response.status_code}")
        except SendError as error:
            error.uncertain = False  # no message was on its way
            raise
        try:
            body = response.json()
            access, lasts = body["access_token"], body["expires_in"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise TokenRefusedError(f"token: HTTP {response.status_code}") from error
        if not isinstance(access, str) or not access or not isinstance(lasts, int):
            raise TokenRefusedError(f"token: HTTP {response.status_code}, of another shape")
        return Token(access, "", now + datetime.timedelta(seconds=min(lasts, LONGEST)))


class _Grant:
    """What is asked for, and what there is of it."""

    def __init__(self, content: Mapping[str, str]) -> None:
        self.content = content
        self.token: Token | None = None
        self.lock = asyncio.Lock()
