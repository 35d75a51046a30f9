"""Lazada's webhooks, which it calls push messages.

https://open.lazada.com/apps/doc/doc?nodeId=29524&docId=120168 (signature, retries) and docId=120196 (orders), 120197
(products), 120205 (quality control), 120208 (the token ends within 48 hours), 120211 (fulfilment), 120232 (returns).

They have no id of their own. The signature holds no time, a message is sent again for six hours, and the unit of its
``timestamp`` is now seconds, now milliseconds: its age is not checked. Stock that runs short (6) names a SKU and no
product, so it is only recorded, as are chats (2, 19), reviews (21) and all else.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.signature import sign_notice

#: By ``message_type``: what it is, and the field of ``data`` that names of what; "" where it is of the shop.
KINDS = {
    "0": (NoticeKind.ORDER_CHANGED, "trade_order_id"),
    "1": (NoticeKind.PRODUCT_CHANGED, "itemId"),
    "3": (NoticeKind.PRODUCT_CHANGED, "item_id"),
    "4": (NoticeKind.PRODUCT_CHANGED, "item_id"),
    "5": (NoticeKind.PRODUCT_DELETED, "item_id"),
    "8": (NoticeKind.DEAUTHORISED, ""),
    "10": (NoticeKind.RETURN_CHANGED, "reverse_order_id"),
    "14": (NoticeKind.ORDER_CHANGED, "trade_order_id"),
}
#: Type 5 also tells of SKUs taken out of a product that stays.
_SKU_DELETED = "EDITED_DELETED"


def read_notice(headers: Mapping[str, str], body: bytes, app_key: str, app_secret: str) -> Notice:
    """What a webhook tells; ForgedNoticeError, MalformedNoticeError."""
    given = headers.get("authorization", "")
    if not given:
        raise ForgedNoticeError("authorization is missing")
    if not hmac.compare_digest(given.encode(errors="replace"), sign_notice(app_key, app_secret, body).encode()):
        raise ForgedNoticeError("authorization is wrong")
    try:
        return _read_message(Record(json.loads(body), "body"))
    except FieldError as error:
        raise MalformedNoticeError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise MalformedNoticeError("body is no JSON") from error


def _read_message(message: Record) -> Notice:
    raw_kind = message.need_text("message_type")
    kind, name = KINDS.get(raw_kind, (NoticeKind.UNKNOWN, ""))
    data = message.get_record("data") if name else message
    if kind is NoticeKind.PRODUCT_DELETED and _SKU_DELETED in (data.read_text("action"), message.read_text("action")):
        kind = NoticeKind.PRODUCT_CHANGED
    return Notice(kind=kind, reference=data.need_text(name) if name else "", notice_id="", raw_kind=raw_kind)
