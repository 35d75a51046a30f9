"""What a shop's file holds, name by name. ``docs/shop.example.yml`` shows all of it."""

from __future__ import annotations

from typing import Literal

import pydantic

from pasar.commerce.profiles.fields import (
    Address,
    Amount,
    Area,
    Clock,
    Count,
    Country,
    Currency,
    Day,
    Expression,
    FromEnvironment,
    Language,
    Percent,
    Span,
    Word,
    Words,
    Zone,
)

DEMO = "demo"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Why something is sent back, as ``pasar.commerce.model.ReturnRequest`` has it.
ReturnReason = Literal["damaged", "wrong", "missing", "not_received", "size", "changed_mind", "other"]
#: The last state in which something may be done; ``never`` for not at all.
LastState = Literal["unpaid", "paid", "shipped", "delivered", "never"]


class Shape(pydantic.BaseModel):
    """A mapping whose names are all known."""

    class Config:
        """Unknown names are mostly misspelt ones."""

        extra = "forbid"
        allow_mutation = False


class DemoShape(Shape):
    """A shop of invented data: its rules are in its own database."""

    platform: Literal["demo"]
    default: pydantic.StrictBool = False
    database: Word
    order_formats: list[Expression] = []


class PersonaShape(Shape):
    """Who answers in a language."""

    name: Word
    gender: Literal["female", "male", "neutral"]


class ReturnsShape(Shape):
    """Rules for sending things back."""

    days: Count
    buyer_pays_shipping: pydantic.StrictBool
    refund_days: Span
    approval_limit: dict[Currency, Amount]
    photo_reasons: list[ReturnReason]
    payout_days: dict[Word, Span] = {}


class PolicyShape(Shape):
    """What holds in a country from a day on."""

    country: Area = Area("")
    valid_from: Day
    returns: ReturnsShape | None = None
    warranty_months: Count | None = None
    tax_included: pydantic.StrictBool | None = None
    tax_percent: Percent | None = None
    claim_days: Count | None = None
    invoice: pydantic.StrictBool | None = None
    source: Word = Word("")


class ChangesShape(Shape):
    """What buyers may change themselves, and until when."""

    cancel: LastState = "paid"
    address: LastState = "paid"
    edit: LastState = "paid"
    cancel_limit: dict[Currency, Amount] = {}


class AmendsShape(Shape):
    """What is offered to a buyer who has reason to complain."""

    code: Word = Word("")
    reasons: list[Literal["late", "service", "quality"]] = []
    most_per_buyer: Count = Count(1)
    budget: dict[Currency, Amount] = {}


class OptionShape(Shape):
    """A way to send to a country; amounts in its currency."""

    courier: Word
    cost: Amount
    days: Span
    free_from: Amount | None = None


class ShippingShape(Shape):
    """How a country is delivered to."""

    options: list[OptionShape]
    cod_limit: Amount | None = None
    payment_methods: list[Word]
    customs: Words


class PromotionShape(Shape):
    """A price rule that the platform has no record of."""

    code: Word = Word("")
    name: Words
    skus: list[Word] = []
    starts_on: Day
    ends_on: Day
    percent: Percent | None = None
    amount_off: dict[Currency, Amount] = {}
    min_spend: dict[Currency, Amount] = {}
    most_off: dict[Currency, Amount] = {}
    stackable: pydantic.StrictBool = False
    uses_left: Count | None = None
    once_per_buyer: pydantic.StrictBool = False


class ShopShape(Shape):
    """A shop on a platform."""

    platform: Word
    default: pydantic.StrictBool = False
    keys: dict[Word, FromEnvironment] = {}
    settings: dict[Word, Word | Count] = {}
    base_url: Address = Address("")
    carriers: dict[Word, dict[Word, FromEnvironment | dict[Word, Word | Count]]] = {}
    name: Word
    email: Word
    address: Words
    return_address: Words = Words()
    country: Country
    currency: Currency
    currencies: dict[Country, Currency] = {}
    default_language: Language
    languages: list[Language]
    personas: dict[Language, PersonaShape] = {}
    time_zone: Zone
    opens_at: Clock
    closes_at: Clock
    open_days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    handling_days: Count
    order_formats: list[Expression]
    order_example: Word = Word("")
    returns: ReturnsShape
    policies: list[PolicyShape] = []
    changes: ChangesShape = ChangesShape()
    amends: list[AmendsShape] = []
    shipping: dict[Country, ShippingShape]
    promotions: list[PromotionShape] = []
