"""How TikTok Shop knows who asks: the signature under a request, the access token, and its renewal.

https://partner.tiktokshop.com/docv2/page/678e3a3d4ddec3030b238faf (signature),
https://partner.tiktokshop.com/docv2/page/678e3a3292b0f40314a92d75 (tokens),
https://partner.tiktokshop.com/docv2/page/678e3a45786253031531b942 (errors).
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import hmac
import time
from collections.abc import AsyncGenerator, Mapping

import httpx

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tokens import Token, TokenStore

PLATFORM = "tiktokshop"
_REFRESH = "/api/v2/token/refresh"
_REFRESH_SECONDS = 10.0
_TOKEN_EXPIRED = "105002"  # noqa: S105 - an error's code
_CREDENTIALS_INVALID = "36009004"  # of many things: only the words say which
TOKEN_HEADER = "x-tts-access-token"  # noqa: S105 - a header's name


@dataclasses.dataclass(frozen=True)
class App:
    """The developer's app."""

    key: str
    secret: str = dataclasses.field(repr=False)


def sign(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """The ``sign`` of a request, hex; ``body`` is empty for multipart/form-data."""
    pairs = "".join(f"{name}{query[name]}" for name in sorted(query) if name not in ("sign", "access_token"))
    message = f"{secret}{path}{pairs}".encode() + body + secret.encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class RequestAuth(httpx.Auth):
    """Signs requests for one shop; a request whose token has ended is sent once more with the next one."""

    def __init__(self, shop_id: str, app: App, shop_cipher: str, tokens: TokenStore, auth_url: str) -> None:
        """``auth_url``: the host that renews tokens, another than that of requests."""
        self._shop_id = shop_id
        self._app = app
        self._shop_cipher = shop_cipher
        self._tokens = tokens
        self._auth_url = auth_url
        self._lookups: set[asyncio.Task[Token]] = set()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign, send, and once more where the platform refuses the token: it does so before anything is done."""
        token = await self._get_token()
        await self._sign(request, token)
        response = yield request
        if await _refuses_token(response):
            token = await self._get_token(refused=token.access)
            await self._sign(request, token)
            yield request

    async def close(self) -> None:
        """Let a renewal that was sent end, so that its token is kept."""
        await asyncio.gather(*self._lookups, return_exceptions=True)

    async def _sign(self, request: httpx.Request, token: Token) -> None:
        content_type = request.headers.setdefault("content-type", "application/json")
        body = b"" if content_type.startswith("multipart/form-data") else await request.aread()
        url = request.url.copy_merge_params(
            {"app_key": self._app.key, "timestamp": str(int(time.time())), "shop_cipher": self._shop_cipher}
        )
        request.url = url.copy_set_param("sign", sign(self._app.secret, url.path, dict(url.params), body))
        request.headers[TOKEN_HEADER] = token.access

    async def _get_token(self, refused: str = "") -> Token:
        lookup = asyncio.ensure_future(self._tokens.get(self._shop_id, PLATFORM, self._renew, refused=refused))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)
        # A buyer's call may run out of time in the middle of a renewal; the new token must be kept nevertheless.
        return await asyncio.shield(lookup)

    async def _renew(self, token: Token) -> Token:
        grant = {"refresh_token": token.refresh, "grant_type": "refresh_token"}
        return await request_token(self._shop_id, "refresh_token", self._app, self._auth_url + _REFRESH, grant)


async def request_token(shop_id: str, call: str, app: App, url: str, grant: Mapping[str, str]) -> Token:
    """What TikTok gives for a refresh token, or for the code of an authorisation; asked once."""
    query = {"app_key": app.key, "app_secret": app.secret, **grant}
    timeout = httpx.Timeout(_REFRESH_SECONDS).as_dict()
    request = httpx.Request("GET", url, params=query, extensions={"timeout": timeout})
    try:
        # Without httpx's client, which logs addresses: this one has secrets in it.
        async with httpx.AsyncHTTPTransport() as transport:
            response = await transport.handle_async_request(request)
            await response.aread()
        body = Record(response.json(), "answer")
        code = body.find_text("code")
    except (httpx.HTTPError, ValueError) as error:
        raise ShopUnavailableError(shop_id, call, f"{PLATFORM}: {type(error).__name__}") from error
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500 or not code:
        raise ShopUnavailableError(shop_id, call, f"{PLATFORM}: HTTP {response.status_code}")
    if code != "0":
        words = f"{code} (request {body.find_text('request_id')}): the seller must authorise us again"
        raise ShopError(shop_id, call, f"{PLATFORM}: {words}")
    try:
        data = body.read_record("data")
        return Token(
            access=data.read_text("access_token"),
            refresh=data.read_text("refresh_token"),
            access_until=data.read_time("access_token_expire_in"),
            refresh_until=data.find_time("refresh_token_expire_in"),
        )
    except FieldError as error:
        raise ShopError(shop_id, call, f"{PLATFORM}: {error}") from error


def refuses_token(body: object) -> bool:
    """Whether an answer says that the access token is the trouble; what is not as documented says nothing of it."""
    try:
        record = Record(body)
        code, words = record.find_text("code"), record.find_text("message")
    except FieldError:
        return False
    return code == _TOKEN_EXPIRED or (code == _CREDENTIALS_INVALID and TOKEN_HEADER in words)


async def _refuses_token(response: httpx.Response) -> bool:
    await response.aread()
    try:
        return refuses_token(response.json())
    except (ValueError, RecursionError):  # no JSON: the client says so
        return False
