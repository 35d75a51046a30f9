"""The gate's spool: nothing of it is lost while the inbox is away, and it goes on in order."""

from __future__ import annotations

import asyncio
import pathlib
import sqlite3
import subprocess
import sys
import time

import pytest
import sqlalchemy.exc

from pasar.messages.inbox import Depth
from pasar.messages.spool import Spool, SpoolInUseError
from tests.messages.contract import NOW, WAITING, write
from tests.messages.databases import make_sqlite, open_store

MOST_SECONDS = 60.0
ROOT = pathlib.Path(__file__).resolve().parents[2]
# Keeps messages and is killed before it carries any on.
KEEPER = """
import asyncio, os, pathlib, sys
from pasar.messages.spool import Spool
from tests.messages.contract import WAITING, write

async def keep():
    spool = Spool(pathlib.Path(sys.argv[1]), lambda: None)
    await spool.accept([write(number) for number in range(3)], WAITING)
    os.kill(os.getpid(), 9)

asyncio.run(keep())
"""


class Inbox:
    """An inbox that fails as it is told."""

    def __init__(self, failures=(), refused=()):
        self.failures = list(failures)
        self.refused = set(refused)
        self.taken = []

    async def accept(self, messages, waiting):
        if self.failures:
            raise self.failures.pop(0)
        if any(message.message_id in self.refused for message in messages):
            raise sqlalchemy.exc.DataError("INSERT", {}, ValueError("too long"))
        self.taken += [(message, waiting) for message in messages]
        return [True] * len(messages)

    async def measure(self):
        return Depth(0, 0.0)

    def close(self):
        self.closed = True


async def wait_until(is_so):
    until = time.monotonic() + MOST_SECONDS
    while not is_so():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


async def wait_until_carried(spool):
    until = time.monotonic() + MOST_SECONDS
    while await spool.measure():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool" / "5006.db"


async def test_messages_are_carried_on_whole_and_in_order(path):
    inbox = Inbox()
    spool = Spool(path, lambda: inbox)
    spool.start()
    messages = [write(number, thread=f"t{number % 7}", text="ค่ะ 👍") for number in range(1200)]
    kept = await asyncio.gather(*(spool.accept(messages[at : at + 3], WAITING) for at in range(0, 1200, 3)))
    assert all(all(fresh) for fresh in kept)
    await wait_until_carried(spool)
    assert [(message, WAITING) for message in messages] == inbox.taken
    await spool.close()
    assert inbox.closed


async def test_a_killed_gate_loses_nothing_of_what_it_had_kept(path, tmp_path):
    code = subprocess.run([sys.executable, "-c", KEEPER, path], cwd=ROOT, check=False).returncode  # noqa: ASYNC221
    assert -9 == code
    with open_store(make_sqlite(tmp_path)) as store:
        spool = Spool(path, lambda: store.inbox)
        spool.start()
        await wait_until_carried(spool)
        assert [False] * 3 == await store.inbox.accept([write(number) for number in range(3)], WAITING)
        await spool.close()


async def test_an_inbox_that_cannot_be_opened_yet_is_tried_again(path):
    inbox, tries = Inbox(), []

    def open_inbox():
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError
        return inbox

    spool = Spool(path, open_inbox)
    spool.start()
    await spool.accept([write(1)], WAITING)
    await wait_until(lambda: inbox.taken)
    assert 3 == len(tries)
    await spool.close()


async def test_an_inbox_that_is_away_gets_all_when_it_is_back(path):
    inbox = Inbox([sqlalchemy.exc.OperationalError("INSERT", {}, ConnectionError()), ConnectionError()])
    spool = Spool(path, lambda: inbox)
    spool.start()
    for number in range(3):
        await spool.accept([write(number)], WAITING)
    await wait_until_carried(spool)
    assert ["0", "1", "2"] == [message.message_id for message, _ in inbox.taken]
    await spool.close()


async def test_a_message_that_the_inbox_refuses_does_not_stop_the_others_and_is_kept(path):
    inbox = Inbox(refused=["1"])
    spool = Spool(path, lambda: inbox)
    await spool.accept([write(number) for number in range(3)], WAITING)
    spool.start()
    await wait_until_carried(spool)
    assert ["0", "2"] == [message.message_id for message, _ in inbox.taken]
    await spool.close()
    with sqlite3.connect(path) as file:
        assert [("DataError",)] == file.execute("SELECT refused FROM message").fetchall()


async def test_two_gates_do_not_share_a_spool(path):
    spool = Spool(path, Inbox)
    with pytest.raises(SpoolInUseError, match="spool of its own"):
        Spool(path, Inbox)
    await spool.close()


async def test_moments_come_through_to_the_microsecond(path):
    inbox = Inbox()
    spool = Spool(path, lambda: inbox)
    await spool.accept([write(1, sent_at=NOW.replace(microsecond=123456))], WAITING)
    spool.start()
    await wait_until_carried(spool)
    [(message, _)] = inbox.taken
    assert 123456 == message.sent_at.microsecond
    await spool.close()
