"""What a WooCommerce shop does for us."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability, AddressChange, Change, LineChange, Outcome
from pasar.commerce.model import Buyer, Order, Product
from pasar.commerce.platforms.api import Notice, UnsupportedChanges
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.platforms.woocommerce import coupons, edits, notices, orders, products
from pasar.commerce.platforms.woocommerce.calls import PAGE, PATH, Ask, WooCommerceCalls
from pasar.commerce.platforms.woocommerce.records import Record, RecordError
from pasar.commerce.rules import Promotion, Shop


class WooCommerceApi(UnsupportedChanges):
    """A WooCommerce shop; what is decided where the interface is silent stands in the package's docstring."""

    abilities: ClassVar[frozenset[Ability]] = frozenset(
        [
            Ability.FIND_ORDERS,
            Ability.LIVE_STOCK,
            Ability.SYNC_CHANGES,
            Ability.NOTICES,
            Ability.COUPONS,
            Ability.CANCEL,
            Ability.CHANGE_ADDRESS,
            Ability.EDIT_ORDER,
        ]
    )
    keys: ClassVar[Mapping[str, str]] = {
        "url": "The shop's address, as https://shop.example; its permalinks must not be the plain ones",
        "consumer_key": "WooCommerce > Settings > Advanced > REST API > Add key, of a shop manager, read/write: ck_…",
        "consumer_secret": "Shown once, beside the consumer key: cs_…",
        "webhook_secret": "WooCommerce > Settings > Advanced > Webhooks: the one secret of all webhooks to us",
        "color_attribute": "Optional: what the shop calls the attribute of colours, as Warna",
        "size_attribute": "Optional: what the shop calls the attribute of sizes, as Ukuran",
    }

    def __init__(self, shop: Shop, calls: WooCommerceCalls, secret: str, names: products.AttributeNames) -> None:
        """Ask by ``calls``; :meth:`open` makes it from the shop's keys."""
        self.shop_id = shop.shop_id
        self._language = shop.default_language
        self._calls = calls
        self._secret = secret
        self._names = names
        self._skus: dict[int, str] = {}  # of variable products, which orders do not tell

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> WooCommerceApi:  # noqa: ARG003 - keys that do not end
        """Make it from the shop's keys; does not connect. ShopError where a key is missing or the address is not https."""
        for name in ("url", "consumer_key", "consumer_secret", "webhook_secret"):
            if not settings.get(name):
                raise ShopError(shop.shop_id, "open", f"woocommerce: the key {name} is missing")
        if not settings["url"].startswith("https://"):
            raise ShopError(shop.shop_id, "open", "woocommerce: url must begin with https://, or the keys can be read")
        base_url = settings.get("base_url") or settings["url"]
        auth = httpx.BasicAuth(settings["consumer_key"], settings["consumer_secret"])
        calls = WooCommerceCalls(shop.shop_id, base_url.rstrip("/") + PATH, auth)
        names = products.AttributeNames.extend(settings.get("color_attribute", ""), settings.get("size_attribute", ""))
        return cls(shop, calls, settings["webhook_secret"], names)

    async def close(self) -> None:
        """Give back connections."""
        await self._calls.close()

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number.

        Numbers are ids unless a plugin counts otherwise; whether the shop's search then finds them is the plugin's.
        """
        with self._asking(Ask.hurry("read_order")) as ask:
            number = order_id.strip()
            found = await self._calls.get(ask, f"orders/{int(number)}") if _is_id(number) else None
            if found is None or not _has_number(found, number):
                searched = await self._search(ask, {"search": number}) if number else []
                found = next((item for item in searched if _has_number(item, number)), None)
            if found is None or not orders.is_order(found):
                return None
            return (await self._complete(ask, [found]))[0]

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """Orders with her billing e-mail, or of her account (the customer's id), among the newest hundred of each."""
        with self._asking(Ask.hurry("find_orders")) as ask:
            email, account, found = _fold(buyer.email), buyer.account.strip(), {}
            if email:
                for record in await self._search(ask, {"search": email}):
                    if _fold(record["billing"]["email"].read_text()) == email:
                        found[record["id"].read_int()] = record
            if _is_id(account):
                for record in await self._search(ask, {"customer": account}):
                    if record["customer_id"].find_int() == int(account):
                        found[record["id"].read_int()] = record
            hers = await self._complete(ask, list(found.values()))
            return sorted(hers, key=lambda order: order.placed_at, reverse=True)

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """All products a page at a time, oldest first, or those changed since then (WooCommerce 5.8 or later)."""
        params = {"status": "publish", "orderby": "id", "order": "asc"}
        if changed_since is not None:
            since = changed_since.astimezone(datetime.timezone.utc)
            params |= {"modified_after": since.strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true"}
        with self._asking(Ask("read_products", None)) as ask:
            async for page in self._calls.list_pages(ask, "products", params):
                found = [await self._read_whole(ask, item) for item in page]
                yield [product for product in found if product is not None]

    async def read_product(self, reference: str) -> Product | None:
        """One product by its id."""
        with self._asking(Ask.hurry("read_product")) as ask:
            found = await self._calls.get(ask, f"products/{int(reference)}") if _is_id(reference) else None
            return None if found is None else await self._read_whole(ask, found)

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher's code is worth, in any letter case; ShopError where a person must explain it."""
        with self._asking(Ask.hurry("read_coupon")) as ask:
            listed = await self._calls.list_first(ask, "coupons", {"code": code.strip()}) if code.strip() else []
            coupon = next((item for item in listed if coupons.is_coupon(item, code.strip())), None)
            if coupon is None:
                return None
            skus = await self._list_covered(ask, coupon)
            currency = await self._calls.read_currency(ask)
            return coupons.read_coupon(coupon, skus, currency, self._language)

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Stop an order that waits for payment or for being packed; what was paid is the seller's to give back."""
        with self._asking(Ask.hurry("cancel_order")) as ask:
            record = await self._read_again(ask, order)
            obstacle = edits.find_obstacle(record)
            if obstacle is not None:
                return obstacle
            after = await self._calls.put(ask, record.path, {"status": "cancelled"})
            if after["status"].read_text() != "cancelled":
                raise after["status"].fail("is not cancelled, though the shop took the change")
            return Change(Outcome.DONE, detail="was paid, to be given back" if record["date_paid_gmt"] else "")

    async def change_address(self, order: Order, change: AddressChange) -> Change:
        """Have an order sent elsewhere in the same country."""
        with self._asking(Ask.hurry("change_address")) as ask:
            record = await self._read_again(ask, order)
            body = edits.find_obstacle(record) or edits.write_shipping(record, change.address)
            if isinstance(body, Change):
                return body
            after = await self._calls.put(ask, record.path, body)
            # WooCommerce computes taxes anew with every address; whoever looks after the order should know.
            was, now = record["total"].read_text(), after["total"].read_text()
            return Change(Outcome.DONE, detail="" if was == now else f"the total was {was} and is {now}")

    async def edit_order(self, order: Order, change: LineChange) -> Change:
        """Another number of pieces in an unpaid order; another variant only before stock is taken for it."""
        with self._asking(Ask.hurry("edit_order")) as ask:
            record = await self._read_again(ask, order)
            kept = next((line for line in order.lines if line.variant_sku == change.variant_sku), None)
            line = edits.find_line(record, kept.reference) if kept else None
            obstacle = edits.find_obstacle(record, edits.EDITABLE) or edits.find_line_obstacle(record, line, change)
            if obstacle is not None:
                return obstacle
            assert line is not None  # or there were an obstacle
            body = await self._write_lines(ask, line, change)
            if isinstance(body, Change):
                return body
            if body:
                await self._calls.put(ask, record.path, body)
            return Change(Outcome.DONE)

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook; its signature holds the body, and no time."""
        return notices.read_notice(headers, body, self._secret)

    @contextlib.contextmanager
    def _asking(self, ask: Ask) -> Iterator[Ask]:
        try:
            yield ask
        except RecordError as error:
            raise ShopError(self.shop_id, ask.call, f"woocommerce: {error}") from error

    async def _search(self, ask: Ask, params: Mapping[str, str]) -> list[Record]:
        listed = await self._calls.list_first(ask, "orders", {**params, "orderby": "date", "order": "desc"})
        return [item for item in listed if orders.is_order(item)]

    async def _complete(self, ask: Ask, records: Sequence[Record]) -> list[Order]:
        """The orders, with what they do not tell themselves: SKUs of variable products, and refunds."""
        unknown = sorted(orders.find_variable_products(records) - self._skus.keys())
        for start in range(0, len(unknown), PAGE):
            ids = ",".join(map(str, unknown[start : start + PAGE]))
            for item in await self._calls.list_first(ask, "products", {"include": ids}):
                self._skus[item["id"].read_int()] = item["sku"].read_text()
        found = []
        for record in records:
            refunds: list[Record] = []
            if record["refunds"].value:
                refunds = await self._calls.list_first(ask, f"orders/{record['id'].read_int()}/refunds", {})
            found.append(orders.read_order(record, self._skus, refunds, self._language))
        return found

    async def _read_whole(self, ask: Ask, product: Record) -> Product | None:
        variations: list[Record] = []
        if products.is_sold(product) and products.is_variable(product):
            self._skus[product["id"].read_int()] = product["sku"].read_text()
            variations = await self._list_variations(ask, product["id"].read_int())
        currency = await self._calls.read_currency(ask)
        return products.read_product(product, variations, currency, self._language, self._names)

    async def _list_variations(self, ask: Ask, product_id: int) -> list[Record]:
        return await self._calls.list_all(ask, f"products/{product_id}/variations", {"orderby": "id", "order": "asc"})

    async def _list_covered(self, ask: Ask, coupon: Record) -> list[str]:
        """SKUs of the products to which a coupon is limited, () for all."""
        skus = []
        for name, field in (("include", "product_ids"), ("category", "product_categories")):
            ids = [item.read_int() for item in coupon[field].list_items()]
            found = await self._calls.list_all(ask, "products", {name: ",".join(map(str, ids))}) if ids else []
            if ids and not found:
                raise coupon[field].fail("is limited to what is no product of the shop")
            skus += [orders.name_product(item["id"].read_int(), item["sku"].read_text()) for item in found]
        return list(dict.fromkeys(skus))

    async def _read_again(self, ask: Ask, order: Order) -> Record:
        """The order as it is now."""
        found = await self._calls.get(ask, f"orders/{order.reference or order.order_id}")
        if found is None:
            raise ShopError(self.shop_id, ask.call, "woocommerce: the order is gone")
        return found

    async def _write_lines(self, ask: Ask, line: Record, change: LineChange) -> dict[str, Any] | Change | None:
        """The body of a change of lines; None where there is nothing to do."""
        before = line["quantity"].read_int()
        if change.quantity == 0:
            return edits.write_removal(line)
        if change.new_variant_sku == change.variant_sku and change.quantity <= before:
            return edits.write_quantity(line, change.quantity) if change.quantity < before else None
        product_id = line["product_id"].read_int()
        product = await self._calls.get(ask, f"products/{product_id}")
        if product is None:
            return edits.refuse("no_stock", "the product is gone")
        items = await self._list_variations(ask, product_id) if products.is_variable(product) else [product]
        item = next((item for item in items if products.name_item(item, product) == change.new_variant_sku), None)
        if item is None:
            return edits.refuse("not_allowed", "not a variant of the same product")
        taken = before if change.new_variant_sku == change.variant_sku else 0
        if not products.has_stock(item, product, change.quantity - taken):
            return edits.refuse("no_stock")
        if taken:
            return edits.write_quantity(line, change.quantity)
        return edits.write_exchange(line, item["id"].read_int(), change.quantity)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) > 0


def _has_number(order: Record, number: str) -> bool:
    return order["number"].read_text().casefold() == number.casefold()


def _fold(email: str) -> str:
    # ASCII alone is folded: str.lower() would make one address of two that only look alike.
    return email.strip().encode().lower().decode()
