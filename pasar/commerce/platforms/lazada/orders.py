"""Lazada's orders in our terms.

An order there has no state; its items have (docId=121327, "statuses"), and every piece is an item of its own. The
states are those of GetOrders (error 6 on https://open.lazada.com/apps/doc/api?path=%2Forders%2Fget) and of the status
flow (docId=120167). The order's state is made of them so:

- what is cancelled does not count, unless everything is;
- of the rest, what has come back or is on its way back does not count, unless all of it is;
- of the rest, the item that is least far decides: an order of which one parcel has arrived and one has not is shipped.

What a carrier has lost or damaged was sent and has not arrived: it stays shipped, there is no better word in our terms.
The lines leave out cancelled items, unless all are. What a buyer pays is ``price - voucher + shipping_fee``
(docId=121327). Lazada gives no e-mail, and masks phones and addresses: a masked phone is not told as the buyer's.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Iterable, Sequence

import phonenumbers

from pasar.commerce.model import Address, Money, Order, OrderLine, OrderState, Parcel, Refund, Text
from pasar.commerce.platforms.lazada.fields import Record
from pasar.commerce.platforms.lazada.ventures import Venture

ITEM_STATES = {
    "unpaid": OrderState.UNPAID,
    "pending": OrderState.PAID,
    "topack": OrderState.PAID,
    "packed": OrderState.PAID,
    "repacked": OrderState.PAID,
    "toship": OrderState.PAID,
    "ready_to_ship": OrderState.PAID,
    "ready_to_ship_pending": OrderState.PAID,
    "shipped": OrderState.SHIPPED,
    "shipping": OrderState.SHIPPED,
    "lost": OrderState.SHIPPED,
    "lost_by_3pl": OrderState.SHIPPED,
    "damaged_by_3pl": OrderState.SHIPPED,
    "delivered": OrderState.DELIVERED,
    "confirmed": OrderState.DELIVERED,
    "failed": OrderState.RETURNED,
    "failed_delivery": OrderState.RETURNED,
    "shipped_back": OrderState.RETURNED,
    "shipped_back_success": OrderState.RETURNED,
    "shipped_back_failed": OrderState.RETURNED,
    "package_scrapped": OrderState.RETURNED,
    "returned": OrderState.RETURNED,
    "canceled": OrderState.CANCELLED,
}

_WAY = (OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED)

#: ``cancel_return_initiator``, https://open.lazada.com/apps/doc/api?path=%2Forders%2Fitems%2Fget; others: the system.
_INITIATORS = {"cancellation-customer": "buyer", "buyer-cancel": "buyer", "cancellation-seller": "shop"}

#: Parts of https://open.lazada.com/apps/doc/doc?nodeId=29616&docId=121753, in this order, and our codes.
_PAYMENTS = (
    ("MIXEDCARD", "card"),
    ("DEBITCARD", "card"),
    ("PAYPAL", "paypal"),
    ("GCASH", "gcash"),
    ("MOMO", "momo"),
    ("ZALOPAY", "zalopay"),
    ("WALLET_OVO", "ovo"),
    ("DANA_EBANK", "dana"),
    ("PAYNOW", "paynow"),
    ("LINE_PAY", "linepay"),
    ("KREDIVO", "instalments"),
    ("PAY_LATER", "instalments"),
    ("_IPP", "instalments"),
    ("_OTC", "convenience_store"),
    ("BANK_ONLINE", "bank_transfer"),
    ("VIRTUAL_ACCOUNT", "bank_transfer"),
    ("_VA", "bank_transfer"),
    ("WALLET", "ewallet"),
)


@dataclasses.dataclass(frozen=True)
class Item:
    """One piece in an order."""

    item_id: str
    state: OrderState
    record: Record

    @property
    def tracking_number(self) -> str:
        """The carrier's number; "" where there is none, or not any more."""
        return self.record.read_text("tracking_code")


def read_items(answer: Record) -> list[Item]:
    """The pieces of an order, from /order/items/get."""
    return [_read_item(record) for record in answer.list_records("data")]


def judge_order(items: Sequence[Item]) -> tuple[OrderState, list[Item]]:
    """The order's state, and the items that decide it; see the module."""
    sent = [item for item in items if item.state is not OrderState.CANCELLED]
    if not sent:
        return OrderState.CANCELLED, list(items)
    kept = [item for item in sent if item.state is not OrderState.RETURNED]
    if not kept:
        return OrderState.RETURNED, sent
    state = min((item.state for item in kept), key=_WAY.index)
    return state, [item for item in kept if item.state is state]


