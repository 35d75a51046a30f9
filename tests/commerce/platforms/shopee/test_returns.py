"""Returns on Shopee, as an order tells them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from pasar.commerce.model import Money, Refund, RefundState
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee.orders import NUMBER, read
from tests.commerce.platforms.shopee_samples import make_return
from tests.commerce.platforms.shopee_server import ShopeeServer


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("REQUESTED", RefundState.REQUESTED),
        ("PROCESSING", RefundState.REQUESTED),
        ("JUDGING", RefundState.REQUESTED),
        ("SELLER_DISPUTE", RefundState.REQUESTED),
        ("ACCEPTED", RefundState.APPROVED),
        ("CANCELLED", None),
        ("CLOSED", None),
        ("SOMETHING_NEW", None),
    ],
)
async def test_a_return_tells_its_refund(
    api: ShopeeApi, server: ShopeeServer, status: str, state: RefundState | None
) -> None:
    """Only an accepted one is decided; what does not say that money goes back tells none."""
    server.returns = [make_return("other", "ACCEPTED"), make_return(NUMBER, status)]
    order = await read(api, server, "COMPLETED")
    if state is None:
        assert order.refund is None
        return
    zone = datetime.timezone(datetime.timedelta(hours=7))
    decided = datetime.datetime.fromtimestamp(server.returns[1]["update_time"], zone).date()
    approved = state is RefundState.APPROVED
    assert order.refund == Refund(
        Money(Decimal("48000.5"), "VND"),
        state,
        decided if approved else None,
        (5, 7) if approved else None,
        "bank_transfer",
    )


async def test_the_youngest_return_counts(api: ShopeeApi, server: ShopeeServer) -> None:
    """A buyer may ask again after she has taken one back."""
    server.returns = [make_return(NUMBER, "REQUESTED", age=1), make_return(NUMBER, "CANCELLED", age=3)]
    order = await read(api, server, "COMPLETED")
    assert order.refund is not None
    assert RefundState.REQUESTED is order.refund.state


async def test_returns_are_looked_through_since_the_order(api: ShopeeApi, server: ShopeeServer) -> None:
    """In spans that Shopee allows, a hundred at a time, and no longer than sixty days."""
    server.returns = [make_return(f"other{number}", "ACCEPTED", age=20) for number in range(120)]
    server.returns += [make_return(NUMBER, "REQUESTED", age=21)]
    order = await read(api, server, "COMPLETED", age=22)
    assert order.refund is not None
    assert 3 == len(server.calls("get_return_list"))  # two spans, the older one with two pages
    server.seen.clear()
    await read(api, server, "COMPLETED", age=400)
    spans = {call.query["create_time_from"] for call in server.calls("get_return_list")}
    assert 4 == len(spans)
