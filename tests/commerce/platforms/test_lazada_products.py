"""What Lazada's products and vouchers become, against the server of :mod:`.lazada_server`."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money, Product, Variant
from pasar.commerce.platforms.lazada import LazadaApi
from pasar.commerce.platforms.lazada.products import strip_tags
from pasar.commerce.platforms.lazada.ventures import VENTURES
from tests.commerce.platforms.lazada_records import make_product, make_sku, make_voucher
from tests.commerce.platforms.lazada_server import LazadaServer, open_api

SINGAPORE = VENTURES["SG"].time_zone


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


async def read(api: LazadaApi, server: LazadaServer, product: dict[str, Any]) -> Product | None:
    """The product that the server has so."""
    server.products["7"] = {**product, "item_id": 7}
    return await api.read_product("7")


async def test_product_is_read_whole(api: LazadaApi, server: LazadaServer) -> None:
    """Every field that Lazada has, of its active variants."""
    houses = [
        {"warehouseCode": "dropshipping", "sellableQuantity": 2},
        {"warehouseCode": "W2", "sellableQuantity": "3"},
    ]
    skus = [
        make_sku("D-BLUE-M", multiWarehouseInventories=houses, fblWarehouseInventories=[], price="40.10"),
        make_sku("D-RED-L", "Red", "L", price=32),
        make_sku("D-OLD", "Red", "S", Status="inactive", price=1),
        make_sku("D-ONE", saleProp=None, color_family="Maroon", Available=None, quantity=0),
    ]
    product = await read(api, server, make_product(7, *skus))
    assert product is not None
    assert ("7", "7", {"en": "Dress 7"}) == (product.sku, product.reference, product.name)
    assert {"en": "Soft & light\nWash cold\nMade in VN"} == product.description
    assert {"SGD": Money(decimal.Decimal(32), "SGD")} == product.prices
    assert (
        Variant("D-BLUE-M", "light_blue", "M", 5),
        Variant("D-RED-L", "red", "L", 4),
        Variant("D-ONE", "maroon", None, 0),
    ) == product.variants
    assert "https://www.lazada.sg/D-BLUE-M.html" == product.url
    assert "https://my-live.slatic.net/p/540bc.jpg" == product.image


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (None, "http://sg-live-01.slatic.net/p/BUYI1-catalog.jpg"),
        ("[", "http://sg-live-01.slatic.net/p/BUYI1-catalog.jpg"),
        (["", "https://my-live.slatic.net/p/1.jpg"], "https://my-live.slatic.net/p/1.jpg"),
        ('["https://my-live.slatic.net/p/1.jpg"]', "https://my-live.slatic.net/p/1.jpg"),
    ],
)
async def test_image_is_the_first_there_is(api: LazadaApi, server: LazadaServer, images: Any, expected: str) -> None:
    """Of the product, else of a variant; the list may come within a text."""
    product = await read(api, server, make_product(7, images=images))
    assert product is not None
    assert expected == product.image


@pytest.mark.parametrize(
    "fields",
    [{"status": "InActive"}, {"status": "Deleted"}, {"status": "Pending QC"}, {"skus": []}]
    + [{"skus": [make_sku("D", Status=status)]} for status in ("inactive", "deleted")],
)
async def test_what_is_not_for_sale_is_none(api: LazadaApi, server: LazadaServer, fields: dict[str, Any]) -> None:
    """Drafts, deleted ones, and those without an active variant."""
    assert await read(api, server, {**make_product(7), **fields}) is None


def day(days: int, form: str = "%Y-%m-%d %H:%M") -> str:
    """Days from now, as they are written in Singapore."""
    return (datetime.datetime.now(SINGAPORE) + datetime.timedelta(days=days)).strftime(form)


@pytest.mark.parametrize(
    ("special", "price"),
    [
        ({"special_price": 9.9, "special_from_time": day(-1), "special_to_time": day(1)}, "9.9"),
        ({"special_price": "9.90", "special_from_date": day(-1, "%Y-%m-%d"), "special_to_date": day(2)}, "9.90"),
        ({"special_price": 9, "special_from_time": day(-1, "%Y-%m-%d%H:%M"), "special_to_time": day(1)}, "9"),
        ({"special_price": 9, "special_from_time": day(-2), "special_to_time": day(-1)}, "32.5"),
        ({"special_price": 9, "special_from_time": day(1), "special_to_time": day(2)}, "32.5"),
        ({"special_price": 9}, "32.5"),
        ({"special_price": 0.0, "special_from_time": day(-1), "special_to_time": day(1)}, "32.5"),
        ({"special_price": None}, "32.5"),
    ],
)
async def test_special_price_counts_on_its_days(
    api: LazadaApi, server: LazadaServer, special: dict[str, Any], price: str
) -> None:
    """And nowhere else; without days it is not told."""
    product = await read(api, server, make_product(7, make_sku("D", **special)))
    assert product is not None
    assert decimal.Decimal(price) == product.prices["SGD"].amount


async def test_special_price_ends_by_the_countrys_clock(server: LazadaServer) -> None:
    """An hour that has passed in Singapore is still to come in Bangkok."""
    ends = (datetime.datetime.now(SINGAPORE) - datetime.timedelta(minutes=30)).strftime("%Y-%m-%d %H:%M")
    sku = make_sku("D", special_price=9, special_from_time="2020-01-01 00:00", special_to_time=ends)
    prices = []
    for country in ("SG", "TH"):
        api = open_api(server, country=country)
        product = await read(api, server, make_product(7, sku))
        assert product is not None
        prices += [str(money.amount) for money in product.prices.values()]
        await api.close()
    assert ["32.5", "9"] == prices


async def test_pages_are_asked_for_with_what_is_allowed(api: LazadaApi, server: LazadaServer) -> None:
    """Fifty at a time, both lists, none twice though one is in both."""
    for number in range(1000, 1120):
        server.products[str(number)] = make_product(number)
    server.sold_out = {"1005", "1006"}
    pages = [page async for page in api.read_products()]
    assert [50, 50, 18, 2] == [len(page) for page in pages]
    asked = [(call.query["filter"], call.query["offset"]) for call in server.calls("/products/get")]
    assert [("live", "0"), ("live", "50"), ("live", "100"), ("sold-out", "0")] == asked


async def test_a_product_in_both_lists_is_given_once(api: LazadaApi, server: LazadaServer) -> None:
    """Where Lazada counts those without stock as live."""
    server.products["7"] = make_product(7)
    server.everywhere = {"7"}
    assert [["7"]] == [[product.sku for product in page] async for page in api.read_products()]
    assert 2 == len(server.calls("/products/get"))


async def test_only_what_has_changed_since(api: LazadaApi, server: LazadaServer) -> None:
    """By the platform's own filter, with the moment in UTC."""
    for number, updated in (("7", 1611554725000), ("8", 1611560000000)):
        server.products[number] = make_product(int(number), updated_time=str(updated))
    since = datetime.datetime.fromtimestamp(1611555000, SINGAPORE)
    assert [["8"]] == [[product.sku for product in page] async for page in api.read_products(since)]
    assert "2021-01-25T06:10:00+0000" == server.calls("/products/get")[0].query["update_after"]


