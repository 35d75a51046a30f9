"""Parcels of orders on Shopee."""

from __future__ import annotations

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee.orders import NUMBER, read
from tests.commerce.platforms.shopee_samples import DAY, NOW, SHIPPED, TRACKING, make_tracking
from tests.commerce.platforms.shopee_server import ShopeeServer


async def test_a_parcel_has_the_carriers_scans(api: ShopeeApi, server: ShopeeServer) -> None:
    """What Shopee does itself is no scan; the oldest comes first."""
    order = await api.read_order(SHIPPED)
    assert order is not None
    assert order.parcel is not None
    assert ("SPX Express", TRACKING) == (order.parcel.courier, order.parcel.tracking_number)
    assert [("picked_up", "Kho PICKED_UP"), ("in_transit", "Kho DELIVERY_PENDING")] == [
        (scan.event, scan.place) for scan in order.parcel.scans
    ]
    assert order.parcel.scans[0].at < order.parcel.scans[1].at
    assert NOW - 4 * DAY == int(order.parcel.shipped_at.timestamp())
    assert (None, None) == (order.parcel.delivered_at, order.parcel.due_on)


async def test_a_delivered_parcel_has_its_moment(api: ShopeeApi, server: ShopeeServer) -> None:
    """And Brazil's a due date."""
    server.tracking[f"OFG{NUMBER}"] = make_tracking(("DELIVERED", 1), ("PICKED_UP", 3))
    order = await read(api, server, "TO_CONFIRM_RECEIVE", edt_to=NOW + DAY)
    assert order.parcel is not None
    assert order.parcel.delivered_at == order.parcel.scans[-1].at
    assert NOW - DAY == int(order.parcel.scans[-1].at.timestamp())
    assert order.parcel.due_on is not None


async def test_a_parcel_without_tracking(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee has none of it; it was shipped at the order's last change."""
    order = await read(api, server, "SHIPPED", pickup_done_time=0)
    assert order.parcel is not None
    assert ("", (), NOW - 4 * DAY) == (
        order.parcel.tracking_number,
        order.parcel.scans,
        int(order.parcel.shipped_at.timestamp()),
    )


async def test_tracking_that_is_forbidden_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """An order on its way must not look as if it were nowhere."""
    server.refuse_next("logistics/get_tracking_info", "error_permission", "Sorry you don't have the permission")
    with pytest.raises(ShopError, match="error_permission"):
        await api.read_order(SHIPPED)


async def test_of_a_split_order_the_package_on_its_way_is_told(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee wants the package's number then."""
    packages = [
        {"package_number": "OFG1", "logistics_status": "LOGISTICS_DELIVERY_DONE", "shipping_carrier": "SPX"},
        {"package_number": "OFG2", "logistics_status": "LOGISTICS_PICKUP_DONE", "shipping_carrier": "J&T"},
        {"package_number": "OFG3", "logistics_status": "LOGISTICS_READY", "shipping_carrier": "NinjaVan"},
    ]
    for number in ("OFG1", "OFG2"):
        server.tracking[number] = make_tracking(("PICKED_UP", 1)) | {"tracking_number": f"T{number}"}
    order = await read(api, server, "SHIPPED", package_list=packages)
    assert order.parcel is not None
    assert ("J&T", "TOFG2") == (order.parcel.courier, order.parcel.tracking_number)
    packages[1]["logistics_status"] = "LOGISTICS_READY"
    order = await read(api, server, "SHIPPED", package_list=packages)
    assert order.parcel is not None
    assert ("SPX", "TOFG1") == (order.parcel.courier, order.parcel.tracking_number)
