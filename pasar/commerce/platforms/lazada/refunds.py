"""Money going back to a buyer, from an order's reverse orders.

https://open.lazada.com/apps/doc/api?path=%2Freverse%2Fgetreverseordersforseller (by ``trade_order_id``), and the page
of /order/reverse/return/detail/list where the list leaves out the lines. States are those of that page and of the
webhook (docId=120232). One that is not among them is told as requested, which promises nothing. When a refund was
decided or paid, and how long the money takes, is not documented. /order/reverse/return/history/list has who wrote when,
but not what: nothing of it is in our terms.
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence

import structlog

from pasar.commerce.model import Refund, RefundState
from pasar.commerce.platforms.lazada.fields import Record
from pasar.commerce.platforms.lazada.orders import name_payment
from pasar.commerce.platforms.lazada.ventures import Venture

REVERSE_STATES = {
    "REQUEST_INITIATE": RefundState.REQUESTED,
    "CANCEL_INIT": RefundState.REQUESTED,
    "RTM_INIT": RefundState.REQUESTED,
    "RTW_INIT": RefundState.REQUESTED,
    "REFUND_INIT": RefundState.REQUESTED,
    # On its way back or being inspected: whether there is money is not decided yet.
    "RTM_SHIPPING_BACK": RefundState.REQUESTED,
    "RTW_SHIPPING_BACK": RefundState.REQUESTED,
    "RTM_RECEIVE_ITEM": RefundState.REQUESTED,
    "CANCEL_SUCCESS": RefundState.APPROVED,
    "RTW_REFUND_PENDING": RefundState.APPROVED,
    "REFUND_PENDING": RefundState.APPROVED,
    "CANCEL_REFUND_ISSUED": RefundState.PAID,
    "REFUND_SUCCESS": RefundState.PAID,
    "REQUEST_REJECT": RefundState.REJECTED,
    "RTW_REJECT": RefundState.REJECTED,
    "REFUND_REJECTED": RefundState.REJECTED,
}
#: Taken back: as if never asked.
WITHDRAWN = frozenset({"REQUEST_CANCEL", "RTM_CANCELED", "RTW_CANCELED"})

_WAY = (RefundState.REQUESTED, RefundState.APPROVED, RefundState.PAID)

log = structlog.get_logger()


def find_refund(lines: Sequence[Record], venture: Venture) -> Refund | None:
    """What goes back for all lines of an order's reverse orders together; None where nothing does.

    The line that is least far gives the state; what was rejected counts only where everything was.
    """
    asked = [(line, _read_state(line)) for line in lines if _wants_money(line)]
    counted = [(line, state) for line, state in asked if state is not RefundState.REJECTED] or asked
    if not counted:
        return None
    amount = sum((line.need_decimal("refund_amount") for line, _ in counted), decimal.Decimal(0))
    states = {state for _, state in counted}
    return Refund(
        amount=venture.money(amount * venture.refund_unit),
        state=next((state for state in _WAY if state in states), RefundState.REJECTED),
        decided_on=None,
        payout_days=None,
        method=name_payment(counted[0][0].read_text("refund_payment_method")),
    )


def _wants_money(line: Record) -> bool:
    return line.is_true("is_need_refund", default=True) and line.need_text("reverse_status") not in WITHDRAWN


def _read_state(line: Record) -> RefundState:
    status = line.need_text("reverse_status")
    if status not in REVERSE_STATES:
        log.warning("lazada.reverse_status.unknown", reverse_status=status)
    return REVERSE_STATES.get(status, RefundState.REQUESTED)
