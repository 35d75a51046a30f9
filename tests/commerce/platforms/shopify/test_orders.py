"""Orders as Shopify tells them, and where they are found."""

from __future__ import annotations

import datetime
import zoneinfo
from decimal import Decimal
from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Buyer, Money, OrderState, RefundState
from pasar.commerce.platforms.shopify import ShopifyApi
from tests.commerce.platforms.shopify.records import (
    OWNER,
    bag,
    make_fulfillment,
    make_line,
    make_order,
    make_refund,
    make_return,
    make_shipped,
)
from tests.commerce.platforms.shopify.server import ShopifyServer

PHONE = "+6281200001001"


def day(moment: str) -> datetime.date:
    """The day of a moment where the shop is."""
    time = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return time.astimezone(zoneinfo.ZoneInfo("Asia/Jakarta")).date()


async def test_amounts_are_the_buyers_to_the_last_digit(api: ShopifyApi, store: ShopifyServer) -> None:
    lines = [make_line(1, "A", 3, "0.1"), make_line(2, "B", 1, "1234567890.123")]
    store.orders = [make_order(1001, *lines, totalPriceSet=bag("1234567890.423", "EUR", shop="1400000000.00"))]
    order = await api.read_order("#1001")
    assert order is not None
    assert Money(Decimal("1234567890.423"), "EUR") == order.total
    assert [Money(Decimal("0.1"), "EUR"), Money(Decimal("1234567890.123"), "EUR")] == [
        line.price for line in order.lines
    ]
    assert "0.1" == str(order.lines[0].price.amount)
    assert sum((line.price.amount * line.quantity for line in order.lines), Decimal(0)) == order.total.amount


async def test_an_order_whole(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_shipped(1001, make_line(1, "DRESS-BLK-M", 2), make_line(2, "", product=None, variant=None))]
    order = await api.read_order("1001")
    assert order is not None
    assert ("#1001", "4500001001", OWNER, PHONE) == (order.order_id, order.reference, order.email, order.phone)
    assert ("Siti Rahma", "ID", OrderState.SHIPPED) == (order.buyer_name, order.country, order.state)
    first, second = order.lines
    assert ("thing-1", "DRESS-BLK-M", 2) == (first.sku, first.variant_sku, first.quantity)
    assert "gid://shopify/LineItem/1" == first.reference
    assert ("", "") == (second.sku, second.variant_sku)  # its product is no longer there
    assert order.address is not None
    assert ("Jl. Kemang Raya 7", "Jakarta") == order.address.lines
    assert ("Jakarta", "12730", "ID") == (order.address.city, order.address.postcode, order.address.country)
    assert (None, None) == (order.pay_until, order.ship_on)


async def test_a_parcel_with_what_the_carrier_saw(api: ShopifyApi, store: ShopifyServer) -> None:
    shipment = make_fulfillment("JT0001")
    store.orders = [make_shipped(1001, fulfillments=[make_fulfillment("JT0000", status="CANCELLED"), shipment])]
    order = await api.read_order("#1001")
    assert order is not None and order.parcel is not None
    assert ("J&T Express", "JT0001") == (order.parcel.courier, order.parcel.tracking_number)
    assert [("picked_up", "Bandung, ID"), ("in_transit", "Jakarta, ID")] == [
        (scan.event, scan.place) for scan in order.parcel.scans
    ]
    assert day(shipment["estimatedDeliveryAt"]) == order.parcel.due_on
    assert order.parcel.delivered_at is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, OrderState.PAID),
        ({"displayFinancialStatus": "AUTHORIZED"}, OrderState.PAID),
        ({"displayFinancialStatus": "PENDING", "fullyPaid": False}, OrderState.UNPAID),
        ({"displayFinancialStatus": "PARTIALLY_PAID", "fullyPaid": False}, OrderState.UNPAID),
        ({"displayFinancialStatus": None}, OrderState.PAID),  # free: there was no payment
        (
            {"displayFinancialStatus": "PENDING", "paymentGatewayNames": ["Cash on Delivery (COD)"]},
            OrderState.PAID,  # nothing is to be paid before it is sent
        ),
        ({"fulfillments": [make_fulfillment(status="CANCELLED")]}, OrderState.PAID),
        (
            {"fulfillments": [make_fulfillment()], "displayFulfillmentStatus": "PARTIALLY_FULFILLED"},
            OrderState.SHIPPED,
        ),
        (
            {
                "fulfillments": [make_fulfillment(displayStatus="DELIVERED")],
                "displayFulfillmentStatus": "PARTIALLY_FULFILLED",
            },
            OrderState.SHIPPED,  # the rest has not left yet
        ),
        (
            {"fulfillments": [make_fulfillment(displayStatus="DELIVERED")], "displayFulfillmentStatus": "FULFILLED"},
            OrderState.DELIVERED,
        ),
        (
            {
                "fulfillments": [make_fulfillment(displayStatus="DELIVERED"), make_fulfillment()],
                "displayFulfillmentStatus": "FULFILLED",
            },
            OrderState.SHIPPED,
        ),
        ({"fulfillments": [make_fulfillment(displayStatus=None)]}, OrderState.SHIPPED),
    ],
)
async def test_where_an_order_stands(
    api: ShopifyApi, store: ShopifyServer, fields: dict[str, Any], state: OrderState
) -> None:
    store.orders = [make_order(1001, **fields)]
    order = await api.read_order("#1001")
    assert order is not None
    assert state is order.state


