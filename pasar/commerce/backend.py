"""The shop protocol: what Pasar asks of every shop system.

An adapter implements :class:`ShopBackend` and inherits the contract suite in ``tests/commerce/contract.py``.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Protocol

from pasar.commerce.changes import Ability, AddressChange, Change, Invoice, LineChange
from pasar.commerce.model import Buyer, Order, Product, ReturnRequest, ReturnTicket
from pasar.commerce.rules import Promotion, ShippingRule, Shop


class ShopError(Exception):
    """A shop system could not do what was asked; names the shop and the call, keeps the cause."""

    def __init__(self, shop_id: str, call: str, reason: str) -> None:
        """Say which shop failed at which call, and why."""
        super().__init__(f"shop {shop_id}: {call}: {reason}")
        self.shop_id = shop_id
        self.call = call
        self.reason = reason


class ShopUnavailableError(ShopError):
    """The shop system does not answer in time, is locked or down. Trying later may help."""


class UnknownShopError(ShopError):
    """No shop of that name is configured."""


class ShopBackend(Protocol):
    """One shop's system. Every call may raise :class:`ShopUnavailableError`.

    What changes something is called through :mod:`pasar.commerce.ledger`, never directly; where :attr:`abilities`
    lacks it, it raises :class:`ShopError`.
    """

    shop_id: str

    @property
    def abilities(self) -> frozenset[Ability]:
        """What this shop's system lets us do."""

    async def get_shop(self) -> Shop:
        """The shop itself and its rules."""

    async def get_order(self, order_id: str) -> Order | None:
        """The order of that number (any letter case), or None. Callers go through ``pasar.commerce.access``."""

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """A buyer's orders by e-mail, phone or account, newest first. Callers go through ``pasar.commerce.access``."""

    async def get_product(self, sku: str) -> Product | None:
        """The product of that SKU (of the product or one of its variants, any letter case), or None."""

    async def search_products(self, query: str, limit: int = 5, language: str = "") -> Sequence[Product]:
        """Products whose names or aliases, in any language, occur in ``query`` (a buyer's whole message), best first.

        Where its ``language`` is given, short words of other languages do not count.
        """

    async def list_products(self) -> Sequence[Product]:
        """All products, in the shop's order."""

    async def get_promotions(self, on: datetime.date, sku: str | None = None) -> Sequence[Promotion]:
        """Promotions that run on that day; with ``sku`` those that apply to that product."""

    async def get_coupon(self, code: str) -> Promotion | None:
        """The promotion of that code (any letter case), also when it has not begun or has ended, or None."""

    async def get_shipping(self, country: str) -> ShippingRule | None:
        """How the shop delivers to a country (ISO 3166-1 alpha-2), or None where it does not."""

    async def list_shipping(self) -> Sequence[ShippingRule]:
        """All countries the shop delivers to."""

    async def open_return(self, request: ReturnRequest) -> ReturnTicket:
        """Record a return. Asking twice for the same order gives the same ticket."""

    async def cancel_order(self, order_id: str, reason: str) -> Change:
        """Stop an order (``reason``: changed_mind, ordered_twice, too_late, address, other)."""

    async def change_address(self, change: AddressChange) -> Change:
        """Have an order sent elsewhere."""

    async def edit_order(self, change: LineChange) -> Change:
        """Put another variant or number of pieces into an order."""

    async def get_invoice(self, order_id: str) -> Invoice | None:
        """The invoice of an order, or None where there is none yet."""
