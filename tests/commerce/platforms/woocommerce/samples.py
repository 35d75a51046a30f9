"""A filled shop, and how it is reached."""

from __future__ import annotations

import base64
import hashlib
import hmac

from pasar.commerce.model import Buyer
from tests.commerce.platforms.woocommerce.server import (
    KEY,
    SECRET,
    WooCommerceServer,
    make_line,
    make_order,
    make_product,
    make_tracking,
    make_variation,
)

WEBHOOK_SECRET = "whisper"
SETTINGS = {
    "url": "https://shop.example",
    "consumer_key": KEY,
    "consumer_secret": SECRET,
    "webhook_secret": WEBHOOK_SECRET,
}
OWNER = Buyer(email="siti@example.com")
NOTICE_URL = "https://pasar.example/shops/callback"
SHIPPED = make_tracking(
    {
        "tracking_provider": "jne",
        "custom_tracking_provider": "",
        "custom_tracking_link": "",
        "tracking_number": "JP1234567890",
        "date_shipped": "1772582400",  # 2026-03-04
        "tracking_id": "fb7170d97d0e628bc3b565999d07c6a9",
    }
)


def fill(shop: WooCommerceServer) -> None:
    """101 simple products, one variable, some that are not sold; orders in every state."""
    for number in range(1, 102):
        shop.products[number] = make_product(number, f"SKU-{number}", f"{number}.50")
    shop.products[200] = make_product(
        200,
        "TEE",
        "12.00",
        type="variable",
        variations=[201, 202, 203, 204],
        manage_stock=True,
        stock_quantity=3,
        name="Ship Your Idea &#8211; Tee",
        attributes=[
            {"id": 6, "name": "Color", "position": 0, "visible": True, "variation": True, "options": ["Black", "Navy"]},
            {
                "id": 0,
                "name": "Care",
                "position": 1,
                "visible": True,
                "variation": False,
                "options": ["Cold", "By hand"],
            },
            {"id": 0, "name": "Internal", "position": 2, "visible": False, "variation": False, "options": ["x"]},
        ],
    )
    shop.variations[200] = [
        make_variation(201, "TEE-BLK-M", "14.00", "Black", "M"),
        make_variation(202, "TEE", "12.00", "Navy", "M", manage_stock="parent", stock_quantity=3),
        make_variation(203, "TEE-BLK-L", "14.00", "Black", "L", stock_quantity=0, stock_status="onbackorder"),
        make_variation(204, "TEE-OLD", "1.00", "Red", "M", status="private"),
    ]
    shop.products[301] = make_product(301, "DRAFT", "5.00", status="draft")
    shop.products[302] = make_product(302, "HIDDEN", "5.00", catalog_visibility="hidden")
    shop.products[303] = make_product(303, "GROUP", "5.00", type="grouped")
    shop.products[304] = make_product(304, "ELSEWHERE", "5.00", type="external")
    shop.products[305] = make_product(305, "PRICELESS", "")
    tee = make_line(316, 200, 1, "12.00", variation_id=202, sku="TEE", name="Tee &ndash; Navy, M")
    shop.orders[727] = make_order(
        727, "completed", [make_line(315, 93, 2, "6.00"), tee], customer_id=26, meta_data=SHIPPED
    )
    shop.orders[728] = make_order(728, "processing", [make_line(318, 1, 3, "4.50")])
    shop.orders[729] = make_order(
        729,
        "pending",
        [make_line(320, 200, 1, "14.00", variation_id=201, sku="TEE-BLK-M"), make_line(321, 1, 1, "1.50")],
    )
    shop.orders[730] = make_order(730, "on-hold", [make_line(330, 200, 1, "14.00", variation_id=201, sku="TEE-BLK-M")])
    other = {**shop.orders[727]["billing"], "email": "not-siti@example.com"}
    shop.orders[740] = make_order(740, "processing", [make_line(340, 1, 1, "1.50")], billing=other, customer_id=27)


def sign_notice(body: bytes) -> dict[str, str]:
    """Headers of a webhook with this body, in lower case."""
    digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).digest()
    return {
        "x-wc-webhook-signature": base64.b64encode(digest).decode(),
        "x-wc-webhook-topic": "product.updated",
        "x-wc-webhook-delivery-id": "4a5b",
    }
