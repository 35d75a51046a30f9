"""Records of TikTok Shop with the fields of its documentation's samples, and a shop that sells there."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from pasar.commerce.model import Buyer, Order, Text
from pasar.commerce.platforms.tiktokshop import TikTokShopApi, orders
from pasar.commerce.platforms.tiktokshop.fields import Record
from pasar.commerce.platforms.tiktokshop.markets import Market
from pasar.commerce.platforms.tokens import Token
from pasar.commerce.rules import ReturnPolicy, Shop
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.tiktokshop.server import APP_KEY, APP_SECRET, CIPHER, SHOP_ID, TikTokShopServer

HER_ID = "7021436810468230477"
HER = Buyer(account=HER_ID)
ORDER_ID = "576461413038785752"  #: on its way
PAID_ID = "576461413038785753"
PRODUCT_ID = "1729592969712207008"
SETTINGS = {"app_key": APP_KEY, "app_secret": APP_SECRET, "shop_cipher": CIPHER, "shop_id": SHOP_ID, "region": "US"}


def open_api(server: TikTokShopServer, tokens: Any, **settings: str) -> TikTokShopApi:
    """The module, asking ``server``."""
    return TikTokShopApi.open(make_shop(), {**SETTINGS, "base_url": server.base_url, **settings}, tokens)


def make_tokens() -> MemoryTokens:
    """A store with the token that the server takes."""
    tokens = MemoryTokens()
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=7)
    tokens.tokens["testshop", "tiktokshop"] = Token("TTP_access_1", "TTP_refresh_1", until)
    return tokens


def fill(server: TikTokShopServer) -> None:
    """A shop with an order on its way, a paid one, somebody else's, five products on sale and one that is not."""
    paid = make_order(PAID_ID, status="AWAITING_SHIPMENT", create_time=1619700000, collection_time=0)
    paid["line_items"] = [make_item(3, tracking_number="", package_status="TO_FULFILL")]
    others = make_order("576461413038785799", user_id="7000000000000000001")
    server.orders = {order["id"]: order for order in (make_order(), paid, others)}
    server.tracking[ORDER_ID] = [
        {"description": "Arrived at the sorting centre\n", "update_time_millis": 1619650000123},
        {"description": "Collected", "update_time_millis": 1619630000000},
    ]
    products = [make_product(f"172959296971220700{number}") for number in range(4)]
    products += [make_product(), make_product("1729592969712207999", status="SELLER_DEACTIVATED")]
    server.products = {product["id"]: product for product in products}


def make_shop(time_zone: str = "Asia/Jakarta", language: str = "id") -> Shop:
    """A shop of whose configuration only time zone and language matter here."""
    return Shop(
        shop_id="testshop",
        name="Test",
        default_language=language,
        languages=(language,),
        country="ID",
        currency="IDR",
        currencies={},
        time_zone=time_zone,
        opens_at=datetime.time(9),
        closes_at=datetime.time(18),
        open_days=(0, 1, 2, 3, 4),
        order_formats=(r"\d{18}",),
        personas={},
        returns=ReturnPolicy(15, True, (5, 7), {}, ()),
        email="shop@example.com",
        address=Text(),
        handling_days=2,
    )


def make_market(region: str = "ID", zone: str = "Asia/Jakarta") -> Market:
    """Where :func:`make_shop` sells."""
    return Market(region, "id", zoneinfo.ZoneInfo(zone))


