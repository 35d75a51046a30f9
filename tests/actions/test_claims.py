"""Delivered, says the carrier, and she has not got it: what is told, what is remembered, what is done."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest

from actions.claims import TAG, ActionAskClaim, ActionAskReceived, ActionOpenClaim, ActionWaitForParcel, keep_case
from actions.handoff import summarise
from actions.orders import ActionTakeOrder, ActionTrackOrder
from actions.session import ActionAcceptOffer, ActionSessionStart
from actions.turn import Turn
from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.ledger import open_ledger
from pasar.commerce.model import ReturnRequest, ReturnTicket
from tests.actions.conftest import AlteredShop, Buyer

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date()
LATER = (TODAY + datetime.timedelta(days=3)).isoformat()


def nok(**slots: Any) -> Buyer:
    """Nok, who was told that SH1003 came three days ago."""
    return Buyer(checked="SH1003", order_id="SH1003", contact="nok@example.com", **slots)


def case(number: str, claim_on: str = LATER) -> dict[str, str]:
    """A case as it is remembered."""
    return {"order_id": number, "claim_on": claim_on}


async def test_first_time_tells_the_proof_and_asks_where_nothing_is_to_be_waited_for() -> None:
    """Carrier, day, time, place and the masked address; never the street."""
    buyer = nok()
    outcome = await buyer.run(ActionTrackOrder(), intent="missing_item")
    assert ["utter_delivered_not_received", "utter_ask_claim"] == outcome.said
    assert ("Bangkok", "Bangkok 10***", "14:45 (Asia/Jakarta)") == tuple(
        outcome.fact(name) for name in ("scan_place", "address", "time")
    )
    assert "Phahonyothin" not in str(outcome.messages)
    assert ("claim", [TAG], "SH1003") == (
        outcome.slots["offer"],
        outcome.slots["tags"],
        outcome.slots["case"]["order_id"],
    )


async def test_first_time_names_the_day_to_wait_for() -> None:
    """Delivered only yesterday by the shop's clock: she waits for the days of her country first."""
    outcome = await Buyer(checked="SH1007", contact="anna@example.com").run(ActionTrackOrder(), intent="missing_item")
    assert ["utter_delivered_not_received", "utter_ask_claim_wait"] == outcome.said
    assert "wait" == outcome.slots["offer"]
    assert (TODAY + datetime.timedelta(days=4)).isoformat() == outcome.slots["case"]["claim_on"]


async def test_delivered_order_offers_what_to_do_where_it_is_not_there() -> None:
    """Her yes to the question is a need of its own."""
    outcome = await Buyer(checked="SH1007", contact="anna@example.com").run(ActionTrackOrder(), intent="order_status")
    assert (["utter_order_delivered"], "missing") == (outcome.said, outcome.slots["offer"])


async def test_bare_no_is_asked_the_other_way_round() -> None:
    """To "do you have it?" a no is plain."""
    outcome = await Buyer(offer="missing").run(ActionAskReceived(), intent="deny")
    assert (["utter_ask_received"], "received") == (outcome.said, outcome.slots["offer"])


@pytest.mark.parametrize("offer", ["missing", "received"])
async def test_what_was_not_received_becomes_her_need(offer: str) -> None:
    """As if she had said it herself."""
    outcome = await Buyer(offer=offer).run(ActionAcceptOffer(), intent="affirm")
    heard = [event["parse_data"]["intent"]["name"] for event in outcome.events if event["event"] == "user"]
    assert (["missing_item"], None) == (heard, outcome.slots["offer"])


async def test_parcel_that_is_waited_for_is_not_taken_for_a_part() -> None:
    """ "Still missing" in the middle of a case; a part that is named is one all the same."""
    missing = {"entity": "return_reason", "value": "missing"}
    outcome = await nok(case=case("SH1003")).run(ActionTrackOrder(), intent="missing_item", entities=[missing])
    assert ["utter_ask_claim"] == outcome.said
    part = {"entity": "product_name", "value": "spare laces"}
    outcome = await nok(case=case("SH1003")).run(ActionTrackOrder(), intent="missing_item", entities=[part, missing])
    assert ("missing", "spare laces") == (outcome.slots["return_reason"], outcome.slots["missing_part"])


