"""An order of the demo shop's files."""

from __future__ import annotations

import decimal

from pasar.commerce.demo.fields import Field
from pasar.commerce.model import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Product,
    Refund,
    RefundState,
    Scan,
)
from pasar.commerce.rules import Shop

FIELDS = (
    "order_id",
    "email",
    "phone",
    "buyer_name",
    "country",
    "state",
    "placed_at",
    "lines",
    "shipping",
    "payment_method",
    "pay_until",
    "ship_on",
    "parcel",
    "refund",
    "cancelled_on",
    "cancelled_by",
    "address",
)


def read_order(field: Field, products: dict[str, Product], shop: Shop) -> Order:
    """The order of ``field``; its total is what its lines and its ``shipping`` cost."""
    field = Field(f"{field.path} ({field['order_id'].read_text()})", field.value, field.today)
    field.check_names(*FIELDS)
    try:
        state = OrderState(field["state"].read_text())
    except ValueError as error:
        raise field["state"].fail("is no order state") from error
    country = field["country"].read_text()
    currency = shop.currencies.get(country, shop.currency)
    lines = tuple(_read_line(item, products, currency) for item in field["lines"].list_items())
    if not lines:
        raise field["lines"].fail("is empty")
    total = field["shipping"].read_money(currency) if field["shipping"] else Money(decimal.Decimal(0), currency)
    for line in lines:
        total += Money(line.price.amount * line.quantity, currency)
    return Order(
        order_id=field["order_id"].read_text(),
        email=field["email"].read_text(),
        phone=field["phone"].read_text().replace(" ", ""),
        buyer_name=field["buyer_name"].read_text(),
        country=country,
        state=state,
        placed_at=field["placed_at"].read_moment(),
        total=total,
        lines=lines,
        payment_method=field["payment_method"].read_text(),
        pay_until=field["pay_until"].find_date(),
        ship_on=field["ship_on"].find_date(),
        parcel=_read_parcel(field["parcel"]) if field["parcel"] else None,
        refund=_read_refund(field["refund"], currency) if field["refund"] else None,
        cancelled_on=field["cancelled_on"].find_date(),
        cancelled_by=field["cancelled_by"].read_text(""),
        address=_read_address(field["address"], country) if field["address"] else None,
    )


def _read_address(field: Field, country: str) -> Address:
    field.check_names("lines", "city", "postcode")
    return Address(
        lines=field["lines"].read_texts(),
        city=field["city"].read_text(),
        postcode=field["postcode"].read_text(),
        country=country,
    )


def _read_line(field: Field, products: dict[str, Product], currency: str) -> OrderLine:
    field.check_names("variant", "quantity", "price")
    variant = field["variant"].read_text()
    for product in products.values():
        if any(variant == known.sku for known in product.variants):
            return OrderLine(
                sku=product.sku,
                variant_sku=variant,
                name=product.name,
                quantity=field["quantity"].read_int(1),
                price=field["price"].read_money(currency) if field["price"] else product.prices[currency],
            )
    raise field["variant"].fail(f"there is no variant {variant}")


def _read_parcel(field: Field) -> Parcel:
    field.check_names("courier", "tracking_number", "shipped_at", "due_on", "scans", "delivered_at")
    scans = []
    for item in field["scans"].list_items():
        item.check_names("at", "place", "event")
        scans.append(Scan(item["at"].read_moment(), item["place"].read_text(), item["event"].read_text()))
    if scans != sorted(scans, key=lambda scan: scan.at):
        raise field["scans"].fail("must be oldest first")
    return Parcel(
        courier=field["courier"].read_text(),
        tracking_number=field["tracking_number"].read_text(),
        shipped_at=field["shipped_at"].read_moment(),
        due_on=field["due_on"].find_date(),
        scans=tuple(scans),
        delivered_at=field["delivered_at"].read_moment() if field["delivered_at"] else None,
    )


def _read_refund(field: Field, currency: str) -> Refund:
    field.check_names("amount", "state", "decided_on", "payout_days", "method", "paid_on")
    try:
        state = RefundState(field["state"].read_text())
    except ValueError as error:
        raise field["state"].fail("is no refund state") from error
    return Refund(
        amount=field["amount"].read_money(currency),
        state=state,
        decided_on=field["decided_on"].find_date(),
        payout_days=field["payout_days"].read_days() if field["payout_days"] else None,
        method=field["method"].read_text(),
        paid_on=field["paid_on"].find_date(),
    )
