"""Orders and parcels from TikTok Shop's records."""

from __future__ import annotations

import datetime
import decimal

import pytest

from pasar.commerce.model import Money, OrderState
from pasar.commerce.platforms.tiktokshop import orders
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from tests.commerce.platforms.tiktokshop.samples import HER_ID, ORDER_ID, PRODUCT_ID, make_item, read_order

UTC = datetime.timezone.utc


def test_an_order_is_told_as_documented() -> None:
    """Two pieces of one variant are one line; what is masked is no phone."""
    order = read_order()
    assert (ORDER_ID, HER_ID, "", "") == (order.order_id, order.account, order.phone, order.email)
    assert (OrderState.SHIPPED, "ID", "S*** R***", "CCDC") == (
        order.state,
        order.country,
        order.buyer_name,
        order.payment_method,
    )
    assert datetime.datetime(2021, 4, 28, 12, 6, 1, tzinfo=UTC) == order.placed_at
    (line,) = order.lines
    assert (PRODUCT_ID, "DRESS-RED-M", 2) == (line.sku, line.variant_sku, line.quantity)
    assert "577086512123755121,577086512123755122" == line.reference
    assert order.address is not None
    assert ("Jl. K***", "Menteng", "DKI Jakarta") == order.address.lines
    assert ("Jakarta Pusat", "10310", "(+62)812*****01") == (
        order.address.city,
        order.address.postcode,
        order.address.phone,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("UNPAID", OrderState.UNPAID),
        ("ON_HOLD", OrderState.PAID),
        ("AWAITING_SHIPMENT", OrderState.PAID),
        ("AWAITING_COLLECTION", OrderState.PAID),
        ("PARTIALLY_SHIPPING", OrderState.SHIPPED),
        ("IN_TRANSIT", OrderState.SHIPPED),
        ("DELIVERED", OrderState.DELIVERED),
        ("COMPLETED", OrderState.DELIVERED),
        ("CANCELLED", OrderState.CANCELLED),
    ],
)
def test_states_of_orders(status: str, state: OrderState) -> None:
    """All that are documented; a parcel is told once a carrier may have it."""
    order = read_order(status=status, cancel_time=1619621355, cancellation_initiator="OPERATOR")
    assert state is order.state
    assert (state in (OrderState.SHIPPED, OrderState.DELIVERED)) is (order.parcel is not None)
    assert (datetime.date(2021, 5, 1) if state is OrderState.PAID else None) == order.ship_on
    assert ("system" if state is OrderState.CANCELLED else "") == order.cancelled_by


def test_an_unknown_state_is_an_error() -> None:
    """Guessed it would be a promise."""
    with pytest.raises(FieldError, match=r"orders\[0\].status is none of those documented"):
        read_order(status="TELEPORTED")


def test_an_unpaid_order_has_no_address() -> None:
    """TikTok gives it later; the country is the market's."""
    order = read_order(status="UNPAID", recipient_address=None)
    assert (None, "ID", "", "") == (order.address, order.country, order.buyer_name, order.phone)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("(+66)812345678", "+66812345678"),
        ("(+1)213-555-1234", "+12135551234"),
        ("(+1)213-***-1234", ""),
        ("0812345678", ""),
        ("", ""),
    ],
)
def test_phones_of_sellers_own_shipping(phone: str, expected: str) -> None:
    """Whole ones only: what is left of a masked one would prove nothing."""
    assert expected == read_order(recipient_address={"phone_number": phone, "full_address": "x"}).phone


@pytest.mark.parametrize(
    ("currency", "total", "price"),
    [("IDR", "115000", "55000"), ("VND", "1250000", "600000.00"), ("THB", "1299.50", "649.75"), ("USD", "0.30", "0.1")],
)
def test_money_is_exact(currency: str, total: str, price: str) -> None:
    """As many digits as TikTok writes, in each of its markets' ways."""
    payment = {"currency": currency, "total_amount": total}
    order = read_order(payment=payment, line_items=[make_item(1, sale_price=price, currency=currency)])
    assert Money(decimal.Decimal(total), currency) == order.total
    assert total == str(order.total.amount)
    assert Money(decimal.Decimal(price), currency) == order.lines[0].price


@pytest.mark.parametrize("amount", ["1,000", "NaN", "1e3", "", None, 10.5, "١٢", "0x10", True])
def test_what_is_no_amount_is_an_error(amount: object) -> None:
    """It names the field, not the value."""
    with pytest.raises(FieldError, match=r"^orders\[0\].payment.total_amount (must be|is)[a-z ]+$"):
        read_order(payment={"currency": "USD", "total_amount": amount})


def test_pieces_apart_stay_apart() -> None:
    """By variant and by price; what was cancelled alone is no line of a living order."""
    items = [
        make_item(1),
        make_item(2, sale_price="0", is_gift=True),
        make_item(3, sku_id="2729382476852921561", seller_sku=""),
        make_item(4, display_status="CANCELLED"),
    ]
    lines = read_order(line_items=items).lines
    assert [("DRESS-RED-M", 1), ("DRESS-RED-M", 1), ("2729382476852921561", 1)] == [
        (line.variant_sku, line.quantity) for line in lines
    ]
    assert 4 == sum(line.quantity for line in read_order(line_items=items, status="CANCELLED").lines)


def test_of_split_parcels_the_one_on_its_way_is_told() -> None:
    """Until all have arrived; then the order has been delivered."""
    items = [
        make_item(1, tracking_number="FIRST", package_status="COMPLETED"),
        make_item(2, tracking_number="LOST", package_status="CANCELLED"),
        make_item(3, tracking_number="THIRD", package_status="FULFILLING", shipping_provider_name="JNE"),
        make_item(4, tracking_number="FOURTH", package_status="PROCESSING"),
        make_item(5, tracking_number="", package_status="TO_FULFILL"),
    ]
    parcel = read_order(status="PARTIALLY_SHIPPING", line_items=items, collection_time=None).parcel
    assert parcel is not None
    assert ("THIRD", "JNE", None) == (parcel.tracking_number, parcel.courier, parcel.delivered_at)
    assert datetime.datetime.fromtimestamp(1619620000, UTC) == parcel.shipped_at
    lost = make_item(6, tracking_number="LOST", package_status="CANCELLED")
    done = [lost, *({**item, "package_status": "COMPLETED"} for item in items if item["tracking_number"] != "LOST")]
    parcel = read_order(status="DELIVERED", line_items=done, delivery_time=1619900000).parcel
    assert parcel is not None
    assert ("FIRST", datetime.datetime.fromtimestamp(1619900000, UTC)) == (parcel.tracking_number, parcel.delivered_at)


def test_a_parcel_without_a_number_is_none_yet() -> None:
    """As TikTok leaves it empty until the seller has shipped."""
    assert read_order(tracking_number="", line_items=[make_item(1, tracking_number="")]).parcel is None


def test_scans_are_oldest_first_and_end_with_the_delivery() -> None:
    """TikTok tells when and in words; that it is the delivery, the order tells."""
    events = [{"update_time_millis": 2000, "description": "Here!\n"}, {"update_time_millis": 1000, "description": None}]
    scans = orders.read_scans(Record({"tracking": events}))
    assert [(1, ""), (2, "Here!")] == [(scan.at.timestamp(), scan.place) for scan in scans]
    for delivery_time, last in ((0, "in_transit"), (1619900000, "delivered")):
        parcel = read_order(delivery_time=delivery_time).parcel
        assert parcel is not None
        assert ["in_transit", last] == [scan.event for scan in orders.add_scans(parcel, scans).scans]
    assert () == orders.read_scans(Record({}))
