"""Inbox and outbox on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.commerce.platforms.databases import postgresql
from tests.messages.contract import Clock, InboxContract, OutboxContract
from tests.messages.databases import make_postgresql, make_sqlite, open_store

__all__ = ["postgresql"]


class TestSqlite(InboxContract, OutboxContract):
    @pytest.fixture
    def store(self, tmp_path):
        with open_store(make_sqlite(tmp_path), Clock()) as store:
            yield store


class TestPostgresql(InboxContract, OutboxContract):
    @pytest.fixture
    def store(self, postgresql):
        with open_store(make_postgresql(postgresql), Clock()) as store:
            yield store
