"""Webhooks.

https://shopify.dev/docs/apps/build/webhooks: the signature is the base64 of HMAC-SHA256 over the raw body with the app's
secret; it covers neither the headers, of which the topic is one, nor a time: a second delivery is known by its id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind

KINDS = {
    "products/create": NoticeKind.PRODUCT_CHANGED,
    "products/update": NoticeKind.PRODUCT_CHANGED,
    "products/delete": NoticeKind.PRODUCT_DELETED,
    "orders/updated": NoticeKind.ORDER_CHANGED,
    "orders/cancelled": NoticeKind.ORDER_CHANGED,
    "refunds/create": NoticeKind.ORDER_CHANGED,
    "returns/request": NoticeKind.RETURN_CHANGED,
    "returns/approve": NoticeKind.RETURN_CHANGED,
    "returns/decline": NoticeKind.RETURN_CHANGED,
    "returns/cancel": NoticeKind.RETURN_CHANGED,
    "returns/close": NoticeKind.RETURN_CHANGED,
    "app/uninstalled": NoticeKind.DEAUTHORISED,
}
REFERENCES = {"refunds/create": "order_id"}  # elsewhere "id"


def read_notice(headers: Mapping[str, str], body: bytes, secret: str, store: str) -> Notice:
    """Read a webhook of ``store`` (its myshopify.com name)."""
    given = headers.get("x-shopify-hmac-sha256", "")
    if not given:
        raise ForgedNoticeError("x-shopify-hmac-sha256 is missing")
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    if not hmac.compare_digest(expected, given.encode()):
        raise ForgedNoticeError("x-shopify-hmac-sha256 is wrong")
    if headers.get("x-shopify-shop-domain", store).lower() != store:
        raise MalformedNoticeError("x-shopify-shop-domain names another store")
    topic = headers.get("x-shopify-topic", "")
    if not topic:
        raise MalformedNoticeError("x-shopify-topic is missing")
    kind = KINDS.get(topic, NoticeKind.UNKNOWN)
    reference = "" if kind in (NoticeKind.UNKNOWN, NoticeKind.DEAUTHORISED) else _read_reference(topic, body)
    return Notice(kind, reference, headers.get("x-shopify-webhook-id", ""), topic)


def _read_reference(topic: str, body: bytes) -> str:
    name = REFERENCES.get(topic, "id")
    try:
        content = json.loads(body)
    except ValueError as error:
        raise MalformedNoticeError("the body is no JSON") from error
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedNoticeError(f"{name} is no number")
    return str(value)
