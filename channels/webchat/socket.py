"""One browser window's connection: greetings, messages, and what is said in the conversation's other windows."""

from __future__ import annotations

import asyncio
import collections
import hashlib
import json
import re
import secrets
import time
from typing import Any, Protocol

import structlog
from rasa.core.agent import Agent
from websockets.exceptions import ConnectionClosed

from channels.base import (
    Context,
    MessageError,
    PoliteRefusal,
    check_buyer,
    check_context,
    check_payload,
    check_product,
    check_text,
    find_language,
)
from channels.faults import describe_fault
from channels.history import Line, read_history
from channels.rooms import Room, rooms
from channels.turn import GuardedOutput, Handler, Incoming, answer
from channels.words import choose_language, load_interface
from pasar.conversations.store import ConversationStore, State

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
BURST, SECONDS = 10, 5.0
MAX_WISHES = 10

log = structlog.get_logger()
_turns: set[asyncio.Task[None]] = set()


class Connection(Protocol):
    """What is used of Sanic's WebSocket."""

    async def recv(self) -> str | bytes | None:
        """Return the next frame."""

    async def send(self, message: str) -> None:
        """Send a frame."""


def name_conversation(token: str, shop: str) -> str:
    """Return a session's conversation id; it is logged and shown, and does not give the token away."""
    return "web-" + hashlib.sha256(f"{shop}\n{token}".encode()).hexdigest()[:40]


def make_line(message: dict[str, Any], sender: str = "bot") -> Line:
    """Return what a window shows for an output channel's message."""
    content = {key: value for key, value in message.items() if key in ("text", "buttons", "custom", "image", "person")}
    return {"type": "message", "from": sender, "time": time.time(), **content}


