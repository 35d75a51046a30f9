"""The demo shop as a shop system."""

from __future__ import annotations

import asyncio
import concurrent.futures
import dataclasses
import datetime
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pasar.commerce.backend import ShopError, ShopUnavailableError, UnknownShopError
from pasar.commerce.changes import Ability, AddressChange, Change, Invoice, LineChange
from pasar.commerce.demo import changes, schema
from pasar.commerce.demo.database import create_engine
from pasar.commerce.demo.prepare import prepare_missing
from pasar.commerce.model import Buyer, Order, OrderState, Product, ReturnRequest, ReturnTicket, Variant
from pasar.commerce.pricing import applies_to
from pasar.commerce.returns import SHOP_FAULTS
from pasar.commerce.rows import decode
from pasar.commerce.rules import Promotion, ShippingRule, Shop
from pasar.commerce.search import ProductIndex

Result = TypeVar("Result")

#: Seconds for which texts, promotions and rules are kept; stock and orders are read at every call.
CATALOGUE_SECONDS = 30.0
#: Seconds after which a call gives up, also while it waits for a free thread.
CALL_SECONDS = 1.8
THREADS = 4


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """What is read at every message and changes seldom."""

    shop: Shop
    products: Mapping[str, Product]  #: by SKU, without variants
    skus: Mapping[str, str]  #: a product's SKU by its own and its variants'
    index: ProductIndex
    promotions: tuple[Promotion, ...]
    shipping: Mapping[str, ShippingRule]


