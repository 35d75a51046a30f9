"""What may be changed in a WooCommerce order, and the body that does it.

The interface takes every change in every state, so the rules are kept here. They follow what WooCommerce's own code does
(``includes/rest-api/Controllers/Version2/class-wc-rest-orders-v2-controller.php``): amounts of a line that is kept must
be sent with its number of pieces; stock follows the number of pieces of a line that is kept, but neither a line taken out
nor one put in. So variants are exchanged and lines taken out only while no stock has been taken, that is in ``pending``.
"""

from __future__ import annotations

import decimal
from typing import Any

from pasar.commerce.changes import Change, LineChange, Outcome
from pasar.commerce.model import Address
from pasar.commerce.platforms.woocommerce.orders import find_parcel
from pasar.commerce.platforms.woocommerce.records import Record

CANCELLABLE = frozenset(["pending", "on-hold", "processing"])
EDITABLE = frozenset(["pending", "on-hold"])  # as in the shop's own editor: nothing is paid yet
REASONS = {"completed": "shipped", "cancelled": "cancelled", "refunded": "cancelled"}


def refuse(reason: str, detail: str = "") -> Change:
    """A change that is not made."""
    return Change(Outcome.REFUSED, reason, detail=detail)


def find_obstacle(order: Record, states: frozenset[str] = CANCELLABLE) -> Change | None:
    """Why the order cannot be changed any more; None where it can."""
    status = order["status"].read_text()
    if find_parcel(order) is not None:
        return refuse("shipped", "the order has tracking")
    if status in states:
        return None
    return refuse(REASONS.get(status, "not_allowed"), f"status {status}")


def write_shipping(order: Record, address: Address) -> dict[str, Any] | Change:
    """The body that sends an order elsewhere, or why not.

    Not to another country, whose delivery costs something else. WooCommerce computes tax by the province, which
    an address here does not have: a new town in an order with tax is a person's business.
    """
    old = order["shipping"]
    country = old["country"].read_text().upper()
    if address.country and country and address.country.upper() != country:
        return refuse("not_allowed", "another country")
    body = {
        "address_1": address.lines[0] if address.lines else "",
        "address_2": ", ".join(address.lines[1:]),
        "city": address.city,
        "postcode": address.postcode,
        "company": "",
    }
    if not country and address.country:
        body["country"] = address.country.upper()
    moves = any(body[name].casefold() != old[name].read_text().casefold() for name in ("city", "postcode"))
    if moves and old["state"]:
        if order["total_tax"].read_decimal() != 0:
            return refuse("not_allowed", "another town in an order with tax")
        body["state"] = ""  # the old town's province on the new town's parcel would be wrong
    if address.recipient:
        body["first_name"], _, body["last_name"] = address.recipient.rpartition(" ")
    if address.phone:
        body["phone"] = address.phone
    return {"shipping": body}


def find_line(order: Record, reference: str) -> Record | None:
    """The line of that id."""
    lines = order["line_items"].list_items()
    return next((line for line in lines if str(line["id"].read_int()) == reference), None)


def find_line_obstacle(order: Record, line: Record | None, change: LineChange) -> Change | None:
    """Why that line cannot be changed as wished; None where it can, as far as the order tells."""
    if line is None or change.quantity < 0:
        return refuse("not_allowed", "the order has no such line")
    if order["coupon_lines"].value:
        return refuse("not_allowed", "what the coupon takes off would have to be computed anew")
    removal, exchange = change.quantity == 0, change.new_variant_sku != change.variant_sku
    if (removal or exchange) and order["status"].read_text() != "pending":
        return refuse("not_allowed", "stock has been taken for it, and would not follow")
    if removal and len(list(order["line_items"].list_items())) == 1:
        return refuse("not_allowed", "nothing would be left of the order")
    return None


def write_quantity(line: Record, quantity: int) -> dict[str, Any]:
    """The body that changes a line's number of pieces at the price it has."""
    before = line["quantity"].read_int()
    amounts = {name: _scale(line[name].read_decimal(), quantity, before) for name in ("total", "subtotal")}
    return {"line_items": [{"id": line["id"].read_int(), "quantity": quantity, **amounts}]}


def write_removal(line: Record) -> dict[str, Any]:
    """The body that takes a line out."""
    return {"line_items": [{"id": line["id"].read_int(), "quantity": 0}]}


def write_exchange(line: Record, variation_id: int, quantity: int) -> dict[str, Any]:
    """The body that puts another variation of the same product in a line's place, at its price of today."""
    new = {"product_id": line["product_id"].read_int(), "variation_id": variation_id, "quantity": quantity}
    return {"line_items": [{"id": line["id"].read_int(), "quantity": 0}, new]}


def _scale(amount: decimal.Decimal, quantity: int, before: int) -> str:
    scaled = amount * quantity / before
    return str(scaled.quantize(amount, rounding=decimal.ROUND_HALF_UP))
