"""What a folder of files does for us: it is read, and never changed."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import pathlib
import threading
import zoneinfo
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

import phonenumbers
import structlog

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.files.orders import read_orders
from pasar.commerce.files.products import FILE as PRODUCTS
from pasar.commerce.files.products import ProductFile
from pasar.commerce.files.promotions import read_promotions
from pasar.commerce.files.tables import Problem, TableError
from pasar.commerce.model import Buyer, Order, Product
from pasar.commerce.platforms.api import ForgedNoticeError, Notice, UnsupportedChanges
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop

PAGE = 100
MOST_LINES = 5  # told in the log of what is wrong in a file

log = structlog.get_logger()
Result = TypeVar("Result")


class _Kept(Generic[Result]):
    """What a file held when it was read last; a file that is not there holds nothing."""

    def __init__(self, path: pathlib.Path, read: Callable[[list[Problem]], Sequence[Result]]) -> None:
        self.path = path
        self._read = read
        self._stamp: tuple[int, int] | None = None
        self._items: Sequence[Result] = ()
        self._lock = threading.Lock()

    def read(self, tell: Callable[[str, Sequence[Problem]], None]) -> Sequence[Result]:
        """What it holds now; ``tell`` is given what is wrong, once for each state of the file."""
        with self._lock:
            try:
                status = self.path.stat()
            except FileNotFoundError:
                return ()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                problems: list[Problem] = []
                self._items = self._read(problems)
                # Only now: a file that cannot be read is tried again at the next call.
                self._stamp = stamp
                tell(self.path.name, problems)
            return self._items


class CsvApi(UnsupportedChanges):
    """A shop's folder. Files are read anew when they have changed; without orders.csv there are no orders."""

    abilities: ClassVar[frozenset[Ability]] = frozenset([Ability.FIND_ORDERS, Ability.SYNC_CHANGES, Ability.COUPONS])
    keys: ClassVar[Mapping[str, str]] = {
        "folder": "The folder with products.csv, and orders.csv and promotions.csv where there are any"
    }

    def __init__(self, shop_id: str, folder: pathlib.Path, zone: zoneinfo.ZoneInfo) -> None:
        """Read ``folder``; times without a zone are of ``zone``."""
        self.shop_id = shop_id
        self._folder = folder
        self._orders = _Kept(folder / "orders.csv", lambda problems: read_orders(folder, zone, problems))
        self._promotions = _Kept(folder / "promotions.csv", lambda problems: list(read_promotions(folder, problems)))

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> CsvApi:  # noqa: ARG003 - there are none
        """Make it from the shop's settings; reads nothing yet. ShopError where the folder or the time zone is missing."""
        if not settings.get("folder"):
            raise ShopError(shop.shop_id, "open", "files: the key folder is missing")
        try:
            zone = zoneinfo.ZoneInfo(shop.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ShopError(shop.shop_id, "open", "files: the shop's time_zone is no IANA name") from error
        return cls(shop.shop_id, pathlib.Path(settings["folder"]), zone)

    async def close(self) -> None:
        """Nothing is held open."""

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number, in any letter case."""
        number = order_id.strip().casefold()
        orders = await self._read("read_order", self._orders)
        return next((order for order in orders if order.order_id.casefold() == number), None)

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """Orders with her e-mail, phone or account, newest first."""
        email, phone = _fold(buyer.email), _read_phone(buyer.phone)
        hers = [
            order
            for order in await self._read("find_orders", self._orders)
            if (email and _fold(order.email) == email)
            or (phone and order.phone == phone)
            or (buyer.account and order.account == buyer.account)
        ]
        return sorted(hers, key=lambda order: order.placed_at, reverse=True)

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """All products a page at a time while the file is read; none where it has not changed since then."""
        file = ProductFile(self._folder)
        if changed_since is not None and await self._run("read_products", PRODUCTS, file.find_change) < changed_since:
            return
        products = file.read()
        while page := await self._run("read_products", PRODUCTS, lambda: list(itertools.islice(products, PAGE))):
            yield page
        self._tell(PRODUCTS, file.problems)

    async def read_product(self, reference: str) -> Product | None:
        """One product by its SKU."""
        file, wanted = ProductFile(self._folder), reference.casefold()
        return await self._run(
            "read_product",
            PRODUCTS,
            lambda: next((item for item in file.read() if item.sku.casefold() == wanted), None),
        )

    async def read_promotions(self) -> Sequence[Promotion]:
        """Those without a code; a voucher is told to whoever names it."""
        return [promotion for promotion in await self._read("read_promotions", self._promotions) if not promotion.code]

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher's code is worth, in any letter case."""
        wanted = code.strip().casefold()
        promotions = await self._read("read_coupon", self._promotions) if wanted else ()
        return next((promotion for promotion in promotions if promotion.code.casefold() == wanted), None)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:  # noqa: ARG002
        """Files send no webhooks: whatever comes is forged."""
        raise ForgedNoticeError("files send no webhooks")

    async def _read(self, call: str, kept: _Kept[Result]) -> Sequence[Result]:
        return await self._run(call, kept.path.name, lambda: kept.read(self._tell))

    async def _run(self, call: str, file: str, work: Callable[[], Result]) -> Result:
        """Do ``work`` in a thread, for disks are slow; its errors as the shop's."""
        try:
            return await asyncio.to_thread(work)
        except TableError as error:
            raise ShopError(self.shop_id, call, f"files: {error}") from error
        except OSError as error:
            # Whoever puts a new file in its place may have taken the old one away just now.
            reason = f"files: {file} cannot be read ({type(error).__name__})"
            raise ShopUnavailableError(self.shop_id, call, reason) from error

    def _tell(self, file: str, problems: Sequence[Problem]) -> None:
        if problems:
            lines = [problem.line for problem in problems[:MOST_LINES]]
            log.warning("files.rows.left_out", shop=self.shop_id, file=file, problems=len(problems), lines=lines)


def _fold(email: str) -> str:
    # ASCII alone is folded: str.lower() would make one address of two that only look alike.
    return email.strip().encode(errors="replace").lower().decode()


def _read_phone(phone: str) -> str:
    """E.164; "" where it is none."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
