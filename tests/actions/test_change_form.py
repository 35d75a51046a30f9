"""What is asked before an order is changed, and how answers are understood."""

from __future__ import annotations

from typing import Any

import pytest

from actions.changes import ActionChangeOrder
from actions.variants import ActionAskNewVariant
from actions.wishes import ActionAskChangeConfirmed, ActionTakeChange, ValidateChangeOrderForm
from tests.actions.changes import ADDRESS, FORM, OWNERS, asked
from tests.actions.conftest import Buyer, next_slot
from tests.actions.entities import marked, named

# ---- what is asked


@pytest.mark.parametrize(
    ("change", "slots", "requested"),
    [
        ("cancel", {}, "change_confirmed"),
        ("address", {}, "new_address"),
        ("address", {"new_address": ADDRESS}, "change_confirmed"),
        ("edit", {}, "new_variant"),
        ("edit", {"wish": {"size": "39"}}, "change_confirmed"),
        ("edit", {"wish": {"size": "SIZE 39"}}, "change_confirmed"),
        ("edit", {"wish": {"color": "black", "size": "42"}}, "new_variant"),
    ],
)
async def test_form_asks_only_what_the_change_needs(change: str, slots: dict[str, Any], requested: str) -> None:
    """What she has said already is not asked again; what is sold out is."""
    buyer = Buyer(requested_slot="contact", order_id="SH1005", change=change, **slots).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": "anna@example.com"})
    assert ("SH1005", requested) == (buyer.slots["checked"], next_slot(FORM, buyer, outcome))


@pytest.mark.parametrize("number", ["SH1001", "SH1003", "SH1008"])
@pytest.mark.parametrize("change", ["cancel", "address", "edit", "other"])
async def test_form_asks_nothing_more_once_the_rules_say_no(number: str, change: str) -> None:
    """An address for an order that has left would be asked in vain."""
    buyer = Buyer(requested_slot="contact", order_id=number, change=change).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": f"{OWNERS[number]}@example.com"})
    assert outcome.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("intent", "said", "expected"),
    [
        ("cancel_order", {}, ("cancel", None)),
        ("change_address", {}, ("address", None)),
        ("edit_order", {}, ("edit", None)),
        ("edit_order", {"entities": named(color="black", size="39")}, ("edit", {"color": "black", "size": "39"})),
        ("edit_order", {"entities": named(quantity="2")}, ("edit", {"size": "2", "pieces": True})),
        ("affirm", {}, ("cancel", None)),
    ],
)
async def test_take_change_keeps_only_what_is_said_now(intent: str, said: dict[str, Any], expected: Any) -> None:
    """An earlier change's answers do not count."""
    old = {"new_address": "x", "new_variant": "y", "wish": {"size": "1"}, "change_confirmed": True, "summed_up": "z"}
    buyer = Buyer(**old)
    outcome = await buyer.run(ActionTakeChange(), intent=intent, **said)
    assert expected == (outcome.slots["change"], outcome.slots["wish"])
    assert [None] * 4 == [buyer.slots[name] for name in old if name != "wish"]


@pytest.mark.parametrize(("number", "requested"), [("2", None), ("40", "change_confirmed")])
async def test_a_bare_number_is_a_size_or_pieces_as_what_she_ordered_tells(number: str, requested: str | None) -> None:
    """Boots come in 40; two of them a person puts into the order."""
    wish = {"size": number, "pieces": True}
    buyer = Buyer(requested_slot="contact", order_id="SH1005", change="edit", wish=wish).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": "anna@example.com"})
    assert requested == next_slot(FORM, buyer, outcome)


async def test_a_wish_that_names_nothing_twice_is_a_persons() -> None:
    """Who wants something else than a colour or size is not asked for one for ever."""
    buyer = asked("SH1005", "edit", "new_variant")
    outcome = await buyer.run(ActionTakeChange(), intent="edit_order", text="add a gift card")
    assert "other" == outcome.slots["change"]
    ended = await buyer.run(ActionChangeOrder())
    assert (["utter_order_change_by_person"], "person") == (ended.said, ended.slots["offer"])


# ---- the address


@pytest.mark.parametrize(
    ("intent", "message", "expected"),
    [
        ("inform", marked(ADDRESS, address="48 Maple Avenue"), ADDRESS),
        ("inform", marked(f"{ADDRESS} please", address="48 Maple Avenue", city="Portland"), ADDRESS),
        ("out_of_scope", {"text": "77 Sunset Blvd apt 4"}, "77 Sunset Blvd apt 4"),
        ("delivery_time", {"text": "can it come by 12 december"}, None),
        ("cancel_order", {"text": "no cancel it instead"}, None),
        ("inform", {"text": "my office"}, None),
        ("inform", {"text": "is it 48 Maple Avenue now?"}, None),
    ],
)
async def test_form_takes_the_whole_answer_as_the_address(intent: str, message: dict, expected: str | None) -> None:
    """Whatever was found in it; a question or another wish is none."""
    buyer = asked("SH1005", "address", "new_address")
    await buyer.run(ValidateChangeOrderForm(), intent=intent, **message)
    assert expected == buyer.slots["new_address"]