class ChatSocket:
    """Serves one window until it is closed."""

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        handle: Handler,
        store: ConversationStore,
        output: type[GuardedOutput],
    ) -> None:
        """Belong to no conversation until the window has said hello."""
        self._connection = connection
        self._agent = agent
        self._handle = handle
        self._store = store
        self._output = output
        self._times: collections.deque[float] = collections.deque(maxlen=BURST)
        self._conversation_id = ""
        self._context: Context | None = None
        self._buyer_token: object = None
        self._language = ""
        self._room = Room()

    async def serve(self) -> None:
        """Listen until the window is closed; whatever is wrong with a frame, the connection stays."""
        try:
            while (frame := await self._connection.recv()) is not None:
                await self._hear(frame)
        except ConnectionClosed:
            pass
        finally:
            if self._conversation_id:
                rooms.leave(self._conversation_id, self)

    async def send(self, item: dict[str, Any]) -> None:
        """Show an item in this window."""
        await self._connection.send(json.dumps(item, ensure_ascii=False))

    async def _hear(self, frame: str | bytes) -> None:
        item: Any = None
        try:
            item = parse_frame(frame)
            if item["type"] == "ping":
                await self.send({"type": "pong"})
            elif item["type"] == "hello":
                await self._welcome(item)
            elif item["type"] == "message":
                await self._receive(item)
            else:
                raise MessageError("type", "must be hello, message or ping")
        except MessageError as error:
            problem = {"type": "error", "field": error.field, "message": error.message}
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                problem["id"] = item["id"][:64]
            await self.send(problem)
        except ConnectionClosed:
            raise
        except Exception as error:
            reference = secrets.token_hex(4)
            fault = describe_fault(error)
            log.error(
                "channel.frame.failed",
                conversation=self._conversation_id,
                reference=reference,
                **fault,
            )
            await self.send(
                {
                    "type": "error",
                    "field": "server",
                    "message": f"failed; reference {reference}",
                }
            )

    async def _welcome(self, item: dict[str, Any]) -> None:
        token = item.get("token")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            token = secrets.token_urlsafe(32)
        asked = check_context(item, "", self._output.name(), self._store)
        if self._conversation_id:
            rooms.leave(self._conversation_id, self)
        self._conversation_id = conversation_id = name_conversation(token, asked.shop)
        self._context = check_context(
            {**item, "shop": asked.shop},
            conversation_id,
            self._output.name(),
            self._store,
        )
        self._buyer_token = item.get("buyer_token")
        self._language = await find_language(conversation_id, asked.shop, self._store)
        known = self._store.get(conversation_id)
        wishes = item.get("languages")
        if known is None and isinstance(wishes, list):
            self._language = choose_language(wishes[:MAX_WISHES], self._language)
        self._room = rooms.open(conversation_id)
        history = await read_history(self._agent, conversation_id)
        answered = {line["id"] for line in history if line.get("id")}
        self._room.remember(answered)
        for message_id, lines in self._room.running.items():
            # A turn is in Rasa's tracker only when it has ended.
            if message_id not in answered:
                history.extend(lines)
        self._room.windows.add(self)
        await self.send(
            {
                "type": "welcome",
                "token": token,
                "shop": asked.shop,
                "state": (known.state if known else State.BOT).value,
                "history": history,
                **describe_language(self._language),
            }
        )

    async def _receive(self, item: dict[str, Any]) -> None:
        if self._context is None:
            raise MessageError("type", "must be hello first")
        message_id = item.get("id")
        if not isinstance(message_id, str) or not MESSAGE_ID.fullmatch(message_id):
            raise MessageError(
                "id",
                "must be 8 to 64 letters, digits, hyphens or underscores, new for each message",
            )
        language = await find_language(self._conversation_id, self._context.shop, self._store)
        if self._store.get(self._conversation_id) is None:
            language = self._language
        output = self._output(self._conversation_id, language, self._store, self._make_deliver(message_id))
        done = {"type": "done", "id": message_id}
        product = check_product(item.get("product"))
        try:
            text, shown = self._read_message(item)
        except PoliteRefusal as refusal:
            await output.send_text_message(self._conversation_id, refusal.say(language))
            await self.send(done)
            return
        if not self._room.is_new(message_id):
            # A window that lost its connection sends again what it does not know to be answered.
            if message_id not in self._room.running:
                await self.send(done)
            return
        now = time.monotonic()
        if len(self._times) == BURST and now - self._times[0] < SECONDS:
            await output.say("utter_slow_down")
            await self.send({**done, "dropped": True})
            return
        self._times.append(now)
        line = {
            "type": "message",
            "from": "user",
            "id": message_id,
            "text": shown,
            "time": time.time(),
        }
        self._room.running[message_id] = [line]
        # A page that shows another product now says so; a token may have expired since hello.
        context = Context(
            self._context.shop,
            product or self._context.product,
            check_buyer(self._buyer_token, self._context.shop),
        )
        incoming = Incoming(self._conversation_id, text, context, language, message_id)
        # The turn belongs to the room: it goes on when this window is closed.
        turn = asyncio.ensure_future(_take_turn(self._room, self._handle, incoming, output, self._store))
        _turns.add(turn)
        turn.add_done_callback(_turns.discard)
        await self._room.tell(line, but=self)

    def _read_message(self, item: dict[str, Any]) -> tuple[str, str]:
        """Return what Rasa hears and what the windows show."""
        if item.get("payload") is None:
            text = check_text(item.get("text"))
            return text, text
        title = check_text(item.get("title"))
        return check_payload(item["payload"]), title

    def _make_deliver(self, message_id: str) -> Any:
        room = self._room

        async def deliver(message: dict[str, Any]) -> None:
            line = make_line(message)
            if message_id in room.running:
                room.running[message_id].append(line)
            await room.tell(line)

        return deliver


def describe_language(language: str) -> dict[str, Any]:
    """Return a language and the interface's words in it."""
    return {"language": language, "words": load_interface(language)}


def parse_frame(frame: str | bytes) -> dict[str, Any]:
    """Return a frame's object; MessageError where it is none."""
    if not isinstance(frame, str):
        raise MessageError("frame", "must be text")
    try:
        item = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise MessageError("frame", "must be JSON") from error
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise MessageError("type", "is missing")
    return item


async def _take_turn(
    room: Room,
    handle: Handler,
    incoming: Incoming,
    output: GuardedOutput,
    store: ConversationStore,
) -> None:
    speaks = output.began not in (State.WAITING, State.PERSON)
    message_id = incoming.message_id or ""
    try:
        pending = asyncio.ensure_future(answer(handle, incoming, output, store))
        if speaks:
            await room.tell({"type": "typing", "on": True})
        turn = await pending
        if speaks:
            await room.tell({"type": "typing", "on": False})
        await turn
    finally:
        room.running.pop(message_id, None)
    await room.tell({"type": "done", "id": message_id})
    if output.language != incoming.language:
        await room.tell({"type": "words", **describe_language(output.language)})
    state = output.read_state()
    if state is not output.began:
        await room.tell({"type": "state", "state": state.value})
