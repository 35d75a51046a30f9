"""How the store is reached: keys, tokens, points, errors, and what is kept out of them."""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import AddressChange, Outcome
from pasar.commerce.model import Address, Buyer, Order
from pasar.commerce.platforms.shopify import ShopifyApi
from pasar.commerce.platforms.shopify.access import PLATFORM
from pasar.commerce.platforms.tokens import Token, TokenExpiredError
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopify.records import OWNER, SHOP, make_order, make_product, make_shipped
from tests.commerce.platforms.shopify.server import SECRET, ShopifyServer

KEYS = {"store": "example", "client_id": "app-id", "client_secret": SECRET}


class EmptyTokens(MemoryTokens):
    """A store in which nothing was put yet, and that says so as the protocol does."""

    async def get(self, shop_id: str, platform: str, renew: Any, *, refused: str = "") -> Any:
        if (shop_id, platform) not in self.tokens:
            raise TokenExpiredError(shop_id)
        return await super().get(shop_id, platform, renew, refused=refused)


def make_token(access: str, hours: float = 1.0, refresh: str = "") -> Token:
    """A token that lasts so long."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return Token(access, refresh, now + datetime.timedelta(hours=hours))


async def read(store: ShopifyServer, tokens: MemoryTokens) -> Order | None:
    """Order 1001, asked with the app's own tokens."""
    store.orders = [make_order(1001)]
    api = ShopifyApi.open(SHOP, {**KEYS, "base_url": store.base_url}, tokens)
    try:
        return await api.read_order("1001")
    finally:
        await api.close()


async def test_an_app_gets_its_token_with_id_and_secret(store: ShopifyServer) -> None:
    tokens = EmptyTokens()
    assert await read(store, tokens) is not None
    assert await read(store, tokens) is not None
    assert 1 == len(store.calls("access_token"))
    token = tokens.tokens["testshop", PLATFORM]
    assert ("", None) == (token.refresh, token.refresh_until)
    left = token.access_until - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=23) < left < datetime.timedelta(hours=24)


async def test_a_token_that_has_ended_is_renewed(store: ShopifyServer) -> None:
    tokens = EmptyTokens()
    tokens.tokens["testshop", PLATFORM] = make_token("old", hours=-1)
    assert await read(store, tokens) is not None
    assert 0 == store.forged


async def test_a_refresh_token_is_used_once(store: ShopifyServer) -> None:
    tokens = EmptyTokens()
    store.refresh = "shprt_first"
    tokens.tokens["testshop", PLATFORM] = make_token("old", -1, "shprt_first")
    assert await read(store, tokens) is not None
    token = tokens.tokens["testshop", PLATFORM]
    assert token.refresh == store.refresh != "shprt_first"
    assert token.refresh_until is not None
    assert token.refresh_until > token.access_until
    assert b"grant_type=refresh_token" in store.calls("access_token")[0].body


async def test_a_refused_token_is_renewed_once(store: ShopifyServer) -> None:
    tokens = EmptyTokens()
    tokens.tokens["testshop", PLATFORM] = make_token("withdrawn")
    assert await read(store, tokens) is not None
    assert (1, 1, 2) == (store.forged, len(store.calls("access_token")), len(store.calls("graphql")))


async def test_an_app_that_is_refused_is_an_error(store: ShopifyServer) -> None:
    api = ShopifyApi.open(SHOP, {**KEYS, "client_secret": "wrong", "base_url": store.base_url}, EmptyTokens())
    with pytest.raises(ShopError, match=r"testshop.*get_token.*HTTP 400") as caught:
        await api.read_order("1001")
    assert not isinstance(caught.value, ShopUnavailableError)
    assert [] == store.calls("graphql")
    await api.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"access_token": 1, "expires_in": 9}',
        b'{"access_token": "shpat_x", "expires_in": "soon"}',
    ],
)
async def test_an_answer_that_is_no_token_is_an_error(store: ShopifyServer, answer: bytes) -> None:
    store.break_next(body=answer)
    with pytest.raises(ShopError, match=r"testshop.*get_token.*no token") as caught:
        await read(store, EmptyTokens())
    assert caught.value.__suppress_context__ and "shpat_x" not in str(caught.value)


async def test_tokens_that_cannot_be_had_now(store: ShopifyServer) -> None:
    store.break_next(status=503)
    with pytest.raises(ShopUnavailableError, match=r"testshop.*get_token.*HTTP 503"):
        await read(store, EmptyTokens())


