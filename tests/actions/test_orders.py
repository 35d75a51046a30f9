"""What a buyer is told of her orders, and that it is hers only."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import pytest

from actions.changes import ActionChangeOrder
from actions.orders import ActionAskOrderId, ActionTakeOrder, ActionTrackOrder
from actions.refunds import ActionTellRefundStatus
from tests.actions.conftest import BrokenShop, Buyer


async def test_ask_order_id_offers_a_known_buyer_her_orders_only() -> None:
    """The choices are all of hers, newest first, and nobody else's."""
    outcome = await Buyer().known_as("siti@example.com").run(ActionAskOrderId())
    assert ["utter_ask_which_order"] == outcome.said
    assert ["SH1002", "SH1001", "SH1009"] == [title.split(" ")[0] for title in outcome.titles]
    assert ['/inform{"order_id": "SH1002"}'] == outcome.payloads[:1]


@pytest.mark.parametrize("contact", [None, "siti@example.com"])
async def test_ask_order_id_lists_nothing_to_an_unknown_buyer(contact: str | None) -> None:
    """A typed e-mail opens no list of orders."""
    outcome = await Buyer(contact=contact).run(ActionAskOrderId())
    assert (["utter_ask_order_id"], []) == (outcome.said, outcome.payloads)


async def test_take_order_takes_the_only_open_one() -> None:
    """A known buyer with one open order is not asked which."""
    outcome = await Buyer().known_as("budi@example.com").run(ActionTakeOrder(), intent="order_status")
    assert "SH1012" == outcome.slots["order_id"]


async def test_take_order_leaves_the_choice_among_several() -> None:
    """With two open orders she says which."""
    outcome = await Buyer().known_as("siti@example.com").run(ActionTakeOrder(), intent="order_status")
    assert "order_id" not in outcome.slots
    assert (None, None) == (outcome.slots["checked"], outcome.slots["attempts"])


@pytest.mark.parametrize(
    ("number", "contact", "expected"),
    [
        ("SH1001", "siti@example.com", "utter_order_shipped"),
        ("SH1002", "siti@example.com", "utter_order_unpaid"),
        ("SH1003", "nok@example.com", "utter_order_delivered"),
        ("SH1004", "nok@example.com", "utter_order_returned"),
        ("SH1005", "anna@example.com", "utter_order_paid"),
        ("SH1006", "anna@example.com", "utter_order_late"),
        ("SH1008", "tom@example.com", "utter_order_cancelled"),
    ],
)
async def test_track_order_tells_each_state(number: str, contact: str, expected: str) -> None:
    """Every state of an order has its own answer, with its number."""
    outcome = await Buyer(checked=number, contact=contact).run(ActionTrackOrder(), intent="order_status")
    assert expected == outcome.said[0]
    assert number == outcome.messages[0]["order_id"]


async def test_track_order_offers_a_person_where_a_parcel_is_late() -> None:
    """A late parcel is somebody's business."""
    outcome = await Buyer(checked="SH1006", contact="anna@example.com").run(ActionTrackOrder())
    assert "person" == outcome.slots["offer"]


async def test_track_order_proves_again_what_was_checked() -> None:
    """A check that does not fit what the buyer can show opens nothing: the slot alone is no proof."""
    outcome = await Buyer(checked="SH1003", contact="tom@example.com").run(ActionTrackOrder())
    assert (["utter_form_gave_up"], "person") == (outcome.said, outcome.slots["offer"])


@pytest.mark.parametrize(("days", "expected"), [(30, "utter_deadline_met"), (1, "utter_deadline_missed")])
async def test_track_order_judges_the_buyers_deadline(days: int, expected: str) -> None:
    """Whether it arrives in time is told by the parcel's own dates."""
    deadline = (
        datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date() + datetime.timedelta(days=days)
    ).isoformat()
    outcome = await Buyer(checked="SH1001", contact="siti@example.com", deadline=deadline).run(ActionTrackOrder())
    assert expected in outcome.said
    assert outcome.slots["deadline"] is None


