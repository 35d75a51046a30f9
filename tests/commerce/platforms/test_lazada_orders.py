"""What Lazada's orders become, against the server of :mod:`.lazada_server`."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money, Order, OrderState
from pasar.commerce.platforms.lazada import LazadaApi
from tests.commerce.platforms.lazada_records import (
    BEGUN,
    HOUR,
    add_order,
    make_item,
    make_package,
    make_sent,
)
from tests.commerce.platforms.lazada_server import (
    APP_KEY,
    APP_SECRET,
    LazadaServer,
    make_shop,
    make_tokens,
    open_api,
)

NUMBER = "57244869716605"


@pytest.fixture
async def server() -> AsyncIterator[LazadaServer]:
    """An empty shop."""
    async with LazadaServer() as server:
        yield server


@pytest.fixture
async def api(server: LazadaServer) -> AsyncIterator[LazadaApi]:
    """The module, asking ``server``."""
    api = open_api(server)
    yield api
    await api.close()


async def read(api: LazadaApi) -> Order:
    """The order of these tests."""
    order = await api.read_order(NUMBER)
    assert order is not None
    return order


def moment(hours: int) -> datetime.datetime:
    """Hours after the first event of a package."""
    return datetime.datetime.fromtimestamp((BEGUN + hours * HOUR) / 1000, datetime.timezone.utc)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["unpaid"], OrderState.UNPAID),
        (["pending"], OrderState.PAID),
        (["topack", "repacked"], OrderState.PAID),
        (["packed", "ready_to_ship"], OrderState.PAID),
        (["shipped"], OrderState.SHIPPED),
        (["lost_by_3pl"], OrderState.SHIPPED),
        (["delivered"], OrderState.DELIVERED),
        (["failed_delivery"], OrderState.RETURNED),
        (["shipped_back", "shipped_back_success"], OrderState.RETURNED),
        (["returned", "package_scrapped"], OrderState.RETURNED),
        (["canceled", "canceled"], OrderState.CANCELLED),
        # mixed: cancelled does not count, returned not beside others, the least far decides
        (["canceled", "pending"], OrderState.PAID),
        (["canceled", "returned"], OrderState.RETURNED),
        (["delivered", "shipped"], OrderState.SHIPPED),
        (["shipped", "ready_to_ship", "delivered"], OrderState.PAID),
        (["delivered", "returned", "canceled"], OrderState.DELIVERED),
        (["shipped_back", "unpaid"], OrderState.UNPAID),
    ],
)
async def test_state_comes_from_the_items(
    api: LazadaApi, server: LazadaServer, statuses: list[str], expected: OrderState
) -> None:
    """By the rule in the module."""
    add_order(server, NUMBER, *(make_item(number, status) for number, status in enumerate(statuses)))
    assert expected is (await read(api)).state


async def test_an_unknown_status_is_an_error_that_names_it(api: LazadaApi, server: LazadaServer) -> None:
    """With shop, call and the way to the field."""
    add_order(server, NUMBER, make_item(1, "pending"), make_item(2, "teleported"))
    with pytest.raises(ShopError, match=r"testshop: read_order: lazada: answer\.data\[1\]\.status is 'teleported'"):
        await read(api)


async def test_order_is_read_whole(api: LazadaApi, server: LazadaServer) -> None:
    """Every field that Lazada has; equal pieces are one line, cancelled ones are left out."""
    add_order(
        server,
        NUMBER,
        make_item(11, "pending"),
        make_item(12, "pending"),
        make_item(13, "canceled", sku="HAT", product_id="7"),
        make_item(14, "packed", sku="SCARF-RED", product_id=8, item_price=23.57, sla_time_stamp="2021-07-14T20:00:00Z"),
        price="221.57",
        voucher="10.50",
        shipping_fee="1.99",
        payment_method="MIXEDCARD",
    )
    order = await read(api)
    assert (NUMBER, OrderState.PAID, "SG", "Mei Tan") == (order.order_id, order.state, order.country, order.buyer_name)
    assert datetime.datetime(2021, 7, 10, 1, tzinfo=datetime.timezone.utc) == order.placed_at
    assert Money(decimal.Decimal("213.06"), "SGD") == order.total
    lines = [
        (line.sku, line.variant_sku, line.quantity, str(line.price.amount), line.reference) for line in order.lines
    ]
    assert [("180226526", "BRSD#02", 2, "99.00", "11,12"), ("8", "SCARF-RED", 1, "23.57", "14")] == lines
    assert {"en": "Bean Rester Dooby Red"} == order.lines[0].name
    assert ("card", "1001", "") == (order.payment_method, order.account, order.email)
    assert datetime.date(2021, 7, 15) == order.ship_on  # 20:00 UTC is the next day there
    assert order.address is not None
    assert ("318 tanglin road, phoenix park, #01-59", "Tanglin", "Central") == order.address.lines
    assert ("Singapore-Central", "247979", "94****48") == (
        order.address.city,
        order.address.postcode,
        order.address.phone,
    )
    assert (None, None, None) == (order.parcel, order.refund, order.cancelled_on)
    assert not server.calls("/logistic") and not server.calls("/reverse")


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("94236248", "+6594236248"),
        ("6594236248", "+6594236248"),
        ("94****48", ""),
        ("9423624*8", ""),
        ("6594236248*", ""),
        ("", ""),
        ("12", ""),
    ],
)
async def test_only_a_whole_phone_is_the_buyers(
    api: LazadaApi, server: LazadaServer, phone: str, expected: str
) -> None:
    """A masked one must open no order."""
    add_order(server, NUMBER, make_item(1, "pending"))
    server.orders[NUMBER]["address_shipping"]["phone"] = phone
    assert expected == (await read(api)).phone


@pytest.mark.parametrize(
    ("country", "currency", "price", "voucher", "total"),
    [
        ("ID", "IDR", "1999999.00", "0.01", "1999998.99"),
        ("VN", "VND", 149000, "9000", "140000"),
        ("VN", "VND", "98765432109876", "1", "98765432109875"),
        ("TH", "THB", 0.1, 0.3, "-0.2"),
        ("SG", "SGD", "0.10", "0.30", "-0.20"),
        ("MY", "MYR", "10.05", 0.06, "9.99"),
        ("PH", "PHP", 23.57, "0.00", "23.57"),
    ],
)
async def test_money_is_exact(
    server: LazadaServer, country: str, currency: str, price: Any, voucher: Any, total: str
) -> None:
    """In the country's currency, as text or bare."""
    api = open_api(server, country=country)
    add_order(server, NUMBER, make_item(1, "pending", item_price="1", currency=currency), price=price, voucher=voucher)
    assert Money(decimal.Decimal(total), currency) == (await read(api)).total
    await api.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"price": "1,290.00"}, r"data\.price is no number"),
        ({"price": "NaN"}, r"data\.price is no number"),
        ({"price": None}, r"data\.price is missing"),
        ({"created_at": "2021-07-10 09:00:00"}, r"data\.created_at is no time"),
        ({"order_id": "57244869716606"}, r"data\.order_id is another order's"),
        ({"address_shipping": []}, r"data\.address_shipping is no object"),
        ({"customer_first_name": ["Mei"]}, r"data\.customer_first_name is no text"),
    ],
)
async def test_a_field_that_is_not_as_documented_is_named(
    api: LazadaApi, server: LazadaServer, change: dict[str, Any], named: str
) -> None:
    """Nothing is guessed, and no value is told."""
    add_order(server, NUMBER, make_item(1, "pending"), **change)
    with pytest.raises(ShopError, match=named) as caught:
        await read(api)
    assert "Mei" not in str(caught.value)


