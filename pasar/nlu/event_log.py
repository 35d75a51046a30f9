"""The table of events: what happened in each conversation, numbered from 0, only ever added to.

One thread writes for the whole process and commits together what waits together; another reads in the same way.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import pathlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from pasar import database
from pasar.batches import BatchThread, Job

VERSION_TABLE = "event_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"
_NEW_SESSION = "type = 'session_started'"  # written out, so that SQLite too uses the partial index

log = structlog.get_logger()
metadata = sa.MetaData()

event = sa.Table(
    "event",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.Float(53), nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("data", sa.Text, nullable=False),  # JSON, as Rasa's own tracker store writes it
    sa.Index(
        "event_session",
        "conversation_id",
        "number",
        sqlite_where=sa.text(_NEW_SESSION),
        postgresql_where=sa.text(_NEW_SESSION),
    ),
)

_asked = event.c.conversation_id.in_(sa.bindparam("asked", expanding=True))
_earlier = event.alias("earlier")
_start = (
    sa.select(sa.func.coalesce(sa.func.max(_earlier.c.number), 0))
    .where(_earlier.c.conversation_id == event.c.conversation_id, sa.text(f"earlier.{_NEW_SESSION}"))
    .scalar_subquery()
)
_ALL = (
    sa.select(event.c.conversation_id, event.c.number, event.c.data)
    .where(_asked)
    .order_by(event.c.conversation_id, event.c.number)
)
_SESSION = _ALL.where(event.c.number >= _start)
_COUNT = sa.select(event.c.conversation_id, sa.func.max(event.c.number) + 1).where(_asked).group_by("conversation_id")
_KEYS = sa.select(event.c.conversation_id).distinct()
_INSERT = sa.insert(event)

Row = dict[str, Any]


class NumberTakenError(RuntimeError):
    """Somebody else has added events to the conversation since they were read."""


class EventLog:
    """The events of all conversations in one database, from any event loop of this process."""

    def __init__(self, url: str) -> None:
        """Open the database, bringing it to the newest version first."""
        upgrade(url)
        self._engine = database.create_engine(url)
        self._writer = BatchThread("pasar-event-writer", self._commit)
        self._reader = BatchThread("pasar-event-reader", self._fetch)

    async def append(self, rows: Sequence[Row]) -> None:
        """Add a conversation's next events; when this returns, a crash of the process cannot lose them.

        SQLite commits into the write-ahead log without waiting for the disk (``synchronous = NORMAL``): what the
        operating system has, a killed process cannot take back; only a power failure may cost the last commits.
        """
        await self._writer.ask(rows)

    async def read(self, conversation_id: str, *, whole: bool = False) -> list[tuple[str, int, str]]:
        """Ids, numbers and JSON of a conversation's events since its last session began, or of all of them."""
        found: list[tuple[str, int, str]] = await self._reader.ask((_ALL if whole else _SESSION, conversation_id))
        return found

    async def count(self, conversation_id: str) -> int:
        """How many events a conversation has."""
        found = await self._reader.ask((_COUNT, conversation_id))
        return int(found[0][1]) if found else 0

    async def list_conversations(self) -> list[str]:
        """Ids of all conversations that have events."""
        return await asyncio.to_thread(self._list)

    def close(self) -> None:
        """Write what waits, then close the database."""
        self._writer.close()
        self._reader.close()
        self._engine.dispose()

    def _list(self) -> list[str]:
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(_KEYS)]

    def _fetch(self, jobs: Sequence[Job]) -> None:
        with self._engine.connect() as connection:
            for query in (_SESSION, _ALL, _COUNT):
                asked = [job for job in jobs if job.request[0] is query]
                if not asked:
                    continue
                found: dict[str, list[Any]] = {}
                for row in connection.execute(query, {"asked": list({job.request[1] for job in asked})}):
                    found.setdefault(row[0], []).append(row)
                for job in asked:
                    job.result = found.get(job.request[1], [])

    def _commit(self, jobs: Sequence[Job]) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(_INSERT, [row for job in jobs for row in job.request])
        except sa.exc.IntegrityError as error:
            if len(jobs) > 1:  # one conversation's trouble is not the others'
                for job in jobs:
                    self._commit([job])
                return
            conversation_id = jobs[0].request[0]["conversation_id"]
            log.error("events.number_taken", conversation=conversation_id)
            jobs[0].error = NumberTakenError(conversation_id)
            jobs[0].error.__cause__ = error
        except Exception as error:
            # Its traceback would show the events; what the database says of itself shows none.
            reason = str(error.orig).strip() if isinstance(error, sa.exc.OperationalError) else ""
            log.error("events.not_stored", saves=len(jobs), error=type(error).__name__, reason=reason)
            for job in jobs:
                job.error = error


@functools.lru_cache(maxsize=8)
def open_log(url: str) -> EventLog:
    """Return this process's log of a database: a model that is loaded anew goes on with the same one."""
    opened = EventLog(url)
    atexit.register(opened.close)
    return opened


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
