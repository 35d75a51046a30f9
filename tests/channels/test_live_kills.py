"""kill -9 while a stream is commented: every comment is kept once, every question answered once."""

from __future__ import annotations

import asyncio
import pathlib
import random
import time

import pytest
import sqlalchemy as sa

from tests.channels.bots import Bot
from tests.channels.facebooklive_server import FacebookLiveServer
from tests.channels.live_bot import ANSWERS
from tests.commerce.platforms.databases import postgresql
from tests.messages.databases import make_postgresql, make_sqlite

__all__ = ["postgresql"]

SCRIPT = pathlib.Path(__file__).with_name("live_process.py")
ASKED = ("bisa cod kak", "cod ga", "มีเก็บปลายทางไหมคะ", "可以货到付款吗", "cara pesan gimana", "怎么下单", "halo kak")
WANTED = [ANSWERS["cod_available", code] for code in ("id", "th", "zh")]
WANTED += [ANSWERS["how_to_order", code] for code in ("id", "zh")]
COMMENTS = 210
KILLS = 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_each_question_is_answered_once_whoever_dies(kind, request, tmp_path):
    """On PostgreSQL two bots may follow; the one that does is killed, too."""
    if kind == "sqlite":
        database, count = make_sqlite(tmp_path), 1
    else:
        database, count = make_postgresql(request.getfixturevalue("postgresql")), 2
    chance = random.Random(3)
    async with FacebookLiveServer() as platform:
        bots = [Bot(database, platform.base_url, script=SCRIPT) for _ in range(count)]
        for bot in bots:
            bot._arguments.pop()  # this script is never busy
        try:
            await asyncio.gather(*(bot.begin() for bot in bots))

            async def write():
                for number in range(COMMENTS):
                    platform.say(ASKED[number % len(ASKED)], f"user-{number}")
                    await asyncio.sleep(chance.random() * 0.2)

            async def kill():
                for number in range(KILLS):
                    await asyncio.sleep(1 + chance.random() * 3)
                    bot = bots[number % count]
                    bot.kill()
                    await bot.begin()

            await asyncio.gather(write(), kill())
            engine = sa.create_engine(database)
            deadline = time.monotonic() + 120
            while read(engine) != (COMMENTS, 0) and time.monotonic() < deadline:
                await asyncio.sleep(0.5)
            kept = read(engine)
            engine.dispose()
            # What a dead process had claimed of the outbox is anybody's after its lease.
            while len(platform.said) < len(WANTED) and time.monotonic() < deadline:
                await asyncio.sleep(0.5)
            await asyncio.sleep(3)  # what comes twice comes late
        finally:
            for bot in bots:
                bot.end()
    assert (COMMENTS, 0) == kept
    assert sorted(WANTED) == sorted(platform.said)


def read(engine):
    """How many viewers' comments are kept, and how many of them wait for something."""
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT COUNT(*) FROM live_comment WHERE state <> 'own'")).scalar()
        waiting = connection.execute(
            sa.text(
                "SELECT COUNT(*) FROM live_comment WHERE state = 'waiting' OR (cluster <> '' AND served_at IS NULL)"
            )
        ).scalar()
    return kept, waiting