async def test_another_currency_than_the_countrys_is_an_error(api: LazadaApi, server: LazadaServer) -> None:
    """Rather than a wrong amount."""
    add_order(server, NUMBER, make_item(1, "pending", currency="MYR"))
    with pytest.raises(ShopError, match="currency is 'MYR', but SG sells in SGD"):
        await read(api)


@pytest.mark.parametrize("order_id", ["", "ABC-1", "٣٤٥", "-5", "1 OR 1", "9" * 40])
async def test_what_is_no_number_is_not_asked(api: LazadaApi, server: LazadaServer, order_id: str) -> None:
    """Lazada's orders have whole numbers."""
    assert await api.read_order(order_id) is None
    assert [] == server.seen


async def test_a_number_is_read_as_buyers_type_it(api: LazadaApi, server: LazadaServer) -> None:
    """With spaces around it and noughts before it."""
    add_order(server, NUMBER, make_item(1, "pending"))
    assert NUMBER == ((order := await api.read_order(f" 00{NUMBER} ")) and order.order_id)


async def test_parcel_tells_its_scans_oldest_first(api: LazadaApi, server: LazadaServer) -> None:
    """Being packed is none; the place, or the event's title."""
    add_order(server, NUMBER, make_sent(1, "shipped", "NLX1"))
    server.traces[NUMBER] = [make_package("NLX1", "ready_to", "shipped", "ship_info")]
    parcel = (await read(api)).parcel
    assert parcel is not None
    assert ("LEX SG", "NLX1", moment(1), None) == (
        parcel.courier,
        parcel.tracking_number,
        parcel.shipped_at,
        parcel.delivered_at,
    )
    scans = [(scan.at, scan.place, scan.event) for scan in parcel.scans]
    assert [(moment(1), "Event shipped", "in_transit"), (moment(2), "Tuas Hub", "in_transit")] == scans


