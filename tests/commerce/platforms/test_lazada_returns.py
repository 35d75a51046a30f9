"""Refunds and cancellations of Lazada's orders, against the server of :mod:`.lazada_server`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.model import Order, OrderState, RefundState
from pasar.commerce.platforms.lazada import LazadaApi
from tests.commerce.platforms.lazada_records import (
    add_order,
    make_item,
    make_reverse_line,
)
from tests.commerce.platforms.lazada_server import (
    LazadaServer,
    open_api,
)

NUMBER = "57244869716605"


@pytest.fixture
async def server() -> AsyncIterator[LazadaServer]:
    """An empty shop."""
    async with LazadaServer() as server:
        yield server


@pytest.fixture
async def api(server: LazadaServer) -> AsyncIterator[LazadaApi]:
    """The module, asking ``server``."""
    api = open_api(server)
    yield api
    await api.close()


async def read(api: LazadaApi) -> Order:
    """The order of these tests."""
    order = await api.read_order(NUMBER)
    assert order is not None
    return order


@pytest.mark.parametrize(
    ("country", "lines", "expected"),
    [
        ("SG", [("REQUEST_INITIATE", 1999)], ("19.99", RefundState.REQUESTED)),
        ("ID", [("REFUND_SUCCESS", "14900000")], ("149000.00", RefundState.PAID)),
        ("VN", [("REFUND_PENDING", "149000")], ("149000", RefundState.APPROVED)),
        ("TH", [("REFUND_SUCCESS", 100), ("RTM_SHIPPING_BACK", 50)], ("1.50", RefundState.REQUESTED)),
        ("MY", [("REFUND_SUCCESS", 100), ("REQUEST_REJECT", 50)], ("1.00", RefundState.PAID)),
        ("PH", [("REQUEST_REJECT", 50)], ("0.50", RefundState.REJECTED)),
        ("SG", [("SOMETHING_NEW", 70), ("REFUND_SUCCESS", 30)], ("1.00", RefundState.REQUESTED)),
        ("SG", [("RTM_CANCELED", 70)], None),
        ("SG", [], None),
    ],
)
async def test_refund_is_what_all_lines_together_give(
    server: LazadaServer, country: str, lines: list[tuple[str, Any]], expected: tuple[str, RefundState] | None
) -> None:
    """In cents, but for Viet Nam; the line that is least far gives the state."""
    api = open_api(server, country=country)
    add_order(server, NUMBER, make_item(1, "delivered", currency=""))
    server.reverses[NUMBER] = [
        {"reverse_order_id": number, "request_type": "RETURN", "reverse_order_lines": [make_reverse_line(*line)]}
        for number, line in enumerate(lines)
    ]
    refund = (await read(api)).refund
    assert expected == (refund and (str(refund.amount.amount), refund.state))
    if refund:
        assert ("alipay", None, None) == (refund.method, refund.decided_on, refund.paid_on)
    await api.close()


async def test_refund_lines_that_the_list_leaves_out_are_asked_for(api: LazadaApi, server: LazadaServer) -> None:
    """By the reverse order; what needs no money back does not count."""
    add_order(server, NUMBER, make_item(1, "returned"))
    server.reverses[NUMBER] = [{"reverse_order_id": "501977696648153", "request_type": "RETURN"}]
    lines = [make_reverse_line("CANCEL_SUCCESS", 500), make_reverse_line("REFUND_SUCCESS", 900, is_need_refund="false")]
    server.reverse_details["501977696648153"] = {"reverseOrderLineDTOList": lines}
    refund = (await read(api)).refund
    assert refund is not None
    assert ("5.00", RefundState.APPROVED) == (str(refund.amount.amount), refund.state)


async def cancel(api: LazadaApi) -> Change:
    """Cancel the order of these tests."""
    return await api.cancel_order(await read(api), "changed_mind")


async def test_cancelling_takes_all_pieces_that_are_left(api: LazadaApi, server: LazadaServer) -> None:
    """With the seller's reason."""
    add_order(server, NUMBER, make_item(1, "pending"), make_item(2, "canceled"), make_item(3, "ready_to_ship"))
    assert Outcome.DONE is (await cancel(api)).outcome
    assert [('["1", "3"]', "10000019")] == [(one["order_item_id_list"], one["reason_id"]) for one in server.cancelled]
    assert OrderState.CANCELLED is (await read(api)).state
    assert Change(Outcome.REFUSED, "cancelled") == await cancel(api)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([make_item(1, "pending"), make_item(2, "shipped")], Change(Outcome.REFUSED, "shipped")),
        ([make_item(1, "delivered")], Change(Outcome.REFUSED, "shipped")),
        ([make_item(1, "unpaid")], Change(Outcome.REFUSED, "not_allowed")),
        ([make_item(1, "repacked")], Change(Outcome.REFUSED, "not_allowed")),
        (
            [make_item(1, "packed", need_cancel_confirm=True, reverse_order_id=704947701379284)],
            Change(Outcome.REQUESTED, reference="704947701379284"),
        ),
        ([make_item(1, "ready_to_ship", is_cancel_pending="true")], Change(Outcome.REQUESTED)),
    ],
)
async def test_what_cannot_be_cancelled_is_refused(
    api: LazadaApi, server: LazadaServer, items: list[dict[str, Any]], expected: Change
) -> None:
    """Sent, unpaid, refused by Lazada's check, or asked for already: nothing is changed."""
    add_order(server, NUMBER, *items)
    change = await cancel(api)
    assert (expected.outcome, expected.reason, expected.reference) == (change.outcome, change.reason, change.reference)
    assert [] == server.cancelled and not server.calls("/cancel/create")


@pytest.mark.parametrize("reason", ["", "99"])
async def test_without_a_possible_reason_nothing_is_cancelled(server: LazadaServer, reason: str) -> None:
    """The seller has named none, or Lazada does not offer it for this order."""
    api = open_api(server, cancel_reason_id=reason)
    add_order(server, NUMBER, make_item(1, "pending"))
    change = await cancel(api)
    assert (Outcome.REFUSED, "not_allowed") == (change.outcome, change.reason)
    assert "10000019, 10000021" in change.detail and [] == server.cancelled
    await api.close()


async def test_trouble_while_cancelling_is_not_repeated(api: LazadaApi, server: LazadaServer) -> None:
    """It is not known whether it was done; "too many calls" surely was not, and is sent again."""
    add_order(server, NUMBER, make_item(1, "pending"))
    order = await read(api)
    for code, message in (("106", "ROC internal error"), ("6", "System Error")):
        server.refuse_at = {"/order/reverse/cancel/create": [(code, message)]}
        with pytest.raises(ShopUnavailableError, match=f"lazada: {code} "):
            await api.cancel_order(order, "changed_mind")
    assert 2 == len(server.calls("/cancel/create"))
    server.refuse_at = {"/order/reverse/cancel/create": [("ApiCallLimit", "this ban will last 0 seconds")]}
    assert Outcome.DONE is (await api.cancel_order(order, "changed_mind")).outcome
    assert (4, 1) == (len(server.calls("/cancel/create")), len(server.cancelled))


async def test_an_order_of_another_shop_is_not_cancelled(api: LazadaApi, server: LazadaServer) -> None:
    """Lazada does not know it."""
    add_order(server, NUMBER, make_item(1, "pending"))
    order = await read(api)
    server.items.clear()
    assert (Outcome.REFUSED, "other") == ((change := await api.cancel_order(order, "other")).outcome, change.reason)
