"""The tracker store: the same trackers as Rasa's own, nothing lost."""

from __future__ import annotations

import asyncio
import copy
import pathlib

import pytest
from conversations_of_rasa import CONVERSATIONS, DOMAIN, begin, describe, fresh, listen, turn
from rasa.core.tracker_store import AwaitableTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from stores import Heard, make, stored, tell

from pasar.nlu.event_log import open_log
from pasar.nlu.tracker import ConversationTracker
from pasar.nlu.tracker_store import ConversationTrackerStore

TYPE = "pasar.nlu.tracker_store.ConversationTrackerStore"
PROJECT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_restored_tracker_is_as_from_rasas_own_store(url, tmp_path, name):
    """After a restart a tracker is what Rasa's SQL store makes of the same events, saved in several turns."""

    async def compare():
        rasas = SQLTrackerStore(DOMAIN, db=str(tmp_path / "rasa.db"))
        events = fresh(CONVERSATIONS[name])
        expected = DialogueStateTracker("ana", DOMAIN.slots)
        for item in events:
            expected.update(item)
        await rasas.save(expected)
        for start in range(0, len(events), 5):
            await tell(make(url), "ana", copy.deepcopy(events[start : start + 5]))
        store = make(url)
        for ask in ("retrieve", "retrieve_full_tracker"):
            assert describe(await getattr(rasas, ask)("ana")) == describe(await getattr(store, ask)("ana"))

    asyncio.run(compare())


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_live_tracker_is_as_a_restored_one(url, name):
    """Whether a tracker stayed in memory or was built anew makes no difference, and copies are no different either."""

    async def compare():
        store = make(url)
        await tell(store, "ana", fresh(CONVERSATIONS[name]))
        live, restored = await store.retrieve("ana"), await make(url).retrieve("ana")

        assert describe(restored) == describe(live)
        assert describe(live) == describe(live.copy())
        assert describe(DialogueStateTracker.copy(live)) == describe(live.copy())

    asyncio.run(compare())


def test_unknown_conversation_is_none(url):
    """Who never wrote has no tracker, and is not listed."""
    store = make(url)

    assert asyncio.run(store.retrieve("nobody")) is None
    assert asyncio.run(store.retrieve_full_tracker("nobody")) is None
    assert [] == asyncio.run(store.keys())
    assert not asyncio.run(store.exists("nobody"))


def test_keys_are_all_conversations(url):
    """All conversations are listed, live or not."""
    store = make(url, capacity=1)
    for sender in ("ana", "budi"):
        asyncio.run(tell(store, sender, begin()))

    assert ["ana", "budi"] == sorted(asyncio.run(store.keys()))
    assert asyncio.run(store.exists("ana"))


def test_memory_holds_no_more_than_its_capacity(url):
    """The conversation longest silent leaves the memory and comes back from the database."""

    async def talk():
        store = make(url, capacity=2)
        for sender in ("ana", "budi", "cici"):
            await tell(store, sender, fresh([*begin(), *turn(1)]))
        return list(store._live), await store.retrieve("ana")

    live, back = asyncio.run(talk())

    assert ["budi", "cici"] == live
    assert 1.0 == back.get_slot("count")


def test_only_new_events_are_written(url):
    """Each event is stored once, numbered in order."""
    store = make(url)
    for number in range(3):
        asyncio.run(tell(store, "ana", turn(number)))

    assert list(range(18)) == stored(url, "ana")


def test_new_domain_gives_new_slots(url):
    """After a model is replaced, conversations have the new model's slots."""

    async def replace():
        store = make(url)
        going = await tell(store, "ana", [*begin(), *turn(1)])
        store.domain = DOMAIN.merge(Domain.from_yaml("slots: {size: {type: text, mappings: [{type: custom}]}}"))
        going.update(listen())
        await store.save(going)  # a turn of the old model ends
        return await store.retrieve("ana")

    tracker = asyncio.run(replace())

    assert "size" in tracker.slots
    assert 1.0 == tracker.get_slot("count")


def test_rasa_makes_the_store_as_endpoints_say(url):
    """Rasa finds the class, does not wrap it as synchronous, and gives it its settings."""
    store = TrackerStore.create(EndpointConfig(url=url, type=TYPE, capacity=7), DOMAIN)

    assert ConversationTrackerStore is type(store)
    assert not isinstance(store, AwaitableTrackerStore)
    assert 7 == store._capacity


def test_default_database_is_the_installations(url, monkeypatch):
    """Without a url events are kept where everything else is."""
    monkeypatch.setattr("pasar.nlu.tracker_store.load_settings", lambda: type("Settings", (), {"database": url}))
    asyncio.run(tell(ConversationTrackerStore(DOMAIN), "ana", begin()))

    assert [0, 1, 2] == stored(url, "ana")


def test_broker_hears_each_event_once(url):
    """What is stored is published, once, with the conversation's id."""
    broker = Heard()
    store = make(url, event_broker=broker)
    for number in range(2):
        asyncio.run(tell(store, "ana", turn(number)))

    assert 12 == len(broker.heard)
    assert {"ana"} == {body["sender_id"] for body in broker.heard}


def test_applied_events_are_rasas(url):
    """Looking at each event once finds what Rasa finds by looking at all of them, at every step."""
    for events in CONVERSATIONS.values():
        tracker, expected = ConversationTracker("ana", DOMAIN), DialogueStateTracker("ana", DOMAIN.slots)
        for item in [*events, *turn(1), *events]:
            tracker.update(item)
            expected.update(item)

            assert expected.applied_events() == tracker.applied_events()


def test_one_writer_serves_a_database(url):
    """A store made anew, as a replaced model does, goes on with the same writer."""
    assert make(url)._log is make(url)._log is open_log(url)
