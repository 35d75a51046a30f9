"""Orders, products and vouchers of a Lazada shop, in the shapes of the documentation's samples."""

from __future__ import annotations

import datetime
import time
from typing import Any

from tests.commerce.platforms.lazada_server import LazadaServer

HOUR = 3_600_000
BEGUN = 1_625_900_000_000


def add_order(server: LazadaServer, number: str, *items: dict[str, Any], **order: Any) -> None:
    """An order of these items; ``order`` changes what GetOrder says of it."""
    address = {
        "country": "Singapore",
        "address1": "318 tanglin road, phoenix park, #01-59",
        "address2": "",
        "address3": "Central",
        "address4": "Singapore",
        "city": "Singapore-Central",
        "post_code": "247979",
        "addressDistrict": "Tanglin",
        "first_name": "Mei",
        "last_name": "Tan",
        "phone": "94****48",
    }
    price = sum(float(item["item_price"]) for item in items)
    server.orders[number] = {
        "order_id": int(number),
        "order_number": int(number),
        "created_at": "2021-07-10 09:00:00 +0800",
        "price": f"{price:.2f}",
        "voucher": "0.00",
        "shipping_fee": "0.00",
        "payment_method": "COD",
        "customer_first_name": "Mei",
        "customer_last_name": "Tan",
        "items_count": str(len(items)),
        "statuses": sorted({item["status"] for item in items}),
        "address_shipping": address,
        **order,
    }
    server.items[number] = [{"order_id": number, **item} for item in items]


def make_item(number: int, status: str, **fields: Any) -> dict[str, Any]:
    """One piece."""
    return {
        "order_item_id": number,
        "status": status,
        "name": "Bean Rester Dooby Red",
        "sku": "BRSD#02",
        "shop_sku": "BE494HLAAUE3SGAMZ-39898",
        "product_id": "180226526",
        "item_price": "99.00",
        "paid_price": "89.00",
        "currency": "SGD",
        "tracking_code": "",
        "shipment_provider": "",
        "buyer_id": "1001",
        "cancel_return_initiator": "null-null",
        "created_at": "2021-07-10 09:00:00 +0800",
        "updated_at": "2021-07-12 23:30:00 +0800",
        "sla_time_stamp": "2021-07-13T23:59:59+08:00",
        "need_cancel_confirm": "false",
        "is_cancel_pending": "false",
        **fields,
    }


def make_sent(number: int, status: str, tracking: str, **fields: Any) -> dict[str, Any]:
    """One piece that a carrier has, or had."""
    return make_item(number, status, tracking_code=tracking, shipment_provider="LEX SG", **fields)


def make_package(tracking: str, *kinds: str, begun: int = BEGUN) -> dict[str, Any]:
    """What the trace tells of a package: an event each hour; newest first, as nothing says that they are sorted."""
    events = [
        {
            "package_location_name": "Tuas Hub" if kind == "ship_info" else None,
            "status_code": "1200",
            "proof_images": [],
            "detail_type": kind,
            "event_date": None,
            "receive_time": "0",
            "description": "Your parcel moves.",
            "title": f"Event {kind}",
            "event_time": str(begun + number * HOUR),
        }
        for number, kind in enumerate(kinds)
    ]
    return {
        "ofc_package_id": f"FP-{tracking}",
        "tracking_number": tracking,
        "order_line_info_list": None,
        "logistic_detail_info_list": events[::-1],
    }


def make_reverse_line(status: str, amount: Any, **fields: Any) -> dict[str, Any]:
    """A line of a reverse order."""
    return {
        "reverse_status": status,
        "refund_amount": amount,
        "is_need_refund": "true",
        "refund_payment_method": "Alipay",
        "return_order_line_gmt_modified": "0",
        **fields,
    }


def make_product(number: int, *skus: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A product."""
    return {
        "item_id": number,
        "status": "Active",
        "created_time": str(BEGUN),
        "updated_time": str(int(time.time() * 1000)),
        "images": '[     "https://my-live.slatic.net/p/540bc.jpg",     "https://my-live.slatic.net/p/8913f.jpg" ]',
        "attributes": {
            "name": f"Dress {number}",
            "short_description": "<ul><li>short</li></ul>",
            "description": "<p>Soft &amp; light</p>\n<p>Wash <b>cold</b><br>Made in VN</p>",
        },
        "skus": list(skus) or [make_sku(f"D-{number}")],
        **fields,
    }


def make_sku(seller_sku: str, color: str = "Light Blue", size: str = "M", **fields: Any) -> dict[str, Any]:
    """A variant."""
    return {
        "Status": "active",
        "quantity": 9,
        "Available": 4,
        "SellerSku": seller_sku,
        "ShopSku": f"{seller_sku}-SGAMZ",
        "SkuId": 314525867,
        "Url": f"https://www.lazada.sg/{seller_sku}.html",
        "price": 32.5,
        "special_price": 0.0,
        "saleProp": {"color_family": color, "size": size},
        "Images": ["", "http://sg-live-01.slatic.net/p/BUYI1-catalog.jpg"],
        **fields,
    }


def make_voucher(code: str, **fields: Any) -> dict[str, Any]:
    """A voucher with a code, ten days around today."""
    now = datetime.datetime.now(datetime.timezone.utc)
    begins, ends = (int((now + datetime.timedelta(days=days)).timestamp() * 1000) for days in (-5, 5))
    return {
        "id": "91471121126083",
        "voucher_type": "CODE_VOUCHER",
        "voucher_code": code,
        "voucher_name": "Raya sale",
        "voucher_discount_type": "MONEY_VALUE_OFF",
        "offering_money_value_off": "5",
        "offering_percentage_discount_off": "null",
        "max_discount_offering_money_value": "null",
        "criteria_over_money": "100",
        "apply": "ENTIRE_SHOP",
        "currency": "SGD",
        "period_start_time": str(begins),
        "period_end_time": str(ends),
        "limit": "1",
        "issued": "5",
        "order_used_budget": "0",
        "status": "ONGOING",
        **fields,
    }
