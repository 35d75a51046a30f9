"""Orders of WooCommerce: states, amounts, parcels, refunds, and whose they are."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from pasar.commerce.model import Address, Buyer, Money, OrderState, RefundState
from tests.commerce.platforms.woocommerce.samples import OWNER, SHIPPED
from tests.commerce.platforms.woocommerce.server import make_line, make_order, make_tracking


async def test_an_order_says_what_the_shop_says(api):
    order = await api.read_order("727")
    assert (OrderState.SHIPPED, "siti@example.com") == (order.state, order.email.lower())
    assert ("+6281200001001", "Siti Rahma", "26") == (order.phone, order.buyer_name, order.account)
    assert datetime.datetime(2026, 3, 2, 9, 28, 7, tzinfo=datetime.timezone.utc) == order.placed_at
    assert ("bank_transfer", "ID", "") == (order.payment_method, order.country, order.reference)
    assert Address(("Jl. Melati 5", "RT 03"), "Jakarta", "10110", "ID", "Siti Rahma", "") == order.address
    shirt, tee = order.lines
    assert ("SKU-93", "SKU-93", 2, "315") == (shirt.sku, shirt.variant_sku, shirt.quantity, shirt.reference)
    assert ("TEE", "TEE#202", "Tee – Navy, M") == (tee.sku, tee.variant_sku, tee.name["en"])


async def test_money_is_exact(api, server):
    """Amounts are texts; the price that comes as a JSON number is not looked at."""
    server.orders[728]["line_items"] = [
        make_line(1, 1, 3, "0.30", price=0.1),
        make_line(2, 1, 2, "19.99", price=9.995),
        make_line(3, 1, 3, "10.00", price=3.3333333333333335),
        make_line(4, 1, 1, "12345678901234.56", price=1.2345678901234e13),
    ]
    server.orders[728]["total"] = "12345678901264.85"
    order = await api.read_order("728")
    assert ["0.10", "9.995", "3.33", "12345678901234.56"] == [str(line.price.amount) for line in order.lines]
    assert Money(Decimal("12345678901264.85"), "USD") == order.total


async def test_prices_with_tax_are_told_with_tax(api, server):
    server.orders[728] |= {"prices_include_tax": True, "currency": "IDR", "total": "333000"}
    server.orders[728]["line_items"] = [make_line(1, 1, 2, "300000", total_tax="33000")]
    order = await api.read_order("728")
    assert (Money(Decimal(166500), "IDR"), Money(Decimal(333000), "IDR")) == (order.lines[0].price, order.total)


@pytest.mark.parametrize(
    ("status", "more", "state"),
    [
        ("pending", {}, OrderState.UNPAID),
        ("failed", {}, OrderState.UNPAID),
        ("on-hold", {}, OrderState.UNPAID),
        ("on-hold", {"date_paid_gmt": "2026-03-02T09:30:00"}, OrderState.PAID),
        ("processing", {}, OrderState.PAID),
        ("processing", {"meta_data": SHIPPED}, OrderState.SHIPPED),
        ("completed", {}, OrderState.SHIPPED),
        ("cancelled", {"meta_data": SHIPPED}, OrderState.CANCELLED),
        ("refunded", {}, OrderState.CANCELLED),
        ("refunded", {"meta_data": SHIPPED}, OrderState.RETURNED),
        ("refunded", {"date_completed_gmt": "2026-03-04T08:00:00"}, OrderState.RETURNED),
        ("awaiting-pickup", {}, OrderState.UNPAID),
        ("awaiting-pickup", {"date_paid_gmt": "2026-03-02T09:30:00"}, OrderState.PAID),
        ("delivered", {"date_completed_gmt": "2026-03-04T08:00:00"}, OrderState.SHIPPED),
    ],
)
async def test_states_are_those_of_the_docstring(api, server, status, more, state):
    server.orders[800] = make_order(800, status, [make_line(1, 1, 1, "1.50")], **more)
    assert state is (await api.read_order("800")).state


@pytest.mark.parametrize("status", ["trash", "checkout-draft"])
async def test_what_is_no_order_is_none(api, server, status):
    server.orders[800] = make_order(800, status, [make_line(1, 1, 1, "1.50")])
    assert await api.read_order("800") is None
    assert "800" not in [order.order_id for order in await api.find_orders(OWNER)]


async def test_a_plugin_may_number_orders_otherwise(api, server):
    """Then the number is searched, and an id that is not the number opens no order."""
    server.orders[728]["number"] = "SH-0042"
    server.orders[729]["number"] = "730"
    assert "728" == (await api.read_order("sh-0042")).reference
    assert await api.read_order("728") is None
    del server.orders[730]
    assert ("730", "729") == ((order := await api.read_order("730")).order_id, order.reference)


@pytest.mark.parametrize("number", ["", " ", "x/../products", "٣", "1" * 60, "727?x=1", "-727"])
async def test_odd_numbers_are_no_orders(api, server, number):
    assert await api.read_order(number) is None
    assert all(call.path.startswith("/wp-json/wc/v3/orders") for call in server.seen)


async def test_the_newest_parcel_is_told(api, server):
    """Dates are timestamps or days, couriers may be the seller's own, PHP may write the list as an object."""
    items = {
        "1": {
            "tracking_provider": "",
            "custom_tracking_provider": "Kurir Kita",
            "tracking_number": 99,
            "date_shipped": "2026-03-06",
        },
        "0": {"tracking_provider": "jne", "tracking_number": "OLD", "date_shipped": 1772582400},
        "2": {"tracking_provider": "jne", "tracking_number": "", "date_shipped": "2026-03-09"},
    }
    server.orders[727]["meta_data"] = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": items}]
    parcel = (await api.read_order("727")).parcel
    assert ("Kurir Kita", "99", None, ()) == (
        parcel.courier,
        parcel.tracking_number,
        parcel.delivered_at,
        parcel.scans,
    )
    assert datetime.datetime(2026, 3, 6, tzinfo=datetime.timezone.utc) == parcel.shipped_at


