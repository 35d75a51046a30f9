"""A WooCommerce shop on this machine, as its REST documentation describes it.

From https://woocommerce.github.io/woocommerce-rest-api-docs/ (v3: orders, refunds, products, variations, coupons,
data, errors, pagination, authentication over HTTPS), of whose repository were read: orders at 08fc1d7, products 380bf8a,
variations 046a36c, coupons 6e2f00d, refunds 03ae850, webhooks 0edc1ab. The shapes are those of its samples.
What a change of lines does to amounts and stock follows WooCommerce's own ``class-wc-rest-orders-v2-controller.php``
(woocommerce at 01ddd4f), for the documentation does not say it.

Not covered: taxes computed anew, coupons applied to lines, OAuth over plain HTTP, keys in the query, plugins other than
the tracking extension's meta.
"""

from __future__ import annotations

import base64
import copy
import datetime
import decimal
import math

from aiohttp import web

from tests.commerce.platforms.server import PlatformServer

KEY, SECRET = "ck_test", "cs_test"
GMT = "%Y-%m-%dT%H:%M:%S"


def make_product(product_id, sku, price, **more):
    """A simple product that is sold and counted, as the documentation's sample has it."""
    now = datetime.datetime(2026, 3, 1, 10, 0, tzinfo=datetime.timezone.utc)
    return {
        "id": product_id,
        "name": f"Product {product_id}",
        "slug": f"product-{product_id}",
        "permalink": f"https://example.com/product/product-{product_id}/",
        "date_modified_gmt": now.strftime(GMT),
        "type": "simple",
        "status": "publish",
        "catalog_visibility": "visible",
        "description": "<p>Long.</p>\n",
        "short_description": "<p>Short &amp; sweet.</p>\n",
        "sku": sku,
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "date_on_sale_from_gmt": None,
        "date_on_sale_to_gmt": None,
        "on_sale": False,
        "purchasable": True,
        "manage_stock": True,
        "stock_quantity": 7,
        "stock_status": "instock",
        "categories": [{"id": 9, "name": "Clothing", "slug": "clothing"}],
        "images": [{"id": 792, "src": f"https://example.com/p{product_id}.jpg", "name": "", "alt": ""}],
        "attributes": [],
        "variations": [],
        "parent_id": 0,
        "meta_data": [],
        **more,
    }


def make_variation(variation_id, sku, price, color, size, **more):
    """A variation that is sold and counted."""
    return {
        "id": variation_id,
        "sku": sku,
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "on_sale": False,
        "status": "publish",
        "purchasable": True,
        "manage_stock": True,
        "stock_quantity": 5,
        "stock_status": "instock",
        "attributes": [{"id": 6, "name": "Color", "option": color}, {"id": 0, "name": "Size", "option": size}],
        "meta_data": [],
        **more,
    }


def make_line(line_id, product_id, quantity, total, **more):
    """A line of an order, without tax."""
    return {
        "id": line_id,
        "name": f"Product {product_id}",
        "product_id": product_id,
        "variation_id": 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": "0.00",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": f"SKU-{product_id}",
        "price": float(total) / quantity,  # a JSON number, as WooCommerce has it
        **more,
    }


def make_order(order_id, status, lines, **more):
    """An order of Siti's, paid where its state says so."""
    paid = "2026-03-02T09:30:00" if status in ("processing", "completed", "refunded") else None
    person = {"first_name": "Siti", "last_name": "Rahma", "company": ""}
    place = {
        "address_1": "Jl. Melati 5",
        "address_2": "RT 03",
        "city": "Jakarta",
        "state": "JK",
        "postcode": "10110",
        "country": "ID",
    }
    return {
        "id": order_id,
        "parent_id": 0,
        "number": str(order_id),
        "status": status,
        "currency": "USD",
        "date_created": "2026-03-02T16:28:02",
        "date_created_gmt": f"2026-03-02T09:28:{order_id % 60:02d}",
        "date_modified_gmt": "2026-03-03T19:28:08",
        "total": str(sum((decimal.Decimal(line["total"]) for line in lines), decimal.Decimal("10.00"))),
        "total_tax": "0.00",
        "prices_include_tax": False,
        "customer_id": 0,
        "billing": {**person, **place, "email": "Siti@example.com", "phone": "0812-0000-1001"},
        "shipping": {**person, **place, "phone": ""},
        "payment_method": "bacs",
        "payment_method_title": "Direct Bank Transfer",
        "date_paid_gmt": paid,
        "date_completed_gmt": "2026-03-04T08:00:00" if status == "completed" else None,
        "meta_data": [{"id": 13106, "key": "_download_permissions_granted", "value": "yes"}],
        "line_items": lines,
        "shipping_lines": [{"id": 317, "method_title": "Flat Rate", "method_id": "flat_rate", "total": "10.00"}],
        "coupon_lines": [],
        "refunds": [],
        **more,
    }


