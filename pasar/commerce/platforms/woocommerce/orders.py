"""WooCommerce's order as the model's: https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties ."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping, Sequence

import phonenumbers

from pasar.commerce.model import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Refund,
    RefundState,
    Text,
)
from pasar.commerce.platforms.woocommerce.records import Record
from pasar.commerce.pricing import round_money

#: https://woocommerce.com/document/managing-orders/order-statuses/ ; the module's docstring says why.
STATES = {
    "pending": OrderState.UNPAID,
    "failed": OrderState.UNPAID,
    "processing": OrderState.PAID,
    "completed": OrderState.SHIPPED,
    "cancelled": OrderState.CANCELLED,
}
NO_ORDERS = frozenset(["trash", "checkout-draft", "auto-draft", "draft"])

#: WooCommerce's own gateways by our words for them; others keep their title in the shop.
PAYMENT_METHODS = {"bacs": "bank_transfer", "cod": "cod", "paypal": "paypal", "ppcp-gateway": "paypal"}

TRACKING = "_wc_shipment_tracking_items"

_EXACT = decimal.Context(traps=[decimal.Inexact])


def name_product(product_id: int, sku: str) -> str:
    """What a product is called here: its SKU, else ``#<id>``."""
    return sku or f"#{product_id}"


def name_variation(product_id: int, product_sku: str, variation_id: int, sku: str) -> str:
    """What a variation is called here: its own SKU where it has one, for WooCommerce lends it the product's."""
    own = sku and sku != product_sku
    return sku if own else f"{name_product(product_id, product_sku)}#{variation_id}"


def find_variable_products(orders: Sequence[Record]) -> set[int]:
    """Ids of the products of which variations were ordered: an order does not tell their SKUs."""
    lines = [line for order in orders for line in order["line_items"].list_items()]
    return {line["product_id"].find_int() for line in lines if line["variation_id"].find_int()} - {0}


def is_order(order: Record) -> bool:
    """Whether it is an order of a buyer yet, and still."""
    return order["status"].read_text() not in NO_ORDERS


def read_order(order: Record, skus: Mapping[int, str], refunds: Sequence[Record], language: str) -> Order:
    """An order; ``skus`` are those of the products in :func:`find_variable_products`, ``refunds`` its refunds whole."""
    billing, shipping = order["billing"], order["shipping"]
    number, reference = order["number"].read_text(), str(order["id"].read_int())
    currency = order["currency"].read_currency()
    account = order["customer_id"].find_int()
    country = shipping["country"].read_text() or billing["country"].read_text()
    parcel = find_parcel(order)
    return Order(
        order_id=number or reference,
        email=billing["email"].read_text(),
        phone=_read_phone(billing["phone"], billing["country"].read_text()),
        buyer_name=_read_name(billing),
        country=country.upper(),
        state=read_state(order, parcel),
        placed_at=order["date_created_gmt"].read_time(),
        total=order["total"].read_money(currency),
        lines=tuple(_read_line(line, order, currency, skus, language) for line in _list_lines(order)),
        payment_method=_read_payment(order),
        parcel=parcel,
        refund=_read_refund(refunds, currency, _read_payment(order)),
        address=_read_address(shipping) or _read_address(billing),
        account=str(account) if account else "",
        reference="" if reference == number else reference,
    )


def read_state(order: Record, parcel: Parcel | None) -> OrderState:
    """Where an order stands, see the package's docstring."""
    status = order["status"].read_text()
    finished = bool(order["date_completed_gmt"])
    if status == "refunded":
        return OrderState.RETURNED if finished or parcel else OrderState.CANCELLED
    if status in ("cancelled", "completed"):
        return STATES[status]
    if parcel:
        return OrderState.SHIPPED
    if status in STATES:
        return STATES[status]
    # On hold, and what plugins add: the order's own dates are all there is to go by.
    if finished and status != "on-hold":
        return OrderState.SHIPPED
    return OrderState.PAID if order["date_paid_gmt"] else OrderState.UNPAID


