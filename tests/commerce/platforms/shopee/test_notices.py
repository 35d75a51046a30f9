"""Shopee's pushes, with the bodies that https://open.shopee.com/push-mechanism/1 and its neighbours show."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from typing import Any

import pytest

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.shopee import ShopeeApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopee_samples import SHOP
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY

URL = "https://pasar.example/shops/callback"
NOW = datetime.datetime.now(datetime.timezone.utc)


def open_api(shop_id: int) -> ShopeeApi:
    """The module for the shop that a sample is about."""
    keys = {"partner_id": str(PARTNER_ID), "partner_key": PARTNER_KEY, "shop_id": str(shop_id)}
    return ShopeeApi.open(SHOP, keys, MemoryTokens())


def sign(body: bytes, url: str = URL, key: str = PARTNER_KEY) -> dict[str, str]:
    """The header, by the words of the guide: URL, a bar, the body; HMAC-SHA256; hex."""
    return {"authorization": hmac.new(key.encode(), url.encode() + b"|" + body, hashlib.sha256).hexdigest()}


def read(shop_id: int, body: bytes) -> Notice:
    """What the module makes of a push that is signed well."""
    return open_api(shop_id).read_notice(sign(body), body, URL, NOW)


PUSHES = [
    (
        727720655,
        (
            '{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"",'
            '"update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}'
        ),
        (NoticeKind.ORDER_CHANGED, "220810QSK8S7BX", "order_status_push"),
    ),
    (
        296363855,
        (
            '{"data":{"ordersn":"220809MDBFYFT2","forder_id":"4965804244309504855","package_number":"OFG113701539238152",'
            '"tracking_no":"BR222263688572VSPXLM71894"},"shop_id":296363855,"code":4,"timestamp":1660123089}'
        ),
        (NoticeKind.ORDER_CHANGED, "220809MDBFYFT2", "order_trackingno_push"),
    ),
    (
        727720655,
        (
            '{"data":{"ordersn":"250421TPSF33R6","package_number":"OFG198917831207390",'
            '"fulfillment_status":"LOGISTICS_REQUEST_CREATED","update_time":1660123127},'
            '"shop_id":727720655,"code":30,"timestamp":1660123127}'
        ),
        (NoticeKind.ORDER_CHANGED, "250421TPSF33R6", "package_fulfillment_status_push"),
    ),
    (
        220688102,
        (
            '{"data":{"changed_fields":["ship_by_date"],"old":{"ship_by_date":1764573365},"new":{"ship_by_date":1764746165},'
            '"order_sn":"2512017TFPB0HF","package_number":"OFG218268963204539","update_time":1764569831},'
            '"shop_id":220688102,"code":47,"timestamp":1764569832}'
        ),
        (NoticeKind.ORDER_CHANGED, "2512017TFPB0HF", "package_info_push"),
    ),
    (
        220004993,
        (
            '{"data":{"order_sn":"241128EDQ9YKJ0","return_sn":"2411280EDT4JRV5","updated_values":[{"update_field":'
            '"return_status","old_value":"JUDGING","new_value":"PROCESSING","update_time":1732796767}]},'
            '"shop_id":220004993,"code":29,"timestamp":1732796767}'
        ),
        (NoticeKind.RETURN_CHANGED, "241128EDQ9YKJ0", "return_updates_push"),
    ),
    (
        46641242,
        (
            '{"data":{"shop_id":46641242,"item_id":14946910660,"variation_id":58301485734,"promotion_type":"flash_sale",'
            '"promotion_id":669260829761778,"action":"promo_lock_stock","update_time":1660123421,"reserved_stock":100},'
            '"shop_id":46641242,"code":7,"timestamp":1660123421}'
        ),
        (NoticeKind.PRODUCT_CHANGED, "14946910660", "item_promotion_push"),
    ),
    (
        1274495,
        (
            '{"data":{"shop_id":1274495,"item_id":18614185187,"variation_id":87912785718,"changed_values":[{"name":'
            '"reserved_stock","old":4951,"new":4950}],"action":"place_order","ordersn":"220810QXVJM3EX",'
            '"update_time":1660124246},"shop_id":1274495,"code":8,"timestamp":1660124246}'
        ),
        (NoticeKind.PRODUCT_CHANGED, "18614185187", "reserved_stock_change_push"),
    ),
    (
        127449165,
        (
            '{"data":{"item_id":1861418518,"model_id":8791278571,"update_field":"original_price","old_value":119.99,'
            '"new_value":99.99,"update_time":1660124246},"shop_id":127449165,"code":22,"timestamp":1660124246}'
        ),
        (NoticeKind.PRODUCT_CHANGED, "1861418518", "item_price_update_push"),
    ),
    (
        602228340,
        (
            '{"data":{"item_id":3903127451,"item_name":"x","item_status":"BANNED","deboost":false},'
            '"shop_id":602228340,"code":16,"timestamp":1705055481}'
        ),
        (NoticeKind.PRODUCT_DELETED, "3903127451", "violation_item_push"),
    ),
    (
        602228340,
        (
            '{"data":{"item_id":3903127452,"item_name":"x","item_status":"SHOPEE_DELETE","deboost":false},'
            '"shop_id":602228340,"code":16,"timestamp":1699428593}'
        ),
        (NoticeKind.PRODUCT_DELETED, "3903127452", "violation_item_push"),
    ),
    (
        605748501,
        (
            '{"data":{"item_id":3603542555,"item_name":"x","item_status":"NORMAL","deboost":true},'
            '"shop_id":605748501,"code":16,"timestamp":1704943027}'
        ),
        (NoticeKind.PRODUCT_CHANGED, "3603542555", "violation_item_push"),
    ),
    (
        22000000,
        (
            '{"data":{"authorize_type":"user cancel shop authorization","success":1,'
            '"extra":"shop id 22000000 (VN) has been cancelled its authorization"},'
            '"code":2,"partner_id":800000,"timestamp":1653394175}'
        ),
        (NoticeKind.DEAUTHORISED, "", "shop_authorization_canceled_push"),
    ),
    (
        22000000,
        (
            '{"data":{"authorize_type":"expiry","shopid":22000000,"success":1,"extra":"The authorization is expired."},'
            '"code":2,"partner_id":800000,"timestamp":1653026985}'
        ),
        (NoticeKind.DEAUTHORISED, "", "shop_authorization_canceled_push"),
    ),
    (
        60000001,
        (
            '{"data":{"authorize_type":"x","shop_id_list":[6000000,60000001],"main_account_id":19000,"success":1},'
            '"code":2,"partner_id":800000,"timestamp":1653026849}'
        ),
        (NoticeKind.DEAUTHORISED, "", "shop_authorization_canceled_push"),
    ),
    (
        243242,
        (
            '{"code":12,"timestamp":1568606634,"data":{"merchant_expire_soon":[123123,4342],"shop_expire_soon":'
            '[23213,243242,42342345656],"expire_before":1619740800,"page_no":1,"total_page":2}}'
        ),
        (NoticeKind.DEAUTHORISED, "", "open_api_authorization_expiry"),
    ),
]


@pytest.mark.parametrize(("shop_id", "body", "notice"), PUSHES)
def test_a_push_is_what_its_page_says(shop_id: int, body: str, notice: tuple[NoticeKind, str, str]) -> None:
    """Code, and the order, product or shop that it is about."""
    read_notice = read(shop_id, body.encode())
    assert notice == (read_notice.kind, read_notice.reference, read_notice.raw_kind)


@pytest.mark.parametrize(("body", "kind"), [(body, notice[2]) for _, body, notice in PUSHES])
def test_a_push_about_another_shop_changes_nothing_here(body: str, kind: str) -> None:
    """All shops of an app share a callback and a key."""
    notice = read(99, body.encode())
    assert (NoticeKind.UNKNOWN, "", kind) == (notice.kind, notice.reference, notice.raw_kind)


def test_another_shop_in_the_words_is_no_withdrawal() -> None:
    """Fields go before words: this is about shop 22000000 and names a main account in words."""
    data = {"authorize_type": "x", "shopid": 22000000, "extra": "disconnected from the main seller account (ID:30000)"}
    body = json.dumps({"code": 2, "data": data}).encode()
    assert NoticeKind.UNKNOWN is read(30000, body).kind
    assert (
        NoticeKind.UNKNOWN is read(2200, b'{"code":2,"data":{"extra":"shop id 22000000 (VN) has been cancelled"}}').kind
    )


@pytest.mark.parametrize("code", [0, 1, 5, 6, 9, 10, 11, 13, 15, 28, 4711])
def test_other_pushes_are_unknown(code: int) -> None:
    """They are recorded by their code; an id they have is kept."""
    body = json.dumps({"code": code, "shop_id": 5, "msg_id": "m1", "data": {"item_id": 1}}).encode()
    assert Notice(NoticeKind.UNKNOWN, "", "m1", str(code)) == read(5, body)


def test_numbers_may_come_as_texts() -> None:
    """As in Shopee's test pushes."""
    body = b'{"code":"3","shop_id":"5","timestamp":"1739352263","data":{"ordersn":"220810QSK8S7BX"}}'
    assert (NoticeKind.ORDER_CHANGED, "220810QSK8S7BX") == (read(5, body).kind, read(5, body).reference)


