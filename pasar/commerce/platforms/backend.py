"""A whole shop: what its platform's module gives, what its file says, and its products as they were last read.

Orders are asked from the platform at every call. Products come from the catalogue, with the platform's word of this
moment where it can say it in time (``Product.read_at`` tells which).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
from collections.abc import Awaitable, Mapping, Sequence
from typing import TypeVar

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.carriers.source import ParcelSource
from pasar.commerce.changes import Ability, AddressChange, Change, Invoice, LineChange
from pasar.commerce.model import Buyer, Order, OrderState, Parcel, Product, ReturnRequest, ReturnTicket
from pasar.commerce.platforms.api import Notice, NotSupportedError, PlatformApi
from pasar.commerce.platforms.catalogue import Catalogue, find_reference
from pasar.commerce.platforms.shelf import Shelf
from pasar.commerce.platforms.sync import Progress, SyncReport, be_silent, refresh_product, sync_catalogue
from pasar.commerce.platforms.tokens import TokenExpiredError
from pasar.commerce.pricing import applies_to
from pasar.commerce.profiles.profile import Profile
from pasar.commerce.rules import Promotion, ShippingRule, Shop

#: Seconds for what makes an answer better, but is not the answer; the action has three in all.
LIVE_SECONDS = 1.5
TRACK_SECONDS = 1.5

_Result = TypeVar("_Result")

log = structlog.get_logger()


class PlatformBackend:
    """A shop on a platform."""

    def __init__(
        self, profile: Profile, api: PlatformApi, catalogue: Catalogue, parcels: ParcelSource | None = None
    ) -> None:
        """Without ``parcels`` an order's parcel is as the platform tells it."""
        self.shop_id = profile.shop_id
        self._profile = profile
        self._api = api
        self._catalogue = catalogue
        self._shelf = Shelf(catalogue)
        self._parcels = parcels

    @property
    def platform(self) -> str:
        """Its name in :mod:`.names`."""
        return self._profile.platform

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the platform lets us do."""
        return self._api.abilities

    async def get_shop(self) -> Shop:
        """The shop itself and its rules."""
        return self._profile.shop

    async def get_order(self, order_id: str) -> Order | None:
        """The order of that number (as it is written, or in capitals), or None."""
        order = await self._read_order("get_order", order_id)
        return order and await self._track(order)

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """A buyer's orders, newest first; none where the platform cannot search by what is known of her."""
        if not (buyer.email or buyer.phone or buyer.account):
            return ()
        orders = await self._ask("find_orders", self._api.find_orders(buyer))
        return await asyncio.gather(*(self._track(order) for order in orders))

    async def get_product(self, sku: str) -> Product | None:
        """The product of that SKU, of the product or one of its variants, or None."""
        product = await self._shelf.find(sku)
        return product and await self._read_live(product)

    async def search_products(self, query: str, limit: int = 5, language: str = "") -> Sequence[Product]:
        """Products that a message names, in any language, best first."""
        found = await self._shelf.search(query, limit, language)
        live = await asyncio.gather(*(self._read_live(product) for product in found))
        return [product for product in live if product is not None]

    async def list_products(self) -> Sequence[Product]:
        """All products as they were last read, in the shop's order."""
        return await self._shelf.list()

    async def get_promotions(self, on: datetime.date, sku: str | None = None) -> Sequence[Promotion]:
        """Promotions of the shop's file, and the platform's without a code, that run on that day.

        With ``sku`` those that apply to that product.
        """
        known = [*self._profile.promotions, *await self._ask("get_promotions", self._api.read_promotions())]
        running = [item for item in known if item.starts_on <= on <= item.ends_on]
        if sku is None:
            return running
        product = await self._shelf.find(sku)
        return [item for item in running if product is not None and applies_to(item, product.sku, on)]

    async def get_coupon(self, code: str) -> Promotion | None:
        """The promotion of that code in the shop's file, else the platform's, or None."""
        wanted = code.strip()
        if not wanted:
            return None
        own = next((item for item in self._profile.promotions if item.code == wanted.upper()), None)
        if own is not None or Ability.COUPONS not in self.abilities:
            return own
        for form in _list_forms(wanted):
            found = await self._ask("get_coupon", self._api.read_coupon(form))
            if found is not None:
                return found
        return None

    async def get_shipping(self, country: str) -> ShippingRule | None:
        """How the shop delivers to a country, or None where it does not."""
        return self._profile.shipping.get(country.strip().upper())

    async def list_shipping(self) -> Sequence[ShippingRule]:
        """All countries the shop delivers to."""
        return tuple(self._profile.shipping.values())

    async def open_return(self, request: ReturnRequest) -> ReturnTicket:
        """Record a return; asking again for the same order gives the same ticket."""
        order = await self._need_order("open_return", request.order_id)
        return await self._ask("open_return", self._api.open_return(order, request))

    async def cancel_order(self, order_id: str, reason: str) -> Change:
        """Stop an order."""
        order = await self._need_order("cancel_order", order_id)
        return await self._ask("cancel_order", self._api.cancel_order(order, reason))

    async def change_address(self, change: AddressChange) -> Change:
        """Have an order sent elsewhere."""
        order = await self._need_order("change_address", change.order_id)
        return await self._ask("change_address", self._api.change_address(order, change))

    async def edit_order(self, change: LineChange) -> Change:
        """Put another variant or number of pieces into an order."""
        order = await self._need_order("edit_order", change.order_id)
        return await self._ask("edit_order", self._api.edit_order(order, change))

    async def get_invoice(self, order_id: str) -> Invoice | None:
        """The invoice of an order, or None where there is none yet."""
        order = await self._need_order("get_invoice", order_id)
        return await self._ask("get_invoice", self._api.read_invoice(order))

    async def sync(self, *, whole: bool = False, progress: Progress = be_silent) -> SyncReport:
        """Read the platform's products into the catalogue, see :func:`.sync.sync_catalogue`."""
        work = sync_catalogue(self._api, self._catalogue, whole=whole, progress=progress)
        report = await self._ask("sync", work)
        self._shelf.forget()
        return report

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook of the platform, see :meth:`.api.PlatformApi.read_notice`. Does not wait for anything."""
        return self._api.read_notice(headers, body, url, now)

    async def apply_notice(self, notice: Notice) -> None:
        """Bring the catalogue up to date where a notice tells of a product; twice is as good as once."""
        await self._ask("apply_notice", refresh_product(self._api, self._catalogue, notice))
        self._shelf.forget()

    async def aclose(self) -> None:
        """Give back connections."""
        await self._api.close()
        if self._parcels is not None:
            await self._parcels.close()
        self._catalogue.close()

    def close(self) -> None:
        """As :meth:`aclose`, from where nothing can be awaited."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Connections that belong to a loop that has ended are gone with it.
            with contextlib.suppress(RuntimeError):
                asyncio.run(self.aclose())
        else:
            self._closing = loop.create_task(self.aclose())

    async def _ask(self, call: str, work: Awaitable[_Result]) -> _Result:
        """What a platform's module gives, with its errors as the shop protocol has them."""
        try:
            return await work
        except NotSupportedError as error:
            reason = f"{self._profile.platform} leaves that to a person"
            raise ShopError(self.shop_id, call, reason) from error
        except TokenExpiredError as error:
            raise ShopError(self.shop_id, call, str(error)) from error

    async def _read_order(self, call: str, order_id: str) -> Order | None:
        for form in _list_forms(order_id.strip()):
            order = await self._ask(call, self._api.read_order(form))
            if order is not None:
                return order
        return None

    async def _need_order(self, call: str, order_id: str) -> Order:
        order = await self._read_order(call, order_id)
        if order is None:
            raise ShopError(self.shop_id, call, "there is no such order")
        return order

    async def _read_live(self, product: Product) -> Product | None:
        """The product as it is now; as it was last read where the platform does not say in time; None: it is gone."""
        if Ability.LIVE_STOCK not in self.abilities:
            return product
        work = self._ask("get_product", self._api.read_product(find_reference(product)))
        try:
            live = await asyncio.wait_for(work, LIVE_SECONDS)
        except (ShopError, asyncio.TimeoutError) as error:
            log.warning("product.live.failed", shop=self.shop_id, sku=product.sku, error=type(error).__name__)
            return product
        return live and dataclasses.replace(live, read_at=None)

    async def _track(self, order: Order) -> Order:
        """The order with what its carrier knows of a parcel whose delivery the platform does not tell.

        Where the carrier does not answer, the parcel is the platform's, marked so (:attr:`Parcel.unanswered`).
        """
        parcel = order.parcel
        if self._parcels is None or parcel is None or not parcel.tracking_number or parcel.delivered_at is not None:
            return order
        if order.state not in (OrderState.SHIPPED, OrderState.DELIVERED):
            return order
        try:
            work = self._parcels.track(parcel.courier, parcel.tracking_number)
            found = await asyncio.wait_for(work, TRACK_SECONDS)
        except (ShopError, asyncio.TimeoutError) as error:
            log.warning("parcel.track.failed", shop=self.shop_id, error=type(error).__name__)
            return dataclasses.replace(order, parcel=dataclasses.replace(parcel, unanswered=True))
        if found is None:
            return order
        merged = _merge_parcels(parcel, found)
        # Platforms that only hand parcels over never say that one has arrived.
        state = order.state if merged.delivered_at is None else OrderState.DELIVERED
        return dataclasses.replace(order, parcel=merged, state=state)


def _merge_parcels(own: Parcel, found: Parcel) -> Parcel:
    """The carrier's word, but for what the order is known by and for what only the platform says."""
    return dataclasses.replace(
        found,
        courier=own.courier,
        tracking_number=own.tracking_number,
        shipped_at=own.shipped_at,
        due_on=found.due_on or own.due_on,
        scans=found.scans or own.scans,
    )


def _list_forms(number: str) -> list[str]:
    """How a number or code may be written on the platform: as the buyer wrote it, else in capitals."""
    return list(dict.fromkeys((number, number.upper()))) if number else []
