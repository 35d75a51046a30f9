"""How the store is reached: keys, tokens, points, errors, and what is kept out of them."""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import AddressChange, Outcome
from pasar.commerce.model import Address, Buyer, Order
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.shopify import ShopifyApi, mutations, queries
from pasar.commerce.platforms.shopify.access import PLATFORM, ShopifyAuth
from pasar.commerce.platforms.shopify.api import RATE
from pasar.commerce.platforms.shopify.graph import Graph, read_problem
from pasar.commerce.platforms.tokens import Token, TokenExpiredError
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopify.graphql import Parser
from tests.commerce.platforms.shopify.records import OWNER, SHOP, make_order, make_product, make_shipped
from tests.commerce.platforms.shopify.schema import SCHEMA
from tests.commerce.platforms.shopify.server import SECRET, VERSION, ShopifyServer

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


def test_every_document_costs_less_than_a_call_may() -> None:
    """By the observed rule; the dearest is a buyer's orders, of which a store's bucket holds more than one."""
    currencies = {f"X{letter}X": "US" for letter in "ABCDEFGHIJKL"}
    facts = [("custom", f"fact{index}") for index in range(20)]
    documents = {name: text for module in (queries, mutations) for name, text in vars(module).items() if name.isupper()}
    documents |= {"READ_PRODUCTS": queries.write_read_products(currencies, facts)}
    priced = {
        name: SCHEMA.price(Parser(text).read(), {"first": 10})
        for name, text in documents.items()
        if isinstance(text, str) and not name.startswith("_")
    }
    assert 14 < len(priced)
    assert max(priced.values()) < 600, priced


class TestPoints:
    """What happens where the bucket is too empty."""

    async def test_the_call_waits_until_there_is_enough(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.orders = [make_order(1001)]
        store.points, store.restore_rate = 200.0, 100.0
        begun = time.monotonic()
        assert await api.read_order("1001") is not None
        assert 0.5 < time.monotonic() - begun < 2.5  # 283 points
        assert 2 == len(store.seen)

    async def test_nobody_waits_longer_than_a_buyer_does(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.points, store.restore_rate = 0.0, 10.0
        begun = time.monotonic()
        with pytest.raises(ShopUnavailableError, match=r"testshop.*read_order.*THROTTLED"):
            await api.read_order("1001")
        assert time.monotonic() - begun < 1
        assert 1 == len(store.seen)

    async def test_a_change_that_was_throttled_was_not_made(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.orders = [make_order(1001)]
        order = await api.read_order("1001")
        assert order is not None
        store.points, store.restore_rate = 0.0, 100.0
        assert Outcome.REQUESTED is (await api.cancel_order(order, "other")).outcome
        assert 1 == len(store.done)

    async def test_a_recorded_answer_is_waited_out(self, api: ShopifyApi, store: ShopifyServer) -> None:
        """As in Shopify's documentation of THROTTLED, with its cost; the second without."""
        store.orders = [make_order(1001)]
        status = {"maximumAvailable": 1000.0, "currentlyAvailable": 745, "restoreRate": 50.0}
        cost = {"requestedQueryCost": 752, "actualQueryCost": None, "throttleStatus": status}
        errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev"}}]
        store.break_next(body=json.dumps({"errors": errors, "extensions": {"cost": cost}}).encode())
        store.break_next(body=json.dumps({"errors": errors}).encode())
        assert await api.read_order("1001") is not None
        assert 3 == len(store.seen)


class TestErrors:
    """What Shopify says in an answer of 200."""

    async def test_a_scope_that_is_missing_is_named(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.denied["orders"] = "read_orders"
        with pytest.raises(ShopError, match=r"testshop.*read_order.*ACCESS_DENIED \(needs `read_orders`"):
            await api.read_order("1001")

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            ({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}, "INTERNAL_SERVER_ERROR"),
            ({"errors": [{"message": "x"}]}, "without a code"),
            ({"errors": "Not Found"}, "without a code"),
            ({"errors": [7]}, "without a code"),
            ({"data": None}, "no data"),
            ({"data": []}, "no data"),
            ({}, "no data"),
            (["x"], "no object"),
        ],
    )
    async def test_errors_by_their_codes(
        self, api: ShopifyApi, store: ShopifyServer, answer: Any, problem: str
    ) -> None:
        store.break_next(body=json.dumps(answer).encode())
        with pytest.raises(ShopError, match=rf"testshop.*read_order.*{problem}"):
            await api.read_order("1001")

    @pytest.mark.parametrize(
        ("document", "problem"),
        [
            ("query Q($id: ID!) { order(id: $id) { nmae } }", "undefinedField Order.nmae"),
            ("query Q($id: ID!) { ordr(id: $id) { name } }", "undefinedField QueryRoot.ordr"),
            ("query Q($id: ID!) { order(ident: $id) { name } }", "argumentNotAccepted"),
            ("query Q($id: String!) { order(id: $id) { name } }", "variableMismatch"),
            ("query Q($id: ID!) { order(id: $id) { name lineItems { nodes { id } } } }", "BAD_REQUEST"),
            ("query Q($id: ID!) { order(id: $id) { customer } }", "selectionMismatch"),
            ("query Q($id: ID!) { order(id: $id) { ... on Product { id } } }", "cannotSpreadFragment"),
            ("query Q($id: ID!) { order(id: $id) { ...Lost } }", "useAndDefineFragment"),
            ("query Q($id: ID!) { shop { name } }", "variableNotUsed"),
            ("mutation M($id: ID!) { orderCancel(orderId: $id, restock: true) { job { id } } }", "missingRequired"),
            (
                "mutation M($id: ID!) { orderCancel(orderId: $id, restock: true, reason: BORED) { job { id } } }",
                "INVALID_VARIABLE",
            ),
            ("query Q($id: ID!) { order(id: $id) { name }", "parseError"),
        ],
    )
    async def test_this_store_understands_no_document_with_a_mistake(self, document: str, problem: str) -> None:
        """Else the other tests would prove little about the real one."""
        async with ShopifyServer() as store:
            client = PlatformClient("testshop", PLATFORM, store.base_url, ShopifyAuth(store.token), RATE, read_problem)
            with pytest.raises(ShopError, match=problem):
                await Graph(client, VERSION).read("read_order", document, {"id": "gid://shopify/Order/1"})
            assert 1 == len(store.misfits)
            await client.close()


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