@pytest.mark.parametrize("intent", ["missing_item", "order_status"])
async def test_who_comes_back_without_it_is_asked_about_the_claim(intent: str) -> None:
    """However she says it: where to look is not told again."""
    outcome = await nok(case=case("SH1003")).run(ActionTrackOrder(), intent=intent)
    assert (["utter_ask_claim"], "claim") == (outcome.said, outcome.slots["offer"])


async def test_case_of_another_order_does_not_count() -> None:
    """Each order is looked for once."""
    outcome = await nok(case=case("SH1007")).run(ActionTrackOrder(), intent="missing_item")
    assert "utter_delivered_not_received" == outcome.said[0]


async def test_waiting_tells_the_day_again() -> None:
    """Until then the case stays open."""
    outcome = await nok(case=case("SH1003")).run(ActionWaitForParcel(), intent="affirm")
    assert ["utter_claim_waiting"] == outcome.said
    assert "case" not in outcome.slots


async def test_waiting_after_the_day_names_none() -> None:
    """She looks once more, as long as she likes."""
    outcome = await nok(case=case("SH1003", TODAY.isoformat())).run(ActionWaitForParcel(), intent="deny")
    assert ["utter_claim_left"] == outcome.said


async def test_who_insists_is_asked_for_her_yes() -> None:
    """No claim without it."""
    outcome = await nok(case=case("SH1003")).run(ActionAskClaim(), intent="deny")
    assert (["utter_ask_claim"], "claim") == (outcome.said, outcome.slots["offer"])
    assert [] == open_ledger().list_of_order("stylehub", "SH1003")


async def test_yes_opens_a_claim_through_the_ledger(alter_shop: Callable[..., AlteredShop]) -> None:
    """The shop's system gets a return that says "not received"; the ledger has it with her message."""
    asked: list[ReturnRequest] = []

    async def open_return(backend: Any, request: ReturnRequest) -> ReturnTicket:
        asked.append(request)
        return await backend.open_return(request)

    alter_shop(open_return=open_return)
    outcome = await nok(case=case("SH1003")).run(ActionOpenClaim(), intent="affirm", message_id="m1")
    assert ["utter_claim_opened"] == outcome.said
    assert "RET-SH1003" == outcome.fact("ticket")
    assert [("SH1003", "not_received", "refund")] == [(each.order_id, each.reason, each.wants) for each in asked]
    (made,) = open_ledger().list_of_order("stylehub", "SH1003")
    assert ("return", "done", "not_received", "return:SH1003:m1") == (
        made["kind"],
        made["outcome"],
        made["after"]["reason"],
        made["key"],
    )


async def test_yes_said_twice_opens_one_claim(alter_shop: Callable[..., AlteredShop]) -> None:
    """A message that comes twice, and a buyer who says it again."""
    shop = alter_shop()
    buyer = nok(case=case("SH1003"))
    for message in ("m1", "m1", "m2"):
        outcome = await buyer.run(ActionOpenClaim(), intent="affirm", message_id=message)
        assert (["utter_claim_opened"], "RET-SH1003") == (outcome.said, outcome.fact("ticket"))
    assert ["open_return"] == shop.asked


async def test_open_claim_is_told_to_who_asks_again() -> None:
    """With its number and its day, and a person."""
    buyer = nok(case=case("SH1003"))
    await buyer.run(ActionOpenClaim(), intent="affirm", message_id="m1")
    outcome = await buyer.run(ActionTrackOrder(), intent="order_status")
    assert (["utter_claim_known"], "person") == (outcome.said, outcome.slots["offer"])
    assert "RET-SH1003" == outcome.fact("ticket")


async def test_claim_in_review_promises_nothing(alter_shop: Callable[..., AlteredShop]) -> None:
    """A platform that decides itself."""

    async def open_return(_backend: Any, request: ReturnRequest) -> ReturnTicket:
        return ReturnTicket(f"R-{request.order_id}", "review")

    alter_shop(open_return=open_return)
    outcome = await nok(case=case("SH1003")).run(ActionOpenClaim(), intent="affirm", message_id="m1")
    assert ["utter_return_in_review"] == outcome.said