async def test_one_unreadable_product_does_not_spoil_the_catalogue(api: LazadaApi, server: LazadaServer) -> None:
    """It is left out; asked for alone, it is an error that names the field."""
    server.products["7"] = make_product(7, make_sku("D", price="cheap"))
    server.products["8"] = make_product(8)
    assert [["8"]] == [[product.sku for product in page] async for page in api.read_products()]
    with pytest.raises(ShopError, match=r"read_product: lazada: answer\.data\.skus\[0\]\.price is no number"):
        await api.read_product("7")


async def test_more_products_than_can_be_listed_are_an_error(
    api: LazadaApi, server: LazadaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a catalogue without its end; with a lower limit here, as 200 pages take ten seconds."""
    monkeypatch.setattr("pasar.commerce.platforms.lazada.api.MOST_OFFSET", 100)
    server.products = {"7": make_product(7)}
    server.total_products = 200
    with pytest.raises(ShopError, match="read_products: lazada: more than 100 products are live"):
        async for _ in api.read_products():
            pass
    assert "100" == server.seen[-1].query["offset"]


@pytest.mark.parametrize("reference", ["", "D-7", "208 or 1"])
async def test_what_is_no_item_id_is_not_asked(api: LazadaApi, server: LazadaServer, reference: str) -> None:
    """It is none."""
    assert await api.read_product(reference) is None
    assert [] == server.seen


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", ""),
        ("a < b and <b>c</b>&nbsp;&lt;d&gt;", "a < b and c <d>"),
        ("<p>one</p><p> </p>two<br/>three<ul><li>four</li></ul>", "one\ntwo\nthree\nfour"),
        ("x<script>alert('<p>')</script><style>p{}</style><!-- no -->y", "x y"),
        ("<![foo[ odd ]]> <p", "<![foo[ odd ]]> <p"),
    ],
)
def test_descriptions_lose_their_tags(source: str, words: str) -> None:
    """Whatever a seller's editor has written."""
    assert words == strip_tags(source)


async def test_voucher_takes_money_off(api: LazadaApi, server: LazadaServer) -> None:
    """Its code in any letter case, its days as they are in the country."""
    server.vouchers = [make_voucher(f"OTHER{number}") for number in range(45)] + [make_voucher("RAYA5")]
    coupon = await api.read_coupon(" raya5 ")
    assert coupon is not None
    today = datetime.datetime.now(SINGAPORE).date()
    assert ("RAYA5", {"en": "Raya sale"}, (), None) == (coupon.code, coupon.name, coupon.skus, coupon.percent)
    assert {"SGD": Money(decimal.Decimal(5), "SGD")} == coupon.amount_off
    assert {"SGD": Money(decimal.Decimal(100), "SGD")} == coupon.min_spend
    assert (today - datetime.timedelta(days=5), today + datetime.timedelta(days=5)) == (
        coupon.starts_on,
        coupon.ends_on,
    )
    assert (True, None) == (coupon.once_per_buyer, coupon.uses_left)
    assert 3 == len(server.calls("/vouchers/get"))


async def test_voucher_takes_percent_off_some_products(api: LazadaApi, server: LazadaServer) -> None:
    """All of them, page by page."""
    percent = {"voucher_discount_type": "PERCENTAGE_DISCOUNT_OFF", "offering_percentage_discount_off": "12"}
    server.vouchers = [make_voucher("P12", **percent, apply="SPECIFIC_PRODUCTS", criteria_over_money="0", limit="3")]
    server.voucher_products["91471121126083"] = list(range(100, 125))
    coupon = await api.read_coupon("P12")
    assert coupon is not None
    assert (decimal.Decimal(12), {}, {}, False) == (
        coupon.percent,
        coupon.amount_off,
        coupon.min_spend,
        coupon.once_per_buyer,
    )
    assert tuple(str(number) for number in range(100, 125)) == coupon.skus


@pytest.mark.parametrize(("limit", "most"), [("8", {"SGD": "8"}), ("0", {}), ("null", {})])
async def test_a_percentage_has_its_highest_amount(
    api: LazadaApi, server: LazadaServer, limit: str, most: dict[str, str]
) -> None:
    """Where the voucher has one."""
    percent = {"voucher_discount_type": "PERCENTAGE_DISCOUNT_OFF", "offering_percentage_discount_off": "50"}
    server.vouchers = [make_voucher("HALF", **percent, max_discount_offering_money_value=limit)]
    coupon = await api.read_coupon("HALF")
    assert coupon is not None
    assert decimal.Decimal(50) == coupon.percent
    assert most == {currency: str(money.amount) for currency, money in coupon.most_off.items()}


async def test_voucher_ended_early_has_ended(api: LazadaApi, server: LazadaServer) -> None:
    """Though its period has not."""
    server.vouchers = [make_voucher("GONE", status="FINISH")]
    coupon = await api.read_coupon("GONE")
    assert coupon is not None
    assert coupon.ends_on == datetime.datetime.now(SINGAPORE).date() - datetime.timedelta(days=1)


@pytest.mark.parametrize(
    "voucher",
    [
        make_voucher("NO", status="SUSPEND"),
        make_voucher("NO", voucher_type="COLLECTIBLE_VOUCHER"),
        make_voucher("NO", apply="SPECIFIC_PRODUCTS"),
        make_voucher("ANOTHER"),
        make_voucher("null"),
    ],
)
async def test_no_such_voucher_is_none(api: LazadaApi, server: LazadaServer, voucher: dict[str, Any]) -> None:
    """Switched off, without a code, for no product, or another."""
    server.vouchers = [voucher]
    assert await api.read_coupon("NO") is None
    assert await api.read_coupon(" ") is None


async def test_voucher_list_that_fails_within_is_an_error(api: LazadaApi, server: LazadaServer) -> None:
    """A code "0" around ``success`` false."""
    server.break_next(body=b'{"code": "0", "success": "false", "error_code": "26", "error_msg": "x"}')
    with pytest.raises(ShopError, match="read_coupon: lazada: /promotion/vouchers/get failed with 26"):
        await api.read_coupon("NO")
