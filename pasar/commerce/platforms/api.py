"""What a platform's module gives; :mod:`.backend` makes a whole shop of it and of the shop's own configuration.

A platform knows orders, products and what can be done with them. Languages, persona, rules by country, delivery and
promotions without a platform's record are the shop's configuration, whatever the platform.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar, Protocol

from pasar.commerce.changes import Ability, AddressChange, Change, Invoice, LineChange
from pasar.commerce.model import Buyer, Order, Product, ReturnRequest, ReturnTicket
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Promotion, Shop


class NoticeKind(enum.Enum):
    """What a platform's webhook tells."""

    PRODUCT_CHANGED = "product_changed"  #: also its stock or price
    PRODUCT_DELETED = "product_deleted"
    ORDER_CHANGED = "order_changed"
    RETURN_CHANGED = "return_changed"
    DEAUTHORISED = "deauthorised"  #: the seller has withdrawn, or soon withdraws, our access
    UNKNOWN = "unknown"  #: recorded, nothing is done


@dataclasses.dataclass(frozen=True)
class Notice:
    """One webhook, read."""

    kind: NoticeKind
    reference: str  #: the platform's id of the product, order or return; "" where it names none
    notice_id: str  #: the platform's id of the webhook, by which a second delivery is known; "" where it has none
    raw_kind: str  #: what the platform calls it


class ForgedNoticeError(ValueError):
    """A webhook's signature is missing, wrong or too old. The message names which, never the body."""


class MalformedNoticeError(ValueError):
    """A webhook with a good signature cannot be read; the message names the field."""


class PlatformApi(Protocol):
    """A platform's interface, for one shop.

    Every call may raise ``ShopUnavailableError`` (trying later may help) or ``ShopError`` (it does not), both naming
    shop, call and the platform's own code. What changes something is sent once and never repeated by itself.
    """

    #: at the platform's best, as docs/shops.md shows it; an instance may have fewer, for its shop's country or rights.
    abilities: ClassVar[frozenset[Ability]]
    #: what stands in the shop's file under ``keys``: name → what it is and where the seller finds it. Values are
    #: never in the file: they come from the environment, as ``${SHOPEE_PARTNER_KEY}``.
    keys: ClassVar[Mapping[str, str]]

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> PlatformApi:
        """Make it from the shop's keys; does not connect.

        ``settings["base_url"]``, where it is set, is asked instead of the platform's own host: a sandbox, a test's server.
        """

    async def read_order(self, order_id: str) -> Order | None:
        """The order of that number as buyers know it, or None."""

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """A buyer's orders, newest first; () where the platform cannot search by what is known of her."""

    def read_products(self, changed_since: datetime.datetime | None = None) -> AsyncIterator[Sequence[Product]]:
        """All products a page at a time, or only those changed since then, drafts and deleted ones left out."""

    async def read_product(self, reference: str) -> Product | None:
        """One product as it is now by the platform's id (``Product.reference``), or None."""

    async def read_coupon(self, code: str) -> Promotion | None:
        """What a voucher's code is worth, or None."""

    async def read_promotions(self) -> Sequence[Promotion]:
        """What everybody gets without a code, also before and after its days; () where the platform tells of none."""

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Stop an order (``reason``: changed_mind, ordered_twice, too_late, address, other)."""

    async def change_address(self, order: Order, change: AddressChange) -> Change:
        """Have an order sent elsewhere."""

    async def edit_order(self, order: Order, change: LineChange) -> Change:
        """Put another variant or number of pieces into an order."""

    async def open_return(self, order: Order, request: ReturnRequest) -> ReturnTicket:
        """Record a return; asked twice it gives the one there is."""

    async def read_invoice(self, order: Order) -> Invoice | None:
        """The invoice of an order, or None where there is none yet."""

    def read_notice(self, headers: Mapping[str, str], body: bytes, url: str, now: datetime.datetime) -> Notice:
        """Read a webhook whose signature is good; ForgedNoticeError, MalformedNoticeError otherwise.

        ``headers`` are lower case, ``body`` are the raw bytes, ``url`` is the callback as it was registered.
        """

    async def close(self) -> None:
        """Give back connections."""


class UnsupportedChanges:
    """Changes that a platform does not let a programme make; a platform overrides those that it does.

    None of them is called for a shop whose abilities lack it: whoever calls them nevertheless gets an error.
    """

    async def read_coupon(self, code: str) -> Promotion | None:
        """No vouchers can be read here."""
        return None

    async def read_promotions(self) -> Sequence[Promotion]:
        """No promotions can be read here."""
        return ()

    async def cancel_order(self, order: Order, reason: str) -> Change:
        """Only a person can."""
        raise NotSupportedError("cancel_order")

    async def change_address(self, order: Order, change: AddressChange) -> Change:
        """Only a person can."""
        raise NotSupportedError("change_address")

    async def edit_order(self, order: Order, change: LineChange) -> Change:
        """Only a person can."""
        raise NotSupportedError("edit_order")

    async def open_return(self, order: Order, request: ReturnRequest) -> ReturnTicket:
        """Only a person, or the buyer herself in the platform's app, can."""
        raise NotSupportedError("open_return")

    async def read_invoice(self, order: Order) -> Invoice | None:
        """No invoices can be read here."""
        return None


class NotSupportedError(Exception):
    """A platform was asked for what its abilities lack; :mod:`.backend` says so with shop and call."""
