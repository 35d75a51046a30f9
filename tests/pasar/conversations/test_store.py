"""Who speaks in a conversation."""

from __future__ import annotations

import threading

import pytest

from pasar.conversations.store import ConversationStore, State, UnknownConversationError

PLACE = ("stylehub", "webchat", "en")


@pytest.fixture
def url(tmp_path):
    """A database file."""
    return f"sqlite:///{tmp_path / 'pasar.db'}"


@pytest.fixture
def store(url):
    """A store on it."""
    opened = ConversationStore(url)
    yield opened
    opened.dispose()


def test_store_get_unknown_is_none(store):
    """A conversation that never was is None."""
    assert store.get("c") is None


def test_store_moves_through_its_states(store):
    """Bot, waiting, person, bot, closed, and the bot's again when the buyer writes."""
    seen = [
        store.touch("c", *PLACE),
        store.request_person("c", "asked", {"order": "SH1"}, *PLACE),
        store.take("c"),
        store.hand_back("c"),
        store.close("c"),
        store.touch("c", *PLACE),
    ]

    assert [item.state.value for item in seen] == [
        "bot",
        "waiting",
        "person",
        "bot",
        "closed",
        "bot",
    ]
    assert seen[2].summary == {"order": "SH1"}


def test_store_request_person_is_idempotent(store):
    """Asking twice keeps the first reason and the place in the queue."""
    first = store.request_person("c", "asked", {}, *PLACE)
    second = store.request_person("c", "angry", {}, *PLACE)

    assert second == first
    assert [item.conversation_id for item in store.list_waiting()] == ["c"]


@pytest.mark.parametrize("call", ["take", "hand_back", "close"])
def test_store_unknown_conversation_is_an_error(store, call):
    """Nobody takes what is not there."""
    with pytest.raises(UnknownConversationError):
        getattr(store, call)("c")


def test_store_sees_another_process_within_a_second(url):
    """A state is believed for half a second; a fresh read sees the other's write at once."""
    now = [0.0]
    ours, theirs = ConversationStore(url, clock=lambda: now[0]), ConversationStore(url)
    ours.touch("c", *PLACE)
    theirs.take("c")
    at_once, fresh = ours.get("c").state, ours.get("c", fresh=True).state
    theirs.hand_back("c")
    now[0] = 0.6

    assert (at_once, fresh, ours.get("c").state) == (State.BOT, State.PERSON, State.BOT)


def test_store_survives_many_at_once(url):
    """Writers that race neither fail nor leave two rows."""
    stores = [ConversationStore(url) for _ in range(3)]
    errors = []

    def work(index):
        try:
            for turn in range(15):
                stores[index].touch("c", "stylehub", "webchat", f"l{index}{turn}")
                stores[index].request_person("c", "asked", {}, *PLACE)
                stores[index].hand_back("c")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert errors == []
    assert len(stores[0].list_conversations()) == 1
