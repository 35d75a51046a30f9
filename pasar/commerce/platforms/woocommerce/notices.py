"""WooCommerce's webhooks: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks .

The signature is of the body alone and holds for ever; a second delivery is known by its id. The header of that id is
``X-WC-Webhook-Delivery-ID`` in WooCommerce's code (``includes/class-wc-webhook.php``) and ``X-WC-Delivery-ID`` in its
documentation: either is read. The first call of a new webhook is a ping without signature, ``webhook_id=<number>``,
which must be answered by 200; it is recorded and nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind

KINDS = {
    "product.created": NoticeKind.PRODUCT_CHANGED,
    "product.updated": NoticeKind.PRODUCT_CHANGED,
    "product.restored": NoticeKind.PRODUCT_CHANGED,
    "product.deleted": NoticeKind.PRODUCT_DELETED,
    "order.created": NoticeKind.ORDER_CHANGED,
    "order.updated": NoticeKind.ORDER_CHANGED,
    "order.restored": NoticeKind.ORDER_CHANGED,
    "order.deleted": NoticeKind.ORDER_CHANGED,
}
PING = re.compile(rb"webhook_id=[0-9]{1,20}")


def read_notice(headers: Mapping[str, str], body: bytes, secret: str) -> Notice:
    """The webhook, if it was signed with ``secret``."""
    signature = headers.get("x-wc-webhook-signature", "")
    if not signature and PING.fullmatch(body):
        return Notice(NoticeKind.UNKNOWN, "", "", "ping")
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    if not secret or not hmac.compare_digest(expected, signature.encode(errors="replace")):
        raise ForgedNoticeError("x-wc-webhook-signature is missing or wrong")
    topic = headers.get("x-wc-webhook-topic", "")
    notice_id = headers.get("x-wc-webhook-delivery-id") or headers.get("x-wc-delivery-id", "")
    kind = KINDS.get(topic, NoticeKind.UNKNOWN)
    reference = "" if kind is NoticeKind.UNKNOWN else _read_reference(body)
    return Notice(kind, reference, notice_id, topic)


def _read_reference(body: bytes) -> str:
    """The id of the product or order; a variation leads to its product."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedNoticeError("the body is no JSON") from error
    if not isinstance(payload, dict):
        raise MalformedNoticeError("the body is no object")
    name = "parent_id" if payload.get("type") == "variation" else "id"
    # What was deleted may be told by its number as a text.
    number = payload.get(name)
    if type(number) not in (int, str) or not re.fullmatch("[1-9][0-9]{0,19}", str(number)):
        raise MalformedNoticeError(f"{name} is no number")
    return str(number)
