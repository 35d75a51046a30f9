"""How a seller on Shopee lets our app in.

Source: https://open.shopee.com/developer-guide/20. A link is good for five minutes, a code for ten, and once. Shopee
knows no ``state``, but leads back to any address, so the state stands at its end. Who logs in with a main account lets
in several shops at once; they share the first tokens, until the first renewal gives each its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.authorisation import CALL, Grant, find_code
from pasar.commerce.platforms.shopee.auth import read_token, request_tokens, sign
from pasar.commerce.platforms.shopee.envelope import PLATFORM
from pasar.commerce.platforms.shopee.fields import Field, FieldError
from pasar.commerce.platforms.shopee.settings import Account, Reader
from pasar.commerce.platforms.tokens import TokenExpiredError
from pasar.commerce.rules import Shop

LINK_PATH = "/api/v2/shop/auth_partner"
TOKEN_PATH = "/api/v2/auth/token/get"  # noqa: S105 - a path


class ShopeeAuthorisation:
    """See :class:`pasar.commerce.platforms.authorisation.Authorisation`."""

    def __init__(self, shop_id: str, account: Account, base_url: str) -> None:
        """``account.shop_id`` is 0 where it is not known yet."""
        self._shop_id = shop_id
        self._account = account
        self._base_url = base_url

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str]) -> ShopeeAuthorisation:
        """Make it; ``shop_id`` may be missing from the settings, as Shopee tells it only now."""
        reader = Reader(shop.shop_id, settings, CALL)
        account = Account(
            reader.read_number("partner_id"), reader.read_text("partner_key"), reader.find_number("shop_id")
        )
        return cls(shop.shop_id, account, reader.find_base_url())

    def write_link(self, callback: str, state: str) -> str:
        """Where the seller goes, within five minutes."""
        account, now = self._account, int(time.time())
        params = {
            "partner_id": str(account.partner_id),
            "timestamp": str(now),
            "sign": sign(account.partner_key, account.partner_id, LINK_PATH, now),
            "redirect": f"{callback}/{state}",
        }
        return str(httpx.URL(self._base_url + LINK_PATH, params=params))

    async def exchange(self, answer: Mapping[str, str]) -> Grant:
        """The first tokens. Which shop they are for, ``answer`` says; without that it is the one in the settings."""
        code, own = find_code(answer), self._account.shop_id
        if not code:
            raise self._fail("there is no code in what came back")
        main = self._read_number(answer, "main_account_id")
        given = self._read_number(answer, "shop_id") or own
        if not main and not given:
            raise self._fail("shop_id is missing from what came back")
        if not main and own not in (0, given):
            raise self._fail(f"shop {given} was authorised, not {own}")
        whose = {"main_account_id": main} if main else {"shop_id": given}
        try:
            body = await request_tokens(
                self._shop_id, CALL, self._account, self._base_url + TOKEN_PATH, {"code": code, **whose}
            )
        except TokenExpiredError as error:
            raise self._fail(str(error)) from error
        shops = self._list_shops(body) if main else [given]
        if own and own not in shops:
            raise self._fail(f"shop {own} is none of those that were authorised")
        token = read_token(self._shop_id, CALL, body)
        return Grant(token, tuple({"shop_id": str(shop)} for shop in shops))

    def _list_shops(self, body: dict[str, Any]) -> list[int]:
        try:
            return [item.number() for item in Field("answer", body)["shop_id_list"].items()]
        except FieldError as error:
            raise self._fail(str(error)) from error

    def _read_number(self, answer: Mapping[str, str], name: str) -> int:
        text = answer.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 20):
            raise self._fail(f"{name} is no whole number")
        return int(text or 0)

    def _fail(self, reason: str) -> ShopError:
        return ShopError(self._shop_id, CALL, f"{PLATFORM}: {reason}")
