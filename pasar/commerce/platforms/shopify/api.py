"""The platform's interface for one Shopify store."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability, AddressChange, Change, LineChange
from pasar.commerce.model import Buyer, Order, Product, ReturnRequest, ReturnTicket
from pasar.commerce.platforms.api import Notice, UnsupportedChanges
from pasar.commerce.platforms.client import SYNC_SECONDS, PlatformClient
from pasar.commerce.platforms.shopify import changes, edits, notices, orders, queries, returns
from pasar.commerce.platforms.shopify.access import PLATFORM, AppTokens, ShopifyAuth
from pasar.commerce.platforms.shopify.discounts import read_promotion
from pasar.commerce.platforms.shopify.graph import Graph, read_problem
from pasar.commerce.platforms.shopify.products import Catalogue, is_for_sale, read_product
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop

VERSION = "2026-10"
RATE = (20.0, 1.0)  # Shopify counts points, not calls: this only keeps a run-away loop from spending them all

STORE = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
METAFIELD = re.compile(r"([\w-]{3,255})\.([\w-]{2,64})", re.ASCII)
CODE = re.compile(r"[A-Z]+")  # of a country or a currency


class ShopifyApi(UnsupportedChanges):
    """One Shopify store."""

    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {
            Ability.FIND_ORDERS,
            Ability.LIVE_STOCK,
            Ability.SYNC_CHANGES,
            Ability.NOTICES,
            Ability.COUPONS,
            Ability.CANCEL,
            Ability.CHANGE_ADDRESS,
            Ability.EDIT_ORDER,
            Ability.OPEN_RETURN,
            Ability.SHOW_RETURNS,
        }
    )
    keys: ClassVar[Mapping[str, str]] = {
        "store": "the store's name, as example.myshopify.com: Settings > Domains",
        "client_secret": "of the app: Dev Dashboard > the app > Settings (API secret key of an app made in the admin)",
        "client_id": "next to it; optional with an access_token",
        "access_token": "optional: only an app made in the shop's admin before 2026 has one",
        "version": f"optional: of the API, {VERSION} unless told otherwise",
        "metafields": "optional: those that are attributes, as custom.material, specs.lining",
        "color_options": "optional: what the shop calls the option where that is not Color, as Warna, สี",
        "size_options": "optional: what the shop calls the option where that is not Size",
    }

    def __init__(self, graph: Graph, catalogue: Catalogue, store: str, secret: str) -> None:
        """``secret``: the app's, under its webhooks."""
        self._graph = graph
        self._catalogue = catalogue
        self._shop = catalogue.shop
        self._time_zone = zoneinfo.ZoneInfo(catalogue.shop.time_zone)
        self._store = store
        self._secret = secret

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> ShopifyApi:
        """Make it from the shop's keys; does not connect. ShopError where one is missing or cannot be used."""
        store = _read_store(shop, settings)
        base_url = settings.get("base_url") or f"https://{store}"
        source: str | AppTokens = settings.get("access_token", "")
        if not source:
            identity = (_require(shop, settings, "client_id"), _require(shop, settings, "client_secret"))
            source = AppTokens(shop.shop_id, base_url, *identity, tokens)
        catalogue = _read_catalogue(shop, settings)
        secret = _require(shop, settings, "client_secret")
        client = PlatformClient(shop.shop_id, PLATFORM, base_url, ShopifyAuth(source), RATE, read_problem)
        return cls(Graph(client, settings.get("version") or VERSION), catalogue, store, secret)

    async def close(self) -> None:
        """Give back connections."""
        await self._graph.close()

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that name, with or without # and, where it is only digits, the store's prefix; or None."""
        wanted = _strip_name(order_id)
        if not wanted:
            return None
        names = {wanted, f"#{wanted}"}
        data = await self._graph.read("read_order", queries.READ_ORDER, {"query": self._search("name", *sorted(names))})
        form = data.record("shop")
        whole = f"{form.text('orderNumberFormatPrefix')}{wanted}{form.text('orderNumberFormatSuffix')}".casefold()
        if wanted.isdecimal() and whole not in names:
            names.add(whole)
            if not data.records("orders"):
                data = await self._graph.read("read_order", queries.READ_ORDER, {"query": self._search("name", whole)})
        for record in data.records("orders"):
            if record.identifier("name").casefold() in names:
                return self._read_order(record)
        return None

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """A buyer's ten newest orders by the e-mail on them, or by the phone of the customer's record, newest first.

        Orders cannot be searched by the phone that stands only on them.
        """
        found: dict[str, Order] = {}
        email, phone = buyer.email.strip(), buyer.phone.strip()
        if email:
            variables = {"first": queries.ORDERS, "query": self._search("email", email)}
            data = await self._graph.read("find_orders", queries.FIND_ORDERS_BY_EMAIL, variables)
            orders = [self._read_order(record) for record in data.records("orders")]
            found.update({order.reference: order for order in orders if order.email.casefold() == email.casefold()})
        if phone:
            variables = {"first": queries.ORDERS, "phone": phone}
            data = await self._graph.read("find_orders", queries.FIND_ORDERS_BY_PHONE, variables)
            customer = data.find("customerByIdentifier")
            orders = [self._read_order(record) for record in customer.records("orders")] if customer else []
            found.update({order.reference: order for order in orders})
        return sorted(found.values(), key=lambda order: order.placed_at, reverse=True)

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """All products for sale a page at a time, or only those changed since then."""
        query = "status:active"
        if changed_since is not None:
            moment = changed_since.astimezone(datetime.timezone.utc)
            query += f" AND updated_at:>'{moment:%Y-%m-%dT%H:%M:%SZ}'"
        document = queries.write_read_products(self._catalogue.countries, self._catalogue.facts)
        cursor: str | None = None
        while True:
            variables = {"first": queries.PRODUCTS, "after": cursor, "query": query}
            data = await self._graph.read("read_products", document, variables, SYNC_SECONDS)
            page = data.record("products")
            yield [
                await self._complete("read_products", record) for record in page.records("nodes") if is_for_sale(record)
            ]
            cursor = _read_cursor(page)
            if cursor is None:
                return

    async def read_product(self, reference: str) -> Product | None:
        """One product as it is now by Shopify's number of it, or None where there is none for sale."""
        document = queries.write_read_product(self._catalogue.countries, self._catalogue.facts)
        variables = {"id": self._graph.write_id("read_product", "Product", reference)}
        record = (await self._graph.read("read_product", document, variables)).find("product")
        return await self._complete("read_product", record) if record and is_for_sale(record) else None

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher's code (any letter case) is worth, or None."""
        wanted = code.strip()
        if not wanted:
            return None
        data = await self._graph.read("read_coupon", queries.READ_COUPON, {"code": wanted})
        node = data.find("codeDiscountNodeByCode")
        return (
            read_promotion(node.record("codeDiscount"), wanted.upper(), self._shop, self._time_zone) if node else None
        )

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Stop an order, see :func:`.changes.cancel_order`."""
        return await changes.cancel_order(self._graph, order, reason)

    async def change_address(self, order: Order, change: AddressChange) -> Change:
        """Have an order sent elsewhere, see :func:`.changes.change_address`."""
        return await changes.change_address(self._graph, order, change)

    async def edit_order(self, order: Order, change: LineChange) -> Change:
        """Put another variant or number of pieces into an order, see :func:`.edits.edit_order`."""
        return await edits.edit_order(self._graph, order, change)

    async def open_return(self, order: Order, request: ReturnRequest) -> ReturnTicket:
        """Record a return, see :func:`.returns.open_return`."""
        return await returns.open_return(self._graph, order, request)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook whose signature is good."""
        return notices.read_notice(headers, body, self._secret, self._store)

    def _search(self, field: str, *values: str) -> str:
        return " OR ".join(f"{field}:{self._graph.quote(value)}" for value in values)

    def _read_order(self, record: Record) -> Order:
        return orders.read_order(record, self._shop, self._time_zone)

    async def _complete(self, call: str, record: Record) -> Product:
        """A product with the variants that did not come with it."""
        page = record.record("variants")
        variants = page.records("nodes")
        cursor = _read_cursor(page)
        while cursor is not None:
            variables = {"id": record.identifier("id"), "after": cursor}
            data = await self._graph.read(call, queries.READ_VARIANTS, variables, SYNC_SECONDS)
            page = data.record("product").record("variants")
            variants += page.records("nodes")
            cursor = _read_cursor(page)
        return read_product(record, variants, self._catalogue)


