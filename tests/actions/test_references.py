"""What is pointed at: the other order, the last one, the same as before."""

from __future__ import annotations

from typing import Any

import pytest

from actions.orders import ActionAskOrderId, ActionTakeOrder, ActionTrackOrder, ValidateTrackOrderForm
from actions.references import ActionTakeReference
from actions.returns import ValidateReturnOrderForm
from actions.wishes import ActionAskChangeConfirmed, ValidateChangeOrderForm
from tests.actions.conftest import Buyer

HUI, SITI = "hui@example.com", "siti@example.com"


def pointing(value: str, **more: Any) -> dict[str, Any]:
    """A message that points at something."""
    return {"entities": [{"entity": "reference", "value": value}], **more}


def follow_up(outcome: Any) -> list[str]:
    """Actions that are to follow."""
    return [event["name"] for event in outcome.events if event.get("event") == "followup"]


@pytest.mark.parametrize("intent", ["inform", "deny"])
async def test_other_of_two_orders_is_taken(intent: str) -> None:
    """For what she wanted of the first one."""
    buyer = Buyer(order_id="SH1038").known_as(HUI).who("order_status", order_id="SH1038")
    outcome = await buyer.run(ActionTakeReference(), intent=intent, **pointing("other"))
    assert ("SH1039", None, ["track_order_form"]) == (
        outcome.slots["order_id"],
        outcome.slots["checked"],
        follow_up(outcome),
    )


@pytest.mark.parametrize(
    ("need", "form"),
    [
        ("refund_status", "refund_status_form"),
        ("cancel_order", "change_order_form"),
        ("return_item", "return_order_form"),
        ("missing_item", "track_order_form"),
    ],
)
async def test_other_order_serves_the_same_need(need: str, form: str) -> None:
    """Her last need's form goes on."""
    buyer = Buyer(order_id="SH1038").known_as(HUI).who(need, order_id="SH1038")
    outcome = await buyer.run(ActionTakeReference(), **pointing("other"))
    assert [form] == follow_up(outcome)
    assert ("cancel" if need == "cancel_order" else None) == outcome.slots.get("change")


async def test_other_of_several_orders_is_asked_without_the_one_in_hand() -> None:
    """Nobody guesses among two."""
    buyer = Buyer(order_id="SH1001").known_as(SITI).who("order_status", order_id="SH1001")
    outcome = await buyer.run(ActionTakeReference(), **pointing("other"))
    assert outcome.slots["order_id"] is None
    asked = await buyer.run(ActionAskOrderId(), **pointing("other"))
    assert ["utter_ask_which_order"] == asked.said
    assert {"SH1002", "SH1009"} == {title.split(" ")[0] for title in asked.titles}


async def test_other_order_of_an_unknown_buyer_is_asked_for_its_number() -> None:
    """A typed e-mail opens no list."""
    buyer = Buyer(order_id="SH1006", contact="anna@example.com").who("order_status", order_id="SH1006")
    outcome = await buyer.run(ActionTakeReference(), **pointing("other"))
    assert (None, ["track_order_form"]) == (outcome.slots["order_id"], follow_up(outcome))
    asked = await buyer.run(ActionAskOrderId(), **pointing("other"))
    assert (["utter_ask_order_id"], []) == (asked.said, asked.payloads)


async def test_who_has_one_order_has_no_other() -> None:
    """She is told so, and the one in hand stays."""
    buyer = Buyer(order_id="SH1012").known_as("budi@example.com").who("order_status", order_id="SH1012")
    outcome = await buyer.run(ActionTakeReference(), **pointing("other"))
    assert (["utter_no_other_order"], []) == (outcome.said, follow_up(outcome))
    assert "order_id" not in outcome.slots


async def test_other_thing_is_a_product_where_products_are_talked_about() -> None:
    """ "The other one" after a question about a dress is no order."""
    buyer = Buyer(product="DRESS-01").known_as(HUI).who("price_inquiry")
    outcome = await buyer.run(ActionTakeReference(), **pointing("other"))
    assert (["utter_ask_product"], []) == (outcome.said, follow_up(outcome))


async def test_reference_without_anything_to_refer_to_is_asked_back() -> None:
    """An unknown buyer's first words."""
    outcome = await Buyer().run(ActionTakeReference(), **pointing("same"))
    assert ["utter_nothing_to_continue"] == outcome.said


@pytest.mark.parametrize(("reference", "expected"), [("last", "SH1039"), ("other", "SH1039"), ("same", "SH1038")])
async def test_need_with_a_reference_takes_the_order(reference: str, expected: str) -> None:
    """ "Where is my other order" in one breath."""
    buyer = Buyer(order_id="SH1038").known_as(HUI)
    outcome = await buyer.run(ActionTakeOrder(), intent="order_status", **pointing(reference))
    assert expected == outcome.slots["order_id"]


