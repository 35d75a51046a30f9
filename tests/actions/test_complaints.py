"""Displeased buyers: what the record gives reason for, once, and nothing for anger alone."""

from __future__ import annotations

import asyncio
import pathlib

import pytest

import actions.complaints
import actions.execution
from actions.complaints import ActionAnswerComplaint, ActionAnswerFeedback, ActionMakeAmends
from pasar.commerce.amends import KIND
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.ledger import Ledger, Wish
from tests.actions.conftest import Buyer

OFFERED = ["utter_complaint_acknowledged", "utter_amends_offered", "utter_order_late"]


@pytest.fixture(autouse=True)
def ledger(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger of the test's own."""
    opened = Ledger(f"sqlite:///{tmp_path}/pasar.db")
    for module in (actions.complaints, actions.execution):
        monkeypatch.setattr(module, "open_ledger", lambda: opened)
    return opened


async def test_late_order_is_made_amends_for_once(ledger: Ledger) -> None:
    """The second time she hears that she has it, and is offered a person."""
    anna = Buyer(checked="SH1006", contact="anna@example.com")
    first = await anna.run(ActionMakeAmends())
    assert OFFERED == first.said
    assert "SORRY5" == first.messages[1]["code"]
    again = await anna.run(ActionAnswerComplaint(), "complaint", "still awful")
    assert ["utter_amends_given"] == again.said
    assert "person" == again.slots["offer"]
    (row,) = ledger.list_of_order("stylehub", "SH1006")
    assert (KIND, {"state": "shipped", "fault": "late"}, "5.00", "USD") == (
        row["kind"], row["before"], row["after"]["amount"], row["after"]["currency"],
    )  # fmt: skip


async def test_known_buyer_needs_no_order_number() -> None:
    """Of her orders the late one is meant."""
    outcome = await Buyer().known_as("anna@example.com").run(ActionAnswerComplaint(), "complaint", "awful")
    assert OFFERED == outcome.said


async def test_most_per_buyer_counts_all_her_orders(ledger: Ledger) -> None:
    """Given for another order of hers already: the parcel is told, and nothing more is given."""
    wish = Wish("stylehub", "SH1007", KIND, "c", "m", {}, {"code": "SORRY5", "amount": "5", "currency": "USD"})

    async def given() -> Change:
        return Change(Outcome.DONE)

    await ledger.make(wish, given)
    outcome = await Buyer(checked="SH1006", contact="anna@example.com").run(ActionMakeAmends())
    assert ["utter_order_late"] == outcome.said


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({}, ["utter_sorry_for_trouble"]),
        ({"checked": "SH1006", "contact": "siti@example.com"}, ["utter_sorry_for_trouble"]),
        ({"checked": "SH1003", "order_id": "SH1003", "contact": "nok@example.com"}, ["utter_complaint_looked_at"]),
    ],
)
async def test_without_reason_nothing_is_given(slots: dict[str, str], said: list[str], ledger: Ledger) -> None:
    """No order, somebody else's, and one that came in time."""
    outcome = await Buyer(**slots).run(ActionAnswerComplaint(), "complaint", "worst shop")
    assert said == outcome.said
    assert [] == ledger.list_of_order("stylehub", "SH1006") + ledger.list_of_order("stylehub", "SH1003")


async def test_order_returned_for_a_fault_is_a_reason(ledger: Ledger) -> None:
    """It came in time, but damaged."""
    wish = Wish("stylehub", "SH1003", "return", "c", "m", {}, {"reason": "damaged"})

    async def returned() -> Change:
        return Change(Outcome.DONE, reference="RET-SH1003")

    await ledger.make(wish, returned)
    nok = Buyer(checked="SH1003", contact="nok@example.com")
    outcome = await nok.run(ActionMakeAmends(), "complaint", "it was broken", message_id="m-2")
    assert ["utter_complaint_acknowledged", "utter_amends_offered"] == outcome.said
    _, row = ledger.list_of_order("stylehub", "SH1003")
    assert ("stylehub", KIND, "buyer", "amends:SH1003:m-2", "done") == (
        row["shop"], row["kind"], row["conversation_id"], row["key"], row["outcome"],
    )  # fmt: skip
    assert {"state": "delivered", "fault": "quality", "reason": "damaged", "return": "RET-SH1003"} == row["before"]
    assert {"code": "SORRY5", "amount": "175.00", "currency": "THB"} == row["after"]
    again = await nok.run(ActionMakeAmends(), "complaint", "it was broken", message_id="m-2")
    assert ["utter_amends_given"] == again.said
    assert [row] == ledger.list_of_order("stylehub", "SH1003")[1:]


async def test_message_delivered_twice_at_once_gives_once(ledger: Ledger) -> None:
    """To two processes: one row, and each answer names the code."""
    buyers = [Buyer(checked="SH1006", contact="anna@example.com") for _ in range(4)]
    outcomes = await asyncio.gather(
        *(buyer.run(ActionMakeAmends(), "complaint", "awful", message_id="m-1") for buyer in buyers)
    )
    assert 1 == len(ledger.list_of_order("stylehub", "SH1006"))
    for outcome in outcomes:
        assert {"utter_amends_offered", "utter_amends_given"} & set(outcome.said)
        assert "SORRY5" == outcome.fact("code")


async def test_order_number_that_is_not_proved_is_asked_for_proof() -> None:
    """Before anything is said of the order."""
    outcome = await Buyer(order_id="SH1006").run(ActionAnswerComplaint(), "complaint", "SH1006 what a shame")
    assert [] == outcome.said
    assert ["complaint_form"] == [event["name"] for event in outcome.events if event["event"] == "followup"]


async def test_complaint_inside_a_form_leaves_it_open() -> None:
    """The form goes on by itself."""
    outcome = (
        await Buyer(order_id="SH1006").inside("return_order_form").run(ActionAnswerComplaint(), "complaint", "ugh")
    )
    assert (["utter_sorry_for_trouble"], []) == (outcome.said, outcome.events)


@pytest.mark.parametrize(
    ("label", "said"), [("positive", "utter_feedback_thanks"), ("negative", "utter_sorry_for_trouble")]
)
async def test_feedback_is_thanked_for_or_met_as_a_complaint(label: str, said: str) -> None:
    """A review is never paid for."""
    outcome = await Buyer().run(ActionAnswerFeedback(), "feedback", "so so", sentiment={"label": label})
    assert [said] == outcome.said
