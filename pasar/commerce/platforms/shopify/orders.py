"""Orders as Shopify tells them.

An amount is in the buyer's currency (``presentmentMoney``); a line's price is that of one piece before discounts, since
Shopify gives the discounted one only approximately. Where a refund was made, its transactions say whether the money has
gone (https://shopify.dev/docs/api/admin-graphql/latest/objects/Refund); where a return is only asked for, the refund is the
worth of what is sent back. An order whose parcel nobody tracks stays shipped: Shopify does not learn that it has arrived.
"""

from __future__ import annotations

import datetime

from pasar.commerce.model import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Refund,
    RefundState,
    Scan,
    Text,
)
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.rules import Shop

#: Manual payments by the names Shopify gives them; other gateways stay as they are called.
METHODS = {"cash on delivery (cod)": "cod", "cash on delivery": "cod", "bank deposit": "bank_transfer"}

CANCELLERS = {"CUSTOMER": "buyer", "INVENTORY": "shop", "STAFF": "shop", "DECLINED": "system", "FRAUD": "system"}
PAID = frozenset({"AUTHORIZED", "PAID", "PARTIALLY_REFUNDED", "REFUNDED"})
VOID = frozenset({"CANCELLED", "ERROR", "FAILURE"})  # fulfilments that never left
ARRIVED = frozenset({"DELIVERED", "PICKED_UP"})
SCANS = {
    "CARRIER_PICKED_UP": "picked_up",
    "IN_TRANSIT": "in_transit",
    "DELAYED": "in_transit",
    "OUT_FOR_DELIVERY": "out_for_delivery",
    "DELIVERED": "delivered",
}
RETURNS = {
    "REQUESTED": RefundState.REQUESTED,
    "OPEN": RefundState.APPROVED,
    "DECLINED": RefundState.REJECTED,
}


def read_order(record: Record, shop: Shop, time_zone: datetime.tzinfo) -> Order:
    """An order; days are those of ``time_zone``."""
    shipments = [item for item in record.records("fulfillments") if item.identifier("status") not in VOID]
    lines = _read_lines(record, shop)
    method = _read_method(next(iter(record.texts("paymentGatewayNames")), ""))
    cancelled_at = record.find_time("cancelledAt")
    address, billing, customer = (record.find(name) for name in ("shippingAddress", "billingAddress", "customer"))
    email, phone = (
        contact.text(field) if contact else ""
        for contact, field in (
            (customer and customer.find("defaultEmailAddress"), "emailAddress"),
            (customer and customer.find("defaultPhoneNumber"), "phoneNumber"),
        )
    )
    countries = [place.text("countryCodeV2") for place in (address, billing) if place]
    names = [place.text("name") for place in (address, billing) if place]
    return Order(
        order_id=record.identifier("name"),
        email=record.text("email") or email,
        phone=record.text("phone") or phone,
        buyer_name=(customer.text("displayName") if customer else "") or next(filter(None, names), ""),
        country=next(filter(None, countries), ""),
        state=_judge(record, shipments, method),
        placed_at=record.time("createdAt"),
        total=record.money("totalPriceSet"),
        lines=lines,
        payment_method=method,
        parcel=_read_parcel(shipments, time_zone),
        refund=_read_refund(record, time_zone),
        cancelled_on=cancelled_at.astimezone(time_zone).date() if cancelled_at else None,
        cancelled_by=CANCELLERS.get(record.text("cancelReason"), "shop") if cancelled_at else "",
        address=_read_address(address) if address else None,
        reference=record.identifier("legacyResourceId"),
    )


def _judge(record: Record, shipments: list[Record], method: str) -> OrderState:
    money = record.text("displayFinancialStatus")  # null for an order made without a payment
    if record.find_time("cancelledAt"):
        return OrderState.CANCELLED
    kept = any(line.number("currentQuantity") for line in record.records("lineItems"))
    if shipments:
        if not kept and (money == "REFUNDED" or record.identifier("returnStatus") == "RETURNED"):
            return OrderState.RETURNED
        arrived = all(item.find_time("deliveredAt") or item.text("displayStatus") in ARRIVED for item in shipments)
        whole = record.identifier("displayFulfillmentStatus") == "FULFILLED"
        return OrderState.DELIVERED if arrived and whole else OrderState.SHIPPED
    if money == "REFUNDED" and not kept:
        return OrderState.CANCELLED  # all of it was taken out and paid back, without a cancellation
    paid = money in PAID if money else record.flag("fullyPaid")
    return OrderState.PAID if paid or method == "cod" else OrderState.UNPAID


def _read_lines(record: Record, shop: Shop) -> tuple[OrderLine, ...]:
    lines = record.records("lineItems")
    # What was taken out or paid back is no longer in the order, unless that is all of it.
    count = "currentQuantity" if any(line.number("currentQuantity") for line in lines) else "quantity"
    return tuple(_read_line(line, line.number(count), shop) for line in lines if line.number(count))


