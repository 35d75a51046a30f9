"""The spool: what a gate has taken in and not yet brought to the inbox, in an SQLite file of the gate's own.

The inbox's database is shared, and now and then it is busy, restarting or away. Platforms wait for no database: a message
is safe as soon as it is in this file, and is carried on from there, in order. What is carried on twice, since the gate
died in between, the inbox drops as it drops what a platform sends twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import pathlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy.exc
import structlog

from pasar.batches import BatchThread, Job
from pasar.commerce.rows import decode, encode
from pasar.messages.inbox import Reception, Waiting
from pasar.messages.model import Received

TOGETHER = 32  # messages carried on at once; while they are read, no call is answered
GATHERING = 0.05  # seconds in which more may come, so that it is carried on together; buyers' pauses are far longer
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds until the next try where the inbox takes nothing

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS message ("
    "number INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT NOT NULL, waiting TEXT NOT NULL, refused TEXT NOT NULL DEFAULT '')"
)
_KEEP = "INSERT INTO message (data, waiting) VALUES (?, ?)"
_NEXT = "SELECT number, data, waiting FROM message WHERE refused = '' ORDER BY number LIMIT ?"
_DROP = "DELETE FROM message WHERE number = ?"
_REFUSE = "UPDATE message SET refused = ? WHERE number = ?"
_COUNT = "SELECT COUNT(*) FROM message WHERE refused = ''"

Row = tuple[int, str, str]

log = structlog.get_logger()


class SpoolInUseError(RuntimeError):
    """Another process has this spool: each gate needs a file of its own."""


class Spool:
    """Keeps messages, and carries them on to an inbox."""

    def __init__(self, path: pathlib.Path, open_inbox: Callable[[], Reception]) -> None:
        """Open the file, or make it; SpoolInUseError. :meth:`start` begins to carry on, also what is in it already.

        ``open_inbox`` is called in a thread, and again where it fails: its database may be away when the gate begins.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open_inbox = open_inbox
        self._inbox: Reception | None = None
        self._file = _open(path)
        self._thread = BatchThread("pasar-spool", self._work)
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def accept(self, messages: Sequence[Received], waiting: Waiting) -> list[bool]:
        """Keep them; whether one has come before, only the inbox will know."""
        like = json.dumps(encode(waiting))
        rows = [(json.dumps(encode(message)), like) for message in messages]
        await self._write(_KEEP, rows)
        self._more.set()
        return [True] * len(rows)

    async def measure(self) -> int:
        """How many messages the inbox has not got yet."""
        count: int = await self._thread.ask(lambda file: file.execute(_COUNT).fetchone()[0])
        return count

    def start(self) -> None:
        """Begin to carry on, in the running loop."""
        self._task = asyncio.ensure_future(self._run())

    async def close(self) -> None:
        """Carry nothing on any more, and close the inbox too; what is left stays in the file."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._thread.close)
        if self._inbox is not None:
            await asyncio.to_thread(self._inbox.close)
        self._file.close()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._more.clear()
            try:
                if self._inbox is None:
                    self._inbox = await asyncio.to_thread(self._open_inbox)
                if not await self._carry_on(self._inbox):
                    await self._more.wait()
                    await asyncio.sleep(GATHERING)
                pause = FIRST_PAUSE
            except Exception as error:
                log.error("spool.inbox.failed", error=type(error).__name__, again=pause)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)

    async def _carry_on(self, inbox: Reception) -> bool:
        """The oldest messages; False where there are no more."""
        rows: list[Row] = await self._thread.ask(lambda file: file.execute(_NEXT, [TOGETHER]).fetchall())
        # Messages of a conversation are of one platform, and wait alike: their order is kept.
        for like in dict.fromkeys(waiting for _, _, waiting in rows):
            await self._give(inbox, [row for row in rows if row[2] == like])
        return len(rows) == TOGETHER

    async def _give(self, inbox: Reception, rows: Sequence[Row]) -> None:
        waiting = decode(Waiting, json.loads(rows[0][2]))
        try:
            await inbox.accept([decode(Received, json.loads(data)) for _, data, _ in rows], waiting)
        except (sqlalchemy.exc.DataError, sqlalchemy.exc.IntegrityError, ValueError, TypeError) as error:
            if len(rows) > 1:
                for row in rows:  # one of them cannot be kept, and must not stop the others
                    await self._give(inbox, [row])
                return
            log.error("spool.message.refused", number=rows[0][0], error=type(error).__name__)
            await self._write(_REFUSE, [(type(error).__name__, rows[0][0])])
            return
        await self._write(_DROP, [(number,) for number, _, _ in rows])

    async def _write(self, statement: str, rows: Sequence[Sequence[str | int]]) -> None:
        def work(file: sqlite3.Connection) -> None:  # a cursor must not leave the thread: ending one is a call too
            file.executemany(statement, rows)

        await self._thread.ask(work)

    def _work(self, jobs: Sequence[Job]) -> None:
        with _transaction(self._file):
            for job in jobs:
                do: Callable[[sqlite3.Connection], Any] = job.request
                job.result = do(self._file)


def _open(path: pathlib.Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=2.0, isolation_level=None, check_same_thread=False)
    try:
        # One process's own: no other one is asked before each step. FULL: on the disk before it is acknowledged.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        with _transaction(file):
            file.execute(_SCHEMA)
    except sqlite3.OperationalError as error:
        file.close()
        raise SpoolInUseError(f"{path}: {error}; each gate needs a spool of its own (--spool)") from error
    return file


@contextlib.contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")
