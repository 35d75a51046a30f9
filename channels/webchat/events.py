"""The web chat for socket.io's clients, with the events of Rasa's own socket.io channel, at /chat/socket.io.

``session_request`` is answered by ``session_confirm`` with the session's token, ``user_uttered`` by ``bot_uttered``; what
cannot be taken by ``refused``. Behind them is the same :class:`ChatSocket` as behind our own window: one conversation for
all clients that show a token, and the same checks.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import socketio

from channels.base import is_payload
from channels.webchat.socket import ChatSocket, Connection

PATH = "/chat/socket.io"
MAX_FRAME = 100_000
MAX_WAITING = 50  # frames of one client that nobody has read yet
_CONTEXT = ("shop", "product", "languages", "buyer_token")


class EventConnection:
    """One client, as :class:`Connection`: its events are frames, and frames are events to it."""

    def __init__(self, emit: Callable[[str, Any], Any]) -> None:
        """``emit`` sends an event to the client."""
        self._emit = emit
        self._frames: asyncio.Queue[str | None] = asyncio.Queue(MAX_WAITING)
        self._is_known = False

    async def recv(self) -> str | None:
        """The next frame; None when the client has gone."""
        return await self._frames.get()

    async def send(self, message: str) -> None:
        """Send a frame as the event that it is; what Rasa's clients have no event for is left out."""
        item = json.loads(message)
        if item["type"] == "welcome":
            await self._emit("session_confirm", item["token"])
        elif item["type"] == "message" and item.get("from") != "user":
            await self._emit("bot_uttered", write_utterance(item))
        elif item["type"] == "error":
            await self._emit("refused", {"field": item["field"], "message": item["message"]})

    def greet(self, data: object) -> None:
        """``session_request``: begin, or go on with the conversation of ``session_id``."""
        self._is_known = True
        given = _read_object(data)
        metadata = {**_read_object(given.get("metadata")), **_read_object(given.get("customData")), **given}
        hello = {name: metadata[name] for name in _CONTEXT if metadata.get(name) is not None}
        self._put({"type": "hello", "token": given.get("session_id"), **hello})

    def hear(self, data: object) -> None:
        """``user_uttered``: a text, or the payload of a quick reply."""
        given = _read_object(data)
        if not self._is_known:
            self.greet(given)
        text = given.get("message")
        message: dict[str, Any] = {"type": "message", "id": secrets.token_hex(16), "text": text}
        if isinstance(text, str) and is_payload(text):
            name = text[1:].partition("{")[0].replace("_", " ")
            message |= {"payload": text, "title": given.get("title") or name}
        self._put(message)

    def leave(self) -> None:
        """The client has gone; what it has not been answered yet it may ask for again."""
        while self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(None)

    def _put(self, item: Mapping[str, Any]) -> None:
        if not self._frames.full():  # who floods is not heard
            self._frames.put_nowait(json.dumps(item))


def write_utterance(item: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the window, as ``bot_uttered`` has it; cards as they are."""
    said: dict[str, Any] = {name: item[name] for name in ("text", "custom", "person") if item.get(name)}
    if item.get("buttons"):
        said["quick_replies"] = [
            {"content_type": "text", "title": button["title"], "payload": button["payload"]}
            for button in item["buttons"]
        ]
    if item.get("image"):
        said["attachment"] = {"type": "image", "payload": {"src": item["image"]}}
    return said


def make_server(open_socket: Callable[[Connection, Any], ChatSocket]) -> socketio.AsyncServer:
    """The server of events; ``open_socket`` gives what serves a connection, from it and the app that it came to."""
    # Any page may have the chat in it, and there are no cookies to be misused.
    server = socketio.AsyncServer(
        async_mode="sanic", cors_allowed_origins="*", cors_credentials=False, max_http_buffer_size=MAX_FRAME
    )
    connections: dict[str, EventConnection] = {}
    serving: set[asyncio.Task[None]] = set()

    async def connect(sid: str, environ: Mapping[str, Any], _: object = None) -> None:
        async def emit(event: str, content: Any) -> None:
            await server.emit(event, content, to=sid)

        connections[sid] = EventConnection(emit)
        task = asyncio.ensure_future(open_socket(connections[sid], environ["sanic.request"].app).serve())
        serving.add(task)
        task.add_done_callback(serving.discard)

    async def disconnect(sid: str, *_: object) -> None:
        gone = connections.pop(sid, None)
        if gone is not None:
            gone.leave()

    async def session_request(sid: str, data: object = None) -> None:
        connections[sid].greet(data)

    async def user_uttered(sid: str, data: object = None) -> None:
        connections[sid].hear(data)

    for handler in (connect, disconnect, session_request, user_uttered):
        server.on(handler.__name__, handler)
    return server


def _read_object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
