"""The gate acknowledges what it has kept, whatever becomes of the inbox, and refuses what is forged."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import time

import pytest

from channels.connector import Call
from channels.gate import Gate, StreamComments
from channels.platforms import read_accounts
from channels.receiver import receive
from pasar.messages.opening import open_reception
from pasar.messages.spool import Spool
from tests.channels.bots import sign, write_text
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import SECRET
from tests.messages.databases import make_sqlite, open_store, redis_server
from tests.messages.servers import Redis

__all__ = ["redis_server"]

NO_DATABASE = "postgresql://pasar@127.0.0.1:1/none"
MOST_SECONDS = 60.0


@pytest.fixture
def open_gate(tmp_path):
    """A gate before an inbox."""
    accounts = read_accounts({"line": {"main": {"shop": "stylehub", "secret": SECRET, "token": TOKEN}}})

    def open_gate(inbox, url=NO_DATABASE):
        spool = Spool(tmp_path / "spool.db", functools.partial(open_reception, inbox, url))
        spool.start()
        return Gate(accounts, spool, StreamComments(url))

    return open_gate


LINE = LineServer()  # only knows reply tokens here


def call(text):
    body = write_text(LINE, "U1", text)
    return Call("POST", "", sign(body), body)


async def take(gate, *calls):
    connector = gate.find("line", "main")
    return [(await receive(connector, gate.intake, one)).status for one in calls]


async def wait_until_carried(gate):
    until = time.monotonic() + MOST_SECONDS
    while await gate.intake.measure():
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


async def test_redis_may_be_killed_meanwhile(open_gate, tmp_path, redis_server):
    with Redis() as server:
        gate = open_gate(server.url)
        first = call("m0")
        forged = dataclasses.replace(first, headers={"x-line-signature": "wrong"})
        assert [401, 200, 200] == await take(gate, forged, first, first)
        await wait_until_carried(gate)
        await asyncio.to_thread(server.kill)
        assert [200] == await take(gate, call("m1"))
        await asyncio.to_thread(server.begin)
        await wait_until_carried(gate)
        await gate.close()
        with open_store(make_sqlite(tmp_path), lambda: time.time() + 60, inbox_url=server.url) as store:
            batch = await store.inbox.claim()
            assert ["m0", "m1"] == [message.text for message in batch.messages]


async def test_a_database_that_is_away_costs_no_message_and_no_time(open_gate, tmp_path):
    gate = open_gate("", NO_DATABASE)
    assert [200, 200] == await take(gate, call("m0"), call("m1"))
    assert 2 == await gate.intake.measure()
    await gate.close()
    url = make_sqlite(tmp_path)
    gate = open_gate("", url)  # begun again, and now it is there
    await wait_until_carried(gate)
    await gate.close()
    with open_store(url, lambda: time.time() + 60) as store:
        batch = await store.inbox.claim()
        assert ["m0", "m1"] == [message.text for message in batch.messages]
