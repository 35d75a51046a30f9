"""Where parcels are, as of when: several sources as one, answering in the time a buyer waits."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import functools
import time
from collections.abc import Sequence

import structlog

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.carriers.source import ParcelNotice, TrackingService
from pasar.commerce.model import Parcel

WAIT_SECONDS = 3.0  # a buyer waits for it
FRESH_SECONDS = 600.0  # an answer is given again without asking
UNKNOWN_SECONDS = 60.0  # a parcel that nobody knows is asked for again sooner: services need a while for a new one
MOST_KEPT = 10_000

log = structlog.get_logger()

Key = tuple[str, str]  # courier and tracking number


@dataclasses.dataclass
class _Kept:
    parcel: Parcel | None
    fresh_until: float  # of time.monotonic()


class Whereabouts:
    """Asks sources in their order until one knows the parcel.

    Answers are kept for some minutes; the same question asked by several at once is asked once. Nobody waits longer
    than ``wait_seconds``: a slow or failing source is answered for with what was known before
    (:attr:`Parcel.read_at` tells from when), else with ShopUnavailableError: that nobody answered is not that nobody
    knows it. What a slow source says later is kept for the next question.
    """

    def __init__(
        self,
        sources: Sequence[TrackingService],
        *,
        shop_id: str = "",
        wait_seconds: float = WAIT_SECONDS,
        fresh_seconds: float = FRESH_SECONDS,
        unknown_seconds: float = UNKNOWN_SECONDS,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._sources = tuple(sources)
        self._shop_id = shop_id
        self._wait_seconds = wait_seconds
        self._fresh_seconds = fresh_seconds
        self._unknown_seconds = unknown_seconds
        self._most_kept = most_kept
        self._kept: collections.OrderedDict[Key, _Kept] = collections.OrderedDict()
        self._asking: dict[Key, asyncio.Task[Parcel | None]] = {}

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        """The parcel as it is, else as it was known last; None where no source knows it.

        ShopUnavailableError where a source did not answer and nothing was known; takes ``wait_seconds`` at most.
        """
        key = (courier.strip().casefold(), tracking_number.strip().upper())
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept.fresh_until:
            return kept.parcel
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, courier, tracking_number))
            task.add_done_callback(functools.partial(self._end, key))
        done, _ = await asyncio.wait({task}, timeout=self._wait_seconds)
        if done and not task.cancelled():
            return task.result()
        log.warning("parcel.track.slow", courier=courier, known=kept is not None)
        if kept is None or kept.parcel is None:
            raise ShopUnavailableError(self._shop_id, "track", f"no answer within {self._wait_seconds:g} s")
        return kept.parcel

    def note(self, notice: ParcelNotice) -> None:
        """Something is new about a parcel: the next question asks for it again.

        Carriers have other names at the services than in shops, so that all parcels of that number are asked for.
        """
        for key, kept in self._kept.items():
            if key[1] == notice.tracking_number.strip().upper():
                kept.fresh_until = 0.0

    async def close(self) -> None:
        """Stop asking and close the sources."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for source in self._sources:
            await source.close()

    def _end(self, key: Key, task: asyncio.Task[Parcel | None]) -> None:
        self._asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever asked may have left

    async def _ask(self, key: Key, courier: str, tracking_number: str) -> Parcel | None:
        failed = False
        for source in self._sources:
            try:
                parcel = await source.track(courier, tracking_number)
            except ShopError as error:
                log.warning("parcel.track.failed", shop=error.shop_id, call=error.call, reason=error.reason)
                failed = True
                continue
            if parcel is not None:
                self._keep(key, _Kept(parcel, time.monotonic() + self._fresh_seconds))
                return parcel
        older = self._kept.get(key)
        parcel = older.parcel if older else None  # what was seen once has not become unknown
        if not failed:
            self._keep(key, _Kept(parcel, time.monotonic() + self._unknown_seconds))
        elif parcel is None:  # who failed may know it
            raise ShopUnavailableError(self._shop_id, "track", "no source answered that knows it")
        return parcel

    def _keep(self, key: Key, kept: _Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)
