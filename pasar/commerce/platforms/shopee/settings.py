"""What a shop's file says of its shop on Shopee."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability
from pasar.commerce.platforms.shopee.envelope import PLATFORM

BASE_URL = "https://partner.shopeemobile.com"
MOST_ORDER_DAYS = 15  # Shopee lists no longer span at once

#: At best: orders are found where the shop's settings say how far back, the rest where the app's type may.
ABILITIES = frozenset(
    {
        Ability.FIND_ORDERS,
        Ability.LIVE_STOCK,
        Ability.SYNC_CHANGES,
        Ability.NOTICES,
        Ability.COUPONS,
        Ability.CANCEL,
        Ability.SHOW_RETURNS,
    }
)
#: What an app of this type may not do, by the list of permitted types in the reference of each call. Customer Service
#: may list vouchers, but not read what one is worth.
_FORBIDDEN = {
    "seller_in_house_system": frozenset[Ability](),
    "erp_system": frozenset[Ability](),
    "customer_service": frozenset({Ability.CANCEL, Ability.COUPONS}),
}


@dataclasses.dataclass(frozen=True)
class Account:
    """Whom Shopee knows us as."""

    partner_id: int
    partner_key: str = dataclasses.field(repr=False)
    shop_id: int


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings, read."""

    account: Account
    abilities: frozenset[Ability]
    order_days: int  #: how far back a buyer's orders are looked for; 0: not at all
    base_url: str

    @classmethod
    def read(cls, shop_id: str, settings: Mapping[str, str]) -> Settings:
        """Check the settings; ShopError names the one that is wrong."""

        def fail(reason: str) -> ShopError:
            return ShopError(shop_id, "open", f"{PLATFORM}: setting {reason}")

        def read_text(name: str) -> str:
            text = str(settings.get(name) or "").strip()
            if not text:
                raise fail(f"{name} is missing")
            return text

        def read_number(name: str) -> int:
            text = read_text(name)
            if not text.isascii() or not text.isdigit():
                raise fail(f"{name} is no whole number")
            return int(text)

        order_days = read_number("find_orders_days") if settings.get("find_orders_days") else 0
        if order_days > MOST_ORDER_DAYS:
            raise fail(f"find_orders_days is more than {MOST_ORDER_DAYS}")
        app_type = settings.get("app_type") or "seller_in_house_system"
        if app_type not in _FORBIDDEN:
            raise fail(f"app_type is none of {', '.join(_FORBIDDEN)}")
        not_found = frozenset[Ability]() if order_days else frozenset({Ability.FIND_ORDERS})
        return cls(
            account=Account(read_number("partner_id"), read_text("partner_key"), read_number("shop_id")),
            abilities=ABILITIES - not_found - _FORBIDDEN[app_type],
            order_days=order_days,
            base_url=(settings.get("base_url") or BASE_URL).rstrip("/"),
        )
