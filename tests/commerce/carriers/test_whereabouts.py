"""Several sources answer as one, in the time a buyer waits."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Mapping

import pytest

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.carriers.aftership import AfterShip
from pasar.commerce.carriers.seventeentrack import SeventeenTrack
from pasar.commerce.carriers.source import ParcelNotice
from pasar.commerce.carriers.whereabouts import Whereabouts
from pasar.commerce.model import Parcel
from tests.commerce.carriers.servers import (
    AfterShipServer,
    SeventeenTrackServer,
    make_checkpoint,
    make_event,
    make_info,
    make_tracking,
)
from tests.commerce.samples import at


def make_parcel(number: str = "N1", hour: int = 8) -> Parcel:
    """A parcel as it was known at an hour of today."""
    return Parcel("JNE", number, at(-3), None, (), read_at=at(0, hour))


class FakeSource:
    """Answers what the test puts in."""

    def __init__(self, *answers: Parcel | Exception | None, seconds: float = 0.0) -> None:
        self.answers = list(answers)  #: the last one again and again
        self.seconds = seconds
        self.asked: list[tuple[str, str]] = []
        self.closed = False

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        self.asked.append((courier, tracking_number))
        await asyncio.sleep(self.seconds)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> ParcelNotice:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed = True


DOWN = ShopUnavailableError("testshop", "track", "down")


def make_notice(number: str) -> ParcelNotice:
    """Something is new about a parcel."""
    return ParcelNotice(number, "100086", "", "TRACKING_UPDATED")


async def test_first_who_knows_answers() -> None:
    """A source that does not know the parcel, or fails, is passed over; one behind the answer is not asked."""
    ignorant, failing, knowing, last = FakeSource(None), FakeSource(DOWN), FakeSource(make_parcel()), FakeSource(None)
    whereabouts = Whereabouts([ignorant, failing, knowing, last])
    assert make_parcel() == await whereabouts.track("JNE", "N1")
    assert [1, 1, 1, 0] == [len(source.asked) for source in (ignorant, failing, knowing, last)]


async def test_answer_is_kept_for_some_minutes() -> None:
    """The same parcel, however it is written, is not asked for again; another is."""
    source = FakeSource(make_parcel())
    whereabouts = Whereabouts([source])
    for courier, number in (("JNE", "N1"), ("jne ", " n1"), ("JNE", "N2")):
        assert await whereabouts.track(courier, number) is not None
    assert [("JNE", "N1"), ("JNE", "N2")] == source.asked


async def test_answer_gets_old() -> None:
    """After its time it is asked for again."""
    source = FakeSource(make_parcel(hour=8), make_parcel(hour=9))
    whereabouts = Whereabouts([source], fresh_seconds=0.05)
    assert make_parcel(hour=8) == await whereabouts.track("JNE", "N1")
    await asyncio.sleep(0.06)
    assert make_parcel(hour=9) == await whereabouts.track("JNE", "N1")


async def test_unknown_parcel_is_asked_for_again_soon() -> None:
    """Nobody knows it now; a service may in a while."""
    source = FakeSource(None, make_parcel())
    whereabouts = Whereabouts([source], unknown_seconds=0.05)
    assert [None, None] == [await whereabouts.track("JNE", "N1") for _ in range(2)]
    assert 1 == len(source.asked)
    await asyncio.sleep(0.06)
    assert make_parcel() == await whereabouts.track("JNE", "N1")


async def test_same_question_at_once_is_one_call() -> None:
    """Ten buyers, or one who is impatient, ask once."""
    source = FakeSource(make_parcel(), seconds=0.05)
    whereabouts = Whereabouts([source])
    answers = await asyncio.gather(*(whereabouts.track("JNE", "N1") for _ in range(10)))
    assert [make_parcel()] * 10 == answers
    assert 1 == len(source.asked)


async def test_impatient_buyer_does_not_stop_others() -> None:
    """Who leaves, leaves the question to those who stay."""
    source = FakeSource(make_parcel(), seconds=0.05)
    whereabouts = Whereabouts([source])
    leaving = asyncio.create_task(whereabouts.track("JNE", "N1"))
    staying = asyncio.create_task(whereabouts.track("JNE", "N1"))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert make_parcel() == await staying


async def test_slow_source_keeps_nobody_waiting() -> None:
    """Not answered is not unknown; what comes late is there for the next question; the older answer afterwards."""
    source = FakeSource(make_parcel(hour=8), make_parcel(hour=9), seconds=1.5)
    whereabouts = Whereabouts([source], wait_seconds=0.5, fresh_seconds=0.5)
    begun = time.monotonic()
    with pytest.raises(ShopUnavailableError, match="track: no answer within"):
        await whereabouts.track("JNE", "N1")
    assert time.monotonic() - begun < 1.4
    await asyncio.sleep(1.25)
    assert make_parcel(hour=8) == await whereabouts.track("JNE", "N1")
    await asyncio.sleep(0.75)
    begun = time.monotonic()
    assert make_parcel(hour=8) == await whereabouts.track("JNE", "N1")
    assert 0.45 < time.monotonic() - begun < 1.4
    assert 2 == len(source.asked)
    await whereabouts.close()


async def test_failing_source_is_answered_for_with_what_was_known() -> None:
    """The older answer says from when it is; without one it says so, and nothing is kept as known."""
    source = FakeSource(make_parcel(hour=8), DOWN)
    whereabouts = Whereabouts([source], fresh_seconds=0.0)
    await whereabouts.track("JNE", "N1")
    older = await whereabouts.track("JNE", "N1")
    assert older is not None
    assert at(0, 8) == older.read_at
    for _ in range(2):
        with pytest.raises(ShopUnavailableError, match="no source answered"):
            await whereabouts.track("JNE", "N2")
    assert 4 == len(source.asked)


async def test_what_was_seen_does_not_become_unknown() -> None:
    """A service that forgets a parcel does not make it vanish."""
    source = FakeSource(make_parcel(), None)
    whereabouts = Whereabouts([source], fresh_seconds=0.0)
    assert [make_parcel()] * 3 == [await whereabouts.track("JNE", "N1") for _ in range(3)]
    assert 2 == len(source.asked)


async def test_notice_makes_the_next_question_ask() -> None:
    """A webhook tells that there is something new; other parcels are not asked for."""
    source = FakeSource(make_parcel(hour=8), make_parcel("N2"), make_parcel(hour=9))
    whereabouts = Whereabouts([source])
    await whereabouts.track("JNE", "N1")
    await whereabouts.track("JNE", "N2")
    whereabouts.note(make_notice("n1 "))
    assert make_parcel("N2") == await whereabouts.track("JNE", "N2")
    assert make_parcel(hour=9) == await whereabouts.track("JNE", "N1")
    whereabouts.note(make_notice("N9"))
    assert 3 == len(source.asked)


async def test_no_more_is_kept_than_memory_allows() -> None:
    """The parcel asked for longest ago goes first."""
    source = FakeSource(make_parcel())
    whereabouts = Whereabouts([source], most_kept=2)
    for number in ("N1", "N2", "N3", "N3", "N1"):
        await whereabouts.track("JNE", number)
    assert ["N1", "N2", "N3", "N1"] == [number for _, number in source.asked]


async def test_parcel_asked_for_again_is_kept_longer() -> None:
    """Not the one that was asked for first goes, but the one longest ago."""
    source = FakeSource(make_parcel())
    whereabouts = Whereabouts([source], most_kept=2, fresh_seconds=0.0)
    for number in ("N1", "N2", "N1", "N3"):
        await whereabouts.track("JNE", number)
    source.answers = [DOWN]
    assert make_parcel() == await whereabouts.track("JNE", "N1")
    with pytest.raises(ShopUnavailableError):
        await whereabouts.track("JNE", "N2")


async def test_closing_stops_asking_and_closes_sources() -> None:
    """Who still waits is answered."""
    source = FakeSource(make_parcel(), seconds=60)
    whereabouts = Whereabouts([source])
    waiting = asyncio.create_task(whereabouts.track("JNE", "N1"))
    await asyncio.sleep(0.01)
    await whereabouts.close()
    with pytest.raises(ShopUnavailableError):
        await waiting
    assert source.closed


async def test_nobody_waits_longer_than_three_seconds() -> None:
    """As promised to buyers, unless a shop says otherwise."""
    whereabouts = Whereabouts([FakeSource(make_parcel(), seconds=60)])
    begun = time.monotonic()
    with pytest.raises(ShopUnavailableError):
        await whereabouts.track("JNE", "N1")
    assert time.monotonic() - begun < 10  # of 60; a busy machine has its pauses
    await whereabouts.close()


async def test_both_services_in_order() -> None:
    """17TRACK is down, AfterShip knows: the buyer is answered; both up, 17TRACK answers."""
    async with SeventeenTrackServer() as track, AfterShipServer() as ship:
        track.put("JP0000001", make_info("InTransit", [make_event("2026-03-09T04:00:00Z", "InTransit", location="17")]))
        checkpoint = make_checkpoint("2026-03-09T11:00:00+07:00", "InTransit", "InTransit_001", "Ship")
        ship.trackings += [make_tracking(f"JP000000{index}", "InTransit", [checkpoint]) for index in (1, 2)]
        sources = [
            SeventeenTrack("testshop", track.key, base_url=track.base_url),
            AfterShip("testshop", ship.key, base_url=ship.base_url),
        ]
        whereabouts = Whereabouts(sources)
        first = await whereabouts.track("JNE", "JP0000001")
        track.break_next(times=100, body=b"<html>")
        second = await whereabouts.track("JNE", "JP0000002")
        assert first is not None and second is not None
        assert ["17", "Ship"] == [first.scans[0].place, second.scans[0].place]
        await whereabouts.close()
