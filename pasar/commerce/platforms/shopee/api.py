"""One shop on Shopee."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.model import Buyer, Order, OrderState, Product
from pasar.commerce.platforms.api import Notice, NotSupportedError, UnsupportedChanges
from pasar.commerce.platforms.shopee.calls import Calls
from pasar.commerce.platforms.shopee.catalogue import Catalogue
from pasar.commerce.platforms.shopee.envelope import find_code
from pasar.commerce.platforms.shopee.notices import read_notice
from pasar.commerce.platforms.shopee.orderbook import OrderBook
from pasar.commerce.platforms.shopee.settings import ABILITIES, Settings
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop

_REFUSALS = {
    OrderState.SHIPPED: "shipped",
    OrderState.DELIVERED: "shipped",
    OrderState.RETURNED: "shipped",
    OrderState.CANCELLED: "cancelled",
}
#: "Can not cancel this order", "You can not cancel warehouse order."
_NOT_CANCELLED = frozenset({"order.error_limit", "order.error_param"})


class ShopeeApi(UnsupportedChanges):
    """A platform's interface (:class:`pasar.commerce.platforms.api.PlatformApi`) to one shop on Shopee."""

    abilities: ClassVar[frozenset[Ability]] = ABILITIES
    keys: ClassVar[Mapping[str, str]] = {
        "partner_id": "the app's partner id: Shopee Open Platform Console, App List, the app's page",
        "partner_key": "the app's live partner key, on the same page",
        "shop_id": "Shopee's number of the shop: in the address that the authorisation leads back to",
    }

    def __init__(self, shop: Shop, settings: Settings, tokens: TokenStore) -> None:
        """See :meth:`open`."""
        time_zone = zoneinfo.ZoneInfo(shop.time_zone)
        self._settings = settings
        self.abilities = settings.abilities  # type: ignore[misc]  # fewer than the platform's at its best
        self._calls = Calls(shop.shop_id, settings, tokens)
        self._orders = OrderBook(self._calls, shop, time_zone)
        self._catalogue = Catalogue(self._calls, shop, time_zone)

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> ShopeeApi:
        """Make it from the shop's keys; does not connect. ShopError names the setting that is wrong.

        Besides the keys: ``base_url`` for Shopee's hosts in China and Brazil or its sandbox; ``app_type``, as the app
        is registered (customer_service, erp_system, else seller_in_house_system), which limits the abilities;
        ``find_orders_days``, see :meth:`find_orders`.
        """
        return cls(shop, Settings.read(shop.shop_id, settings), tokens)

    async def close(self) -> None:
        """Give back connections."""
        await self._calls.close()

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number, or None; with its parcel and its youngest return."""
        return await self._orders.read(order_id)

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """The orders that an account has placed in the last ``find_orders_days`` days, newest first.

        Shopee cannot search by buyer. Only where the shop's settings have that number (at most 15) are all its orders
        of those days read and those of the buyer kept. That is for shops with few of them: a ShopError says so where
        they are more than 300. Elsewhere nothing is found without a number.
        """
        days = self._settings.order_days
        return await self._orders.find(buyer.account, days) if days and buyer.account else ()

    def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """Products for sale, up to fifty at a time. One that is not as specified is left out and logged."""
        return self._catalogue.read_all(changed_since)

    async def read_product(self, reference: str) -> Product | None:
        """One product as it is now by Shopee's item id, or None; also where it is not for sale."""
        return await self._catalogue.read(reference)

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher of the shop's is worth, or None; of each status the first 500 are looked through."""
        return await self._catalogue.read_voucher(code) if Ability.COUPONS in self.abilities else None

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Have the seller cancel an order that is not shipped, at the buyer's wish whatever her reason.

        REQUESTED where Shopee took it, but does not call the order cancelled yet. Source:
        https://open.shopee.com/documents/v2/v2.order.cancel_order?module=94&type=1.
        """
        if Ability.CANCEL not in self.abilities:
            raise NotSupportedError("cancel_order")
        if order.state in _REFUSALS:
            return Change(Outcome.REFUSED, _REFUSALS[order.state])
        wish = {"order_sn": order.order_id, "cancel_reason": "CUSTOMER_REQUEST"}
        try:
            await self._calls.change("cancel_order", "order/cancel_order", wish)
        except ShopUnavailableError:
            raise
        except ShopError as error:
            if find_code(error) in _NOT_CANCELLED:
                return Change(Outcome.REFUSED, "not_allowed", detail=error.reason)
            raise
        return Change(Outcome.DONE if await self._orders.is_cancelled(order.order_id) else Outcome.REQUESTED)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a push whose signature is good; ForgedNoticeError, MalformedNoticeError otherwise."""
        return read_notice(headers, body, url, self._settings.account)
