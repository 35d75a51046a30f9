"""The tracker store: the same trackers as Rasa's own, nothing lost, and no dearer with time."""

from __future__ import annotations

import asyncio
import copy
import pathlib
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from conversations_of_rasa import CONVERSATIONS, DOMAIN, begin, describe, fresh, listen, open_form, say, turn
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import AwaitableTrackerStore, FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUtteranceReverted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from structlog.testing import capture_logs

from pasar.nlu.event_log import NumberTakenError, event, open_log
from pasar.nlu.tracker import FAR, KEPT, SLACK, ConversationTracker
from pasar.nlu.tracker_store import ConversationTrackerStore, fail_loudly

TYPE = "pasar.nlu.tracker_store.ConversationTrackerStore"
PROJECT = pathlib.Path(__file__).resolve().parents[2]


def make(url, **settings):
    """A store as another process would open it: nothing in memory."""
    return ConversationTrackerStore(DOMAIN, host=url, **settings)


async def tell(store, sender, events):
    """One turn: events are added to the conversation and saved."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for item in events:
        tracker.update(item, DOMAIN)
    await store.save(tracker)
    return tracker


def stored(url, sender):
    """Numbers of a conversation's events in the database."""
    with sa.create_engine(url).connect() as connection:
        query = sa.select(event.c.number).where(event.c.conversation_id == sender).order_by(event.c.number)
        return [row[0] for row in connection.execute(query)]


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


class Heard(EventBroker):
    """A broker that remembers."""

    def __init__(self):
        self.heard = []

    def publish(self, event):
        self.heard.append(event)


def test_broker_hears_each_event_once(url):
    """What is stored is published, once, with the conversation's id."""
    broker = Heard()
    store = make(url, event_broker=broker)
    for number in range(2):
        asyncio.run(tell(store, "ana", turn(number)))

    assert 12 == len(broker.heard)
    assert {"ana"} == {body["sender_id"] for body in broker.heard}


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


def long_talk(turns):
    return fresh([*begin(), SlotSet("language", "th"), *(e for n in range(turns) for e in turn(n))])


def test_long_conversation_is_shortened_and_its_state_kept(url):
    """Two thousand events leave a short tracker whose state, slots and latest past are as before."""

    async def talk():
        store, events = make(url), long_talk(340)
        for start in range(0, len(events), 30):
            await tell(store, "ana", events[start : start + 30])
        return await store.retrieve("ana"), await store.retrieve_full_tracker("ana")

    short, whole = asyncio.run(talk())

    assert describe(whole, events=False) == describe(short, events=False)
    assert describe(short) == describe(DialogueStateTracker.copy(short))
    assert whole.past_states(DOMAIN)[-20:] == short.past_states(DOMAIN)[-20:]
    assert len(short.events) <= KEPT + SLACK + 10 < len(whole.events)


@pytest.mark.parametrize("steps", [0, 1, 7, 60])
def test_form_that_is_open_for_long_stays_open(url, steps):
    """A form entered long ago is still active, and its executions are still one."""

    async def talk():
        store = make(url)
        await tell(store, "ana", long_talk(40))
        await tell(store, "ana", open_form())
        for number in range(steps * 10):
            await tell(store, "ana", [say(f"A{number}", "inform"), ActionExecuted("order_form"), listen()])
        return await store.retrieve("ana"), await store.retrieve_full_tracker("ana")

    short, whole = asyncio.run(talk())

    assert describe(whole, events=False) == describe(short, events=False)
    assert whole.past_states(DOMAIN)[-3:] == short.past_states(DOMAIN)[-3:]
    assert len(short.events) <= FAR + SLACK


def test_much_may_be_taken_back_after_much_was_left_out(url):
    """Undoing message after message, past what is in memory, gives the state of all events."""

    async def undo():
        store = make(url)
        await tell(store, "ana", long_talk(100))
        for _ in range(60):
            await tell(store, "ana", [UserUtteranceReverted(), listen()])
        return await store.retrieve("ana"), await store.retrieve_full_tracker("ana")

    short, whole = asyncio.run(undo())

    assert describe(whole, events=False) == describe(short, events=False)


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
