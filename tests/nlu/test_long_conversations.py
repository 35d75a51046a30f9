"""Long conversations: they cost no more with time, and what was left out is still known."""

from __future__ import annotations

import asyncio

import pytest
from conversations_of_rasa import DOMAIN, begin, describe, fresh, listen, open_form, say, turn
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUtteranceReverted
from rasa.shared.core.trackers import DialogueStateTracker
from stores import make, tell

from pasar.nlu.tracker import FAR, KEPT, SLACK


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
