"""One turn: a buyer's message goes to Rasa, and what may be said comes back in time."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import secrets
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from channels.base import Context
from channels.buyers import UNSUBSCRIBED, Buyers, Heeded, Place, complete, read_marks
from channels.faults import describe_fault
from channels.words import load_words
from pasar.conversations.store import ConversationStore, State
from pasar.settings import load_settings

Handler = Callable[[UserMessage], Awaitable[Any]]
Deliver = Callable[[dict[str, Any]], Awaitable[None]]
Withdraw = Callable[[], Awaitable[object]]

TROUBLE = "utter_service_problem"
TURNS_AT_ONCE = 16  # enough to keep a processor busy while shops and databases answer
QUIET = (
    "/restart",
    "/session_start",
    "/back",
)  # a designer's commands that need no reply
PERSONS = (State.WAITING, State.PERSON)

log = structlog.get_logger()
_running: set[asyncio.Task[None]] = set()
_doors: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


@dataclasses.dataclass(frozen=True)
class Incoming:
    """A checked message."""

    conversation_id: str
    text: str
    context: Context
    language: str  #: what to speak until Rasa has found the buyer's language
    message_id: str | None = None


class GuardedOutput(CollectingOutputChannel):
    """Collects what the bot says, and asks at every message whether the bot may speak now.

    A channel names its own subclass, because Rasa chooses texts by the channel's name.
    """

    def __init__(
        self,
        conversation_id: str,
        language: str,
        store: ConversationStore,
        deliver: Deliver | None = None,
    ) -> None:
        """Remember who spoke when the turn began."""
        super().__init__()
        self.conversation_id = conversation_id
        self.language = language
        self._store = store
        self._deliver = deliver
        self.began = self.read_state()
        self.withdraw: Withdraw | None = (
            None  #: records that she wants no advertising, before she is told that it is so
        )
        self.is_muted = False  #: what Rasa says is kept in its tracker, and not told

    def read_state(self) -> State:
        """Return who speaks now; the bot where the database does not tell, since silence helps nobody."""
        try:
            known = self._store.get(self.conversation_id, fresh=True)
        except Exception as error:
            log.error(
                "channel.state.failed",
                conversation=self.conversation_id,
                **describe_fault(error),
            )
            return State.BOT
        return State.BOT if known is None else known.state

    def may_speak(self) -> bool:
        """Tell whether the bot may speak: a person is neither there nor awaited, or is asked for by this very turn."""
        state = self.read_state()
        return state not in PERSONS or (state is State.WAITING and self.began not in PERSONS)

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send a response, and learn from it which language the conversation speaks."""
        for condition in message.get("condition") or ():
            if condition.get("name") == "language" and isinstance(condition.get("value"), str):
                self.language = condition["value"]
        if message.get("utter_action") == UNSUBSCRIBED and self.withdraw is not None:
            await self.withdraw()
        await super().send_response(recipient_id, message)

    async def send_text_message(self, recipient_id: str, text: str, **_: Any) -> None:
        """Send one message; Rasa would cut it at every empty line."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))

    async def say(self, key: str) -> None:
        """Say the channel's own words."""
        text = load_words(self.language, key)
        await self._persist_message(self._message(self.conversation_id, text=text))

    async def confirm(self, heeded: Heeded) -> list[dict[str, Any]]:
        """Say, once, that no more advertising comes; what is said in all."""
        self.is_muted = False
        if heeded.is_new:
            self.language = heeded.language
            await self.say(UNSUBSCRIBED)
        return list(self.messages)

    async def _persist_message(self, message: dict[str, Any]) -> None:
        if self.is_muted:
            return
        if not self.may_speak():
            log.info("channel.reply.withheld", conversation=self.conversation_id)
            return
        self.messages.append(message)
        if self._deliver is not None:
            await self._deliver(message)


async def answer(
    handle: Handler, incoming: Incoming, output: GuardedOutput, store: ConversationStore
) -> asyncio.Task[None]:
    """Let Rasa answer into ``output``; returns the turn when it has, or when the deadline has passed.

    The deadline runs from when Rasa begins; a buyer in a rush waits for her turn.
    The buyer always hears something while she speaks with the bot. A turn that takes longer goes on:
    what it says later is still delivered by channels that can.
    """
    async with _admission():
        turn = asyncio.ensure_future(_run(handle, incoming, output, store))
        # asyncio itself holds only a weak reference to a task.
        _running.add(turn)
        turn.add_done_callback(_running.discard)
        done, _ = await asyncio.wait({turn}, timeout=load_settings().reply_deadline)
        if not done:
            log.warning("channel.reply.late", conversation=incoming.conversation_id)
            if not output.messages:
                await output.say(TROUBLE)
    return turn


def _admission() -> asyncio.Semaphore:
    """The door to Rasa: in a rush turns wait here, where no deadline runs, not inside with all of them late.

    One for every event loop, as asyncio asks.
    """
    return _doors.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(TURNS_AT_ONCE))


async def finish_turns() -> None:
    """Wait for the turns that outlived their deadline."""
    while _running:
        await asyncio.gather(*_running, return_exceptions=True)


async def _run(handle: Handler, incoming: Incoming, output: GuardedOutput, store: ConversationStore) -> None:
    context, channel = incoming.context, output.name()
    buyers = Buyers(load_settings().database)
    place = Place(context.shop, channel, incoming.conversation_id, incoming.conversation_id)
    proof, heeded = incoming.message_id or secrets.token_hex(8), None
    try:
        heeded = await buyers.heed(incoming.text, place, proof, incoming.language)
        output.withdraw = functools.partial(buyers.withdraw, place, proof, incoming.text)
        output.is_muted = heeded is not None
        # A browser is no proof: only what its token shows now is verified.
        marks = read_marks(context.buyer) if context.buyer is not None else ()
        owner = await buyers.recognise(place, marks, verified=context.buyer is not None)
        context = dataclasses.replace(context, buyer=complete(context.buyer, owner))
        store.touch(incoming.conversation_id, context.shop, channel, incoming.language)
        await handle(
            UserMessage(
                incoming.text,
                output,
                incoming.conversation_id,
                input_channel=channel,
                message_id=incoming.message_id,
                metadata=context.describe(channel, incoming.language),
            )
        )
        if output.language != incoming.language:
            store.touch(incoming.conversation_id, context.shop, channel, output.language)
    except Exception as error:
        reference = secrets.token_hex(4)
        fault = describe_fault(error)
        log.error(
            "channel.turn.failed",
            conversation=incoming.conversation_id,
            reference=reference,
            **fault,
        )
    if heeded is not None:
        await output.confirm(heeded)
    elif not output.messages and incoming.text not in QUIET:
        # Withheld where a person is there or awaited: then silence is right.
        await output.say(TROUBLE)
