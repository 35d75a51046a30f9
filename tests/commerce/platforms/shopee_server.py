"""Shopee's Open Platform v2 on this machine.

Built from the reference of each call on https://open.shopee.com/documents/v2 (parameters, limits, lists of errors,
samples of answers), the guides "API calls" (16) and "Authorization and Authentication" (20). It checks signature,
timestamp and token of every call as Shopee does, hands out tokens whose refresh tokens work once, and sends only the
optional fields that were asked for.

Not covered: rate limits, IP lists, merchants' calls, masking by market, orders of Shopee's own warehouses, and how long
Shopee takes to see a change. With which HTTP status Shopee sends errors is not in the specification: ``error_status``.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.commerce.platforms.server import PlatformServer

PARTNER_ID = 2001887
PARTNER_KEY = "6e6f74206f662061207265616c20617070"
SHOP_ID = 14701711
WINDOW = 15 * 86400
DEFAULT_FIELDS = {
    "order_sn", "region", "currency", "cod", "order_status", "message_to_seller", "create_time", "update_time",
    "days_to_ship", "ship_by_date", "booking_sn", "advance_package",
}  # fmt: skip
CANCEL_REASONS = {"OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA", "COD_NOT_SUPPORTED"}


class Refusal(Exception):
    """An error as the lists of errors have it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


