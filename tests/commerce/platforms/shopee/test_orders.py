"""Orders on Shopee: states, amounts, lines, addresses, and looking through for a buyer's."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal
from typing import Any

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.model import Buyer, Money, OrderState
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee.orders import NUMBER, read
from tests.commerce.platforms.shopee_samples import BUYER, DAY, NOW, PAID, SHIPPED, TRACKING, make_line, make_order
from tests.commerce.platforms.shopee_server import ShopeeServer


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("UNPAID", OrderState.UNPAID),
        ("PENDING", OrderState.PAID),
        ("INVOICE_PENDING", OrderState.PAID),
        ("READY_TO_SHIP", OrderState.PAID),
        ("PROCESSED", OrderState.PAID),
        ("RETRY_SHIP", OrderState.PAID),
        ("IN_CANCEL", OrderState.PAID),
        ("SHIPPED", OrderState.SHIPPED),
        ("TO_CONFIRM_RECEIVE", OrderState.DELIVERED),
        ("COMPLETED", OrderState.DELIVERED),
        ("TO_RETURN", OrderState.SHIPPED),
        ("CANCELLED", OrderState.CANCELLED),
    ],
)
async def test_every_status_is_a_state(api: ShopeeApi, server: ShopeeServer, status: str, state: OrderState) -> None:
    """Only an order that a carrier has got has a parcel."""
    order = await read(api, server, status)
    assert state is order.state
    assert (status in ("SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN")) is (order.parcel is not None)


async def test_a_status_that_is_not_specified_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """Nothing is guessed; shop, call and field are named."""
    with pytest.raises(ShopError, match=r"testshop: read_order: .*order_status is a state"):
        await read(api, server, "TELEPORTED")


async def test_an_order_that_is_going_back_is_where_the_carrier_says(api: ShopeeApi, server: ShopeeServer) -> None:
    """Delivered, if it had been delivered."""
    package = {"package_number": "OFG1", "logistics_status": "LOGISTICS_DELIVERY_DONE", "shipping_carrier": "SPX"}
    assert OrderState.DELIVERED is (await read(api, server, "TO_RETURN", package_list=[package])).state


async def test_an_order_is_what_shopee_says(api: ShopeeApi, server: ShopeeServer) -> None:
    """Every field that the record has."""
    order = await api.read_order(PAID.lower())
    raw = server.orders[PAID]
    assert order is not None
    assert (PAID, "VN", str(BUYER), "bank_transfer") == (
        order.order_id,
        order.country,
        order.account,
        order.payment_method,
    )
    assert NOW - DAY == int(order.placed_at.timestamp())
    assert Money(Decimal(53000), "VND") == order.total
    line = order.lines[0]
    assert ("23620853561", "QAZ-05", 1, "23620853561-221404189791") == (
        line.sku,
        line.variant_sku,
        line.quantity,
        line.reference,
    )
    assert Money(Decimal(48000), "VND") == line.price
    zone = datetime.timezone(datetime.timedelta(hours=7))
    assert datetime.datetime.fromtimestamp(raw["ship_by_date"], zone).date() == order.ship_on
    assert (None, "") == (order.cancelled_on, order.cancelled_by)


@pytest.mark.parametrize(
    ("currency", "sent", "amount"),
    [
        ("VND", 12345678, "12345678"),
        ("VND", 48000.0, "48000"),
        ("IDR", 1259000, "1259000"),
        ("IDR", 99999999999.0, "99999999999"),
        ("JPY", 1980, "1980"),
        ("SGD", 122.02, "122.02"),
        ("MYR", 0.1, "0.1"),
        ("PLN", 10.1, "10.1"),
        ("BRL", 1.0000000000000002, "1.0000000000000002"),
    ],
)
async def test_amounts_are_exact(api: ShopeeApi, server: ShopeeServer, currency: str, sent: float, amount: str) -> None:
    """In currencies with and without cents, sent as whole numbers or not."""
    line = make_line(model_discounted_price=sent)
    order = await read(api, server, currency=currency, total_amount=sent, item_list=[line])
    assert Money(Decimal(amount), currency) == order.total == order.lines[0].price
    assert amount == str(order.total.amount)


async def test_an_unpaid_order_costs_what_its_lines_do(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee tells the total only once it is paid."""
    lines = [make_line(model_quantity_purchased=2), make_line(model_discounted_price=10.5, model_id=0)]
    for total in (None, 0):
        order = await read(api, server, "UNPAID", pay_time=None, total_amount=total, item_list=lines)
        assert Money(Decimal("96010.5"), "VND") == order.total


