"""TikTok Shop's cancellations and returns as ours.

https://partner.tiktokshop.com/docv2/page/650b2001bace3e02b76db38a (what they are),
https://partner.tiktokshop.com/docv2/page/search-returns-202309, …/search-cancellations-202309,
…/get-aftersale-eligibility-202309, …/cancel-order-202309, …/create-return-202309.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from pasar.commerce.changes import Change, Outcome
from pasar.commerce.model import Order, OrderState, Refund, RefundState, ReturnTicket
from pasar.commerce.platforms.tiktokshop.fields import Record
from pasar.commerce.platforms.tiktokshop.markets import Market
from pasar.commerce.platforms.tiktokshop.orders import list_line_ids

_RETURN_AND_REFUND = "RETURN_AND_REFUND"
#: Withdrawn ones are absent. While the goods are on their way back, the seller may still refuse the refund.
_RETURN_STATES: Mapping[str, RefundState] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": RefundState.REQUESTED,
    "AWAITING_BUYER_RESPONSE": RefundState.REQUESTED,
    "AWAITING_BUYER_SHIP": RefundState.REQUESTED,
    "BUYER_SHIPPED_ITEM": RefundState.REQUESTED,
    "REFUND_OR_RETURN_REQUEST_REJECT": RefundState.REJECTED,
    "REJECT_RECEIVE_PACKAGE": RefundState.REJECTED,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": RefundState.APPROVED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": RefundState.APPROVED,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": RefundState.PAID,
}
_CANCELLATION_STATES: Mapping[str, RefundState] = {
    "CANCELLATION_REQUEST_PENDING": RefundState.REQUESTED,
    "CANCELLATION_REQUEST_SUCCESS": RefundState.APPROVED,
    "CANCELLATION_REQUEST_COMPLETE": RefundState.PAID,
}
_CANCELLATION_OUTCOMES: Mapping[str, Outcome] = {
    "CANCELLATION_REQUEST_PENDING": Outcome.REQUESTED,
    "CANCELLATION_REQUEST_SUCCESS": Outcome.DONE,
    "CANCELLATION_REQUEST_COMPLETE": Outcome.DONE,
}
#: Returns that the seller, or TikTok for the seller, has agreed to.
_APPROVED = frozenset(
    {
        "AWAITING_BUYER_SHIP",
        "BUYER_SHIPPED_ITEM",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
    }
)
#: Returns that have come to nothing.
_CLOSED = frozenset(
    {
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "REJECT_RECEIVE_PACKAGE",
        "RETURN_OR_REFUND_REQUEST_CANCEL",
        "REPLACEMENT_REQUEST_REJECT",
        "REPLACEMENT_REQUEST_CANCEL",
    }
)
#: Why TikTok does not stop an order, by its code.
CANCEL_REFUSALS: Mapping[str, str] = {
    "25001014": "not_allowed",  # no such reason,
    "25001015": "not_allowed",  # not for sellers,
    "25001020": "not_allowed",  # not any more,
    "25001021": "not_allowed",  # not for an order that stands there
    "25001045": "shipped",
    "25001046": "not_allowed",  # TikTok's risk control
    "25001051": "not_allowed",  # completed or cancelled
    "25005010": "not_allowed",
    "25005011": "not_allowed",
    "25020005": "not_allowed",
}
#: It is stopped already, or is being returned.
ALREADY_CODE = "25001011"


def add_refund(order: Order, records: Sequence[Record], market: Market) -> Order:
    """The order with the refund of its latest return or, where it is cancelled, cancellation."""
    cancelled = order.state is OrderState.CANCELLED
    states, status = (_CANCELLATION_STATES, "cancel_status") if cancelled else (_RETURN_STATES, "return_status")
    refunding = [record for record in records if record.find_text(status) in states]
    latest = max(refunding, key=lambda record: record.read_time("create_time"), default=None)
    told = latest.find_record("refund_amount") if latest else None
    if latest is None or told is None:
        return order
    amount = told.read_money("refund_total", told.read_currency("currency"))
    if not amount.amount:  # nothing was paid
        return order
    state = states[latest.find_text(status)]
    told_on = market.date(latest.find_time("update_time"))
    refund = Refund(
        amount=amount,
        state=state,
        decided_on=None if state is RefundState.REQUESTED else told_on,
        payout_days=None,
        method=order.payment_method,
        paid_on=told_on if state is RefundState.PAID else None,
    )
    pieces = set(list_line_ids(order))
    all_back = not cancelled and bool(pieces) and pieces <= set(_list_returned(order, records))
    return dataclasses.replace(order, refund=refund, state=OrderState.RETURNED if all_back else order.state)


def read_cancellation(data: Record) -> Change:
    """What came of stopping an order."""
    status = data.read_text("cancel_status")
    outcome = _CANCELLATION_OUTCOMES.get(status, Outcome.REFUSED)
    reason = "other" if outcome is Outcome.REFUSED else ""
    return Change(outcome, reason, data.find_text("cancel_id"), status)


def find_return(records: Sequence[Record]) -> ReturnTicket | None:
    """The latest return that was neither refused nor withdrawn, or None."""
    alive = [record for record in records if record.find_text("return_status") not in _CLOSED]
    latest = max(alive, key=lambda record: record.read_time("create_time"), default=None)
    return read_return(latest) if latest else None


def read_return(record: Record) -> ReturnTicket:
    """A return as the buyer is told of it."""
    state = "approved" if record.read_text("return_status") in _APPROVED else "review"
    return ReturnTicket(record.read_text("return_id"), state)


def list_returnable(data: Record) -> tuple[list[str], str]:
    """Ids of the pieces that the seller may take back, and why others may not be."""
    pieces, obstacles = [], []
    for sku in data.list_records("sku_eligibility"):
        for line in sku.list_records("line_item_eligibility"):
            if line.find_text("request_type") != _RETURN_AND_REFUND:
                continue
            if line.find_flag("eligible"):
                pieces += line.list_texts("order_line_items_ids")
            else:
                obstacles.append(f"{line.find_text('ineligible_code')} {line.find_text('ineligible_reason')}".strip())
    return pieces, "; ".join(dict.fromkeys(obstacles))


def _list_returned(order: Order, records: Sequence[Record]) -> list[str]:
    """Pieces that came back to the seller, or never reached the buyer, and are paid back."""
    arrived = order.parcel is not None and order.parcel.delivered_at is not None
    return [
        line.find_text("order_line_item_id")
        for record in records
        if record.find_text("return_status") == "RETURN_OR_REFUND_REQUEST_COMPLETE"
        and (record.find_text("return_type") == _RETURN_AND_REFUND or not arrived)
        for line in record.list_records("return_line_items")
    ]