async def test_form_takes_order_contact_and_address_from_one_message() -> None:
    """Nothing is asked but her yes."""
    text = f"send SH1005 to {ADDRESS} instead, anna@example.com"
    message = marked(text, order_id="SH1005", address="48 Maple Avenue", city="Portland", email="anna@example.com")
    buyer = Buyer(change="address").inside(FORM)
    fills = {"order_id": "SH1005", "contact": "anna@example.com"}
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="change_address", fills=fills, **message)
    assert (ADDRESS, "change_confirmed") == (buyer.slots["new_address"], next_slot(FORM, buyer, outcome))


async def test_another_address_at_the_summary_is_summed_up_anew() -> None:
    """Also after a "no": it was no to the first one."""
    buyer = asked("SH1005", "address", "change_confirmed", new_address="12 Rose Street, Springfield")
    await buyer.run(ActionAskChangeConfirmed())
    message = marked(f"no, {ADDRESS}", address="48 Maple Avenue")
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="deny", fills={"change_confirmed": False}, **message)
    assert (ADDRESS, None) == (buyer.slots["new_address"], buyer.slots["change_confirmed"])
    assert "change_confirmed" == next_slot(FORM, buyer, outcome)


# ---- colour and size


@pytest.mark.parametrize(
    ("entities", "variant", "said"),
    [
        (named(size="39"), "BOOT-07-BRN-39", []),
        (named(color="black"), "BOOT-07-BLK-38", []),
        (named(color="black", size="SIZE 41"), "BOOT-07-BLK-41", []),
        (named(color="black", size="42"), None, ["utter_change_no_stock"]),
        (named(color="red"), None, ["utter_change_no_stock"]),
        (named(size="52"), None, ["utter_change_no_stock"]),
        (named(size="38"), None, ["utter_edit_same_variant"]),
        ([], None, []),
    ],
)
async def test_form_finds_the_variant_she_names(entities: list, variant: str | None, said: list[str]) -> None:
    """What she does not name stays as ordered; what is not there is told, with what is."""
    buyer = asked("SH1005", "edit", "new_variant")
    outcome = await buyer.run(ValidateChangeOrderForm(), entities=entities)
    assert (variant, said) == (buyer.slots["new_variant"], outcome.said)


@pytest.mark.parametrize(
    ("number", "text", "variant"),
    [
        ("SH1005", "那就43码", "BOOT-07-BRN-43"),
        ("SH1005", "39 please", "BOOT-07-BRN-39"),
        ("SH1005", "39 or 40", None),
        ("SH1005", "i take size 36 in shoes, and in boots, i'm not sure", None),
        ("SH1002", "xl", "DRESS-01-RED-XL"),
        ("SH1002", "L", "DRESS-01-RED-L"),
        ("SH1002", "i'm not sure", None),
    ],
)
async def test_a_size_in_a_short_answer_is_found_without_being_marked(
    number: str, text: str, variant: str | None
) -> None:
    """Only what she ordered tells that 43 is a size."""
    buyer = asked(number, "edit", "new_variant")
    await buyer.run(ValidateChangeOrderForm(), text=text)
    assert variant == buyer.slots["new_variant"]


async def test_after_a_sold_out_one_the_rest_of_the_wish_still_counts() -> None:
    """ "42 in black" is not there; "43 then" is black."""
    buyer = asked("SH1005", "edit", "new_variant")
    await buyer.run(ValidateChangeOrderForm(), entities=named(color="black", size="42"))
    await buyer.run(ValidateChangeOrderForm(), entities=named(size="43"))
    assert "BOOT-07-BLK-43" == buyer.slots["new_variant"]


async def test_a_question_about_another_product_is_no_wish() -> None:
    """ "Is the dress there in red?" in between changes nothing."""
    buyer = asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"})
    said = {
        "intent": "product_availability",
        "text": "is the floral dress there in red",
        "entities": named(color="red"),
    }
    await buyer.run(ValidateChangeOrderForm(), **said)
    assert ("BOOT-07-BRN-39", {"size": "39"}) == (buyer.slots["new_variant"], buyer.slots["wish"])


async def test_ask_new_variant_tells_what_is_there_unless_just_told() -> None:
    """Once is enough."""
    outcome = await asked("SH1005", "edit", "new_variant").run(ActionAskNewVariant())
    assert (["utter_ask_new_variant"], []) == (outcome.said, outcome.unsourced)
    assert "black (36, 37, 38, 39, 40, 41, 43, 44)" in outcome.fact("variants")
