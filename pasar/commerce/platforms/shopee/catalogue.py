"""Reading products and vouchers."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Product
from pasar.commerce.platforms.shopee.calls import Calls, for_buyer, for_sync
from pasar.commerce.platforms.shopee.envelope import is_not_found
from pasar.commerce.platforms.shopee.fields import Field, FieldError
from pasar.commerce.platforms.shopee.orders import product_sku
from pasar.commerce.platforms.shopee.products import FOR_SALE, read_product
from pasar.commerce.platforms.shopee.vouchers import MOST_PAGES, PAGE, STATUSES, read_voucher
from pasar.commerce.rules import Promotion, Shop

_ITEMS = 50  # in one call
_MODELS_AT_ONCE = 4  # a buyer's call must not queue behind those of a whole page

log = structlog.get_logger()


class Catalogue:
    """The products and vouchers of one shop."""

    def __init__(self, calls: Calls, shop: Shop, time_zone: datetime.tzinfo) -> None:
        """Read through ``calls``."""
        self._calls = calls
        self._shop = shop
        self._time_zone = time_zone

    async def read_all(self, changed_since: datetime.datetime | None) -> AsyncIterator[Sequence[Product]]:
        """Products for sale, up to fifty at a time. One that is not as specified is left out and logged."""
        call = "read_products"
        params: dict[str, Any] = {"item_status": FOR_SALE, "page_size": _ITEMS, "offset": 0}
        if changed_since is not None:
            params["update_time_from"] = int(changed_since.timestamp())
        more = True
        while more:
            page = await self._calls.ask(call, "product/get_item_list", params, for_sync())
            with self._calls.reading(call):
                numbers = [item["item_id"].identifier() for item in page["item"].items()]
                more = page["has_next_page"].flag()
                following = page["next_offset"]
                if more and following.number() <= params["offset"]:
                    raise following.fail("does not lead on")
                params["offset"] = following.number() if more else 0
            items = await self._read_items(call, numbers, for_sync())
            found: list[Product] = []
            for start in range(0, len(items), _MODELS_AT_ONCE):
                batch = items[start : start + _MODELS_AT_ONCE]
                read = await asyncio.gather(*(self._try_to_read(call, item) for item in batch))
                found += [product for product in read if product is not None]
            yield found

    async def read(self, reference: str) -> Product | None:
        """The product of that item id, or None; also where it is not for sale."""
        if not reference.isascii() or not reference.isdigit():
            return None
        call, until = "read_product", for_buyer()
        for item in await self._read_items(call, [reference], until):
            with self._calls.reading(call):
                if item["item_status"].text() == FOR_SALE:
                    return await self._read_product(call, item, until)
        return None

    async def read_voucher(self, code: str) -> Promotion | None:
        """What a voucher is worth, or None."""
        code, call, until = code.strip().upper(), "read_coupon", for_buyer()
        number = await self._find_voucher(call, code, until) if code else None
        if number is None:
            return None
        voucher = await self._calls.ask(call, "voucher/get_voucher", {"voucher_id": number}, until)
        with self._calls.reading(call):
            numbers = [item.identifier() for item in voucher["item_id_list"].items()]
            items = await self._read_items(call, numbers, until)
            skus = tuple(product_sku(item["item_sku"].text(""), item["item_id"].identifier()) for item in items)
            return read_voucher(voucher, skus, self._shop.currency, self._shop.default_language, self._time_zone)

    async def _read_items(self, call: str, numbers: Sequence[str], until: float) -> Sequence[Field]:
        items: list[Field] = []
        for start in range(0, len(numbers), _ITEMS):
            params = {"item_id_list": ",".join(numbers[start : start + _ITEMS])}
            try:
                answer = await self._calls.ask(call, "product/get_item_base_info", params, until)
            except ShopError as error:
                if is_not_found(error):
                    continue
                raise
            with self._calls.reading(call):
                items += answer["item_list"].items()
        return items

    async def _read_product(self, call: str, item: Field, until: float) -> Product:
        models = None
        if item["has_model"].flag():
            params = {"item_id": item["item_id"].identifier()}
            models = await self._calls.ask(call, "product/get_model_list", params, until)
        return read_product(item, models, self._shop.default_language)

    async def _try_to_read(self, call: str, item: Field) -> Product | None:
        try:
            return await self._read_product(call, item, for_sync())
        except FieldError as error:
            log.warning("shopee.product.unreadable", shop=self._calls.shop_id, reason=str(error))
        except ShopError as error:
            if not is_not_found(error):  # it may have been deleted a moment ago
                raise
        return None

    async def _find_voucher(self, call: str, code: str, until: float) -> str | None:
        for status in STATUSES:
            for number in range(1, MOST_PAGES + 1):
                params = {"status": status, "page_no": number, "page_size": PAGE}
                page = await self._calls.ask(call, "voucher/get_voucher_list", params, until)
                with self._calls.reading(call):
                    for entry in page["voucher_list"].items():
                        if entry["voucher_code"].text("").upper() == code:
                            return entry["voucher_id"].identifier()
                    if not page["more"].flag():
                        break
        return None
