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


class Reader:
    """Reads a shop's settings; ShopError names the one that is wrong."""

    def __init__(self, shop_id: str, settings: Mapping[str, str], call: str = "open") -> None:
        """``call`` is what the errors name."""
        self._shop_id = shop_id
        self._settings = settings
        self._call = call

    def fail(self, reason: str) -> ShopError:
        """The error to raise about a setting."""
        return ShopError(self._shop_id, self._call, f"{PLATFORM}: setting {reason}")

    def read_text(self, name: str) -> str:
        """A text that must be there."""
        text = str(self._settings.get(name) or "").strip()
        if not text:
            raise self.fail(f"{name} is missing")
        return text

    def read_number(self, name: str) -> int:
        """A whole number that must be there."""
        text = self.read_text(name)
        if not text.isascii() or not text.isdigit():
            raise self.fail(f"{name} is no whole number")
        return int(text)

    def find_number(self, name: str) -> int:
        """A whole number, 0 where there is none."""
        return self.read_number(name) if self._settings.get(name) else 0

    def find_base_url(self) -> str:
        """What is asked."""
        return (self._settings.get("base_url") or BASE_URL).rstrip("/")


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
        reader = Reader(shop_id, settings)
        order_days = reader.find_number("find_orders_days")
        if order_days > MOST_ORDER_DAYS:
            raise reader.fail(f"find_orders_days is more than {MOST_ORDER_DAYS}")
        app_type = settings.get("app_type") or "seller_in_house_system"
        if app_type not in _FORBIDDEN:
            raise reader.fail(f"app_type is none of {', '.join(_FORBIDDEN)}")
        not_found = frozenset[Ability]() if order_days else frozenset({Ability.FIND_ORDERS})
        return cls(
            account=Account(
                reader.read_number("partner_id"), reader.read_text("partner_key"), reader.read_number("shop_id")
            ),
            abilities=ABILITIES - not_found - _FORBIDDEN[app_type],
            order_days=order_days,
            base_url=reader.find_base_url(),
        )
