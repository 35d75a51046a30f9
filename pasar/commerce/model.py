"""What a shop system tells about its products, orders and rules, in one representation for all systems.

Times are aware UTC, amounts are :class:`Money`, measures are centimetres and kilograms.
Texts that a buyer reads are the shop's own words, by language (:class:`Text`).
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Money:
    """An exact amount in one currency (ISO 4217)."""

    amount: decimal.Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add two amounts; ValueError where the currencies differ."""
        self._check(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract; ValueError where the currencies differ."""
        self._check(other)
        return Money(self.amount - other.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare; ValueError where the currencies differ."""
        self._check(other)
        return self.amount < other.amount

    def _check(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")


class Text(dict[str, str]):
    """A shop's words by language code."""

    def to(self, language: str, default: str) -> str:
        """The words in ``language``, else in ``default``, else in any; "" where there are none."""
        return self.get(language) or self.get(default) or next(iter(self.values()), "")


@dataclasses.dataclass(frozen=True)
class Size:
    """One row of a size chart; every range is (from, to), inclusive, in cm or kg."""

    label: str
    height: tuple[float, float] | None = None
    weight: tuple[float, float] | None = None
    bust: tuple[float, float] | None = None
    waist: tuple[float, float] | None = None
    foot_length: tuple[float, float] | None = None


@dataclasses.dataclass(frozen=True)
class Variant:
    """One thing that can be put into a cart."""

    sku: str  #: of the variant, as DRESS-01-BLK-M
    color: str | None  #: a colour's code, as ``black``; its words are in the language packs
    size: str | None
    stock: int  #: pieces that can be sold now
    restock_on: datetime.date | None = None


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One recorded fact of a product, as ``waterproof`` or ``stretch``."""

    name: str
    value: str | bool | float
    text: Text  #: the fact as one full sentence a buyer can be told


@dataclasses.dataclass(frozen=True)
class Product:
    """A product with all its variants."""

    sku: str
    name: Text
    aliases: Text  #: other names buyers use, comma separated, by language
    kind: str  #: clothing, shoes, phone, bag, cosmetics, accessory, outdoor, home …
    description: Text
    prices: Mapping[str, Money]  #: by currency
    variants: tuple[Variant, ...]
    attributes: Mapping[str, Attribute]  #: by name
    size_chart: tuple[Size, ...] = ()
    size_unit: str = ""  #: "body" (height and weight) or "foot" (foot length); "" where sizes do not apply
    related: tuple[str, ...] = ()
    genuine: bool | None = None  #: None where the record does not say
    authenticity_card: bool = False
    warranty_months: int | None = None  #: 0 is "no warranty"; None where the record does not say
    returnable: bool = True
    url: str = ""
    image: str = ""
    reference: str = ""  #: what the shop's system calls it where that is not the SKU
    read_at: datetime.datetime | None = None  #: when the shop's system said so; None: at this call

    @property
    def in_stock(self) -> bool:
        """Whether any variant can be sold now."""
        return any(variant.stock > 0 for variant in self.variants)

    @property
    def colors(self) -> tuple[str, ...]:
        """The colours it comes in, in the shop's order."""
        return tuple(dict.fromkeys(variant.color for variant in self.variants if variant.color))

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes it comes in, in the shop's order."""
        return tuple(dict.fromkeys(variant.size for variant in self.variants if variant.size))


class OrderState(enum.Enum):
    """Where an order stands."""

    UNPAID = "unpaid"
    PAID = "paid"  #: paid, being packed
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclasses.dataclass(frozen=True)
class Scan:
    """A carrier saw the parcel.

    Events: picked_up; in_transit (also what no other word fits), arrived_at_hub; customs (being cleared), customs_held
    (customs delays it or wants something), customs_released; out_for_delivery; failed_attempt (delivery was tried in
    vain); ready_for_pickup (waits at ``place`` for its buyer); delayed (says the carrier); delivered; returning,
    returned (to the sender); exception (damaged, lost, refused, wrong address, or trouble the carrier does not name).
    """

    at: datetime.datetime
    place: str
    event: str  #: one of those above


@dataclasses.dataclass(frozen=True)
class Parcel:
    """What a carrier carries."""

    courier: str
    tracking_number: str
    shipped_at: datetime.datetime
    due_on: datetime.date | None  #: the carrier's estimate; None where it gives none
    scans: tuple[Scan, ...]  #: oldest first
    delivered_at: datetime.datetime | None = None
    read_at: datetime.datetime | None = None  #: when a tracking service said so; None: it came with the order
    unanswered: bool = False  #: a tracking service was asked and did not answer: it came with the order


@dataclasses.dataclass(frozen=True)
class Address:
    """Where an order goes to; platforms may mask parts with asterisks."""

    lines: tuple[str, ...]  #: street, house, district, as the buyer would write them on a parcel
    city: str = ""
    postcode: str = ""
    country: str = ""  #: ISO 3166-1 alpha-2
    recipient: str = ""
    phone: str = ""


@dataclasses.dataclass(frozen=True)
class OrderLine:
    """Pieces of one variant in an order."""

    sku: str  #: of the product
    variant_sku: str
    name: Text
    quantity: int
    price: Money  #: of one piece
    reference: str = ""  #: what the shop's system calls this line


class RefundState(enum.Enum):
    """Where a refund stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PAID = "paid"
    REJECTED = "rejected"


@dataclasses.dataclass(frozen=True)
class Refund:
    """Money going back to a buyer."""

    amount: Money
    state: RefundState
    decided_on: datetime.date | None
    payout_days: tuple[int, int] | None  #: working days from the decision, from and to
    method: str  #: card, ewallet, bank_transfer, cod …
    paid_on: datetime.date | None = None


@dataclasses.dataclass(frozen=True)
class Order:
    """What a buyer bought. Never shown but through :mod:`pasar.commerce.access`."""

    order_id: str
    email: str
    phone: str  #: E.164
    buyer_name: str
    country: str  #: ISO 3166-1 alpha-2
    state: OrderState
    placed_at: datetime.datetime
    total: Money
    lines: tuple[OrderLine, ...]
    payment_method: str
    pay_until: datetime.date | None = None  #: of an unpaid order
    ship_on: datetime.date | None = None  #: of a paid order not shipped yet
    parcel: Parcel | None = None
    refund: Refund | None = None
    cancelled_on: datetime.date | None = None
    cancelled_by: str = ""  #: buyer, shop or system
    address: Address | None = None
    account: str = ""  #: the buyer's on the platform; "" where the shop's system has none
    reference: str = ""  #: what the shop's system calls it where that is not its number


@dataclasses.dataclass(frozen=True)
class Buyer:
    """A buyer whom a channel has authenticated; at least one field is set."""

    email: str = ""
    phone: str = ""  #: E.164
    account: str = ""  #: the platform's id of her, as ``user_id`` on TikTok Shop


@dataclasses.dataclass(frozen=True)
class ReturnRequest:
    """A buyer's wish to send an order back."""

    order_id: str
    reason: str  #: damaged, wrong, missing, not_received, size, changed_mind, other
    wants: str  #: refund or return or exchange
    photo: str = ""  #: a URL or the channel's media id
    note: str = ""


@dataclasses.dataclass(frozen=True)
class ReturnTicket:
    """What the shop system made of a :class:`ReturnRequest`."""

    number: str
    state: str  #: approved (below the shop's limit) or review (a person decides)
    label: str = ""  #: URL of a prepaid label; "" where the buyer posts the parcel herself
