"""What a buyer may have changed, by the order's state and the shop's rules."""

from __future__ import annotations

import dataclasses
import decimal

import pytest

from pasar.commerce.changes import ABILITIES, Ability, Permission, judge_change, shows
from pasar.commerce.model import Address, Money, OrderState
from pasar.commerce.rules import ChangeRules
from tests.commerce.samples import make_order

ALL = frozenset(Ability)
KINDS = tuple(ABILITIES)


def dollars(amount: str) -> Money:
    return Money(decimal.Decimal(amount), "USD")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.PAID])
def test_what_has_not_left_may_be_changed(kind: str, state: OrderState) -> None:
    assert Permission(True, "ok") == judge_change(kind, make_order(state), ChangeRules(), ALL)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (OrderState.SHIPPED, "shipped"),
        (OrderState.DELIVERED, "delivered"),
        (OrderState.RETURNED, "returned"),
        (OrderState.CANCELLED, "cancelled"),
    ],
)
def test_what_has_left_may_not_and_the_reason_is_its_state(kind: str, state: OrderState, reason: str) -> None:
    """Also where the shop's system could do nothing anyway: the reason is what helps her."""
    for abilities in (ALL, frozenset[Ability]()):
        assert Permission(False, reason) == judge_change(kind, make_order(state), ChangeRules(), abilities)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_shops_system_cannot_do_a_person_does(kind: str) -> None:
    judged = judge_change(kind, make_order(OrderState.PAID), ChangeRules(), ALL - {ABILITIES[kind]})
    assert Permission(False, "by_person") == judged


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_shop_never_allows_a_person_does(kind: str) -> None:
    judged = judge_change(kind, make_order(OrderState.PAID), ChangeRules(None, None, None), ALL)
    assert Permission(False, "by_person") == judged


def test_a_shop_may_allow_less_than_the_usual() -> None:
    """Cancelling before payment only; the rest as ever."""
    rules = ChangeRules(cancel=OrderState.UNPAID)
    judged = {kind: judge_change(kind, make_order(OrderState.PAID), rules, ALL).reason for kind in KINDS}
    assert {"cancel": "by_person", "address": "ok", "edit": "ok"} == judged
    assert judge_change("cancel", make_order(OrderState.UNPAID), rules, ALL).allowed


def test_a_shop_may_allow_more_than_the_usual() -> None:
    """Redirecting what is on its way, with a carrier that can."""
    rules = ChangeRules(address=OrderState.SHIPPED)
    assert judge_change("address", make_order(OrderState.SHIPPED), rules, ALL).allowed
    assert Permission(False, "delivered") == judge_change("address", make_order(OrderState.DELIVERED), rules, ALL)


@pytest.mark.parametrize(("total", "allowed"), [("99.99", True), ("100", True), ("100.01", False)])
def test_above_the_limit_a_person_cancels(total: str, allowed: bool) -> None:
    """The limit itself is still within the limit, and it is for cancelling only."""
    rules = ChangeRules(cancel_limit={"USD": dollars("100")})
    order = make_order(OrderState.PAID, total=total)
    assert Permission(allowed, "ok" if allowed else "by_person") == judge_change("cancel", order, rules, ALL)
    assert judge_change("address", order, rules, ALL).allowed


def test_a_limit_in_another_currency_is_none() -> None:
    rules = ChangeRules(cancel_limit={"USD": dollars("1")})
    assert judge_change("cancel", make_order(OrderState.PAID, currency="THB", total="5000"), rules, ALL).allowed


ORDER = make_order(OrderState.PAID)
THERE = dataclasses.replace(ORDER, address=Address(("Jl. Melati 5", "Bandung")))
LINE = dataclasses.replace(ORDER.lines[0], variant_sku="THING-02", quantity=2)
EDITED = dataclasses.replace(ORDER, lines=(LINE,))
MASKED = dataclasses.replace(ORDER, address=Address(("Jl. M*** 5",)))


@pytest.mark.parametrize(
    ("order", "kind", "after", "expected"),
    [
        (make_order(OrderState.CANCELLED), "cancel", {"state": "cancelled"}, True),
        (ORDER, "cancel", {"state": "cancelled"}, False),
        (THERE, "address", {"address": {"lines": ["Jl. Melati 5", "Bandung"]}}, True),
        (THERE, "address", {"address": {"lines": ["Jl. Mawar 7"]}}, False),
        (ORDER, "address", {"address": {"lines": ["Jl. Mawar 7"]}}, False),
        (MASKED, "address", {"address": {"lines": ["Jl. Melati 5"]}}, False),
        (EDITED, "edit", {"new_variant_sku": "THING-02", "quantity": 2}, True),
        (EDITED, "edit", {"new_variant_sku": "THING-02", "quantity": 1}, False),
        (ORDER, "edit", {"new_variant_sku": "THING-02", "quantity": 1}, False),
        (ORDER, "return", {"reason": "size"}, False),
    ],
)
def test_an_order_shows_whether_a_change_was_made(order, kind, after, expected) -> None:
    """What it does not show counts as not made: then a person looks."""
    assert expected is shows(order, kind, after)
