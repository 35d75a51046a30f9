"""What a buyer is told of her orders, and that it is hers only."""

from __future__ import annotations

import dataclasses
import datetime
import os
import zoneinfo
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

import actions.turn
from actions.changes import ActionChangeOrder
from actions.orders import ActionAskOrderId, ActionTakeOrder, ActionTrackOrder
from actions.refunds import ActionTellRefundStatus
from pasar.commerce.backend import ShopBackend
from pasar.commerce.demo import schema
from pasar.commerce.demo.database import create_engine
from pasar.commerce.model import Order, Scan
from pasar.commerce.registry import open_shop
from pasar.languages.formatting import format_date
from pasar.languages.pack import load_pack
from tests.actions.conftest import AlteredShop, BrokenShop, Buyer


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
    outcome = await Buyer().known_as("siti@example.com").run(ActionTakeOrder(), intent="talk_to_human")
    assert "order_id" not in outcome.slots
    assert (None, None) == (outcome.slots["checked"], outcome.slots["attempts"])


async def test_take_order_takes_the_only_one_that_can_be_missed() -> None:
    """Of three orders one is said to have come."""
    outcome = await Buyer().known_as("siti@example.com").run(ActionTakeOrder(), intent="missing_item")
    assert "SH1009" == outcome.slots["order_id"]


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


@pytest.mark.parametrize(
    ("number", "contact", "expected", "offer", "told"),
    [
        ("SH1031", "mai@example.com", "utter_parcel_failed_attempt", "person", 1),
        ("SH1032", "carla@example.com", "utter_parcel_ready_for_pickup", None, None),
        ("SH1033", "jun@example.com", "utter_parcel_customs_held", "person", None),
        ("SH1034", "elena@example.com", "utter_parcel_delayed", "person", 5),
        ("SH1035", "nurul@example.com", "utter_parcel_returning", "person", None),
        ("SH1036", "wei@example.com", "utter_parcel_never_scanned", "person", None),
        ("SH1037", "joy@example.com", "utter_parcel_exception", "person", None),
    ],
)
async def test_track_order_tells_what_concerns_a_parcel(
    number: str, contact: str, expected: str, offer: str | None, told: int | None
) -> None:
    """Each with its own answer; a date only where the carrier gave one after the trouble."""
    buyer = Buyer(checked=number, contact=contact)
    outcome = await buyer.run(ActionTrackOrder(), intent="order_status")
    assert ([expected], offer) == (outcome.said, outcome.slots["offer"])
    message = outcome.messages[0]
    if told is not None:
        day = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date() + datetime.timedelta(days=told)
        assert format_date(day, load_pack("en"), day - datetime.timedelta(days=told)) in message["expected"]
    elif "expected" in message:
        assert load_pack("en").words["expected_unknown"] == message["expected"]
    facts = [name for each in outcome.messages for card in each["custom"].get("cards", ()) for name, _ in card["facts"]]
    assert ("Due" in facts) is (told is not None)


async def test_track_order_of_what_was_lately_handed_over_waits() -> None:
    """Not scanned for a day is no trouble yet."""
    outcome = await Buyer(checked="SH1011", contact="nok@example.com").run(ActionTrackOrder())
    assert (["utter_order_shipped_no_scan"], None) == (outcome.said, outcome.slots["offer"])


async def test_track_order_goes_back_after_delivery() -> None:
    """What was delivered and is on its way back is told as that, and not as received."""

    async def get_order(backend: ShopBackend, number: str) -> Order | None:
        order = await backend.get_order(number)
        assert order is not None
        assert order.parcel is not None
        back = Scan(datetime.datetime.now(datetime.timezone.utc), "Bangkok hub", "returning")
        parcel = dataclasses.replace(order.parcel, scans=(*order.parcel.scans, back))
        return dataclasses.replace(order, parcel=parcel)

    buyer = Buyer(checked="SH1003", contact="nok@example.com")
    with pytest.MonkeyPatch.context() as patch:
        altered = AlteredShop(open_shop("stylehub"), get_order=get_order)
        patch.setattr(actions.turn, "open_shop", lambda _shop_id: altered)
        outcome = await buyer.run(ActionTrackOrder(), intent="missing_item")
    assert ["utter_parcel_returning"] == outcome.said


async def test_track_order_tells_what_the_shop_says_now() -> None:
    """A state that was changed in the shop's system five seconds ago is what she hears: orders are never kept."""
    buyer = Buyer(checked="SH1005", contact="anna@example.com")
    with time_machine.travel(datetime.datetime.now(datetime.timezone.utc)) as clock:
        assert ["utter_order_paid"] == (await buyer.run(ActionTrackOrder(), intent="order_status")).said
        engine = create_engine(os.environ["PASAR_DEMO_DATABASE"])
        with engine.begin() as connection:
            where = schema.orders.c.order_id == "SH1005"
            record = connection.execute(sa.select(schema.orders.c.record).where(where)).scalar_one()
            changed = {**record, "state": "cancelled", "cancelled_on": "2026-01-01"}
            connection.execute(schema.orders.update().where(where).values(record=changed))
        engine.dispose()
        clock.shift(5)
        assert ["utter_order_cancelled"] == (await buyer.run(ActionTrackOrder(), intent="order_status")).said


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
