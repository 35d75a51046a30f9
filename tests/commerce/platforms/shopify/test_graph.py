"""The endpoint: what a call costs, what happens where the points are spent, and Shopify's errors."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Outcome
from pasar.commerce.platforms.client import PlatformClient
from pasar.commerce.platforms.shopify import ShopifyApi, mutations, queries
from pasar.commerce.platforms.shopify.access import PLATFORM, ShopifyAuth
from pasar.commerce.platforms.shopify.api import RATE
from pasar.commerce.platforms.shopify.graph import Graph, read_problem
from tests.commerce.platforms.shopify.document import Parser
from tests.commerce.platforms.shopify.records import make_order
from tests.commerce.platforms.shopify.schema import SCHEMA
from tests.commerce.platforms.shopify.server import VERSION, ShopifyServer


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
        assert 0.5 < time.monotonic() - begun < 6  # 283 points
        assert 2 == len(store.seen)

    async def test_nobody_waits_longer_than_a_buyer_does(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.points, store.restore_rate = 0.0, 10.0
        begun = time.monotonic()
        with pytest.raises(ShopUnavailableError, match=r"testshop.*read_order.*THROTTLED"):
            await api.read_order("1001")
        assert time.monotonic() - begun < 4
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