def _read_cursor(page: Record) -> str | None:
    """Where the next page begins, None after the last."""
    info = page.record("pageInfo")
    return info.identifier("endCursor") if info.flag("hasNextPage") else None


def _strip_name(order_id: str) -> str:
    return order_id.strip().removeprefix("#").strip().casefold()


def _require(shop: Shop, settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name, "")
    if not value:
        raise ShopError(shop.shop_id, "open", f"shopify: {name}: is missing")
    return value


def _read_store(shop: Shop, settings: Mapping[str, str]) -> str:
    store = _require(shop, settings, "store").strip().lower()
    store = store if "." in store else f"{store}.myshopify.com"
    if not STORE.fullmatch(store):
        raise ShopError(shop.shop_id, "open", "shopify: store: is no name as example.myshopify.com")
    return store


def _read_catalogue(shop: Shop, settings: Mapping[str, str]) -> Catalogue:
    for code in (shop.country, shop.currency, *shop.currencies, *shop.currencies.values()):
        if not CODE.fullmatch(code):
            raise ShopError(shop.shop_id, "open", f"shopify: currencies: {code!r} is no code")
    facts = []
    for text in _split(settings.get("metafields", "")):
        found = METAFIELD.fullmatch(text)
        if not found:
            raise ShopError(shop.shop_id, "open", f"shopify: metafields: {text!r} is no namespace.key")
        facts.append((found[1], found[2]))
    return Catalogue(
        shop,
        facts=tuple(facts),
        color_options=frozenset({"color", "colour", *_split(settings.get("color_options", "").casefold())}),
        size_options=frozenset({"size", *_split(settings.get("size_options", "").casefold())}),
    )


def _split(text: str) -> list[str]:
    return [part for part in (item.strip() for item in text.split(",")) if part]
