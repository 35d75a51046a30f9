"""The collector: fetches what buyers have sent from the platforms, and keeps it with the conversation.

That a medium is wanted is committed before the bot says so (:func:`list_wishes`, by the worker); it is fetched beside the
turns, again and again until the platform gives it. Addresses of media end after minutes: connectors ask for a fresh one each
time where the platform has such. Where nothing can be kept in the end, the buyer is told, and the desk sees why.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import structlog

from channels.connector import Connector, SendError
from channels.faults import describe_fault
from pasar.media.model import FETCHED, Medium, RefusedError, State, Wish
from pasar.media.store import LEASE, MediaStore
from pasar.messages.model import Received

AT_ONCE = 4  # media in memory at a time
FETCH_SECONDS = 150.0
PAUSE = 1.0  # between two looks
FIRST_PAUSE = 2.0  # seconds; four times as long at every attempt
LONGEST_PAUSE = 3600.0
KEEP_TRYING = datetime.timedelta(days=3)
MOST_ADDRESSES = 10  # of one message
_NEEDED = ("media_id", "mail_id")

log = structlog.get_logger()

assert FETCH_SECONDS < LEASE


def list_wishes(messages: Iterable[Received]) -> list[Wish]:
    """What is to be fetched of messages; several where a message has several addresses."""
    found: list[Wish] = []
    for message in messages:
        if message.kind not in FETCHED:
            continue
        facts = {name: message.facts[name] for name in _NEEDED if name in message.facts}
        urls = list(message.facts.get("urls") or [message.facts.get("url", "")])[:MOST_ADDRESSES]
        for place, url in enumerate(urls):
            found.append(
                Wish(
                    shop=message.shop, channel=message.channel, account=message.account,
                    conversation_id=message.conversation_id, message_id=message.message_id, kind=message.kind,
                    place=place, name=str(message.facts.get("file", "")),
                    facts={**facts, "url": str(url)} if url else facts,
                )
            )  # fmt: skip
    return found


class Collector:
    """Fetches media, a few at a time."""

    def __init__(
        self,
        store: MediaStore,
        connectors: Mapping[tuple[str, str], Connector],
        tell: Callable[[Medium], Awaitable[None]],
    ) -> None:
        """``connectors`` by channel and account. ``tell`` lets the buyer know that a medium was not kept, once."""
        self._store = store
        self._connectors = connectors
        self._tell = tell

    async def run(self) -> None:
        """Fetch until cancelled; what is cut off then is fetched again when its lease ends."""
        while True:
            try:
                claimed = await asyncio.to_thread(self._store.claim, AT_ONCE)
            except Exception as error:
                log.error("media.claim.failed", **describe_fault(error))
                claimed = []
            if claimed:
                await asyncio.gather(*map(self._serve, claimed))
            else:
                await asyncio.sleep(PAUSE)

    async def _serve(self, medium: Medium) -> None:
        place = {"channel": medium.wish.channel, "medium": medium.number}
        try:
            kept = await asyncio.wait_for(self._fetch(medium), FETCH_SECONDS)
            if kept is not None:
                log.info("media.kept", **place, type=kept.media_type, size=kept.size, attempt=kept.attempts)
        except RefusedError as error:
            await self._settle(medium, place, State.REFUSED, str(error))
        except SendError as error:
            ended = error.permanent or self._is_old(medium)
            await self._settle(medium, place, State.LOST if ended else State.WAITING, str(error), error.after)
        except Exception as error:
            # The disk is full, the database is away, the platform is slow.
            log.error("media.fetch.failed", **place, **describe_fault(error))
            state = State.LOST if self._is_old(medium) else State.WAITING
            await self._settle(medium, place, state, type(error).__name__)

    async def _fetch(self, medium: Medium) -> Medium | None:
        connector = self._connectors.get((medium.wish.channel, medium.wish.account))
        if connector is None:
            raise SendError("no such account")  # it was taken out of credentials.yml; it waits until it is back
        content = await connector.fetch_media(medium.wish)
        return await asyncio.to_thread(self._store.keep, medium, content)

    async def _settle(
        self, medium: Medium, place: dict[str, Any], state: State, reason: str, after: float | None = None
    ) -> None:
        log.warning("media.not_kept", **place, state=state.value, reason=reason, attempt=medium.attempts)
        pause = min(FIRST_PAUSE * 4.0 ** min(medium.attempts - 1, 8), LONGEST_PAUSE)
        try:
            if state is State.WAITING:
                await asyncio.to_thread(self._store.retry, medium, reason, max(pause, after or 0.0))
                return
            # First told, under a key that serves once: who dies in between tells it again, and nobody hears it twice.
            await self._tell(medium)
            await asyncio.to_thread(self._store.end, medium, state, reason)
        except Exception as error:  # then its lease ends
            log.error("media.settle.failed", **place, **describe_fault(error))

    def _is_old(self, medium: Medium) -> bool:
        return self._store.clock() - medium.asked_at.timestamp() > KEEP_TRYING.total_seconds()
