"""Refunds from TikTok Shop's returns and cancellations."""

from __future__ import annotations

import datetime
import decimal

import pytest

from pasar.commerce.model import Money, OrderState, RefundState
from pasar.commerce.platforms.tiktokshop import aftersales
from pasar.commerce.platforms.tiktokshop.fields import Record
from tests.commerce.platforms.tiktokshop.samples import make_market, make_return, read_order


def make_known(status: str, created: int = 1690451136, kind: str = "RETURN_AND_REFUND", pieces: int = 2) -> Record:
    """A return as a search gives it."""
    known = make_return(return_status=status, create_time=created, return_type=kind)
    known["return_line_items"] = known["return_line_items"][:pieces]
    return Record(known, "return_orders[0]")


@pytest.mark.parametrize(
    ("status", "state", "decided", "paid"),
    [
        ("RETURN_OR_REFUND_REQUEST_PENDING", RefundState.REQUESTED, False, False),
        ("AWAITING_BUYER_SHIP", RefundState.REQUESTED, False, False),
        ("BUYER_SHIPPED_ITEM", RefundState.REQUESTED, False, False),
        ("REFUND_OR_RETURN_REQUEST_REJECT", RefundState.REJECTED, True, False),
        ("REJECT_RECEIVE_PACKAGE", RefundState.REJECTED, True, False),
        ("RETURN_OR_REFUND_REQUEST_SUCCESS", RefundState.APPROVED, True, False),
        ("RETURN_OR_REFUND_REQUEST_COMPLETE", RefundState.PAID, True, True),
    ],
)
def test_refunds_of_returns(status: str, state: RefundState, decided: bool, paid: bool) -> None:
    """An approved return is no approved refund yet; days are the shop's."""
    order = aftersales.add_refund(read_order(status="DELIVERED"), [make_known(status)], make_market())
    refund = order.refund
    assert refund is not None
    day = datetime.date(2023, 7, 28)
    assert (state, day if decided else None, day if paid else None) == (refund.state, refund.decided_on, refund.paid_on)
    assert Money(decimal.Decimal(115000), "IDR") == refund.amount


def test_the_latest_return_counts_and_withdrawn_ones_do_not() -> None:
    """As an order may be returned in parts, and asked for again."""
    known = [
        make_known("REFUND_OR_RETURN_REQUEST_REJECT", 1),
        make_known("RETURN_OR_REFUND_REQUEST_PENDING", 2),
        make_known("RETURN_OR_REFUND_REQUEST_CANCEL", 3),
    ]
    refund = aftersales.add_refund(read_order(), known, make_market()).refund
    assert refund is not None and RefundState.REQUESTED is refund.state
    assert aftersales.add_refund(read_order(), known[2:], make_market()).refund is None


@pytest.mark.parametrize(
    ("changes", "known", "state"),
    [
        ({"delivery_time": 1619900000}, [make_known("RETURN_OR_REFUND_REQUEST_COMPLETE")], OrderState.RETURNED),
        (
            {"delivery_time": 1619900000},
            [make_known("RETURN_OR_REFUND_REQUEST_COMPLETE", pieces=1)],
            OrderState.DELIVERED,
        ),
        ({"delivery_time": 1619900000}, [make_known("RETURN_OR_REFUND_REQUEST_SUCCESS")], OrderState.DELIVERED),
        (
            {"delivery_time": 1619900000},
            [make_known("RETURN_OR_REFUND_REQUEST_COMPLETE", kind="REFUND")],
            OrderState.DELIVERED,
        ),
        ({"delivery_time": 0}, [make_known("RETURN_OR_REFUND_REQUEST_COMPLETE", kind="REFUND")], OrderState.RETURNED),
        ({"delivery_time": 0}, [], OrderState.DELIVERED),
    ],
)
def test_an_order_is_returned_once_all_of_it_is(
    changes: dict[str, int], known: list[Record], state: OrderState
) -> None:
    """Sent back, or never arrived, and paid back."""
    order = read_order(status="COMPLETED", **changes)
    assert state is aftersales.add_refund(order, known, make_market()).state


def test_nothing_paid_is_no_refund() -> None:
    """Of an order that was cancelled unpaid."""
    money = {"currency": "IDR", "refund_total": "0"}
    known = {"cancel_status": "CANCELLATION_REQUEST_SUCCESS", "create_time": 1, "refund_amount": money}
    assert aftersales.add_refund(read_order(status="CANCELLED"), [Record(known)], make_market()).refund is None
