"""Stores for tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import pathlib
import time
import types
import uuid
from collections.abc import Iterator

import sqlalchemy as sa

from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_inbox import SqlInbox
from pasar.messages.sql_outbox import SqlOutbox


def make_sqlite(folder: pathlib.Path) -> str:
    """The URL of a new database."""
    return f"sqlite:///{folder / 'messages.db'}"


def make_postgresql(server: str) -> str:
    """The URL of a new database on a server."""
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server.rpartition('/')[0]}/{name}"


@contextlib.contextmanager
def open_store(url: str, clock=time.time, *, renew=False) -> Iterator[types.SimpleNamespace]:
    """Inbox and outbox of a database."""
    database = SqlDatabase(url, clock)
    inbox, outbox = SqlInbox(database, renew=renew), SqlOutbox(database, renew=renew)
    yield types.SimpleNamespace(inbox=inbox, outbox=outbox, clock=clock, url=url)
    inbox.close()
    outbox.close()
    database.close()
