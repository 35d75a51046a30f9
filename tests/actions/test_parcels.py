"""What is told of a parcel comes from its carrier where the shop has an account there, else from the shop's record."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

import actions.turn
from actions.orders import ActionTrackOrder
from pasar.commerce.carriers.aftership import AfterShip
from pasar.commerce.carriers.seventeentrack import SeventeenTrack
from pasar.commerce.carriers.source import TrackingService
from pasar.commerce.carriers.whereabouts import Whereabouts
from pasar.commerce.model import OrderState, Scan
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.catalogue import Catalogue
from pasar.commerce.platforms.schema import upgrade
from pasar.database import create_engine
from pasar.languages.pack import load_pack
from tests.actions.conftest import Buyer, Outcome
from tests.commerce.carriers.servers import (
    AfterShipServer,
    SeventeenTrackServer,
    make_checkpoint,
    make_event,
    make_info,
    make_tracking,
)
from tests.commerce.platforms.memory import MemoryApi, make_order, make_profile

NUMBER = "JPT1001"
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def ago(days: int) -> datetime.datetime:
    """So many days before now."""
    return NOW - datetime.timedelta(days=days)


def told(days: int) -> str:
    """As the services write a moment."""
    return ago(days).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_api() -> MemoryApi:
    """A platform that handed an order of hers over two days ago, and knows no more of it than one scan."""
    api = MemoryApi()
    order = make_order("T1001", OrderState.SHIPPED)
    assert order.parcel is not None
    parcel = dataclasses.replace(order.parcel, shipped_at=ago(2), scans=(Scan(ago(2), "Shop's town", "picked_up"),))
    api.orders = {"T1001": dataclasses.replace(order, placed_at=ago(3), parcel=parcel)}
    return api


Ask = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def ask(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ask]:
    """Asks where the order is, in a shop with an account at these services."""
    url = f"sqlite:///{tmp_path_factory.mktemp('platform')}/pasar.db"
    upgrade(url)
    opened: list[PlatformBackend] = []

    async def track(*services: TrackingService, intent: str = "order_status", **settings: float) -> Outcome:
        if not opened:
            parcels = Whereabouts(services, shop_id="testshop", **settings) if services else None
            opened.append(
                PlatformBackend(make_profile(), make_api(), Catalogue(create_engine(url), "testshop"), parcels)
            )
            monkeypatch.setattr(actions.turn, "open_shop", lambda _shop_id: opened[0])
        buyer = Buyer(checked="T1001", contact="mei@example.com")
        return await buyer.run(ActionTrackOrder(), intent=intent)

    yield track
    for backend in opened:
        await backend.aclose()


@pytest.fixture
async def seventeen() -> AsyncIterator[SeventeenTrackServer]:
    """17TRACK on this machine."""
    async with SeventeenTrackServer() as server:
        yield server


@pytest.fixture
async def ship() -> AsyncIterator[AfterShipServer]:
    """AfterShip on this machine."""
    async with AfterShipServer() as server:
        yield server


def open_17track(server: SeventeenTrackServer) -> SeventeenTrack:
    """Its module, with the account."""
    return SeventeenTrack.open("testshop", {"key": server.key, "base_url": server.base_url})


def open_aftership(server: AfterShipServer) -> AfterShip:
    """Its module, with the account."""
    return AfterShip.open("testshop", {"api_key": server.key, "base_url": server.base_url})


@pytest.mark.parametrize(
    ("status", "sub_status", "expected", "offer"),
    [
        ("InTransit", "InTransit_Other", "utter_order_shipped_no_due", None),
        ("DeliveryFailure", "DeliveryFailure_NoBody", "utter_parcel_failed_attempt", "person"),
        ("AvailableForPickup", "AvailableForPickup_Other", "utter_parcel_ready_for_pickup", None),
        ("InTransit", "InTransit_CustomsRequiringInformation", "utter_parcel_customs_held", "person"),
        ("Exception", "Exception_Delayed", "utter_parcel_delayed", "person"),
        ("Exception", "Exception_Returning", "utter_parcel_returning", "person"),
        ("Exception", "Exception_Damage", "utter_parcel_exception", "person"),
    ],
)
async def test_17track_tells_what_concerns_a_parcel(
    ask: Ask, seventeen: SeventeenTrackServer, status: str, sub_status: str, expected: str, offer: str | None
) -> None:
    """Its event and place, not the shop's older one; where it came from stays with the answer."""
    event = make_event(told(1), sub_status, location="Surabaya")
    seventeen.put(NUMBER, make_info(status, [event]))
    outcome = await ask(open_17track(seventeen))
    assert ([expected], offer) == (outcome.said, outcome.slots["offer"])
    assert "Surabaya" == outcome.fact("scan_place")
    assert {"order T1001", f"parcel {NUMBER}"} <= outcome.sources


