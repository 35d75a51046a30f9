"""The gate with its inbox in Redis: it needs no database, and what it cannot keep it refuses."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import time

import pytest

from channels.connector import Call
from channels.gate import Gate
from channels.platforms import read_accounts
from channels.receiver import receive
from tests.channels.bots import sign, write_text
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import SECRET
from tests.messages.databases import make_sqlite, open_store
from tests.messages.servers import Redis

NO_DATABASE = "postgresql://pasar@127.0.0.1:1/none"


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no Redis server on this machine")
async def test_what_comes_in_is_the_bots_to_answer(tmp_path):
    settings = {"shop": "stylehub", "secret": SECRET, "token": TOKEN}
    accounts = read_accounts({"line": {"main": settings}})
    line = LineServer()  # only knows reply tokens here

    def call(text):
        body = write_text(line, "U1", text)
        return Call("POST", "", sign(body), body)

    first = call("m0")
    with Redis() as server:
        gate = Gate(accounts, NO_DATABASE, server.url)
        connector = gate.find("line", "main")
        forged = dataclasses.replace(first, headers={"x-line-signature": "wrong"})
        assert 401 == (await receive(connector, gate.inbox, forged)).status
        assert [200, 200] == [(await receive(connector, gate.inbox, first)).status for _ in range(2)]
        await asyncio.to_thread(server.kill)
        assert 503 == (await receive(connector, gate.inbox, call("m1"))).status
        await asyncio.to_thread(server.begin)
        assert 200 == (await receive(connector, gate.inbox, call("m1"))).status
        assert 1 == (await gate.inbox.measure()).conversations
        await gate.close()
        with open_store(make_sqlite(tmp_path), lambda: time.time() + 60, inbox_url=server.url) as store:
            batch = await store.inbox.claim()
            assert ["m0", "m1"] == [message.text for message in batch.messages]
