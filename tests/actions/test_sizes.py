"""Which size: what is asked, from what it is told, and what comes after it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.sizes import ActionFollowSize, ActionRecommendSize, ActionTakeProduct
from actions.wearers import ActionAskWearer, ValidateSizeHelpForm
from tests.actions.conftest import Buyer, Outcome, next_slot

FORM = "size_help_form"
FILLED = ("height", "weight", "foot_length", "bust", "waist", "foreign_size")


def name_all(**named: Any) -> dict[str, Any]:
    """A message that names these things, with the slots that Rasa fills from it."""
    entities = [{"entity": kind, "value": value} for kind, value in named.items()]
    return {"entities": entities, "fills": {kind: value for kind, value in named.items() if kind in FILLED}}


async def ask(buyer: Buyer, product: str, **named: Any) -> tuple[Outcome, str | None]:
    """Ask for a size: what is said until the form asks something or the size is told, and the slot it asks for."""
    buyer.metadata["product"] = product
    taken = await buyer.run(ActionTakeProduct(), intent="size_help", **name_all(**named))
    buyer.form = FORM
    checked = await buyer.run(ValidateSizeHelpForm(), intent="size_help")
    asked = next_slot(FORM, buyer, checked)
    told = [taken, checked] if asked else [taken, checked, await buyer.run(ActionRecommendSize())]
    return Outcome([m for one in told for m in one.messages], [e for one in told for e in one.events]), asked


@pytest.mark.parametrize(
    ("product", "named", "expected"),
    [
        ("DRESS-01", {}, "height"),
        ("DRESS-01", {"height": 160}, "weight"),
        ("DRESS-01", {"waist": 70}, "height"),
        ("PANTS-06", {"waist": 70}, None),
        ("BOOT-07", {}, "foot_length"),
        ("BOOT-07", {"height": 160, "weight": 53}, "foot_length"),
        ("BOOT-07", {"foreign_size": "US 8"}, "wearer"),
        ("BOOT-07", {"foreign_size": "US 8", "wearer": "men"}, None),
        ("BOOT-07", {"foreign_size": "US 8", "wearer": "child"}, "foot_length"),
        ("BOOT-07", {"foreign_size": "UK 6"}, None),
        ("HOOD-09", {"bust": 90}, "height"),
        ("HIJAB-05", {}, None),
        ("DRESS-01", {"height": 130, "wearer": "child"}, None),
        ("DRESS-01", {"height": 160, "wearer": "child"}, "weight"),
    ],
)
async def test_only_what_is_missing_is_asked(product: str, named: dict[str, Any], expected: str | None) -> None:
    """By the chart of the product, and by what the message has told already."""
    assert expected == (await ask(Buyer(), product, **named))[1]


@pytest.mark.parametrize(
    ("product", "named", "response", "size"),
    [
        ("DRESS-01", {"bust": 88}, "utter_size_fits", "M"),
        ("DRESS-01", {"height": 165, "weight": 60, "fit": "loose"}, "utter_size_loose", "XL"),
        ("DRESS-01", {"height": 162, "weight": 56.5, "fit": "tight"}, "utter_size_between_tight", "M"),
        ("DRESS-01", {"height": 162, "weight": 56.5, "fit": "loose"}, "utter_size_between_loose", "L"),
        ("DRESS-01", {"height": 162, "weight": 56.5}, "utter_size_between", "L"),
        ("DRESS-01", {"foreign_size": "EU 38"}, "utter_size_fits", "M"),
        ("DRESS-01", {"height": 130, "wearer": "child"}, "utter_size_below", "S"),
        ("BOOT-07", {"foreign_size": "US 8", "wearer": "women"}, "utter_size_between", "39"),
        ("SNEAK-01", {"foreign_size": "EU 39"}, "utter_size_fits", "39"),
        ("SNEAK-01", {"foot_length": 24.5}, "utter_size_fits", "39"),
    ],
)
async def test_size_is_told_with_its_row(product: str, named: dict[str, Any], response: str, size: str) -> None:
    """Each way to a size has its words, and the chart's row; a converted one is said to be approximate."""
    outcome, _ = await ask(Buyer(), product, **named)
    assert response in outcome.said
    assert (size, size) == (outcome.fact("size"), outcome.slots["size"])
    assert "–" in outcome.fact("range")
    assert ("utter_size_converted" in outcome.said) == ("foreign_size" in named)


async def test_label_names_its_wearer() -> None:
    """Women's and men's numbers differ, so the answer says which was meant."""
    outcome, _ = await ask(Buyer(), "BOOT-07", foreign_size="US 8", wearer="women")
    assert outcome.fact("measures") == "US 8 (women's), about foot 24–24.7 cm"


