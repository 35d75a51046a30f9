"""What a shop promises: its rules for prices, delivery, returns and changes, and the shop itself.

All of it is configuration of the shop, by country and day where the law differs; nothing here is decided by a model.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Mapping

from pasar.commerce.guides import Guide
from pasar.commerce.model import Money, OrderState, Text

#: Days from "delivered" after which a parcel that nobody has found is claimed, where the shop's policies set none.
CLAIM_DAYS = 2


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
    most_off: Mapping[str, Money] = dataclasses.field(
        default_factory=dict
    )  #: of a percentage, by currency; none: no limit
    stackable: bool = False
    uses_left: int | None = None  #: None where the shop sets no budget; 0 is used up
    once_per_buyer: bool = False


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
    #: working days after approval by payment method, from and to; where a method is not among them, ``refund_days``
    payout_days: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Policy:
    """What holds in one country from one day on. What is None, the next wider policy says: the EU's, the shop's default."""

    country: str  #: ISO 3166-1 alpha-2; "EU" for its member states; "" is the shop's default
    valid_from: datetime.date
    returns: ReturnPolicy | None = None
    warranty_months: int | None = None  #: at least, whatever the product's record says (the law's guarantee)
    tax_included: bool | None = None  #: whether prices shown include sales tax
    tax_percent: decimal.Decimal | None = None
    claim_days: int | None = None  #: days to wait after "delivered" before a lost parcel is claimed
    invoice: bool | None = None  #: whether buyers there get one without asking a person
    source: str = ""  #: the law or the shop's decision it rests on


@dataclasses.dataclass(frozen=True)
class ChangeRules:
    """The last state in which the shop lets a buyer change an order herself."""

    cancel: OrderState | None = OrderState.PAID  #: None: never
    address: OrderState | None = OrderState.PAID
    edit: OrderState | None = OrderState.PAID
    cancel_limit: Mapping[str, Money] = dataclasses.field(default_factory=dict)  #: by currency; above, a person


@dataclasses.dataclass(frozen=True)
class Amends:
    """One concrete thing that the shop offers to a buyer who has reason to complain."""

    code: str  #: of a promotion; "" for an apology alone
    reasons: tuple[str, ...]  #: late, service, quality; () for all
    most_per_buyer: int = 1
    budget: Mapping[str, Money] = dataclasses.field(default_factory=dict)  #: a month, by currency


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
    personas: Mapping[str, Mapping[str, str]]  #: by language: name, gender, formality, emoji (docs/add-a-shop.md)
    returns: ReturnPolicy
    email: str
    address: Text
    handling_days: int  #: working days from payment to dispatch
    policies: tuple[Policy, ...] = ()  #: by country and day; :func:`pasar.commerce.policies.find_policy` chooses
    changes: ChangeRules = dataclasses.field(default_factory=ChangeRules)
    amends: tuple[Amends, ...] = ()  #: what may be offered to a buyer who complains, best first
    guides: tuple[Guide, ...] = ()  #: what to try when something does not work, and how things are used
    return_address: Text = dataclasses.field(default_factory=Text)
    order_example: str = ""  #: an order number as this shop writes them, to show a buyer
