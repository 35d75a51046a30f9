"""Which rules hold for a buyer's country on a day. Pure.

Rules are asked from the narrowest to the widest: the country's, the European Union's for its member states, the
shop's default. Of each only the newest one that has begun counts; what it leaves open, the next wider one says.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Iterable
from typing import TypeVar

from pasar.commerce.rules import Policy, ReturnPolicy, Shop

EU = "EU"
DEFAULT = ""

#: The member states since 2020-02-01, by ISO 3166-1 (the Union itself writes EL for Greece).
#: Source: https://european-union.europa.eu/principles-countries-history/eu-countries_en
MEMBER_STATES = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
)

_Value = TypeVar("_Value")


@dataclasses.dataclass(frozen=True)
class ResolvedPolicy:
    """What holds in a country on a day. None only where no rule of the shop says anything."""

    country: str  #: whose rule was found first: the country's, "EU" or "" (the shop's default, or no rule at all)
    valid_from: datetime.date | None  #: of that rule; None where there is none
    returns: ReturnPolicy
    warranty_months: int | None
    tax_included: bool | None
    tax_percent: decimal.Decimal | None
    claim_days: int | None
    invoice: bool | None
    source: str  #: what that rule rests on; "" where it does not say


def find_policy(shop: Shop, country: str, on: datetime.date) -> ResolvedPolicy:
    """The rules for a buyer in ``country`` (ISO 3166-1 alpha-2, any letter case; "" where it is not known) on a day."""
    chain = list_policies(shop, country, on)
    first = chain[0] if chain else None
    return ResolvedPolicy(
        country=first.country if first else DEFAULT,
        valid_from=first.valid_from if first else None,
        returns=_first(policy.returns for policy in chain) or shop.returns,
        warranty_months=_first(policy.warranty_months for policy in chain),
        tax_included=_first(policy.tax_included for policy in chain),
        tax_percent=_first(policy.tax_percent for policy in chain),
        claim_days=_first(policy.claim_days for policy in chain),
        invoice=_first(policy.invoice for policy in chain),
        source=first.source if first else "",
    )


def list_policies(shop: Shop, country: str, on: datetime.date) -> list[Policy]:
    """The policies that count for a country on a day, the narrowest first."""
    wanted = country.strip().upper()
    areas = [wanted, EU, DEFAULT] if wanted in MEMBER_STATES else [wanted, DEFAULT]
    newest = (_find_newest(shop.policies, area, on) for area in dict.fromkeys(areas))
    return [policy for policy in newest if policy is not None]


def has_policy(shop: Shop, country: str, on: datetime.date) -> bool:
    """Whether a country has rules of its own on a day, or its union has: else the shop's default holds."""
    return any(policy.country != DEFAULT for policy in list_policies(shop, country, on))


def _find_newest(policies: Iterable[Policy], area: str, on: datetime.date) -> Policy | None:
    begun = [policy for policy in policies if policy.country == area and policy.valid_from <= on]
    return max(begun, key=lambda policy: policy.valid_from, default=None)


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value is not None), None)
