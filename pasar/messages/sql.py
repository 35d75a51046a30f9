"""Inbox and outbox in an SQL database: SQLite, or PostgreSQL where there are several processes or much to do.

What is accepted at the same time is committed together. Every other step is a transaction of its own. On PostgreSQL
claims pass over what others hold (``SKIP LOCKED``); on SQLite there is one writer at a time anyway.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import sqlalchemy as sa

from pasar import database
from pasar.messages.schema import upgrade

Result = TypeVar("Result")
THREADS = 4


class SqlDatabase:
    """The database of inbox and outbox, brought to its newest version."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        """``clock``: seconds since 1970, of which all times here are."""
        upgrade(url)
        self.engine = database.create_engine(url)
        self.clock = clock
        self.lock = threading.Lock()
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        #: What ends a query for a row that others shall pass over.
        self.skip_locked = "" if self.is_sqlite else " FOR UPDATE OF this SKIP LOCKED"
        self._threads = concurrent.futures.ThreadPoolExecutor(THREADS, "pasar-messages")

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.engine.Connection]:
        """A transaction that may write from its first statement on."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        # A process's own writers queue here: SQLite would let them look again in pauses that grow.
        with self.lock, self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    async def run(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        """Do ``work`` in a transaction, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    async def read(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        """Look, in a thread, at what is committed; holds up nobody who writes, however long it takes."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)

    def close(self) -> None:
        """End the threads, then close the database."""
        self._threads.shutdown()
        self.engine.dispose()

    def _run(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        with self.write() as connection:
            return work(connection)

    def _read(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        with self.engine.connect() as connection:
            return work(connection)
