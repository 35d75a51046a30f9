"""A platform in memory, for tests of what all platforms share."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import Ability, AddressChange, Change, Invoice, LineChange, Outcome
from pasar.commerce.model import (
    Buyer,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Product,
    Refund,
    RefundState,
    ReturnRequest,
    ReturnTicket,
    Text,
    Variant,
)
from pasar.commerce.platforms.api import ForgedNoticeError, Notice, NoticeKind, UnsupportedChanges
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.profiles.profile import Profile
from pasar.commerce.rules import Promotion, ShippingOption, ShippingRule, Shop
from tests.commerce.profiles.example import ExamplePlatform
from tests.commerce.samples import TODAY, at, make_shop


def money(amount: str, currency: str = "USD") -> Money:
    """An amount."""
    return Money(decimal.Decimal(amount), currency)


def make_product(number: int, stock: int = 5, name: str | None = None) -> Product:
    """The platform's product of a number, in two colours."""
    sku = f"LAMP-{number:02}"
    return Product(
        sku=sku,
        name=Text(en=name or f"Lamp of kind {number:02}"),
        aliases=Text(),
        kind="home",
        description=Text(en="It shines."),
        prices={"USD": money(str(10 + number))},
        variants=(Variant(f"{sku}-BLK", "black", None, stock), Variant(f"{sku}-WHT", "white", None, 0)),
        attributes={},
        reference=f"id-{number}",
    )


def make_order(order_id: str, state: OrderState, email: str = "mei@example.com", days: int = -3) -> Order:
    """An order of one lamp; on its way or delivered with a parcel."""
    sent = state in (OrderState.SHIPPED, OrderState.DELIVERED)
    delivered = at(-1) if state is OrderState.DELIVERED else None
    return Order(
        order_id=order_id,
        email=email,
        phone="+6281200001001",
        buyer_name="Mei",
        country="ID",
        state=state,
        placed_at=at(days),
        total=money("11.00"),
        lines=(OrderLine("LAMP-01", "LAMP-01-BLK", Text(en="Lamp"), 1, money("11.00")),),
        payment_method="card",
        pay_until=TODAY if state is OrderState.UNPAID else None,
        parcel=Parcel("JNE", f"JP{order_id}", at(-2), None, (), delivered) if sent else None,
        account="buyer-1",
    )