async def test_a_paid_order_may_cost_nothing(api: ShopeeApi, server: ShopeeServer) -> None:
    """A voucher paid for it."""
    assert 0 == (await read(api, server, total_amount=0)).total.amount


async def test_lines_have_skus_that_products_have(api: ShopeeApi, server: ShopeeServer) -> None:
    """The seller's; Shopee's ids where the seller gave none."""
    lines = [
        make_line(item_sku="TEE", model_sku="TEE-M"),
        make_line(item_sku="TEE", model_sku="", model_id=0),
        make_line(item_sku="", model_sku="", model_id=0, item_id=9007199254740993),
        make_line(item_sku="", model_sku="", model_id=9223372036854775807),
    ]
    order = await read(api, server, item_list=lines)
    assert [
        ("TEE", "TEE-M"),
        ("TEE", "TEE"),
        ("9007199254740993", "9007199254740993"),
        ("23620853561", "23620853561-9223372036854775807"),
    ] == [(line.sku, line.variant_sku) for line in order.lines]


async def test_a_bundle_costs_its_price_before_the_deal(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee sends 0 for what is in a bundle deal; a gift is still a gift."""
    lines = [
        make_line(model_discounted_price=0, promotion_type="bundle_deal"),
        make_line(model_discounted_price=0, promotion_type="add_on_deal_sub"),
    ]
    order = await read(api, server, item_list=lines)
    assert [300000, 0] == [line.price.amount for line in order.lines]


async def test_a_masked_address_identifies_nobody(api: ShopeeApi, server: ShopeeServer) -> None:
    """It is shown as Shopee masks it, but neither phone nor name is taken for the buyer's."""
    order = await api.read_order(PAID)
    assert order is not None
    assert order.address is not None
    assert (("Ấp******",), "Huyện Phước Long", "VN", "P******n", "******64") == (
        order.address.lines,
        order.address.city,
        order.address.country,
        order.address.recipient,
        order.address.phone,
    )
    assert ("", "", "xt4fdsf96j") == (order.email, order.phone, order.buyer_name)


async def test_an_open_address_has_a_phone(api: ShopeeApi, server: ShopeeServer) -> None:
    """E.164, whatever way it is written."""
    address = {"full_address": "12 Lê Lợi", "name": "Lan", "phone": "0912345678", "region": "VN", "city": "Huế"}
    order = await read(api, server, recipient_address=address)
    assert ("+84912345678", "Lan") == (order.phone, order.buyer_name)


@pytest.mark.parametrize("phone", ["091234567*", "+849123456**", "****", "12", ""])
async def test_half_a_phone_is_none(api: ShopeeApi, server: ShopeeServer, phone: str) -> None:
    """What is left of a masked one may look like a shorter one, which is somebody else's."""
    order = await read(api, server, recipient_address={"region": "VN", "phone": phone})
    assert "" == order.phone


async def test_a_buyer_whom_shopee_does_not_name(api: ShopeeApi, server: ShopeeServer) -> None:
    """In Taiwan, with a carrier of the seller's own."""
    order = await read(api, server, buyer_user_id=0, buyer_username="****", recipient_address=None)
    assert ("", "", None) == (order.account, order.buyer_name, order.address)
    assert NUMBER not in [found.order_id for found in await api.find_orders(Buyer(account="0"))]


@pytest.mark.parametrize(
    ("name", "cod", "code"),
    [
        ("Cash on Delivery", True, "cod"),
        ("Shopee Wallet", False, "shopeepay"),
        ("Nicepay Credit Card Installment", False, "instalments"),
        ("Airpay Credit Card", False, "card"),
        ("Cybersource", False, "card"),
        ("Bank BCA (Virtual Account)", False, "bank_transfer"),
        ("iBanking Payment (SCB)", False, "bank_transfer"),
        ("Akulaku", False, "Akulaku"),
    ],
)
async def test_payment_methods_have_our_codes(
    api: ShopeeApi, server: ShopeeServer, name: str, cod: bool, code: str
) -> None:
    """What we have no code for is told by Shopee's name."""
    assert code == (await read(api, server, payment_method=name, cod=cod)).payment_method


@pytest.mark.parametrize(
    ("said", "by"), [("buyer", "buyer"), ("seller", "shop"), ("system", "system"), ("Ops", "system")]
)
async def test_who_cancelled(api: ShopeeApi, server: ShopeeServer, said: str, by: str) -> None:
    """And when: at the order's last change, by the shop's calendar."""
    late = int(datetime.datetime(2026, 3, 9, 18, tzinfo=datetime.timezone.utc).timestamp())
    order = await read(api, server, "CANCELLED", cancel_by=said, update_time=late)
    assert (by, datetime.date(2026, 3, 10)) == (order.cancelled_by, order.cancelled_on)


async def test_an_order_not_shipped_costs_one_call(api: ShopeeApi, server: ShopeeServer) -> None:
    """It has neither parcel nor return."""
    await api.read_order(PAID)
    assert 1 == len(server.seen)


async def test_everything_about_an_order_comes_in_the_time_of_one_call(api: ShopeeApi, server: ShopeeServer) -> None:
    """Three seconds, however they are spread."""
    server.break_next(times=1, seconds=1.5)
    server.break_next(times=3, seconds=2)
    begun = time.monotonic()
    with pytest.raises(ShopUnavailableError):
        await api.read_order(SHIPPED)
    assert time.monotonic() - begun < 5.5  # of 7.5, one after another


@pytest.mark.parametrize("number", ["", "A,B", "250202AAAA0001,2404098R48U37H", "x" * 400, "٣٣٣٣٣٣", "../etc"])
async def test_what_is_no_order_number_is_not_asked_for(api: ShopeeApi, server: ShopeeServer, number: str) -> None:
    """It would be a list, or something else."""
    assert await api.read_order(number) is None
    assert [] == server.seen


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"create_time": None}, "create_time is missing"),
        ({"create_time": "yesterday"}, "create_time is no whole number"),
        ({"create_time": 10**30}, "create_time is no time"),
        ({"currency": "dong"}, "currency is no currency"),
        ({"total_amount": "53000"}, "total_amount is no amount"),
        ({"total_amount": -1}, "total_amount is no amount"),
        ({"total_amount": True}, "total_amount is no amount"),
        ({"item_list": {}}, "item_list is not a list"),
        ({"item_list": [make_line(item_id=1.861418518e10)]}, r"item_list\[0\].item_id is no whole number"),
        ({"item_list": [None]}, r"item_list\[0\] is missing"),
        ({"buyer_user_id": 1.17e9}, "buyer_user_id is no whole number"),
        ({"region": ""}, "region is empty"),
        ({"recipient_address": "here"}, "recipient_address is not an object"),
    ],
)
async def test_a_malformed_order_names_its_field(
    api: ShopeeApi, server: ShopeeServer, changes: dict[str, Any], field: str
) -> None:
    """Shop, call and field, not the content."""
    with pytest.raises(ShopError, match=rf"shop testshop: read_order: shopee: response\.order_list\[0\]\.{field}"):
        await read(api, server, **changes)