@pytest.mark.parametrize(
    ("tag", "subtag", "expected"),
    [
        ("InTransit", "InTransit_003", "utter_order_shipped_no_due"),
        ("AttemptFail", "AttemptFail_001", "utter_parcel_failed_attempt"),
        ("AvailableForPickup", "AvailableForPickup_001", "utter_parcel_ready_for_pickup"),
        ("Exception", "Exception_004", "utter_parcel_customs_held"),
        ("Exception", "Exception_011", "utter_parcel_returned"),
        ("Exception", "Exception_001", "utter_parcel_exception"),
    ],
)
async def test_aftership_tells_what_concerns_a_parcel(
    ask: Ask, ship: AfterShipServer, tag: str, subtag: str, expected: str
) -> None:
    """The same in another service's words."""
    ship.trackings.append(make_tracking(NUMBER, tag, [make_checkpoint(told(1), tag, subtag, "Surabaya")]))
    outcome = await ask(open_aftership(ship))
    assert [expected] == outcome.said
    assert "Surabaya" == outcome.fact("scan_place")


@pytest.mark.parametrize(("days", "dated"), [(3, True), (-2, False), (None, False)])
async def test_new_date_is_the_carriers_own(
    ask: Ask, seventeen: SeventeenTrackServer, days: int | None, dated: bool
) -> None:
    """Told where the carrier gives one after the trouble; one from before it, or none, is told as not known."""
    due = (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT00:00:00+00:00") if days is not None else None
    event = make_event(told(1), "Exception_Delayed")
    seventeen.put(NUMBER, make_info("Exception", [event], due=("Official", due, due) if due else (None, None, None)))
    outcome = await ask(open_17track(seventeen))
    assert ["utter_parcel_delayed"] == outcome.said
    words = load_pack("en").words
    assert dated is (outcome.fact("expected") != words["expected_unknown"])
    shown = [
        name
        for message in outcome.messages
        for name, _ in (message["custom"].get("cards") or [{"facts": []}])[0]["facts"]
    ]
    assert dated is (words["card_due"] in shown)


async def test_what_the_carrier_delivered_is_delivered_and_may_be_missed(
    ask: Ask, seventeen: SeventeenTrackServer
) -> None:
    """The platform only handed it over; the place and the day are the carrier's."""
    seventeen.put(NUMBER, make_info("Delivered", [make_event(told(1), "Delivered_Other", "Delivered", "Front desk")]))
    outcome = await ask(open_17track(seventeen))
    assert (["utter_order_delivered"], "missing") == (outcome.said, outcome.slots["offer"])
    outcome = await ask(intent="missing_item")
    assert "utter_delivered_not_received" == outcome.said[0]
    assert "Front desk" == outcome.fact("scan_place")


async def test_carrier_that_fails_leaves_the_shops_record_and_says_so(
    ask: Ask, seventeen: SeventeenTrackServer
) -> None:
    """What the shop knows is told, and that the carrier was not reached; nothing of a carrier is named as its source."""
    seventeen.break_next(times=100, body=b"<html>")
    outcome = await ask(open_17track(seventeen))
    assert ["utter_order_shipped_no_due", "utter_parcel_carrier_silent"] == outcome.said
    assert ("Shop's town", "JNE") == (outcome.fact("scan_place"), outcome.fact("courier"))
    assert {"order T1001", "shop testshop"} == outcome.sources


async def test_second_service_answers_for_the_first(
    ask: Ask, seventeen: SeventeenTrackServer, ship: AfterShipServer
) -> None:
    """17TRACK is down, AfterShip knows: nothing has to be said about it."""
    seventeen.break_next(times=100, body=b"<html>")
    checkpoint = make_checkpoint(told(1), "AttemptFail", "AttemptFail_001", "Surabaya")
    ship.trackings.append(make_tracking(NUMBER, "AttemptFail", [checkpoint]))
    outcome = await ask(open_17track(seventeen), open_aftership(ship))
    assert ["utter_parcel_failed_attempt"] == outcome.said


async def test_parcel_that_the_service_does_not_know_yet_is_the_shops(
    ask: Ask, seventeen: SeventeenTrackServer
) -> None:
    """It was asked and answered: there is nothing to excuse."""
    outcome = await ask(open_17track(seventeen))
    assert ["utter_order_shipped_no_due"] == outcome.said
    assert "Shop's town" == outcome.fact("scan_place")


async def test_older_answer_is_told_as_of_when(
    ask: Ask, seventeen: SeventeenTrackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The carrier answered before and does not now: what it said then, and when that was."""
    seventeen.put(NUMBER, make_info("InTransit", [make_event(told(1), "InTransit_Other", location="Surabaya")]))
    assert ["utter_order_shipped_no_due"] == (await ask(open_17track(seventeen), fresh_seconds=0.0)).said
    seventeen.break_next(times=100, body=b"<html>")
    real = actions.turn.Turn.now.fget
    assert real is not None
    monkeypatch.setattr(actions.turn.Turn, "now", property(lambda turn: real(turn) + datetime.timedelta(hours=2)))
    outcome = await ask()
    assert ["utter_order_shipped_no_due", "utter_parcel_as_of"] == outcome.said
    assert "Surabaya" == outcome.fact("scan_place")


async def test_shop_without_a_carrier_tells_its_own_record(ask: Ask) -> None:
    """And does not speak of carriers' answers."""
    outcome = await ask()
    assert ["utter_order_shipped_no_due"] == outcome.said
