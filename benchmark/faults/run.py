"""One run: buyers write on a LINE of this machine, bots answer, and who serves them is killed at random moments."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from tests.channels.bots import Bot, deliver, read_answers
from tests.channels.line_server import LineServer
from tests.messages.databases import make_postgresql, make_sqlite, open_store
from tests.messages.servers import KillableServer, Postgresql, Redis

STORES = ("sqlite", "postgresql", "redis")
PATIENCE = 240.0  # seconds without an answer; then what is not answered is lost
SAY_EVERY = 30.0
AWAY = 3.0  # seconds; a server that was killed is away for at most so long, and then begins


@dataclasses.dataclass(frozen=True)
class Plan:
    """What happens."""

    store: str  #: sqlite: one bot. postgresql: two. redis: two, the inbox there and all else in PostgreSQL
    messages: int
    buyers: int
    seed: int
    kills: int | None = None  #: None: until all has been delivered
    between: float = 12.0  #: seconds between two kills, on average
    gap: float = 3.0  #: seconds between a buyer's messages, on average


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of it."""

    is_right: bool  #: every message was answered exactly once, in its conversation's order
    figures: dict[str, Any]


class Clockwork(LineServer):
    """LINE, which notes when an answer was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown_at: dict[tuple[str, str], float] = {}
        self.last = time.monotonic()

    def show(self, thread: str, messages: list[dict[str, Any]]) -> Any:
        """As LINE does."""
        self.last = time.monotonic()
        answers = [message["text"] for message in messages if message["text"].startswith("answer to ")]
        for answer in answers:
            for text in answer.removeprefix("answer to ").split("\n"):
                self.shown_at.setdefault((thread, text), self.last)
        return super().show(thread, messages)


@dataclasses.dataclass
class Place:
    """All that can be killed, and where it keeps things."""

    bots: list[Bot]
    servers: list[KillableServer]
    database: str
    inbox: str


@contextlib.asynccontextmanager
async def open_place(store: str, line: str) -> AsyncIterator[Place]:
    """Servers and bots, begun; ended whatever happens."""
    with contextlib.ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        servers: list[KillableServer] = []
        database, inbox = make_sqlite(Path(folder)), ""
        if store != "sqlite":
            servers.append(await asyncio.to_thread(opened.enter_context, Postgresql()))
            database = make_postgresql(servers[0].url)
        if store == "redis":
            servers.append(await asyncio.to_thread(opened.enter_context, Redis()))
            inbox = servers[1].url
        bots = [Bot(database, line, inbox=inbox) for _ in range(1 if store == "sqlite" else 2)]
        try:
            await asyncio.gather(*(bot.begin() for bot in bots))
            yield Place(bots, servers, database, inbox)
        finally:
            for bot in bots:
                bot.end()


async def run(plan: Plan, say: Callable[[str], None]) -> Result:
    """Let it happen, and count."""
    say(f"{plan.store}: {plan.messages} messages of {plan.buyers} buyers, seed {plan.seed}")
    # Moments of their own for kills and for each buyer: how long a call takes does not change them.
    seeds = _make_chance(plan.seed)
    each = max(1, plan.messages // plan.buyers)
    buyers = {f"U{number}": _make_chance(seeds.random()) for number in range(plan.buyers)}
    moments = _make_chance(seeds.random())
    delivered: dict[tuple[str, str], float] = {}
    refusals: collections.Counter[str] = collections.Counter()
    limits = httpx.Limits(max_connections=100)
    async with (
        Clockwork() as line,
        httpx.AsyncClient(limits=limits, timeout=10) as client,
        open_place(plan.store, line.base_url) as place,
    ):
        begun = time.monotonic()

        async def write(user: str, chance: random.Random) -> None:
            await asyncio.sleep(chance.random() * plan.gap)
            for number in range(each):
                await deliver(client, place.bots, line, user, f"m{number}", refusals)
                delivered[user, f"m{number}"] = time.monotonic()
                await asyncio.sleep(chance.random() * 2 * plan.gap)

        writing = asyncio.gather(*(write(user, chance) for user, chance in buyers.items()))
        killing = asyncio.ensure_future(_kill(plan, place, moments, say))
        while not writing.done():
            await asyncio.wait({writing}, timeout=SAY_EVERY)
            say(f"{len(delivered)} delivered, {len(line.shown_at)} answered, {time.monotonic() - begun:.0f} s")
        await writing
        took_delivery = time.monotonic() - begun
        if plan.kills is None:
            killing.cancel()
        await killing  # until all that were killed are back
        line.last = time.monotonic()
        # Other processes do what is waited for.
        while await asyncio.to_thread(_count_waiting, place) and time.monotonic() - line.last < PATIENCE:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        took = line.last - begun
        stuck = await asyncio.to_thread(_count_waiting, place)
    wanted = {user: [f"m{number}" for number in range(each)] for user in buyers}
    figures = judge(wanted, read_answers(line))
    # Every answer has a second line, in the same call.
    halves = sum(shown.text.startswith("answer to ") for shown in line.shown) - sum(
        shown.text == "anything else?" for shown in line.shown
    )
    others = sum(not shown.text.startswith("answer to ") and shown.text != "anything else?" for shown in line.shown)
    figures |= {"halves": halves, "other_messages": others, "still_waiting": stuck}
    is_right = figures["answered_once"] == each * plan.buyers and not any(
        figures[name] for name in ("lost", "doubled", "out_of_order", "halves", "other_messages", "still_waiting")
    )
    delays = sorted(line.shown_at[key] - at for key, at in delivered.items() if key in line.shown_at)
    kills = {"bot": sum(bot.kills for bot in place.bots)} | {server.name: server.kills for server in place.servers}
    return Result(
        is_right,
        {
            "store": plan.store,
            "seed": plan.seed,
            "messages": each * plan.buyers,
            "buyers": plan.buyers,
            **figures,
            "kills": kills,
            "calls_to_webhooks_that_failed": dict(refusals),
            "calls_to_platform": len(line.seen),
            "calls_the_platform_had_already": len(line.seen) - len(line.spent),
            "seconds_of_delivery": round(took_delivery, 1),
            "seconds": round(took, 1),
            "seconds_to_answer": {
                f"p{share}": round(delays[min(len(delays) - 1, len(delays) * share // 100)], 2)
                for share in (50, 99, 100)
                if delays
            },
        },
    )


def _make_chance(seed: float) -> random.Random:
    return random.Random(seed)  # noqa: S311 - it chooses moments, and guards nothing


def judge(wanted: dict[str, list[str]], found: dict[str, list[str]]) -> dict[str, int]:
    """How many messages were answered once, never, more than once; in how many conversations out of order."""
    counts = {user: collections.Counter(found.get(user, [])) for user in wanted}
    each = [counts[user][text] for user, texts in wanted.items() for text in texts]
    return {
        "answered_once": sum(count == 1 for count in each),
        "lost": sum(count == 0 for count in each),
        "doubled": sum(count > 1 for count in each),
        "out_of_order": sum(
            list(dict.fromkeys(found.get(user, []))) != [text for text in texts if counts[user][text]]
            for user, texts in wanted.items()
        ),
    }


async def _kill(plan: Plan, place: Place, chance: random.Random, say: Callable[[str], None]) -> None:
    """In an order that leaves nobody out; servers may be away at the same time, bots come back first."""
    victims: list[Bot | KillableServer] = []
    returning: list[asyncio.Task[None]] = []
    count = 0
    try:
        while plan.kills is None or count < plan.kills:
            if not victims:
                victims = [*place.bots, *place.servers]
                chance.shuffle(victims)
            victim, away, moment = victims.pop(), chance.random() * AWAY, chance.random() * 2 * plan.between
            # On a slow machine a bot takes a minute to begin, and would be dead more often than not.
            while not all(living.is_alive for living in (victim, *place.bots)):  # noqa: ASYNC110 - it comes back
                await asyncio.sleep(0.1)
            await asyncio.sleep(moment)
            count += 1
            victim.is_alive = False
            returning.append(asyncio.ensure_future(_kill_one(victim, away)))
            say(f"{count}: kill -9 of {type(victim).__name__.lower()}")
    except asyncio.CancelledError:
        pass  # all is delivered
    await asyncio.gather(*returning)


async def _kill_one(victim: Bot | KillableServer, away: float) -> None:
    await asyncio.to_thread(victim.kill)
    if isinstance(victim, Bot):
        await victim.begin()
    else:
        await asyncio.sleep(away)
        await asyncio.to_thread(victim.begin)


def _count_waiting(place: Place) -> int:
    """Conversations of the inbox and calls of the outbox that are not done: while there are none, nothing is said."""
    with open_store(place.database, inbox_url=place.inbox) as store:
        depth = asyncio.run(store.inbox.measure())
        with store.database.engine.connect() as connection:
            waiting = connection.execute(sa.text("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")).scalar()
    return int(depth.conversations + (waiting or 0))
