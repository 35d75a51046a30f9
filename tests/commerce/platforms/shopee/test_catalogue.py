"""Products and vouchers on Shopee."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money, Product, Text, Variant
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.shopee_samples import (
    DAY,
    MODELLED_ITEM,
    NOW,
    PLAIN_ITEM,
    make_item,
    make_model,
    make_models,
    make_price,
    open_api,
)
from tests.commerce.platforms.shopee_server import ShopeeServer


@pytest.fixture
async def api(server: ShopeeServer) -> AsyncIterator[ShopeeApi]:
    """The module."""
    opened = open_api(server)
    yield opened
    await opened.close()


async def read(api: ShopeeApi, server: ShopeeServer, models: Any = None, **changes: Any) -> Product:
    """What the module makes of such an item."""
    server.items[77] = make_item(77, has_model=models is not None, **changes)
    server.models[77] = models
    product = await api.read_product("77")
    assert product is not None
    return product


async def test_a_product_without_models(api: ShopeeApi, server: ShopeeServer) -> None:
    """It is its only variant."""
    product = await read(api, server)
    assert ("TEE-77", "77", {"vi": "Áo thun 77"}, {"vi": "Vải mềm"}) == (
        product.sku,
        product.reference,
        product.name,
        product.description,
    )
    assert (Variant("TEE-77", None, None, 7),) == product.variants
    assert {"SGD": Money(Decimal("122.02"), "SGD")} == product.prices
    assert "https://cf.shopee.vn/file/1" == product.image


async def test_models_are_variants(api: ShopeeApi) -> None:
    """Tiers are colour and size; what is not sold any more has no stock; ids of 64 bits stay whole."""
    product = await api.read_product(str(MODELLED_ITEM))
    assert product is not None
    assert (str(MODELLED_ITEM), str(MODELLED_ITEM)) == (product.sku, product.reference)
    assert (
        Variant("TEE-BLK-M", "đen", "M", 3),
        Variant(f"{MODELLED_ITEM}-2000458803", "đen", "L", 0),
        Variant("TEE-WHT-M", "trắng", "M", 0),
    ) == product.variants
    assert {"VND": Money(Decimal(189000), "VND")} == product.prices


@pytest.mark.parametrize(
    ("names", "color", "size"),
    [
        (["Warna"], "merah", None),
        (["สี"], "merah", None),
        (["顏色"], "merah", None),
        (["Size"], None, "Merah"),
        (["Kapasitas"], None, "Merah"),
        (["Ukuran", "Warna"], "xl", "Merah"),
        (["Tipe", "Kapasitas"], None, "Merah / XL"),
    ],
)
async def test_tiers_in_the_markets_languages(
    api: ShopeeApi, server: ShopeeServer, names: list[str], color: str | None, size: str | None
) -> None:
    """Whatever is no colour tells variants apart as a size."""
    options = [[{"option": "Merah"}], [{"option": "XL"}]]
    tiers = [{"name": name, "option_list": options[number]} for number, name in enumerate(names)]
    models = {"tier_variation": tiers, "model": [make_model(5, [0] * len(names))]}
    variant = (await read(api, server, models)).variants[0]
    assert (color, size) == (variant.color, variant.size)


async def test_a_price_is_the_buyers(api: ShopeeApi, server: ShopeeServer) -> None:
    """With tax where the market shows it so."""
    product = await read(api, server, price_info=[make_price(13960, "COP", taxed=16612)])
    assert Money(Decimal(16612), "COP") == product.prices["COP"]
    plain = make_price(100.5, "IDR") | {"inflated_price_of_current_price": None}
    assert Money(Decimal("100.5"), "IDR") == (await read(api, server, price_info=[plain])).prices["IDR"]


async def test_what_the_seller_records_of_a_product(api: ShopeeApi, server: ShopeeServer) -> None:
    """Attributes in the seller's words, and a description of texts and pictures."""
    attribute = {
        "attribute_id": 1,
        "original_attribute_name": "Trọng lượng",
        "attribute_value_list": [{"value_id": 0, "original_value_name": "10", "value_unit": "g"}],
    }
    fields = [
        {"field_type": "text", "text": "Một"},
        {"field_type": "image", "image_info": {"image_id": "1"}},
        {"field_type": "text", "text": "Hai"},
    ]
    product = await read(
        api,
        server,
        attribute_list=[attribute, {"original_attribute_name": "", "attribute_value_list": []}],
        description="",
        description_type="extended",
        description_info={"extended_description": {"field_list": fields}},
    )
    assert Text(vi="Một\nHai") == product.description
    assert [("Trọng lượng", "10 g", {"vi": "Trọng lượng: 10 g"})] == [
        (one.name, one.value, one.text) for one in product.attributes.values()
    ]


