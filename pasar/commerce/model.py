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
    """A carrier saw the parcel."""

    at: datetime.datetime
    place: str
    event: str  #: picked_up, in_transit, arrived_at_hub, out_for_delivery, delivered


@dataclasses.dataclass(frozen=True)
class Parcel:
    """What a carrier carries."""

    courier: str
    tracking_number: str
    shipped_at: datetime.datetime
    due_on: datetime.date | None  #: the carrier's estimate; None where it gives none
    scans: tuple[Scan, ...]  #: oldest first
    delivered_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class OrderLine:
    """Pieces of one variant in an order."""

    sku: str  #: of the product
    variant_sku: str
    name: Text
    quantity: int
    price: Money  #: of one piece


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


@dataclasses.dataclass(frozen=True)
class Promotion:
    """A price rule that runs now. Exactly one of ``percent`` and ``amount_off`` is set, or neither for a gift or free shipping."""

    code: str  #: "" where it applies without a code
    name: Text
    skus: tuple[str, ...]  #: () means all products
    starts_on: datetime.date
    ends_on: datetime.date
    percent: decimal.Decimal | None = None
    amount_off: Mapping[str, Money] = dataclasses.field(default_factory=dict)  #: by currency
    min_spend: Mapping[str, Money] = dataclasses.field(default_factory=dict)  #: by currency
    stackable: bool = False


@dataclasses.dataclass(frozen=True)
class ShippingOption:
    """One way to send to a country."""

    courier: str
    cost: Money
    days: tuple[int, int]  #: working days from dispatch, from and to
    free_from: Money | None = None  #: order value from which it is free


@dataclasses.dataclass(frozen=True)
class ShippingRule:
    """How the shop delivers to one country."""

    country: str
    options: tuple[ShippingOption, ...]
    cod: bool
    cod_limit: Money | None
    payment_methods: tuple[str, ...]
    customs: Text  #: who pays import duty, one sentence


@dataclasses.dataclass(frozen=True)
class ReturnPolicy:
    """The shop's rules for sending things back."""

    days: int  #: from delivery
    buyer_pays_shipping: bool  #: where the buyer changed her mind; a defect is always the shop's
    refund_days: tuple[int, int]  #: working days after approval, from and to
    approval_limit: Mapping[str, Money]  #: by currency; above it only a person approves
    photo_reasons: tuple[str, ...]  #: reasons that need a photo: damaged, wrong, missing


@dataclasses.dataclass(frozen=True)
class Shop:
    """Who sells."""

    shop_id: str
    name: str
    default_language: str
    languages: tuple[str, ...]
    country: str
    currency: str
    currencies: Mapping[str, str]  #: by country; elsewhere ``currency``
    time_zone: str  #: IANA name
    opens_at: datetime.time  #: people answer from …
    closes_at: datetime.time  #: … to, in ``time_zone``
    open_days: tuple[int, ...]  #: Monday is 0
    order_formats: tuple[str, ...]  #: regular expressions an order number fully matches
    personas: Mapping[str, Mapping[str, str]]  #: by language: name, gender (Thai: female says ค่ะ, male ครับ)
    returns: ReturnPolicy
    email: str
    address: Text
    handling_days: int  #: working days from payment to dispatch


@dataclasses.dataclass(frozen=True)
class Buyer:
    """A buyer whom a channel has authenticated; at least one field is set."""

    email: str = ""
    phone: str = ""  #: E.164


@dataclasses.dataclass(frozen=True)
class ReturnRequest:
    """A buyer's wish to send an order back."""

    order_id: str
    reason: str  #: damaged, wrong, missing, size, changed_mind, other
    wants: str  #: refund or return or exchange
    photo: str = ""  #: a URL or the channel's media id
    note: str = ""


@dataclasses.dataclass(frozen=True)
class ReturnTicket:
    """What the shop system made of a :class:`ReturnRequest`."""

    number: str
    state: str  #: approved (below the shop's limit) or review (a person decides)
