"""The calls of WooCommerce's REST API v3, and what its errors say."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from pasar.commerce.platforms.client import CALL_SECONDS, SYNC_SECONDS, PlatformClient
from pasar.commerce.platforms.woocommerce.records import Record

PATH = "/wp-json/wc/v3/"
PAGE = 100  # as many as the interface gives at once
RATE = (10.0, 1.0)  # WooCommerce sets no limit; this spares a small host


@dataclasses.dataclass(frozen=True)
class Ask:
    """What is asked of us: its name for errors, and when a buyer has waited long enough for all calls together."""

    call: str
    until: float | None  #: on the monotonic clock; None where nobody waits

    @classmethod
    def hurry(cls, call: str) -> Ask:
        """A buyer waits."""
        return cls(call, time.monotonic() + CALL_SECONDS)

    @property
    def seconds(self) -> float:
        """What the next call may take."""
        return SYNC_SECONDS if self.until is None else max(0.05, self.until - time.monotonic())


class WooCommerceCalls:
    """One shop's interface; answers are :class:`Record`."""

    def __init__(self, shop_id: str, base_url: str, auth: httpx.Auth) -> None:
        """Ask ``base_url``, which ends in ``/wp-json/wc/v3/``."""
        self._client = PlatformClient(shop_id, "woocommerce", base_url, auth, RATE, _read_error)
        self._currency = ""

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def get(self, ask: Ask, path: str) -> Record | None:
        """One thing, or None."""
        found = await self._client.read(ask.call, path, seconds=ask.seconds)
        return None if found is None else Record(path, found)

    async def list_first(self, ask: Ask, path: str, params: Mapping[str, str]) -> list[Record]:
        """The first hundred."""
        found = await self._client.read(ask.call, path, params={**params, "per_page": str(PAGE)}, seconds=ask.seconds)
        return list(Record(path, found).list_items())

    async def list_pages(self, ask: Ask, path: str, params: Mapping[str, str]) -> AsyncIterator[list[Record]]:
        """All of them, a hundred at a time."""
        number, more = 0, True
        while more:
            number += 1
            counted = {**params, "per_page": str(PAGE), "page": str(number)}
            found, headers = await self._client.read_page(ask.call, path, params=counted, seconds=ask.seconds)
            items = list(Record(path, found).list_items())
            yield items
            # A page may be short and not the last: what the key may not see is left out of it.
            pages = headers.get("x-wp-totalpages", "")
            more = number < int(pages) if pages.isascii() and pages.isdecimal() else len(items) == PAGE

    async def list_all(self, ask: Ask, path: str, params: Mapping[str, str]) -> list[Record]:
        """All of them."""
        return [item async for page in self.list_pages(ask, path, params) for item in page]

    async def put(self, ask: Ask, path: str, body: Mapping[str, Any]) -> Record:
        """Change something; what it is then."""
        found = await self._client.change(ask.call, path, method="PUT", json=body, seconds=ask.seconds)
        return Record(path, found)

    async def read_currency(self, ask: Ask) -> str:
        """The shop's currency; asked once, for a shop has one and seldom another."""
        if not self._currency:
            found = await self._client.read(ask.call, "data/currencies/current", seconds=ask.seconds)
            self._currency = Record("currency", found)["code"].read_currency()
        return self._currency


def _read_error(response: httpx.Response, body: Any) -> str | None:
    """The code of an error; its message is in the shop's language, and may hold what a buyer wrote."""
    if response.status_code < 400:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return f"HTTP {response.status_code} {code if isinstance(code, str) else ''}".strip()
