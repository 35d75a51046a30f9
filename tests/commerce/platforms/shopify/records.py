"""What a Shopify store holds, as the Admin GraphQL API tells it; every maker takes the fields that differ."""

from __future__ import annotations

import datetime
from typing import Any

from pasar.commerce.model import Text
from pasar.commerce.rules import ReturnPolicy, Shop

Record = dict[str, Any]

OWNER = "siti@example.com"
SHOP = Shop(
    shop_id="testshop",
    name="Test Shop",
    default_language="en",
    languages=("en",),
    country="US",
    currency="USD",
    currencies={"DE": "EUR", "FR": "EUR", "ID": "IDR"},
    time_zone="Asia/Jakarta",
    opens_at=datetime.time(9),
    closes_at=datetime.time(18),
    open_days=(0, 1, 2, 3, 4),
    order_formats=(r"#?\d{4,}",),
    personas={},
    returns=ReturnPolicy(15, buyer_pays_shipping=True, refund_days=(5, 7), approval_limit={}, photo_reasons=()),
    email="help@example.com",
    address=Text(),
    handling_days=2,
)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def at(days: float) -> str:
    """A moment so many days from now, as Shopify writes it."""
    return (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(amount: str, currency: str = "EUR") -> Record:
    """A MoneyV2."""
    return {"amount": amount, "currencyCode": currency}


def bag(amount: str, currency: str = "EUR", shop: str = "0.01") -> Record:
    """A MoneyBag: what the buyer sees, and something else in the store's currency."""
    return {"presentmentMoney": money(amount, currency), "shopMoney": money(shop, "USD")}


def make_variant(number: int, sku: str = "", color: str = "", size: str = "", **fields: Any) -> Record:
    """A ProductVariant."""
    options = [{"name": name, "value": value} for name, value in (("Color", color), ("Size", size)) if value]
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "legacyResourceId": str(number),
        "sku": sku,
        "availableForSale": True,
        "inventoryQuantity": 5,
        "inventoryPolicy": "DENY",
        "selectedOptions": options or [{"name": "Title", "value": "Default Title"}],
        "product": {"tracksInventory": True},
        **fields,
    }


def make_product(
    number: int, *variants: Record, price: str = "13.5", prices: Record | None = None, **fields: Any
) -> Record:
    """A Product; ``prices`` by country, elsewhere in the store's dollars; ``metafields`` by namespace and key."""
    metafields = fields.pop("metafields", {})

    def price_in(args: Record) -> Record:
        found = (prices or {}).get(args["context"]["country"], money(price, "USD"))
        return {"priceRange": {"minVariantPrice": found, "maxVariantPrice": found}}

    return {
        "id": f"gid://shopify/Product/{number}",
        "legacyResourceId": str(number),
        "handle": f"thing-{number}",
        "title": f"Thing {number}",
        "description": "Made of linen.",
        "status": "ACTIVE",
        "productType": "Clothing",
        "onlineStoreUrl": f"https://example.com/products/thing-{number}",
        "tracksInventory": True,
        "featuredMedia": {"preview": {"image": {"url": f"https://cdn.example.com/{number}.jpg"}}},
        "priceRangeV2": {"minVariantPrice": money(price, "USD"), "maxVariantPrice": money(price, "USD")},
        "contextualPricing": price_in,
        "metafield": lambda args: metafields.get((args["namespace"], args["key"])),
        "variants": list(variants) or [make_variant(number * 100, f"SKU-{number}")],
        "updatedAt": at(-3),
        **fields,
    }


def make_line(number: int, sku: str, quantity: int = 1, price: str = "13.5", **fields: Any) -> Record:
    """A LineItem."""
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "name": f"Thing - {sku}",
        "sku": sku,
        "quantity": quantity,
        "currentQuantity": quantity,
        "originalUnitPriceSet": bag(price),
        "product": {"handle": "thing-1"},
        "variant": make_variant(number * 10, sku),
        **fields,
    }


