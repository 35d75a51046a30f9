"""Records of TikTok Shop that are not as documented."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from pasar.commerce.platforms.api import MalformedNoticeError
from pasar.commerce.platforms.tiktokshop import aftersales, coupons, orders, products
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tiktokshop.notices import read_notice, sign_notice
from pasar.commerce.platforms.tiktokshop.signing import App
from tests.commerce.platforms.tiktokshop.samples import make_coupon, make_market, make_order, make_product, read_order
from tests.commerce.platforms.tiktokshop.server import APP_KEY, APP_SECRET, SHOP_ID

WEIRD: tuple[Any, ...] = (None, "", "x", -1, 10**30, 1.5, True, [], [None], ["x"], {}, {"x": 1}, "9" * 19)


def list_spoilt(value: Any) -> Iterator[Any]:
    """The record with each of its fields spoilt in turn, down to the last one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            for spoilt in (*WEIRD, *list_spoilt(inner)):
                yield {**value, name: spoilt}
            yield {other: kept for other, kept in value.items() if other != name}
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            for spoilt in (*WEIRD, *list_spoilt(inner)):
                yield [*value[:number], spoilt, *value[number + 1 :]]


@pytest.mark.parametrize("kind", ["order", "product", "coupon", "return", "notice"])
def test_whatever_is_spoilt_is_read_or_told_with_its_field(kind: str) -> None:
    """No other error comes out of a record, and it never holds the value."""
    market = make_market()
    sample, read = {
        "order": (make_order(), lambda value: orders.read_order(Record(value), market)),
        "product": (make_product(), lambda value: products.read_product(Record(value), market)),
        "coupon": (make_coupon(), lambda value: coupons.read_coupon(Record(value), market)),
        "return": (
            {"return_status": "AWAITING_BUYER_SHIP", "return_id": "4", "create_time": 5, "update_time": 6}
            | {"refund_amount": {"currency": "IDR", "refund_total": "1"}, "return_line_items": [{"id": "1"}]},
            lambda value: (
                aftersales.find_return([Record(value)]),
                aftersales.add_refund(read_order(), [Record(value)], market),
            ),
        ),
        "notice": ({"type": 1, "shop_id": SHOP_ID, "tts_notification_id": "7", "data": {"order_id": "1"}}, read_signed),
    }[kind]
    told: list[str] = []
    for value in list_spoilt(copy.deepcopy(sample)):
        try:
            read(value)
        except (FieldError, MalformedNoticeError) as error:
            told.append(str(error))
    assert told
    assert not [words for words in told if "9" * 19 in words]


def read_signed(notice: object) -> Any:
    """Read a webhook whose signature is good."""
    body = json.dumps(notice).encode()
    return read_notice(
        App(APP_KEY, APP_SECRET), SHOP_ID, {"authorization": sign_notice(App(APP_KEY, APP_SECRET), body)}, body
    )
