"""Orders, products and coupons, asked over HTTP."""

from __future__ import annotations

import datetime
import decimal
import json

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Buyer, Money, RefundState
from pasar.commerce.platforms.tiktokshop import TikTokShopApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.tiktokshop.samples import (
    HER,
    HER_ID,
    ORDER_ID,
    PRODUCT_ID,
    SETTINGS,
    make_coupon,
    make_return,
    make_shop,
    make_sku,
)
from tests.commerce.platforms.tiktokshop.server import APP_SECRET, TikTokShopServer

UTC = datetime.timezone.utc


async def test_every_call_carries_what_tiktok_asks_for(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """Key, time, cipher, signature and token; nothing of the secret."""
    await api.read_order(ORDER_ID)
    assert 3 == len(server.seen)
    for call in server.seen:
        assert {"app_key", "timestamp", "shop_cipher", "sign"} <= set(call.query)
        assert "TTP_access_1" == call.headers["x-tts-access-token"]
        assert APP_SECRET not in str(call)


async def test_an_order_comes_with_scans_and_refund(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """Of three calls: the order, its tracking, its returns."""
    server.returns.append(make_return(return_status="AWAITING_BUYER_SHIP"))
    order = await api.read_order(f" {ORDER_ID} ")
    assert order is not None and order.parcel is not None and order.refund is not None
    assert [scan.place for scan in order.parcel.scans] == ["Collected", "Arrived at the sorting centre"]
    assert datetime.datetime(2021, 4, 28, 22, 46, 40, 123000, UTC) == order.parcel.scans[1].at
    assert (RefundState.REQUESTED, Money(decimal.Decimal(115000), "IDR")) == (order.refund.state, order.refund.amount)


@pytest.mark.parametrize("order_id", ["", "SH1001", "576461413038785752,576461413038785799", "../x", "٣٤٥", "-5"])
async def test_what_is_no_number_of_tiktok_is_not_asked_for(
    api: TikTokShopApi, server: TikTokShopServer, order_id: str
) -> None:
    """Nobody gets at a second order, or another path, by writing it behind a first."""
    assert await api.read_order(order_id) is None
    assert await api.read_product(order_id) is None
    assert [] == list(await api.find_orders(Buyer(account=order_id)))
    assert [] == server.seen


async def test_orders_of_another_are_left_out_should_the_platform_send_them(
    api: TikTokShopApi, server: TikTokShopServer
) -> None:
    """A search that ignored its filter leaks nothing."""
    all_orders = {"orders": list(server.orders.values()), "next_page_token": ""}
    server.next_answers = [(0, "Success", all_orders)]
    assert {HER_ID} == {order.account for order in await api.find_orders(HER)}


async def test_pages_follow_their_tokens(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """Also tokens with letters that addresses escape; none is asked for twice."""
    pages = [page async for page in api.read_products()]
    assert [2, 2, 1] == [len(page) for page in pages]
    assert [None, "+/2=", "+/4="] == [call.query.get("page_token") for call in server.calls("/products/search")]


async def test_a_page_that_leads_to_itself_is_the_last(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """A search without an end would keep the buyer waiting for ever."""
    page = {"orders": [server.orders[ORDER_ID]], "next_page_token": "same"}
    server.next_answers = [(0, "Success", page)] * 9
    assert 2 == len(await api.find_orders(HER))


async def test_changed_products_are_asked_for_by_time(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """To the second, in UTC."""
    since = datetime.datetime(2009, 2, 13, 23, 31, 39, tzinfo=UTC)
    assert 5 == len([product async for page in api.read_products(since) for product in page])
    later = since + datetime.timedelta(seconds=1)
    assert [] == [product async for page in api.read_products(later) for product in page]
    assert 1234567899 == json.loads(server.calls("/products/search")[0].body)["update_time_ge"]


async def test_a_product_that_cannot_be_read_does_not_spoil_the_catalogue(
    api: TikTokShopApi, server: TikTokShopServer
) -> None:
    """It is left out, the others come."""
    server.products[PRODUCT_ID]["skus"][0]["price"]["sale_price"] = "cheap"
    assert 4 == len([product async for page in api.read_products() for product in page])
    with pytest.raises(ShopError, match=r"testshop: read_product: .*skus\[0\].price.sale_price must be an amount"):
        await api.read_product(PRODUCT_ID)


async def test_stock_is_that_of_now(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """As the inventory says, over the record's own numbers; what is off sale is None."""
    server.stock[make_sku()["id"]] = 3
    product = await api.read_product(PRODUCT_ID)
    assert product is not None
    assert [3] == [variant.stock for variant in product.variants]
    assert await api.read_product("1729592969712207999") is None


@pytest.mark.parametrize("code", [36009002, 36009003, 36009007])
async def test_passing_trouble_is_asked_again(api: TikTokShopApi, server: TikTokShopServer, code: int) -> None:
    """Also where TikTok hides it in a 200."""
    server.next_answers = [(code, "Internal error. Please try again.", None)]
    assert await api.read_order(ORDER_ID) is not None


async def test_errors_carry_shop_call_code_and_request(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """All that TikTok's support asks for."""
    server.next_answers = [(105005, "Access denied.", None)]
    with pytest.raises(ShopError, match=r"shop testshop: read_order: tiktokshop: 105005 Access denied. \(request 2022"):
        await api.read_order(ORDER_ID)


async def test_a_path_that_tiktok_does_not_know_is_an_error(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """It says 404 of paths only, so that is not "no such order"."""
    server.break_next(status=404, body=b'{"code": 36009009, "message": "Invalid path."}')
    with pytest.raises(ShopError, match="/order/202507/orders is not known"):
        await api.read_order(ORDER_ID)


async def test_a_promo_code_is_found_among_others(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """In any letter case, on any page; the running one before one that has ended."""
    old = make_coupon("1", status="EXPIRED", title="old")
    others = [make_coupon(str(number), promo_code=f"OTHER{number}00") for number in range(2, 5)]
    stopped = make_coupon("9", status="DEACTIVATED", promo_code="STOPPED1")
    server.coupons = {coupon["id"]: coupon for coupon in (old, *others, make_coupon(), stopped)}
    promotion = await api.read_coupon(" tts12345 ")
    assert promotion is not None
    assert ("TTS12345", "test coupon") == (promotion.code, promotion.name["id"])
    assert await api.read_coupon("STOPPED1") is None
    assert await api.read_coupon("NOSUCH99") is None


async def test_what_cannot_be_a_promo_code_is_not_asked_for(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """TikTok's codes are six to twelve letters or digits."""
    for code in ("", "SALE", "A" * 13, "SALE 10%", "../../x"):
        assert await api.read_coupon(code) is None
    assert [] == server.seen


async def test_a_code_for_some_buyers_is_for_a_person(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """Told as if for all it would be a promise that TikTok does not keep."""
    server.coupons = {"1": make_coupon("1", target_buyer_segment="NEW")}
    with pytest.raises(ShopError, match=r"testshop: read_coupon: .*some buyers only"):
        await api.read_coupon("TTS12345")


def test_missing_keys_are_named(tokens: MemoryTokens) -> None:
    """Before anything is asked."""
    with pytest.raises(ShopError, match=r"testshop: open: tiktokshop: keys.app_secret, keys.region missing"):
        TikTokShopApi.open(make_shop(), {**SETTINGS, "app_secret": "", "region": ""}, tokens)