@pytest.mark.parametrize("status", ["BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE"])
async def test_what_is_not_for_sale_is_no_product(api: ShopeeApi, server: ShopeeServer, status: str) -> None:
    """Neither alone nor in the list."""
    server.items = {77: make_item(77, item_status=status), 78: make_item(78)}
    assert await api.read_product("77") is None
    assert ["TEE-78"] == [product.sku async for page in api.read_products() for product in page]


@pytest.mark.parametrize("reference", ["", "abc", "1,2", "-5", "٣"])
async def test_what_is_no_item_id_is_not_asked_for(api: ShopeeApi, server: ShopeeServer, reference: str) -> None:
    """It would be a list, or something else."""
    assert await api.read_product(reference) is None
    assert [] == server.seen


async def test_products_are_read_fifty_at_once(api: ShopeeApi, server: ShopeeServer) -> None:
    """A list, its items, and models only where there are any."""
    pages = [len(page) async for page in api.read_products()]
    assert [50, 11] == pages
    assert (2, 2, 1) == tuple(
        len(server.calls(path)) for path in ("get_item_list", "get_item_base_info", "get_model_list")
    )


async def test_only_changed_products(api: ShopeeApi, server: ShopeeServer) -> None:
    """Since a moment, to the second."""
    server.items[PLAIN_ITEM]["update_time"] = NOW
    since = datetime.datetime.fromtimestamp(NOW - 60, datetime.timezone.utc)
    assert [f"TEE-{PLAIN_ITEM}"] == [product.sku async for page in api.read_products(since) for product in page]


async def test_one_unreadable_product_spoils_no_other(api: ShopeeApi, server: ShopeeServer) -> None:
    """It is left out and logged with its field; so is one whose models are gone."""
    server.items = {number: make_item(number) for number in (77, 78, 79, 80)}
    server.items[78]["item_name"] = None
    server.items[79]["has_model"] = True
    server.items[80] |= {"price_info": []}
    with structlog.testing.capture_logs() as logs:
        skus = [product.sku async for page in api.read_products() for product in page]
    assert ["TEE-77"] == skus
    reasons = [entry["reason"] for entry in logs if entry["event"] == "shopee.product.unreadable"]
    assert ["response.item_list[1].item_name is missing", "response.item_list[3].price_info is missing"] == reasons


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ({"tier_variation": [], "model": [make_model(5, [0])]}, r"model\[0\].tier_index\[0\] is no option"),
        (make_models() | {"model": [make_model(5, [0, 9])]}, r"model\[0\].tier_index\[1\] is no option"),
        (make_models() | {"model": [make_model(5, [-1, 0])]}, r"model\[0\].tier_index\[0\] is no option"),
        (make_models() | {"model": [make_model(5, [0, 0], stock_info_v2=None)]}, r"stock_info_v2 is missing"),
        (make_models() | {"model": [make_model(5.5, [0, 0])]}, r"model_id is no whole number"),  # type: ignore[arg-type]
        (make_models() | {"model": []}, "has_model is true, but there are no models"),
    ],
)
async def test_malformed_models_name_their_field(
    api: ShopeeApi, server: ShopeeServer, models: Any, problem: str
) -> None:
    """Shop, call and field."""
    with pytest.raises(ShopError, match=rf"testshop: read_product: shopee: .*{problem}"):
        await read(api, server, models)


async def test_a_list_that_leads_nowhere_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """It would be read for ever."""
    body = b'{"error": "", "response": {"item": [], "has_next_page": true, "next_offset": 0}}'
    server.break_next(times=5, body=body)
    with pytest.raises(ShopError, match="next_offset does not lead on"):
        _ = [page async for page in api.read_products()]


def make_voucher(code: str, **changes: Any) -> dict[str, Any]:
    """A voucher, as get_voucher tells it."""
    return {
        "voucher_id": abs(hash(code)) % 10**15,
        "voucher_code": code,
        "voucher_name": "only for me",
        "voucher_type": 1,
        "reward_type": 1,
        "usage_quantity": 11,
        "current_usage": 4,
        "start_time": NOW - DAY,
        "end_time": NOW + DAY,
        "discount_amount": 20000,
        "min_basket_price": 150000,
    } | changes


