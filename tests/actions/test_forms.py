"""Forms about an order: whose it is, how often one may try, and when a person takes over."""

from __future__ import annotations

import pytest

from actions.forms import FAILED, GAVE_UP, MOST_FAILED_CHECKS, TROUBLE, interrupt, resume
from actions.orders import ActionTrackOrder, ValidateTrackOrderForm
from actions.refunds import ValidateRefundStatusForm
from actions.returns import ValidateReturnOrderForm
from actions.turn import Turn
from tests.actions.conftest import BrokenShop, Buyer, next_slot

FORM = ValidateTrackOrderForm


async def test_form_takes_a_right_pair() -> None:
    """Number and e-mail of the same order open it."""
    buyer = Buyer(requested_slot="contact").inside("track_order_form")
    outcome = await buyer.run(FORM(), fills={"order_id": "sh1001", "contact": "SITI@example.com"})
    assert ("SH1001", None, []) == (
        outcome.slots["checked"],
        next_slot("track_order_form", buyer, outcome),
        outcome.said,
    )


async def test_form_takes_the_phone_in_any_form() -> None:
    """The phone of the order proves it as well, with or without the country's code."""
    for phone in ("+6281200001001", "081200001001"):
        buyer = Buyer(requested_slot="contact").inside("track_order_form")
        outcome = await buyer.run(FORM(), fills={"order_id": "SH1001", "contact": phone})
        assert "SH1001" == outcome.slots["checked"]


async def test_form_tells_a_wrong_pair_as_an_unknown_number() -> None:
    """Somebody else's order and a number that does not exist cannot be told apart."""
    outcomes = []
    for number in ("SH1001", "SH9999"):
        buyer = Buyer(requested_slot="contact").inside("track_order_form")
        outcomes.append(await buyer.run(FORM(), fills={"order_id": number, "contact": "tom@example.com"}))
    wrong, unknown = outcomes
    assert wrong.messages == unknown.messages
    assert wrong.events == unknown.events
    assert ["utter_order_not_matched"] == wrong.said
    assert [None] * 3 == [buyer.slots[name] for name in ("order_id", "contact", "checked")]
    assert "order_id" == next_slot("track_order_form", buyer, wrong)


async def test_form_ends_after_five_failed_checks_with_a_person() -> None:
    """Whoever guesses is stopped, and offered a person."""
    buyer = Buyer(requested_slot="contact").inside("track_order_form")
    for number in range(1, MOST_FAILED_CHECKS + 1):
        outcome = await buyer.run(FORM(), fills={"order_id": f"SH{2000 + number}", "contact": "tom@example.com"})
        assert number == outcome.slots["failed_checks"]
        assert (number == MOST_FAILED_CHECKS) is (buyer.slots["checked"] == FAILED)
    assert outcome.slots["requested_slot"] is None
    ended = await buyer.run(ActionTrackOrder())
    assert (["utter_order_check_failed"], "person") == (ended.said, ended.slots["offer"])


async def test_form_does_not_check_a_sixth_time() -> None:
    """After the last try a right pair opens nothing either: the next order begins at the limit."""
    buyer = Buyer(requested_slot="contact", failed_checks=MOST_FAILED_CHECKS - 1).inside("track_order_form")
    await buyer.run(FORM(), fills={"order_id": "SH2001", "contact": "tom@example.com"})
    outcome = await buyer.run(FORM(), fills={"order_id": "SH1001", "contact": "siti@example.com"})
    assert FAILED == buyer.slots["checked"]
    assert outcome.slots["requested_slot"] is None


async def test_form_asks_a_known_buyer_for_no_proof() -> None:
    """Whom the channel knows, is not asked for e-mail or phone."""
    buyer = Buyer(requested_slot="order_id").known_as("siti@example.com").inside("track_order_form")
    outcome = await buyer.run(FORM(), fills={"order_id": "SH1001"})
    assert ("SH1001", None) == (outcome.slots["checked"], outcome.slots["requested_slot"])


async def test_form_shows_a_known_buyer_no_other_order() -> None:
    """Being known opens her own orders only."""
    buyer = Buyer(requested_slot="order_id").known_as("siti@example.com").inside("track_order_form")
    outcome = await buyer.run(FORM(), fills={"order_id": "SH1003"})
    assert (["utter_order_not_matched"], None) == (outcome.said, buyer.slots["checked"])


async def test_form_checks_another_number_anew() -> None:
    """A number named after the check is what the return is about from then on."""
    buyer = Buyer(requested_slot="return_reason", order_id="SH1003", contact="nok@example.com", checked="SH1003")
    await buyer.inside("return_order_form").run(ValidateReturnOrderForm(), fills={"order_id": "SH1004"})
    assert "SH1004" == buyer.slots["checked"]