def make_tracking(*items):
    """The order's meta that the extension Shipment Tracking writes."""
    return [{"id": 20001, "key": "_wc_shipment_tracking_items", "value": list(items)}]


def make_coupon(coupon_id, code, **more):
    """A coupon of ten percent on everything, for ever."""
    return {
        "id": coupon_id,
        "code": code,
        "amount": "10.00",
        "date_created": "2026-03-01T15:23:00",
        "discount_type": "percent",
        "description": "",
        "date_expires": None,
        "usage_count": 0,
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        "usage_limit": None,
        "usage_limit_per_user": None,
        "limit_usage_to_x_items": None,
        "free_shipping": False,
        "product_categories": [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        **more,
    }


class WooCommerceServer(PlatformServer):
    """The shop; its dictionaries are the tests' to fill and to look at."""

    def __init__(self):
        self.orders = {}
        self.refunds = {}
        self.products = {}
        self.variations = {}
        self.coupons = {}
        self.currency = "USD"
        self.unseen = set()  # ids that the key may not see: left out of their page, but counted
        self.filters = True  # whether orders are limited to the customer asked for
        self.counts = True  # whether the headers with the numbers of things and pages arrive
        super().__init__()

    def add_routes(self, router):
        root = "/wp-json/wc/v3"
        router.add_get(root + "/orders", self.list_orders)
        router.add_get(root + "/orders/{id:[0-9]+}", self.get_order)
        router.add_put(root + "/orders/{id:[0-9]+}", self.put_order)
        router.add_get(root + "/orders/{id:[0-9]+}/refunds", self.list_refunds)
        router.add_get(root + "/products", self.list_products)
        router.add_get(root + "/products/{id:[0-9]+}", self.get_product)
        router.add_get(root + "/products/{id:[0-9]+}/variations", self.list_variations)
        router.add_get(root + "/coupons", self.list_coupons)
        router.add_get(root + "/data/currencies/current", self.get_currency)

    async def list_orders(self, request):
        query = request.query
        found = [order for order in self.orders.values() if order["status"] != "trash"]
        if "search" in query:
            words = query["search"].casefold()
            fields = ("first_name", "last_name", "email", "phone", "address_1")
            found = [
                order
                for order in found
                if any(words in order["billing"][name].casefold() for name in fields)
                or words in (str(order["id"]), order["number"].casefold())
            ]
        if "customer" in query and self.filters:
            found = [order for order in found if order["customer_id"] == int(query["customer"])]
        found.sort(key=lambda order: order["date_created_gmt"], reverse=query.get("order", "desc") == "desc")
        return self.answer_page(request, found)

    async def get_order(self, request):
        order = self.orders.get(int(request.match_info["id"]))
        if order is None:
            return self.answer(request, *self.error(404, "woocommerce_rest_shop_order_invalid_id"))
        return self.answer(request, order)

    async def put_order(self, request):
        order = self.orders.get(int(request.match_info["id"]))
        if order is None or not self.knows(request):
            return self.answer(request, *self.error(404, "woocommerce_rest_shop_order_invalid_id"))
        body = await request.json()
        order["shipping"] |= body.get("shipping", {})
        for posted in body.get("line_items", []):
            self.set_line(order, posted)
        if "status" in body:
            order["status"] = body["status"]
        amounts = [decimal.Decimal(line["total"]) for line in order["line_items"]]
        order["total"] = str(sum(amounts, decimal.Decimal("10.00")))
        return self.answer(request, order)

    def set_line(self, order, posted):
        """As set_item and prepare_line_items do: amounts and stock follow only where described there."""
        line = next((line for line in order["line_items"] if line["id"] == posted.get("id")), None)
        if line is not None and posted.get("quantity") == 0:
            order["line_items"].remove(line)
        elif line is not None:
            change = posted.get("quantity", line["quantity"]) - line["quantity"]
            line |= posted
            if order["status"] != "pending":
                self.find_item(line["product_id"], line["variation_id"])["stock_quantity"] -= change
        else:
            item = self.find_item(posted["product_id"], posted["variation_id"])
            total = str(decimal.Decimal(item["price"]) * posted["quantity"])
            new = make_line(900 + len(order["line_items"]), posted["product_id"], posted["quantity"], total)
            order["line_items"].append({**new, "variation_id": posted["variation_id"], "sku": item["sku"]})

    def find_item(self, product_id, variation_id):
        if not variation_id:
            return self.products[product_id]
        return next(item for item in self.variations[product_id] if item["id"] == variation_id)

    async def list_refunds(self, request):
        return self.answer_page(request, self.refunds.get(int(request.match_info["id"]), []))

    async def list_products(self, request):
        query, found = request.query, [self.price(product) for product in self.products.values()]
        if query.get("status", "any") != "any":
            found = [product for product in found if product["status"] == query["status"]]
        if "include" in query:
            ids = {int(number) for number in query["include"].split(",")}
            found = [product for product in found if product["id"] in ids]
        if "category" in query:
            ids = {int(number) for number in query["category"].split(",")}
            found = [product for product in found if ids & {entry["id"] for entry in product["categories"]}]
        if "modified_after" in query:
            assert query["dates_are_gmt"] == "true"
            found = [product for product in found if product["date_modified_gmt"] > query["modified_after"]]
        found.sort(key=lambda product: product["id"], reverse=query.get("order", "desc") == "desc")
        return self.answer_page(request, found)

    async def get_product(self, request):
        product = self.products.get(int(request.match_info["id"]))
        if product is None:
            return self.answer(request, *self.error(404, "woocommerce_rest_product_invalid_id"))
        return self.answer(request, self.price(product))

    def price(self, product):
        """The price of today: the sale's between its dates."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime(GMT)
        begins, ends = product["date_on_sale_from_gmt"], product["date_on_sale_to_gmt"]
        on_sale = bool(product["sale_price"]) and (begins or "") <= now <= (ends or "9999")
        price = product["sale_price"] if on_sale else product["price"]
        return {**product, "on_sale": on_sale, "price": price}

    async def list_variations(self, request):
        return self.answer_page(request, self.variations.get(int(request.match_info["id"]), []))

    async def list_coupons(self, request):
        code = request.query.get("code", "").casefold()
        return self.answer_page(request, [coupon for coupon in self.coupons.values() if coupon["code"] == code])

    async def get_currency(self, request):
        return self.answer(request, {"code": self.currency, "name": "", "symbol": ""})

    def knows(self, request):
        expected = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        return request.headers.get("Authorization") == expected

    def error(self, status, code):
        return {"code": code, "message": "Sorry.", "data": {"status": status}}, status

    def answer(self, request, body, status=200, headers=None):
        if not self.knows(request):
            self.forged += 1
            body, status = self.error(401, "woocommerce_rest_cannot_view")
        return web.json_response(copy.deepcopy(body), status=status, headers=headers)

    def answer_page(self, request, found):
        size, number = int(request.query.get("per_page", "10")), int(request.query.get("page", "1"))
        if not 1 <= size <= 100 or number < 1:
            return self.answer(request, *self.error(400, "rest_invalid_param"))
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(math.ceil(len(found) / size))}
        page = [item for item in found[(number - 1) * size : number * size] if item["id"] not in self.unseen]
        return self.answer(request, page, headers=headers if self.counts else None)
