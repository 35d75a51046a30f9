"""Where the money is: by the record, by the shop's promise, and never made up."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest

from actions.refunds import ActionTellRefundStatus
from pasar.commerce.model import Money, Refund, RefundState
from pasar.commerce.refunds import add_working_days
from tests.actions.conftest import AlteredShop, BrokenShop, Buyer

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date()
AMOUNT = Money(decimal.Decimal(690), "THB")


@pytest.fixture
def tell(alter_shop: Callable[..., AlteredShop]) -> Callable[..., Any]:
    """What is told of a refund of SH1003."""

    async def tell(refund: Refund, **rules: Any) -> Any:
        async def get_order(shop: Any, number: str) -> Any:
            return dataclasses.replace(await shop.get_order(number), refund=refund)

        async def get_shop(shop: Any) -> Any:
            known = await shop.get_shop()
            return dataclasses.replace(known, returns=dataclasses.replace(known.returns, **rules), policies=())

        alter_shop(get_order=get_order, get_shop=get_shop)
        outcome = await Buyer(checked="SH1003", contact="nok@example.com").run(ActionTellRefundStatus())
        assert [] == outcome.unsourced
        return outcome

    return tell


@pytest.mark.parametrize(
    ("number", "contact", "expected", "offer"),
    [
        ("SH1001", "siti@example.com", "utter_no_refund", "return"),
        ("SH1004", "nok@example.com", "utter_refund_approved", None),
        ("SH1008", "tom@example.com", "utter_refund_paid", None),
    ],
)
async def test_the_record_is_told(number: str, contact: str, expected: str, offer: str | None) -> None:
    """A refund as the shop has it; where there is none a return is offered."""
    outcome = await Buyer(checked=number, contact=contact).run(ActionTellRefundStatus())
    assert ([expected], offer) == (outcome.said, outcome.slots["offer"])


async def test_amount_is_written_in_the_buyers_language() -> None:
    """Baht as Thais write them."""
    outcome = await Buyer(checked="SH1004", contact="nok@example.com", language="th").run(ActionTellRefundStatus())
    assert "฿790" == outcome.fact("amount")


@pytest.mark.parametrize(
    ("method", "recorded", "days"),
    [("truemoney", None, (1, 3)), ("promptpay", None, (5, 7)), ("truemoney", (2, 9), (2, 9))],
)
async def test_days_are_the_records_else_those_of_the_way_it_was_paid(tell, method, recorded, days) -> None:
    """With the latest day counted from the decision."""
    outcome = await tell(Refund(AMOUNT, RefundState.APPROVED, TODAY, recorded, method))
    assert ["utter_refund_approved"] == outcome.said
    assert days == (outcome.fact("from_days"), outcome.fact("to_days"))
    latest = add_working_days(TODAY, days[1])
    assert str(latest.day) in outcome.fact("latest")


async def test_without_the_day_of_the_decision_no_day_is_told(tell) -> None:
    """Only how long it takes."""
    outcome = await tell(Refund(AMOUNT, RefundState.APPROVED, None, (5, 7), "card"))
    assert ["utter_refund_approved_no_date"] == outcome.said
    assert not any("latest" in message for message in outcome.messages)


async def test_what_neither_record_nor_shop_says_is_told_as_unknown(tell) -> None:
    """And a person can find out."""
    refund = Refund(AMOUNT, RefundState.APPROVED, TODAY, None, "card")
    outcome = await tell(refund, refund_days=(0, 0), payout_days={})
    assert (["utter_refund_approved_unknown"], "person") == (outcome.said, outcome.slots["offer"])
    assert not any("to_days" in message for message in outcome.messages)


@pytest.mark.parametrize(("days_ago", "expected"), [(3, "utter_refund_approved"), (30, "utter_refund_overdue")])
async def test_money_that_should_have_come_is_a_persons(tell, days_ago: int, expected: str) -> None:
    """A day in the past is no promise."""
    decided = TODAY - datetime.timedelta(days=days_ago)
    outcome = await tell(Refund(AMOUNT, RefundState.APPROVED, decided, (5, 7), "card"))
    assert [expected] == outcome.said
    assert ("person" if expected == "utter_refund_overdue" else None) == outcome.slots["offer"]


async def test_undecided_is_told_as_such_with_what_comes_after(tell) -> None:
    """The days count from an approval that there is not yet."""
    outcome = await tell(Refund(AMOUNT, RefundState.REQUESTED, None, None, "truemoney"))
    assert ["utter_refund_requested", "utter_refund_payout"] == outcome.said
    outcome = await tell(Refund(AMOUNT, RefundState.REQUESTED, None, None, "card"), refund_days=(0, 0), payout_days={})
    assert ["utter_refund_requested"] == outcome.said


@pytest.mark.parametrize(
    ("refund", "expected", "offer"),
    [
        (Refund(AMOUNT, RefundState.PAID, None, None, "card"), "utter_refund_paid_no_date", None),
        (Refund(AMOUNT, RefundState.REJECTED, TODAY, None, "card"), "utter_refund_rejected", "person"),
    ],
)
async def test_other_states_are_told(tell, refund: Refund, expected: str, offer: str | None) -> None:
    """Paid without a day, and declined."""
    outcome = await tell(refund)
    assert ([expected], offer) == (outcome.said, outcome.slots["offer"])


async def test_with_the_shop_down_it_says_so_only(broken_shop: BrokenShop) -> None:
    """Trouble is no missing refund."""
    outcome = await Buyer(checked="SH1004", contact="nok@example.com").run(ActionTellRefundStatus())
    assert ["utter_service_problem"] == outcome.said
