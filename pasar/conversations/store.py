"""Who speaks in each conversation: the bot, nobody yet, or a person.

The state lives here, outside the model, and is asked when a message is *sent*.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import functools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pasar.conversations.schema import conversation as table
from pasar.conversations.schema import upgrade
from pasar.database import create_engine
from pasar.settings import load_settings

FRESH = 0.5  # seconds a state that was read may be believed; another process's write is seen after it
KEPT = 10_000  # conversations remembered in this process
TOUCH_EVERY = datetime.timedelta(seconds=30)  # a chat that goes on is not written at every message


class State(enum.Enum):
    """Who speaks to the buyer."""

    BOT = "bot"
    WAITING = "waiting"
    PERSON = "person"
    CLOSED = "closed"


class UnknownConversationError(LookupError):
    """No conversation of that id was ever seen."""


@dataclasses.dataclass(frozen=True)
class Conversation:
    """One buyer's conversation with one shop on one channel."""

    conversation_id: str
    shop: str
    channel: str
    language: str
    state: State
    reason: str  #: why a person was asked for; "" before
    summary: Mapping[str, Any]  #: what the person should know at once
    since: datetime.datetime  #: when this state began
    updated: datetime.datetime


class ConversationStore:
    """Conversations of all shops in one database; every call may be made from any thread."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the database, bringing it to the newest version first."""
        upgrade(url)
        self._engine = create_engine(url)
        self._clock = clock
        self._lock = threading.Lock()
        self._read: collections.OrderedDict[str, tuple[float, Conversation | None]] = collections.OrderedDict()

    def get(self, conversation_id: str, *, fresh: bool = False) -> Conversation | None:
        """Return the conversation as it was at most half a second ago (``fresh``: as it is), None if never seen."""
        now = self._clock()
        with self._lock:
            known = self._read.get(conversation_id)
        if known is not None and now - known[0] < FRESH and not fresh:
            return known[1]
        with self._engine.connect() as connection:
            found = _select(connection, conversation_id)
        self._remember(conversation_id, now, found)
        return found

    def touch(self, conversation_id: str, shop: str, channel: str, language: str) -> Conversation:
        """Record that the buyer wrote; a new or closed conversation is the bot's."""
        known = self.get(conversation_id)
        if known is not None and known.state is not State.CLOSED:
            same = (known.shop, known.channel, known.language) == (
                shop,
                channel,
                language,
            )
            if same and _now() - known.updated < TOUCH_EVERY:
                return known

        def change(before: Conversation | None) -> dict[str, Any]:
            values: dict[str, Any] = {
                "shop": shop,
                "channel": channel,
                "language": language,
            }
            if before is None or before.state is State.CLOSED:
                values |= {"state": State.BOT, "reason": "", "summary": {}}
            return values

        return self._write(conversation_id, change)

    def request_person(
        self,
        conversation_id: str,
        reason: str,
        summary: Mapping[str, Any],
        shop: str,
        channel: str,
        language: str,
    ) -> Conversation:
        """Let the buyer wait for a person; asking again, or while a person is there, changes nothing."""

        def change(before: Conversation | None) -> dict[str, Any] | None:
            if before is not None and before.state in (State.WAITING, State.PERSON):
                return None
            # A conversation stays with the shop and channel it began in, whatever an action believes.
            return {
                "shop": before.shop if before else shop,
                "channel": before.channel if before else channel,
                "language": language,
                "state": State.WAITING,
                "reason": reason[:255],
                "summary": dict(summary),
            }

        return self._write(conversation_id, change)

    def take(self, conversation_id: str) -> Conversation:
        """Let a person speak; UnknownConversationError where there is no such conversation."""
        return self._move(conversation_id, State.PERSON)

    def hand_back(self, conversation_id: str) -> Conversation:
        """Let the bot speak again; UnknownConversationError where there is no such conversation."""
        return self._move(conversation_id, State.BOT)

    def close(self, conversation_id: str) -> Conversation:
        """End the conversation until the buyer writes again; UnknownConversationError where there is none.

        Rasa's tracker is not touched: whoever closes after a person spoke resumes it, as ``channels.desk`` does.
        """
        return self._move(conversation_id, State.CLOSED)

    def list_waiting(self, shop: str | None = None) -> Sequence[Conversation]:
        """Conversations that wait for a person, the longest waiting first."""
        return self.list_conversations(State.WAITING, shop)

    def list_conversations(
        self, state: State | None = None, shop: str | None = None, limit: int = 200
    ) -> Sequence[Conversation]:
        """Conversations of one state or of all, the one longest in its state first."""
        query = sa.select(table).order_by(table.c.since, table.c.conversation_id).limit(limit)
        if state is not None:
            query = query.where(table.c.state == state.value)
        if shop is not None:
            query = query.where(table.c.shop == shop)
        with self._engine.connect() as connection:
            return [_parse(row) for row in connection.execute(query)]

    def dispose(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _move(self, conversation_id: str, state: State) -> Conversation:
        def change(before: Conversation | None) -> dict[str, Any] | None:
            if before is None:
                raise UnknownConversationError(conversation_id)
            return None if before.state is state else {"state": state}

        return self._write(conversation_id, change)

    def _write(
        self,
        conversation_id: str,
        change: Callable[[Conversation | None], dict[str, Any] | None],
    ) -> Conversation:
        """Apply a change to the row as it is now: two processes that race get one order, and no write is lost."""
        while True:
            with self._engine.begin() as connection:
                before = _select(connection, conversation_id)
                values = change(before)
                if values is None and before is not None:
                    written: Conversation | None = before
                else:
                    written = _put(connection, conversation_id, before, values or {})
            if written is not None:
                self._remember(conversation_id, self._clock(), written)
                return written

    def _remember(self, conversation_id: str, moment: float, found: Conversation | None) -> None:
        with self._lock:
            known = self._read.get(conversation_id)
            # A slow read or write must not hide a newer version of the row.
            newer = known and known[1] and found and known[1].updated > found.updated
            if known is None or (known[0] <= moment and not newer):
                self._read[conversation_id] = (moment, found)
                self._read.move_to_end(conversation_id)
            while len(self._read) > KEPT:
                self._read.popitem(last=False)


@functools.lru_cache(maxsize=1)
def open_store() -> ConversationStore:
    """Return this process's store on PASAR_DATABASE; ``open_store.cache_clear()`` lets a test open another."""
    return ConversationStore(load_settings().database)


def _select(connection: sa.engine.Connection, conversation_id: str) -> Conversation | None:
    row = connection.execute(sa.select(table).where(table.c.conversation_id == conversation_id)).first()
    return None if row is None else _parse(row)


def _put(
    connection: sa.engine.Connection,
    conversation_id: str,
    before: Conversation | None,
    values: dict[str, Any],
) -> Conversation | None:
    """Write over exactly ``before``; None where another process wrote first."""
    now = _now()
    if before is None:
        after = Conversation(conversation_id=conversation_id, since=now, updated=now, **values)
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(table).values(_row(after)))
        except sa.exc.IntegrityError:
            return None
        return after
    # Strictly later than before, so that ``updated`` tells two versions of a row apart.
    now = max(now, before.updated + datetime.timedelta(microseconds=1))
    since = before.since if values.get("state", before.state) is before.state else now
    after = dataclasses.replace(before, since=since, updated=now, **values)
    same = (table.c.conversation_id == conversation_id) & (table.c.updated == before.updated)
    changed = connection.execute(sa.update(table).where(same).values(_row(after)))
    return after if changed.rowcount == 1 else None


def _row(item: Conversation) -> dict[str, Any]:
    return {
        **{field.name: getattr(item, field.name) for field in dataclasses.fields(item)},
        "state": item.state.value,
        "summary": dict(item.summary),
    }


def _parse(row: Any) -> Conversation:
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    for name in ("since", "updated"):
        moment: datetime.datetime = values[name]
        # SQLite keeps no time zone; what was written is UTC.
        values[name] = (
            moment.replace(tzinfo=datetime.timezone.utc)
            if moment.tzinfo is None
            else moment.astimezone(datetime.timezone.utc)
        )
    return Conversation(**values)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