async def test_a_voucher_of_an_amount(api: ShopeeApi, server: ShopeeServer) -> None:
    """The seller's name for it is not told; the days are the shop's."""
    server.vouchers = [make_voucher("TESTTEST1")]
    promotion = await api.read_coupon(" testtest1 ")
    assert promotion is not None
    zone = datetime.timezone(datetime.timedelta(hours=7))
    assert datetime.datetime.fromtimestamp(NOW + DAY, zone).date() == promotion.ends_on
    assert ("TESTTEST1", {"vi": "−20000 VND"}, (), 7) == (
        promotion.code,
        promotion.name,
        promotion.skus,
        promotion.uses_left,
    )
    assert (None, {"VND": Money(Decimal(20000), "VND")}) == (promotion.percent, promotion.amount_off)
    assert {"VND": Money(Decimal(150000), "VND")} == promotion.min_spend


@pytest.mark.parametrize(
    ("changes", "percent", "most", "name"),
    [
        ({"reward_type": 2, "percentage": 10}, Decimal(10), {}, "−10%"),
        ({"reward_type": 2, "percentage": 10, "max_price": 0}, Decimal(10), {}, "−10%"),
        (
            {"reward_type": 2, "percentage": 22, "max_price": 50000},
            Decimal(22),
            {"VND": Money(Decimal(50000), "VND")},
            "−22%",
        ),
        ({"reward_type": 3, "percentage": 5, "max_price": 20000}, None, {}, "+5% Shopee Coins (≤ 20000)"),
    ],
)
async def test_a_voucher_of_a_share(
    api: ShopeeApi,
    server: ShopeeServer,
    changes: dict[str, Any],
    percent: Decimal | None,
    most: dict[str, Money],
    name: str,
) -> None:
    """Nobody reckons with more than Shopee gives: a percentage has its highest amount, coins reduce no price."""
    server.vouchers = [make_voucher("SHARE", discount_amount=None, min_basket_price=0, **changes)]
    promotion = await api.read_coupon("SHARE")
    assert promotion is not None
    assert (percent, most, {}, {}, name) == (
        promotion.percent,
        promotion.most_off,
        promotion.amount_off,
        promotion.min_spend,
        promotion.name["vi"],
    )


async def test_a_voucher_of_some_products_names_them(api: ShopeeApi, server: ShopeeServer) -> None:
    """By the SKUs that products have, fifty looked up at once; one that is gone is left out."""
    numbers = [PLAIN_ITEM + number for number in range(60)]
    server.vouchers = [make_voucher("SOME", voucher_type=2, item_id_list=[*numbers, MODELLED_ITEM, 12345])]
    promotion = await api.read_coupon("SOME")
    assert promotion is not None
    assert (*(f"TEE-{number}" for number in numbers), str(MODELLED_ITEM)) == promotion.skus


@pytest.mark.parametrize(("begin", "end"), [(DAY, 2 * DAY), (-3 * DAY, -2 * DAY)])
async def test_vouchers_before_and_after_their_time_are_known(
    api: ShopeeApi, server: ShopeeServer, begin: int, end: int
) -> None:
    """Behind more than a page of others."""
    times = {"start_time": NOW + begin, "end_time": NOW + end}
    server.vouchers = [make_voucher(f"OTHER{number}", **times) for number in range(130)] + [
        make_voucher("MINE", **times)
    ]
    promotion = await api.read_coupon("MINE")
    assert promotion is not None
    assert "MINE" == promotion.code


async def test_an_unknown_voucher_is_none(api: ShopeeApi, server: ShopeeServer) -> None:
    """Also where there are no vouchers at all, or nothing is asked for."""
    assert await api.read_coupon("NOPE") is None
    assert 3 == len(server.calls("get_voucher_list"))
    assert await api.read_coupon("  ") is None
    assert 3 == len(server.seen)


async def test_a_voucher_of_a_new_kind_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """Nothing is guessed."""
    server.vouchers = [make_voucher("NEW", reward_type=9)]
    with pytest.raises(ShopError, match=r"read_coupon: shopee: response\.reward_type is not in the specification"):
        await api.read_coupon("NEW")
