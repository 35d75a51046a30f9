"""Opening a database, and bringing the tables of one part of Pasar in it up to date."""

from __future__ import annotations

import contextlib
import fcntl
import pathlib
from collections.abc import Iterator
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa

_UPGRADE_LOCK = 0x7061736172  # any number that is ours: PostgreSQL's advisory lock


def create_engine(url: str) -> sa.engine.Engine:
    """Open a database; SQLite in write-ahead mode, so that readers never wait for a writer."""
    address = sa.engine.make_url(url)
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address, pool_pre_ping=True, hide_parameters=True)
    pathlib.Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
    # A pool lends a connection to one thread at a time, so SQLite's own check would only forbid the reuse.
    engine = sa.create_engine(
        address,
        poolclass=sa.pool.QueuePool,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # an error is logged, and logs hold no buyer's data
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine


@contextlib.contextmanager
def write(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    """A transaction that may write from its first statement on: on SQLite it is the only one that writes."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def upgrade(url: str, migrations: pathlib.Path) -> None:
    """Bring the tables of a folder of migrations to the newest version; processes that start together take turns."""
    engine = create_engine(url)
    try:
        with _one_at_a_time(engine), engine.connect() as connection:
            config = alembic.config.Config()
            config.set_main_option("script_location", str(migrations).replace("%", "%%"))
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
    finally:
        engine.dispose()


@contextlib.contextmanager
def _one_at_a_time(engine: sa.engine.Engine) -> Iterator[None]:
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_lock(_UPGRADE_LOCK)))
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_UPGRADE_LOCK)))
        return
    with pathlib.Path(f"{engine.url.database}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