def test_an_item_of_64_bits_stays_whole() -> None:
    """And one that was sent as a float is refused."""
    body = b'{"code":22,"shop_id":5,"data":{"item_id":9223372036854775807}}'
    assert "9223372036854775807" == read(5, body).reference
    with pytest.raises(MalformedNoticeError, match="item_id"):
        read(5, body.replace(b"9223372036854775807", b"9.2e18"))


def test_the_callbacks_address_is_part_of_the_signature() -> None:
    """As it was registered, with scheme and path; and so is every byte of the body."""
    body = '{"code":3,"shop_id":5,"data":{"ordersn":"A1","x":"ấ"}}'.encode()
    api = open_api(5)
    assert NoticeKind.ORDER_CHANGED is api.read_notice(sign(body), body, URL, NOW).kind
    forged: list[tuple[dict[str, str], bytes]] = [
        (sign(body, URL + "/"), body),
        (sign(body, URL.replace("https", "http")), body),
        (sign(body, key="other"), body),
        (sign(body), body.replace(b"A1", b"A2")),
        ({"authorization": hmac.new(PARTNER_KEY.encode(), body, hashlib.sha256).hexdigest()}, body),
        ({"authorization": sign(body)["authorization"].upper()}, body),
        ({"authorization": "\udce9"}, body),
        ({"authorization": ""}, body),
        ({}, body),
    ]
    for headers, sent in forged:
        with pytest.raises(ForgedNoticeError) as caught:
            api.read_notice(headers, sent, URL, NOW)
        assert str(caught.value) in ("authorization is missing", "authorization is wrong")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "body is no JSON"),
        (b"\xff\xfe", "body is no JSON"),
        (b"[" * 100_000, "body is no JSON"),
        (b"[]", "body is not an object"),
        (b"null", "body is missing"),
        (b"{}", "body.code is missing"),
        (b'{"code": 3.0}', "body.code is no whole number"),
        (b'{"code": -3}', "body.code is no id"),
        (b'{"code": 3, "data": {}}', "body.shop_id is missing"),
        (b'{"code": 3, "shop_id": 5}', "body.data is missing"),
        (b'{"code": 3, "shop_id": 5, "data": {"ordersn": 7}}', "body.data.ordersn is not a text"),
        (b'{"code": 3, "shop_id": 5, "data": {"ordersn": ""}}', "body.data.ordersn is empty"),
        (b'{"code": 16, "shop_id": 5, "data": {"item_id": 7}}', "body.data.item_status is missing"),
        (b'{"code": 12, "data": {"shop_expire_soon": 5}}', "body.data.shop_expire_soon is not a list"),
        (b'{"code": 2, "data": {"shop_id": "x"}}', "body.data.shop_id is no whole number"),
    ],
)
def test_an_unreadable_push_names_its_field(body: bytes, problem: str) -> None:
    """Signed or not."""
    with pytest.raises(MalformedNoticeError, match=problem.replace(".", r"\.")):
        read(5, body)


async def test_reading_a_push_needs_no_connection() -> None:
    """There is no Shopee at this address."""
    api: Any = open_api(5)
    assert NoticeKind.UNKNOWN is api.read_notice(sign(b'{"code":0}'), b'{"code":0}', URL, NOW).kind
    await api.close()