def find_parcel(order: Record) -> Parcel | None:
    """The newest parcel of the tracking extensions, None where there is none.

    Where the extension has no date, the order's completion stands for it, else its last change.
    """
    parcels = []
    for meta in order["meta_data"].list_items():
        if meta["key"].value != TRACKING or not meta.value.get("value"):
            continue
        items = meta["value"]
        if isinstance(items.value, dict):  # PHP writes a list with gaps as an object
            items = Record(items.path, list(items.value.values()))
        for item in items.list_items():
            number = _read_plain(item["tracking_number"])
            if number:
                courier = item["tracking_provider"].read_text() or item["custom_tracking_provider"].read_text()
                parcels.append(Parcel(courier, number, _read_shipped(item["date_shipped"], order), None, ()))
    return max(parcels, key=lambda parcel: parcel.shipped_at, default=None)


def _read_shipped(shipped: Record, order: Record) -> datetime.datetime:
    text = _read_plain(shipped)
    if not text:
        last = order["date_completed_gmt"] or order["date_modified_gmt"]
        return last.read_time()
    try:
        if text.isdecimal():
            return datetime.datetime.fromtimestamp(int(text), datetime.timezone.utc)
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise shipped.fail("must be a date or a timestamp") from error


def _read_plain(field: Record) -> str:
    """A number or a text: extensions write either."""
    return str(field.value) if type(field.value) is int else field.read_text()


def _read_line(line: Record, order: Record, currency: str, skus: Mapping[int, str], language: str) -> OrderLine:
    product_id, variation_id = line["product_id"].find_int(), line["variation_id"].find_int()
    sku, quantity = line["sku"].read_text(), line["quantity"].read_int()
    if variation_id:
        parent = skus.get(product_id, "")
        product, variant = name_product(product_id, parent), name_variation(product_id, parent, variation_id, sku)
    else:
        product = variant = name_product(product_id, sku)
    return OrderLine(
        sku=product,
        variant_sku=variant,
        name=Text({language: line["name"].read_words()}),
        quantity=quantity,
        price=_divide(_read_total(line, order), quantity, currency),
        reference=str(line["id"].read_int()),
    )


def _list_lines(order: Record) -> list[Record]:
    # Lines of no pieces are left behind by refunds of some plugins.
    return [line for line in order["line_items"].list_items() if line["quantity"].read_int() > 0]


def _read_total(line: Record, order: Record) -> decimal.Decimal:
    """What the line's pieces cost her after coupons, with tax where the shop's prices hold it."""
    total = line["total"].read_decimal()
    return total + line["total_tax"].read_decimal() if order["prices_include_tax"].read_bool() else total


def _divide(total: decimal.Decimal, quantity: int, currency: str) -> Money:
    """The price of one piece: exact where the total can be divided, else rounded."""
    try:
        return Money(_EXACT.divide(total, decimal.Decimal(quantity)), currency)
    except decimal.Inexact:
        return round_money(total / quantity, currency)


def _read_payment(order: Record) -> str:
    method = order["payment_method"].read_text()
    return PAYMENT_METHODS.get(method) or order["payment_method_title"].read_words() or method


def _read_refund(refunds: Sequence[Record], currency: str, method: str) -> Refund | None:
    """All refunds together: paid where the gateway was told to pay each back, else decided and paid by hand."""
    if not refunds:
        return None
    amount = sum((refund["amount"].read_decimal() for refund in refunds), decimal.Decimal(0))
    decided_on = max(refund["date_created"].read_local_time() for refund in refunds).date()
    by_gateway = all(refund["refunded_payment"].read_bool() for refund in refunds)
    return Refund(
        amount=Money(amount, currency),
        state=RefundState.PAID if by_gateway else RefundState.APPROVED,
        decided_on=decided_on,
        payout_days=None,
        method=method,
        paid_on=decided_on if by_gateway else None,
    )


def _read_address(record: Record) -> Address | None:
    lines = [record[name].read_text() for name in ("company", "address_1", "address_2")]
    city, postcode = record["city"].read_text(), record["postcode"].read_text()
    if not (any(lines) or city or postcode):
        return None
    return Address(
        lines=tuple(line for line in lines if line),
        city=city,
        postcode=postcode,
        country=record["country"].read_text().upper(),
        recipient=_read_name(record),
        phone=record["phone"].read_text(),
    )


def _read_name(record: Record) -> str:
    return f"{record['first_name'].read_text()} {record['last_name'].read_text()}".strip()


def _read_phone(phone: Record, country: str) -> str:
    """E.164 where the number can be read, else as the buyer typed it."""
    try:
        number = phonenumbers.parse(phone.read_text(), country or None)
    except phonenumbers.NumberParseException:
        return phone.read_text()
    if not phonenumbers.is_possible_number(number):
        return phone.read_text()
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