class DemoBackend:
    """A shop in an SQL database, for one or more shops in one database."""

    #: everything; it sends no webhooks, and its catalogue is read whole
    abilities = frozenset(Ability) - {Ability.NOTICES, Ability.SYNC_CHANGES}

    def __init__(self, url: str, shop_id: str) -> None:
        """Use the database at ``url``; connects at the first call."""
        self.shop_id = shop_id
        self._engine = create_engine(url)
        self._threads = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix=f"shop-{shop_id}")
        self._catalogue: Catalogue | None = None
        self._read_at = 0.0

    @classmethod
    def open(cls, shop_id: str, settings: Mapping[str, str]) -> DemoBackend:
        """The shop in ``settings["database"]``, or in PASAR_DEMO_DATABASE where that is set."""
        url = os.environ.get("PASAR_DEMO_DATABASE") or settings.get("database")
        if not url:
            raise UnknownShopError(shop_id, "open", "has no setting 'database'")
        try:
            prepare_missing(url)
            return cls(url, shop_id)
        except (OSError, sa.exc.SQLAlchemyError, ImportError) as error:
            # Not its words: they repeat the address, and that may hold a password.
            raise UnknownShopError(shop_id, "open", f"its database cannot be used: {type(error).__name__}") from None

    def close(self) -> None:
        """Give back threads and connections."""
        self._threads.shutdown(wait=False)
        self._engine.dispose()

    async def get_shop(self) -> Shop:
        """The shop itself and its rules."""
        return (await self._get_catalogue("get_shop")).shop

    async def get_order(self, order_id: str) -> Order | None:
        """The order of that number (any letter case), or None."""
        orders = await self._find_orders("get_order", schema.orders.c.order_id == order_id.strip().upper())
        return orders[0] if orders else None

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """A buyer's orders by e-mail or phone, newest first."""
        email, phone = buyer.email.strip().lower(), buyer.phone.replace(" ", "")
        conditions = [schema.orders.c.email == email] if email else []
        conditions += [schema.orders.c.phone == phone] if phone else []
        return await self._find_orders("find_orders", sa.or_(*conditions)) if conditions else ()

    async def get_product(self, sku: str) -> Product | None:
        """The product of that SKU, of the product or one of its variants, or None."""
        catalogue = await self._get_catalogue("get_product")
        found = catalogue.skus.get(sku.strip().upper())
        products = await self._add_variants("get_product", [catalogue.products[found]] if found else [])
        return products[0] if products else None

    async def search_products(self, query: str, limit: int = 5, language: str = "") -> Sequence[Product]:
        """Products that a message names, in any language, best first."""
        catalogue = await self._get_catalogue("search_products")
        return await self._add_variants("search_products", catalogue.index.find(query, limit, language))

    async def list_products(self) -> Sequence[Product]:
        """All products, in the shop's order."""
        catalogue = await self._get_catalogue("list_products")
        return await self._add_variants("list_products", tuple(catalogue.products.values()))

    async def get_promotions(self, on: datetime.date, sku: str | None = None) -> Sequence[Promotion]:
        """Promotions that run on that day; with ``sku`` (of a product or variant) those that apply to it."""
        catalogue = await self._get_catalogue("get_promotions")
        # what is an apology is told to those who get it, and advertised to nobody
        hidden = {offer.code for offer in catalogue.shop.amends if offer.code}
        open_to_all = [item for item in catalogue.promotions if item.code not in hidden]
        running = [item for item in open_to_all if item.starts_on <= on <= item.ends_on]
        if sku is None:
            return running
        product_sku = catalogue.skus.get(sku.strip().upper())
        return [item for item in running if product_sku is not None and applies_to(item, product_sku, on)]

    async def get_coupon(self, code: str) -> Promotion | None:
        """The promotion of that code, also one that has not begun or has ended, or None."""
        wanted = code.strip().upper()
        catalogue = await self._get_catalogue("get_coupon")
        return next((item for item in catalogue.promotions if wanted and item.code == wanted), None)

    async def get_shipping(self, country: str) -> ShippingRule | None:
        """How the shop delivers to a country, or None where it does not."""
        return (await self._get_catalogue("get_shipping")).shipping.get(country.strip().upper())

    async def list_shipping(self) -> Sequence[ShippingRule]:
        """All countries the shop delivers to."""
        return tuple((await self._get_catalogue("list_shipping")).shipping.values())

    async def open_return(self, request: ReturnRequest) -> ReturnTicket:
        """Record a return; asking again for the same order gives the same ticket. The order itself stays as it is."""
        order = await self.get_order(request.order_id)
        if order is None:
            raise ShopError(self.shop_id, "open_return", "there is no such order")
        limit = (await self.get_shop()).returns.approval_limit.get(order.total.currency)
        state = "review" if limit is None or limit < order.total else "approved"
        ticket = ReturnTicket(f"RET-{order.order_id.upper()}", state)
        return await self._run("open_return", lambda: self._record_return(request, order.order_id.upper(), ticket))

    async def cancel_order(self, order_id: str, reason: str) -> Change:
        """Stop an order that has not left."""
        return await self._change("cancel_order", order_id, changes.cancel, order_id, reason, self._today)

    async def change_address(self, change: AddressChange) -> Change:
        """Send an order that has not left elsewhere in its country."""
        return await self._change("change_address", change.order_id, changes.change_address, change)

    async def edit_order(self, change: LineChange) -> Change:
        """Put another variant of the same product into an order that has not left."""
        return await self._change("edit_order", change.order_id, changes.edit, change)

    async def get_invoice(self, order_id: str) -> Invoice | None:
        """The invoice of a paid order; it is sent by e-mail."""
        order = await self.get_order(order_id)
        if order is None or order.state in (OrderState.UNPAID, OrderState.CANCELLED):
            return None
        return Invoice(f"INV-{order.order_id}")

    async def _change(self, call: str, order_id: str, make: Callable[..., Change], *arguments: Any) -> Change:
        if await self.get_order(order_id) is None:
            raise ShopError(self.shop_id, call, "there is no such order")
        shop = await self.get_shop()

        def work() -> Change:
            with self._engine.begin() as connection:
                return make(connection, shop, *arguments)

        return await self._run(call, work)

    @property
    def _today(self) -> datetime.date:
        return datetime.datetime.now(datetime.timezone.utc).date()

    async def _get_catalogue(self, call: str) -> Catalogue:
        # Two callers may read it at the same time; both get a good one, and the later is kept.
        if self._catalogue is None or time.monotonic() - self._read_at >= CATALOGUE_SECONDS:
            self._catalogue = await self._run(call, self._read_catalogue)
            self._read_at = time.monotonic()
        return self._catalogue

    async def _add_variants(self, call: str, products: Sequence[Product]) -> Sequence[Product]:
        if not products:
            return ()
        variants = await self._run(call, lambda: self._read_variants([product.sku for product in products]))
        return [dataclasses.replace(product, variants=tuple(variants.get(product.sku, ()))) for product in products]

    async def _find_orders(self, call: str, condition: Any) -> Sequence[Order]:
        return await self._run(call, lambda: self._read_orders(condition))

    async def _run(self, call: str, work: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._threads, work), CALL_SECONDS)
        except asyncio.TimeoutError as error:
            raise ShopUnavailableError(self.shop_id, call, f"no answer in {CALL_SECONDS} s") from error
        except sa.exc.OperationalError as error:
            raise ShopUnavailableError(self.shop_id, call, str(error.orig)) from error

    def _select(self, connection: Connection, table: sa.Table, *conditions: Any) -> Iterable[Any]:
        query = sa.select(table).where(table.c.shop_id == self.shop_id, *conditions)
        rows: Iterable[Any] = connection.execute(query)
        return rows

    def _read_catalogue(self) -> Catalogue:
        with self._engine.connect() as connection:
            shops = list(self._select(connection, schema.shops))
            if not shops:
                raise UnknownShopError(self.shop_id, "read_catalogue", "is not in the database: seed it")
            rows = sorted(self._select(connection, schema.products), key=lambda row: row.position)
            products = {row.sku: decode(Product, {**row.record, "variants": []}) for row in rows}
            variants = self._group_variants(self._select(connection, schema.variants))
            promotions = sorted(self._select(connection, schema.promotions), key=lambda row: row.position)
            rules = sorted(self._select(connection, schema.shipping_rules), key=lambda row: row.position)
        skus = {sku: sku for sku in products}
        skus.update({variant.sku: sku for sku, listed in variants.items() for variant in listed})
        whole = [dataclasses.replace(item, variants=tuple(variants.get(sku, ()))) for sku, item in products.items()]
        return Catalogue(
            shop=decode(Shop, shops[0].record),
            products=products,
            skus=skus,
            index=ProductIndex(whole),
            promotions=tuple(decode(Promotion, row.record) for row in promotions),
            shipping={row.country: decode(ShippingRule, row.record) for row in rules},
        )

    def _read_variants(self, skus: Sequence[str]) -> Mapping[str, Sequence[Variant]]:
        with self._engine.connect() as connection:
            condition = schema.variants.c.product_sku.in_(skus)
            return self._group_variants(self._select(connection, schema.variants, condition))

    @staticmethod
    def _group_variants(rows: Iterable[Any]) -> Mapping[str, Sequence[Variant]]:
        grouped: dict[str, list[Variant]] = {}
        for row in sorted(rows, key=lambda row: row.position):
            variant = Variant(row.sku, row.color, row.size, row.stock, row.restock_on)
            grouped.setdefault(row.product_sku, []).append(variant)
        return grouped

    def _read_orders(self, condition: Any) -> Sequence[Order]:
        with self._engine.connect() as connection:
            rows = sorted(self._select(connection, schema.orders, condition), key=lambda row: row.order_id)
        rows.sort(key=lambda row: row.placed_at, reverse=True)
        return [decode(Order, row.record) for row in rows]

    def _record_return(self, request: ReturnRequest, order_id: str, ticket: ReturnTicket) -> ReturnTicket:
        values = {
            "shop_id": self.shop_id,
            "order_id": order_id,
            "number": ticket.number,
            "state": ticket.state,
            "reason": request.reason,
            "wants": request.wants,
            "photo": request.photo,
            "note": request.note,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(schema.returns.insert().values(values))
        except sa.exc.IntegrityError:
            with self._engine.connect() as connection:
                row = next(iter(self._select(connection, schema.returns, schema.returns.c.order_id == order_id)))
                return _add_label(ReturnTicket(row.number, row.state), row.reason)
        return _add_label(ticket, request.reason)


def _add_label(ticket: ReturnTicket, reason: str) -> ReturnTicket:
    """With a prepaid label, where the shop is at fault and something comes back."""
    if ticket.state != "approved" or reason not in SHOP_FAULTS - {"missing"}:
        return ticket
    return dataclasses.replace(ticket, label=f"https://stylehub.example/labels/{ticket.number}.pdf")
