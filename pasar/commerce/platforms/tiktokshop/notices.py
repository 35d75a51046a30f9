"""TikTok Shop's webhooks.

https://partner.tiktokshop.com/docv2/page/tts-webhooks-overview (signature), and the topics' own pages.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tiktokshop.signing import App

#: By the topic's number: what it tells, and the field of ``data`` that names whose; "" where it is the shop's.
_TOPICS: Mapping[int, tuple[NoticeKind, str]] = {
    1: (NoticeKind.ORDER_CHANGED, "order_id"),  # order status
    3: (NoticeKind.ORDER_CHANGED, "order_id"),  # recipient's address
    5: (NoticeKind.PRODUCT_CHANGED, "product_id"),  # product status
    6: (NoticeKind.DEAUTHORISED, ""),  # the seller has withdrawn our access
    7: (NoticeKind.DEAUTHORISED, ""),  # our access ends within 30 days
    11: (NoticeKind.ORDER_CHANGED, "order_id"),  # cancellation
    12: (NoticeKind.RETURN_CHANGED, "return_id"),
    15: (NoticeKind.PRODUCT_CHANGED, "product_id"),  # what is said of a product on sale
    16: (NoticeKind.PRODUCT_CHANGED, "product_id"),  # a new product
    27: (NoticeKind.PRODUCT_CHANGED, "product_id"),  # stock is low or gone
    37: (NoticeKind.PRODUCT_CHANGED, "product_id"),  # TikTok's review of a product
}


def sign_notice(app: App, body: bytes) -> str:
    """The ``Authorization`` of a webhook, hex."""
    return hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()


def read_notice(app: App, shop_id: str, headers: Mapping[str, str], body: bytes) -> Notice:
    """Read a webhook of the shop that TikTok knows as ``shop_id``; one of another shop of the app is UNKNOWN."""
    given = headers.get("authorization", "")
    if not given:
        raise ForgedNoticeError("the header authorization is missing")
    if not hmac.compare_digest(sign_notice(app, body).encode(), given.encode()):
        raise ForgedNoticeError("the signature in authorization is wrong")
    try:
        notice = Record(json.loads(body), "body")
        topic = notice.find_number("type")
        if topic is None:
            raise notice.fail("type", "is missing")
        kind, field = _TOPICS.get(topic, (NoticeKind.UNKNOWN, ""))
        if notice.find_text("shop_id") != shop_id:
            kind, field = NoticeKind.UNKNOWN, ""
        return Notice(
            kind=kind,
            reference=notice.read_record("data").read_text(field) if field else "",
            notice_id=notice.find_text("tts_notification_id"),
            raw_kind=str(topic),
        )
    except FieldError as error:
        raise MalformedNoticeError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise MalformedNoticeError("body is no JSON") from error
