"""Lazada Open Platform on this machine.

From the pages of open.lazada.com: signatures (docId=108068), calling parameters (108067), tokens (108260 and
/auth/token/refresh), GetOrder, GetOrderItems, GetOrderTrace, GetReverseOrdersForSeller, GetReverseOrderDetail,
OrderCancelValidate and InitReverseOrderCancel (with docId=121329), GetProducts, GetProductItem, SellerVoucherList and
SellerVoucherSelectedProductList, with shapes and texts in place of numbers as in their samples. All errors are a 200.

Not covered: what Lazada does with a wrong HTTP method, its real limits of calls, and what no page describes. The code
for a timestamp that is off is known from users of the gateway only.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from pasar.commerce.model import Text
from pasar.commerce.platforms.lazada import LazadaApi
from pasar.commerce.platforms.tokens import Token
from pasar.commerce.rules import ReturnPolicy, Shop
from tests.commerce.platforms.server import MemoryTokens, PlatformServer

APP_KEY, APP_SECRET = "123456", "helloworld"
PAGE_MOST = 50
FILTERS = ("all", "live", "inactive", "deleted", "pending", "rejected", "sold-out")


def make_shop(country: str = "SG") -> Shop:
    """A shop that sells there."""
    return Shop(
        shop_id="testshop",
        name="Test shop",
        default_language="en",
        languages=("en",),
        country=country,
        currency="SGD",
        currencies={},
        time_zone="Asia/Singapore",
        opens_at=datetime.time(9),
        closes_at=datetime.time(18),
        open_days=(0, 1, 2, 3, 4),
        order_formats=(r"\d{5,16}",),
        personas={},
        returns=ReturnPolicy(7, True, (3, 5), {}, ()),
        email="shop@shop.example",
        address=Text(),
        handling_days=2,
    )


def make_tokens(minutes: float = 600, access: str = "access-1", refresh: str = "refresh-1") -> MemoryTokens:
    """A store with one token, which we believe to last so long."""
    store = MemoryTokens()
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    store.tokens["testshop", "lazada"] = Token(access, refresh, until)
    return store


def open_api(server: LazadaServer, tokens: MemoryTokens | None = None, country: str = "SG", **keys: str) -> LazadaApi:
    """The module, asking ``server``."""
    settings = {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "base_url": server.base_url + "/rest",
        "cancel_reason_id": "10000019",
        **keys,
    }
    return LazadaApi.open(make_shop(country), settings, tokens or make_tokens())


class Refusal(Exception):
    """An answer with an error."""

    def __init__(self, code: str, message: str, kind: str = "ISV") -> None:
        super().__init__(message)
        self.code, self.kind = code, kind


class LazadaServer(PlatformServer):
    """One seller's shop in one country."""

    def __init__(self) -> None:
        self.tokens: dict[str, float] = {"access-1": time.time() + 864_000}  #: until when, by access token
        self.refresh_tokens: dict[str, int] = {"refresh-1": 4_320_000}  #: seconds left
        self.refreshes = 0
        self.token_seconds = 864_000  #: that new ones are good for
        self.orders: dict[str, dict[str, Any]] = {}
        self.items: dict[str, list[dict[str, Any]]] = {}
        self.traces: dict[str, list[dict[str, Any]]] = {}
        self.reverses: dict[str, list[dict[str, Any]]] = {}
        self.reverse_details: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.sold_out: set[str] = set()  #: in the list "sold-out", not in "live"
        self.everywhere: set[str] = set()  #: in both
        self.total_products = 0  #: told instead of how many there are, with the first page as every page
        self.vouchers: list[dict[str, Any]] = []
        self.voucher_products: dict[str, list[int]] = {}
        self.cancelled: list[Mapping[str, str]] = []
        self.reasons = {"10000019": "Sourcing Delay", "10000021": "Out of Stock"}
        self.lose_cancel = False  #: cancel, and lose the answer
        self.refuse: list[tuple[str, str]] = []  #: code and message of the next answers
        self.refuse_at: dict[str, list[tuple[str, str]]] = {}  #: the same by path
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        calls: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "/order/get": lambda query: {"data": self._find(self.orders, query)},
            "/order/items/get": lambda query: {"data": self._find(self.items, query)},
            "/logistic/order/trace": self._trace,
            "/reverse/getreverseordersforseller": self._list_reverses,
            "/order/reverse/return/detail/list": self._show_reverse,
            "/order/reverse/cancel/validate": self._validate_cancel,
            "/order/reverse/cancel/create": self._cancel,
            "/products/get": self._list_products,
            "/product/item/get": self._show_product,
            "/promotion/vouchers/get": self._list_vouchers,
            "/promotion/voucher/products/get": self._list_voucher_products,
            "/auth/token/refresh": self._refresh,
        }
        for path, call in calls.items():
            router.add_get("/rest" + path, self._wrap(path, call))

    def _wrap(self, path: str, call: Callable[[Mapping[str, str]], Any]) -> Any:
        async def handle(request: web.Request) -> web.Response:
            query = dict(request.query)
            try:
                self._check(path, query)
                for refusals in (self.refuse, self.refuse_at.get(path)):
                    if refusals:
                        raise Refusal(*refusals.pop(0))
                answer = {"code": "0", **call(query)}
            except Refusal as error:
                answer = {"code": error.code, "type": error.kind, "message": str(error)}
            if path == "/order/reverse/cancel/create" and self.lose_cancel:
                assert request.transport is not None
                request.transport.close()
            return web.json_response({**answer, "request_id": "0ba2887315178178017221014"})

        return handle

    def _check(self, path: str, query: Mapping[str, str]) -> None:
        for name in ("app_key", "timestamp", "sign_method", "sign"):
            if name not in query:
                raise Refusal("MissingParameter", f"the input parameter {name} is not supplied")
        base = path + "".join(f"{name}{query[name]}" for name in sorted(query) if name != "sign")
        expected = hmac.new(APP_SECRET.encode(), base.encode(), hashlib.sha256).hexdigest().upper()
        if (query["app_key"], query["sign_method"], query["sign"]) != (APP_KEY, "sha256", expected):
            self.forged += 1
            raise Refusal("IncompleteSignature", "The request signature does not conform to lazop standards")
        if len(query["timestamp"]) != 13 or abs(int(query["timestamp"]) / 1000 - time.time()) > 7200:
            raise Refusal("IllegalTimestamp", "the timestamp differs by more than 7200 s")
        if path.startswith("/auth/"):
            assert "access_token" not in query
        elif self.tokens.get(query.get("access_token", ""), 0) < time.time():
            raise Refusal("IllegalAccessToken", "The specified access token is invalid or expired")

    def _refresh(self, query: Mapping[str, str]) -> dict[str, Any]:
        left = self.refresh_tokens.get(query["refresh_token"], 0)
        if left <= 0:
            raise Refusal("IllegalRefreshToken", "The specified refresh token is invalid or expired")
        self.refreshes += 1
        access, refresh = f"access-{self.refreshes + 1}", f"refresh-{self.refreshes + 1}"
        self.tokens[access] = time.time() + self.token_seconds
        self.refresh_tokens[refresh] = left
        users = [{"country": "sg", "user_id": "1152180742", "seller_id": "1152180742", "short_code": "SGLYT0OS"}]
        return {
            "access_token": access,
            "country": "sg",
            "refresh_token": refresh,
            "account_platform": "seller_center",
            "refresh_expires_in": str(left),
            "country_user_info_list": users,
            "expires_in": 864_000,
            "account": "seller@shop.example",
        }

    def _find(self, table: Mapping[str, Any], query: Mapping[str, str]) -> Any:
        if query["order_id"] not in table:
            raise Refusal("16", f'E016: "{query["order_id"]}" Invalid Order ID')
        return table[query["order_id"]]

    def _trace(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query["order_id"] not in self.traces:
            raise Refusal("LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK", "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK", "ISP")
        module = {
            "warehouse_detail_info": None,
            "ofc_order_id": query["order_id"],
            "package_detail_info_list": self.traces[query["order_id"]],
        }
        return {"result": {"not_success": "false", "success": "true", "module": [module], "retry": "false"}}

    def _list_reverses(self, query: Mapping[str, str]) -> dict[str, Any]:
        number, size = int(query["page_no"]), int(query["page_size"])
        found = self.reverses.get(query["trade_order_id"], [])
        page = found[(number - 1) * size : number * size]
        return {"result": {"total": str(len(found)), "success": "true", "page_no": number, "items": page}}

    def _show_reverse(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query["reverse_order_id"] not in self.reverse_details:
            raise Refusal("106", "E0106: ROC internal error", "ISP")
        return {"data": self.reverse_details[query["reverse_order_id"]]}

    def _pick_items(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        wanted = json.loads(query["order_item_id_list"])
        picked = [item for item in self.items.get(query["order_id"], ()) if str(item["order_item_id"]) in wanted]
        if not wanted or len(picked) != len(wanted):
            raise Refusal("123", "E0123: invalid trade order lines")
        return picked

    def _validate_cancel(self, query: Mapping[str, str]) -> dict[str, Any]:
        if any(item["status"] not in ("pending", "packed", "ready_to_ship") for item in self._pick_items(query)):
            return {"data": {"tip_content": "This item cannot be cancelled.", "tip_type": "error"}}
        options = [{"reason_name": name, "reason_id": number} for number, name in self.reasons.items()]
        return {"data": {"tip_content": "SKU stock may be set to 0.", "tip_type": "warning", "reason_options": options}}

    def _cancel(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query.get("reason_id") not in self.reasons:
            raise Refusal("104", "E0104: reason is empty or invalid")
        for item in self._pick_items(query):
            item["status"] = "canceled"
        self.cancelled.append(query)
        return {"data": {"tip_content": "The order has been cancelled.", "tip_type": "success"}}

    def _list_products(self, query: Mapping[str, str]) -> dict[str, Any]:
        offset, limit = int(query["offset"]), int(query["limit"])
        if query["filter"] not in FILTERS:
            raise Refusal("36", "E036: Invalid status filter")
        if not 0 < limit <= PAGE_MOST:
            raise Refusal("19", "E019: Invalid Limit")
        if offset > 10_000:
            raise Refusal("14", "E014: Invalid Offset")
        found = [
            item
            for key, item in self.products.items()
            if key in self.everywhere or (key in self.sold_out) == (query["filter"] != "live")
        ]
        if "update_after" in query:
            try:
                after = datetime.datetime.strptime(query["update_after"], "%Y-%m-%dT%H:%M:%S%z").timestamp()
            except ValueError:
                raise Refusal("17", "E017: Invalid Date Format") from None
            found = [item for item in found if int(item["updated_time"]) / 1000 >= after]
        if self.total_products:
            return {"data": {"total_products": str(self.total_products), "products": found[:limit]}}
        return {"data": {"total_products": str(len(found)), "products": found[offset : offset + limit]}}

    def _show_product(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query["item_id"] not in self.products:
            raise Refusal("208", "E208: Item not exist")
        return {"data": self.products[query["item_id"]]}

    def _page(self, found: list[Any], query: Mapping[str, str]) -> dict[str, Any]:
        number, size = int(query["cur_page"]), int(query["page_size"])
        data = {
            "total": str(len(found)),
            "current": str(number),
            "page_size": str(size),
            "data_list": found[(number - 1) * size : number * size],
        }
        return {"data": data, "success": "true", "error_code": "null", "error_msg": "null"}

    def _list_vouchers(self, query: Mapping[str, str]) -> dict[str, Any]:
        return self._page([one for one in self.vouchers if one["voucher_type"] == query["voucher_type"]], query)

    def _list_voucher_products(self, query: Mapping[str, str]) -> dict[str, Any]:
        found = [{"product_id": number, "sku_ids": []} for number in self.voucher_products.get(query["id"], [])]
        return self._page(found, query)