async def test_form_does_not_keep_a_check_for_somebody_elses_number() -> None:
    """A number that is not hers, named after the check, ends the check: nothing is done for the order before."""
    buyer = Buyer(requested_slot="return_reason", order_id="SH1003", contact="nok@example.com", checked="SH1003")
    await buyer.inside("return_order_form").run(ValidateReturnOrderForm(), fills={"order_id": "SH1001"})
    assert buyer.slots["checked"] is None


async def test_form_gives_up_after_two_unclear_answers() -> None:
    """Twice asked again, then a person is offered instead."""
    buyer = Buyer(requested_slot="order_id").inside("track_order_form")
    for attempt in (1, 2):
        outcome = await buyer.run(FORM(), intent="nlu_fallback", text="hmm")
        assert (attempt, None) == (outcome.slots["attempts"], buyer.slots["checked"])
        assert "order_id" == buyer.slots["requested_slot"]
    outcome = await buyer.run(FORM(), intent="nlu_fallback", text="hmm")
    assert (GAVE_UP, None) == (outcome.slots["checked"], outcome.slots["requested_slot"])
    ended = await buyer.run(ActionTrackOrder())
    assert (["utter_form_gave_up"], "person") == (ended.said, ended.slots["offer"])


async def test_form_does_not_count_a_question_as_an_answer() -> None:
    """A question in between is no unclear answer."""
    buyer = Buyer(requested_slot="order_id").inside("track_order_form")
    outcome = await buyer.run(FORM(), intent="shipping_cost", text="how much is shipping")
    assert buyer.slots["attempts"] is None
    assert buyer.slots["checked"] is None
    assert [] == outcome.said


async def test_form_answer_clears_the_attempts() -> None:
    """Once an answer is understood, counting begins anew."""
    buyer = Buyer(requested_slot="order_id", attempts=2).inside("track_order_form")
    outcome = await buyer.run(FORM(), fills={"order_id": "SH1001"})
    assert (None, "contact") == (outcome.slots["attempts"], next_slot("track_order_form", buyer, outcome))


@pytest.mark.parametrize(
    ("requested", "text", "expected"),
    [
        ("order_id", "123456", ["utter_order_id_wrong_form"]),
        ("order_id", "it is sh1001", []),
        ("order_id", "no idea", []),
        ("contact", "siti", ["utter_contact_wrong_form"]),
    ],
)
async def test_form_tells_what_a_number_or_contact_looks_like(requested: str, text: str, expected: list[str]) -> None:
    """What has the wrong form is answered with the right one."""
    buyer = Buyer(requested_slot=requested, order_id=None if requested == "order_id" else "SH1001")
    outcome = await buyer.inside("track_order_form").run(FORM(), text=text)
    assert expected == outcome.said


async def test_form_with_the_shop_down_says_so_and_ends(broken_shop: BrokenShop) -> None:
    """While the shop's system is down nobody is asked further, and it is not said that the pair was wrong."""
    buyer = Buyer(requested_slot="contact").inside("refund_status_form")
    outcome = await buyer.run(ValidateRefundStatusForm(), fills={"order_id": "SH1001", "contact": "siti@example.com"})
    assert (["utter_service_problem"], TROUBLE, None) == (
        outcome.said,
        outcome.slots["checked"],
        outcome.slots["requested_slot"],
    )
    assert buyer.slots["failed_checks"] is None
    assert [] != broken_shop.calls


def test_interrupt_remembers_the_form_in_between() -> None:
    """A form that begins inside another one goes back to it at its end."""
    inside = turn_in("return_order_form")
    assert [("open_form", "return_order_form")] == [
        (event["name"], event["value"]) for event in interrupt(inside, "size_help_form")
    ]
    assert [] == interrupt(turn_in("size_help_form"), "size_help_form")
    assert [("open_form", None)] == [
        (event["name"], event["value"]) for event in interrupt(turn_in(None), "size_help_form")
    ]


def test_resume_goes_on_with_the_interrupted_form() -> None:
    """Only where one was interrupted."""
    events = resume(turn_in(None, open_form="return_order_form"))
    assert [("slot", None), ("followup", "return_order_form")] == [
        (event["event"], event.get("value") if event["event"] == "slot" else event["name"]) for event in events
    ]
    assert [] == resume(turn_in(None))


def turn_in(form: str | None, **slots: object) -> Turn:
    """A turn inside a form."""
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    loop = {"name": form} if form else {}
    return Turn(CollectingDispatcher(), Tracker("buyer", slots, {}, [], False, None, loop, None))
