"""The REST channel: one request, one JSON list of replies, as Rasa's own, but never silent and never untidy."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Request, response
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.response import HTTPResponse

from channels.base import (
    MessageError,
    PoliteRefusal,
    check_context,
    check_conversation_id,
    check_message,
    find_language,
)
from channels.faults import describe_fault
from channels.requests import read_body
from channels.turn import GuardedOutput, Handler, Incoming, answer
from pasar.conversations.store import ConversationStore, open_store
from pasar.nlu.inprocess import attach

log = structlog.get_logger()


class RestOutput(GuardedOutput):
    """Collects the replies of one request."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as texts and metrics know it."""
        return "rest"


class RestInput(InputChannel):
    """POST /webhooks/rest/webhook with sender, message and metadata (shop, product, live, buyer_token)."""

    def __init__(self, store: Callable[[], ConversationStore] = open_store) -> None:
        """Use the installation's store, or a test's."""
        self._open_store = store

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in its address too."""
        return "rest"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("rest_channel")
        attach(routes)

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/webhook", stream=True)
        @explain_errors
        async def receive(request: Request) -> HTTPResponse:
            body = parse_object(await read_body(request))
            return response.json(await self._reply(on_new_message, body))

        return routes

    async def _reply(self, handle: Handler, body: dict[str, Any]) -> list[dict[str, Any]]:
        store = self._open_store()
        conversation_id = check_conversation_id(body.get("sender"))
        context = check_context(body.get("metadata"), conversation_id, self.name(), store)
        language = await find_language(conversation_id, context.shop, store)
        output = RestOutput(conversation_id, language, store)
        try:
            text = check_message(body.get("message"))
        except PoliteRefusal as refusal:
            await output.send_text_message(conversation_id, refusal.say(language))
        else:
            await answer(
                handle,
                Incoming(conversation_id, text, context, language),
                output,
                store,
            )
        # A copy: a turn that outlives its deadline goes on collecting.
        return list(output.messages)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a request's body; MessageError where there is none."""
    try:
        parsed = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MessageError("body", "must be UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise MessageError("body", "must be JSON") from error
    if not isinstance(parsed, dict):
        raise MessageError("body", "must be a JSON object")
    return parsed


def explain_errors(
    handle: Callable[..., Awaitable[HTTPResponse]],
) -> Callable[..., Awaitable[HTTPResponse]]:
    """Answer errors as ``{"error": {"field", "message"}}``: for the program at the other end, without a trace."""

    @functools.wraps(handle)
    async def explain(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        try:
            return await handle(request, *args, **kwargs)
        except MessageError as error:
            return refuse(error.status, error.field, error.message)
        except PayloadTooLarge as error:
            return refuse(413, "body", str(error))
        except SanicException as error:
            return refuse(error.status_code, "request", "cannot be read")
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error("channel.request.failed", reference=reference, **describe_fault(error))
            return refuse(500, "server", f"failed; its log has the reference {reference}")

    return explain


def refuse(status: int, field: str, message: str) -> HTTPResponse:
    """Return an error for the program at the other end."""
    return response.json({"error": {"field": field, "message": message}}, status=status)