def make_fulfillment(number: str = "JT0001", **fields: Any) -> Record:
    """A Fulfillment on its way."""
    return {
        "status": "SUCCESS",
        "displayStatus": "IN_TRANSIT",
        "createdAt": at(-3),
        "inTransitAt": at(-2.5),
        "deliveredAt": None,
        "estimatedDeliveryAt": at(2),
        "trackingInfo": [{"company": "J&T Express", "number": number, "url": None}],
        "events": [
            {"happenedAt": at(-2.5), "status": "IN_TRANSIT", "city": "Jakarta", "province": None, "country": "ID"},
            {"happenedAt": at(-2.9), "status": "CONFIRMED", "city": None, "province": None, "country": None},
            {
                "happenedAt": at(-2.8),
                "status": "CARRIER_PICKED_UP",
                "city": "Bandung",
                "province": None,
                "country": "ID",
            },
        ],
        **fields,
    }


def make_refund(amount: str, *steps: Record, **fields: Any) -> Record:
    """A Refund; its transactions are ``steps``, else one that succeeded."""
    step = {"kind": "REFUND", "status": "SUCCESS", "processedAt": at(-0.5), "formattedGateway": "Shopify Payments"}
    return {"createdAt": at(-1), "totalRefundedSet": bag(amount), "transactions": list(steps) or [step], **fields}


def make_return(status: str, worth: str = "13.5", **fields: Any) -> Record:
    """A Return of one line."""
    line = {"__typename": "ReturnLineItem", "id": "gid://shopify/ReturnLineItem/1", "quantity": 1}
    return {
        "name": "#1001-R1",
        "status": status,
        "createdAt": at(-1),
        "requestApprovedAt": None,
        "returnLineItems": [{**line, "withCodeDiscountedTotalPriceSet": bag(worth)}],
        **fields,
    }


ADDRESS = {
    "address1": "Jl. Kemang Raya 7",
    "address2": "",
    "city": "Jakarta",
    "company": None,
    "countryCodeV2": "ID",
    "firstName": "Siti",
    "lastName": "Rahma",
    "name": "Siti Rahma",
    "phone": "+6281200001001",
    "province": "Jakarta",
    "provinceCode": "JK",
    "zip": "12730",
}


def make_order(number: int, *lines: Record, **fields: Any) -> Record:
    """An Order that is paid and not packed yet."""
    return {
        "id": f"gid://shopify/Order/{4500000000 + number}",
        "legacyResourceId": str(4500000000 + number),
        "name": f"#{number}",
        "createdAt": at(number - 1010),
        "cancelledAt": None,
        "cancelReason": None,
        "email": OWNER,
        "phone": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "returnStatus": "NO_RETURN",
        "fullyPaid": True,
        "paymentGatewayNames": ["shopify_payments"],
        "totalPriceSet": bag("13.5"),
        "customer": {
            "displayName": "Siti Rahma",
            "defaultEmailAddress": {"emailAddress": OWNER},
            "defaultPhoneNumber": {"phoneNumber": "+6281200001001"},
        },
        "shippingAddress": dict(ADDRESS),
        "billingAddress": dict(ADDRESS),
        "lineItems": list(lines) or [make_line(number * 10, "DRESS-BLK-M")],
        "fulfillments": [],
        "refunds": [],
        "returns": [],
        **fields,
    }


def make_shipped(number: int, *lines: Record, **fields: Any) -> Record:
    """An Order on its way."""
    state = {"displayFulfillmentStatus": "FULFILLED", "fulfillments": [make_fulfillment()]}
    return make_order(number, *lines, **{**state, **fields})


def make_discount(kind: str = "DiscountCodeBasic", **fields: Any) -> Record:
    """A code discount: fifteen per cent off all for everybody, unless told otherwise."""
    common = {
        "__typename": kind,
        "title": "Welcome",
        "startsAt": at(-30),
        "endsAt": None,
        "usageLimit": None,
        "asyncUsageCount": 0,
        "appliesOncePerCustomer": False,
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": True},
        "context": {"__typename": "DiscountBuyerSelectionAll"},
        "minimumRequirement": None,
        "customerGets": {
            "value": {"__typename": "DiscountPercentage", "percentage": 0.15},
            "items": {"__typename": "AllDiscountItems"},
        },
        "destinationSelection": {"__typename": "DiscountCountryAll"},
        "maximumShippingPrice": None,
    }
    return {**common, **fields}