async def test_number_named_outweighs_a_reference() -> None:
    """ "No, the other one: SH1038"."""
    buyer = Buyer(order_id="SH1038").known_as(HUI)
    entities = [{"entity": "reference", "value": "other"}, {"entity": "order_id", "value": "SH1038"}]
    outcome = await buyer.run(ActionTakeOrder(), intent="order_status", entities=entities)
    assert "order_id" not in outcome.slots


@pytest.mark.parametrize("requested", ["contact", "order_id"])
async def test_other_order_inside_a_form_opens_the_number_again(requested: str) -> None:
    """Nothing is lost, and the form is not left by her "no"."""
    buyer = Buyer(order_id="SH1006", requested_slot=requested).inside("track_order_form").who(order_id="SH1006")
    outcome = await buyer.run(
        ValidateTrackOrderForm(), intent="deny", **pointing("other"), fills={"reference": "other"}
    )
    assert (None, None) == (outcome.slots["order_id"], outcome.slots["reference"])


async def test_other_order_is_no_answer_to_a_summary() -> None:
    """ "No, the other order" to "shall I send the return?" neither sends nor drops it."""
    buyer = Buyer(
        order_id="SH1009", checked="SH1009", return_reason="size", requested_slot="return_confirmed"
    ).known_as(SITI)
    outcome = await buyer.inside("return_order_form").run(
        ValidateReturnOrderForm(), intent="deny", **pointing("other"), fills={"return_confirmed": False}
    )
    assert (None, None, None) == tuple(buyer.slots[name] for name in ("order_id", "checked", "return_confirmed"))
    assert "size" == buyer.slots["return_reason"]
    assert outcome.slots["requested_slot"] == "order_id"


async def test_last_order_answers_which_order() -> None:
    """Where a number was asked for, "my last one" is one."""
    buyer = Buyer(requested_slot="order_id").known_as(SITI).inside("track_order_form")
    outcome = await buyer.run(ValidateTrackOrderForm(), **pointing("last"))
    assert "SH1002" == outcome.slots["checked"]


async def test_several_orders_are_listed_and_nothing_more_is_asked() -> None:
    """Each in a few words, newest first, with what matters most."""
    buyer = Buyer().known_as(SITI)
    taken = await buyer.run(ActionTakeOrder(), intent="order_status")
    assert "listed" == taken.slots["checked"]
    form = await buyer.inside("track_order_form").run(ValidateTrackOrderForm(), intent="order_status")
    assert form.slots["requested_slot"] is None
    outcome = await buyer.run(ActionTrackOrder(), intent="order_status")
    assert ["utter_order_list"] == outcome.said
    first, second, third = outcome.fact("orders").split("; ")
    assert (["SH1002", "SH1001", "SH1009"], None) == (
        [line.split(" ")[0] for line in (first, second, third)],
        outcome.slots["checked"],
    )
    assert "due" in second


async def test_same_address_is_that_of_her_other_order_and_read_masked() -> None:
    """It stays in the shop's system until the change is made."""
    buyer = Buyer(order_id="SH1039", checked="SH1039", change="address").known_as(HUI).inside("change_order_form")
    await buyer.run(ValidateChangeOrderForm(), intent="change_address", **pointing("same"))
    assert "order:SH1038" == buyer.slots["new_address"]
    outcome = await buyer.run(ActionAskChangeConfirmed(), intent="change_address")
    assert "Singapore 520***" == outcome.fact("address")


async def test_same_address_of_an_unknown_buyer_is_what_she_typed_before() -> None:
    """Nothing else is known of her."""
    buyer = Buyer(order_id="SH1005", contact="anna@example.com", checked="SH1005", change="address")
    buyer.inside("change_order_form").who(new_address="9 Elm Road, Boston 02108").who(new_address=None)
    await buyer.run(ValidateChangeOrderForm(), intent="change_address", **pointing("same"))
    assert "9 Elm Road, Boston 02108" == buyer.slots["new_address"]


async def test_mark_of_somebody_elses_order_opens_no_address() -> None:
    """Typed by hand, it is only a text."""
    buyer = Buyer(order_id="SH1039", checked="SH1039", change="address", new_address="order:SH1003").known_as(HUI)
    outcome = await buyer.run(ActionAskChangeConfirmed(), intent="change_address")
    assert "order:SH1003" == outcome.fact("address")


async def test_same_size_is_that_of_the_same_product_in_another_order() -> None:
    """SH1038 has the dress in M, SH1039 in S: M in red is there."""
    buyer = Buyer(order_id="SH1039", checked="SH1039", change="edit").known_as(HUI).inside("change_order_form")
    await buyer.run(ValidateChangeOrderForm(), intent="edit_order", **pointing("same"))
    assert "DRESS-01-RED-M" == buyer.slots["new_variant"]
