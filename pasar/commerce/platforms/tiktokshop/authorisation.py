"""How a seller on TikTok Shop lets our app in.

Source: https://partner.tiktokshop.com/docv2/page/678e3a3292b0f40314a92d75 (link, code, tokens) and
https://partner.tiktokshop.com/docv2/page/call-get-authorized-shops. The link differs by market, and the seller is led
back to the one address that the app has: both stand in Partner Center, so the link is copied from there. A code is good
for 30 minutes, and once; where the seller refuses, ``code`` is "null".

Shops are known by a cipher that is told only to who has been let in: it is asked for at once.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.authorisation import CALL, Grant, find_code
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.tiktokshop.api import AUTH_HOST, HOST
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tiktokshop.session import RATE, read_error
from pasar.commerce.platforms.tiktokshop.signing import PLATFORM, TOKEN_HEADER, App, request_token, sign
from pasar.commerce.rules import Shop

LINK = "authorization_link"  #: the setting that has what Partner Center gives
TOKEN_PATH = "/api/v2/token/get"  # noqa: S105 - a path
SHOPS_PATH = "/authorization/202309/shops"
SECONDS = 10.0
#: A shop's field → the name of its key in our file.
KEYS = {"id": "shop_id", "cipher": "shop_cipher", "region": "region"}


class TikTokShopAuthorisation:
    """See :class:`pasar.commerce.platforms.authorisation.Authorisation`."""

    def __init__(self, shop_id: str, app: App, settings: Mapping[str, str], hosts: tuple[str, str]) -> None:
        """``hosts``: that of calls, and that of tokens."""
        self._shop_id = shop_id
        self._app = app
        self._their_id = settings.get("shop_id", "")
        self._link = settings.get(LINK, "")
        self._host, self._auth_host = hosts

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str]) -> TikTokShopAuthorisation:
        """Make it from the app's key and secret; shop, cipher and region are known only afterwards."""
        missing = [name for name in ("app_key", "app_secret") if not settings.get(name)]
        if missing:
            raise ShopError(shop.shop_id, CALL, f"{PLATFORM}: keys.{', keys.'.join(missing)} missing")
        own = settings.get("base_url", "").rstrip("/")
        return cls(
            shop.shop_id, App(settings["app_key"], settings["app_secret"]), settings, (own or HOST, own or AUTH_HOST)
        )

    def write_link(self, callback: str, state: str) -> str:
        """Where the seller goes; she comes back to the app's Redirect URL, which should be ``callback``."""
        if not self._link:
            raise self._fail(f"settings.{LINK} is missing: Partner Center, your app, Copy authorization link")
        return str(httpx.URL(self._link).copy_set_param("state", state))

    async def exchange(self, answer: Mapping[str, str]) -> Grant:
        """The first tokens; ShopError where our shop is none of those that were let in."""
        code = find_code(answer)
        if not code:
            raise self._fail(
                "the seller did not consent" if answer.get("error") else "there is no code in what came back"
            )
        grant = {"auth_code": code, "grant_type": "authorized_code"}
        token = await request_token(self._shop_id, CALL, self._app, self._auth_host + TOKEN_PATH, grant)
        shops = await self._list_shops(token.access)
        if self._their_id and self._their_id not in {shop["shop_id"] for shop in shops}:
            raise self._fail(f"shop {self._their_id} is none of those that were authorised")
        return Grant(token, shops)

    async def _list_shops(self, access: str) -> tuple[Mapping[str, str], ...]:
        client = PlatformClient(self._shop_id, PLATFORM, self._host, _SellerAuth(self._app, access), RATE, read_error)
        try:
            body = await client.read(CALL, SHOPS_PATH, seconds=SECONDS)
            records = Record(body, "answer").read_record("data").list_records("shops")
            return tuple({key: shop.read_text(field) for field, key in KEYS.items()} for shop in records)
        except FieldError as error:
            raise self._fail(str(error)) from error
        finally:
            await client.close()

    def _fail(self, reason: str) -> ShopError:
        return ShopError(self._shop_id, CALL, f"{PLATFORM}: {reason}")


class _SellerAuth(httpx.Auth):
    """Signs a call that is about no shop yet."""

    def __init__(self, app: App, access: str) -> None:
        self._app = app
        self._access = access

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx asks for it."""
        url = request.url.copy_merge_params({"app_key": self._app.key, "timestamp": str(int(time.time()))})
        request.url = url.copy_set_param("sign", sign(self._app.secret, url.path, dict(url.params)))
        request.headers["content-type"] = "application/json"
        request.headers[TOKEN_HEADER] = self._access
        yield request
