"""Asking for a return: once, with a reason that Shopify knows, and never with more than can be sent back."""

from __future__ import annotations

import dataclasses

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Order, ReturnRequest
from pasar.commerce.platforms.shopify import ShopifyApi
from tests.commerce.platforms.shopify.records import make_return, make_shipped
from tests.commerce.platforms.shopify.server import ShopifyServer

REQUEST = ReturnRequest("#1001", "damaged", "refund", "https://example.com/photo.jpg", "A seam is open.")


async def read(api: ShopifyApi) -> Order:
    """The order."""
    order = await api.read_order("#1001")
    assert order is not None
    return order


@pytest.fixture
def store(store: ShopifyServer) -> ShopifyServer:
    """A shipped order of which three pieces can be sent back."""
    store.orders = [make_shipped(1001)]
    store.returnable = {"501": 1, "502": 2, "503": 0}
    return store


async def test_a_return_is_asked_for_once(api: ShopifyApi, store: ShopifyServer) -> None:
    order = await read(api)
    ticket = await api.open_return(order, REQUEST)
    assert ("#1001-R1", "review") == (ticket.number, ticket.state)
    assert ticket == await api.open_return(order, REQUEST)
    ((_, sent),) = store.done
    assert "gid://shopify/Order/4500001001" == sent["input"]["orderId"]
    assert [
        {
            "fulfillmentLineItemId": f"gid://shopify/FulfillmentLineItem/{number}",
            "quantity": count,
            "returnReasonDefinitionId": "gid://shopify/ReturnReasonDefinition/3",
            "customerNote": "refund; A seam is open.; https://example.com/photo.jpg",
        }
        for number, count in (("501", 1), ("502", 2))
    ] == sent["input"]["returnLineItems"]


@pytest.mark.parametrize(
    ("reason", "definition", "note"),
    [
        ("wrong", 1, "exchange"),
        ("changed_mind", 0, "exchange"),
        ("size", 2, "size; exchange"),
        ("missing", 2, "missing; exchange"),
    ],
)
async def test_reasons(api: ShopifyApi, store: ShopifyServer, reason: str, definition: int, note: str) -> None:
    wish = ReturnRequest("#1001", reason, "exchange", photo="media-17")  # which nobody at Shopify could open
    await api.open_return(await read(api), wish)
    line = store.done[0][1]["input"]["returnLineItems"][0]
    assert f"gid://shopify/ReturnReasonDefinition/{definition}" == line["returnReasonDefinitionId"]
    assert note == line["customerNote"]


async def test_a_long_note_is_cut(api: ShopifyApi, store: ShopifyServer) -> None:
    await api.open_return(await read(api), dataclasses.replace(REQUEST, note="x" * 500))
    assert 300 == len(store.done[0][1]["input"]["returnLineItems"][0]["customerNote"])


async def test_an_approved_return_is_told(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders[0]["returns"] = [make_return("DECLINED"), make_return("OPEN", name="#1001-R2")]
    ticket = await api.open_return(await read(api), REQUEST)
    assert ("#1001-R2", "approved") == (ticket.number, ticket.state)
    assert [] == store.done


async def test_nothing_to_send_back_is_an_error(api: ShopifyApi, store: ShopifyServer) -> None:
    store.returnable = {}
    order = await read(api)
    with pytest.raises(ShopError, match=r"testshop.*open_return.*returnableFulfillments"):
        await api.open_return(order, REQUEST)
    assert [] == store.done


async def test_what_shopify_refuses_is_an_error_without_the_buyers_words(api: ShopifyApi, store: ShopifyServer) -> None:
    complaint = {"code": "INVALID", "field": ["returnLineItems", "0"], "message": "Not so: A seam is open."}
    store.complaints = [complaint]
    order = await read(api)
    store.returnable["502"] = 2
    with pytest.raises(ShopError, match=r"open_return.*userErrors.*INVALID returnLineItems\.0") as caught:
        await api.open_return(order, REQUEST)
    assert "seam" not in str(caught.value)
