"""Shopee's webhooks, which it calls pushes.

Sources: https://open.shopee.com/developer-guide/18 (signature), https://open.shopee.com/push-mechanism/1 and its
neighbours (codes and bodies). A push carries no id of its own, comes in no order and maybe twice; it has no date that
the specification says to check. Answer it with 2xx and an empty body within three seconds; else it comes again after
5 min, 30 min and 3 h.

An app has one callback for all its shops: a push about another shop is UNKNOWN here. Apps of the type Customer Service
get those of orders' states (3) and returns (29), but none of products; nothing tells of a product's name or plain stock.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence

from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.shopee.fields import Field, FieldError
from pasar.commerce.platforms.shopee.settings import Account

_NAMES = {
    2: "shop_authorization_canceled_push",
    3: "order_status_push",
    4: "order_trackingno_push",
    7: "item_promotion_push",
    8: "reserved_stock_change_push",
    12: "open_api_authorization_expiry",
    16: "violation_item_push",
    22: "item_price_update_push",
    29: "return_updates_push",
    30: "package_fulfillment_status_push",
    47: "package_info_push",
}
#: Code → what has changed, and the field of ``data`` that names it.
_REFERENCES = {
    3: (NoticeKind.ORDER_CHANGED, "ordersn"),
    4: (NoticeKind.ORDER_CHANGED, "ordersn"),
    30: (NoticeKind.ORDER_CHANGED, "ordersn"),
    47: (NoticeKind.ORDER_CHANGED, "order_sn"),
    # The order it belongs to, not the return: that is what can be read again.
    29: (NoticeKind.RETURN_CHANGED, "order_sn"),
    7: (NoticeKind.PRODUCT_CHANGED, "item_id"),
    8: (NoticeKind.PRODUCT_CHANGED, "item_id"),
    16: (NoticeKind.PRODUCT_CHANGED, "item_id"),
    22: (NoticeKind.PRODUCT_CHANGED, "item_id"),
}
_GONE = frozenset({"BANNED", "SHOPEE_DELETE"})


def read_notice(headers: Mapping[str, str], body: bytes, url: str, account: Account) -> Notice:
    """As :meth:`pasar.commerce.platforms.api.PlatformApi.read_notice` promises."""
    _check_signature(headers.get("authorization", ""), body, url, account.partner_key)
    try:
        push = Field("body", json.loads(body))
        code = _read_code(push["code"])
        kind, reference = _find_subject(code, push, account.shop_id)
        return Notice(kind, reference, push["msg_id"].text(""), _NAMES.get(code, str(code)))
    except FieldError as error:
        raise MalformedNoticeError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise MalformedNoticeError("body is no JSON") from error


def _check_signature(given: str, body: bytes, url: str, partner_key: str) -> None:
    if not given:
        raise ForgedNoticeError("authorization is missing")
    wanted = sign_push(partner_key, url, body)
    if not hmac.compare_digest(wanted.encode(), given.encode(errors="replace")):
        raise ForgedNoticeError("authorization is wrong")


def sign_push(partner_key: str, url: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the callback's address as registered, a bar, and the raw body."""
    return hmac.new(partner_key.encode(), url.encode() + b"|" + body, "sha256").hexdigest()


def _read_code(code: Field) -> int:
    # Test pushes send it as a text.
    return int(code.identifier())


def _find_subject(code: int, push: Field, shop_id: int) -> tuple[NoticeKind, str]:
    data = push["data"]
    if code in (2, 12):
        mine = shop_id in _list_shops(code, data)
        return (NoticeKind.DEAUTHORISED if mine else NoticeKind.UNKNOWN), ""
    if code not in _REFERENCES or push["shop_id"].identifier() != str(shop_id):
        return NoticeKind.UNKNOWN, ""
    kind, name = _REFERENCES[code]
    if code == 16 and data["item_status"].text() in _GONE:
        kind = NoticeKind.PRODUCT_DELETED
    return kind, data[name].identifier() if name == "item_id" else data[name].text()


def _list_shops(code: int, data: Field) -> Sequence[int]:
    """The shops that a push about the whole app names. A seller's own withdrawal names its shop in words only."""
    named = [*data["shop_expire_soon" if code == 12 else "shop_id_list"].items()]
    named += [data[name] for name in ("shop_id", "shopid") if data[name]]
    if not named:
        return [int(digits) for digits in re.findall(r"\d{1,20}", data["extra"].text(""))]
    return [int(shop.identifier()) for shop in named]
