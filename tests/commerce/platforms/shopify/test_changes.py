"""Cancelling, another address, other lines, returns: done once, or refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import AddressChange, Change, LineChange, Outcome
from pasar.commerce.model import Address, Order
from pasar.commerce.platforms.shopify import ShopifyApi
from tests.commerce.platforms.shopify.records import (
    make_line,
    make_order,
    make_product,
    make_shipped,
    make_variant,
)
from tests.commerce.platforms.shopify.server import ShopifyServer

NEW = Address(("Jl. Sudirman 1", "Blok B"), "Jakarta", "10220", "ID", "Siti Nur Rahma", "+6281200009999")


async def read(api: ShopifyApi, name: str = "#1001") -> Order:
    """An order that is there."""
    order = await api.read_order(name)
    assert order is not None
    return order


def told(change: Change) -> tuple[Outcome, str]:
    """What a buyer is told of a change."""
    return change.outcome, change.reason


async def test_cancelling_is_a_job_that_pays_back_and_restocks(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    change = await api.cancel_order(await read(api), "changed_mind")
    assert (Outcome.REQUESTED, "") == told(change)
    assert "gid://shopify/Job/1" == change.reference
    ((_, sent),) = store.done
    assert {
        "orderId": "gid://shopify/Order/4500001001",
        "reason": "CUSTOMER",
        "refundMethod": {"originalPaymentMethodsRefund": True},
        "restock": True,
        "notifyCustomer": True,
        "staffNote": "changed_mind",
    } == sent


async def test_an_order_cancelled_meanwhile_is_refused_by_shopify(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    order = await read(api)
    await api.cancel_order(order, "changed_mind")
    change = await api.cancel_order(order, "changed_mind")
    assert (Outcome.REFUSED, "not_allowed") == told(change)
    assert "INVALID orderId Cannot cancel an order that has already been canceled" == change.detail


@pytest.mark.parametrize(("code", "reason"), [("NO_REFUND_PERMISSION", "not_allowed"), ("NOT_FOUND", "other")])
async def test_user_errors_are_refusals(api: ShopifyApi, store: ShopifyServer, code: str, reason: str) -> None:
    store.orders = [make_order(1001)]
    store.complaints = [{"code": code, "field": None, "message": "No."}]
    change = await api.cancel_order(await read(api), "other")
    assert (Outcome.REFUSED, reason, f"{code} No.") == (change.outcome, change.reason, change.detail)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (make_shipped(1001), "shipped"),
        (make_order(1001, cancelledAt="2026-03-01T00:00:00Z"), "cancelled"),
    ],
)
async def test_nothing_is_sent_for_an_order_gone_too_far(
    api: ShopifyApi, store: ShopifyServer, order: dict[str, Any], reason: str
) -> None:
    store.orders = [order]
    known = await read(api)
    assert (Outcome.REFUSED, reason) == told(await api.cancel_order(known, "other"))
    assert (Outcome.REFUSED, reason) == told(await api.edit_order(known, LineChange("#1001", "A", "A", 2)))
    assert (Outcome.REFUSED, reason) == told(await api.change_address(known, AddressChange("#1001", NEW)))
    assert [] == store.done


async def test_an_address_is_changed(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    assert (Outcome.DONE, "") == told(await api.change_address(await read(api), AddressChange("#1001", NEW)))
    ((_, sent),) = store.done
    assert {
        "address1": "Jl. Sudirman 1",
        "address2": "Blok B",
        "city": "Jakarta",
        "zip": "10220",
        "countryCode": "ID",
        "firstName": "Siti Nur",
        "lastName": "Rahma",
        "phone": "+6281200009999",
        "provinceCode": "JK",
    } == sent["input"]["shippingAddress"]


async def test_what_the_buyer_leaves_out_stays(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    short = Address((" Jl. Braga 2 ", ""), "Bandung", "40111")
    assert (Outcome.DONE, "") == told(await api.change_address(await read(api), AddressChange("#1001", short)))
    ((_, sent),) = store.done
    assert {
        "address1": "Jl. Braga 2",
        "city": "Bandung",
        "zip": "40111",
        "countryCode": "ID",
        "firstName": "Siti",
        "lastName": "Rahma",
        "phone": "+6281200001001",
    } == sent["input"]["shippingAddress"]  # without the province, which was that of another city


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("FULFILLED", "shipped"),
        ("PARTIALLY_FULFILLED", "shipped"),
        ("IN_PROGRESS", "not_allowed"),
        ("PENDING_FULFILLMENT", "not_allowed"),
        ("SOMETHING_NEW", "not_allowed"),
    ],
)
async def test_an_address_is_not_changed_after_packing_has_begun(
    api: ShopifyApi, store: ShopifyServer, state: str, reason: str
) -> None:
    """Shopify itself would take it: what was read before counts as little as what it accepts."""
    store.orders = [make_order(1001)]
    order = await read(api)
    store.orders[0]["displayFulfillmentStatus"] = state
    assert (Outcome.REFUSED, reason) == told(await api.change_address(order, AddressChange("#1001", NEW)))
    store.orders[0].update(cancelledAt="2026-03-01T00:00:00Z")
    assert (Outcome.REFUSED, "cancelled") == told(await api.change_address(order, AddressChange("#1001", NEW)))
    assert [] == store.done


async def test_an_address_that_shopify_refuses(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    store.complaints = [{"field": ["shippingAddress", "zip"], "message": "Zip 10220 is not valid"}]
    change = await api.change_address(await read(api), AddressChange("#1001", NEW))
    assert (Outcome.REFUSED, "not_allowed", "shippingAddress.zip") == (change.outcome, change.reason, change.detail)


async def test_an_address_without_a_street_is_an_error(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    order = await read(api)
    with pytest.raises(ShopError, match=r"testshop.*change_address.*address\.lines"):
        await api.change_address(order, AddressChange("#1001", Address((" ",), "Jakarta")))
    assert [] == store.done


class TestEdits:
    """An order of two dresses and a hat; both, and the dress in another size, are in the catalogue."""

    @pytest.fixture
    def store(self, store: ShopifyServer) -> ShopifyServer:
        """The store."""
        store.products = [
            make_product(1, make_variant(11, "DRESS-M"), make_variant(12, "DRESS-L"), make_variant(13, "DRESS-XL")),
            make_product(2, make_variant(21, "HAT")),
        ]
        lines = [make_line(1, "DRESS-M", 2, "10"), make_line(2, "HAT", 1, "5.5")]
        store.orders = [
            make_order(1001, *lines, totalPriceSet={"presentmentMoney": {"amount": "25.5", "currencyCode": "EUR"}})
        ]
        return store

    async def _edit(self, api: ShopifyApi, old: str, new: str, quantity: int) -> Change:
        return await api.edit_order(await read(api), LineChange("#1001", old, new, quantity))

    def _left(self, store: ShopifyServer) -> list[tuple[str, int]]:
        lines = store.orders[0]["lineItems"]
        return [(line["sku"], line["currentQuantity"]) for line in lines if line["currentQuantity"]]

    async def test_another_size(self, api: ShopifyApi, store: ShopifyServer) -> None:
        change = await self._edit(api, "dress-m", "DRESS-L", 1)
        assert (Outcome.DONE, "balance -5.00 EUR") == (change.outcome, change.detail)
        assert [("HAT", 1), ("DRESS-L", 1)] == self._left(store)
        assert ["orderEditBegin", "orderEditAddVariant", "orderEditSetQuantity", "orderEditCommit"] == [
            call for call, _ in store.done
        ]
        sent = dict(store.done)
        assert "gid://shopify/ProductVariant/12" == sent["orderEditAddVariant"]["variantId"]
        assert sent["orderEditSetQuantity"]["restock"] is True
        assert sent["orderEditCommit"]["notifyCustomer"] is True

    async def test_more_pieces(self, api: ShopifyApi, store: ShopifyServer) -> None:
        change = await self._edit(api, "DRESS-M", "DRESS-M", 3)
        assert (Outcome.DONE, "balance 10.00 EUR") == (change.outcome, change.detail)
        assert [("DRESS-M", 3), ("HAT", 1)] == self._left(store)

    async def test_fewer_pieces_need_no_stock(self, api: ShopifyApi, store: ShopifyServer) -> None:
        store.products = []
        assert (Outcome.DONE, "") == told(await self._edit(api, "DRESS-M", "DRESS-M", 1))
        assert [("DRESS-M", 1), ("HAT", 1)] == self._left(store)

    async def test_a_line_is_taken_out(self, api: ShopifyApi, store: ShopifyServer) -> None:
        assert (Outcome.DONE, "") == told(await self._edit(api, "HAT", "HAT", 0))
        assert [("DRESS-M", 2)] == self._left(store)

    async def test_no_more_than_there_is(self, api: ShopifyApi, store: ShopifyServer) -> None:
        assert (Outcome.REFUSED, "no_stock") == told(await self._edit(api, "DRESS-M", "DRESS-L", 6))
        assert (Outcome.REFUSED, "no_stock") == told(await self._edit(api, "DRESS-M", "DRESS-M", 8))
        assert [] == store.done
        assert (Outcome.DONE, "") == told(await self._edit(api, "DRESS-M", "DRESS-M", 7))  # five more, which there are

    async def test_what_nobody_knows(self, api: ShopifyApi, store: ShopifyServer) -> None:
        assert (Outcome.REFUSED, "other") == told(await self._edit(api, "SHOE", "SHOE", 1))
        assert (Outcome.REFUSED, "other") == told(await self._edit(api, "DRESS-M", "DRESS", 1))  # only the beginning
        assert (Outcome.REFUSED, "other") == told(await self._edit(api, "DRESS-M", '" OR sku:"HAT', 1))
        assert [] == store.done

    @pytest.mark.parametrize("call", ["orderEditBegin", "orderEditAddVariant", "orderEditSetQuantity"])
    async def test_nothing_is_committed_where_a_step_is_refused(
        self, api: ShopifyApi, store: ShopifyServer, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        def complain(asked: str, args: dict[str, Any]) -> list[dict[str, Any]]:
            store.done.append((asked, args))
            return [{"field": ["id"], "message": "The order cannot be edited."}] if asked == call else []

        monkeypatch.setattr(store, "_complain", complain)
        change = await self._edit(api, "DRESS-M", "DRESS-L", 1)
        assert (Outcome.REFUSED, "not_allowed") == told(change)
        assert "id The order cannot be edited." == change.detail
        assert "orderEditCommit" not in dict(store.done)
        assert [("DRESS-M", 2), ("HAT", 1)] == self._left(store)

    async def test_a_line_that_has_left_meanwhile(self, api: ShopifyApi, store: ShopifyServer) -> None:
        order = await read(api)
        store.orders[0]["fulfillments"] = [{}]
        change = await api.edit_order(order, LineChange("#1001", "HAT", "HAT", 0))
        assert (Outcome.REFUSED, "shipped") == told(change)
        assert ["orderEditBegin"] == [call for call, _ in store.done]

    async def test_less_than_nothing_is_an_error(self, api: ShopifyApi, store: ShopifyServer) -> None:
        with pytest.raises(ShopError, match=r"testshop.*edit_order.*quantity"):
            await self._edit(api, "HAT", "HAT", -1)
