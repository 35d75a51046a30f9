"""Which inbox an installation has: in its database, or in Redis (PASAR_INBOX)."""

from __future__ import annotations

from pasar.messages.inbox import Inbox, Reception
from pasar.messages.outbox import Outbox
from pasar.messages.redis_inbox import RedisInbox, RedisReception
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_inbox import SqlInbox


def open_inbox(address: str, database: SqlDatabase, outbox: Outbox) -> Inbox:
    """The inbox at ``address`` (a URL of Redis), else in the database; ``outbox`` is in the database."""
    return RedisInbox(address, outbox, database.clock) if address else SqlInbox(database)


def open_reception(address: str, url: str) -> Reception:
    """Where messages come in, for a process that only receives; with Redis it needs no database."""
    return RedisReception(address) if address else _SqlReception(url)


class _SqlReception(SqlInbox):
    """An inbox with a database of its own."""

    def __init__(self, url: str) -> None:
        self._own = SqlDatabase(url)
        super().__init__(self._own)

    def close(self) -> None:
        """The database too."""
        super().close()
        self._own.close()