class MemoryApi(UnsupportedChanges):
    """A platform that can do everything, as long as a test does not take an ability away."""

    abilities: frozenset[Ability] = frozenset(Ability)  # type: ignore[misc]
    keys: ClassVar[Mapping[str, str]] = ExamplePlatform.keys

    def __init__(self, shop_id: str = "testshop") -> None:
        self.shop_id = shop_id
        self.settings: Mapping[str, str] = {}
        self.products: dict[str, Product] = {f"id-{number}": make_product(number) for number in range(1, 6)}
        self.changed: dict[str, datetime.datetime] = {}
        self.orders: dict[str, Order] = {
            order.order_id: order
            for order in (
                make_order("T1001", OrderState.SHIPPED),
                make_order("T1002", OrderState.PAID, days=-1),
                make_order("T1003", OrderState.DELIVERED, days=-9),
                make_order("T1004", OrderState.UNPAID, days=0),
                make_order("T1005", OrderState.PAID, email="nok@example.com"),
            )
        }
        self.promotions: list[Promotion] = []
        self.coupons: dict[str, Promotion] = {"TEN": make_promotion("TEN")}
        self.tickets: dict[str, ReturnTicket] = {}
        self.page = 2
        self.asked: list[str] = []  #: what was called, in order
        self.since: datetime.datetime | None = None  #: of the last reading of products
        self.fails_after: int | None = None  #: pages
        self.down = False
        self.closed = False

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> MemoryApi:
        """As the registry makes it."""
        made = cls(shop.shop_id)
        made.settings = settings
        return made

    async def read_order(self, order_id: str) -> Order | None:
        self._answer("read_order")
        return self.orders.get(order_id)

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        self._answer("find_orders")
        hers = [
            order
            for order in self.orders.values()
            if buyer.email == order.email or order.account == (buyer.account or "-")
        ]
        return sorted(hers, key=lambda order: order.placed_at, reverse=True)

    async def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        self._answer("read_products")
        self.since = changed_since
        wanted = [
            product
            for reference, product in self.products.items()
            if changed_since is None or self.changed.get(reference, at(-365)) >= changed_since
        ]
        for number, start in enumerate(range(0, len(wanted), self.page)):
            if self.fails_after is not None and number >= self.fails_after:
                raise ShopUnavailableError(self.shop_id, "read_products", "is down in this test")
            yield wanted[start : start + self.page]

    async def read_product(self, reference: str) -> Product | None:
        self._answer("read_product")
        return self.products.get(reference)

    async def read_promotions(self) -> Sequence[Promotion]:
        return self.promotions

    async def read_coupon(self, code: str) -> Promotion | None:
        self._answer("read_coupon")
        return self.coupons.get(code)

    async def cancel_order(self, order: Order, reason: str) -> Change:
        self._answer("cancel_order")
        refund = Refund(order.total, RefundState.APPROVED, TODAY, (5, 7), order.payment_method)
        return self._change(order, state=OrderState.CANCELLED, refund=refund)

    async def change_address(self, order: Order, change: AddressChange) -> Change:
        self._answer("change_address")
        return self._change(order, address=dataclasses.replace(change.address, country=order.country))

    async def edit_order(self, order: Order, change: LineChange) -> Change:
        self._answer("edit_order")
        if not any(
            change.new_variant_sku == item.sku for product in self.products.values() for item in product.variants
        ):
            return Change(Outcome.REFUSED, "no_stock")
        lines = tuple(
            dataclasses.replace(line, variant_sku=change.new_variant_sku, quantity=change.quantity)
            if line.variant_sku == change.variant_sku
            else line
            for line in order.lines
        )
        return self._change(order, lines=lines)

    async def open_return(self, order: Order, request: ReturnRequest) -> ReturnTicket:
        self._answer("open_return")
        return self.tickets.setdefault(order.order_id, ReturnTicket(f"R-{order.order_id}", "review"))

    async def read_invoice(self, order: Order) -> Invoice | None:
        self._answer("read_invoice")
        return Invoice(f"I-{order.order_id}")

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        if headers.get("signature") != "good":
            raise ForgedNoticeError("signature")
        kind, reference = json.loads(body)
        return Notice(NoticeKind(kind), reference, "n-1", kind)

    async def close(self) -> None:
        self.closed = True

    def _change(self, order: Order, **facts: Any) -> Change:
        if order.state is not OrderState.PAID:
            return Change(Outcome.REFUSED, "cancelled" if order.state is OrderState.CANCELLED else "shipped")
        self.orders[order.order_id] = dataclasses.replace(order, **facts)
        return Change(Outcome.DONE, reference=order.order_id)

    def change(self, product: Product) -> None:
        """Let the seller change a product, or add one."""
        self.products[product.reference] = product
        self.changed[product.reference] = datetime.datetime.now(datetime.timezone.utc)

    def _answer(self, call: str) -> None:
        self.asked.append(call)
        if self.down:
            raise ShopUnavailableError(self.shop_id, call, "is down in this test")


def make_promotion(code: str = "", skus: tuple[str, ...] = (), days: tuple[int, int] = (-1, 1)) -> Promotion:
    """Ten percent off from and to so many days from today."""
    starts, ends = (TODAY + datetime.timedelta(days=number) for number in days)
    return Promotion(code, Text(en="Ten off"), skus, starts, ends, percent=decimal.Decimal(10))


def make_profile(shop_id: str = "testshop", platform: str = "memory") -> Profile:
    """A shop that delivers to Indonesia and has a promotion and two vouchers of its own."""
    option = ShippingOption("JNE", money("18000", "IDR"), (2, 4))
    return Profile(
        shop=make_shop(shop_id),
        default=False,
        platform=platform,
        keys={},
        settings={},
        base_url="",
        carriers={},
        promotions=(
            make_promotion(skus=("LAMP-01",)),
            make_promotion("OWN"),
            make_promotion("OLD", days=(-20, -10)),
        ),
        shipping={
            "ID": ShippingRule("ID", (option,), cod=False, cod_limit=None, payment_methods=("card",), customs=Text())
        },
    )
