"""Which rules hold where and when."""

from __future__ import annotations

import dataclasses
import datetime
import decimal

import pytest

from pasar.commerce.policies import MEMBER_STATES, find_policy
from pasar.commerce.rules import Policy, ReturnPolicy, Shop
from tests.commerce.samples import POLICY, make_shop

OLD, NEW = datetime.date(2025, 1, 1), datetime.date(2026, 6, 13)
DAY = datetime.timedelta(days=1)
PERCENT = decimal.Decimal(19)


def returns(days: int) -> ReturnPolicy:
    """The sample's rules with another number of days."""
    return dataclasses.replace(POLICY, days=days)


def shop(*policies: Policy) -> Shop:
    """A shop whose own rules give 15 days."""
    return dataclasses.replace(make_shop(), policies=policies)


def test_a_shop_without_policies_has_its_returns_and_nothing_else():
    found = find_policy(shop(), "DE", NEW)
    assert ("", None, POLICY, "") == (found.country, found.valid_from, found.returns, found.source)
    assert {None} == {
        found.warranty_months,
        found.tax_included,
        found.tax_percent,
        found.claim_days,
        found.invoice,
    }


@pytest.mark.parametrize(("on", "days"), [(OLD - DAY, 15), (OLD, 30), (NEW - DAY, 30), (NEW, 14), (NEW + DAY, 14)])
def test_the_newest_policy_that_has_begun_counts_from_its_very_day(on, days):
    sold = shop(
        Policy("GB", NEW, returns=returns(14), source="new law"), Policy("GB", OLD, returns=returns(30), source="old")
    )
    assert days == find_policy(sold, "GB", on).returns.days


def test_a_policy_that_has_not_begun_lets_the_wider_one_count():
    sold = shop(Policy("DE", NEW, returns=returns(60)), Policy("EU", OLD, returns=returns(14)))
    before, after = find_policy(sold, "DE", NEW - DAY), find_policy(sold, "DE", NEW)
    assert ("EU", 14) == (before.country, before.returns.days)
    assert ("DE", 60) == (after.country, after.returns.days)


@pytest.mark.parametrize(
    ("country", "days"),
    [("DE", 60), ("de ", 60), ("FR", 14), ("GR", 14), ("GB", 20), ("CH", 20), ("NO", 20), ("", 20), ("EL", 20)],
)
def test_country_then_union_then_default(country, days):
    sold = shop(
        Policy("", OLD, returns=returns(20)), Policy("EU", OLD, returns=returns(14)), Policy("DE", OLD, returns(60))
    )
    assert days == find_policy(sold, country, NEW).returns.days


def test_what_a_policy_leaves_open_the_wider_ones_say():
    sold = shop(
        Policy("", OLD, claim_days=5, warranty_months=6, invoice=False, tax_included=True),
        Policy("EU", OLD, returns=returns(14), warranty_months=24, source="directive"),
        Policy("DE", OLD, tax_percent=PERCENT, source="statute"),
    )
    found = find_policy(sold, "DE", NEW)
    assert (14, 24, True, PERCENT, 5, False) == (
        found.returns.days,
        found.warranty_months,
        found.tax_included,
        found.tax_percent,
        found.claim_days,
        found.invoice,
    )
    assert ("DE", OLD, "statute") == (found.country, found.valid_from, found.source)


def test_no_and_nothing_are_answers():
    sold = shop(
        Policy("", OLD, warranty_months=12, invoice=True, tax_percent=PERCENT),
        Policy("US", OLD, warranty_months=0, invoice=False, tax_percent=decimal.Decimal(0)),
    )
    found = find_policy(sold, "US", NEW)
    assert (0, False, decimal.Decimal(0)) == (found.warranty_months, found.invoice, found.tax_percent)


def test_an_older_policy_of_the_country_does_not_show_through():
    sold = shop(Policy("GB", OLD, claim_days=9), Policy("GB", NEW, returns=returns(14)))
    assert find_policy(sold, "GB", NEW).claim_days is None


def test_the_union_has_27_member_states():
    assert 27 == len(MEMBER_STATES)
    assert MEMBER_STATES.isdisjoint({"GB", "CH", "NO", "IS", "LI", "EL", "EU"})