async def test_track_order_names_where_a_missing_parcel_was_left() -> None:
    """Delivered, says the carrier, but she has not got it: the place to look first, and a person."""
    outcome = await Buyer(checked="SH1003", contact="nok@example.com").run(ActionTrackOrder(), intent="missing_item")
    assert (["utter_delivered_not_received"], "person") == (outcome.said, outcome.slots["offer"])
    assert "" != outcome.fact("scan_place")


@pytest.mark.parametrize("action", [ActionAskOrderId, ActionTrackOrder, ActionTellRefundStatus, ActionTakeOrder])
async def test_action_with_the_shop_down_says_so_only(action: type, broken_shop: BrokenShop) -> None:
    """Trouble in the shop's system is told, nothing else, and what was offered before is off the table."""
    buyer = Buyer(checked="SH1001", contact="siti@example.com", offer="variants").known_as("siti@example.com")
    outcome = await buyer.run(action(), intent="order_status")
    assert ["utter_service_problem"] == outcome.said
    assert outcome.slots["offer"] is None
    assert "get_shop" in broken_shop.calls


@pytest.mark.parametrize("code", ["en", "id", "th"])
def test_service_problem_offers_a_person(code: str) -> None:
    """In every language the answer to trouble has a way to a person."""
    from tests.languages.samples import DATA, load

    texts = load(DATA / code / "responses.yml")["responses"]["utter_service_problem"]
    assert all("/talk_to_human" in [button["payload"] for button in entry["buttons"]] for entry in texts)


@pytest.mark.parametrize(
    ("email", "intent", "number"),
    [
        ("siti@example.com", "cancel_order", "SH1002"),  # the other two have left
        ("nok@example.com", "return_item", "SH1003"),  # of three, the only one that is with her
        ("tom@example.com", "refund_status", "SH1008"),
        ("anna@example.com", "invoice_request", None),
    ],
)
async def test_take_order_takes_the_only_one_it_can_be_about(email: str, intent: str, number: str | None) -> None:
    """What she wants done tells which of her orders it may be."""
    outcome = await Buyer().known_as(email).run(ActionTakeOrder(), intent=intent)
    assert number == outcome.slots.get("order_id")


def missing(*entities: tuple[str, str]) -> dict[str, Any]:
    """A message about something missing, as it is understood."""
    return {"intent": "missing_item", "entities": [{"entity": kind, "value": value} for kind, value in entities]}


async def test_track_order_asks_whether_all_or_a_part_is_missing() -> None:
    """The word alone may be either; both answers are offered."""
    buyer = Buyer(checked="SH1023", contact="lucia@example.com")
    outcome = await buyer.hear(ActionTrackOrder(), missing(("return_reason", "missing")))
    assert ["utter_ask_what_is_missing"] == outcome.said


async def test_track_order_goes_on_with_a_part_that_is_named() -> None:
    """What is not what she ordered is a part of it; she is not asked what is missing."""
    buyer = Buyer(checked="SH1023", contact="lucia@example.com")
    said = missing(("product_name", "zipper pouch"), ("return_reason", "missing"))
    outcome = await buyer.hear(ActionTrackOrder(), said)
    assert ["return_order_form"] == [event["name"] for event in outcome.events if event["event"] == "followup"]
    assert ("missing", "zipper pouch") == (buyer.slots["return_reason"], buyer.slots["missing_part"])


async def test_track_order_takes_the_ordered_thing_for_the_whole() -> None:
    """A missing sheet set, where a sheet set was ordered, is the parcel."""
    buyer = Buyer(checked="SH1023", contact="lucia@example.com")
    said = missing(("product_name", "bamboo bed sheet set queen"), ("return_reason", "missing"))
    outcome = await buyer.hear(ActionTrackOrder(), said)
    assert ["utter_ask_what_is_missing"] == outcome.said


async def test_track_order_tells_the_refund_of_a_cancelled_order() -> None:
    """Also one that was approved and is not paid yet."""
    buyer = Buyer(checked="SH1005", contact="anna@example.com", change="cancel", change_confirmed=True)
    await buyer.run(ActionChangeOrder(), message_id="m-1")
    buyer.slots.update(checked="SH1005")
    outcome = await buyer.run(ActionTrackOrder(), intent="order_status")
    assert ["utter_order_cancelled", "utter_refund_approved"] == outcome.said
