"""Lazada Open Platform as a platform.

What it does not do: Lazada cannot search orders by buyer (/orders/get takes times and states only), lets no seller
change an address or an order's lines, takes returns from buyers in its own app only, and has a number but no address
of an invoice.

Cancelling is the seller's own cancellation (docId=121329): /order/reverse/cancel/validate offers reasons that are all
the seller's ("Out of Stock" also empties the stock), with ids that differ by country, and it counts against the
seller. Which of them stands for a buyer's wish is the seller's to say, as ``cancel_reason_id``; without it nothing is
cancelled. A buyer's own request in Lazada's app that waits for the seller is left to the seller.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.model import Buyer, Order, OrderState, Parcel, Product, Refund
from pasar.commerce.platforms.api import Notice, UnsupportedChanges
from pasar.commerce.platforms.client import CALL_SECONDS, SYNC_SECONDS
from pasar.commerce.platforms.lazada import notices, orders, parcels, products, refunds, vouchers
from pasar.commerce.platforms.lazada.access import PLATFORM
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.gateway import Gateway
from pasar.commerce.platforms.lazada.ventures import AUTH_URL, VENTURES, Venture
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop

PAGE = 50  #: products at a time, the most there are
MOST_OFFSET = 10_000
#: "Live" products may or may not hold those without stock: both lists are read, each product is given once.
FILTERS = ("live", "sold-out")
VOUCHER_PAGE = 20
REVERSE_PAGE = 50
MOST_DIGITS = 19  #: of an order's number or an item's id
#: States in which there may be a parcel, and a refund.
_SENT = frozenset({OrderState.SHIPPED, OrderState.DELIVERED, OrderState.RETURNED})
_REFUNDABLE = frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.CANCELLED})

log = structlog.get_logger()


class LazadaApi(UnsupportedChanges):
    """One seller's shop in one country of Lazada. A product's SKU is its item id."""

    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {
            Ability.LIVE_STOCK,
            Ability.SYNC_CHANGES,
            Ability.NOTICES,
            Ability.COUPONS,
            Ability.CANCEL,
            Ability.SHOW_RETURNS,
        }
    )
    keys: ClassVar[Mapping[str, str]] = {
        "app_key": "App Key, in App Console > App Management of open.lazada.com",
        "app_secret": "App Secret, beside the App Key",
        "country": "where the shop sells: SG, MY, TH, VN, PH or ID; optional: the shop's own country without it",
        "cancel_reason_id": "reason for cancellations that buyers ask for, one of /order/reverse/cancel/validate; optional",
    }

    def __init__(self, shop: Shop, venture: Venture, settings: Mapping[str, str], tokens: TokenStore) -> None:
        self._shop_id = shop.shop_id
        self._language = shop.default_language
        self._venture = venture
        self._app = (settings["app_key"], settings["app_secret"])
        self._cancel_reason = settings.get("cancel_reason_id", "")
        base_url = settings.get("base_url", "")
        self._gateway = Gateway(shop.shop_id, base_url or venture.url, base_url or AUTH_URL, *self._app, tokens)

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> LazadaApi:
        """Make it from the shop's keys; does not connect. ShopError names a key that is missing or not possible."""
        for name in ("app_key", "app_secret"):
            if not settings.get(name):
                raise ShopError(shop.shop_id, "open", f"{PLATFORM}: has no key {name!r}")
        country = (settings.get("country") or shop.country).strip().upper()
        if country not in VENTURES:
            raise ShopError(shop.shop_id, "open", f"{PLATFORM}: country {country!r} is none of {', '.join(VENTURES)}")
        return cls(shop, VENTURES[country], settings, tokens)

    async def close(self) -> None:
        """Give back connections."""
        await self._gateway.close()

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number, or None; of its parcels the one that decides its state."""
        if not _is_number(order_id.strip()):
            return None
        number, until = str(int(order_id)), time.monotonic() + CALL_SECONDS
        with self._gateway.explain("read_order"):
            answer = await self._gateway.ask("read_order", "/order/get", until, order_id=number)
            items = await self._list_items("read_order", number, until) if answer else []
            if answer is None or not items:
                return None
            head = answer.get_record("data")
            if head.need_text("order_id") != number:
                raise head.fail("order_id", "is another order's")
            state, deciding = orders.judge_order(items)
            parcel, refund = await asyncio.gather(
                self._find_parcel(number, deciding, state, until), self._find_refund(number, state, until)
            )
            return orders.read_order(head, items, self._venture, self._language, parcel, refund)

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """Nothing: Lazada cannot search by buyer."""
        return ()

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """Products for sale a page at a time, or those of them changed since then. ShopError beyond 10 000."""
        given: set[str] = set()
        for status in FILTERS:
            offset, total = 0, 1
            while offset < total:
                if offset > MOST_OFFSET:
                    raise self._gateway.fail("read_products", f"more than {MOST_OFFSET} products are {status}")
                page, total = await self._read_page(status, offset, changed_since)
                fresh = [product for product in page if product.sku not in given]
                given.update(product.sku for product in fresh)
                if fresh:
                    yield fresh
                offset += PAGE

    async def read_product(self, reference: str) -> Product | None:
        """The product of that item id as it is now; None where there is none, or it is not for sale."""
        if not _is_number(reference):
            return None
        with self._gateway.explain("read_product"):
            until = time.monotonic() + CALL_SECONDS
            answer = await self._gateway.ask("read_product", "/product/item/get", until, item_id=reference)
            return self._read_product(answer.get_record("data")) if answer else None

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher's code (any letter case) is worth; None where there is none or it is switched off."""
        wanted = code.strip().upper()
        if not wanted:
            return None
        with self._gateway.explain("read_coupon"):
            async for record in self._list_vouchers("/promotion/vouchers/get"):
                if record.read_text("voucher_code").upper() != wanted:
                    continue
                limits: tuple[str, ...] = ()
                if vouchers.needs_products(record):
                    path, number = "/promotion/voucher/products/get", record.need_text("id")
                    limits = tuple(
                        [item.need_text("product_id") async for item in self._list_vouchers(path, id=number)]
                    )
                    if not limits:
                        return None  # for some products, of which there is none
                today = datetime.datetime.now(self._venture.time_zone).date()
                return vouchers.read_voucher(record, limits, self._venture, self._language, today)
        return None

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Cancel all pieces, none of which may have been sent, as the seller; see the module on the reason."""
        with self._gateway.explain("cancel_order"):
            until = time.monotonic() + CALL_SECONDS
            items = await self._list_items("cancel_order", order.order_id, until)
            if not items:
                return Change(Outcome.REFUSED, "other", detail="Lazada knows no such order")
            left = [item for item in items if item.state is not OrderState.CANCELLED]
            if not left:
                return Change(Outcome.REFUSED, "cancelled")
            if any(item.state in _SENT for item in left):
                return Change(Outcome.REFUSED, "shipped")
            waiting = [item for item in left if _is_cancelling(item)]
            if waiting:
                return Change(Outcome.REQUESTED, reference=waiting[0].record.read_text("reverse_order_id"))
            if any(item.state is OrderState.UNPAID for item in left):
                return Change(Outcome.REFUSED, "not_allowed", detail="Lazada lets no seller cancel unpaid items")
            return await self._cancel(order.order_id, [item.item_id for item in left], until)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook whose signature is good; ForgedNoticeError, MalformedNoticeError otherwise."""
        return notices.read_notice(headers, body, *self._app)

    async def _list_items(self, call: str, number: str, until: float) -> list[orders.Item]:
        answer = await self._gateway.ask(call, "/order/items/get", until, order_id=number)
        return orders.read_items(answer) if answer else []

    async def _find_parcel(
        self, number: str, items: Sequence[orders.Item], state: OrderState, until: float
    ) -> Parcel | None:
        if state not in _SENT:
            return None
        answer = await self._gateway.ask("read_order", "/logistic/order/trace", until, order_id=number, locale="en")
        return parcels.find_parcel(answer, items, state) if answer else None

    async def _find_refund(self, number: str, state: OrderState, until: float) -> Refund | None:
        if state not in _REFUNDABLE:
            return None
        page = {"trade_order_id": number, "page_no": "1", "page_size": str(REVERSE_PAGE)}
        answer = await self._gateway.ask("read_order", "/reverse/getreverseordersforseller", until, **page)
        if answer is None:
            return None
        result, lines = answer.get_record("result"), []
        returns = result.list_records("items")
        if (result.find_whole("total") or 0) > len(returns):
            raise result.fail("total", "is more than what came")
        for record in returns:
            lines += record.list_records("reverse_order_lines") or await self._list_reverse_lines(record, until)
        return refunds.find_refund(lines, self._venture)

    async def _list_reverse_lines(self, record: Record, until: float) -> list[Record]:
        number = record.need_text("reverse_order_id")
        path = "/order/reverse/return/detail/list"
        answer = await self._gateway.ask("read_order", path, until, reverse_order_id=number)
        return answer.get_record("data").list_records("reverseOrderLineDTOList") if answer else []

    async def _read_page(
        self, status: str, offset: int, changed_since: datetime.datetime | None
    ) -> tuple[list[Product], int]:
        """A page of products for sale, and how many there are of all pages."""
        params = {"filter": status, "offset": str(offset), "limit": str(PAGE)}
        if changed_since is not None:
            params["update_after"] = changed_since.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S%z")
        with self._gateway.explain("read_products"):
            until = time.monotonic() + SYNC_SECONDS
            answer = await self._gateway.ask("read_products", "/products/get", until, **params)
            data = answer.get_record("data") if answer else Record({})
            records = data.list_records("products")
            found = [product for record in records if (product := self._try_product(record))]
            return found, data.need_whole("total_products") if records else 0

    def _try_product(self, record: Record) -> Product | None:
        """A product; None where it is not for sale or unreadable, which must not spoil the catalogue."""
        try:
            return self._read_product(record)
        except FieldError as error:
            log.warning(
                "lazada.product.unreadable", shop=self._shop_id, item=str(record.get("item_id")), problem=str(error)
            )
            return None

    def _read_product(self, record: Record) -> Product | None:
        now = datetime.datetime.now(datetime.timezone.utc)
        return products.read_product(record, self._venture, self._language, now)

    async def _list_vouchers(self, path: str, **params: str) -> AsyncIterator[Record]:
        """The entries of a list of vouchers, or of a voucher's products."""
        page, seen, total = 0, 0, 1
        while seen < total:
            page += 1
            paging = {"cur_page": str(page), "page_size": str(VOUCHER_PAGE), "voucher_type": vouchers.VOUCHER_TYPE}
            answer = await self._gateway.ask("read_coupon", path, time.monotonic() + CALL_SECONDS, **paging, **params)
            if answer is None:
                return
            if not answer.is_true("success", default=True):
                raise FieldError(f"{path} failed with {answer.read_text('error_code') or 'no code'}")
            data = answer.get_record("data")
            records = data.list_records("data_list")
            for record in records:
                yield record
            seen, total = seen + len(records), data.need_whole("total") if records else 0

    async def _cancel(self, number: str, item_ids: Sequence[str], until: float) -> Change:
        params = {"order_id": number, "order_item_id_list": json.dumps(item_ids)}
        answer = await self._gateway.ask("cancel_order", "/order/reverse/cancel/validate", until, **params)
        data = answer.get_record("data") if answer else Record({})
        if data.read_text("tip_type") == "error":
            return Change(Outcome.REFUSED, "not_allowed", detail=data.read_text("tip_content"))
        offered = [option.read_text("reason_id") for option in data.list_records("reason_options")]
        if not self._cancel_reason or self._cancel_reason not in offered:
            detail = f"cancel_reason_id is {self._cancel_reason!r}, Lazada offers {', '.join(offered) or 'none'}"
            return Change(Outcome.REFUSED, "not_allowed", detail=detail)
        done = await self._gateway.tell(
            "cancel_order", "/order/reverse/cancel/create", {**params, "reason_id": self._cancel_reason}
        )
        data = done.get_record("data")
        detail = data.read_text("tip_content")
        failed = data.read_text("tip_type") == "error"
        return Change(Outcome.REFUSED, "other", detail=detail) if failed else Change(Outcome.DONE, detail=detail)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS


def _is_cancelling(item: orders.Item) -> bool:
    return item.record.is_true("need_cancel_confirm") or item.record.is_true("is_cancel_pending")
