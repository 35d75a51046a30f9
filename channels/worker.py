"""The worker: claims what waits in the inbox, lets Rasa answer, and puts the answers into the outbox.

Why every message is answered once, wherever a process dies: Rasa stores a turn's events in one commit, under the turn's
id (a batch's id and a place in it, as ``message_id``). Before that commit nothing of the turn has happened for the
buyer; who claims the batch next answers it anew. After it, whoever claims the batch again finds the turn by its id
in the tracker and takes the replies from there. ``finish`` then puts them into the outbox and closes the batch, both or
neither, for the owner of the lease only. Two owners, where the first was only slow, cannot both store the turn: events
are numbered, and a number is taken once.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from channels.base import Context, PoliteRefusal, check_text, find_language, is_payload
from channels.buyers import Buyers, Place, complete
from channels.collector import list_wishes
from channels.connector import Connector, SendError
from channels.faults import describe_fault
from channels.fitting import fit, read_replies
from channels.records import Records
from channels.tasks import drain
from channels.thoughts import Thought, merge
from channels.turn import PERSONS, TROUBLE, GuardedOutput, Handler
from pasar.buyers.marks import read_account
from pasar.commerce.model import Buyer
from pasar.commerce.registry import find_platform
from pasar.conversations.store import ConversationStore
from pasar.media.store import MediaStore
from pasar.messages.inbox import Batch, Inbox, LostLeaseError
from pasar.messages.model import Address, Author, Kind, Received, Reply
from pasar.messages.outbox import Outbox, Outgoing, make_key

TURNS_AT_ONCE = 16  # enough to keep a processor busy while shops and databases answer
TURN_SECONDS = 45.0  # of one batch; then it is cut off and tried again
ATTEMPTS = 5  # then the buyer is told, and the conversation is a person's
FIRST_PAUSE = 1.0  # seconds; doubled at every attempt
PAUSE = 0.1  # between two looks into an empty inbox

log = structlog.get_logger()


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
        buyers: Buyers,
        media: MediaStore,
    ) -> None:
        """``connectors`` by channel and account."""
        self._media = media
        self._buyers = buyers
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
        await drain(self._running, seconds)

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
        for notice in batch.messages:
            if notice.kind is Kind.CONSENT:
                await self._buyers.note(notice)
        people = [message for message in batch.messages if message.author is Author.AGENT]
        people = [message for message in people if not await self._is_echo(message)]
        if people:
            await self._records.note_agent(people)
        replies: list[Reply] = []
        buyers = [message for message in batch.messages if message.author is Author.BUYER]
        # Before the turn: what the bot then says to be kept is kept, or fetched by who comes after us.
        if wishes := list_wishes(buyers):
            await asyncio.to_thread(self._media.want, wishes)
        if buyers:
            choices = await self._outbox.find_choices(batch.conversation_id)
            language = await find_language(batch.conversation_id, first.shop, self._open_store())
            for place, thought in enumerate(merge(buyers, choices)):
                said = await self._take_turn(batch, f"{batch.id}-{place}", thought, buyers[-1], language)
                replies += read_replies(said)
        await self._inbox.finish(batch, self._address(batch, connector, replies))

    async def _is_echo(self, message: Received) -> bool:
        return await self._outbox.is_ours(message.channel, message.account, message.message_id)

    async def _take_turn(
        self, batch: Batch, message_id: str, thought: Thought, last: Received, language: str
    ) -> list[dict[str, Any]]:
        """What is said to a turn: now, or when it was answered before a crash."""
        place, store = Place.of(last), self._open_store()
        output = ChannelOutput(last.channel, batch.conversation_id, language, store)
        # Before all else: a message that is nothing but the wish for no more advertising, is done whatever comes.
        heeded = await self._buyers.heed(thought.text, place, message_id, language)
        if batch.attempt > 1:
            said = await self._records.recall(batch.conversation_id, message_id)
            if said is not None:
                log.info("inbox.turn.recalled", conversation=batch.conversation_id, batch=batch.id)
                return said if heeded is None else await output.confirm(heeded)
        store.touch(batch.conversation_id, last.shop, last.channel, language)
        if batch.attempt > ATTEMPTS:
            log.error("inbox.batch.given_up", conversation=batch.conversation_id, batch=batch.id)
            await output.say(TROUBLE)
            store.request_person(batch.conversation_id, "trouble", {}, last.shop, last.channel, language)
            return list(output.messages)
        try:
            pressed = is_payload(thought.text) and heeded is None
            text = thought.text if pressed else check_text(thought.text)
        except PoliteRefusal as refusal:
            await output.send_text_message(batch.conversation_id, refusal.say(language))
            return list(output.messages)
        context = Context(last.shop, thought.product, await self._identify(last))
        metadata = context.describe(last.channel, language)
        if thought.media:
            metadata["media"] = thought.describe_media()
        if photo := thought.find_photo():
            metadata["photo"] = photo
        output.withdraw = functools.partial(self._buyers.withdraw, place, message_id, thought.text)
        output.is_muted = heeded is not None  # it is confirmed in any case, whatever is understood
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
        if heeded is not None:
            return await output.confirm(heeded)
        if not output.messages and output.read_state() not in PERSONS:
            await output.say(TROUBLE)
        return list(output.messages)

    async def _identify(self, message: Received) -> Buyer | None:
        """The buyer, where the platform vouches for her: by her account there, and by what is joined with it."""
        connector = self._connectors[message.channel, message.account]
        verified = connector.is_authentic(message)
        account = await self._find_account(connector, message) if verified else ""
        own = Buyer(account=account) if account else None
        marks = (*connector.vouch(message), read_account(message.channel, account)) if verified else ()
        owner = await self._buyers.recognise(Place.of(message), marks, name=message.name, verified=verified)
        return complete(own, owner)

    async def _find_account(self, connector: Connector, message: Received) -> str:
        """Her account, where the shop's orders are on this platform; "" where the platform does not tell."""
        if find_platform(message.shop) != message.channel:
            return ""  # an account of that number may be somebody else's there
        try:
            return await connector.identify(message)
        except SendError as error:
            log.warning("channel.buyer.unknown", channel=message.channel, reason=str(error))
            return ""

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