async def test_a_wrong_token_is_an_error(store: ShopifyServer) -> None:
    settings = {"store": "example", "access_token": "shpat_wrong", "client_secret": SECRET, "base_url": store.base_url}
    api = ShopifyApi.open(SHOP, settings, MemoryTokens())
    with pytest.raises(ShopError, match=r"testshop.*read_order.*HTTP 401") as caught:
        await api.read_order("1001")
    assert "shpat_wrong" not in str(caught.value)
    await api.close()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"store": ""}, "store"),
        ({"store": "example.com"}, "store"),
        ({"store": "https://example.myshopify.com"}, "store"),
        ({"store": "evil.com/.myshopify.com"}, "store"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"access_token": "shpat_x", "client_secret": ""}, "client_secret"),
        ({"metafields": "material"}, "metafields"),
        ({"metafields": 'custom.material, a") { id }.x'}, "metafields"),
    ],
)
def test_keys_that_are_wrong_are_named(settings: dict[str, str], field: str) -> None:
    with pytest.raises(
        ShopError, match=rf"testshop.*open.*shopify: {field}: is " if field != "metafields" else "metafields"
    ) as caught:
        ShopifyApi.open(SHOP, {**KEYS, **settings}, MemoryTokens())
    assert SECRET not in str(caught.value)


def test_what_a_shop_may_leave_out_says_so() -> None:
    """Checks of a shop's file go by the word."""
    assert {"store", "client_secret"} == {name for name, text in ShopifyApi.keys.items() if "optional" not in text}
    for name in ("client_id", "access_token", "version", "metafields", "color_options", "size_options"):
        assert name in ShopifyApi.keys


def test_a_currency_that_is_no_code_is_named() -> None:
    shop = dataclasses.replace(SHOP, currencies={"DE": "EUR } evil { "})
    with pytest.raises(ShopError, match=r"testshop.*open.*currencies"):
        ShopifyApi.open(shop, KEYS, MemoryTokens())


async def test_another_version_is_a_setting(store: ShopifyServer) -> None:
    settings = {"store": "example", "access_token": store.token, "client_secret": SECRET, "version": "2019-01"}
    api = ShopifyApi.open(SHOP, {**settings, "base_url": store.base_url}, MemoryTokens())
    with pytest.raises(ShopError, match=r"testshop.*read_order.*HTTP 404"):
        await api.read_order("1001")
    assert "/admin/api/2019-01/graphql.json" == store.seen[0].path
    await api.close()


async def test_no_secret_and_nothing_of_a_buyer_in_logs_and_errors(
    api: ShopifyApi, store: ShopifyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong: the messages of Shopify, which may repeat what was sent, are left out."""
    caplog.set_level(logging.DEBUG)
    secrets = [store.token, SECRET, OWNER, "Jl. Rahasia 9", "+6281299990000", "Dewi", "very secret words"]
    told: list[str] = []
    with capture_logs() as logs:
        store.orders = [make_order(1001), make_shipped(1002)]
        store.products = [make_product(7001)]
        order = await api.read_order("1001")
        assert order is not None
        address = Address(("Jl. Rahasia 9",), "Jakarta", "10220", "ID", "Dewi", "+6281299990000")
        echo = " ".join(secrets)
        errors = [{"message": echo, "path": ["orders"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
        echoes: list[dict[str, Any]] = [
            {"body": json.dumps({"errors": errors}).encode()},
            {"body": json.dumps({"errors": echo}).encode(), "status": 403},
            {"body": echo.encode()},
            {"body": json.dumps({"data": {"orders": echo, "orderUpdate": echo}}).encode()},
        ]
        for fault in echoes:
            for call in (
                api.read_order("1001"),
                api.find_orders(Buyer(email=OWNER)),
                api.find_orders(Buyer(phone="+6281299990000")),
            ):
                store.break_next(times=1, **fault)
                with pytest.raises(ShopError) as caught:
                    await call
                told.append(repr(caught.value) + str(caught.value))
            api._graph._client._breaker.reset()
        store.complaints = [{"field": ["shippingAddress", "zip"], "message": echo}]
        told.append(repr(await api.change_address(order, AddressChange("#1001", address))))
        store.complaints = []
        assert Outcome.DONE is (await api.change_address(order, AddressChange("#1001", address))).outcome
    assert 13 == len(told)
    assert len(logs) > 8
    for text in (*told, repr(logs), caplog.text, repr(api), repr(make_token(store.token))):
        assert not [secret for secret in secrets if secret in text], text
