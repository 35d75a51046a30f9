"""TikTok Shop's orders and parcels as ours.

https://partner.tiktokshop.com/docv2/page/650aa8ccc16ffe02b8f167a0 (order detail, 202507),
https://partner.tiktokshop.com/docv2/page/650b1b4bbace3e02b76d1011 (what the states mean),
https://partner.tiktokshop.com/docv2/page/get-tracking-202309 (tracking).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from pasar.commerce.model import Address, Order, OrderLine, OrderState, Parcel, Scan
from pasar.commerce.platforms.tiktokshop.fields import Record
from pasar.commerce.platforms.tiktokshop.markets import Market

_STATES: Mapping[str, OrderState] = {
    "UNPAID": OrderState.UNPAID,
    "ON_HOLD": OrderState.PAID,
    "AWAITING_SHIPMENT": OrderState.PAID,
    "AWAITING_COLLECTION": OrderState.PAID,  # packed, but no carrier has it yet
    "PARTIALLY_SHIPPING": OrderState.SHIPPED,
    "IN_TRANSIT": OrderState.SHIPPED,
    "DELIVERED": OrderState.DELIVERED,
    "COMPLETED": OrderState.DELIVERED,
    "CANCELLED": OrderState.CANCELLED,
}
_CANCELLERS: Mapping[str, str] = {"BUYER": "buyer", "SELLER": "shop", "SYSTEM": "system", "OPERATOR": "system"}
#: Which of several parcels is told: the one on its way, else the one that waits for its carrier, else the last.
_PARCEL_RANKS: Mapping[str, int] = {"FULFILLING": 0, "PROCESSING": 1, "TO_FULFILL": 2}
_ON_ITS_WAY = frozenset({OrderState.SHIPPED, OrderState.DELIVERED})
#: As "(+66)812345678"; where TikTok ships, digits are masked with asterisks.
_PHONE = re.compile(r"\(\+\d{1,3}\)[\d -]+", re.ASCII)


def read_order(record: Record, market: Market) -> Order:
    """One order without its scans and refund."""
    status = record.read_text("status")
    if status not in _STATES:
        raise record.fail("status", "is none of those documented")
    state = _STATES[status]
    payment = record.read_record("payment")
    currency = payment.read_currency("currency")
    address = _read_address(record.find_record("recipient_address"))
    return Order(
        order_id=record.read_text("id"),
        email="",
        phone=_read_phone(address.phone) if address else "",
        buyer_name=address.recipient if address else "",
        country=(address.country if address else "") or market.region,
        state=state,
        placed_at=record.read_time("create_time"),
        total=payment.read_money("total_amount", currency),
        lines=_read_lines(record, state, currency, market),
        payment_method="cod" if record.find_flag("is_cod") else record.find_text("payment_method_name"),
        ship_on=market.date(record.find_time("rts_sla_time")) if state is OrderState.PAID else None,
        parcel=_find_parcel(record, market) if state in _ON_ITS_WAY else None,
        cancelled_on=market.date(record.find_time("cancel_time")),
        cancelled_by=_CANCELLERS.get(record.find_text("cancellation_initiator"), "")
        if state is OrderState.CANCELLED
        else "",
        address=address,
        account=record.find_text("user_id"),
    )


def list_line_ids(order: Order) -> list[str]:
    """TikTok's ids of the pieces in an order's lines."""
    return [line_id for line in order.lines for line_id in line.reference.split(",")]


def read_scans(data: Record) -> tuple[Scan, ...]:
    """What an order's tracking tells, oldest first."""
    scans = [
        Scan(event.read_time("update_time_millis", "milliseconds"), event.find_text("description"), "in_transit")
        for event in data.list_records("tracking")
    ]
    return tuple(sorted(scans, key=lambda scan: scan.at))


def add_scans(parcel: Parcel, scans: tuple[Scan, ...]) -> Parcel:
    """The parcel with its scans; the last one of a parcel that has arrived is its delivery."""
    if scans and parcel.delivered_at is not None:
        scans = (*scans[:-1], dataclasses.replace(scans[-1], event="delivered"))
    return dataclasses.replace(parcel, scans=scans)


def _read_lines(record: Record, state: OrderState, currency: str, market: Market) -> tuple[OrderLine, ...]:
    """Pieces of one variant at one price together; what was cancelled alone is left out of a living order."""
    lines: dict[tuple[str, str, str], OrderLine] = {}
    for item in record.list_records("line_items"):
        if state is not OrderState.CANCELLED and item.find_text("display_status") == "CANCELLED":
            continue
        product_id, sku_id = item.read_text("product_id"), item.read_text("sku_id")
        price = item.read_money("sale_price", currency)
        line_id = item.read_text("id")
        key = (product_id, sku_id, str(price))
        known = lines.get(key)
        lines[key] = OrderLine(
            sku=product_id,
            variant_sku=item.find_text("seller_sku") or sku_id,
            name=market.text(item.find_text("product_name")),
            quantity=known.quantity + 1 if known else 1,
            price=price,
            reference=f"{known.reference},{line_id}" if known else line_id,
        )
    return tuple(lines.values())


def _find_parcel(record: Record, market: Market) -> Parcel | None:
    items = [
        item
        for item in record.list_records("line_items")
        if item.find_text("tracking_number") and item.find_text("package_status") != "CANCELLED"
    ]
    told = min(items, key=_rank_parcel, default=record)
    number = told.find_text("tracking_number")
    if not number:
        return None
    shipped_at = record.find_time("collection_time") or told.find_time("rts_time") or record.find_time("rts_time")
    return Parcel(
        courier=told.find_text("shipping_provider_name") or record.find_text("shipping_provider"),
        tracking_number=number,
        shipped_at=shipped_at or record.read_time("update_time"),
        due_on=market.date(
            record.find_time("delivery_option_required_delivery_time") or record.find_time("delivery_sla_time")
        ),
        scans=(),
        delivered_at=record.find_time("delivery_time"),  # of the whole order, so of its last parcel
    )


def _rank_parcel(item: Record) -> int:
    return _PARCEL_RANKS.get(item.find_text("package_status"), len(_PARCEL_RANKS))


def _read_address(record: Record | None) -> Address | None:
    if record is None:
        return None
    parts = ("address_line1", "address_line2", "address_line3", "address_line4")
    streets = [record.find_text(part) for part in parts]
    if not any(streets):
        streets = [record.find_text("address_detail")]
    # L0 is the country, L4 the smallest district.
    levels = sorted(
        record.list_records("district_info"), key=lambda item: item.find_text("address_level"), reverse=True
    )
    cities = [
        item.find_text("address_name") for item in levels if item.find_text("address_level_name").lower() == "city"
    ]
    city = record.find_text("post_town") or (cities[0] if cities else "")
    districts = [item.find_text("address_name") for item in levels if item.find_text("address_level") != "L0"]
    lines = tuple(line for line in (*streets, *(name for name in districts if name != city)) if line)
    if not lines and not record.find_text("full_address"):
        return None
    return Address(
        lines=lines or (record.find_text("full_address"),),
        city=city,
        postcode=record.find_text("postal_code"),
        country=record.find_text("region_code"),
        recipient=record.find_text("name"),
        phone=record.find_text("phone_number"),
    )


def _read_phone(phone: str) -> str:
    """E.164, or "" where it is masked: digits that are left of a masked number would be easy to guess."""
    if not _PHONE.fullmatch(phone):
        return ""
    return "+" + "".join(character for character in phone if character.isdigit())
