"""Which platforms there are. A module is imported only when a shop needs it."""

from __future__ import annotations

import importlib
from typing import cast

from pasar.commerce.platforms.api import PlatformApi
from pasar.commerce.platforms.authorisation import Authorisation

#: What stands as ``platform`` in a shop's file → where its :class:`PlatformApi` is.
PLATFORMS = {
    "shopify": "pasar.commerce.platforms.shopify:ShopifyApi",
    "woocommerce": "pasar.commerce.platforms.woocommerce:WooCommerceApi",
    "shopee": "pasar.commerce.platforms.shopee:ShopeeApi",
    "lazada": "pasar.commerce.platforms.lazada:LazadaApi",
    "tiktokshop": "pasar.commerce.platforms.tiktokshop:TikTokShopApi",
    "csv": "pasar.commerce.files:CsvApi",
}

#: Platforms whose sellers let an app in by following a link → where their :class:`.authorisation.Authorisation` is. On
#: the others the seller makes keys, which stand in the environment.
AUTHORISATIONS = {
    "shopee": "pasar.commerce.platforms.shopee.authorisation:ShopeeAuthorisation",
    "lazada": "pasar.commerce.platforms.lazada.authorisation:LazadaAuthorisation",
    "tiktokshop": "pasar.commerce.platforms.tiktokshop.authorisation:TikTokShopAuthorisation",
}


def load_platform(name: str) -> type[PlatformApi]:
    """The class of a platform; KeyError where there is none of that name."""
    return cast("type[PlatformApi]", _load(PLATFORMS[name]))


def load_authorisation(name: str) -> type[Authorisation] | None:
    """How a platform's sellers let us in; None where they make keys instead."""
    return cast("type[Authorisation]", _load(AUTHORISATIONS[name])) if name in AUTHORISATIONS else None


def _load(place: str) -> object:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