async def test_a_parcel_without_a_date_was_sent_when_the_order_was_finished(api, server):
    server.orders[727]["meta_data"] = make_tracking({"tracking_provider": "jne", "tracking_number": "1"})
    parcel = (await api.read_order("727")).parcel
    assert datetime.datetime(2026, 3, 4, 8, 0, tzinfo=datetime.timezone.utc) == parcel.shipped_at


async def test_refunds_are_added_up(api, server):
    """Paid only where the gateway was told each of them."""
    assert (await api.read_order("727")).refund is None
    server.orders[727]["refunds"] = [
        {"id": 5, "reason": "", "total": "-2.00"},
        {"id": 6, "reason": "", "total": "-1.10"},
    ]
    server.refunds[727] = [
        {"id": 5, "date_created": "2026-03-05T23:59:00", "amount": "2.00", "refunded_payment": True},
        {"id": 6, "date_created": "2026-03-06T00:10:00", "amount": "1.10", "refunded_payment": False},
    ]
    refund = (await api.read_order("727")).refund
    assert (Money(Decimal("3.10"), "USD"), RefundState.APPROVED, None) == (
        refund.amount,
        refund.state,
        refund.paid_on,
    )
    assert (datetime.date(2026, 3, 6), "bank_transfer") == (refund.decided_on, refund.method)
    server.refunds[727][1]["refunded_payment"] = True
    assert RefundState.PAID is (await api.read_order("727")).refund.state


async def test_orders_are_found_by_exact_email_or_account(api, server):
    """WooCommerce's search is generous: not-siti@example.com is somebody else."""
    assert ["730", "729", "728", "727"] == [order.order_id for order in await api.find_orders(OWNER)]
    assert ["727"] == [order.order_id for order in await api.find_orders(Buyer(account="26"))]
    both = await api.find_orders(Buyer(email="SITI@example.com", account="27"))
    assert {"727", "728", "729", "730", "740"} == {order.order_id for order in both}
    assert [] == await api.find_orders(Buyer(account="0"))
    server.filters = False  # as where a plugin breaks the filter: still nobody sees another's orders
    assert ["727"] == [order.order_id for order in await api.find_orders(Buyer(account="26"))]
    assert [] == await api.find_orders(Buyer(phone="+6281200001001"))
