"""Help with using something: the shop's steps one at a time, then what the warranty gives."""

from __future__ import annotations

import pytest

from actions.forms import GAVE_UP
from actions.guidance import (
    LEFT,
    OTHER,
    ActionAskProblem,
    ActionAskSolved,
    ActionFinishProblem,
    ActionTakeProblem,
    ActionTryGuide,
    ValidateSolveProblemForm,
)
from actions.warranty import ActionAnswerWarranty, ActionTellWarranty
from tests.actions.conftest import BrokenShop, Buyer, next_slot

FORM = "solve_problem_form"


def helped(step: int = 0, **slots: object) -> Buyer:
    """A buyer in the middle of the steps for a phone that does not charge."""
    known = {"helped": "PHONE-02", "problem": "phone-charging", "guide_step": step, "requested_slot": "solved"}
    return Buyer(**{**known, **slots}).inside(FORM)


@pytest.mark.parametrize(
    ("text", "product", "problem", "solved"),
    [
        ("my nova 5 wont charge", "PHONE-02", "phone-charging", None),
        ("help with my nova 5", "PHONE-02", None, None),
        ("how to use the calm barrier cream", "CREAM-05", "skin-care", True),
        ("how do i wear the penny loafers", "LOAFER-05", OTHER, False),
        ("it doesnt work", None, None, None),
    ],
)
async def test_take_problem_takes_what_the_message_tells(
    text: str, product: str | None, problem: str | None, solved: bool | None
) -> None:
    """Product and problem where they are named; no guide for a product ends the help at once."""
    buyer = Buyer(problem="tent-pitching", solved=False, guide_step=2)
    slots = (await buyer.run(ActionTakeProblem(), "usage_help", text)).slots
    assert (product, problem, solved, None) == (slots["helped"], slots["problem"], slots["solved"], slots["guide_step"])


@pytest.mark.parametrize(
    ("intent", "text", "step", "expected"),
    [
        ("deny", "no", 0, {"guide_step": 1}),
        ("damaged_item", "still broken", 1, {"guide_step": 2}),
        ("deny", "no", 2, {"solved": False}),
        ("affirm", "yes", 0, {"solved": True}),
        ("thank", "works, thanks", 1, {"solved": True}),
        ("deny", "nah, never mind", 0, {"solved": LEFT}),
        ("goodbye", "bye", 0, {"solved": LEFT}),
        ("damaged_item", "it still doesn't charge", 0, {"guide_step": 1}),
        ("price_inquiry", "how much is the gan charger", 1, {}),
        ("usage_help", "how do i pitch the dome tent", 1, {}),
        ("damaged_item", "now it doesnt turn on at all", 1, {"problem": "phone-power", "guide_step": 0}),
    ],
)
async def test_form_goes_by_whether_it_helped(intent: str, text: str, step: int, expected: dict[str, object]) -> None:
    """Yes ends it, no is the next step, a question passes by, another problem begins anew."""
    buyer = helped(step)
    outcome = await buyer.run(ValidateSolveProblemForm(), intent, text)
    told = {name: value for name, value in outcome.slots.items() if name in ("problem", "guide_step", "solved")}
    assert expected == told
    if "solved" in expected:
        assert next_slot(FORM, buyer, outcome) is None


async def test_form_with_a_bad_review_as_answer_is_not_solved() -> None:
    """Displeased words do not mean that it works."""
    buyer = helped()
    outcome = await buyer.run(ValidateSolveProblemForm(), "feedback", "bad", sentiment={"label": "negative"})
    assert 1 == outcome.slots["guide_step"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"intent": "inform", "entities": [{"entity": "problem", "value": "phone-power"}]}, "phone-power"),
        ({"intent": "inform", "text": "no signal since yesterday"}, "phone-network"),
        ({"intent": "damaged_item", "text": "the camera is blurred"}, OTHER),
        ({"intent": "inform", "text": "hm"}, None),
    ],
)
async def test_form_takes_a_choice_or_her_own_words(message: dict[str, object], expected: str | None) -> None:
    """What no guide is for goes to a person."""
    buyer = Buyer(helped="PHONE-02", requested_slot="problem").inside(FORM)
    outcome = await buyer.run(ValidateSolveProblemForm(), **message)
    assert expected == outcome.slots.get("problem")


async def test_ask_problem_offers_the_guides_of_the_product() -> None:
    """And something else."""
    outcome = await Buyer(helped="EARBUD-03").run(ActionAskProblem())
    assert ["They don't pair", "Something else"] == outcome.titles
    assert '/inform{"problem": "earbuds-pairing"}' == outcome.payloads[0]


