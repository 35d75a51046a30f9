"""Cancelling an order on Shopee."""

from __future__ import annotations

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee.orders import read
from tests.commerce.platforms.shopee_samples import PAID
from tests.commerce.platforms.shopee_server import ShopeeServer


async def test_cancelling_is_asked_for_as_the_buyers_wish(api: ShopeeApi, server: ShopeeServer) -> None:
    """Done where Shopee says so at once, asked for where it takes time."""
    order = await api.read_order(PAID)
    assert order is not None
    assert Change(Outcome.DONE) == await api.cancel_order(order, "ordered_twice")
    assert "CUSTOMER_REQUEST" == server.orders[PAID]["cancel_reason"]
    server.orders[PAID]["order_status"], server.cancels_at_once = "READY_TO_SHIP", False
    assert Change(Outcome.REQUESTED) == await api.cancel_order(order, "changed_mind")


async def test_a_cancellation_whose_result_cannot_be_read_is_asked_for(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee has taken it; it is no error that what came of it is not known."""
    order = await api.read_order(PAID)
    assert order is not None
    server.refuse_next("order/get_order_detail", "error_param", "Wrong parameters")
    assert Outcome.REQUESTED is (await api.cancel_order(order, "other")).outcome


async def test_an_order_that_has_just_been_shipped_is_refused_by_shopee(api: ShopeeApi, server: ShopeeServer) -> None:
    """With Shopee's own words for the desk."""
    order = await api.read_order(PAID)
    assert order is not None
    server.orders[PAID]["order_status"] = "SHIPPED"
    change = await api.cancel_order(order, "changed_mind")
    assert (Outcome.REFUSED, "not_allowed") == (change.outcome, change.reason)
    assert "order.error_limit: Can not cancel this order" in change.detail


@pytest.mark.parametrize(
    ("status", "reason"), [("SHIPPED", "shipped"), ("COMPLETED", "shipped"), ("CANCELLED", "cancelled")]
)
async def test_what_cannot_be_cancelled_is_not_sent(
    api: ShopeeApi, server: ShopeeServer, status: str, reason: str
) -> None:
    """The order itself says why."""
    order = await read(api, server, status)
    assert Change(Outcome.REFUSED, reason) == await api.cancel_order(order, "changed_mind")
    assert [] == server.calls("cancel_order")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("order. error_param", Outcome.REFUSED), ("order. error_permission", None), ("error_shop", None)],
)
async def test_only_a_refusal_of_the_order_is_one(
    api: ShopeeApi, server: ShopeeServer, code: str, outcome: Outcome | None
) -> None:
    """A shop that is not linked is an error; the codes are spelt as Shopee does."""
    order = await api.read_order(PAID)
    assert order is not None
    server.refuse_next("order/cancel_order", code, "You can not cancel warehouse order.")
    if outcome is None:
        with pytest.raises(ShopError):
            await api.cancel_order(order, "changed_mind")
    else:
        assert outcome is (await api.cancel_order(order, "changed_mind")).outcome
