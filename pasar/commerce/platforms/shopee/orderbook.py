"""Reading orders with their parcels and returns."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.model import Order, Parcel, Refund
from pasar.commerce.platforms.shopee.calls import Calls, for_buyer
from pasar.commerce.platforms.shopee.envelope import find_code, is_not_found
from pasar.commerce.platforms.shopee.fields import Field
from pasar.commerce.platforms.shopee.orders import (
    HANDED_OVER,
    OPTIONAL_FIELDS,
    ORDER_NUMBER,
    find_package,
    read_order,
    read_payment,
)
from pasar.commerce.platforms.shopee.parcels import read_parcel
from pasar.commerce.platforms.shopee.returns import MOST_PAGES, PAGE, WINDOW, list_windows, read_refund
from pasar.commerce.rules import Shop

_DETAILS = 50  # orders in one call
_LIST_PAGE = 100
_MOST_LIST_PAGES = 3


class OrderBook:
    """The orders of one shop."""

    def __init__(self, calls: Calls, shop: Shop, time_zone: datetime.tzinfo) -> None:
        """Read through ``calls``."""
        self._calls = calls
        self._shop = shop
        self._time_zone = time_zone

    async def read(self, number: str) -> Order | None:
        """The order of that number, or None."""
        number, until = number.strip().upper(), for_buyer()
        if not ORDER_NUMBER.fullmatch(number):
            return None
        details = await self._read_details("read_order", [number], until)
        return await self._complete("read_order", details[0], until) if details else None

    async def find(self, account: str, days: int) -> Sequence[Order]:
        """The orders that an account has placed in the last days, newest first; of all the shop's those of hers.

        ShopError where there are more than 300 to look through.
        """
        until = for_buyer()
        numbers = await self._list_numbers(days, until)
        batches = [numbers[start : start + _DETAILS] for start in range(0, len(numbers), _DETAILS)]
        read = await asyncio.gather(*(self._read_details("find_orders", batch, until) for batch in batches))
        with self._calls.reading("find_orders"):
            hers = [detail for details in read for detail in details if _is_hers(detail, account)]
        found = await asyncio.gather(*(self._complete("find_orders", detail, until) for detail in hers))
        return sorted(found, key=lambda order: order.placed_at, reverse=True)

    async def is_cancelled(self, number: str) -> bool:
        """Whether Shopee calls it cancelled; false where that cannot be found out."""
        try:
            details = await self._read_details("cancel_order", [number], for_buyer())
            with self._calls.reading("cancel_order"):
                return any(detail["order_status"].text() == "CANCELLED" for detail in details)
        except ShopError:
            return False

    async def _complete(self, call: str, detail: Field, until: float) -> Order:
        parcel, refund = None, None
        with self._calls.reading(call):
            if detail["order_status"].text() in HANDED_OVER:
                parcel, refund = await asyncio.gather(
                    self._read_parcel(call, detail, until), self._read_refund(call, detail, until)
                )
            return read_order(detail, self._shop.default_language, self._time_zone, parcel, refund)

    async def _read_details(self, call: str, numbers: Sequence[str], until: float) -> Sequence[Field]:
        params = {"order_sn_list": ",".join(numbers), "response_optional_fields": OPTIONAL_FIELDS}
        try:
            answer = await self._calls.ask(call, "order/get_order_detail", params, until)
        except ShopError as error:
            if is_not_found(error):
                return ()
            raise
        with self._calls.reading(call):
            return [detail for detail in answer["order_list"].items() if detail["order_sn"].text() in numbers]

    async def _list_numbers(self, days: int, until: float) -> Sequence[str]:
        now = int(time.time())
        params: dict[str, Any] = {
            "time_range_field": "create_time",
            "time_from": now - days * 86400,
            "time_to": now,
            "page_size": _LIST_PAGE,
            "cursor": "",
        }
        numbers: list[str] = []
        for _ in range(_MOST_LIST_PAGES):
            page = await self._calls.ask("find_orders", "order/get_order_list", params, until)
            with self._calls.reading("find_orders"):
                numbers += [entry["order_sn"].text() for entry in page["order_list"].items()]
                if not page["more"].flag():
                    return numbers
                params["cursor"] = page["next_cursor"].text()
        raise self._calls.error("find_orders", f"more than {len(numbers)} orders: lower the setting find_orders_days")

    async def _read_parcel(self, call: str, detail: Field, until: float) -> Parcel:
        package = find_package(detail)
        params = {"order_sn": detail["order_sn"].text()}
        if package is not None and package["package_number"].text(""):
            params["package_number"] = package["package_number"].text()
        number, tracking = await asyncio.gather(
            self._ask_carrier(call, "logistics/get_tracking_number", params, until),
            self._ask_carrier(call, "logistics/get_tracking_info", params, until),
        )
        return read_parcel(detail, package, number, tracking, self._time_zone)

    async def _ask_carrier(self, call: str, path: str, params: Mapping[str, Any], until: float) -> Field | None:
        try:
            return await self._calls.ask(call, path, params, until)
        except ShopUnavailableError:
            raise
        except ShopError as error:
            # Not assigned yet, a state that has none, a package without one: there is no tracking, which is no fault.
            if find_code(error).startswith("logistics."):
                return None
            raise

    async def _read_refund(self, call: str, detail: Field, until: float) -> Refund | None:
        number, placed_at = detail["order_sn"].text(), detail["create_time"].time()
        windows = list_windows(placed_at, datetime.datetime.now(datetime.timezone.utc))
        listed = await asyncio.gather(*(self._list_returns(call, window, until) for window in windows))
        hers = [entry for entries in listed for entry in entries if entry["order_sn"].text("") == number]
        return read_refund(hers, self._shop.returns.refund_days, read_payment(detail), self._time_zone)

    async def _list_returns(self, call: str, window: tuple[int, int], until: float) -> Sequence[Field]:
        params: dict[str, Any] = {"page_size": PAGE, "create_time_from": window[0], "create_time_to": window[1]}
        entries: list[Field] = []
        for number in range(MOST_PAGES):
            page = await self._calls.ask(call, "returns/get_return_list", params | {"page_no": number}, until)
            entries += page["return"].items()
            if not page["more"].flag():
                return entries
        raise self._calls.error(call, f"more than {len(entries)} returns in {WINDOW.days} days")


def _is_hers(detail: Field, account: str) -> bool:
    buyer = detail["buyer_user_id"]  # 0 or null where Shopee does not name the buyer
    return bool(buyer.value) and buyer.identifier() == account