def read_order(
    head: Record, items: Sequence[Item], venture: Venture, language: str, parcel: Parcel | None, refund: Refund | None
) -> Order:
    """The whole order, from /order/get, its items, and what was found of its parcel and refund."""
    state, deciding = judge_order(items)
    counted = [item for item in items if item.state is not OrderState.CANCELLED] or items
    address = _read_address(head.get_record("address_shipping"), venture)
    voucher, shipping = (head.find_decimal(name) or decimal.Decimal(0) for name in ("voucher", "shipping_fee"))
    return Order(
        order_id=head.need_text("order_id"),
        email="",
        phone=_read_phone(address.phone, venture.country),
        buyer_name=_join(head.read_text("customer_first_name"), head.read_text("customer_last_name")),
        country=venture.country,
        state=state,
        placed_at=head.need_time("created_at"),
        total=venture.money(head.need_decimal("price") - voucher + shipping),
        lines=tuple(_read_lines(counted, venture, language)),
        payment_method=name_payment(head.read_text("payment_method")),
        ship_on=_find_ship_day(deciding, venture) if state is OrderState.PAID else None,
        parcel=parcel,
        refund=refund,
        cancelled_on=_find_last_change(deciding, venture) if state is OrderState.CANCELLED else None,
        cancelled_by=_find_canceller(deciding) if state is OrderState.CANCELLED else "",
        address=address,
        account=next(filter(None, (item.record.read_text("buyer_id") for item in items)), ""),
    )


def name_payment(method: str) -> str:
    """Our code for a way to pay; the platform's own in small letters where there is none."""
    code = method.upper()
    if code == "COD":
        return "cod"
    return next((ours for part, ours in _PAYMENTS if part in code), method.lower())


def _read_item(record: Record) -> Item:
    status = record.need_text("status")
    state = ITEM_STATES.get(status.lower())
    if state is None:
        raise record.fail("status", f"is {status!r}, which is not known")
    return Item(record.need_text("order_item_id"), state, record)


def _read_lines(items: Sequence[Item], venture: Venture, language: str) -> Iterable[OrderLine]:
    """Equal pieces as one line, in the order in which they come; its reference are the items' ids with commas."""
    groups: dict[tuple[str, str, str, Money], list[str]] = {}
    for item in items:
        record = item.record
        if (currency := record.read_text("currency")) not in ("", venture.currency):
            raise record.fail("currency", f"is {currency!r}, but {venture.country} sells in {venture.currency}")
        variant = record.read_text("sku") or record.need_text("shop_sku")
        product = record.read_text("product_id") or variant
        key = (product, variant, record.need_text("name"), venture.money(record.need_decimal("item_price")))
        groups.setdefault(key, []).append(item.item_id)
    for (product, variant, name, price), ids in groups.items():
        yield OrderLine(product, variant, Text({language: name}), len(ids), price, ",".join(ids))


def _read_address(record: Record, venture: Venture) -> Address:
    lines = (record.read_text(name) for name in ("address1", "address2", "addressDistrict", "address3"))
    return Address(
        lines=tuple(dict.fromkeys(filter(None, lines))),
        city=record.read_text("city") or record.read_text("address4"),
        postcode=record.read_text("post_code"),
        country=venture.country,
        recipient=_join(record.read_text("first_name"), record.read_text("last_name")),
        phone=record.read_text("phone"),
    )


def _read_phone(text: str, country: str) -> str:
    """E.164, or "" where it is masked or no number: half a number proves nothing about a buyer."""
    if "*" in text:
        return ""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _find_ship_day(items: Sequence[Item], venture: Venture) -> datetime.date | None:
    """The day by which the last of these pieces is promised to be sent; None where one has no promise."""
    promises = [item.record.find_time("sla_time_stamp") for item in items]
    if not promises or None in promises:
        return None
    return max(promise for promise in promises if promise).astimezone(venture.time_zone).date()


def _find_last_change(items: Sequence[Item], venture: Venture) -> datetime.date | None:
    # There is no time of the cancellation itself: it is not later than this.
    changes = [moment for item in items if (moment := item.record.find_time("updated_at"))]
    return max(changes).astimezone(venture.time_zone).date() if changes else None


def _find_canceller(items: Sequence[Item]) -> str:
    initiators = [item.record.read_text("cancel_return_initiator") for item in items]
    named = next((name for name in initiators if name and name != "null-null"), "")
    return _INITIATORS.get(named, "system") if named else ""


def _join(*names: str) -> str:
    return " ".join(filter(None, names))
