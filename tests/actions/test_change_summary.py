"""What is summed up before an order is changed, and what is a yes to it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.wishes import ActionAskChangeConfirmed, ValidateChangeOrderForm
from tests.actions.changes import ADDRESS, FORM, asked
from tests.actions.conftest import Buyer, next_slot
from tests.actions.entities import named


async def sum_up(buyer: Buyer) -> Buyer:
    """She has read the summary."""
    outcome = await buyer.run(ActionAskChangeConfirmed())
    assert [] == outcome.unsourced
    return buyer


@pytest.mark.parametrize(
    ("change", "slots", "expected"),
    [
        ("cancel", {}, ("utter_ask_cancel_confirmed", {"items": "1 × Ridge Trail Hiking Boots", "total": "$85"})),
        ("address", {"new_address": ADDRESS}, ("utter_ask_address_confirmed", {"address": ADDRESS})),
        (
            "edit",
            {"new_variant": "BOOT-07-BLK-41"},
            ("utter_ask_edit_confirmed", {"old": "brown 38", "new": "black 41"}),
        ),
    ],
)
async def test_summary_tells_what_will_be_changed(change: str, slots: dict, expected: tuple[str, dict]) -> None:
    """From what to what, before anything is done."""
    outcome = await asked("SH1005", change, "change_confirmed", **slots).run(ActionAskChangeConfirmed())
    response, facts = expected
    assert [response] == outcome.said
    assert facts == {name: outcome.fact(name) for name in facts}


@pytest.mark.parametrize(
    ("text", "confirmed"),
    [("cancel it please", True), ("yes just cancel", True), ("don't cancel it", None), ("no don’t cancel", None)],
)
async def test_cancel_it_is_a_yes_to_cancelling_and_its_contrary_is_none(text: str, confirmed: bool | None) -> None:
    """What cannot be undone needs a yes that cannot be a no."""
    buyer = await sum_up(asked("SH1005", "cancel", "change_confirmed"))
    await buyer.run(ValidateChangeOrderForm(), intent="cancel_order", text=text)
    assert confirmed is buyer.slots["change_confirmed"]


async def test_cancel_it_is_no_yes_to_another_change() -> None:
    """It is a wish of its own."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39"))
    await buyer.run(ValidateChangeOrderForm(), intent="cancel_order", text="no, cancel it instead")
    assert buyer.slots["change_confirmed"] is None


@pytest.mark.parametrize(
    ("fills", "said"),
    [
        ({}, {"entities": named(size="40")}),
        ({"order_id": "SH1002"}, {}),
    ],
)
async def test_a_yes_with_something_new_is_no_yes_to_the_old(fills: dict[str, Any], said: dict[str, Any]) -> None:
    """ "Yes, but size 40", "yes, SH1002": summed up anew before anything is done."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"}))
    buyer.slots["contact"] = "siti@example.com" if fills else "anna@example.com"
    await buyer.run(ValidateChangeOrderForm(), intent="affirm", fills={"change_confirmed": True, **fills}, **said)
    assert buyer.slots["change_confirmed"] is None


async def test_a_yes_to_the_summary_counts() -> None:
    """And nothing more is asked."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"}))
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="affirm", fills={"change_confirmed": True})
    assert (True, None) == (buyer.slots["change_confirmed"], next_slot(FORM, buyer, outcome))


async def test_a_no_to_the_summary_counts() -> None:
    """Whatever was asked."""
    buyer = await sum_up(asked("SH1005", "cancel", "change_confirmed"))
    await buyer.run(ValidateChangeOrderForm(), intent="deny", fills={"change_confirmed": False})
    assert buyer.slots["change_confirmed"] is False
