"""What the shop on the test's Shopee holds, in the shapes of the specification's samples."""

from __future__ import annotations

import datetime
import time
from typing import Any

from pasar.commerce.model import Text
from pasar.commerce.platforms.shopee import ShopeeApi
from pasar.commerce.platforms.tokens import Token
from pasar.commerce.rules import ReturnPolicy, Shop
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY, SHOP_ID, ShopeeServer

NOW = int(time.time())
DAY = 86400
BUYER = 1170319091
SHIPPED = "2404098R48U37H"
PAID = "250101PA1D0001"
PLAIN_ITEM, MODELLED_ITEM = 2500139861, 9007199254740993  # the second is no float
TRACKING = "BR222263688572VSPXLM71894"

SHOP = Shop(
    shop_id="testshop",
    name="Test",
    default_language="vi",
    languages=("vi",),
    country="VN",
    currency="VND",
    currencies={},
    time_zone="Asia/Ho_Chi_Minh",
    opens_at=datetime.time(9),
    closes_at=datetime.time(18),
    open_days=(0, 1, 2, 3, 4),
    order_formats=(r"\d{6}[0-9A-Z]{8}",),
    personas={},
    returns=ReturnPolicy(15, True, (5, 7), {}, ()),
    email="",
    address=Text(),
    handling_days=2,
)


def open_api(
    server: ShopeeServer, tokens: MemoryTokens | None = None, seconds: float = 14400, **settings: str
) -> ShopeeApi:
    """The module under test, authorised, asking ``server``; its token is good for so many seconds by both clocks."""
    tokens = tokens or MemoryTokens()
    access, refresh = server.issue(seconds)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    tokens.tokens["testshop", "shopee"] = Token(access, refresh, until)
    keys = {"partner_id": str(PARTNER_ID), "partner_key": PARTNER_KEY, "shop_id": str(SHOP_ID)}
    return ShopeeApi.open(SHOP, keys | {"base_url": server.base_url} | settings, tokens)


def make_line(**changes: Any) -> dict[str, Any]:
    """A line of an order."""
    return {
        "item_id": 23620853561,
        "item_name": "Kem dưỡng ẩm",
        "item_sku": "",
        "model_id": 221404189791,
        "model_name": "60g",
        "model_sku": "QAZ-05",
        "model_quantity_purchased": 1,
        "model_original_price": 300000,
        "model_discounted_price": 48000,
        "promotion_type": "flash_sale",
        "order_item_id": 23620853561,
    } | changes


def make_order(number: str, status: str, age: int = 5, **changes: Any) -> dict[str, Any]:
    """An order, as get_order_detail tells it, placed so many days ago."""
    placed = NOW - age * DAY
    return {
        "order_sn": number,
        "region": "VN",
        "currency": "VND",
        "cod": False,
        "order_status": status,
        "message_to_seller": "",
        "create_time": placed,
        "update_time": placed + DAY,
        "days_to_ship": 2,
        "ship_by_date": placed + 2 * DAY,
        "buyer_user_id": BUYER,
        "buyer_username": "xt4fdsf96j",
        "recipient_address": {
            "city": "Huyện Phước Long",
            "district": "Xã Phong Thạnh Tây B",
            "full_address": "Ấp******",
            "name": "P******n",
            "phone": "******64",
            "region": "VN",
            "state": "Bạc Liêu",
            "town": "",
            "zipcode": "",
        },
        "item_list": [make_line()],
        "pay_time": placed + 60,
        "cancel_by": "",
        "cancel_reason": "",
        "pickup_done_time": placed + DAY if status in ("SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED") else 0,
        "package_list": [
            {
                "package_number": f"OFG{number}",
                "logistics_status": "LOGISTICS_PICKUP_DONE" if status == "SHIPPED" else "LOGISTICS_READY",
                "shipping_carrier": "SPX Express",
            }
        ],
        "shipping_carrier": "Giao Hàng Nhanh",
        "payment_method": "Bank Transfer",
        "total_amount": 53000,
    } | changes