async def test_ask_solved_tells_one_step() -> None:
    """In the buyer's language, with its place among all."""
    outcome = await helped(1, language="es").run(ActionAskSolved())
    assert ["utter_guide_step"] == outcome.said
    assert (2, 3) == (outcome.fact("step"), outcome.fact("steps"))
    assert outcome.fact("instruction").startswith("Apaga el teléfono")


@pytest.mark.parametrize(
    ("slots", "said", "offer"),
    [
        ({"solved": True}, ["utter_guide_solved"], None),
        ({"solved": LEFT}, ["utter_form_stopped"], None),
        ({"solved": False, "problem": OTHER}, ["utter_guide_none"], "person"),
        ({"checked": GAVE_UP}, ["utter_form_gave_up"], "person"),
        ({"helped": "CREAM-05", "problem": "skin-care", "solved": True}, ["utter_guide_whole"], None),
        (
            {"solved": False},
            ["utter_guide_exhausted", "utter_warranty", "utter_warranty_send_order", "utter_warranty_claim"],
            "warranty",
        ),
    ],
)
async def test_finish_problem_ends_as_it_went(slots: dict[str, object], said: list[str], offer: str | None) -> None:
    """And forgets it."""
    outcome = await helped(**slots).run(ActionFinishProblem())
    assert said == outcome.said
    assert offer == outcome.slots.get("offer")
    assert [None] * 3 == [outcome.slots[slot] for slot in ("helped", "problem", "solved")]


async def test_finish_problem_tells_a_known_buyer_her_warranty() -> None:
    """Of the order that has the phone; the return goes on with it."""
    buyer = helped(solved=False).known_as("siti@example.com")
    outcome = await buyer.run(ActionFinishProblem())
    assert ["utter_guide_exhausted", "utter_warranty_until", "utter_warranty_claim"] == outcome.said
    assert "SH1009" == outcome.slots["order_id"]


async def test_try_guide_leaves_what_has_none_to_the_return() -> None:
    """A torn legging, a phone that arrived cracked, and a return that is under way already."""
    for text in ("leggings arrived torn", "the nova 5 has a crack"):
        assert [] == (await Buyer().run(ActionTryGuide(), "damaged_item", text)).events
    inside = Buyer().inside("return_order_form")
    assert [] == (await inside.run(ActionTryGuide(), "damaged_item", "nova 5 doesnt turn on")).events


async def test_try_guide_begins_where_there_are_steps() -> None:
    """It may be made to work."""
    outcome = await Buyer().run(ActionTryGuide(), "damaged_item", "nova 5 doesnt turn on")
    assert "phone-power" == outcome.slots["problem"]
    assert [FORM] == [event["name"] for event in outcome.events if event["event"] == "followup"]


async def test_help_with_the_shop_down_says_so(broken_shop: BrokenShop) -> None:
    """No silence."""
    outcome = await Buyer().run(ActionTakeProblem(), "usage_help", "nova 5 wont charge")
    assert ["utter_service_problem"] == outcome.said
    assert broken_shop.calls


# ---- warranty


async def test_answer_warranty_of_another_buyers_order_tells_no_day() -> None:
    """An order number alone opens the question for proof, nothing else."""
    number = [{"entity": "order_id", "value": "SH1009"}]
    outcome = await Buyer(order_id="SH1009").run(ActionAnswerWarranty(), "warranty", "SH1009?", entities=number)
    assert [] == outcome.said
    assert ["warranty_form"] == [event["name"] for event in outcome.events if event["event"] == "followup"]


@pytest.mark.parametrize(
    ("number", "contact", "said"),
    [
        ("SH1009", "siti@example.com", ["utter_warranty_until", "utter_warranty_claim"]),
        ("SH1006", "anna@example.com", ["utter_warranty_not_begun"]),
        ("SH1007", "anna@example.com", ["utter_warranty_none"]),
        ("SH1003", "nok@example.com", ["utter_warranty_unknown"]),
        ("SH1009", "nok@example.com", ["utter_form_gave_up"]),
    ],
)
async def test_tell_warranty_goes_by_order_and_record(number: str, contact: str, said: list[str]) -> None:
    """In warranty, under way, without one, not recorded, and not hers."""
    assert said == (await Buyer(checked=number, contact=contact).run(ActionTellWarranty())).said