@pytest.mark.parametrize(("reason", "by"), [("CUSTOMER", "buyer"), ("INVENTORY", "shop"), ("FRAUD", "system")])
async def test_a_cancelled_order(api: ShopifyApi, store: ShopifyServer, reason: str, by: str) -> None:
    gone = make_line(1, "A", 2, currentQuantity=0)
    cancelled = "2026-03-01T20:00:00Z"  # already the next day in Jakarta
    refund = make_refund("27.0")
    fields = {"cancelledAt": cancelled, "cancelReason": reason, "displayFinancialStatus": "REFUNDED"}
    store.orders = [make_order(1001, gone, refunds=[refund], **fields)]
    order = await api.read_order("#1001")
    assert order is not None
    assert (OrderState.CANCELLED, by) == (order.state, order.cancelled_by)
    assert datetime.date(2026, 3, 2) == order.cancelled_on
    assert [2] == [line.quantity for line in order.lines]  # what she had ordered
    assert order.refund is not None
    assert (Money(Decimal("27.0"), "EUR"), RefundState.PAID) == (order.refund.amount, order.refund.state)
    assert "Shopify Payments" == order.refund.method
    assert day(refund["createdAt"]) == order.refund.decided_on
    assert day(refund["transactions"][0]["processedAt"]) == order.refund.paid_on


async def test_a_partly_refunded_order(api: ShopifyApi, store: ShopifyServer) -> None:
    kept, half, gone = make_line(1, "A"), make_line(2, "B", 2, currentQuantity=1), make_line(3, "C", currentQuantity=0)
    refunds = [make_refund("13.5"), make_refund("0.0"), make_refund("13.55")]
    store.orders = [make_shipped(1001, kept, half, gone, displayFinancialStatus="PARTIALLY_REFUNDED", refunds=refunds)]
    order = await api.read_order("#1001")
    assert order is not None and order.refund is not None
    assert OrderState.SHIPPED is order.state
    assert [("A", 1), ("B", 1)] == [(line.variant_sku, line.quantity) for line in order.lines]
    assert (Decimal("27.05"), RefundState.PAID) == (order.refund.amount.amount, order.refund.state)


async def test_a_refund_whose_money_has_not_gone(api: ShopifyApi, store: ShopifyServer) -> None:
    step = {"kind": "REFUND", "status": "PENDING", "processedAt": None, "formattedGateway": "Bogus"}
    store.orders = [make_shipped(1001, refunds=[make_refund("13.5", step, createdAt=None)])]
    order = await api.read_order("#1001")
    assert order is not None and order.refund is not None
    assert (RefundState.APPROVED, None, None) == (order.refund.state, order.refund.decided_on, order.refund.paid_on)


async def test_all_paid_back_before_it_left_is_cancelled(api: ShopifyApi, store: ShopifyServer) -> None:
    gone = make_line(1, "A", currentQuantity=0)
    store.orders = [make_order(1001, gone, displayFinancialStatus="REFUNDED", refunds=[make_refund("13.5")])]
    order = await api.read_order("#1001")
    assert order is not None
    assert (OrderState.CANCELLED, None, "") == (order.state, order.cancelled_on, order.cancelled_by)


