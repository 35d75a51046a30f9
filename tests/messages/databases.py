"""Stores for tests, on SQLite, on PostgreSQL and on Redis."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import time
import types
import uuid
from collections.abc import Iterator

import pytest
import redis
import sqlalchemy as sa

from pasar.messages.redis_inbox import RedisInbox
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_inbox import SqlInbox
from pasar.messages.sql_outbox import SqlOutbox
from tests.messages.servers import Redis


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


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A server that runs for all tests."""
    if shutil.which("redis-server") is None:
        pytest.fail(
            "there is no Redis server on this machine; launch/setup.sh --tests installs it, or: apt-get install redis-server"
        )
    with Redis() as server:
        yield server


@pytest.fixture
def empty_redis(redis_server: Redis) -> str:
    """The URL of the server, with nothing in it."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@contextlib.contextmanager
def open_store(url: str, clock=time.time, *, renew=False, inbox_url: str = "") -> Iterator[types.SimpleNamespace]:
    """The outbox of a database, and the inbox there or in Redis."""
    database = SqlDatabase(url, clock)
    outbox = SqlOutbox(database, renew=renew)
    inbox = RedisInbox(inbox_url, outbox, clock, renew=renew) if inbox_url else SqlInbox(database, renew=renew)
    yield types.SimpleNamespace(inbox=inbox, outbox=outbox, clock=clock, url=url, database=database)
    inbox.close()
    outbox.close()
    database.close()
