"""The inbox in SQL."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pasar.batches import BatchThread, Job
from pasar.commerce.rows import decode, encode
from pasar.messages.inbox import Batch, Depth, LostLeaseError, Waiting
from pasar.messages.leases import LEASE, keep_rows
from pasar.messages.model import Address, Author, Received
from pasar.messages.outbox import Outgoing
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_outbox import insert_outgoing

# The row is locked before a message gets its number: so numbers follow the order of commits in a conversation.
_OPEN = sa.text(
    "INSERT INTO inbox_thread (conversation_id, owner, batch, attempt, address) VALUES (:conversation_id, '', '', 0, '')"
    " ON CONFLICT (conversation_id) DO UPDATE SET attempt = inbox_thread.attempt"
)
# All that came in at a moment goes in by one statement, in its order: one statement each costs several times as much.
_INSERT = (
    "INSERT INTO inbox (channel, account, message_id, conversation_id, state, batch, data, received_at, keep_until)"
    " SELECT value ->> 'channel', value ->> 'account', value ->> 'message_id', value ->> 'conversation_id',"
    " value ->> 'state', '', value ->> 'data', :now, :now + CAST(value ->> 'keep' AS FLOAT) FROM {rows} WHERE true"
    " ORDER BY key ON CONFLICT (channel, account, message_id) DO NOTHING RETURNING channel, account, message_id"
)
_ROWS = {
    "sqlite": "json_each(:rows)",
    "postgresql": "json_array_elements(CAST(:rows AS json)) WITH ORDINALITY AS row (value, key)",
}
_READY = (
    "CASE WHEN COALESCE(first_at, :now) + :most < :now + :pause"
    " THEN COALESCE(first_at, :now) + :most ELSE :now + :pause END"
)
_AWAIT = sa.text(
    f"UPDATE inbox_thread SET ready_at = {_READY}, first_at = COALESCE(first_at, :now),"
    f" due_at = CASE WHEN batch = '' THEN {_READY} ELSE due_at END,"
    " address = CASE WHEN :address = '' THEN address ELSE :address END WHERE conversation_id = :conversation_id"
)
_DUE = (
    "SELECT this.conversation_id, this.batch, this.attempt FROM inbox_thread AS this"
    " WHERE this.due_at <= :now ORDER BY this.due_at LIMIT 1"
)
_GATHER = sa.text(
    "UPDATE inbox SET batch = :batch WHERE conversation_id = :conversation_id AND state = 'waiting' AND batch = ''"
)
_TAKE = sa.text(
    "UPDATE inbox_thread SET owner = :owner, batch = :batch, attempt = attempt + 1, due_at = :until"
    " WHERE conversation_id = :conversation_id"
)
_TAKE_NEW = sa.text(
    "UPDATE inbox_thread SET owner = :owner, batch = :batch, attempt = 1, due_at = :until, first_at = NULL,"
    " ready_at = NULL WHERE conversation_id = :conversation_id"
)
_READ = sa.text(
    "SELECT data FROM inbox WHERE conversation_id = :conversation_id AND state = 'waiting' AND batch = :batch"
    " ORDER BY number"
)
_OWN = " WHERE conversation_id = :conversation_id AND owner = :owner"
_FAIL = sa.text("UPDATE inbox_thread SET owner = '', due_at = :until" + _OWN)
_RELEASE = sa.text("UPDATE inbox_thread SET owner = '', due_at = :now, attempt = attempt - 1" + _OWN)
_CLOSE = sa.text("UPDATE inbox_thread SET owner = '', batch = '', attempt = 0, due_at = ready_at" + _OWN)
_DONE = sa.text(
    "UPDATE inbox SET state = 'done', data = '' WHERE conversation_id = :conversation_id"
    " AND state = 'waiting' AND batch = :batch"
)
_DEPTH = sa.text("SELECT COUNT(*), MIN(due_at) FROM inbox_thread WHERE due_at IS NOT NULL")
_FORGET = sa.text("DELETE FROM inbox WHERE keep_until < :now AND state <> 'waiting'")
_ADDRESS = sa.text("SELECT address FROM inbox_thread WHERE conversation_id = :conversation_id AND address <> ''")


class SqlInbox:
    """As :class:`pasar.messages.inbox.Inbox` promises."""

    def __init__(self, database: SqlDatabase, *, renew: bool = True) -> None:
        """Use a database. Its threads start with the first message; without ``renew`` claims end with their lease."""
        self._database = database
        self._keeper = keep_rows(database, "inbox_thread") if renew else None
        self._accepting = BatchThread("pasar-inbox", self._accept)
        self._due = sa.text(_DUE + database.skip_locked)
        self._insert = sa.text(_INSERT.format(rows=_ROWS[database.engine.dialect.name]))

    async def accept(self, messages: Sequence[Received], waiting: Waiting) -> list[bool]:
        """Commit together with what else comes in at this moment."""
        fresh: list[bool] = await self._accepting.ask([_describe(message, waiting) for message in messages])
        return fresh

    async def claim(self) -> Batch | None:
        """The conversation that is due longest."""

        def work(connection: sa.engine.Connection) -> Batch | None:
            now = self._database.clock()
            row = connection.execute(self._due, {"now": now}).first()
            if row is None:
                return None
            values = {"conversation_id": row[0], "owner": uuid.uuid4().hex, "until": now + LEASE}
            if row[1]:
                values["batch"] = row[1]
                connection.execute(_TAKE, values)
            else:
                values["batch"] = uuid.uuid4().hex
                connection.execute(_GATHER, values)
                connection.execute(_TAKE_NEW, values)
            found = [decode(Received, json.loads(data)) for (data,) in connection.execute(_READ, values)]
            found.sort(key=lambda message: message.sent_at)  # stable: at the same moment, as they came
            attempt = row[2] + 1 if row[1] else 1
            return Batch(values["batch"], row[0], tuple(found), values["owner"], attempt)

        batch = await self._database.run(work)
        if batch is not None and self._keeper is not None:
            self._keeper.hold([batch.owner])
        return batch

    async def fail(self, batch: Batch, after: float) -> None:
        """Give it back for later."""
        await self._change(_FAIL, batch, until=self._database.clock() + after)

    async def release(self, batch: Batch) -> None:
        """Give it back for now."""
        await self._change(_RELEASE, batch, now=self._database.clock())

    async def finish(self, batch: Batch, outgoing: Sequence[Outgoing]) -> None:
        """Done, in one transaction with what is to be sent."""

        def work(connection: sa.engine.Connection) -> None:
            _change(connection, _CLOSE, batch)
            connection.execute(_DONE, {"conversation_id": batch.conversation_id, "batch": batch.id})
            insert_outgoing(connection, outgoing, self._database.clock())

        await self._end(batch, work)

    async def find_address(self, conversation_id: str) -> Address | None:
        """By the buyer's last message."""
        row = await self._database.run(
            lambda connection: connection.execute(_ADDRESS, {"conversation_id": conversation_id}).first()
        )
        return None if row is None else decode(Address, json.loads(row[0]))

    async def measure(self) -> Depth:
        """How much waits now."""
        count, oldest = await self._database.run(lambda connection: tuple(connection.execute(_DEPTH).one()))
        return Depth(count, max(0.0, self._database.clock() - oldest) if count else 0.0)

    async def forget(self) -> int:
        """Drop what no platform sends again."""
        values = {"now": self._database.clock()}
        return await self._database.run(lambda connection: int(connection.execute(_FORGET, values).rowcount))

    def close(self) -> None:
        """Commit what waits, and hold nothing more."""
        self._accepting.close()
        if self._keeper is not None:
            self._keeper.close()

    async def _change(self, statement: Any, batch: Batch, **values: float) -> None:
        await self._end(batch, lambda connection: _change(connection, statement, batch, **values))

    async def _end(self, batch: Batch, work: Callable[[sa.engine.Connection], None]) -> None:
        # Let go first: a renewal must not come after what ends the claim. Where that fails, the lease ends by itself.
        if self._keeper is not None:
            self._keeper.let_go(batch.owner)
        await self._database.run(work)

    def _accept(self, jobs: Sequence[Job]) -> None:
        rows = [row for job in jobs for row in job.request]
        now = self._database.clock()
        # In one order, so that two processes that accept for the same conversations wait for each other at most once.
        threads = sorted({row["conversation_id"] for row in rows if row["state"] == "waiting"})
        with self._database.write() as connection:
            if threads:
                connection.execute(_OPEN, [{"conversation_id": thread} for thread in threads])
            fresh = {tuple(key) for key in connection.execute(self._insert, {"now": now, "rows": json.dumps(rows)})}
            for job in jobs:
                job.result = [_take(row, fresh) for row in job.request]
            accepted = [row for job in jobs for row, new in zip(job.request, job.result, strict=True) if new]
            if awaited := _await_each(accepted, now):
                connection.execute(_AWAIT, awaited)


