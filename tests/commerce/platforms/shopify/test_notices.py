"""Webhooks: whose they are, and what they tell."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.shopify.notices import read_notice

SECRET = "test_secret_key"
STORE = "example.myshopify.com"


def read(topic: str, body: bytes, **headers: str) -> Notice:
    """The notice of a webhook that Shopify has signed."""
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    signed = {
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": STORE,
        "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    }
    return read_notice({**signed, **headers}, body, SECRET, STORE)


def test_the_signature_is_that_of_shopifys_own_library() -> None:
    """Shopify/shopify-api-js@9dd92843, webhooks/__tests__/validate.test.ts: only the raw bytes verify."""
    body = b'{"foo": "bar"}'
    headers = {
        "x-shopify-hmac-sha256": "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=",
        "x-shopify-topic": "shop/update",
    }
    assert Notice(NoticeKind.UNKNOWN, "", "", "shop/update") == read_notice(headers, body, SECRET, STORE)
    with pytest.raises(ForgedNoticeError):
        read_notice(headers, b'{"foo":"bar"}', SECRET, STORE)
    with pytest.raises(ForgedNoticeError):
        read_notice(headers, body, "another secret", STORE)


@pytest.mark.parametrize(
    ("topic", "content", "kind", "reference"),
    [
        ("products/create", {"id": 1}, NoticeKind.PRODUCT_CHANGED, "1"),
        ("products/update", {"id": 788032119674292922}, NoticeKind.PRODUCT_CHANGED, "788032119674292922"),
        ("products/delete", {"id": 3}, NoticeKind.PRODUCT_DELETED, "3"),
        ("orders/updated", {"id": 4, "name": "#1001"}, NoticeKind.ORDER_CHANGED, "4"),
        ("orders/cancelled", {"id": 5}, NoticeKind.ORDER_CHANGED, "5"),
        ("refunds/create", {"id": 6, "order_id": 7}, NoticeKind.ORDER_CHANGED, "7"),
        ("returns/approve", {"id": 8}, NoticeKind.RETURN_CHANGED, "8"),
        ("app/uninstalled", {"id": 9}, NoticeKind.DEAUTHORISED, ""),
        ("carts/update", {"token": "x"}, NoticeKind.UNKNOWN, ""),
    ],
)
def test_what_a_topic_tells(topic: str, content: dict[str, Any], kind: NoticeKind, reference: str) -> None:
    notice = read(topic, json.dumps(content).encode())
    assert Notice(kind, reference, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", topic) == notice


@pytest.mark.parametrize("signature", ["", "x", "é", "A" * 44, "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g"])
def test_a_signature_that_is_none(signature: str) -> None:
    with pytest.raises(ForgedNoticeError):
        read("products/update", b'{"id": 1}', **{"x-shopify-hmac-sha256": signature})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "JSON"),
        (b"\xff", "JSON"),
        (b'{"id": "1"}', "id"),
        (b'{"id": true}', "id"),
        (b'{"id": null}', "id"),
        (b'{"id": 1.5}', "id"),
        (b"[1]", "id"),
    ],
)
def test_a_body_without_its_number(body: bytes, field: str) -> None:
    with pytest.raises(MalformedNoticeError, match=field):
        read("orders/updated", body)


def test_another_stores_webhook_is_not_this_ones() -> None:
    """One app's secret signs those of all stores."""
    with pytest.raises(MalformedNoticeError, match="x-shopify-shop-domain"):
        read("products/update", b'{"id": 1}', **{"x-shopify-shop-domain": "other.myshopify.com"})
    with pytest.raises(MalformedNoticeError, match="x-shopify-topic"):
        read("", b'{"id": 1}')