def make_tracking(*entries: tuple[str, float], status: str = "LOGISTICS_PICKUP_DONE") -> dict[str, Any]:
    """What a carrier tells: (logistics_status, days ago)."""
    return {
        "tracking_number": TRACKING,
        "logistics_status": status,
        "tracking_info": [
            {"update_time": NOW - int(days * DAY), "description": f"Kho {event}", "logistics_status": event}
            for event, days in entries
        ],
    }


def make_return(number: str, status: str, age: float = 1, **changes: Any) -> dict[str, Any]:
    """A return of an order, begun so many days ago."""
    return {
        "return_sn": f"R{number}",
        "order_sn": number,
        "status": status,
        "refund_amount": 48000.5,
        "currency": "VND",
        "create_time": NOW - int(age * DAY),
        "update_time": NOW - int(age * DAY) + 3600,
        "needs_logistics": True,
    } | changes


def make_item(number: int, **changes: Any) -> dict[str, Any]:
    """A product without models."""
    return {
        "item_id": number,
        "category_id": 14646,
        "item_name": f"Áo thun {number}",
        "description": "Vải mềm",
        "description_type": "normal",
        "item_sku": f"TEE-{number}",
        "update_time": NOW - DAY,
        "attribute_list": [],
        "price_info": [make_price(122.02)],
        "stock_info_v2": {"summary_info": {"total_reserved_stock": 0, "total_available_stock": 7}},
        "image": {"image_url_list": ["https://cf.shopee.vn/file/1"], "image_id_list": ["1"]},
        "item_status": "NORMAL",
        "has_model": False,
    } | changes


def make_price(amount: float, currency: str = "SGD", taxed: float | None = None) -> dict[str, Any]:
    """A price, and with tax where it differs."""
    return {
        "currency": currency,
        "original_price": amount,
        "current_price": amount,
        "inflated_price_of_original_price": amount if taxed is None else taxed,
        "inflated_price_of_current_price": amount if taxed is None else taxed,
    }


def make_model(
    number: int, tier: list[int], sku: str = "", price: float = 199000, stock: int = 3, **changes: Any
) -> Any:
    """A model of a product."""
    return {
        "model_id": number,
        "tier_index": tier,
        "model_sku": sku,
        "model_status": "MODEL_NORMAL",
        "price_info": [make_price(price, "VND")],
        "stock_info_v2": {"summary_info": {"total_reserved_stock": 0, "total_available_stock": stock}},
    } | changes


def make_models() -> dict[str, Any]:
    """A shirt in two colours and two sizes; one is not sold any more."""
    return {
        "tier_variation": [
            {"name": "Màu sắc", "option_list": [{"option": "Đen"}, {"option": "Trắng"}]},
            {"name": "Kích cỡ", "option_list": [{"option": "M"}, {"option": "L"}]},
        ],
        "model": [
            make_model(2000458802, [0, 0], "TEE-BLK-M"),
            make_model(2000458803, [0, 1], price=189000, stock=0),
            make_model(2000458804, [1, 0], "TEE-WHT-M", model_status="MODEL_UNAVAILABLE"),
        ],
    }


def fill(server: ShopeeServer) -> None:
    """Put the shop of the contract into it: two orders, and more products than one page holds."""
    server.orders = {SHIPPED: make_order(SHIPPED, "SHIPPED"), PAID: make_order(PAID, "READY_TO_SHIP", age=1)}
    server.tracking = {
        f"OFG{SHIPPED}": make_tracking(("ORDER_CREATED", 4.5), ("PICKED_UP", 4), ("DELIVERY_PENDING", 2))
    }
    server.items = {PLAIN_ITEM + number: make_item(PLAIN_ITEM + number) for number in range(60)}
    server.items[MODELLED_ITEM] = make_item(MODELLED_ITEM, has_model=True, item_sku="", price_info=None)
    server.models = {MODELLED_ITEM: make_models()}
    gone = PLAIN_ITEM - 1
    server.items[gone] = make_item(gone, item_status="SELLER_DELETE")
