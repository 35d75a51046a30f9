"""TikTok Shop on this machine, after https://partner.tiktokshop.com/docv2 as it stood at the end of 2025.

It checks what TikTok says that it checks: path, key of the app, signature (computed here from the page "Sign your API
request", not by the code under test), age of the timestamp (5 minutes, 30 seconds ahead), token, cipher of the shop,
sizes of pages; it gives every answer in TikTok's envelope. Not covered: scopes (105005), IP allow lists (36009033),
regional hosts, TikTok's own limits of rate, and its HTTP status of each error, which is not documented: ``error_status``
is that of all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.commerce.platforms.server import PlatformServer

APP_KEY = "29a39d"
APP_SECRET = "e59af819cc"
CIPHER = "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK"
SHOP_ID = "7494049642642441621"

Answer = tuple[int, str, Any]  #: code, message, data


class TikTokShopServer(PlatformServer):
    """Orders, products, coupons and after-sales of one shop."""

    def __init__(self) -> None:
        super().__init__()
        self.error_status = 200
        self.tokens = {"TTP_access_1": time.time() + 7 * 86400}
        self.refresh_tokens = {"TTP_refresh_1"}
        self.refreshes = 0
        self.refresh_seconds = 0.0
        self.orders: dict[str, dict[str, Any]] = {}
        self.tracking: dict[str, list[dict[str, Any]]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.stock: dict[str, int] = {}
        self.coupons: dict[str, dict[str, Any]] = {}
        self.returns: list[dict[str, Any]] = []
        self.cancellations: list[dict[str, Any]] = []
        self.ineligible: tuple[int, str] | None = None
        self.next_answers: list[Answer] = []  #: given instead of the next true ones

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/api/v2/token/refresh", self._refresh)
        for method, path, handler in (
            ("GET", "/order/202507/orders", self._get_orders),
            ("POST", "/order/202309/orders/search", self._search_orders),
            ("GET", "/fulfillment/202309/orders/{order_id}/tracking", self._get_tracking),
            ("POST", "/product/202502/products/search", self._search_products),
            ("GET", "/product/202309/products/{product_id}", self._get_product),
            ("POST", "/product/202309/inventory/search", self._search_inventory),
            ("POST", "/promotion/202406/coupons/search", self._search_coupons),
            ("GET", "/promotion/202406/coupons/{coupon_id}", self._get_coupon),
            ("POST", "/return_refund/202309/cancellations", self._cancel),
            ("POST", "/return_refund/202309/cancellations/search", self._search_cancellations),
            ("POST", "/return_refund/202309/returns", self._create_return),
            ("POST", "/return_refund/202309/returns/search", self._search_returns),
            ("GET", "/return_refund/202309/orders/{order_id}/aftersale_eligibility", self._get_eligibility),
        ):
            router.add_route(method, path, self._gate(handler))

    def _gate(self, handler: Callable[[web.Request, dict[str, str], dict[str, Any]], Answer]) -> Any:
        async def answer(request: web.Request) -> web.Response:
            query = dict(urllib.parse.parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
            body = await request.read()
            refusal = self._refuse(request, query, body)
            if refusal is not None:
                return self._envelope(*refusal, {}, status=self.error_status)
            if self.next_answers:
                return self._envelope(*self.next_answers.pop(0))
            return self._envelope(*handler(request, query, json.loads(body or b"{}")))

        return answer

    def _refuse(self, request: web.Request, query: dict[str, str], body: bytes) -> tuple[int, str] | None:
        if query.get("app_key") != APP_KEY:
            return 36009004, "Invalid credentials. Invalid `app_key` query parameter."
        content_type = request.headers.get("content-type", "")
        upload = request.path.endswith("/upload") and content_type.startswith("multipart/form-data")
        if content_type != "application/json" and not upload:
            return 36009022, "Invalid request format."
        age = time.time() - int(query.get("timestamp", "-1"))
        if not -30 <= age <= 300:
            return 36009004, "Invalid timestamp."
        signed = "".join(key + query[key] for key in sorted(query) if key not in {"sign", "access_token"})
        message = APP_SECRET + request.path + signed + ("" if upload else body.decode()) + APP_SECRET
        if hmac.new(APP_SECRET.encode(), message.encode(), hashlib.sha256).hexdigest() != query.get("sign"):
            self.forged += 1
            return 106001, "Invalid credentials. The `sign` query parameter is invalid."
        token = request.headers.get("x-tts-access-token")
        if token not in self.tokens:
            return 36009004, "Invalid credentials. The `x-tts-access-token` header is invalid."
        if self.tokens[token] < time.time():
            return 105002, "Expired credentials. The `access_token` or `x-tts-access-token` header has expired."
        if "shop_cipher" not in query:
            return (
                106013,
                "Missing identifier. The `shop_cipher` query parameter is required to identify the target shop.",
            )
        if query["shop_cipher"] != CIPHER:
            return 101000, "Invalid query or header."
        return None

    def _envelope(self, code: int, message: str, data: Any = None, status: int = 200) -> web.Response:
        envelope = {"code": code, "message": message, "request_id": "202203070749000101890810281E8C70B7", "data": data}
        return web.json_response(envelope, status=status)

    async def _refresh(self, request: web.Request) -> web.Response:
        import asyncio

        query = request.query
        wanted = {"app_key": APP_KEY, "app_secret": APP_SECRET, "grant_type": "refresh_token"}
        if any(query.get(name) != value for name, value in wanted.items()):
            return self._envelope(36004001, "bad app", {})
        if query.get("refresh_token") not in self.refresh_tokens:
            return self._envelope(36004004, "refresh token is invalid", {})
        self.refresh_tokens.remove(query["refresh_token"])
        self.refreshes += 1
        await asyncio.sleep(self.refresh_seconds)
        number, until = self.refreshes + 1, int(time.time()) + 7 * 86400
        self.tokens[f"TTP_access_{number}"] = until
        self.refresh_tokens.add(f"TTP_refresh_{number}")
        data = {
            "access_token": f"TTP_access_{number}",
            "access_token_expire_in": until,
            "refresh_token": f"TTP_refresh_{number}",
            "refresh_token_expire_in": until + 365 * 86400,
            "open_id": "7010736057180325637",
            "user_type": 0,
        }
        return self._envelope(0, "success", data)

    def _get_orders(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        ids = query["ids"].split(",")
        if not 1 <= len(ids) <= 50:
            return 10002014, "Failed to get orders", {}
        if any(order_id not in self.orders for order_id in ids):
            return 21008111, "The order or package does not belong to the current seller.", {}
        return 0, "Success", {"orders": [self.orders[order_id] for order_id in ids]}

    def _search_orders(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        found = [order for order in self.orders.values() if order["user_id"] == body.get("buyer_user_id")]
        found.sort(key=lambda order: order[query["sort_field"]], reverse=query["sort_order"] == "DESC")
        return self._page("orders", found, query, most=100)

    def _get_tracking(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        return 0, "Success", {"tracking": self.tracking.get(request.match_info["order_id"], [])}

    def _search_products(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        found = [
            {key: product[key] for key in ("id", "title", "status", "update_time")}
            for product in self.products.values()
            if product["status"] == body["status"] and product["update_time"] >= body.get("update_time_ge", 0)
        ]
        return self._page("products", found, query, most=100)

    def _get_product(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        product = self.products.get(request.match_info["product_id"])
        if product is None:
            return 12052260, "The product ID does not exist", {}
        return 0, "Success", product

    def _search_inventory(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        inventory = [
            {
                "product_id": product_id,
                "skus": [
                    {"id": sku["id"], "total_available_quantity": self.stock[sku["id"]]}
                    for sku in self.products[product_id]["skus"]
                    if sku["id"] in self.stock
                ],
            }
            for product_id in body["product_ids"]
        ]
        return 0, "Success", {"inventory": inventory}

    def _search_coupons(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        found = [
            {key: coupon.get(key) for key in ("id", "promo_code", "status", "display_type")}
            for coupon in self.coupons.values()
            if coupon["status"] in body["status"] and coupon["display_type"] in body["display_type"]
        ]
        return self._page("coupons", found, query, most=100)

    def _get_coupon(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        return 0, "Success", {"coupon": self.coupons[request.match_info["coupon_id"]]}

    def _cancel(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        order = self.orders[body["order_id"]]
        if order["status"] == "CANCELLED":
            return 25001011, "A return request is already in process, or the order has already been cancelled.", {}
        if order["status"] in {"IN_TRANSIT", "DELIVERED"}:
            return 25001045, "The order has already been shipped.", {}
        if order["status"] == "COMPLETED":
            return 25001051, "Not allowed to return or cancel since order is completed or cancelled", {}
        unpaid = "unpaid" in body["cancel_reason"]
        if order["status"] == "AWAITING_COLLECTION" or unpaid != (order["status"] == "UNPAID"):
            return 25001021, "Reason not match order status", {}
        if not body["cancel_reason"].endswith("_buyer_requested_cancellation"):
            return 25001014, "Unknown return reason.", {}
        order["status"] = "CANCELLED"
        cancellation = {
            "order_id": order["id"],
            "cancel_id": f"40353192189557824{len(self.cancellations):02}",
            "cancel_status": "CANCELLATION_REQUEST_SUCCESS",
            "create_time": 1690451136,
            "update_time": 1690451136,
            "refund_amount": {
                "currency": order["payment"]["currency"],
                "refund_total": order["payment"]["total_amount"],
            },
        }
        self.cancellations.append(cancellation)
        return 0, "Success", {key: cancellation[key] for key in ("cancel_id", "cancel_status")}

    def _search_cancellations(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        found = [item for item in self.cancellations if item["order_id"] in body["order_ids"]]
        return self._page("cancellations", found, query, most=50)

    def _create_return(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if body["return_type"] not in {"REFUND", "RETURN_AND_REFUND"}:
            return 25001001, "An invalid request parameter was passed.", {}
        order = self.orders[body["order_id"]]
        created = {
            "order_id": order["id"],
            "return_id": f"40353192189557825{len(self.returns):02}",
            "return_type": body["return_type"],
            "return_reason": body["return_reason"],
            "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
            "create_time": 1690451136 + len(self.returns),
            "update_time": 1690453136,
            "idempotency_key": query.get("idempotency_key"),
            "return_line_items": [{"order_line_item_id": line_id} for line_id in body["order_line_item_ids"]],
            "refund_amount": {
                "currency": order["payment"]["currency"],
                "refund_total": order["payment"]["total_amount"],
            },
        }
        self.returns.append(created)
        return 0, "Success", {key: created[key] for key in ("return_id", "return_status")}

    def _search_returns(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        found = [item for item in self.returns if item["order_id"] in body["order_ids"]]
        return self._page("return_orders", found, query, most=50)

    def _get_eligibility(self, request: web.Request, query: dict[str, str], body: dict[str, Any]) -> Answer:
        eligibility = [
            {
                "sku_id": item["sku_id"],
                "line_item_eligibility": [
                    {"request_type": "CANCEL", "order_line_items_ids": [item["id"]], "eligible": False},
                    {
                        "request_type": "RETURN_AND_REFUND",
                        "order_line_items_ids": [item["id"]],
                        "eligible": self.ineligible is None,
                        "ineligible_code": self.ineligible and self.ineligible[0],
                        "ineligible_reason": self.ineligible and self.ineligible[1],
                    },
                ],
            }
            for item in self.orders[request.match_info["order_id"]]["line_items"]
        ]
        return 0, "Success", {"sku_eligibility": eligibility}

    def _page(self, name: str, items: list[Any], query: dict[str, str], most: int) -> Answer:
        """Opaque tokens, with letters that a URL must escape."""
        size = int(query["page_size"])
        if not 1 <= size <= most:
            return 12019109, "page size is invalid", {}
        start = int(query.get("page_token", "+/0=").strip("+/="))
        following = f"+/{start + size}=" if start + size < len(items) else ""
        data = {name: items[start : start + size], "total_count": len(items), "next_page_token": following}
        return 0, "Success", data
