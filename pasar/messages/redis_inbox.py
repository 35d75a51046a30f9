"""The inbox in Redis Streams, for where there are several machines. The outbox stays in SQL.

Machines own conversations, not partitions: each claims what is due, under a lease, so that processes come and go without
telling one another. Time is that of the machines' own clocks, which must not differ by more than a few seconds.

A batch is done in two steps, as two servers share no transaction: its replies are put into the outbox, then it is
finished here. Who dies in between leaves the batch to the next owner; the replies that he puts have the same keys and are
there already. Both steps ask whose the batch is.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import json
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pasar.batches import BatchThread, Job
from pasar.commerce.rows import decode, encode
from pasar.messages.inbox import Batch, Depth, LostLeaseError, Waiting
from pasar.messages.leases import LEASE, LeaseKeeper
from pasar.messages.model import Address, Author, Received
from pasar.messages.outbox import Outbox, Outgoing
from pasar.messages.redis_server import PARTITIONS, RedisServer, find_partition, name_key

THREADS = 4
LOOK = 8  # conversations of each partition that one look finds
FORGET = 1000  # at once; Redis does nothing else meanwhile

Result = TypeVar("Result")


class RedisReception:
    """As :class:`pasar.messages.inbox.Reception` promises."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        """Use a server, which need not be there yet. ``clock``: seconds since 1970."""
        self._server = RedisServer(url)
        self._clock = clock
        self._accepting = BatchThread("pasar-inbox", self._accept)
        self._threads = concurrent.futures.ThreadPoolExecutor(THREADS, "pasar-redis")

    async def accept(self, messages: Sequence[Received], waiting: Waiting) -> list[bool]:
        """Send together with what else comes in at this moment; Redis then waits for its disk once."""
        fresh: list[bool] = await self._accepting.ask([(message, waiting) for message in messages])
        return fresh

    async def measure(self) -> Depth:
        """How much waits now."""
        return await self._run(self._measure)

    def close(self) -> None:
        """Send what waits, and hold nothing more."""
        self._accepting.close()
        self._threads.shutdown()
        self._server.close()

    async def _run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _accept(self, jobs: Sequence[Job]) -> None:
        self._server.check()
        now = self._clock()
        # As a transaction, since what comes in pieces Redis would take to its disk in pieces too.
        with self._server.client.pipeline(transaction=True) as pipeline:
            for job in jobs:
                for message, waiting in job.request:
                    self._keep(message, waiting, now, pipeline)
            found = iter(pipeline.execute())
        for job in jobs:
            job.result = [bool(next(found)) for _ in job.request]

    def _keep(self, message: Received, waiting: Waiting, now: float, pipeline: Any) -> None:
        arguments = (
            f"{message.channel}/{message.account}/{message.message_id}",
            json.dumps(encode(message)),
            message.conversation_id,
            int(message.is_work),
            json.dumps(encode(Address.of(message))) if message.author is Author.BUYER else "",
            now,
            waiting.pause,
            waiting.most,
            waiting.keep,
        )
        names = ("known", "recorded", "messages", "due", "thread", "fresh")
        self._server.run("accept", names, message.conversation_id, arguments, pipeline)

    def _measure(self) -> Depth:
        with self._server.client.pipeline(transaction=False) as pipeline:
            for partition in range(PARTITIONS):
                pipeline.zcard(name_key(partition, "due"))
                pipeline.zrange(name_key(partition, "due"), 0, 0, withscores=True)
            found = pipeline.execute()
        oldest = min((score for first in found[1::2] for _, score in first), default=self._clock())
        return Depth(sum(found[::2]), max(0.0, self._clock() - oldest))


class RedisInbox(RedisReception):
    """As :class:`pasar.messages.inbox.Inbox` promises."""

    def __init__(self, url: str, outbox: Outbox, clock: Callable[[], float] = time.time, *, renew: bool = True) -> None:
        """``outbox`` gets the replies. Without ``renew`` claims end with their lease."""
        super().__init__(url, clock)
        self._outbox = outbox
        self._keeper: LeaseKeeper[tuple[str, str]] | None = LeaseKeeper(self._renew) if renew else None
        self._found: collections.deque[str] = collections.deque()  # what was due at the last look

    async def claim(self) -> Batch | None:
        """The conversation that is due longest, of those that the last look has found.

        Raises while the outbox is away: what cannot be finished would only be tried too often, and given up.
        """
        await self._outbox.ping()
        batch = await self._run(self._claim)
        if batch is not None and self._keeper is not None:
            self._keeper.hold([(batch.conversation_id, batch.owner)])
        return batch

    async def finish(self, batch: Batch, outgoing: Sequence[Outgoing]) -> None:
        """Replies into the outbox, then done; held until then."""
        try:
            if outgoing:
                if not await self._run(self._renew, (batch.conversation_id, batch.owner)):
                    raise LostLeaseError(batch.conversation_id)
                await self._outbox.put(outgoing)
            await self._change("finish", ("due", "thread", "batch", "messages", "known"), batch)
        finally:
            self._let_go(batch)

    async def fail(self, batch: Batch, after: float) -> None:
        """Give it back for later."""
        self._let_go(batch)
        await self._change("give_back", ("due", "thread"), batch, self._clock() + after, 0)

    async def release(self, batch: Batch) -> None:
        """Give it back for now."""
        self._let_go(batch)
        await self._change("give_back", ("due", "thread"), batch, self._clock(), -1)

    async def find_address(self, conversation_id: str) -> Address | None:
        """By the buyer's last message."""
        key = name_key(find_partition(conversation_id), "thread", conversation_id)
        found = await self._run(self._server.client.hget, key, "address")
        return None if found is None else decode(Address, json.loads(found))

    async def forget(self) -> int:
        """Drop what no platform sends again."""
        return await self._run(self._forget)

    def close(self) -> None:
        """Send what waits, and hold nothing more."""
        if self._keeper is not None:
            self._keeper.close()
        super().close()

    def _claim(self) -> Batch | None:
        while True:
            try:
                conversation_id = self._found.popleft()
            except IndexError:
                found = self._look()
                if not found:
                    return None
                self._found.extend(found)
                continue
            owner, now = uuid.uuid4().hex, self._clock()
            names = ("due", "thread", "fresh", "batch", "messages")
            arguments = (conversation_id, owner, uuid.uuid4().hex, now, now + LEASE)
            taken = self._server.run("claim", names, conversation_id, arguments)
            if taken is None:
                continue  # another process was first
            messages = [decode(Received, json.loads(data)) for data in taken[2:]]
            messages.sort(key=lambda message: message.sent_at)  # stable: at the same moment, as they came
            return Batch(taken[0], conversation_id, tuple(messages), owner, int(taken[1]))

    def _look(self) -> list[str]:
        """Conversations that are due, the longest waiting first."""
        found = self._server.run_in("look", ("due",), range(PARTITIONS), (self._clock(), LOOK))
        since = dict(zip(found[::2], map(float, found[1::2]), strict=True))
        return sorted(since, key=since.__getitem__)

    def _renew(self, claim: tuple[str, str]) -> bool:
        conversation_id, owner = claim
        arguments = (conversation_id, owner, self._clock() + LEASE)
        return bool(self._server.run("renew", ("due", "thread"), conversation_id, arguments))

    async def _change(self, script: str, names: Sequence[str], batch: Batch, *more: float) -> None:
        arguments = (batch.conversation_id, batch.owner, *more)
        if not await self._run(self._server.run, script, names, batch.conversation_id, arguments):
            raise LostLeaseError(batch.conversation_id)

    def _let_go(self, batch: Batch) -> None:
        if self._keeper is not None:
            self._keeper.let_go((batch.conversation_id, batch.owner))

    def _forget(self) -> int:
        total = 0
        for partition in range(PARTITIONS):
            dropped = FORGET
            while dropped == FORGET:
                dropped = self._server.run_in("forget", ("known", "recorded"), [partition], (self._clock(), FORGET))
                total += dropped
        return total
