"""Several processes on one store: SQLite, PostgreSQL, and Redis beside SQLite."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.commerce.platforms.databases import postgresql
from tests.messages.contract import WAITING, Clock, OutboxContract, ids, write
from tests.messages.databases import empty_redis, make_postgresql, make_sqlite, open_store, redis_server

__all__ = ["empty_redis", "postgresql", "redis_server"]


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def places(request, tmp_path):
    """Where stores are: arguments of ``open_store``."""
    if request.param == "postgresql":
        return {"url": make_postgresql(request.getfixturevalue("postgresql"))}
    if request.param == "redis":
        return {"url": make_sqlite(tmp_path), "inbox_url": request.getfixturevalue("empty_redis")}
    return {"url": make_sqlite(tmp_path)}


@pytest.fixture
def stores(places):
    """Two stores on one database, as of two processes."""
    clock = Clock()
    with contextlib.ExitStack() as opened:
        yield [opened.enter_context(open_store(**places, clock=clock)) for _ in range(2)]


async def test_the_same_call_at_two_processes_is_accepted_once(stores):
    messages = [[write(f"{n}-{thread}", str(thread)) for thread in range(7)] for n in range(20)]
    found = await asyncio.gather(*(store.inbox.accept(call, WAITING) for call in messages for store in stores))
    assert 140 == sum(sum(fresh) for fresh in found)


async def test_two_processes_claim_each_conversation_once(stores):
    await stores[0].inbox.accept([write(n, str(n)) for n in range(50)], WAITING)
    stores[0].clock.pass_by(2)
    batches = await asyncio.gather(*(stores[n % 2].inbox.claim() for n in range(60)))
    found = [ids(batch)[0] for batch in batches if batch is not None]
    # A claim may pass over what another one is just taking: what is left is claimed at the next look.
    while (batch := await stores[0].inbox.claim()) is not None:
        found += ids(batch)
    assert sorted(map(str, range(50))) == sorted(found)


async def test_two_senders_claim_each_call_once(stores):
    contract = OutboxContract()
    for number in range(50):
        await contract.fill(stores[0], "a", thread=str(number))
    claimed = await asyncio.gather(*(stores[n % 2].outbox.claim(5) for n in range(16)))
    found = [item.number for items in claimed for item in items]
    while items := await stores[1].outbox.claim(50):
        found += [item.number for item in items]
    assert (50, 50) == (len(found), len(set(found)))


class Renewals:
    """Counts them."""

    def __init__(self, keeper):
        self.count = 0
        self._renew, keeper._renew = keeper._renew, self

    def __call__(self, claim):
        self._renew(claim)
        self.count += 1

    async def wait(self):
        """Until one has begun and ended after now."""
        wanted = self.count + 2
        while self.count < wanted:
            await asyncio.sleep(0.01)


async def test_what_a_living_process_holds_is_not_taken(places, monkeypatch):
    """Its event loop may be as busy as it will; when it ends, its claims end with their lease."""
    monkeypatch.setattr("pasar.messages.leases.EVERY", 0.02)
    clock = Clock()
    with open_store(**places, clock=clock) as other:
        with open_store(**places, clock=clock, renew=True) as store:
            await store.inbox.accept([write(1)], WAITING)
            await OutboxContract().fill(store, "a", thread="budi")
            clock.pass_by(2)
            batch, (claimed,) = await store.inbox.claim(), await store.outbox.claim(1)
            renewals = [Renewals(part._keeper) for part in (store.inbox, store.outbox)]
            for _ in range(10):
                clock.pass_by(15)
                await asyncio.wait_for(asyncio.gather(*(kept.wait() for kept in renewals)), 60)
            assert await other.inbox.claim() is None
            assert [] == await other.outbox.claim(1)
        clock.pass_by(25)
        assert batch.id == (await other.inbox.claim()).id
        assert claimed.number == (await other.outbox.claim(1))[0].number
