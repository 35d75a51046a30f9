"""The sender: claims calls from the outbox and makes them, in order, no faster than the platform allows.

Before each it asks who speaks now, and whether the platform and the law let it be sent (:mod:`pasar.messages.guard`).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime
import random
from collections.abc import Callable, Mapping

import aiolimiter
import structlog

from channels.connector import Connector, Rate, SendError
from channels.counters import Event, counters
from channels.faults import describe_fault
from channels.tasks import drain
from pasar.buyers.consents import Standing
from pasar.conversations.store import ConversationStore, State
from pasar.messages.guard import Send, Verdict, judge
from pasar.messages.model import Address, Author, Purpose, Sending
from pasar.messages.outbox import Claimed, Outbox

CALLS_AT_ONCE = 64
CALL_SECONDS = 40.0
RATE_SECONDS = 40.0  # a call waits for the platform's rate; both are well within the lease
FIRST_PAUSE = 1.0  # seconds; doubled at every attempt
LONGEST_PAUSE = 900.0
GIVE_UP = datetime.timedelta(hours=24)  # after so long an answer answers nothing
PAUSE = 0.1
THREADS_KEPT = 5_000
SPOKEN_KEPT = 50  # of a buyer: more than any rule counts

log = structlog.get_logger()


class Sender:
    """Makes calls of many conversations at a time, of each one after the other."""

    def __init__(
        self,
        outbox: Outbox,
        connectors: Mapping[tuple[str, str], Connector],
        store: Callable[[], ConversationStore],
        find_standing: Callable[[str, Address], Standing],
    ) -> None:
        """``connectors`` by channel and account; ``find_standing`` tells what may be sent to an address of a channel."""
        self._find_standing = find_standing
        self._outbox = outbox
        self._connectors = connectors
        self._open_store = store
        self._running: set[asyncio.Task[None]] = set()
        self._limiters: dict[tuple[str, str], aiolimiter.AsyncLimiter] = {}
        self._threads: collections.OrderedDict[str, aiolimiter.AsyncLimiter] = collections.OrderedDict()
        # By this process; another one counts its own.
        self._spoken: collections.OrderedDict[tuple[str, ...], dict[str, datetime.datetime]] = collections.OrderedDict()

    async def run(self) -> None:
        """Send until cancelled; calls that have begun then go on (:meth:`drain`)."""
        while True:
            claimed: list[Claimed] = []
            room = CALLS_AT_ONCE - len(self._running)
            try:
                claimed = await self._outbox.claim(room) if room > 0 else []
            except Exception as error:
                log.error("outbox.claim.failed", **describe_fault(error))
                await asyncio.sleep(FIRST_PAUSE)
            for item in claimed:
                task = asyncio.ensure_future(self._serve(item))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            if claimed:
                # One that ends soon makes way for its conversation's next.
                await asyncio.wait(self._running, timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(PAUSE)

    async def drain(self, seconds: float) -> None:
        """Let running calls end; who claims a cut-off one next knows that it may have been made."""
        await drain(self._running, seconds)

    async def _serve(self, claimed: Claimed) -> None:
        uncertain = claimed.sending.uncertain
        try:
            connector = self._connectors.get((claimed.channel, claimed.sending.to.account))
            sending = await self._prepare(claimed, connector)
            if sending is not None and connector is not None:
                uncertain = True
                await self._send(claimed, sending, connector)
        except Exception as error:
            fault = describe_fault(error)
            log.error("outbox.call.failed", number=claimed.number, **fault)
            with contextlib.suppress(Exception):  # it is let go all the same: the lease ends, and it is claimed again
                await self._retry(claimed, SendError(f"we failed: {fault['error']}", uncertain=uncertain))

    async def _prepare(self, claimed: Claimed, connector: Connector | None) -> Sending | None:
        """What is to be sent now; None where that is not to be, or later."""
        if connector is None:
            await self._retry(claimed, SendError("no such account in credentials.yml", after=LONGEST_PAUSE))
            return None
        sending, verdict = self._check(claimed, connector)
        if sending is None:
            counters.add(claimed.channel, Event.WITHHELD)
            log.info("outbox.call.withheld", conversation=claimed.conversation_id, rule=verdict.rule)
            await self._outbox.withhold(claimed, verdict.rule)
            return None
        if verdict.until is not None:
            wait = (verdict.until - _now()).total_seconds()
            await self._outbox.retry(claimed, verdict.rule, max(wait, 1.0), uncertain=sending.uncertain)
            return None
        self._note_spoken(claimed)  # before anything is waited for: another one of hers is judged meanwhile
        key = (claimed.channel, sending.to.account)
        try:
            await asyncio.wait_for(self._wait_for_turn(key, claimed.conversation_id, connector), RATE_SECONDS)
        except asyncio.TimeoutError:
            await self._outbox.retry(claimed, "the platform's rate", 0.0, uncertain=sending.uncertain)
            return None
        return sending

    async def _send(self, claimed: Claimed, sending: Sending, connector: Connector) -> None:
        try:
            message_ids = await asyncio.wait_for(connector.send(sending), CALL_SECONDS)
        except SendError as error:
            await self._retry(claimed, error)
        except asyncio.TimeoutError:
            await self._retry(claimed, SendError(f"no answer in {CALL_SECONDS:g} s", uncertain=True))
        except Exception as error:
            fault = describe_fault(error)
            log.error("outbox.connector.failed", channel=claimed.channel, **fault)
            await self._retry(claimed, SendError(f"the connector failed: {fault['error']}", uncertain=True))
        else:
            counters.add(claimed.channel, Event.SENT)
            if not await self._outbox.mark_sent(claimed, message_ids):
                log.warning("outbox.lease.lost", number=claimed.number)

    def _check(self, claimed: Claimed, connector: Connector) -> tuple[Sending | None, Verdict]:
        """The sending as it may go out now; None where it may not."""
        sending = claimed.sending
        by_bot = all(reply.author is Author.BOT for reply in sending.replies)
        known = self._open_store().get(claimed.conversation_id, fresh=True)
        if (
            by_bot
            and known is not None
            and known.state is State.PERSON
            and known.since.timestamp() >= claimed.created_at
        ):
            return None, Verdict(False, "a person speaks")
        # Asked now: she may have withdrawn since it was put here. An answer needs no consent.
        asks = any(reply.purpose is not Purpose.ANSWER for reply in sending.replies)
        standing = self._find_standing(claimed.channel, sending.to) if asks else Standing()
        send = Send(
            channel=claimed.channel,
            country=connector.account.settings.get("country", ""),
            heard_at=sending.to.heard_at,
            replies=sending.replies,
            consents=frozenset(purpose.value for purpose in standing.given),
            withdrawn=frozenset(purpose.value for purpose in standing.withdrawn),
            lately=self._list_spoken(claimed),
        )
        verdict = judge(send, _now())
        if not verdict.allowed:
            return None, verdict
        if verdict.replies is None:
            return sending, verdict
        return Sending(sending.key, sending.to, verdict.replies, sending.attempt, sending.uncertain), verdict

    def _note_spoken(self, claimed: Claimed) -> None:
        """Remember that the bot has written to a buyer; another try at the same is not more."""
        if any(reply.author is not Author.BOT for reply in claimed.sending.replies):
            return
        buyer = _name_buyer(claimed)
        spoken = self._spoken.setdefault(buyer, {})
        spoken.setdefault(claimed.sending.key, _now())
        if len(spoken) > SPOKEN_KEPT:
            del spoken[next(iter(spoken))]
        self._spoken.move_to_end(buyer)
        while len(self._spoken) > THREADS_KEPT:
            self._spoken.popitem(last=False)

    def _list_spoken(self, claimed: Claimed) -> tuple[datetime.datetime, ...]:
        spoken = self._spoken.get(_name_buyer(claimed), {})
        return tuple(moment for key, moment in spoken.items() if key != claimed.sending.key)

    async def _retry(self, claimed: Claimed, error: SendError) -> None:
        age = _now().timestamp() - claimed.created_at
        if error.permanent or age > GIVE_UP.total_seconds():
            counters.add(claimed.channel, Event.BURIED)
            log.error(
                "outbox.call.buried", conversation=claimed.conversation_id, number=claimed.number, reason=str(error)
            )
            await self._outbox.bury(claimed, str(error))
            return
        pause = min(FIRST_PAUSE * 2 ** min(claimed.sending.attempt - 1, 20), LONGEST_PAUSE)
        after = max(error.after or 0.0, pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads retries, guards nothing
        counters.add(claimed.channel, Event.RETRIED)
        log.warning("outbox.call.retried", channel=claimed.channel, number=claimed.number, reason=str(error))
        # What an earlier try came to is no better known after one that surely failed.
        uncertain = error.uncertain or claimed.sending.uncertain
        await self._outbox.retry(claimed, str(error), after, uncertain=uncertain)

    async def _wait_for_turn(self, key: tuple[str, str], conversation_id: str, connector: Connector) -> None:
        capabilities = connector.capabilities
        if capabilities.rate is not None:
            await self._limiters.setdefault(key, _limit(capabilities.rate)).acquire()
        if capabilities.thread_rate is not None:
            limiter = self._threads.setdefault(conversation_id, _limit(capabilities.thread_rate))
            self._threads.move_to_end(conversation_id)
            while len(self._threads) > THREADS_KEPT:
                self._threads.popitem(last=False)
            await limiter.acquire()


def _name_buyer(claimed: Claimed) -> tuple[str, ...]:
    # Not the conversation: a program that answers may begin a new one each time.
    return (claimed.channel, claimed.sending.to.account, claimed.sending.to.buyer)


def _limit(rate: Rate) -> aiolimiter.AsyncLimiter:
    return aiolimiter.AsyncLimiter(rate.calls, rate.seconds)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
