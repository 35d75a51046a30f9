"""How a seller on Lazada lets our app in.

Source: https://open.lazada.com/apps/doc/doc?nodeId=10777&docId=108260 and
https://open.lazada.com/apps/doc/api?path=%2Fauth%2Ftoken%2Fcreate. The address that the seller is led back to must be
the app's own, as it stands in the App Console. A code is good for half an hour, and once. What comes back where the
seller refuses is not documented: it has no code then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.authorisation import CALL, Grant, find_code
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.lazada.access import PLATFORM, RATE, read_token
from pasar.commerce.platforms.lazada.envelope import read_problem
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.signature import LazadaAuth
from pasar.commerce.platforms.lazada.ventures import AUTH_URL
from pasar.commerce.rules import Shop

LINK_PATH = "/oauth/authorize"
TOKEN_PATH = "/auth/token/create"  # noqa: S105 - a path
SECONDS = 10.0


class LazadaAuthorisation:
    """See :class:`pasar.commerce.platforms.authorisation.Authorisation`."""

    def __init__(self, shop_id: str, country: str, app: tuple[str, str], url: str) -> None:
        """``app`` is key and secret; ``url`` ends before the path that is signed."""
        self._shop_id = shop_id
        self._country = country.strip().upper()
        self._app = app
        self._url = url

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str]) -> LazadaAuthorisation:
        """Make it from the app's key and secret."""
        for name in ("app_key", "app_secret"):
            if not settings.get(name):
                raise ShopError(shop.shop_id, CALL, f"{PLATFORM}: has no key {name!r}")
        app = (settings["app_key"], settings["app_secret"])
        url = (settings.get("base_url") or AUTH_URL).rstrip("/")
        return cls(shop.shop_id, settings.get("country") or shop.country, app, url)

    def write_link(self, callback: str, state: str) -> str:
        """Where the seller goes; ``callback`` as it stands in the App Console."""
        params = {
            "response_type": "code",
            "force_auth": "true",
            "redirect_uri": callback,
            "client_id": self._app[0],
            "state": state,
        }
        return str(httpx.URL(self._url.removesuffix("/rest") + LINK_PATH, params=params))

    async def exchange(self, answer: Mapping[str, str]) -> Grant:
        """The first tokens; ShopError where the seller has no shop in the country of ours."""
        code = find_code(answer)
        if not code:
            raise self._fail("there is no code in what came back")
        auth = LazadaAuth(*self._app, self._url)
        client = PlatformClient(self._shop_id, PLATFORM, self._url, auth, RATE, read_problem)
        try:
            body: Any = await client.change(CALL, TOKEN_PATH, seconds=SECONDS, method="GET", params={"code": code})
            record = Record(body)
            token, countries = read_token(record), _list_countries(record)
        except FieldError as error:
            raise self._fail(str(error)) from error
        finally:
            await client.close()
        if self._country not in countries:
            raise self._fail(f"a seller in {', '.join(sorted(countries))} was authorised, not in {self._country}")
        return Grant(token)

    def _fail(self, reason: str) -> ShopError:
        return ShopError(self._shop_id, CALL, f"{PLATFORM}: {reason}")


def _list_countries(answer: Record) -> set[str]:
    """Where the seller sells: ISO codes. They stand in a list in the guide, and as an object's names in the reference."""
    users = answer.get("country_user_info")
    if isinstance(users, dict):
        return {str(name).upper() for name in users}
    return {user.need_text("country").upper() for user in answer.list_records("country_user_info")} or {
        answer.need_text("country").upper()
    }
