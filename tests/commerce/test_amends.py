"""What a shop may offer a buyer who has reason to complain."""

from __future__ import annotations

import datetime
import decimal
import pathlib

import pytest

from pasar.commerce.amends import KIND, choose_amends, find_fault
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.ledger import Ledger, Wish
from pasar.commerce.model import Money, Order, OrderState
from pasar.commerce.rules import Amends
from tests.commerce.samples import TODAY, at, make_order


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(decimal.Decimal(amount), "USD")


def returned(reason: str, outcome: str = "done") -> dict[str, object]:
    """A return in the ledger."""
    return {"kind": "return", "outcome": outcome, "after": {"reason": reason}}


ON_TIME = make_order(delivered=at(-2), due_on=TODAY - datetime.timedelta(days=1))
CAME_LATE = make_order(delivered=at(-2), due_on=TODAY - datetime.timedelta(days=5))
IS_LATE = make_order(OrderState.SHIPPED, shipped=at(-20), due_on=TODAY - datetime.timedelta(days=4))


@pytest.mark.parametrize(
    ("order", "changes", "fault"),
    [
        (ON_TIME, [], None),
        (CAME_LATE, [], "late"),
        (IS_LATE, [], "late"),
        (make_order(delivered=at(-40), due_on=TODAY - datetime.timedelta(days=50)), [], None),
        (make_order(OrderState.PAID), [], None),
        (ON_TIME, [returned("damaged")], "quality"),
        (ON_TIME, [returned("changed_mind")], None),
        (ON_TIME, [returned("damaged", "refused")], None),
        (ON_TIME, [{"kind": "address", "outcome": "done", "after": {}}], None),
    ],
)
def test_find_fault_goes_by_the_records(order: Order, changes: list[dict[str, object]], fault: str | None) -> None:
    """Anger alone is no reason."""
    assert fault == find_fault(order, changes, TODAY)


LATE = Amends("SORRY", ("late",), 1, {"USD": usd("20")})


@pytest.mark.parametrize(
    ("offers", "fault", "given", "spent", "chosen"),
    [
        ([LATE], "late", [], [], LATE),
        ([LATE], "quality", [], [], None),
        ([LATE], "late", ["SORRY"], [], None),
        ([LATE], "late", ["OTHER"], [], LATE),
        ([LATE], "late", [], [usd("10"), usd("5")], LATE),
        ([LATE], "late", [], [usd("15.01")], None),
        ([LATE], "late", [], [Money(decimal.Decimal(99), "EUR")], LATE),
        ([Amends("GONE", ())], "late", [], [], None),
        ([Amends("SORRY", ())], "quality", [], [usd("9999")], Amends("SORRY", ())),
        ([Amends("SORRY", (), 1, {"EUR": usd("9")})], "late", [], [], None),
        ([], "late", [], [], None),
    ],
)
def test_choose_amends_keeps_the_shops_rules(
    offers: list[Amends], fault: str, given: list[str], spent: list[Money], chosen: Amends | None
) -> None:
    """Reason, most per buyer, budget of the month, and a code that is worth something in the order's currency."""
    assert chosen == choose_amends(offers, fault, given, spent, {"SORRY": usd("5")})


async def test_ledger_lists_the_month_and_the_buyers_orders(tmp_path: pathlib.Path) -> None:
    """What counts towards the budget, and what she was given before."""
    ledger = Ledger(f"sqlite:///{tmp_path}/pasar.db")

    async def done() -> Change:
        return Change(Outcome.DONE)

    for shop, number, kind in (("one", "A1", KIND), ("one", "A2", "cancel"), ("two", "B1", KIND)):
        await ledger.make(Wish(shop, number, kind, "c", f"m-{number}", {}, {"code": "SORRY"}), done)
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    assert ["A1"] == [row["order_id"] for row in ledger.list_of_kind("one", KIND, now - hour)]
    assert [] == ledger.list_of_kind("one", KIND, now + hour)
    assert ["A1"] == [row["order_id"] for row in ledger.list_of_kind("one", KIND, now + hour, ["A1", "B1"])]


async def test_demo_shop_advertises_no_apology(stylehub: DemoBackend) -> None:
    """Its code is good, and told to nobody who has no reason to complain."""
    shop = await stylehub.get_shop()
    codes = [offer.code for offer in shop.amends]
    assert codes
    assert [] == [item for item in await stylehub.get_promotions(TODAY) if item.code in codes]
    for code in codes:
        coupon = await stylehub.get_coupon(code)
        assert coupon is not None
        assert set(shop.amends[0].budget) <= set(coupon.amount_off)