async def test_all_paid_back_after_it_left_is_returned(api: ShopifyApi, store: ShopifyServer) -> None:
    gone = make_line(1, "A", currentQuantity=0)
    store.orders = [make_shipped(1001, gone, displayFinancialStatus="REFUNDED", refunds=[make_refund("13.5")])]
    order = await api.read_order("#1001")
    assert order is not None
    assert OrderState.RETURNED is order.state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("REQUESTED", RefundState.REQUESTED),
        ("OPEN", RefundState.APPROVED),
        ("DECLINED", RefundState.REJECTED),
        ("CANCELED", None),
    ],
)
async def test_a_return_without_a_refund_yet(
    api: ShopifyApi, store: ShopifyServer, status: str, state: RefundState | None
) -> None:
    unverified = {"__typename": "UnverifiedReturnLineItem", "id": "gid://shopify/ReturnLineItem/2", "quantity": 1}
    asked = make_return(status, "11.05", requestApprovedAt="2026-03-01T20:00:00Z" if status == "OPEN" else None)
    asked["returnLineItems"].append(unverified)
    store.orders = [make_shipped(1001, returns=[make_return("DECLINED", createdAt="2026-01-01T00:00:00Z"), asked])]
    order = await api.read_order("#1001")
    assert order is not None and order.refund is not None
    if state is None:
        assert RefundState.REJECTED is order.refund.state  # the older one
        return
    assert (Money(Decimal("11.05"), "EUR"), state) == (order.refund.amount, order.refund.state)
    assert (datetime.date(2026, 3, 2) if status == "OPEN" else None) == order.refund.decided_on


@pytest.mark.parametrize("asked", ["1001", "#1001", " #1001 ", "SH1001EU", "sh1001eu", "#SH1001EU"])
async def test_orders_with_the_stores_own_names(api: ShopifyApi, store: ShopifyServer, asked: str) -> None:
    store.prefix, store.suffix = "SH", "EU"
    store.orders = [make_order(1001, name="SH1001EU"), make_order(1002, name="SH10010EU")]
    order = await api.read_order(asked)
    assert order is not None
    assert "SH1001EU" == order.order_id


@pytest.mark.parametrize("asked", ["", "#", " ", "100", "10010", '1001" OR name:"1002', "#1001 OR status:any"])
async def test_no_other_order_is_taken_for_the_one_asked_for(api: ShopifyApi, store: ShopifyServer, asked: str) -> None:
    store.orders = [make_order(1001), make_order(1002)]
    assert await api.read_order(asked) is None


async def test_orders_by_phone_are_those_of_the_customers_record(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001, email=None), make_order(1002), make_order(1003, email="other@example.com")]
    store.customers[PHONE] = store.orders[:2]
    assert ["#1002", "#1001"] == [order.order_id for order in await api.find_orders(Buyer(phone=PHONE))]
    assert [] == list(await api.find_orders(Buyer(phone="+6281299999999")))
    both = await api.find_orders(Buyer(email=OWNER.upper(), phone=PHONE))
    assert ["#1002", "#1001"] == [order.order_id for order in both]


async def test_orders_of_nearly_the_same_email_are_not_hers(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001), make_order(1002, email=f"{OWNER}.my"), make_order(1003, email=OWNER.title())]
    assert ["#1003", "#1001"] == [order.order_id for order in await api.find_orders(Buyer(email=OWNER))]


async def test_an_email_cannot_ask_for_more(api: ShopifyApi, store: ShopifyServer) -> None:
    store.orders = [make_order(1001)]
    assert [] == list(await api.find_orders(Buyer(email=f'x" OR email:"{OWNER}')))
    assert [] == list(await api.find_orders(Buyer(email=" ", phone=" ")))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"createdAt": "yesterday"}, "createdAt: is no time"),
        ({"createdAt": "2026-03-01T00:00:00"}, "createdAt: is a time without its zone"),
        ({"totalPriceSet": bag("twelve")}, "totalPriceSet.presentmentMoney.amount: is no amount"),
        ({"totalPriceSet": bag("NaN")}, "totalPriceSet.presentmentMoney.amount: is no amount"),
        (
            {"lineItems": [make_line(1, "A", currentQuantity="1.5")]},
            r"lineItems.nodes\[0\].currentQuantity: is no whole",
        ),
        ({"paymentGatewayNames": [1]}, "paymentGatewayNames: is no list of texts"),
        ({"fullyPaid": "yes", "displayFinancialStatus": None}, "fullyPaid: is neither true nor false"),
    ],
)
async def test_a_field_that_is_not_what_it_should_be_is_named(
    api: ShopifyApi, store: ShopifyServer, fields: dict[str, Any], path: str
) -> None:
    store.orders = [make_order(1001, **fields)]
    with pytest.raises(ShopError, match=rf"testshop.*read_order.*orders.nodes\[0\]\.{path}"):
        await api.read_order("#1001")
