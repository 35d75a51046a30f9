"""What becomes of a call when something of our own fails around it."""

from __future__ import annotations

import asyncio
import datetime
import uuid

import pytest
import sqlalchemy as sa

from channels.connector import Account, Capabilities
from channels.sender import Sender
from pasar.buyers.consents import Standing
from pasar.messages.model import Address, Reply
from pasar.messages.outbox import Outgoing
from tests.messages.databases import make_sqlite, open_store


class Platform:
    """Takes everything."""

    name = "line"
    account = Account("main", "stylehub", {})
    capabilities = Capabilities(documented="", text_limit=100)

    def __init__(self):
        self.taken = []

    async def send(self, sending):
        self.taken.append(sending)
        return []


class Conversations:
    """Nobody but the bot speaks; asking that fails so many times."""

    def __init__(self, failures):
        self.failures = failures

    def get(self, conversation_id, *, fresh):
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")


@pytest.mark.parametrize("step", ["before", "after"])
async def test_a_call_around_which_a_database_fails_is_not_held_for_ever(tmp_path, monkeypatch, step):
    """Its claim was renewed as long as the process lived, and the conversation was stuck until then."""
    platform = Platform()
    with open_store(make_sqlite(tmp_path), renew=True) as store:
        now = datetime.datetime.now(datetime.timezone.utc)
        to = Address("main", "stylehub", "ana", "ana", now)
        await store.outbox.put([Outgoing(uuid.uuid4().hex, "line:main:ana", "line", to, (Reply("a"),))])
        conversations = Conversations(int(step == "before"))
        if step == "after":
            mark_sent = store.outbox.mark_sent

            async def fail_once(claimed, message_ids):
                monkeypatch.setattr(store.outbox, "mark_sent", mark_sent)
                raise ConnectionError("the database is away")

            monkeypatch.setattr(store.outbox, "mark_sent", fail_once)
        sender = Sender(store.outbox, {("line", "main"): platform}, lambda: conversations, lambda *_: Standing())
        running = asyncio.ensure_future(sender.run())
        try:
            await asyncio.wait_for(until_sent(store), 60)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await sender.drain(5)
    # Only what may have been taken is uncertain.
    assert ([False] if step == "before" else [False, True]) == [sending.uncertain for sending in platform.taken]


async def until_sent(store):
    query = sa.text("SELECT state FROM outbox")
    with store.database.engine.connect() as connection:
        while connection.execute(query).scalar() != "sent":
            await asyncio.sleep(0.05)
