"""Which platforms there are. A module is imported only when a shop needs it."""

from __future__ import annotations

import importlib
from typing import cast

from pasar.commerce.platforms.api import PlatformApi

#: What stands as ``platform`` in a shop's file → where its :class:`PlatformApi` is.
PLATFORMS = {
    "shopify": "pasar.commerce.platforms.shopify:ShopifyApi",
    "woocommerce": "pasar.commerce.platforms.woocommerce:WooCommerceApi",
    "shopee": "pasar.commerce.platforms.shopee:ShopeeApi",
    "lazada": "pasar.commerce.platforms.lazada:LazadaApi",
    "tiktokshop": "pasar.commerce.platforms.tiktokshop:TikTokShopApi",
    "csv": "pasar.commerce.files:CsvApi",
}


def load_platform(name: str) -> type[PlatformApi]:
    """The class of a platform; KeyError where there is none of that name."""
    module, _, attribute = PLATFORMS[name].partition(":")
    return cast("type[PlatformApi]", getattr(importlib.import_module(module), attribute))
