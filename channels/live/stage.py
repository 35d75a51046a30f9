"""The stage: follows the streams of all accounts, gathers what is asked in them, and answers each question once.

One process follows a stream at a time, by a lease that outlives it for six seconds. For each there are two loops: one
fetches and keeps comments, the other understands what was kept, joins it to its question, answers, and speaks. What was
done is in the store after each step, so that whoever takes the stream over goes on where the other one died.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from channels.base import find_language
from channels.connector import Connector, SendError
from channels.faults import describe_fault
from channels.live.answering import find_answer, read_truth
from channels.live.source import LiveConnector
from channels.live.speaker import Speaker
from channels.live.understanding import Understanding
from channels.turn import Handler
from pasar.conversations.store import ConversationStore
from pasar.live.clusters import Placed, Treatment, place
from pasar.live.comment import Stream, normalise
from pasar.live.rules import LiveRules, load_rules
from pasar.live.store import LEASE, Cluster, Followed, LiveStore, Waiting
from pasar.messages.model import name_conversation
from pasar.messages.outbox import Outbox

DISCOVER_SECONDS = 10.0
LOOK_SECONDS = 5.0  # between two looks at what is shown, and whether it goes on
WATCH_SECONDS = 1.0
PAUSE = 0.2
TOGETHER = 200  # comments of one round
ANSWERS = 20  # of one round
REMEMBERED = 10_000  # ids of comments
END_SECONDS = 20.0  # in which what was asked at the end is answered
CROWDED = "too many questions"
ECHO_LETTERS = 12  # a shorter text may be a buyer's own
ECHO_SECONDS = 600.0

log = structlog.get_logger()


class Stage:
    """All streams of this process."""

    def __init__(
        self,
        connectors: Mapping[tuple[str, str], Connector],
        comments: LiveStore,
        outbox: Outbox,
        handle: Handler,
        understanding: Understanding,
        store: Callable[[], ConversationStore],
    ) -> None:
        """``connectors`` by channel and account."""
        self._connectors = {key: found for key, found in connectors.items() if found.comments}
        self._comments = comments
        self._handle = handle
        self._understanding = understanding
        self._open_store = store
        self._speaker = Speaker(comments, outbox)
        self._owner = uuid.uuid4().hex
        self._tasks: list[asyncio.Task[None]] = []
        self._followed: dict[Stream, asyncio.Task[None]] = {}
        self._answered: dict[Stream, collections.deque[float]] = {}

    def find(self, where: Stream) -> Connector | None:
        """The connector of a stream's account; None where there is none with streams."""
        return self._connectors.get((where.channel, where.account))

    def start(self) -> None:
        """Begin, in the running loop; nothing to do where no account has streams."""
        if self._connectors:
            self._tasks = [asyncio.ensure_future(run()) for run in (self._discover, self._watch)]

    async def stop(self) -> None:
        """End, and let other processes take the streams."""
        tasks = [*self._tasks, *self._followed.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._connectors:
            await self._comments.release_streams(self._owner)

    async def _discover(self) -> None:
        while True:
            for connector in self._connectors.values():
                if not isinstance(connector, LiveConnector):
                    continue
                try:
                    for stream in await connector.find_streams():
                        await self._comments.open_stream(connector.place(stream), connector.account.shop)
                except Exception as error:
                    _report("live.discovery.failed", connector, error)
            await asyncio.sleep(DISCOVER_SECONDS)

    async def _watch(self) -> None:
        """Take every stream that nobody follows."""
        while True:
            try:
                for followed in await self._comments.list_streams():
                    if self._is_ours(followed.where) and await self._comments.claim_stream(followed.where, self._owner):
                        self._followed[followed.where] = asyncio.ensure_future(self._follow(followed))
            except Exception as error:
                log.error("live.watch.failed", **describe_fault(error))
            await asyncio.sleep(WATCH_SECONDS)

    def _is_ours(self, where: Stream) -> bool:
        """Whether we could follow a stream and do not."""
        task = self._followed.get(where)
        return (task is None or task.done()) and self.find(where) is not None

    async def _follow(self, followed: Followed) -> None:
        where, connector = followed.where, self._connectors[followed.where.channel, followed.where.account]
        log.info("live.stream.followed", **_name(where))
        loops = [asyncio.ensure_future(self._hold(where)), asyncio.ensure_future(self._answer(followed, connector))]
        if isinstance(connector, LiveConnector):
            loops.append(asyncio.ensure_future(self._fetch(where, connector)))
        else:
            loops.append(asyncio.ensure_future(self._wait_for_end(followed)))
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        log.info("live.stream.left", **_name(where))

    async def _hold(self, where: Stream) -> None:
        """Renew the lease; ends where another process has it or the stream is over."""
        while True:
            await asyncio.sleep(LEASE / 4)
            try:
                if not await self._comments.claim_stream(where, self._owner):
                    return
            except Exception as error:
                log.error("live.lease.failed", **_name(where), **describe_fault(error))

    async def _fetch(self, where: Stream, connector: LiveConnector) -> None:
        """Keep comments; ends when the stream has ended and its last ones are kept."""
        looked, failures = float("-inf"), 0
        loop, kept = asyncio.get_running_loop(), collections.OrderedDict[str, None]()
        while True:
            try:
                over = False
                if loop.time() - looked >= LOOK_SECONDS:
                    looked, over = loop.time(), await self._look(where, connector)
                known = await self._comments.find_stream(where)
                page = await connector.fetch(where.stream, known.cursor if known else "")
                # Most come several times; what this process has kept need not be offered to the database again.
                fresh = [comment for comment in page.comments if comment.comment_id not in kept]
                await self._comments.accept(fresh)
                kept.update(dict.fromkeys(comment.comment_id for comment in fresh))
                while len(kept) > REMEMBERED:
                    kept.popitem(last=False)
                if known is None or page.cursor != known.cursor:
                    await self._comments.save_cursor(where, page.cursor)
                failures = 0
                if over:
                    await self._finish(where)
                    return
                await asyncio.sleep(connector.every)
            except Exception as error:
                failures += 1
                _report("live.fetch.failed", connector, error)
                wanted = (error.after if isinstance(error, SendError) else None) or 0.0
                await asyncio.sleep(min(max(wanted, connector.every * 2 ** min(failures - 1, 6)), connector.patience))

    async def _look(self, where: Stream, connector: LiveConnector) -> bool:
        """Keep what is shown now; whether the stream is over."""
        product = await connector.fetch_product(where.stream)
        if product is not None:
            await self._comments.show_product(where, product)
        return await connector.is_over(where.stream)

    async def _wait_for_end(self, followed: Followed) -> None:
        """Where the platform does not say that a stream has ended, it is over when nobody comments any more."""
        idle = load_rules(followed.shop).idle
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(Exception):
                known = await self._comments.find_stream(followed.where)
                if known is not None and self._comments.now - known.heard_at > idle:
                    await self._finish(followed.where)
                    return

    async def _finish(self, where: Stream) -> None:
        """What was asked last is answered still, then it is over."""
        for _ in range(int(END_SECONDS / PAUSE)):
            await asyncio.sleep(PAUSE)
            if await self._comments.is_settled(where):
                break
        if await self._comments.end_stream(where):
            log.info("live.stream.ended", **_name(where))

    async def _answer(self, followed: Followed, connector: Connector) -> None:
        language = connector.account.settings.get("language") or await find_language(
            "", followed.shop, self._open_store()
        )
        while True:
            busy = False
            try:
                rules = load_rules(followed.shop)
                busy = await self._place(followed, connector, rules, language)
                for cluster in await self._comments.list_due(
                    followed.where, self._comments.now - rules.gather, ANSWERS
                ):
                    await self._serve(cluster, followed.shop, connector, rules)
                await self._speaker.speak(followed, connector, rules)
            except Exception as error:
                _report("live.round.failed", connector, error)
                await asyncio.sleep(1.0)
            await asyncio.sleep(0 if busy else PAUSE)

    async def _place(self, followed: Followed, connector: Connector, rules: LiveRules, language: str) -> bool:
        """What is done with each comment that came in; whether there may be more."""
        waiting = await self._comments.list_waiting(followed.where, TOGETHER)
        if not waiting:
            return False
        ours = await self._list_own_words(followed.where)
        understood = await self._understanding.understand([comment.text for comment in waiting], language)
        placed: list[tuple[Waiting, Placed, str]] = []
        for comment, meaning in zip(waiting, understood, strict=True):
            words = normalise(comment.text)
            if len(words) >= ECHO_LETTERS and words in ours:
                found = Placed(Treatment.IGNORE, "echo")
            else:
                found = place(comment.text, meaning, comment.product, rules)
            if found.treatment is Treatment.PERSON:
                await asyncio.to_thread(self._call_person, followed.where, comment, found.reason, meaning.language)
            placed.append((comment, found, meaning.language))
        await self._comments.place(followed.where, placed)
        return len(waiting) == TOGETHER

    async def _list_own_words(self, where: Stream) -> set[str]:
        answers = await self._comments.list_answers(where, self._comments.now - ECHO_SECONDS)
        return {
            normalise(text) for answer in answers for text in (answer, *self._speaker.cut(answer, self.find(where)))
        }

    def _call_person(self, where: Stream, comment: Waiting, reason: str, language: str) -> None:
        conversation_id = name_conversation(where.channel, where.account, f"{where.stream}-{comment.author}")
        summary: dict[str, Any] = {"comment": comment.text, "stream": where.stream, "comment_id": comment.comment_id}
        self._open_store().request_person(conversation_id, reason, summary, comment.shop, where.channel, language)

    async def _serve(self, cluster: Cluster, shop: str, connector: Connector, rules: LiveRules) -> None:
        """Answer a question, or let those who asked have the answer that was given."""
        now = self._comments.now
        truth = await read_truth(shop, cluster.product)
        if truth is None:
            truth = cluster.truth
        known = cluster.answered_at is not None and now - cluster.answered_at < rules.again_after
        if known and truth == cluster.truth and cluster.left_reason != CROWDED:
            if cluster.left_reason:
                await self._comments.leave(cluster, cluster.left_reason, truth, again=True)
            else:
                await self._comments.serve(cluster)
            return
        if not self._has_room(cluster.where, rules):
            if cluster.open_since is not None and now - cluster.open_since > rules.too_late:
                await self._comments.leave(cluster, CROWDED, truth)
            return
        assert connector.comments
        question, settings = rules.answer.get(cluster.intent), connector.account.settings
        defaults = {name: settings[name] for name in (question.by if question else ()) if name in settings}
        answer = await find_answer(self._handle, cluster, shop, connector.comments, defaults)
        if not answer:
            await self._comments.leave(cluster, "no answer for all", truth)
        elif len(self._speaker.cut(answer, connector)) > rules.parts:
            await self._comments.leave(cluster, "too long", truth, answer=answer)
        elif answer in await self._comments.list_answers(cluster.where, now - rules.again_after):
            # To another question, as "Malaysia?" in a stream for Malaysia: it stands there.
            await self._comments.answer(cluster, answer, truth, uuid.uuid4().hex, said=True)
        else:
            self._answered.setdefault(cluster.where, collections.deque()).append(now)
            await self._comments.answer(cluster, answer, truth, uuid.uuid4().hex)

    def _has_room(self, where: Stream, rules: LiveRules) -> bool:
        """Whether one more answer may be given in this minute."""
        given = self._answered.setdefault(where, collections.deque())
        while given and self._comments.now - given[0] >= 60:
            given.popleft()
        return len(given) < rules.answers


def _report(event: str, connector: Connector, error: Exception) -> None:
    place = {"channel": connector.name, "account": connector.account.name}
    if isinstance(error, SendError):
        log.warning(event, reason=str(error), **place)
    else:
        log.error(event, **place, **describe_fault(error))


def _name(where: Stream) -> dict[str, str]:
    return {"channel": where.channel, "account": where.account, "stream": where.stream}