@pytest.mark.parametrize(("number", "email"), [("SH1009", "siti@example.com")])
async def test_claim_above_the_limit_goes_to_a_person(number: str, email: str) -> None:
    """Whatever she says yes to."""
    buyer = Buyer(contact=email, case=case(number))
    outcome = await buyer.run(ActionOpenClaim(), intent="affirm", message_id="m1")
    assert ["utter_claim_by_person"] == outcome.said
    assert "action_request_person" in [event.get("name") for event in outcome.events]
    assert [] == open_ledger().list_of_order("stylehub", number)


async def test_claim_goes_to_a_person_where_the_system_opens_none(alter_shop: Callable[..., AlteredShop]) -> None:
    """The shop's system is not asked for what it cannot do."""
    shop = alter_shop(abilities=frozenset(Ability) - {Ability.OPEN_RETURN})
    outcome = await nok(case=case("SH1003")).run(ActionOpenClaim(), intent="affirm", message_id="m1")
    assert (["utter_claim_by_person"], []) == (outcome.said, shop.asked)


async def test_claim_whose_answer_was_lost_is_a_persons(alter_shop: Callable[..., AlteredShop]) -> None:
    """Nobody asks the shop's system again before somebody has looked."""

    async def open_return(_backend: Any, _request: ReturnRequest) -> ReturnTicket:
        raise ShopUnavailableError("stylehub", "open_return", "no answer in this test")

    shop = alter_shop(open_return=open_return)
    buyer = nok(case=case("SH1003"))
    for message in ("m1", "m2"):
        outcome = await buyer.run(ActionOpenClaim(), intent="affirm", message_id=message)
        assert (["utter_claim_unclear"], "person") == (outcome.said, outcome.slots["offer"])
    assert ["open_return"] == shop.asked


async def test_claim_that_the_system_refuses_is_trouble_told(alter_shop: Callable[..., AlteredShop]) -> None:
    """It may be asked again."""

    async def open_return(_backend: Any, _request: ReturnRequest) -> ReturnTicket:
        raise ShopError("stylehub", "open_return", "does not like it")

    alter_shop(open_return=open_return)
    outcome = await nok(case=case("SH1003")).run(ActionOpenClaim(), intent="affirm", message_id="m1")
    assert ["utter_service_problem"] == outcome.said
    assert [] == open_ledger().list_of_order("stylehub", "SH1003")


@pytest.mark.parametrize("action", [ActionAskClaim, ActionWaitForParcel, ActionOpenClaim])
async def test_case_slot_alone_is_no_proof(action: type) -> None:
    """What was shown yesterday has to be shown again."""
    outcome = await Buyer(case=case("SH1003"), contact="tom@example.com").run(action(), intent="affirm")
    assert (["utter_form_gave_up"], "person") == (outcome.said, outcome.slots["offer"])


async def test_case_is_taken_up_again_the_next_day() -> None:
    """The order is known, who she is is not."""
    begun = await Buyer(
        case=case("SH1003"), tags=[TAG], contact="nok@example.com", order_id="SH1003", language="th"
    ).run(ActionSessionStart())
    assert (case("SH1003"), [TAG], "th") == tuple(begun.slots[name] for name in ("case", "tags", "language"))
    assert {"contact", "order_id", "checked"}.isdisjoint(begun.slots)
    outcome = await Buyer(case=case("SH1003")).run(ActionTakeOrder(), intent="order_status")
    assert "SH1003" == outcome.slots["order_id"]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (case("SH1003"), True),
        (case("SH1003", (TODAY - datetime.timedelta(days=30)).isoformat()), True),
        (case("SH1003", (TODAY - datetime.timedelta(days=31)).isoformat()), False),
        (None, False),
    ],
)
def test_case_is_forgotten_after_a_month(kept: Any, expected: bool) -> None:
    """Nobody comes back to it."""
    assert expected is keep_case(kept, TODAY)


async def test_hand_over_names_the_case() -> None:
    """Whoever takes over sees at once what it is."""
    buyer = nok(tags=[TAG])
    seen: list[dict[str, Any]] = []

    class Look(ActionAskClaim):
        async def answer(self, turn: Turn) -> list[Any]:
            seen.append(summarise(turn))
            return []

    await buyer.run(Look())
    assert [TAG] == seen[0]["tags"]
