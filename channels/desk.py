"""The desk: people see who waits, take conversations over, write, and hand them back to the bot."""

from __future__ import annotations

import functools
import hmac
import time
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
)
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.base import MessageError, PoliteRefusal, check_text
from channels.history import append_events, read_history
from channels.letters import describe_letter
from channels.media import add_media, describe_media
from channels.people import add_people
from channels.requests import read_body
from channels.rest import explain_errors, parse_object, refuse
from channels.rooms import rooms
from channels.turn import Handler
from channels.words import load_words
from pasar.buyers.model import UnknownBuyerError
from pasar.conversations.store import (
    Conversation,
    ConversationStore,
    State,
    UnknownConversationError,
    open_store,
)
from pasar.messages.model import Author, Reply
from pasar.messages.outbox import Outbox
from pasar.nlu.inprocess import attach
from pasar.settings import load_settings

HANDED_BACK = "utter_handed_back"
MAX_NAME = 80

log = structlog.get_logger()


class DeskInput(InputChannel):
    """Resources below /desk/conversations and /desk/dead-letters, for whoever shows the desk's token as a bearer."""

    def __init__(self, store: Callable[[], ConversationStore] = open_store) -> None:
        """Use the installation's store, or a test's."""
        self._open_store = store

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "desk"

    def url_prefix(self) -> str:
        """Return an absolute path: Rasa would otherwise put the desk below /webhooks/."""
        return "/desk"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("desk")
        attach(routes)
        one = "/conversations/<conversation_id:path>"

        @routes.get("/conversations")
        @require_token
        async def list_conversations(request: Request) -> HTTPResponse:
            listed = self._open_store().list_conversations(_read_state(request), request.args.get("shop"))
            return response.json([describe(conversation) for conversation in listed])

        @routes.post(f"{one}/takeover", stream=True)
        @require_token
        async def take(request: Request, conversation_id: str) -> HTTPResponse:
            person = _read_person(parse_object(await read_body(request) or b"{}"))
            return response.json(await self._take(request.app.ctx.agent, _unquote(conversation_id), person))

        @routes.delete(f"{one}/takeover")
        @require_token
        async def hand_back(request: Request, conversation_id: str) -> HTTPResponse:
            return response.json(await self._hand_back(request.app, _unquote(conversation_id)))

        @routes.post(f"{one}/messages", stream=True)
        @require_token
        async def write(request: Request, conversation_id: str) -> HTTPResponse:
            body = parse_object(await read_body(request))
            return await self._write(request.app, _unquote(conversation_id), body)

        add_people(routes, one, require_token, self._find)
        add_media(routes, one, require_token, self._find)

        @routes.get(one)
        @require_token
        async def show(request: Request, conversation_id: str) -> HTTPResponse:
            conversation = self._find(_unquote(conversation_id))
            history = await read_history(request.app.ctx.agent, conversation.conversation_id)
            media = await describe_media(conversation.conversation_id)
            return response.json({**describe(conversation), "history": history, "media": media})

        @routes.get("/dead-letters")
        @require_token
        async def list_letters(request: Request) -> HTTPResponse:
            outbox = _find_outbox(request.app)
            found = await outbox.list_dead(channel=request.args.get("channel", "")) if outbox else []
            return response.json([describe_letter(dead) for dead in found])

        @routes.get("/dead-letters/<number:int>")
        @require_token
        async def show_letter(request: Request, number: int) -> HTTPResponse:
            outbox = _find_outbox(request.app)
            found = await outbox.read_dead(number) if outbox else None
            return response.json(describe_letter(*found)) if found else refuse(404, "number", "is no dead letter")

        @routes.post("/dead-letters/<number:int>/resend")
        @require_token
        async def resend(request: Request, number: int) -> HTTPResponse:
            outbox = _find_outbox(request.app)
            if outbox is None or not await outbox.resend(number):
                return refuse(404, "number", "is no dead letter")
            log.info("desk.letter.resent", number=number)
            return response.json({"number": number}, status=202)

        return routes

    def _find(self, conversation_id: str) -> Conversation:
        found = self._open_store().get(conversation_id, fresh=True)
        if found is None:
            raise UnknownConversationError(conversation_id)
        return found

    async def _take(self, agent: Agent, conversation_id: str, person: str) -> dict[str, Any]:
        # The store first: from this moment a running turn's replies are withheld. The tracker follows when it ends,
        # with the moment of taking, by which the history knows what was withheld.
        already = self._find(conversation_id).state is State.PERSON
        taken = self._open_store().take(conversation_id)
        if not already:
            moment = time.time()
            await rooms.tell(
                conversation_id,
                {"type": "state", "state": taken.state.value, "person": person},
            )
            await append_events(
                agent,
                conversation_id,
                [ConversationPaused(moment, {"taken": True, "person": person})],
            )
            log.info("desk.conversation.taken", conversation=conversation_id)
        return describe(taken)

    async def _hand_back(self, app: Sanic, conversation_id: str) -> dict[str, Any]:
        before = self._find(conversation_id)
        if before.state is State.BOT:
            return describe(before)
        text = load_words(before.language, HANDED_BACK)
        # The tracker first: the bot must not be asked while Rasa still believes it is paused.
        # Resumed before it speaks, in time too: the history leaves out what the bot says in between.
        resumed = ConversationResumed()
        said = BotUttered(text, metadata={"utter_action": HANDED_BACK})
        # Rasa waits for the buyer again; without it no rule would fit her next message.
        events: list[Event] = [resumed, said, ActionExecuted(ACTION_LISTEN_NAME)]
        await append_events(app.ctx.agent, conversation_id, events)
        after = self._open_store().hand_back(conversation_id)
        await rooms.tell(
            conversation_id,
            {"type": "message", "from": "bot", "text": text, "time": said.timestamp},
        )
        await rooms.tell(conversation_id, {"type": "state", "state": after.state.value})
        await _speak(app, conversation_id, Reply(text))
        log.info("desk.conversation.handed_back", conversation=conversation_id)
        return describe(after)

    async def _write(self, app: Sanic, conversation_id: str, body: dict[str, Any]) -> HTTPResponse:
        if self._find(conversation_id).state is not State.PERSON:
            return refuse(409, "state", "take the conversation over before writing into it")
        try:
            # A person's text is never read by Rasa: a slash in it is a slash.
            text = check_text(body.get("text"), commands=True)
        except PoliteRefusal as refusal:
            raise MessageError("text", "is empty or too long") from refusal
        person = _read_person(body)
        said = BotUttered(text, metadata={"person": person})
        await append_events(app.ctx.agent, conversation_id, [said])
        line = {
            "type": "message",
            "from": "person",
            "person": person,
            "text": text,
            "time": said.timestamp,
        }
        delivered = await rooms.tell(conversation_id, line)
        delivered = await _speak(app, conversation_id, Reply(text, author=Author.AGENT)) or delivered
        return response.json({"text": text, "person": person, "delivered": delivered}, status=201)


