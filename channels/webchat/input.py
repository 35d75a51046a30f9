"""The web chat as Rasa sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint, Request, Sanic

from channels.rooms import rooms
from channels.turn import GuardedOutput, Handler
from channels.webchat.events import PATH, make_server
from channels.webchat.pages import add_pages
from channels.webchat.socket import ChatSocket, Connection, make_line
from pasar.conversations.store import ConversationStore, open_store
from pasar.nlu.inprocess import attach


class WebChatOutput(GuardedOutput):
    """Collects the replies of one turn, and shows each at once in the buyer's windows."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as texts and metrics know it."""
        return "webchat"


class WebChatProactiveOutput(WebChatOutput):
    """Speaks into any conversation of the web chat, when Rasa begins a turn by itself."""

    def __init__(self, open_store: Callable[[], ConversationStore]) -> None:
        """Belong to no conversation yet."""
        self._open_store = open_store
        self.messages: list[dict[str, Any]] = []

    async def _persist_message(self, message: dict[str, Any]) -> None:
        conversation_id = message["recipient_id"]

        async def deliver(spoken: dict[str, Any]) -> None:
            await rooms.tell(conversation_id, make_line(spoken))

        guarded = WebChatOutput(conversation_id, "", self._open_store(), deliver)
        await guarded._persist_message(message)


class WebChatInput(InputChannel):
    """GET /chat/ (a demo shop), /chat/widget.js (to embed), /chat/frame, the WebSocket /chat/socket, and /chat/socket.io."""

    def __init__(self, store: Callable[[], ConversationStore] = open_store) -> None:
        """Use the installation's store, or a test's."""
        self._open_store = store

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "webchat"

    def url_prefix(self) -> str:
        """Return an absolute path: Rasa would otherwise put the chat below /webhooks/."""
        return "/chat"

    def get_output_channel(self) -> WebChatProactiveOutput:
        """Return a channel by which Rasa speaks unasked."""
        return WebChatProactiveOutput(self._open_store)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""

        def open_socket(connection: Connection, app: Sanic) -> ChatSocket:
            return ChatSocket(connection, app.ctx.agent, on_new_message, self._open_store(), WebChatOutput)

        events = make_server(open_socket)
        routes = SocketBlueprint(events, PATH, "webchat")
        attach(routes)
        add_pages(routes)

        @routes.websocket("/socket")
        async def talk(request: Request, connection: Connection) -> None:
            await open_socket(connection, request.app).serve()

        @routes.listener("before_server_stop")
        async def end(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            await events.shutdown()

        return routes