async def test_ids_of_64_bits_stay_whole(api: ShopeeApi, server: ShopeeServer) -> None:
    """Sent as a number or as its digits."""
    for sent in (9223372036854775807, "9223372036854775807"):
        assert "9223372036854775807" == (await read(api, server, buyer_user_id=sent)).account


async def test_all_orders_of_some_days_are_looked_through(api: ShopeeApi, server: ShopeeServer) -> None:
    """A hundred in a list, fifty at once in detail; hers come with parcel, newest first."""
    others = {f"2501010TH{number:05}": 10 for number in range(130)}
    server.orders |= {
        number: make_order(number, "COMPLETED", age=age, buyer_user_id=5) for number, age in others.items()
    }
    server.orders[NUMBER] = make_order(NUMBER, "SHIPPED", age=20)
    found = await api.find_orders(Buyer(account=str(BUYER)))
    assert [PAID, SHIPPED] == [order.order_id for order in found]
    assert [None, TRACKING] == [order.parcel and order.parcel.tracking_number for order in found]
    assert (2, 3) == (len(server.calls("get_order_list")), len(server.calls("get_order_detail")))


async def test_too_many_orders_to_look_through_are_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """An answer that misses some would be wrong."""
    server.orders = {f"2501010TH{number:05}": make_order(f"2501010TH{number:05}", "UNPAID") for number in range(301)}
    with pytest.raises(ShopError, match="find_orders: shopee: more than 300 orders"):
        await api.find_orders(Buyer(account=str(BUYER)))


async def test_nobody_else_is_looked_for(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee knows neither e-mails nor phones."""
    assert [] == list(await api.find_orders(Buyer(email="lan@example.com", phone="+84912345678")))
    assert [] == server.seen
