"""What lets us write in an Official Account's name: an access token of 25 hours, and the refresh token for the next one.

https://docs.zaloplatforms.com/docs/OA/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new : a refresh token serves once, so the
store of tokens keeps the next pair before anybody uses it, and lets one process ask at a time. Zalo documents no error of
its own for a refresh token that has ended: whatever it refuses, the seller must authorise us again.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from channels.connector import Account, SendError, TokenRefusedError, read_status
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore

OAUTH = "https://oauth.zaloapp.com"
PLATFORM = "zalo"
ACCESS_LASTS = datetime.timedelta(hours=25)
REFRESH_LASTS = datetime.timedelta(days=90)  # "3 months"


class Grants:
    """The tokens of one account, kept under its name."""

    def __init__(
        self, account: Account, tokens: TokenStore | None, post: Callable[..., Awaitable[httpx.Response]]
    ) -> None:
        """``post`` is the connector's; without ``tokens`` (who only receives) none is found. ConnectorSettingsError for keys."""
        self._app_id, self._secret = account.read("app_id"), account.read("app_secret")
        self._url = f"{account.read('oauth_url', OAUTH).rstrip('/')}/v4/oa/access_token"
        self._first = account.read("refresh_token", "")
        self._account = account.name
        self._post = post
        self._tokens = tokens
        self._beginning = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def find(self, *, refused: str = "") -> str:
        """An access token, another than the ``refused`` one. SendError where there is none to be had."""
        try:
            return await self._find(refused)
        except TokenExpiredError:
            # Whoever sends may be cut off; a token that was given must be kept nevertheless.
            beginning = asyncio.ensure_future(self._begin())
            self._running.add(beginning)
            beginning.add_done_callback(self._running.discard)
            await asyncio.shield(beginning)
        try:
            return await self._find(refused)
        except TokenExpiredError as error:
            raise TokenRefusedError("the seller must authorise us again") from error

    async def _find(self, refused: str) -> str:
        if self._tokens is None:
            raise SendError("no store of tokens in this process")
        try:
            token = await self._tokens.get(self._account, PLATFORM, self._renew, refused=refused)
        except ShopUnavailableError as error:
            raise SendError("no token: the database, or Zalo, does not answer") from error
        return token.access

    async def _begin(self) -> None:
        """Use the refresh token of the settings, once: later ones are in the store."""
        async with self._beginning:
            if self._first and self._tokens is not None:
                token = await self._exchange(self._first)
                self._first = ""
                await self._tokens.put(self._account, PLATFORM, token)

    async def _renew(self, token: Token) -> Token:
        return await self._exchange(token.refresh)

    async def _exchange(self, refresh: str) -> Token:
        content = {"refresh_token": refresh, "app_id": self._app_id, "grant_type": "refresh_token"}
        try:
            response = await self._post(self._url, headers={"secret_key": self._secret}, data=content)
            if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise read_status(response, f"renewal: HTTP {response.status_code}")
        except SendError as error:
            error.uncertain = False  # no message was on its way
            raise
        body = _read_object(response)
        access, following = body.get("access_token"), body.get("refresh_token")
        if not (isinstance(access, str) and access and isinstance(following, str) and following):
            problem = f"{body.get('error', '')} {body.get('error_name', '')}"
            raise TokenRefusedError(f"renewal: HTTP {response.status_code} {problem}"[:300])
        named = str(body.get("expires_in", ""))  # "90000": a text
        lasts = datetime.timedelta(seconds=int(named)) if named.isdecimal() and len(named) < 9 else ACCESS_LASTS
        now = datetime.datetime.now(datetime.timezone.utc)
        return Token(access, following, now + lasts, now + REFRESH_LASTS)


def _read_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