def make_item(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One piece of an order."""
    item = {
        "id": f"57708651212375512{number}",
        "sku_id": "2729382476852921560",
        "seller_sku": "DRESS-RED-M",
        "product_id": PRODUCT_ID,
        "product_name": "Women's Winter Crochet Clothes",
        "sku_name": "Red, M",
        "sale_price": "55000",
        "original_price": "60000",
        "currency": "IDR",
        "display_status": "IN_TRANSIT",
        "package_id": "1153132168123859123",
        "package_status": "FULFILLING",
        "tracking_number": "JX12345",
        "shipping_provider_name": "J&T Express",
        "rts_time": 1619620000,
        "is_gift": False,
    }
    return {**item, **changes}


def make_order(order_id: str = ORDER_ID, **changes: Any) -> dict[str, Any]:
    """An order on its way, of two pieces of one variant, shipped by TikTok and masked."""
    order = {
        "id": order_id,
        "user_id": HER_ID,
        "status": "IN_TRANSIT",
        "create_time": 1619611561,
        "paid_time": 1619611563,
        "update_time": 1619621355,
        "rts_sla_time": 1619805600,
        "rts_time": 1619620000,
        "collection_time": 1619630000,
        "delivery_sla_time": 1620057600,
        "payment": {
            "currency": "IDR",
            "sub_total": "110000",
            "shipping_fee": "5000",
            "total_amount": "115000",
        },
        "payment_method_name": "CCDC",
        "is_cod": False,
        "buyer_email": "v2b2V5@chat.seller.tiktok.com",
        "shipping_provider": "J&T Express",
        "tracking_number": "JX12345",
        "packages": [{"id": "1153132168123859123"}],
        "recipient_address": {
            "full_address": "Jl. K***, Menteng, Jakarta Pusat, DKI Jakarta, Indonesia 10310",
            "phone_number": "(+62)812*****01",
            "name": "S*** R***",
            "region_code": "ID",
            "postal_code": "10310",
            "address_detail": "Jl. K***",
            "district_info": [
                {"address_level_name": "Country", "address_name": "Indonesia", "address_level": "L0"},
                {"address_level_name": "Province", "address_name": "DKI Jakarta", "address_level": "L1"},
                {"address_level_name": "City", "address_name": "Jakarta Pusat", "address_level": "L2"},
                {"address_level_name": "District", "address_name": "Menteng", "address_level": "L3"},
            ],
        },
        "line_items": [make_item(1), make_item(2)],
    }
    return {**order, **changes}


def make_sku(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A variant of a product."""
    sku = {
        "id": f"172959296971220701{number}",
        "seller_sku": f"SOCKS-{number}",
        "price": {"tax_exclusive_price": "110", "sale_price": "117.5", "currency": "USD"},
        "inventory": [
            {"warehouse_id": "6966568648651605766", "quantity": 7},
            {"warehouse_id": "6966568648651605767", "quantity": 2},
        ],
        "sales_attributes": [
            {"id": "100000", "name": "Color", "value_id": "1", "value_name": "Red"},
            {"id": "100007", "name": "Size", "value_id": "2", "value_name": "M"},
        ],
        "status_info": {"status": "NORMAL"},
    }
    return {**sku, **changes}


def make_product(product_id: str = PRODUCT_ID, **changes: Any) -> dict[str, Any]:
    """A product on sale."""
    product = {
        "id": product_id,
        "status": "ACTIVATE",
        "title": "Short Boat Invisible Socks",
        "description": "<p>Soft &amp; warm.</p>\n<ul> <li>M-Size</li><li>XL-Size</li></ul><img src='x' />",
        "main_images": [{"urls": ["https://p16.example/1.jpeg"], "uri": "tos/1"}],
        "product_attributes": [{"id": "100392", "name": "Occasion", "values": [{"id": "1001533", "name": "Birthday"}]}],
        "skus": [make_sku()],
        "create_time": 1234567890,
        "update_time": 1234567899,
    }
    return {**product, **changes}


def make_coupon(coupon_id: str = "7342461823095965461", **changes: Any) -> dict[str, Any]:
    """A promo code that takes an amount off."""
    coupon = {
        "id": coupon_id,
        "title": "test coupon",
        "display_type": "PROMO_CODE",
        "status": "ONGOING",
        "promo_code": "TTS12345",
        "target_buyer_segment": "ALL\n",
        "claim_duration": {"start_time": 1709568000, "end_time": 1709654340},
        "redemption_duration": {"type": "ABSOLUTE", "start_time": 1709568000, "end_time": 1709913600},
        "usage_limits": {"single_buyer_claim_limit": 1, "total_claim_limit": 1000, "redemption_limit": 500},
        "usage_stats": {"claimed_count": 5, "redeemed_count": 2},
        "discount": {"type": "AMOUNT_OFF", "reduction_amount": {"amount": "30.5", "currency": "USD"}},
        "threshold": {"type": "MIN_SPEND", "min_spend": {"amount": "100", "currency": "USD"}},
        "product_scope": "FULL_SHOP",
    }
    return {**coupon, **changes}


def make_return(**changes: Any) -> dict[str, Any]:
    """A return of both pieces of :func:`make_order`."""
    known = {
        "order_id": ORDER_ID,
        "return_id": "4035318504086604100",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "create_time": 1690451136,
        "update_time": 1690556400,
        "return_line_items": [{"order_line_item_id": make_item(number)["id"]} for number in (1, 2)],
        "refund_amount": {"currency": "IDR", "refund_total": "115000"},
    }
    return {**known, **changes}


def read_order(**changes: Any) -> Order:
    """:func:`make_order` with changes, read."""
    return orders.read_order(Record(make_order(**changes), "orders[0]"), make_market())