def _read_line(line: Record, quantity: int, shop: Shop) -> OrderLine:
    product = line.find("product")
    return OrderLine(
        sku=product.identifier("handle") if product else "",
        variant_sku=read_variant_sku(line, line.find("variant")),
        name=Text({shop.default_language: line.identifier("name")}),
        quantity=quantity,
        price=line.money("originalUnitPriceSet"),
        reference=line.identifier("id"),
    )


def read_variant_sku(record: Record, variant: Record | None) -> str:
    """The SKU of a line or a variant; where the shop gave none, Shopify's number of the variant, "" without one."""
    return record.text("sku").strip() or (variant.identifier("legacyResourceId") if variant else "")


def _read_parcel(shipments: list[Record], time_zone: datetime.tzinfo) -> Parcel | None:
    """The newest of those on their way, else the newest."""
    if not shipments:
        return None
    shipment = max(shipments, key=lambda item: (item.find_time("deliveredAt") is None, item.time("createdAt")))
    tracking = next(iter(shipment.records("trackingInfo")), None)
    due_at = shipment.find_time("estimatedDeliveryAt")
    return Parcel(
        courier=tracking.text("company") if tracking else "",
        tracking_number=tracking.text("number") if tracking else "",
        shipped_at=shipment.find_time("inTransitAt") or shipment.time("createdAt"),
        due_on=due_at.astimezone(time_zone).date() if due_at else None,
        scans=_read_scans(shipment),
        delivered_at=shipment.find_time("deliveredAt"),
    )


def _read_scans(shipment: Record) -> tuple[Scan, ...]:
    scans = []
    for event in shipment.records("events"):
        place = ", ".join(filter(None, (event.text(part) for part in ("city", "province", "country"))))
        kind = SCANS.get(event.identifier("status"))
        if kind:
            scans.append(Scan(event.time("happenedAt"), place, kind))
    return tuple(sorted(scans, key=lambda scan: scan.at))


def _read_refund(record: Record, time_zone: datetime.tzinfo) -> Refund | None:
    """What was paid back in all; where nothing was, what the newest return is worth."""
    refunds = [item for item in record.records("refunds") if item.money("totalRefundedSet").amount]
    if not refunds:
        return _read_return(record, time_zone)
    steps = [step for item in refunds for step in item.records("transactions") if step.identifier("kind") == "REFUND"]
    paid = bool(steps) and all(step.identifier("status") == "SUCCESS" for step in steps)
    paid_at = [moment for step in steps if (moment := step.find_time("processedAt"))] if paid else []
    made_at = [moment for item in refunds if (moment := item.find_time("createdAt"))]
    return Refund(
        amount=_add([item.money("totalRefundedSet") for item in refunds]),
        state=RefundState.PAID if paid else RefundState.APPROVED,
        decided_on=max(made_at).astimezone(time_zone).date() if made_at else None,
        payout_days=None,
        method=_read_method(steps[-1].text("formattedGateway")) if steps else "",
        paid_on=max(paid_at).astimezone(time_zone).date() if paid_at else None,
    )


def _read_return(record: Record, time_zone: datetime.tzinfo) -> Refund | None:
    asked = [item for item in record.records("returns") if item.identifier("status") in RETURNS]
    if not asked:
        return None
    newest = max(asked, key=lambda item: item.time("createdAt"))
    # Only what was ordered has a worth; other lines are empty objects here.
    worth = [
        item.money("withCodeDiscountedTotalPriceSet")
        for item in newest.records("returnLineItems")
        if item.has("withCodeDiscountedTotalPriceSet")
    ]
    if not worth:
        return None
    approved_at = newest.find_time("requestApprovedAt")
    return Refund(
        amount=_add(worth),
        state=RETURNS[newest.identifier("status")],
        decided_on=approved_at.astimezone(time_zone).date() if approved_at else None,
        payout_days=None,
        method=_read_method(next(iter(record.texts("paymentGatewayNames")), "")),
    )


def _add(amounts: list[Money]) -> Money:
    total = amounts[0]
    for amount in amounts[1:]:
        total += amount
    return total


def _read_method(gateway: str) -> str:
    """Our code of a payment method, else what Shopify calls it."""
    return METHODS.get(gateway.replace("_", " ").strip().casefold(), gateway)


def _read_address(record: Record) -> Address:
    lines = [record.text(part) for part in ("address1", "address2", "province")]
    return Address(
        lines=tuple(filter(None, lines)),
        city=record.text("city"),
        postcode=record.text("zip"),
        country=record.text("countryCodeV2"),
        recipient=record.text("name"),
        phone=record.text("phone"),
    )
