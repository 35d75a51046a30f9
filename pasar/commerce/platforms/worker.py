"""What applies the notices that wait in the inbox, for as long as a server runs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import structlog

from pasar.commerce.backend import ShopBackend, ShopError, ShopUnavailableError
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.inbox import Batch, Inbox

AT_ONCE = 4  # one shop that is slow must not keep the others
#: Until the inbox is asked again where nobody has said that there is something new in it.
REST_SECONDS = 5.0
APPLY_SECONDS = 30.0
PRUNE_SECONDS = 3600.0
#: A server that stops waits no longer for what was begun; its claims run out, and it is applied again.
STOP_SECONDS = 2.0

log = structlog.get_logger()


class NoticeWorker:
    """Takes notices and brings catalogues up to date, several side by side, never two of the same thing."""

    def __init__(self, inbox: Inbox, open_shop: Callable[[str], ShopBackend]) -> None:
        """Does nothing until :meth:`start`."""
        self._inbox = inbox
        self._open_shop = open_shop
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._applying: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._pruned = float("-inf")

    def start(self) -> None:
        """Begin, in the loop that runs."""
        self._running = asyncio.ensure_future(self._run())

    def wake(self) -> None:
        """Look into the inbox now."""
        self._news.set()

    async def stop(self) -> None:
        """Take nothing more, and give what was begun a moment to end."""
        self._stopping = True
        self.wake()
        if self._running is not None:
            # Not cancelled at once: a notice may have been claimed at this very moment.
            await asyncio.wait({self._running}, timeout=STOP_SECONDS)
            self._running.cancel()
        if self._applying:
            await asyncio.wait(self._applying, timeout=STOP_SECONDS)

    async def _run(self) -> None:
        while True:
            await self._slots.acquire()
            # Before looking: what comes while nothing is found wakes at once.
            self._news.clear()
            if self._stopping:
                return
            batch = await self._take()
            if batch is not None:
                task = asyncio.ensure_future(self._apply(batch))
                self._applying.add(task)
                task.add_done_callback(self._end)
                continue
            self._slots.release()
            await self._prune()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), REST_SECONDS)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._applying.discard(task)
        self._slots.release()

    async def _take(self) -> Batch | None:
        try:
            return await self._inbox.take()
        except ShopUnavailableError as error:
            log.error("notice.inbox.failed", reason=error.reason)
            return None

    async def _apply(self, batch: Batch) -> None:
        told = {"shop": batch.shop_id, "kind": batch.notice.kind.value, "notices": batch.size}
        try:
            shop = await asyncio.to_thread(self._open_shop, batch.shop_id)
            # A shop that has moved to another system since has nothing to bring up to date.
            if isinstance(shop, PlatformBackend):
                await asyncio.wait_for(shop.apply_notice(batch.notice), APPLY_SECONDS)
        except (ShopUnavailableError, asyncio.TimeoutError) as error:
            await self._settle(self._postpone(batch, type(error).__name__))
        except Exception as error:
            reason = error.reason if isinstance(error, ShopError) else ""
            log.error("notice.given_up", **told, error=type(error).__name__, reason=reason)
            await self._settle(self._inbox.give_up(batch))
        else:
            log.info("notice.applied", **told)
            await self._settle(self._inbox.finish(batch))
        self.wake()

    async def _postpone(self, batch: Batch, error: str) -> None:
        told = {"shop": batch.shop_id, "kind": batch.notice.kind.value, "error": error, "tries": batch.tries + 1}
        if await self._inbox.postpone(batch):
            log.warning("notice.postponed", **told)
        else:
            log.error("notice.given_up", **told)

    async def _settle(self, work: Awaitable[object]) -> None:
        try:
            await work
        except ShopUnavailableError as error:
            # The claim runs out, and it is applied once more: twice is as good as once.
            log.error("notice.inbox.failed", reason=error.reason)

    async def _prune(self) -> None:
        if time.monotonic() - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = time.monotonic()
        with contextlib.suppress(ShopUnavailableError):
            await self._inbox.prune()
