"""Two processes on one store: nothing twice, nothing stuck. PostgreSQL, and Redis beside PostgreSQL."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from benchmark.faults.run import judge
from tests.channels.bots import Bot, deliver, post, read_answers, write_text
from tests.channels.line_server import LineServer
from tests.commerce.platforms.databases import postgresql
from tests.messages.databases import empty_redis, make_postgresql, open_store, redis_server
from tests.messages.servers import Redis

__all__ = ["empty_redis", "postgresql", "redis_server"]

PATIENCE = 120  # seconds without an answer
CONVERSATIONS = 1000


class Pair:
    """Two bots, and the platform that they answer to."""

    def __init__(self, line, bots, client, database, inbox):
        self.line = line
        self.bots = bots
        self.client = client
        self.database = database
        self.inbox = inbox

    async def wait(self, wanted):
        """Until everything is answered and nothing more can be said; the answers."""
        best, since = 0, time.monotonic()
        with open_store(self.database, inbox_url=self.inbox) as store:
            while time.monotonic() - since < PATIENCE:
                await asyncio.sleep(0.2)
                found = read_answers(self.line)
                count = sum(map(len, found.values()))
                if count > best:
                    best, since = count, time.monotonic()
                if count >= wanted and not await self.count_waiting(store):
                    break
        return read_answers(self.line)

    async def count_waiting(self, store):
        query = sa.text("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
        with store.database.engine.connect() as connection:
            calls = connection.execute(query).scalar()
        return calls + (await store.inbox.measure()).conversations


@pytest_asyncio.fixture(params=["postgresql", "redis"])
async def pair(request):
    database = make_postgresql(request.getfixturevalue("postgresql"))
    inbox = request.getfixturevalue("empty_redis") if request.param == "redis" else ""
    async with LineServer() as line, httpx.AsyncClient(limits=httpx.Limits(max_connections=50)) as client:
        bots = [Bot(database, line.base_url, inbox=inbox) for _ in range(2)]
        try:
            await asyncio.gather(*(bot.begin() for bot in bots))
            yield Pair(line, bots, client, database, inbox)
        finally:
            for bot in bots:
                bot.end()


@pytest.mark.slow
async def test_the_same_webhook_five_times_at_the_same_instant(pair):
    """On two processes: one answer."""
    users = [f"U{number}" for number in range(20)]

    async def deliver_five_times(user):
        body = write_text(pair.line, user, "m0")
        replies = await asyncio.gather(*(post(pair.client, pair.bots[n % 2], body) for n in range(5)))
        assert [200] * 5 == [reply.status_code for reply in replies]

    await asyncio.gather(*map(deliver_five_times, users))
    assert {user: ["m0"] for user in users} == await pair.wait(len(users))


@pytest.mark.slow
async def test_a_thousand_conversations_at_once_leave_no_lock(pair):
    """Each writes twice, the second time while the first is being answered."""
    users = [f"U{number}" for number in range(CONVERSATIONS)]
    door = asyncio.Semaphore(40)

    async def write(user, text):
        async with door:
            await deliver(pair.client, pair.bots, pair.line, user, text)

    for text in ("m0", "m1"):
        await asyncio.gather(*(write(user, text) for user in users))
    counted = judge({user: ["m0", "m1"] for user in users}, await pair.wait(2 * CONVERSATIONS))
    assert {"answered_once": 2 * CONVERSATIONS, "lost": 0, "doubled": 0, "out_of_order": 0} == counted
    with open_store(pair.database, inbox_url=pair.inbox) as store:
        assert 0 == await pair.count_waiting(store)
        with store.database.engine.connect() as connection:
            for table in ("inbox_thread", "outbox"):
                held = connection.execute(sa.text(f"SELECT COUNT(*) FROM {table} WHERE owner <> ''")).scalar()
                assert 0 == held, table
            waiting = connection.execute(sa.text("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")).scalar()
            assert 0 == waiting


@pytest.mark.slow
async def test_while_redis_is_away_webhooks_are_refused_and_then_go_on(request):
    """503: the platform sends again. The bot need not be begun again."""
    database = make_postgresql(request.getfixturevalue("postgresql"))
    with Redis() as server:
        async with LineServer() as line, httpx.AsyncClient() as client:
            server.kill()
            bot = Bot(database, line.base_url, inbox=server.url)
            try:
                await bot.begin()
                pair = Pair(line, [bot], client, database, server.url)
                for text in ("m0", "m1"):
                    body = write_text(line, "U1", text)
                    assert 503 == (await post(client, bot, body)).status_code
                    health = await client.get(f"http://127.0.0.1:{bot.port}/webhooks/platforms", timeout=10)
                    assert 503 == health.status_code
                    await asyncio.to_thread(server.begin)
                    assert 200 == (await post(client, bot, body)).status_code
                    answers = await pair.wait(1 + int(text == "m1"))
                    if text == "m0":
                        await asyncio.to_thread(server.kill)
                assert {"U1": ["m0", "m1"]} == answers
            finally:
                bot.end()