def require_token(
    handle: Callable[..., Awaitable[HTTPResponse]],
) -> Callable[..., Awaitable[HTTPResponse]]:
    """Let only those in who show the desk's token; explain errors to them."""

    async def find(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        try:
            return await handle(request, *args, **kwargs)
        except (UnknownConversationError, UnknownBuyerError):
            return refuse(404, "conversation", "is not known here")

    explained = explain_errors(find)

    @functools.wraps(handle)
    async def check(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        expected = load_settings().desk_token.encode()
        # Compared in constant time, so that a wrong token does not tell how much of it is right.
        right = hmac.compare_digest(shown.strip().encode("utf-8", "surrogateescape"), expected)
        if scheme.lower() != "bearer" or not right:
            refused = refuse(401, "authorization", "must be Bearer and the desk's token")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        return await explained(request, *args, **kwargs)

    return check


def describe(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation as the desk shows it."""
    return {
        "conversation_id": conversation.conversation_id,
        "shop": conversation.shop,
        "channel": conversation.channel,
        "language": conversation.language,
        "state": conversation.state.value,
        "reason": conversation.reason,
        "summary": dict(conversation.summary),
        "since": conversation.since.isoformat(),
        "updated": conversation.updated.isoformat(),
    }


async def _speak(app: Sanic, conversation_id: str, reply: Reply) -> bool:
    """Let a buyer hear it on the platform she writes on; False where she is on none."""
    exchange = getattr(app.ctx, "exchange", None)
    return exchange is not None and bool(await exchange.speak(conversation_id, reply))


def _find_outbox(app: Sanic) -> Outbox | None:
    """Where answers to platforms wait; None where none is connected."""
    exchange = getattr(app.ctx, "exchange", None)
    return exchange.outbox if exchange is not None else None


def _read_state(request: Request) -> State | None:
    value = request.args.get("state")
    if value is None:
        return None
    try:
        return State(value)
    except ValueError as error:
        raise MessageError("state", f"must be one of: {', '.join(state.value for state in State)}") from error


def _read_person(body: dict[str, Any]) -> str:
    person = body.get("person") or ""
    if not isinstance(person, str) or len(person) > MAX_NAME or not person.isprintable():
        raise MessageError("person", f"must be a printable name of at most {MAX_NAME} characters")
    return person


def _unquote(conversation_id: str) -> str:
    return urllib.parse.unquote(conversation_id)
