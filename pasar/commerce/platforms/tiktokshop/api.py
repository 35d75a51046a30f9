"""Asking TikTok Shop for one shop."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import zoneinfo
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.model import Buyer, Order, OrderState, Product, ReturnRequest, ReturnTicket, Scan
from pasar.commerce.platforms.api import Notice, NotSupportedError, UnsupportedChanges
from pasar.commerce.platforms.client import CALL_SECONDS, SYNC_SECONDS
from pasar.commerce.platforms.tiktokshop import aftersales, coupons, notices, orders, products
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record, is_id
from pasar.commerce.platforms.tiktokshop.markets import CANCEL_MARKETS, CANCEL_REASONS, RETURN_REASONS, Market
from pasar.commerce.platforms.tiktokshop.session import Session, find_code
from pasar.commerce.platforms.tiktokshop.signing import PLATFORM, App, RequestAuth
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop

HOST = "https://open-api.tiktokglobalshop.com"
AUTH_HOST = "https://auth.tiktok-shops.com"
AFTERSALES_PAGE_SIZE = 50  # the most that TikTok gives of cancellations and returns
AT_ONCE = 10  # products asked for side by side

_ORDERS = "/order/202507/orders"
_ORDER_SEARCH = "/order/202309/orders/search"
_PRODUCT_SEARCH = "/product/202502/products/search"
_INVENTORY_SEARCH = "/product/202309/inventory/search"
_COUPON_SEARCH = "/promotion/202406/coupons/search"
_AFTERSALES = "/return_refund/202309"

_NO_ORDER = frozenset({"21008111"})  # also of another seller
_NO_PRODUCT = frozenset({"12019150", "12052032", "12052048", "12052260", "12052901"})  # 12052901: frozen or deleted
#: Where an order stands when there may be a return of it.
_RETURNABLE = frozenset({OrderState.SHIPPED, OrderState.DELIVERED})

log = structlog.get_logger()


class TikTokShopApi(UnsupportedChanges):
    """TikTok Shop, for one shop in one market. What its market gives sellers no reason for is not in its abilities."""

    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {
            Ability.FIND_ORDERS,
            Ability.LIVE_STOCK,
            Ability.SYNC_CHANGES,
            Ability.NOTICES,
            Ability.COUPONS,
            Ability.CANCEL,
            Ability.OPEN_RETURN,
            Ability.SHOW_RETURNS,
        }
    )
    keys: ClassVar[Mapping[str, str]] = {
        "app_key": "Partner Center, App & Service, your app: App key",
        "app_secret": "the same page: App secret",
        "shop_cipher": "API Get Authorized Shops: cipher of the shop",
        "shop_id": "API Get Authorized Shops: id of the shop",
        "region": "API Get Authorized Shops: region of the shop, as ID, TH or GB",
    }

    def __init__(self, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> None:
        self._shop_id = shop.shop_id
        self._their_id = settings["shop_id"]
        self._market = Market(settings["region"].upper(), shop.default_language, zoneinfo.ZoneInfo(shop.time_zone))
        self._app = App(settings["app_key"], settings["app_secret"])
        own = settings.get("base_url", "").rstrip("/")
        auth = RequestAuth(shop.shop_id, self._app, settings["shop_cipher"], tokens, own or AUTH_HOST)
        self._session = Session(shop.shop_id, own or HOST, auth)
        lacking = {
            Ability.CANCEL: self._market.region not in CANCEL_MARKETS,
            Ability.OPEN_RETURN: self._market.region not in RETURN_REASONS,
        }
        abilities = type(self).abilities - {ability for ability, lacks in lacking.items() if lacks}
        self.abilities = abilities  # type: ignore[misc]  # fewer than the platform's at its best

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> TikTokShopApi:
        """Make it from the shop's keys; ShopError names those that are missing."""
        missing = [name for name in cls.keys if not settings.get(name)]
        if missing:
            raise ShopError(shop.shop_id, "open", f"{PLATFORM}: keys.{', keys.'.join(missing)} missing")
        return cls(shop, settings, tokens)

    async def close(self) -> None:
        """Give back connections."""
        await self._session.close()

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number, with its scans and its refund, or None."""
        call, order_id = "read_order", order_id.strip()
        if not is_id(order_id):
            return None
        with self._session.naming(call):
            try:
                data = await self._session.ask(call, _ORDERS, params={"ids": order_id})
            except ShopError as error:
                if find_code(error) in _NO_ORDER:
                    return None
                raise
            records = [record for record in data.list_records("orders") if record.find_text("id") == order_id]
            return await self._complete_order(call, records[0]) if records else None

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """The orders of ``buyer.account``, TikTok's ``user_id``, newest first and without scans and refunds."""
        call = "find_orders"
        if not is_id(buyer.account):
            return ()
        found: list[Order] = []
        with self._session.naming(call):
            query = {"sort_field": "create_time", "sort_order": "DESC"}
            body = {"buyer_user_id": buyer.account}
            async for page in self._session.list_pages(call, _ORDER_SEARCH, "orders", body, params=query):
                found += [orders.read_order(record, self._market) for record in page]
        # Should TikTok leave out the filter, nobody else's order may come of it.
        hers = [order for order in found if order.account == buyer.account]
        return sorted(hers, key=lambda order: order.placed_at, reverse=True)

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """All products on sale a page at a time; one that cannot be read is logged and left out."""
        call = "read_products"
        body: dict[str, Any] = {"status": "ACTIVATE"}
        if changed_since is not None:
            body["update_time_ge"] = int(changed_since.timestamp())
        with self._session.naming(call):
            async for page in self._session.list_pages(call, _PRODUCT_SEARCH, "products", body, seconds=SYNC_SECONDS):
                references = [record.read_text("id") for record in page]
                found: list[Product | None] = []
                for start in range(0, len(references), AT_ONCE):
                    wanted = references[start : start + AT_ONCE]
                    found += await asyncio.gather(*(self._read_listed(call, reference) for reference in wanted))
                yield [product for product in found if product is not None]

    async def read_product(self, reference: str) -> Product | None:
        """One product with what can be ordered of it now, or None where it is not for sale."""
        call = "read_product"
        if not is_id(reference):
            return None
        with self._session.naming(call):
            record = await self._find_product(call, reference, CALL_SECONDS)
            if record is None or products.read_product(record, self._market) is None:
                return None
            data = await self._session.ask(call, _INVENTORY_SEARCH, method="POST", json={"product_ids": [reference]})
            return products.read_product(record, self._market, products.read_stock(data))

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a promo code is worth, or None; ShopError where that is not the same for every buyer."""
        call, wanted = "read_coupon", code.strip().casefold()
        if not coupons.is_code(wanted):
            return None
        body = {"display_type": ["PROMO_CODE"], "status": list(coupons.STATUSES)}
        found: dict[str, str] = {}
        with self._session.naming(call):
            async for page in self._session.list_pages(call, _COUPON_SEARCH, "coupons", body):
                for record in page:
                    if record.find_text("promo_code").casefold() == wanted and is_id(record.find_text("id")):
                        found.setdefault(record.find_text("status"), record.find_text("id"))
            coupon_id = next((found[status] for status in coupons.STATUSES if status in found), None)
            if coupon_id is None:
                return None
            data = await self._session.ask(call, f"/promotion/202406/coupons/{coupon_id}")
            return coupons.read_coupon(data.read_record("coupon"), self._market)

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Stop the whole order, as its buyer wishes: TikTok's only reason of hers, whatever ``reason`` says."""
        call = "cancel_order"
        if Ability.CANCEL not in self.abilities:
            raise NotSupportedError(call)
        their_reason = CANCEL_REASONS.get(order.state)
        if their_reason is None:
            return Change(Outcome.REFUSED, "cancelled" if order.state is OrderState.CANCELLED else "shipped")
        body = {"order_id": order.order_id, "cancel_reason": their_reason}
        with self._session.naming(call, changing=True):
            try:
                answer = await self._session.change(call, f"{_AFTERSALES}/cancellations", json=body)
            except ShopError as error:
                code = find_code(error)
                if code == aftersales.ALREADY_CODE:
                    return await self._read_cancellation(call, order.order_id, error.reason)
                if code in aftersales.CANCEL_REFUSALS:
                    return Change(Outcome.REFUSED, aftersales.CANCEL_REFUSALS[code], detail=error.reason)
                raise
            return aftersales.read_cancellation(answer)

    async def open_return(self, order: Order, request: ReturnRequest) -> ReturnTicket:
        """Open a return with refund of all that TikTok lets the seller take back, or give the one there is.

        What buyers keep or exchange is not opened here: a refund without a return that a seller opens is paid at
        once. ShopError where the market has no such reason, or no piece may be taken back.
        """
        call = "open_return"
        if Ability.OPEN_RETURN not in self.abilities:
            raise NotSupportedError(call)
        with self._session.naming(call, changing=True):
            known = await self._list_aftersales(call, "returns", "return_orders", order.order_id)
            ticket = aftersales.find_return(known)
            if ticket is not None:
                return ticket
            reason = RETURN_REASONS[self._market.region].get(request.reason)
            if reason is None or request.wants == "exchange":
                words = f"{request.wants} for reason {request.reason} is not for sellers in {self._market.region}"
                raise ShopError(self._shop_id, call, f"{PLATFORM}: {words}")
            eligibility = await self._session.ask(
                call,
                f"{_AFTERSALES}/orders/{order.order_id}/aftersale_eligibility",
                params={"initiate_aftersale_user": "SELLER"},
            )
            pieces, obstacles = aftersales.list_returnable(eligibility)
            if not pieces:
                raise ShopError(self._shop_id, call, f"{PLATFORM}: not returnable: {obstacles or 'no reason given'}")
            answer = await self._session.change(
                call,
                f"{_AFTERSALES}/returns",
                params={"idempotency_key": f"{order.order_id}-{len(known)}"},
                json={
                    "order_id": order.order_id,
                    "order_line_item_ids": pieces,
                    "return_reason": reason,
                    "return_type": "RETURN_AND_REFUND",
                },
            )
            return aftersales.read_return(answer)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook whose signature is good."""
        return notices.read_notice(self._app, self._their_id, headers, body)

    async def _complete_order(self, call: str, record: Record) -> Order:
        order = orders.read_order(record, self._market)
        scans, records = await asyncio.gather(self._read_scans(call, order), self._list_refunds(call, order))
        if order.parcel is not None:
            order = dataclasses.replace(order, parcel=orders.add_scans(order.parcel, scans))
        return aftersales.add_refund(order, records, self._market)

    async def _read_scans(self, call: str, order: Order) -> tuple[Scan, ...]:
        if order.parcel is None:
            return ()
        return orders.read_scans(await self._session.ask(call, f"/fulfillment/202309/orders/{order.order_id}/tracking"))

    async def _list_refunds(self, call: str, order: Order) -> list[Record]:
        if order.state is OrderState.CANCELLED:
            return await self._list_aftersales(call, "cancellations", "cancellations", order.order_id)
        if order.state in _RETURNABLE:
            return await self._list_aftersales(call, "returns", "return_orders", order.order_id)
        return []

    async def _list_aftersales(self, call: str, resource: str, name: str, order_id: str) -> list[Record]:
        path = f"{_AFTERSALES}/{resource}/search"
        pages = self._session.list_pages(call, path, name, {"order_ids": [order_id]}, page_size=AFTERSALES_PAGE_SIZE)
        return [record async for page in pages for record in page if record.find_text("order_id") == order_id]

    async def _read_cancellation(self, call: str, order_id: str, detail: str) -> Change:
        """What has come of an order that TikTok says is stopped already, or is being returned."""
        known = await self._list_aftersales(call, "cancellations", "cancellations", order_id)
        latest = max(known, key=lambda record: record.read_time("create_time"), default=None)
        if latest is None:
            return Change(Outcome.REFUSED, "not_allowed", detail=detail)
        return aftersales.read_cancellation(latest)

    async def _read_listed(self, call: str, reference: str) -> Product | None:
        """A product of a list; its inventory there is the same as in a search for it."""
        try:
            record = await self._find_product(call, reference, SYNC_SECONDS)
            return None if record is None else products.read_product(record, self._market)
        except FieldError as error:
            log.warning(
                "platform.product.unreadable",
                shop=self._shop_id,
                platform=PLATFORM,
                product=reference,
                problem=str(error),
            )
            return None

    async def _find_product(self, call: str, reference: str, seconds: float) -> Record | None:
        try:
            return await self._session.ask(call, f"/product/202309/products/{reference}", seconds=seconds)
        except ShopError as error:
            if find_code(error) in _NO_PRODUCT:
                return None
            raise