class ShopeeServer(PlatformServer):
    """One shop; tests change what is in it."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.tracking: dict[str, dict[str, Any]] = {}  #: by package number, or by order number where there is none
        self.returns: list[dict[str, Any]] = []
        self.items: dict[int, dict[str, Any]] = {}
        self.models: dict[int, dict[str, Any]] = {}
        self.vouchers: list[dict[str, Any]] = []
        self.access: dict[str, float] = {}  #: access token → when it ends
        self.refresh: dict[str, bool] = {}  #: refresh token → whether it works still
        self.renewals = 0
        self.answers: dict[str, list[tuple[str, str]]] = {}  #: path → errors answered to the next calls
        self.clock = 0.0  #: seconds by which Shopee's clock is ahead
        self.error_status = 200
        self.cancels_at_once = True
        self._numbers = itertools.count(1)
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        shop_calls: dict[str, Callable[[Any], Any]] = {
            "order/get_order_detail": self.get_order_detail,
            "order/get_order_list": self.get_order_list,
            "logistics/get_tracking_number": self.get_tracking_number,
            "logistics/get_tracking_info": self.get_tracking_info,
            "returns/get_return_list": self.get_return_list,
            "product/get_item_list": self.get_item_list,
            "product/get_item_base_info": self.get_item_base_info,
            "product/get_model_list": self.get_model_list,
            "voucher/get_voucher_list": self.get_voucher_list,
            "voucher/get_voucher": self.get_voucher,
        }
        for path, call in shop_calls.items():
            router.add_get(f"/api/v2/{path}", self._answer(call, shop=True))
        router.add_post("/api/v2/order/cancel_order", self._answer(self.cancel_order, shop=True))
        router.add_post("/api/v2/auth/access_token/get", self._answer(self.renew, shop=False))

    def issue(self, seconds: float = 14400) -> tuple[str, str]:
        """A new pair of tokens."""
        number = next(self._numbers)
        access, refresh = f"{number:032x}", f"{number + 4096:032x}"
        self.access[access], self.refresh[refresh] = time.time() + seconds, True
        return access, refresh

    def refuse_next(self, path: str, code: str, message: str) -> None:
        """Answer the next call of ``path`` with an error in the envelope."""
        self.answers.setdefault(path, []).append((code, message))

    def _answer(self, call: Callable[[Any], Any], *, shop: bool) -> Any:
        async def handle(request: web.Request) -> web.Response:
            envelope = {"error": "", "message": "", "request_id": f"{next(self._numbers):032x}"}
            try:
                self._check(request, shop=shop)
                if planned := self.answers.get(request.path.removeprefix("/api/v2/")):
                    raise Refusal(*planned.pop(0))
                answer = call(await request.json() if request.method == "POST" else dict(request.query))
            except Refusal as refusal:
                envelope |= {"error": refusal.code, "message": refusal.message}
                return web.json_response(envelope, status=self.error_status)
            return web.json_response(envelope | (answer if not shop else {"response": answer, "warning": ""}))

        return handle

    def _check(self, request: web.Request, *, shop: bool) -> None:
        query = request.query
        for name in ("partner_id", "timestamp", "sign", *(("access_token", "shop_id") if shop else ())):
            if name not in query:
                raise Refusal("error_param", f"There is no {name} in query.")
        if query["partner_id"] != str(PARTNER_ID):
            raise Refusal("error_param", "Invalid partner_id.")
        if abs(time.time() + self.clock - int(query["timestamp"])) > 300:
            raise Refusal("error_param", "Timestamp is expired.")
        base = query["partner_id"] + request.path + query["timestamp"]
        base += query["access_token"] + query["shop_id"] if shop else ""
        if hmac.new(PARTNER_KEY.encode(), base.encode(), hashlib.sha256).hexdigest() != query["sign"]:
            self.forged += 1
            raise Refusal("error_sign", "Wrong sign.")
        if shop and query["shop_id"] != str(SHOP_ID):
            raise Refusal("error_auth", "Invalid partner_id or shopid.")
        if shop and self.access.get(query["access_token"], 0) < time.time():
            raise Refusal("invalid_acceess_token", "Invalid access_token, please have a check.")

    def renew(self, body: Any) -> Any:
        if body["partner_id"] != PARTNER_ID or body["shop_id"] != SHOP_ID:
            raise Refusal("shop_no_linked", "Partner and shop has no linked.")
        if not self.refresh.pop(body["refresh_token"], False):
            raise Refusal(
                "error_shop_refresh_token", "Your refresh token is error ,please check refresh token or shopid."
            )
        self.renewals += 1
        for token in self.access:  # the old one is good for five minutes more
            self.access[token] = min(self.access[token], time.time() + 300)
        access, refresh = self.issue()
        return {
            "partner_id": PARTNER_ID,
            "shop_id": SHOP_ID,
            "access_token": access,
            "refresh_token": refresh,
            "expire_in": 14400,
        }

    def get_order_detail(self, query: Any) -> Any:
        numbers = query["order_sn_list"].split(",")
        if not 1 <= len(numbers) <= 50:
            raise Refusal("error_param", "Wrong parameters, detail: order_sn_list.")
        if not set(numbers) <= self.orders.keys():
            raise Refusal("error_not_found", "Wrong parameters, detail: the order is not found.")
        asked = DEFAULT_FIELDS | set(query.get("response_optional_fields", "").split(","))
        asked |= {"edt_from", "edt_to"} if "edt" in asked else set()
        return {"order_list": [{k: v for k, v in self.orders[n].items() if k in asked} for n in numbers]}

    def get_order_list(self, query: Any) -> Any:
        begin, end = _span(query, "time_from", "time_to")
        if begin is None or not begin < end <= begin + WINDOW:
            raise Refusal(
                "order.order_list_invalid_time", "Start time must be earlier than end time and diff in 15days."
            )
        listed = [o for o in self.orders.values() if begin <= o[query["time_range_field"]] <= end]
        page, more, following = _page(listed, int(query["cursor"] or "0"), _size(query))
        return {
            "more": more,
            "next_cursor": str(following) if more else "",
            "order_list": [{"order_sn": order["order_sn"]} for order in page],
        }

    def get_tracking_number(self, query: Any) -> Any:
        return {"tracking_number": self._find_tracking(query)["tracking_number"]}

    def get_tracking_info(self, query: Any) -> Any:
        found = self._find_tracking(query)
        return {
            "order_sn": query["order_sn"],
            "package_number": query.get("package_number", ""),
            "logistics_status": found["logistics_status"],
            "tracking_info": found["tracking_info"],
        }

    def _find_tracking(self, query: Any) -> Any:
        order = self.orders.get(query["order_sn"])
        if order is None:
            raise Refusal("logistics.invalid_error", "The order is not exist.")
        if query.get("package_number") == "":
            raise Refusal("error_param", "Wrong parameters, detail: package_number.")
        if "package_number" not in query and len(order["package_list"]) > 1:
            raise Refusal(
                "logistics.package_number_not_exist", "Please request with package_number for this split order."
            )
        key = query.get("package_number") or query["order_sn"]
        if key not in self.tracking:
            raise Refusal("logistics.package_not_exist", "The package is not exist.")
        return self.tracking[key]

    def get_return_list(self, query: Any) -> Any:
        begin, end = _span(query, "create_time_from", "create_time_to")
        if begin is not None and not begin < end <= begin + WINDOW:
            raise Refusal(
                "error_param", "The period between create_time_from and created_time_of must not more than 15 days."
            )
        listed = [one for one in self.returns if begin is None or begin <= one["create_time"] <= end]
        size = _size(query)
        page, more, _ = _page(listed, int(query["page_no"]) * size, size)
        return {"more": more, "return": page}

    def get_item_list(self, query: Any) -> Any:
        begin, end = _span(query, "update_time_from", "update_time_to")
        if begin is not None and end is not None and end <= begin:
            raise Refusal("error_update_time_range", "Update_time_to should be later than update_time_from.")
        if "item_status" not in query:
            raise Refusal("error_param_item_status", "Item status error.")
        listed = [
            {"item_id": i["item_id"], "item_status": i["item_status"], "update_time": i["update_time"]}
            for i in self.items.values()
            if i["item_status"] == query["item_status"] and (begin is None or i["update_time"] >= begin)
        ]
        page, more, following = _page(listed, int(query["offset"]), _size(query))
        answer = {"item": page, "total_count": len(listed), "has_next_page": more}
        return answer | ({"next_offset": following} if more else {})

    def get_item_base_info(self, query: Any) -> Any:
        numbers = [int(number) for number in query["item_id_list"].split(",")]
        if len(numbers) > 50:
            raise Refusal("error_param", "Wrong parameters, detail: item_id_list.")
        found = [self.items[number] for number in numbers if number in self.items]
        if not found:
            raise Refusal("product.error_item_not_found", "Item_id is not found.")
        return {"item_list": found}

    def get_model_list(self, query: Any) -> Any:
        number = int(query["item_id"])
        if number not in self.models:
            raise Refusal("error_item_not_found", "Item_id is not found.")
        return self.models[number]

    def get_voucher_list(self, query: Any) -> Any:
        now, size = time.time(), _size(query, "20")
        spans = {
            "ongoing": lambda v: v["start_time"] <= now <= v["end_time"],
            "upcoming": lambda v: now < v["start_time"],
            "expired": lambda v: v["end_time"] < now,
            "all": lambda v: True,
        }
        listed = [
            {name: voucher[name] for name in ("voucher_id", "voucher_code", "voucher_name", "start_time", "end_time")}
            for voucher in self.vouchers
            if spans[query["status"]](voucher)
        ]
        page, more, _ = _page(listed, (int(query.get("page_no", "1")) - 1) * size, size)
        return {"more": more, "voucher_list": page}

    def get_voucher(self, query: Any) -> Any:
        for voucher in self.vouchers:
            if str(voucher["voucher_id"]) == query["voucher_id"]:
                return voucher
        raise Refusal("common.error_not_found", "The information you queried is not found.")

    def cancel_order(self, body: Any) -> Any:
        order = self.orders.get(body.get("order_sn"))
        if order is None:
            raise Refusal("error_not_found", "Wrong parameters, detail: the order is not found.")
        if body["cancel_reason"] not in CANCEL_REASONS:
            raise Refusal("error_param", "Wrong parameters, detail: cancel_reason.")
        if order["order_status"] not in ("UNPAID", "READY_TO_SHIP", "PROCESSED"):
            raise Refusal("order.error_limit", "Can not cancel this order")
        order["order_status"] = "CANCELLED" if self.cancels_at_once else "IN_CANCEL"
        order |= {"cancel_by": "seller", "cancel_reason": body["cancel_reason"], "update_time": int(time.time())}
        return {"update_time": order["update_time"]}


def _span(query: Any, first: str, last: str) -> tuple[Any, Any]:
    return tuple(int(query[name]) if name in query else None for name in (first, last))


def _size(query: Any, default: str = "") -> int:
    size = int(query.get("page_size", default))
    if not 1 <= size <= 100:
        raise Refusal("error_param", "Wrong parameters, detail: page_size.")
    return size


def _page(listed: list[Any], begin: int, size: int) -> tuple[list[Any], bool, int]:
    return listed[begin : begin + size], begin + size < len(listed), begin + size


def make_push(**fields: Any) -> bytes:
    """A push's body as it is sent."""
    return json.dumps(fields).encode()
