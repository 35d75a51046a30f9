"""The tracker store when something fails, or much happens at once: no answer is given that is not stored."""

from __future__ import annotations

import asyncio
import pathlib
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from conversations_of_rasa import DOMAIN, begin, say, turn
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import SlotSet
from stores import Heard, make, stored, tell
from structlog.testing import capture_logs

from pasar.nlu.event_log import NumberTakenError
from pasar.nlu.tracker_store import ConversationTrackerStore, fail_loudly

TYPE = "pasar.nlu.tracker_store.ConversationTrackerStore"
PROJECT = pathlib.Path(__file__).resolve().parents[2]


def test_failed_turn_leaves_nothing(url):
    """What a turn left half-made in the live tracker is not seen by the next."""

    async def fail():
        store = make(url)
        await tell(store, "ana", [*begin(), *turn(1)])
        half = await store.retrieve("ana")
        half.update(say("oops"))
        half.update(SlotSet("count", 99.0))
        after = (await store.retrieve("ana")).get_slot("count")
        await tell(store, "ana", turn(2))
        return after, await make(url).retrieve("ana")

    after, restored = asyncio.run(fail())

    assert 1.0 == after
    assert ["say 1", "say 2"] == [e.text for e in restored.events if e.type_name == "user"]


def test_reader_in_the_middle_of_a_turn_disturbs_nothing(url):
    """Somebody who looks while a turn goes on sees the turn before, and the turn is saved all the same."""

    async def look():
        store = make(url)
        await tell(store, "ana", [*begin(), *turn(1)])
        going = await store.retrieve("ana")
        for item in turn(2):
            going.update(item)
        seen = await store.retrieve("ana")
        await store.save(going)
        return seen.get_slot("count"), (await store.retrieve("ana")).get_slot("count"), stored(url, "ana")

    assert (1.0, 2.0, list(range(15))) == asyncio.run(look())


def test_two_stores_never_overwrite_each_other(url):
    """A turn on a stale tracker is refused; the next turn knows all events."""

    async def race():
        one, two = make(url), make(url)
        await tell(one, "ana", [*begin(), *turn(1)])
        await tell(two, "ana", turn(2))
        with pytest.raises(NumberTakenError):
            await tell(one, "ana", turn(3))
        await tell(one, "ana", turn(4))
        return await make(url).retrieve("ana")

    tracker = asyncio.run(race())

    assert ["say 1", "say 2", "say 4"] == [e.text for e in tracker.events if e.type_name == "user"]


def test_shared_store_asks_before_each_turn(url):
    """Where processes share conversations, each knows what the other answered."""

    async def share():
        one, two = make(url, shared=True), make(url, shared=True)
        for number in range(6):
            await tell(one if number % 2 else two, "ana", turn(number))
        return await one.retrieve("ana")

    assert 5.0 == asyncio.run(share()).get_slot("count")


def test_trouble_of_one_conversation_is_not_the_others(url):
    """Saves that are committed together fail one by one."""

    async def save_together():
        one, two = make(url), make(url)
        for sender in ("ana", "budi", "cici"):
            await tell(one, sender, begin())
        await tell(two, "budi", turn(1))
        return await asyncio.gather(
            *(tell(one, sender, turn(2)) for sender in ("ana", "budi", "cici")), return_exceptions=True
        )

    ana, budi, cici = asyncio.run(save_together())

    assert ["ana", "cici"] == [ana.sender_id, cici.sender_id]
    assert isinstance(budi, NumberTakenError)


def test_lost_database_is_an_error(url):
    """A save that cannot be committed raises and is logged without a word of it, and nothing is kept in memory."""

    async def lose():
        store = make(url)
        await tell(store, "ana", begin())
        with sa.create_engine(url).begin() as connection:
            connection.execute(sa.text("ALTER TABLE event RENAME TO gone"))
        with pytest.raises(sa.exc.SQLAlchemyError):
            await tell(store, "ana", turn(1))
        with sa.create_engine(url).begin() as connection:
            connection.execute(sa.text("ALTER TABLE gone RENAME TO event"))
        return await store.retrieve("ana")

    with capture_logs() as logs:
        tracker = asyncio.run(lose())

    assert 2 == len(tracker.events)
    assert [("events.not_stored", "no such table: event")] == [(line["event"], line["reason"]) for line in logs]


def test_agent_sees_errors_once_it_is_told(url):
    """Rasa's wrapper would answer from an empty conversation; without it the error is seen."""
    agent = Agent(domain=DOMAIN, tracker_store=make(url))
    wrapped = type(agent.tracker_store)
    fail_loudly(agent)

    assert FailSafeTrackerStore is wrapped
    assert ConversationTrackerStore is type(agent.tracker_store)


def test_rasas_wrapper_keeps_first_turns_too(url):
    """A conversation that Rasa's wrapper began with a tracker of its own is stored and goes on."""

    async def talk():
        store = FailSafeTrackerStore(make(url))
        for number in range(3):
            await tell(store, "ana", turn(number))
        return await store.retrieve("ana")

    tracker = asyncio.run(talk())

    assert 2.0 == tracker.get_slot("count")
    assert list(range(18)) == stored(url, "ana")


def test_broken_broker_costs_no_answer(url):
    """An answer that is stored is given, whoever else cannot be told."""
    broker = Heard()
    broker.publish = lambda _: 1 / 0
    asyncio.run(tell(make(url, event_broker=broker), "ana", turn(1)))

    assert list(range(6)) == stored(url, "ana")


def test_many_conversations_at_once(url):
    """Two hundred conversations of five turns that run at once are all stored whole and in order."""

    async def talk(store, sender):
        for number in range(5):
            await tell(store, sender, turn(number))
            await asyncio.sleep(0)

    async def talk_all():
        store = make(url)
        await asyncio.gather(*(talk(store, f"buyer-{n}") for n in range(200)))
        return [await make(url).retrieve(f"buyer-{n}") for n in range(200)]

    for tracker in asyncio.run(talk_all()):
        assert [f"say {n}" for n in range(5)] == [e.text for e in tracker.events if e.type_name == "user"]


def test_killed_process_loses_no_saved_turn(url):
    """Every turn that was saved before the process was killed is in the database."""
    program = f"""
import asyncio, sys
sys.path[:0] = [{str(PROJECT)!r}, {str(pathlib.Path(__file__).parent)!r}]
from conversations_of_rasa import DOMAIN, turn
from pasar.nlu.tracker_store import ConversationTrackerStore

async def talk(store, sender):
    for number in range(10_000):
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        for item in turn(number):
            tracker.update(item)
        await store.save(tracker)
        print(sender, len(tracker.events), tracker.number, flush=True)

async def main():
    store = ConversationTrackerStore(DOMAIN, host={url!r})
    await asyncio.gather(*(talk(store, f"buyer-{{n}}") for n in range(5)))

asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        printed = [child.stdout.readline() for _ in range(150)]
        child.send_signal(signal.SIGKILL)
        printed += child.stdout.read().splitlines()
    promised = {}
    for line in printed:
        sender, _, number = line.split()
        promised[sender] = int(number)

    assert 5 == len(promised)
    for sender, number in promised.items():
        assert list(range(number)) == stored(url, sender)[:number]