def _take(row: Mapping[str, Any], fresh: set[tuple[str, ...]]) -> bool:
    # Of twins in one batch the first is the new one.
    key = (row["channel"], row["account"], row["message_id"])
    is_new = key in fresh
    fresh.discard(key)
    return is_new


def _await_each(rows: Iterable[Mapping[str, Any]], now: float) -> list[dict[str, Any]]:
    """What changes for each conversation, once: all of these came at the same moment."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["state"] == "waiting":
            known = found.get(row["conversation_id"], row)
            found[row["conversation_id"]] = {**row, "now": now, "address": row["address"] or known["address"]}
    return list(found.values())


def _describe(message: Received, waiting: Waiting) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "account": message.account,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "state": "waiting" if message.is_work else "recorded",
        "data": json.dumps(encode(message)),
        "address": json.dumps(encode(Address.of(message))) if message.author is Author.BUYER else "",
        "pause": waiting.pause,
        "most": waiting.most,
        "keep": waiting.keep,
    }


def _change(connection: sa.engine.Connection, statement: Any, batch: Batch, **values: float) -> None:
    own = {"conversation_id": batch.conversation_id, "owner": batch.owner, **values}
    if connection.execute(statement, own).rowcount != 1:
        raise LostLeaseError(batch.conversation_id)
