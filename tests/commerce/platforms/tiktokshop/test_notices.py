"""Webhooks, the published one among them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, NoticeKind
from pasar.commerce.platforms.tiktokshop.notices import read_notice, sign_notice
from pasar.commerce.platforms.tiktokshop.signing import App

APP = App("abcdef", "123")
THEIR_ID = "7495540735365777507"
#: From https://partner.tiktokshop.com/docv2/page/tts-webhooks-overview, with its digest below.
OFFICIAL_NOTICE = (
    b'{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,'
    b'"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}'
)


def test_the_published_signature_of_a_webhook() -> None:
    """And what the webhook says."""
    official = "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"
    assert official == sign_notice(APP, OFFICIAL_NOTICE)
    notice = read_notice(APP, THEIR_ID, {"authorization": official}, OFFICIAL_NOTICE)
    assert (NoticeKind.ORDER_CHANGED, "576653688135258178") == (notice.kind, notice.reference)
    assert ("7380066284010030890", "1") == (notice.notice_id, notice.raw_kind)


def read_signed(notice: object) -> Any:
    """Read a webhook whose signature is good."""
    body = json.dumps(notice).encode()
    return read_notice(APP, THEIR_ID, {"authorization": sign_notice(APP, body)}, body)


@pytest.mark.parametrize(
    ("topic", "data", "kind", "reference"),
    [
        (3, {"order_id": "576486316948490001"}, NoticeKind.ORDER_CHANGED, "576486316948490001"),
        (5, {"product_id": 576486316948490001}, NoticeKind.PRODUCT_CHANGED, "576486316948490001"),
        (6, {"message": "deauthorized"}, NoticeKind.DEAUTHORISED, ""),
        (7, {"message": "expiring", "expiration_time": "1627587506"}, NoticeKind.DEAUTHORISED, ""),
        (11, {"order_id": "1", "cancel_id": "2"}, NoticeKind.ORDER_CHANGED, "1"),
        (12, {"order_id": "1", "return_id": "2"}, NoticeKind.RETURN_CHANGED, "2"),
        (15, {"product_id": "123456789"}, NoticeKind.PRODUCT_CHANGED, "123456789"),
        (16, {"product_id": 576486316948490000}, NoticeKind.PRODUCT_CHANGED, "576486316948490000"),
        (
            27,
            {"product_id": "732357708734418520388", "sku_id": "7"},
            NoticeKind.PRODUCT_CHANGED,
            "732357708734418520388",
        ),
        (37, {"product_id": 789078671231}, NoticeKind.PRODUCT_CHANGED, "789078671231"),
        (4, {"package_list": []}, NoticeKind.UNKNOWN, ""),
        (14, {"conversation_id": "7"}, NoticeKind.UNKNOWN, ""),
        (9999, None, NoticeKind.UNKNOWN, ""),
    ],
)
def test_topics_of_webhooks(topic: int, data: object, kind: NoticeKind, reference: str) -> None:
    """Those that say something of orders, products, returns or our access; ids keep all their digits."""
    notice = read_signed({"type": topic, "tts_notification_id": "7", "shop_id": THEIR_ID, "data": data})
    assert (kind, reference, "7", str(topic)) == (notice.kind, notice.reference, notice.notice_id, notice.raw_kind)


def test_a_webhook_of_another_shop_of_the_app_is_not_ours() -> None:
    """Above all not its withdrawal."""
    notice = read_signed({"type": 6, "tts_notification_id": "7", "shop_id": "1", "data": {}})
    assert (NoticeKind.UNKNOWN, "6") == (notice.kind, notice.raw_kind)


@pytest.mark.parametrize(
    ("notice", "field"),
    [
        ({"type": 1, "shop_id": THEIR_ID}, "body.data"),
        ({"type": 1, "shop_id": THEIR_ID, "data": {}}, "body.data.order_id"),
        ({"type": 5, "shop_id": THEIR_ID, "data": {"product_id": [1]}}, "body.data.product_id"),
        ({"type": 1.5}, "body.type"),
        ({"shop_id": THEIR_ID}, "body.type"),
        ([], "body must be an object"),
    ],
)
def test_unreadable_webhooks_name_the_field(notice: object, field: str) -> None:
    """For whoever must find out what TikTok has changed."""
    with pytest.raises(MalformedNoticeError, match=field):
        read_signed(notice)


@pytest.mark.parametrize("given", ["", "Bearer ", "ü", " "])
def test_a_webhook_needs_the_bare_signature(given: str) -> None:
    """Nothing before, behind or instead of it."""
    signature = sign_notice(APP, OFFICIAL_NOTICE)
    for header in (given, given + signature if given else "x", signature[:-1], signature.upper()):
        with pytest.raises(ForgedNoticeError):
            read_notice(APP, THEIR_ID, {"authorization": header}, OFFICIAL_NOTICE)
