"""The worker: claims what waits in the inbox, lets Rasa answer, and puts the answers into the outbox.

Why every message is answered once, wherever a process dies: Rasa stores a turn's events in one commit, under the turn's
id (a batch's id and a place in it, as ``message_id``). Before that commit nothing of the turn has happened for the
buyer; who claims the batch next answers it anew. After it, whoever claims the batch again finds the turn by its id
in the tracker and takes the replies from there. ``finish`` then puts them into the outbox and closes the batch in one
commit, for the owner of the lease only. Two owners, where the first was only slow, cannot both store the turn: events
are numbered, and a number is taken once.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from rasa.core.channels.channel import UserMessage

from channels.base import Context, PoliteRefusal, check_text, find_language, is_payload
from channels.connector import Connector, SendError
from channels.faults import describe_fault
from channels.fitting import choose, fit, read_replies
from channels.turn import PERSONS, TROUBLE, GuardedOutput, Handler
from channels.words import load_words
from pasar.commerce.model import Buyer
from pasar.commerce.registry import find_platform
from pasar.conversations.store import ConversationStore, State
from pasar.messages.inbox import Batch, Inbox, LostLeaseError
from pasar.messages.model import Address, Author, Kind, Received, Reply
from pasar.messages.outbox import Outbox, Outgoing, make_key

TURNS_AT_ONCE = 16  # enough to keep a processor busy while shops and databases answer
TURN_SECONDS = 45.0  # of one batch; then it is cut off and tried again
ATTEMPTS = 5  # then the buyer is told, and the conversation is a person's
FIRST_PAUSE = 1.0  # seconds; doubled at every attempt
PAUSE = 0.1  # between two looks into an empty inbox
MEDIA_RECEIVED = "utter_media_received"
MEDIA = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.FILE, Kind.LOCATION})

log = structlog.get_logger()


class Records(Protocol):
    """What was said in conversations, as Rasa's tracker keeps it."""

    async def recall(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """What the bot said to that message, as an output channel collects it; None where it was not answered."""

    async def note_agent(self, messages: Sequence[Received]) -> None:
        """A person of the shop has written in the platform's own app: the conversation is hers."""


@dataclasses.dataclass(frozen=True)
class Turn:
    """Messages of a batch that are one thought."""

    text: str  #: a payload where she pressed or chose; "" where she only sent what has no words
    product: str = ""
    media: tuple[Kind, ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()


class ChannelOutput(GuardedOutput):
    """Collects the replies of one turn, under the name of the platform's channel."""

    def __init__(self, channel: str, conversation_id: str, language: str, store: ConversationStore) -> None:
        """``channel`` is the connector's name, by which texts are chosen."""
        self._channel = channel
        super().__init__(conversation_id, language, store)

    def name(self) -> str:
        """Return the channel's name; Rasa asks the object, not the class."""
        return self._channel


class Worker:
    """Answers batches, many conversations at a time, each by one."""

    def __init__(
        self,
        inbox: Inbox,
        outbox: Outbox,
        connectors: Mapping[tuple[str, str], Connector],
        handle: Handler,
        store: Callable[[], ConversationStore],
        records: Records,
    ) -> None:
        """``connectors`` by channel and account."""
        self._inbox = inbox
        self._outbox = outbox
        self._connectors = connectors
        self._handle = handle
        self._open_store = store
        self._records = records
        self._free = asyncio.Semaphore(TURNS_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Answer until cancelled; turns that have begun then go on (:meth:`drain`)."""
        while True:
            await self._free.acquire()
            batch = None
            try:
                batch = await self._inbox.claim()
            except Exception as error:
                log.error("inbox.claim.failed", **describe_fault(error))
                await asyncio.sleep(FIRST_PAUSE)
            finally:
                if batch is None:
                    self._free.release()
            if batch is None:
                await asyncio.sleep(PAUSE)
                continue
            task = asyncio.ensure_future(self._serve(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def drain(self, seconds: float) -> None:
        """Let running turns end; what is not done by then is taken up by whoever claims it next."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _serve(self, batch: Batch) -> None:
        try:
            await asyncio.wait_for(self._answer(batch), TURN_SECONDS)
        except LostLeaseError:
            log.warning("inbox.lease.lost", conversation=batch.conversation_id, batch=batch.id)
        except asyncio.CancelledError:
            log.warning("inbox.batch.cut_off", conversation=batch.conversation_id, batch=batch.id)
        except Exception as error:
            fault = describe_fault(error)
            log.error("inbox.batch.failed", conversation=batch.conversation_id, attempt=batch.attempt, **fault)
            with contextlib.suppress(Exception):  # then the lease ends, which comes to the same
                await self._inbox.fail(batch, FIRST_PAUSE * 2 ** min(batch.attempt - 1, 8))
        finally:
            self._free.release()

    async def _answer(self, batch: Batch) -> None:
        first = batch.messages[0]
        connector = self._connectors.get((first.channel, first.account))
        if connector is None:
            # Its account was taken out of credentials.yml; it waits until it is back.
            raise LookupError("no such account")
        people = [message for message in batch.messages if message.author is Author.AGENT]
        people = [message for message in people if not await self._is_echo(message)]
        if people:
            await self._records.note_agent(people)
        replies: list[Reply] = []
        buyers = [message for message in batch.messages if message.author is Author.BUYER]
        if buyers:
            choices = await self._outbox.find_choices(batch.conversation_id)
            language = await find_language(batch.conversation_id, first.shop, self._open_store())
            for place, turn in enumerate(merge(buyers, choices)):
                said = await self._take_turn(batch, f"{batch.id}-{place}", turn, buyers[-1], language)
                replies += read_replies(said)
        await self._inbox.finish(batch, self._address(batch, connector, replies))

    async def _is_echo(self, message: Received) -> bool:
        return await self._outbox.is_ours(message.channel, message.account, message.message_id)

    async def _take_turn(
        self, batch: Batch, message_id: str, turn: Turn, last: Received, language: str
    ) -> list[dict[str, Any]]:
        """What is said to a turn: now, or when it was answered before a crash."""
        if batch.attempt > 1:
            said = await self._records.recall(batch.conversation_id, message_id)
            if said is not None:
                log.info("inbox.turn.recalled", conversation=batch.conversation_id, batch=batch.id)
                return said
        store = self._open_store()
        output = ChannelOutput(last.channel, batch.conversation_id, language, store)
        store.touch(batch.conversation_id, last.shop, last.channel, language)
        if batch.attempt > ATTEMPTS:
            log.error("inbox.batch.given_up", conversation=batch.conversation_id, batch=batch.id)
            await output.say(TROUBLE)
            store.request_person(batch.conversation_id, "trouble", {}, last.shop, last.channel, language)
            return list(output.messages)
        try:
            text = turn.text if is_payload(turn.text) else check_text(turn.text) if turn.text else ""
        except PoliteRefusal as refusal:
            await output.send_text_message(batch.conversation_id, refusal.say(language))
            return list(output.messages)
        if not text:
            if turn.media and load_words(language, MEDIA_RECEIVED):
                await output.say(MEDIA_RECEIVED)
            return list(output.messages)
        context = Context(last.shop, turn.product, await self._identify(last))
        metadata = context.describe(last.channel, language)
        if turn.media:
            metadata["media"] = [
                {"kind": kind.value, **facts} for kind, facts in zip(turn.media, turn.facts, strict=True)
            ]
        await self._handle(
            UserMessage(
                text,
                output,
                batch.conversation_id,
                input_channel=last.channel,
                message_id=message_id,
                metadata=metadata,
            )
        )
        if output.language != language:
            store.touch(batch.conversation_id, last.shop, last.channel, output.language)
        if not output.messages and output.read_state() not in PERSONS:
            await output.say(TROUBLE)
        return list(output.messages)

    async def _identify(self, message: Received) -> Buyer | None:
        """The buyer, where her e-mail is proved, or the platform that the shop's orders are on vouches for her."""
        connector = self._connectors[message.channel, message.account]
        email = connector.read_email(message)
        if email:
            return Buyer(email=email)
        if find_platform(message.shop) != message.channel:
            return None  # an account of that number may be somebody else's there
        try:
            account = await connector.identify(message)
        except SendError as error:
            log.warning("channel.buyer.unknown", channel=message.channel, reason=str(error))
            return None
        return Buyer(account=account) if account else None

    def _address(self, batch: Batch, connector: Connector, replies: Sequence[Reply]) -> list[Outgoing]:
        buyers = [message for message in batch.messages if message.author is Author.BUYER]
        if not buyers or not replies:
            return []
        last = buyers[-1]
        to = Address.of(last)
        fitted = fit(replies, connector.capabilities)
        return [
            Outgoing(make_key(batch.id, place), batch.conversation_id, last.channel, to, call, fitted.choices)
            for place, call in enumerate(fitted.calls)
        ]


def merge(messages: Sequence[Received], choices: Mapping[str, str]) -> list[Turn]:
    """The thoughts in messages that came together: lines of text are one; a button and a chosen number stand alone.

    An order's card says its number, a product's card which product is meant, a picture's address what it shows.
    """
    turns: list[Turn] = []
    lines: list[str] = []
    product, media, facts = "", list[Kind](), list[Mapping[str, Any]]()

    def close(payload: str = "") -> None:
        nonlocal product
        text = payload or "\n".join(lines)
        if not text and product:
            text = "/product_info"
        if text or media:
            turns.append(Turn(text, product, tuple(media), tuple(facts)))
            product = ""
            lines.clear()
            media.clear()
            facts.clear()

    for message in messages:
        chosen = choose(message.text, choices) if message.kind is Kind.TEXT else None
        if message.kind is Kind.BUTTON:
            chosen = message.payload if is_payload(message.payload) else None
        if chosen is not None:
            if lines:
                close()
            close(chosen)
            continue
        if message.kind is Kind.PRODUCT:
            product = str(message.facts.get("product", ""))[:64]
        if message.kind in MEDIA:
            media.append(message.kind)
            facts.append(dict(message.facts))
        spoken = message.text or message.payload or str(message.facts.get("order_id", ""))
        if not spoken and message.kind in MEDIA:
            spoken = str(message.facts.get("url", ""))
        if spoken.strip():
            lines.append(spoken)
    close()
    return turns


class TrackerRecords:
    """The records of Rasa's agent."""

    def __init__(self, agent: Callable[[], Any], store: Callable[[], ConversationStore]) -> None:
        """``agent`` gives the one that serves now: a new model brings another."""
        self._agent = agent
        self._open_store = store

    async def recall(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """Read the tracker's events after that message, up to the next."""
        from rasa.shared.core.events import BotUttered, UserUttered  # noqa: PLC0415 - only after a crash

        tracker = await self._agent().tracker_store.retrieve(conversation_id)
        said: list[dict[str, Any]] | None = None
        for event in tracker.events if tracker is not None else ():
            if isinstance(event, UserUttered):
                if said is not None:
                    break
                if event.message_id == message_id:
                    said = []
            elif isinstance(event, BotUttered) and said is not None and "person" not in event.metadata:
                data = {key: value for key, value in event.data.items() if value}
                said.append({"text": event.text, **data} if event.text else data)
        return said

    async def note_agent(self, messages: Sequence[Received]) -> None:
        """Take the conversation as the desk does, and keep what was said."""
        from rasa.shared.core.events import BotUttered, ConversationPaused  # noqa: PLC0415 - seldom

        from channels.history import append_events  # noqa: PLC0415

        last = messages[-1]
        conversation_id, store = last.conversation_id, self._open_store()
        known = store.get(conversation_id, fresh=True)
        if known is None:
            language = await find_language(conversation_id, last.shop, store)
            store.touch(conversation_id, last.shop, last.channel, language)
        events: list[Any] = []
        if known is None or known.state is not State.PERSON:
            store.take(conversation_id)
            events.append(ConversationPaused(_now(), {"taken": True, "person": ""}))
            log.info("channel.conversation.taken", conversation=conversation_id)
        events += [BotUttered(message.text, metadata={"person": message.name}) for message in messages if message.text]
        await append_events(self._agent(), conversation_id, events)


def _now() -> float:
    return datetime.datetime.now(datetime.timezone.utc).timestamp()
