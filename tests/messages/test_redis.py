"""The inbox in a real Redis, beside an outbox in SQLite."""

from __future__ import annotations

import asyncio

import pytest
import redis

from pasar.messages.inbox import LostLeaseError
from pasar.messages.redis_inbox import RedisReception
from pasar.messages.redis_server import UnsafeServerError, find_partition
from tests.messages.contract import WAITING, Clock, InboxContract, answer, ids, write
from tests.messages.databases import empty_redis, make_sqlite, open_store, redis_server
from tests.messages.servers import Redis

__all__ = ["empty_redis", "redis_server"]

TOO_LATE = 3601  # seconds after which the platform sends nothing again


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, empty_redis, clock):
    with open_store(make_sqlite(tmp_path), clock, inbox_url=empty_redis) as store:
        yield store


class TestRedis(InboxContract):
    pass


async def sent(store):
    """What the outbox gives out, in order."""
    found = []
    while claimed := await store.outbox.claim(10):
        for item in claimed:
            found.append(item.sending.reply.text)
            await store.outbox.mark_sent(item, [])
    return found


class Dead(BaseException):
    """The process is killed here."""


@pytest.mark.parametrize("step", ["renew", "put", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_while_a_batch_is_finished_costs_and_doubles_nothing(store, monkeypatch, step, when):
    await store.inbox.accept([write(1)], WAITING)
    await store.inbox.accept([write(2, "budi")], WAITING)
    store.clock.pass_by(2)
    batch = await store.inbox.claim()
    # What asks the servers, in turn: whose is it, replies into the outbox, done.
    place = {"renew": store.inbox._server, "finish": store.inbox._server, "put": store.outbox}[step]
    name = "put" if step == "put" else "run"
    true = getattr(place, name)

    async def put(outgoing):
        if when == "after":
            await true(outgoing)
        raise Dead

    def run(script, *arguments):
        if script != step:
            return true(script, *arguments)
        if when == "after":
            true(script, *arguments)
        raise Dead

    with monkeypatch.context() as patch:
        patch.setattr(place, name, put if step == "put" else run)
        with pytest.raises(Dead):
            await store.inbox.finish(batch, answer(batch, "a", "b"))
    store.clock.pass_by(25)
    # The next owner says it in other words: one of the answers counts, whole.
    batches = []
    while (again := await store.inbox.claim()) is not None:
        batches.append(again)
        await store.inbox.finish(again, answer(again, "c", "d", "e") if again.id == batch.id else [])
    was_put = (step, when) in {("put", "after"), ("finish", "before"), ("finish", "after")}
    assert (["a", "b"] if was_put else ["c", "d", "e"]) == await sent(store)
    was_done = (step, when) == ("finish", "after")
    assert ([["2"]] if was_done else [["1"], ["2"]]) == sorted(map(ids, batches))
    assert was_done or (batch.id, 2) in {(again.id, again.attempt) for again in batches}
    assert 0 == (await store.inbox.measure()).conversations


async def test_who_has_lost_a_batch_puts_nothing(store):
    await store.inbox.accept([write(1)], WAITING)
    store.clock.pass_by(2)
    late = await store.inbox.claim()
    store.clock.pass_by(25)
    await store.inbox.claim()
    with pytest.raises(LostLeaseError):
        await store.inbox.finish(late, answer(late, "late"))
    assert [] == await sent(store)


async def test_nothing_is_given_out_while_the_outbox_is_away(store, monkeypatch):
    """It would be tried in vain, and after a few times given up."""
    await store.inbox.accept([write(1)], WAITING)
    store.clock.pass_by(2)

    async def fail():
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(store.outbox, "ping", fail)
        for _ in range(10):
            with pytest.raises(ConnectionError):
                await store.inbox.claim()
    assert 1 == (await store.inbox.claim()).attempt


async def test_what_was_accepted_outlives_the_server(tmp_path, clock):
    """kill -9 of Redis: waiting, claimed and done messages are what they were."""
    with Redis() as server, open_store(make_sqlite(tmp_path), clock, inbox_url=server.url) as store:
        await store.inbox.accept([write(n, str(n)) for n in range(30)], WAITING)
        clock.pass_by(2)
        for _ in range(10):
            batch = await store.inbox.claim()
            await store.inbox.finish(batch, answer(batch, batch.messages[0].message_id))
        held = await store.inbox.claim()
        await asyncio.to_thread(server.kill)
        with pytest.raises(redis.ConnectionError):
            await store.inbox.accept([write(100)], WAITING)
        with pytest.raises(redis.ConnectionError):
            await store.inbox.claim()
        await asyncio.to_thread(server.begin)
        assert [False] * 30 == await store.inbox.accept([write(n, str(n)) for n in range(30)], WAITING)
        assert 20 == (await store.inbox.measure()).conversations
        await store.inbox.finish(held, answer(held, held.messages[0].message_id))
        while (batch := await store.inbox.claim()) is not None:
            await store.inbox.finish(batch, answer(batch, batch.messages[0].message_id))
        assert sorted(map(str, range(30))) == sorted(await sent(store))


async def test_a_server_that_is_not_there_yet_is_waited_for(tmp_path, clock):
    with Redis() as server:
        server.kill()
        with open_store(make_sqlite(tmp_path), clock, inbox_url=server.url) as store:
            with pytest.raises(redis.ConnectionError):
                await store.inbox.accept([write(1)], WAITING)
            await asyncio.to_thread(server.begin)
            assert [True] == await store.inbox.accept([write(1)], WAITING)


@pytest.mark.parametrize(
    "settings",
    [
        ("--appendonly", "no"),
        ("--appendonly", "yes", "--appendfsync", "everysec"),
        ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"),
    ],
)
async def test_a_server_that_forgets_is_refused(settings, clock):
    with Redis(*settings) as server:
        inbox = RedisReception(server.url, clock)
        with pytest.raises(UnsafeServerError):
            await inbox.accept([write(1)], WAITING)
        inbox.close()


async def test_a_server_that_does_not_tell_its_settings_is_trusted(clock):
    with Redis("--appendonly", "yes", "--rename-command", "CONFIG", "") as server:
        inbox = RedisReception(server.url, clock)
        assert [True] == await inbox.accept([write(1)], WAITING)
        inbox.close()


async def test_an_id_is_known_as_long_as_its_platform_may_send_it(store):
    """From when it came, whether it is answered or recorded."""
    await store.inbox.accept([write(1), write(2, author=write(0).author.BOT)], WAITING)
    store.clock.pass_by(1800)
    await store.inbox.finish(await store.inbox.claim(), [])
    store.clock.pass_by(1799)
    assert 0 == await store.inbox.forget()
    assert [False, False] == await store.inbox.accept([write(1), write(2)], WAITING)
    store.clock.pass_by(2)
    assert 2 == await store.inbox.forget()
    assert [True, True] == await store.inbox.accept([write(1), write(2)], WAITING)


async def test_nothing_is_kept_of_what_is_done_but_the_address(store, empty_redis):
    await store.inbox.accept([write(n, str(n)) for n in range(10)], WAITING)
    store.clock.pass_by(2)
    while (batch := await store.inbox.claim()) is not None:
        await store.inbox.finish(batch, [])
    store.clock.pass_by(TOO_LATE)
    await store.inbox.forget()
    with redis.Redis.from_url(empty_redis, decode_responses=True) as client:
        keys = client.keys("*")
        threads = [key for key in keys if ":thread:" in key]
        assert [["address"]] * 10 == [client.hkeys(key) for key in threads]
        streams = [key for key in keys if key.endswith(":messages")]
        assert {*threads, *streams} == set(keys)
        assert {0} == {client.xlen(key) for key in streams}


def test_partitions_never_move():
    """What waits is found by a newer version of Pasar too."""
    found = [find_partition(f"line:main:U{number}") for number in range(1000)]
    assert [43, 61, 7] == found[:3]
    assert set(range(64)) == set(found)