async def test_label_that_says_nothing_for_this_chart() -> None:
    """It is not guessed at."""
    outcome, asked = await ask(Buyer(), "HOOD-09", foreign_size="UK 10")
    assert (["utter_size_label_unknown"], "height", None) == (outcome.said, asked, outcome.slots["foreign_size"])


async def test_wearer_is_asked_with_choices() -> None:
    """Women's or men's."""
    outcome = await Buyer(foreign_size="US 8").run(ActionAskWearer())
    assert ['/inform{"wearer": "women"}', '/inform{"wearer": "men"}'] == outcome.payloads


async def test_another_wearer_has_another_body() -> None:
    """What was known of the buyer is not her daughter's; what the message tells is."""
    buyer = Buyer(height=165, weight=60, fit="loose")
    outcome, asked = await ask(buyer, "DRESS-01", wearer="child", height=150)
    assert (150, None, None) == (buyer.slots["height"], buyer.slots["weight"], buyer.slots["fit"])
    assert (asked, outcome.said) == ("weight", [])


@pytest.mark.parametrize(
    ("text", "height", "asked"), [("165 not 156", 165, "weight"), ("not 156, 165", 165, "weight"), ("60", 156, None)]
)
async def test_correction_in_the_form(text: str, height: float, asked: str | None) -> None:
    """Two numbers of which one is known correct it; one number answers the question."""
    buyer = Buyer(product="DRESS-01", height=156, requested_slot="weight").inside(FORM)
    outcome = await buyer.run(ValidateSizeHelpForm(), text=text)
    assert (height, asked) == (buyer.slots["height"], next_slot(FORM, buyer, outcome))


@pytest.mark.parametrize(("text", "size"), [("39", "39"), ("245", "39"), ("24,5", "39"), ("๒๔.๕", "39")])
async def test_number_in_answer_to_the_foot(text: str, size: str) -> None:
    """Centimetres, millimetres, or a European size."""
    buyer = Buyer(product="BOOT-07", requested_slot="foot_length").inside(FORM)
    asked = next_slot(FORM, buyer, await buyer.run(ValidateSizeHelpForm(), text=text))
    outcome = await buyer.run(ActionRecommendSize())
    assert (None, size) == (asked, outcome.slots["size"])


async def test_next_step_is_a_colour_in_stock_or_how_to_order() -> None:
    """M of the dress is sold out in black."""
    outcome, _ = await ask(Buyer(), "DRESS-01", bust=88)
    assert "black" not in outcome.fact("colors")
    assert ['/inform{"color": "red"}', "/how_to_order"] == [outcome.payloads[0], outcome.payloads[-1]]
    assert ("size", "M") == (outcome.slots["offer"], outcome.slots["size"])


async def test_known_buyer_takes_the_last_size_again() -> None:
    """Siti's last clothes that were paid for: the linen dress in M."""
    outcome, asked = await ask(Buyer().known_as("siti@example.com"), "DRESS-01", same_size="last_order")
    assert (asked, outcome.said[0], outcome.slots["size"]) == (None, "utter_size_as_last_other", "M")
    assert outcome.fact("last") != outcome.fact("product")


@pytest.mark.parametrize("email", ["", "nok@example.com"])
async def test_no_last_size_of_that_kind(email: str) -> None:
    """Who is not known, or bought shoes only, is told so and asked; a typed e-mail opens nothing."""
    buyer = Buyer(contact="siti@example.com")
    outcome, asked = await ask(buyer.known_as(email) if email else buyer, "DRESS-01", same_size="last_order")
    assert (["utter_size_no_last_order"], "height") == (outcome.said, asked)


@pytest.mark.parametrize(
    ("named", "follows"),
    [
        ({"height": 170}, "size_help_form"),
        ({"fit": "loose"}, "size_help_form"),
        ({"foreign_size": "EU 40"}, "size_help_form"),
        ({"order_id": "SH1001"}, "track_order_form"),
        ({}, "size_help_form"),
    ],
)
async def test_form_that_follows_a_size(named: dict[str, Any], follows: str) -> None:
    """By what the next message names."""
    buyer = Buyer(product="DRESS-01", size="M", offer="size")
    outcome = await buyer.run(ActionFollowSize(), **name_all(**named))
    assert follows == next(event["name"] for event in outcome.events if event["event"] == "followup")
    assert outcome.said == []


async def test_colour_after_a_size_is_that_size_in_the_colour() -> None:
    """And a yes goes on to buying."""
    outcome = await Buyer(product="DRESS-01", size="M", offer="size").run(ActionFollowSize(), **name_all(color="red"))
    assert (["utter_available_variant"], "size") == (outcome.said, outcome.slots["offer"])
    assert ("red", "M") == (outcome.slots["color"], outcome.slots["size"])
