"""A platform's module and a shop's file make a whole shop."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime

import pytest

from pasar.commerce.backend import ShopBackend, ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability, AddressChange, LineChange, Outcome
from pasar.commerce.model import Address, Buyer, OrderState, Parcel, ReturnRequest, Scan
from pasar.commerce.platforms import backend as backend_module
from pasar.commerce.platforms.api import ForgedNoticeError, UnsupportedChanges
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.catalogue import Catalogue
from pasar.commerce.platforms.schema import upgrade
from pasar.commerce.platforms.tokens import TokenExpiredError
from pasar.database import create_engine
from tests.commerce.contract import ShopBackendContract
from tests.commerce.platforms.memory import MemoryApi, make_order, make_product, make_profile, make_promotion
from tests.commerce.samples import TODAY, at

SCAN = Scan(at(-1), "Jakarta", "in_transit")


@pytest.fixture
def database(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'pasar.db'}"
    upgrade(url)
    return url


@pytest.fixture
def api() -> MemoryApi:
    return MemoryApi()


@pytest.fixture
async def shop(api, database):
    made = PlatformBackend(make_profile(), api, Catalogue(create_engine(database), "testshop"))
    await made.sync()
    api.asked.clear()
    yield made
    await made.aclose()


class TestPlatformBackend(ShopBackendContract):
    """What every shop backend must keep, on a platform in memory."""

    sku = "LAMP-01"
    variant_sku = "LAMP-01-BLK"
    order_id = "T1001"
    owner = Buyer(email="mei@example.com")
    returnable_order_id = "T1003"
    cancellable_order_id = "T1002"
    cancellable_variants = ("LAMP-01-BLK", "LAMP-01-WHT")
    shipped_order_id = "T1001"
    coupon = "TEN"
    country = "ID"
    today = TODAY

    @pytest.fixture
    def backend(self, shop: PlatformBackend) -> ShopBackend:
        """The shop."""
        return shop


class Carrier:
    """Knows one parcel; fails or takes its time where a test wants it to."""

    def __init__(self, parcel: Parcel | None = None, error: Exception | None = None, seconds: float = 0.0) -> None:
        self.parcel = parcel
        self.error = error
        self.seconds = seconds
        self.asked: list[tuple[str, str]] = []
        self.closed = False

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        self.asked.append((courier, tracking_number))
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return self.parcel

    async def close(self) -> None:
        self.closed = True


def make_parcel(**facts) -> Parcel:
    return Parcel(
        **{
            "courier": "Jne Express",
            "tracking_number": "jpt1001",
            "shipped_at": at(-3),
            "due_on": None,
            "scans": (),
            **facts,
        }
    )


@pytest.fixture
def track(api, database):
    """A shop whose parcels are tracked."""

    def make(carrier: Carrier) -> PlatformBackend:
        return PlatformBackend(make_profile(), api, Catalogue(create_engine(database), "testshop"), carrier)

    return make


async def test_orders_are_read_at_every_call(shop, api):
    assert OrderState.SHIPPED is (await shop.get_order("T1001")).state
    api.orders["T1001"] = dataclasses.replace(api.orders["T1001"], state=OrderState.RETURNED)
    assert OrderState.RETURNED is (await shop.get_order("T1001")).state


async def test_a_buyer_is_found_by_her_account(shop):
    assert "T1001" in [order.order_id for order in await shop.find_orders(Buyer(account="buyer-1"))]


async def test_nobody_is_not_asked_for(shop, api):
    assert () == await shop.find_orders(Buyer())
    assert [] == api.asked


async def test_stock_is_the_platforms_of_this_moment(shop, api):
    api.products["id-1"] = make_product(1, stock=77)
    product = await shop.get_product("LAMP-01")
    [found] = await shop.search_products("LAMP-01", 1)
    assert (77, None) == (product.variants[0].stock, product.read_at)
    assert (77, None) == (found.variants[0].stock, found.read_at)


async def test_without_live_stock_it_is_the_last_reading(shop, api):
    api.abilities = api.abilities - {Ability.LIVE_STOCK}
    api.products["id-1"] = make_product(1, stock=77)
    product = await shop.get_product("LAMP-01")
    assert 5 == product.variants[0].stock
    assert datetime.timedelta(0) == product.read_at.utcoffset()
    assert [] == api.asked


async def test_while_the_platform_is_down_products_are_those_of_the_last_reading(shop, api):
    api.down = True
    product = await shop.get_product("LAMP-01")
    [found] = await shop.search_products("LAMP-01", 1)
    assert product == found
    assert product.read_at is not None
    with pytest.raises(ShopUnavailableError):
        await shop.get_order("T1001")


async def test_a_slow_platform_does_not_keep_a_buyer_waiting_for_stock(shop, api, monkeypatch):
    monkeypatch.setattr(backend_module, "LIVE_SECONDS", 0.05)

    async def read_product(_reference):
        await asyncio.sleep(9)

    api.read_product = read_product
    assert (await shop.get_product("LAMP-01")).read_at is not None


async def test_a_product_that_is_gone_is_not_offered(shop, api):
    del api.products["id-1"]
    assert await shop.get_product("LAMP-01") is None
    assert "LAMP-01" not in [product.sku for product in await shop.search_products("LAMP-01", 5)]


async def test_promotions_are_those_of_the_file(shop):
    assert ["", "OWN"] == [item.code for item in await shop.get_promotions(TODAY)]
    assert ["", "OWN"] == [item.code for item in await shop.get_promotions(TODAY, "lamp-01-wht")]
    assert ["OWN"] == [item.code for item in await shop.get_promotions(TODAY, "LAMP-02")]
    assert [] == await shop.get_promotions(TODAY, "NO-SUCH-SKU")


async def test_sales_of_the_platform_are_promotions_too(shop, api):
    """On their days and products, behind those of the file."""
    api.promotions = [make_promotion(skus=("LAMP-02",)), make_promotion(days=(-9, -2))]
    assert ["", "OWN", ""] == [item.code for item in await shop.get_promotions(TODAY)]
    assert [api.promotions[0]] == [item for item in await shop.get_promotions(TODAY, "LAMP-02") if not item.code]
    assert [("LAMP-01",)] == [item.skus for item in await shop.get_promotions(TODAY, "LAMP-01") if not item.code]


async def test_vouchers_of_the_file_come_before_the_platforms(shop, api):
    assert "OLD" == (await shop.get_coupon("old")).code
    assert [] == api.asked
    assert "TEN" == (await shop.get_coupon("ten")).code


async def test_a_platform_without_vouchers_is_not_asked(shop, api):
    api.abilities = api.abilities - {Ability.COUPONS}
    assert await shop.get_coupon("TEN") is None
    assert [] == api.asked


async def test_changes_reach_the_platform(shop, api):
    assert Outcome.DONE is (await shop.cancel_order("t1002", "changed_mind")).outcome
    assert OrderState.CANCELLED is api.orders["T1002"].state
    assert Outcome.REFUSED is (await shop.cancel_order("T1001", "changed_mind")).outcome
    assert "T1005" == (await shop.change_address(AddressChange("T1005", Address(("5 Road",))))).reference
    assert "T1005" == (await shop.edit_order(LineChange("T1005", "LAMP-01-BLK", "LAMP-01-WHT", 1))).reference
    assert "I-T1001" == (await shop.get_invoice("T1001")).number


CHANGES = {
    "cancel_order": lambda shop, order_id: shop.cancel_order(order_id, "changed_mind"),
    "change_address": lambda shop, order_id: shop.change_address(AddressChange(order_id, Address(("5 Road",)))),
    "edit_order": lambda shop, order_id: shop.edit_order(LineChange(order_id, "LAMP-01-BLK", "LAMP-01-WHT", 1)),
    "open_return": lambda shop, order_id: shop.open_return(ReturnRequest(order_id, "damaged", "refund")),
}


@pytest.mark.parametrize("call", CHANGES)
async def test_changes_of_unknown_orders_are_errors(shop, call):
    with pytest.raises(ShopError, match=f"shop testshop: {call}: there is no such order"):
        await CHANGES[call](shop, "T9999")


@pytest.mark.parametrize("call", CHANGES)
async def test_what_a_platform_cannot_do_is_an_error_of_the_shop(shop, api, call, monkeypatch):
    monkeypatch.setattr(MemoryApi, call, getattr(UnsupportedChanges, call))
    with pytest.raises(ShopError, match=f"shop testshop: {call}: memory leaves that to a person") as caught:
        await CHANGES[call](shop, "T1002")
    assert not isinstance(caught.value, ShopUnavailableError)


async def test_an_authorisation_that_has_ended_is_an_error_of_the_shop(shop, api):
    async def read_order(_order_id):
        raise TokenExpiredError("shop testshop: memory: the seller must authorise us again")

    api.read_order = read_order
    with pytest.raises(ShopError, match=r"get_order: .*the seller must authorise us again"):
        await shop.get_order("T1001")


async def test_what_the_carrier_knows_is_in_the_parcel(track):
    carrier = Carrier(make_parcel(due_on=TODAY, scans=(SCAN,)))
    parcel = (await track(carrier).get_order("T1001")).parcel
    assert [("JNE", "JPT1001")] == carrier.asked
    assert ("JNE", "JPT1001", at(-2), TODAY, (SCAN,)) == (
        parcel.courier,
        parcel.tracking_number,
        parcel.shipped_at,
        parcel.due_on,
        parcel.scans,
    )


async def test_what_the_carrier_does_not_know_stays(track, api):
    order = api.orders["T1001"]
    known = dataclasses.replace(order.parcel, due_on=TODAY, scans=(SCAN,))
    api.orders["T1001"] = dataclasses.replace(order, parcel=known)
    assert known == (await track(Carrier(make_parcel())).get_order("T1001")).parcel
    assert known == (await track(Carrier(None)).get_order("T1001")).parcel


async def test_what_the_carrier_has_delivered_is_delivered(track):
    """Platforms that only hand parcels over never say so, and a return needs the day."""
    order = await track(Carrier(make_parcel(delivered_at=at(-1)))).get_order("T1001")
    assert (OrderState.DELIVERED, at(-1)) == (order.state, order.parcel.delivered_at)


@pytest.mark.parametrize("order_id", ["T1002", "T1003", "T1004"])
async def test_the_carrier_is_asked_only_for_what_is_on_its_way(track, order_id):
    carrier = Carrier()
    await track(carrier).get_order(order_id)
    assert [] == carrier.asked


async def test_a_carrier_that_fails_or_is_slow_spoils_nothing(track, api, monkeypatch):
    monkeypatch.setattr(backend_module, "TRACK_SECONDS", 0.05)
    broken = Carrier(error=ShopUnavailableError("testshop", "track", "HTTP 503"))
    own = api.orders["T1001"]
    told = dataclasses.replace(own, parcel=dataclasses.replace(own.parcel, unanswered=True))
    for carrier in (broken, Carrier(make_parcel(), seconds=9)):
        assert told == await track(carrier).get_order("T1001")


async def test_a_buyers_parcels_are_all_tracked(track, api):
    api.orders["T1006"] = make_order("T1006", OrderState.SHIPPED)
    carrier = Carrier(make_parcel(scans=(SCAN,)))
    orders = await track(carrier).find_orders(Buyer(email="mei@example.com"))
    assert {"T1001", "T1006"} == {order.order_id for order in orders if order.parcel and order.parcel.scans}


async def test_a_notice_is_read_and_applied(shop, api):
    api.abilities = api.abilities - {Ability.LIVE_STOCK}
    api.products["id-1"] = make_product(1, stock=77)
    body = b'["product_changed", "id-1"]'
    with pytest.raises(ForgedNoticeError):
        shop.read_notice({}, body, "https://pasar.example", at(0))
    await shop.apply_notice(shop.read_notice({"signature": "good"}, body, "https://pasar.example", at(0)))
    assert 77 == (await shop.get_product("LAMP-01")).variants[0].stock


async def test_a_sync_shows_at_once(shop, api):
    api.change(make_product(6))
    await shop.sync()
    assert 6 == len(await shop.list_products())


async def test_two_shops_in_one_database_are_apart(shop, api, database):
    other_api = MemoryApi("other")
    other_api.products = {"id-1": make_product(1, name="Candle"), "id-9": make_product(9)}
    other_api.orders = {"T1001": make_order("T1001", OrderState.PAID, email="nok@example.com")}
    other_api.coupons = {}
    other = PlatformBackend(make_profile("other"), other_api, Catalogue(create_engine(database), "other"))
    await other.sync()

    assert ("testshop", "other") == ((await shop.get_shop()).shop_id, (await other.get_shop()).shop_id)
    assert 5 == len(await shop.list_products())
    assert ["LAMP-01", "LAMP-09"] == [product.sku for product in await other.list_products()]
    assert "Candle" == (await other.get_product("LAMP-01")).name["en"]
    assert await shop.get_product("LAMP-09") is None
    assert await other.get_order("T1002") is None
    assert "nok@example.com" == (await other.get_order("T1001")).email
    assert [] == list(await other.find_orders(Buyer(email="mei@example.com")))
    assert await other.get_coupon("TEN") is None
    await other.sync(whole=True)
    del other_api.products["id-1"]
    await other.apply_notice(other.read_notice({"signature": "good"}, b'["product_deleted", "id-1"]', "", at(0)))
    assert await shop.get_product("LAMP-01") is not None
    assert await other.get_product("LAMP-01") is None
    await other.aclose()


async def test_closing_gives_back_everything(api, track):
    carrier = Carrier()
    await track(carrier).aclose()
    assert (True, True) == (api.closed, carrier.closed)


def test_a_shop_is_closed_from_where_nothing_can_be_awaited(api, track):
    carrier = Carrier()
    track(carrier).close()
    assert (True, True) == (api.closed, carrier.closed)
