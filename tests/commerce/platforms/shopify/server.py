"""A Shopify store on this machine, after https://shopify.dev/docs/api/admin-graphql and its guides.

It checks the path with the version, the token in ``X-Shopify-Access-Token``, every field, argument and variable against
:mod:`.schema`, and the price of a query; its errors have the shapes that Shopify's have. Not covered: access
scopes by field (a test names what is denied), protected customer data, webhooks that Shopify sends, most user errors,
jobs (they are never done), and the search syntax beyond the terms that are used.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.commerce.platforms.server import PlatformServer
from tests.commerce.platforms.shopify.document import GraphError, Parser
from tests.commerce.platforms.shopify.graphql import walk
from tests.commerce.platforms.shopify.records import ADDRESS, Record, at, bag, make_line
from tests.commerce.platforms.shopify.schema import SCHEMA

VERSION = "2026-10"
SECRET = "test_secret_key"
CLIENT = {"client_id": "app-id", "client_secret": SECRET}
DEAREST = 1000  # points of one query
REASONS = ("changed-my-mind", "received-the-wrong-item", "other-reason", "damaged-or-defective")


class ShopifyServer(PlatformServer):
    """The store; tests put records into its lists."""

    def __init__(self) -> None:
        self.token = "shpat_" + secrets.token_hex(8)
        self.refresh = ""  #: the refresh token that works once
        self.prefix, self.suffix = "#", ""
        self.orders: list[Record] = []
        self.customers: dict[str, list[Record]] = {}  #: orders by phone
        self.products: list[Record] = []
        self.discounts: dict[str, Record] = {}
        self.returnable: dict[str, int] = {}  #: pieces by fulfilment line
        self.complaints: list[Record] = []  #: user errors of the next mutation
        self.denied: dict[str, str] = {}  #: the scope that is missing, by root field
        self.points, self.restore_rate = 2000.0, 100.0
        self.misfits: list[Record] = []  #: documents that the schema does not know
        self.done: list[tuple[str, Record]] = []  #: mutations and their arguments
        self.edits: dict[str, Record] = {}
        self._filled_at = time.monotonic()
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The endpoint of one version, and that for tokens."""
        router.add_post(f"/admin/api/{VERSION}/graphql.json", self._serve)
        router.add_post("/admin/oauth/access_token", self._give_token)

    def find(self, name: str) -> Record:
        """The order of that name."""
        return next(order for order in self.orders if order["name"] == name)

    async def _give_token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        grant = form.pop("grant_type", "")
        refresh = form.pop("refresh_token", "")
        if form != CLIENT or (grant == "refresh_token" and (not refresh or refresh != self.refresh)):
            self.forged += 1
            return web.Response(status=400, text="Oauth error invalid_request")
        self.token = "shpat_" + secrets.token_hex(8)
        answer = {"access_token": self.token, "scope": "read_orders", "expires_in": 86399}
        if grant == "refresh_token":
            self.refresh = "shprt_" + secrets.token_hex(8)
            answer |= {"expires_in": 3600, "refresh_token": self.refresh, "refresh_token_expires_in": 7776000}
        return web.json_response(answer)

    async def _serve(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Shopify-Access-Token") != self.token:
            self.forged += 1
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return web.json_response({"errors": text}, status=401)
        body = await request.json()
        variables = body.get("variables") or {}
        try:
            document = Parser(body["query"]).read()
            SCHEMA.check(document, variables)
        except GraphError as error:
            self.misfits.append(error.answer)
            return web.json_response({"errors": [error.answer]})
        price = SCHEMA.price(document, variables)
        if price > DEAREST:
            text = f"Query cost is {price}, which exceeds the single query max cost limit ({DEAREST})."
            return web.json_response({"errors": [{"message": text, "extensions": {"code": "MAX_COST_EXCEEDED"}}]})
        if not self._pay(price):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return web.json_response({"errors": [error], "extensions": self._tell_cost(price, None)})
        denied = next((name for name in walk(document) if name in self.denied), "")
        if denied:
            access = f"`{self.denied[denied]}` access scope."
            text = f"Access denied for {denied} field. Required access: {access}"
            details = {"code": "ACCESS_DENIED", "requiredAccess": access}
            error = {"message": text, "path": [denied], "extensions": details}
            return web.json_response({"errors": [error], "data": {denied: None}})
        data = SCHEMA.answer(document, variables, self._roots())
        return web.json_response({"data": data, "extensions": self._tell_cost(price, price)})

    def _pay(self, price: int) -> bool:
        now = time.monotonic()
        self.points = min(2000.0, self.points + (now - self._filled_at) * self.restore_rate)
        self._filled_at = now
        if self.points < price:
            return False
        self.points -= price
        return True

    def _tell_cost(self, price: int, paid: int | None) -> Record:
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": int(self.points), "restoreRate": self.restore_rate}
        return {"cost": {"requestedQueryCost": price, "actualQueryCost": paid, "throttleStatus": status}}

    def _roots(self) -> dict[str, Callable[[Record], Any]]:
        return {
            "shop": lambda _: {"orderNumberFormatPrefix": self.prefix, "orderNumberFormatSuffix": self.suffix},
            "order": lambda args: _find(self.orders, args["id"]),
            "orders": self._search_orders,
            "customerByIdentifier": self._find_customer,
            "product": lambda args: _find(self.products, args["id"]),
            "products": self._search_products,
            "productVariants": self._search_variants,
            "codeDiscountNodeByCode": self._find_discount,
            "returnableFulfillments": lambda _: [self._tell_returnable()],
            "returnReasonDefinitions": lambda args: [
                {"id": f"gid://shopify/ReturnReasonDefinition/{index}", "handle": handle, "name": handle}
                for index, handle in enumerate(REASONS)
                if handle in args["handles"]
            ],
            "orderCancel": self._cancel,
            "orderUpdate": self._update,
            "orderEditBegin": self._begin_edit,
            "orderEditAddVariant": self._add_variant,
            "orderEditSetQuantity": self._set_quantity,
            "orderEditCommit": self._commit_edit,
            "returnRequest": self._request_return,
        }

    def _search_orders(self, args: Record) -> list[Record]:
        """A search finds by the beginning, and whatever the letter case: nearly what was asked for."""
        terms = _read_terms(args["query"])
        found = [
            order
            for order in self.orders
            if any(
                order["name"].lstrip("#").casefold().startswith(value.lstrip("#").casefold())
                if field == "name"
                else (order["email"] or "").casefold().startswith(value.casefold())
                for field, value in terms
            )
        ]
        return sorted(found, key=lambda order: order["createdAt"], reverse=args.get("reverse", False))

    def _find_customer(self, args: Record) -> Record | None:
        orders = self.customers.get(args["identifier"]["phoneNumber"])
        if orders is None:
            return None
        return {"orders": lambda args: sorted(orders, key=lambda order: order["createdAt"], reverse=args["reverse"])}

    def _search_products(self, args: Record) -> list[Record]:
        since = re.search(r"updated_at:>'([^']+)'", args["query"])
        assert args["query"].startswith("status:active")
        # The search index may be behind: a product that is no longer active can still be found.
        return [item for item in self.products if not since or item["updatedAt"] > since[1]]

    def _search_variants(self, args: Record) -> list[Record]:
        terms = _read_terms(args["query"])
        variants = [variant for product in self.products for variant in product["variants"]]
        return [
            variant
            for variant in variants
            if any(
                variant["sku"].casefold().startswith(value.casefold())
                if field == "sku"
                else value == variant["legacyResourceId"]
                for field, value in terms
            )
        ]

    def _find_discount(self, args: Record) -> Record | None:
        discount = self.discounts.get(args["code"].upper())
        return {"codeDiscount": discount} if discount else None

    def _tell_returnable(self) -> Record:
        lines = [
            {"quantity": count, "fulfillmentLineItem": {"id": f"gid://shopify/FulfillmentLineItem/{number}"}}
            for number, count in self.returnable.items()
        ]
        return {"id": "gid://shopify/ReturnableFulfillment/1", "returnableFulfillmentLineItems": lines}

    def _complain(self, call: str, args: Record) -> list[Record]:
        self.done.append((call, args))
        complaints, self.complaints = self.complaints, []
        return complaints

    def _cancel(self, args: Record) -> Record:
        complaints = self._complain("orderCancel", args)
        order = _find(self.orders, args["orderId"])
        if not order:
            complaints = [{"code": "NOT_FOUND", "field": ["orderId"], "message": "Order does not exist"}]
        elif order["cancelledAt"]:
            text = "Cannot cancel an order that has already been canceled"
            complaints = [{"code": "INVALID", "field": ["orderId"], "message": text}]
        if complaints or order is None:
            return {"job": None, "orderCancelUserErrors": complaints}
        order.update(cancelledAt=at(0), cancelReason=args["reason"])
        return {"job": {"id": "gid://shopify/Job/1", "done": False}, "orderCancelUserErrors": []}

    def _update(self, args: Record) -> Record:
        complaints = self._complain("orderUpdate", args)
        order = _find(self.orders, args["input"]["id"])
        if complaints or order is None:
            return {"order": None, "userErrors": complaints or [{"field": ["id"], "message": "Order does not exist"}]}
        address = dict(args["input"]["shippingAddress"])
        country = address.pop("countryCode", None)
        empty: Record = dict.fromkeys(ADDRESS)
        order["shippingAddress"] = {**empty, "countryCodeV2": country, **address}
        return {"order": order, "userErrors": []}

    def _begin_edit(self, args: Record) -> Record:
        complaints = self._complain("orderEditBegin", args)
        order = _find(self.orders, args["id"])
        if complaints or order is None:
            text = "The order does not exist."
            return {"calculatedOrder": None, "userErrors": complaints or [{"field": ["id"], "message": text}]}
        lines = [
            {
                "id": line["id"].replace("LineItem", "CalculatedLineItem"),
                "sku": line["sku"],
                "quantity": line["currentQuantity"],
                "editableQuantity": 0 if order["fulfillments"] else line["currentQuantity"],
                "variant": line["variant"],
                "price": line["originalUnitPriceSet"]["presentmentMoney"]["amount"],
            }
            for line in order["lineItems"]
        ]
        edit = {"id": f"gid://shopify/CalculatedOrder/{len(self.edits) + 1}", "lineItems": lines, "order": order}
        self.edits[edit["id"]] = edit
        return {"calculatedOrder": edit, "userErrors": []}

    def _add_variant(self, args: Record) -> Record:
        complaints = self._complain("orderEditAddVariant", args)
        edit = self.edits[args["id"]]
        variants = [variant for product in self.products for variant in product["variants"]]
        variant = _find(variants, args["variantId"])
        if complaints or variant is None:
            text = "The variant does not exist."
            return {"calculatedOrder": None, "userErrors": complaints or [{"field": ["variantId"], "message": text}]}
        line = {"id": "gid://shopify/CalculatedLineItem/new", "sku": variant["sku"], "variant": variant}
        edit["lineItems"].append({**line, "quantity": args["quantity"], "editableQuantity": 0, "price": "15"})
        return {"calculatedOrder": _balance(edit), "userErrors": []}

    def _set_quantity(self, args: Record) -> Record:
        complaints = self._complain("orderEditSetQuantity", args)
        edit = self.edits[args["id"]]
        if complaints:
            return {"calculatedOrder": None, "userErrors": complaints}
        line = next(line for line in edit["lineItems"] if line["id"] == args["lineItemId"])
        line["quantity"] = args["quantity"]
        return {"calculatedOrder": _balance(edit), "userErrors": []}

    def _commit_edit(self, args: Record) -> Record:
        complaints = self._complain("orderEditCommit", args)
        if complaints:
            return {"order": None, "userErrors": complaints}
        edit = self.edits.pop(args["id"])
        known = {line["id"].replace("LineItem", "CalculatedLineItem"): line for line in edit["order"]["lineItems"]}
        for line in edit["lineItems"]:
            if line["id"] in known:
                known[line["id"]]["currentQuantity"] = line["quantity"]
            else:
                edit["order"]["lineItems"].append(make_line(999, line["sku"], line["quantity"]))
        return {"order": edit["order"], "userErrors": []}

    def _request_return(self, args: Record) -> Record:
        complaints = self._complain("returnRequest", args)
        order = _find(self.orders, args["input"]["orderId"])
        for line in args["input"]["returnLineItems"]:
            number = line["fulfillmentLineItemId"].rpartition("/")[2]
            if not 0 < line["quantity"] <= self.returnable.get(number, 0) or not line.get("returnReasonDefinitionId"):
                complaints = [
                    {"code": "INVALID", "field": ["returnLineItems"], "message": "Return line item is invalid"}
                ]
        if complaints or order is None:
            return {"return": None, "userErrors": complaints}
        asked = {"name": f"{order['name']}-R{len(order['returns']) + 1}", "status": "REQUESTED", "createdAt": at(0)}
        order["returns"].append(asked)
        return {"return": asked, "userErrors": []}


def _find(records: list[Record], gid: str) -> Record | None:
    return next((record for record in records if record["id"] == gid), None)


def _read_terms(query: str) -> list[tuple[str, str]]:
    """``field:"value" OR field:value`` as pairs."""
    return [
        (field, json.loads(value) if value.startswith('"') else value)
        for field, value in re.findall(r'(\w+):("(?:[^"\\]|\\.)*"|\S+)', query)
    ]


def _balance(edit: Record) -> Record:
    """The calculated order with what is left to pay of what it costs now, in hundredths to keep it exact."""
    cost = sum(round(float(line["price"]) * 100) * line["quantity"] for line in edit["lineItems"])
    paid = round(float(edit["order"]["totalPriceSet"]["presentmentMoney"]["amount"]) * 100)
    return {**edit, "totalOutstandingSet": bag(f"{(cost - paid) / 100:.2f}")}
