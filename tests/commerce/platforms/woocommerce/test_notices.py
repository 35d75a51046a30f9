"""Webhooks of WooCommerce."""

from __future__ import annotations

import json

import pytest

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, NoticeKind
from tests.commerce.platforms.contract import NOW
from tests.commerce.platforms.woocommerce.samples import NOTICE_URL, sign_notice


@pytest.mark.parametrize(
    ("topic", "body", "kind", "reference"),
    [
        ("product.created", {"id": 7, "type": "simple"}, NoticeKind.PRODUCT_CHANGED, "7"),
        ("product.updated", {"id": 201, "type": "variation", "parent_id": 200}, NoticeKind.PRODUCT_CHANGED, "200"),
        ("product.deleted", {"id": "7"}, NoticeKind.PRODUCT_DELETED, "7"),
        ("order.updated", {"id": 727}, NoticeKind.ORDER_CHANGED, "727"),
        ("order.deleted", {"id": 727}, NoticeKind.ORDER_CHANGED, "727"),
        ("coupon.updated", {"id": 1}, NoticeKind.UNKNOWN, ""),
        ("action.woocommerce_add_to_cart", {"action": "x", "arg": "y"}, NoticeKind.UNKNOWN, ""),
    ],
)
def test_topics_lead_to_what_changed(api, topic, body, kind, reference):
    raw = json.dumps(body).encode()
    notice = api.read_notice({**sign_notice(raw), "x-wc-webhook-topic": topic}, raw, NOTICE_URL, NOW)
    assert (kind, reference, "4a5b", topic) == (notice.kind, notice.reference, notice.notice_id, notice.raw_kind)


def test_the_signature_is_that_of_openssl(api):
    """printf '{"id":93}' | openssl dgst -sha256 -hmac whisper -binary | base64; the id's other header is read, too."""
    headers = {
        "x-wc-webhook-signature": "FVenWVNr+AAmd9pYTi4C7fOV61zrfk0FHjwvvxQ4h9w=",
        "x-wc-webhook-topic": "order.created",
        "x-wc-delivery-id": "77",
    }
    notice = api.read_notice(headers, b'{"id":93}', NOTICE_URL, NOW)
    assert ("93", "77") == (notice.reference, notice.notice_id)


def test_the_first_ping_is_taken_for_what_it_is(api):
    """It has no signature, does nothing, and must be answered, or the seller's webhook is not made."""
    notice = api.read_notice({}, b"webhook_id=142", NOTICE_URL, NOW)
    assert (NoticeKind.UNKNOWN, "", "ping") == (notice.kind, notice.reference, notice.raw_kind)
    with pytest.raises(ForgedNoticeError):
        api.read_notice({}, b"webhook_id=142&id=7", NOTICE_URL, NOW)


@pytest.mark.parametrize("body", [b"[" * 9000, b'{"id": 0}', b'{"id": true}', b'{"id": "7x"}', b'{"id": 7.0}'])
def test_a_signed_notice_of_nothing_is_malformed(api, body):
    with pytest.raises(MalformedNoticeError):
        api.read_notice(sign_notice(body), body, NOTICE_URL, NOW)
