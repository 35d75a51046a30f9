"""Signing calls, and renewing the access token that they carry.

Sources: https://open.shopee.com/developer-guide/16 (signature), https://open.shopee.com/developer-guide/20 (tokens).
An access token lasts four hours, a refresh token thirty days and one use; after a renewal the old access token is good
for five minutes more. Timestamps are good for five minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import hmac
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import structlog

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.client import Again, load_trust
from pasar.commerce.platforms.shopee.envelope import PLATFORM, read_problem, refuses_token
from pasar.commerce.platforms.shopee.fields import Field, FieldError
from pasar.commerce.platforms.shopee.settings import Account
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore

RENEWAL_PATH = "/api/v2/auth/access_token/get"
RENEWAL_SECONDS = 10.0
REFRESH_DAYS = 30
_CALL = "renew_token"
_MOST_ERROR_BYTES = 4096  # no error is longer; what is longer need not be parsed twice
#: After these the seller must authorise the app again.
_EXPIRED = frozenset(
    {"refresh_token_expired", "error_shop_refresh_token", "shop_access_expired", "shop_no_linked", "shop_banned"}
)

log = structlog.get_logger()


def sign(partner_key: str, *parts: object) -> str:
    """Lower-case hex HMAC-SHA256 of the parts in a row.

    They are partner id, path, timestamp, and for a shop's calls access token and shop id.
    """
    base = "".join(str(part) for part in parts)
    return hmac.new(partner_key.encode(), base.encode(), hashlib.sha256).hexdigest()


class ShopeeAuth(httpx.Auth):
    """Signs a shop's calls. A call whose token is refused is sent once more with a new one: Shopee has done nothing."""

    def __init__(self, shop_id: str, account: Account, tokens: TokenStore, base_url: str, who: str = "shop_id") -> None:
        """``shop_id`` is our own name of the shop; ``who`` what Shopee calls the id in ``account``: ``user_id`` for streams."""
        self._shop_id = shop_id
        self._account = account
        self._tokens = tokens
        self._base_url = base_url
        self._who = who
        self._under_way: set[asyncio.Task[Token]] = set()

    async def close(self) -> None:
        """Finish what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign, and after a refused token sign again with the next one."""
        token = await self._get_token()
        self._sign(request, token)
        response = yield request
        await response.aread()
        if refuses_token(_read_error(response)):
            token = await self._get_token(refused=token.access)
            self._sign(request, token)
            yield request

    def _sign(self, request: httpx.Request, token: Token) -> None:
        account, now = self._account, int(time.time())
        signature = sign(account.partner_key, account.partner_id, request.url.path, now, token.access, account.shop_id)
        request.url = request.url.copy_merge_params(
            {
                "partner_id": account.partner_id,
                "timestamp": now,
                "access_token": token.access,
                self._who: account.shop_id,
                "sign": signature,
            }
        )

    async def _get_token(self, refused: str = "") -> Token:
        # Whoever asks may give up waiting, but a renewal is finished nevertheless: its answer holds the only refresh
        # token that still works.
        task = asyncio.ensure_future(self._tokens.get(self._shop_id, PLATFORM, self._renew, refused=refused))
        self._under_way.add(task)
        task.add_done_callback(self._forget)
        try:
            return await asyncio.shield(task)
        except TokenExpiredError as error:
            raise ShopError(self._shop_id, _CALL, f"{PLATFORM}: {error}") from error

    def _forget(self, task: asyncio.Task[Token]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it any more

    async def _renew(self, token: Token) -> Token:
        wish: dict[str, str | int] = {"refresh_token": token.refresh, self._who: self._account.shop_id}
        body = await request_tokens(self._shop_id, _CALL, self._account, self._base_url + RENEWAL_PATH, wish)
        log.info("platform.token.renewed", shop=self._shop_id, platform=PLATFORM)
        return read_token(self._shop_id, _CALL, body)


async def request_tokens(
    shop_id: str, call: str, account: Account, url: str, wish: Mapping[str, str | int]
) -> dict[str, Any]:
    """What Shopee gives for a refresh token, or for the code of an authorisation; asked once.

    TokenExpiredError where the seller must authorise us again.
    """
    now = int(time.time())
    params: dict[str, str | int] = {
        "partner_id": account.partner_id,
        "timestamp": now,
        "sign": sign(account.partner_key, account.partner_id, httpx.URL(url).path, now),
    }
    try:
        async with httpx.AsyncClient(timeout=RENEWAL_SECONDS, verify=load_trust()) as client:
            response = await client.post(url, params=params, json={**wish, "partner_id": account.partner_id})
        body = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ShopUnavailableError(shop_id, call, f"{PLATFORM}: no answer ({type(error).__name__})") from error
    problem = read_problem(response, body)
    if isinstance(problem, Again) or (problem is None and response.is_error):
        reason = problem.reason if isinstance(problem, Again) else f"HTTP {response.status_code}"
        raise ShopUnavailableError(shop_id, call, f"{PLATFORM}: {reason}")
    if problem is not None:
        if problem.partition(":")[0] in _EXPIRED:
            raise TokenExpiredError(f"shop {shop_id}: {PLATFORM}: {problem}")
        raise ShopError(shop_id, call, f"{PLATFORM}: {problem}")
    assert isinstance(body, dict)  # or there were a problem
    return body


def read_token(shop_id: str, call: str, body: dict[str, Any]) -> Token:
    """The token in such an answer."""
    answer, now = Field("answer", body), datetime.datetime.now(datetime.timezone.utc)
    try:
        return Token(
            access=answer["access_token"].text(),
            refresh=answer["refresh_token"].text(),
            access_until=now + datetime.timedelta(seconds=answer["expire_in"].number()),
            refresh_until=now + datetime.timedelta(days=REFRESH_DAYS),
        )
    except (FieldError, OverflowError) as error:
        raise ShopError(shop_id, call, f"{PLATFORM}: {error}") from error


def _read_error(response: httpx.Response) -> Any:
    if len(response.content) <= _MOST_ERROR_BYTES:
        with contextlib.suppress(ValueError):
            return response.json()
    return None
