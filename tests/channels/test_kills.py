"""kill -9 at random moments while messages flow: every message is answered exactly once, in order."""

from __future__ import annotations

import asyncio
import os
import random
import time

import httpx
import pytest

from tests.channels.bots import Bot, deliver, read_answers
from tests.channels.line_server import LineServer
from tests.commerce.platforms.databases import postgresql
from tests.messages.databases import make_postgresql, make_sqlite

__all__ = ["postgresql"]

BUYERS = 40
MESSAGES = int(os.environ.get("PASAR_TEST_MESSAGES", "240"))  # of all buyers together
KILLS = int(os.environ.get("PASAR_TEST_KILLS", "3"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_message_is_answered_once_in_order_whoever_dies(kind, request, tmp_path):
    """On PostgreSQL two bots share the work; one lives while the other is killed."""
    if kind == "sqlite":
        database, count = make_sqlite(tmp_path), 1
    else:
        database, count = make_postgresql(request.getfixturevalue("postgresql")), 2
    chance = random.Random(5)
    async with LineServer() as line, httpx.AsyncClient(limits=httpx.Limits(max_connections=100)) as client:
        bots = [Bot(database, line.base_url) for _ in range(count)]
        try:
            await asyncio.gather(*(bot.begin() for bot in bots))
            begun = time.monotonic()
            users = [f"U{number}" for number in range(BUYERS)]
            each = MESSAGES // BUYERS

            async def write(user):
                for number in range(each):
                    await deliver(client, bots, line, user, f"m{number}")
                    await asyncio.sleep(chance.random() * 2.5)

            async def kill():
                for number in range(KILLS):
                    await asyncio.sleep(1 + chance.random() * 3)
                    bot = bots[number % count]
                    bot.kill()
                    await bot.begin()

            await asyncio.gather(kill(), *map(write, users))
            wanted = {user: [f"m{number}" for number in range(each)] for user in users}
            deadline = time.monotonic() + 120
            while sum(map(len, read_answers(line).values())) < each * BUYERS and time.monotonic() < deadline:
                await asyncio.sleep(0.2)
            took = time.monotonic() - begun
            await asyncio.sleep(3)  # what comes twice comes late
        finally:
            for bot in bots:
                bot.end()
    found = read_answers(line)
    counts = [len(texts) for texts in found.values()]
    kills = sum(bot.kills for bot in bots)
    print(f"\n{kind}: {sum(counts)} answered of {each * BUYERS}, {kills} kills, {took:.0f} s, {len(line.seen)} calls")
    assert wanted == found
    # Every answer is followed by its second line, in the same call.
    answers = sum(shown.text.startswith("answer to ") for shown in line.shown)
    assert answers == sum(shown.text == "anything else?" for shown in line.shown)