async def test_partial_delivery_shows_the_parcel_still_on_its_way(api: LazadaApi, server: LazadaServer) -> None:
    """One of two parcels has arrived, and was seen later than the other."""
    add_order(server, NUMBER, make_sent(1, "delivered", "NLX1"), make_sent(2, "shipped", "NLX2"))
    server.traces[NUMBER] = [
        make_package("NLX1", "shipped", "delivered", begun=BEGUN + 9 * HOUR),
        make_package("NLX2", "shipped", "ship_info"),
    ]
    order = await read(api)
    assert order.parcel is not None
    assert (OrderState.SHIPPED, "NLX2", None) == (
        order.state,
        order.parcel.tracking_number,
        order.parcel.delivered_at,
    )
    assert 2 == sum(line.quantity for line in order.lines)


async def test_delivery_is_timed_by_its_event(api: LazadaApi, server: LazadaServer) -> None:
    """Not by a later one; the items have forgotten their tracking numbers by then."""
    add_order(server, NUMBER, make_item(1, "delivered"))
    server.traces[NUMBER] = [make_package("NLX1", "shipped", "delivered", "ship_info")]
    parcel = (await read(api)).parcel
    assert parcel is not None
    assert (moment(1), "Lazada Logistics") == (parcel.delivered_at, parcel.courier)


async def test_delivery_without_its_event_is_timed_by_the_last(api: LazadaApi, server: LazadaServer) -> None:
    """The item says that it has arrived."""
    add_order(server, NUMBER, make_sent(1, "delivered", "NLX1"))
    server.traces[NUMBER] = [make_package("NLX1", "shipped", "ship_info")]
    parcel = (await read(api)).parcel
    assert parcel is not None
    assert moment(1) == parcel.delivered_at


@pytest.mark.parametrize("packages", [None, [], [make_package("NLX1")]])
async def test_without_a_trace_there_is_no_parcel(api: LazadaApi, server: LazadaServer, packages: Any) -> None:
    """The seller's own fleet, or Lazada knows nothing yet."""
    add_order(server, NUMBER, make_sent(1, "shipped", "NLX1"))
    if packages is not None:
        server.traces[NUMBER] = packages
    assert (await read(api)).parcel is None


async def test_parcel_that_is_only_packed_has_no_scan(api: LazadaApi, server: LazadaServer) -> None:
    """But it is known."""
    add_order(server, NUMBER, make_sent(1, "shipped", "NLX1"))
    server.traces[NUMBER] = [make_package("NLX1", "ready_to")]
    parcel = (await read(api)).parcel
    assert parcel is not None
    assert ((), moment(0)) == (parcel.scans, parcel.shipped_at)


@pytest.mark.parametrize(
    ("initiator", "expected"),
    [("buyer-cancel", "buyer"), ("cancellation-seller", "shop"), ("system-cancel", "system"), ("null-null", "")],
)
async def test_cancelled_order_tells_by_whom(
    api: LazadaApi, server: LazadaServer, initiator: str, expected: str
) -> None:
    """And the day of the last change, as it is in the country."""
    add_order(server, NUMBER, make_item(1, "canceled", cancel_return_initiator=initiator))
    order = await read(api)
    assert (expected, datetime.date(2021, 7, 12), 1) == (order.cancelled_by, order.cancelled_on, len(order.lines))


async def test_a_shop_sells_where_its_keys_say(server: LazadaServer) -> None:
    """A Chinese shop in Thailand."""
    keys = {"app_key": APP_KEY, "app_secret": APP_SECRET, "base_url": server.base_url + "/rest", "country": "th"}
    api = LazadaApi.open(make_shop("CN"), keys, make_tokens())
    add_order(server, NUMBER, make_item(1, "pending", currency="THB"))
    order = await read(api)
    assert ("TH", "THB") == (order.country, order.total.currency)
    await api.close()
