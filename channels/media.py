"""Media at the desk: what a buyer has sent in a conversation, and each for download.

Below ``/desk/conversations/<conversation>``: ``media`` (GET), ``media/<number>`` (GET). What a stranger has sent is never
shown by us: it is a file to be saved, of the type that its own bytes have, in a sandbox of no rights.
"""

from __future__ import annotations

import asyncio
import mimetypes
import urllib.parse
from typing import Any

from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.people import Find, Guard
from channels.rest import refuse
from pasar.media.model import Medium
from pasar.media.store import MediaStore, open_media
from pasar.settings import load_settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_media(routes: Blueprint, one: str, guard: Guard, find: Find) -> None:
    """Add the resources below a conversation's path ``one``; ``find`` raises where there is no such conversation."""

    @routes.get(f"{one}/media")
    @guard
    async def list_media(_: Request, conversation_id: str) -> HTTPResponse:
        conversation = find(urllib.parse.unquote(conversation_id))
        return response.json(await describe_media(conversation.conversation_id))

    @routes.get(f"{one}/media/<number:int>")
    @guard
    async def serve(_: Request, conversation_id: str, number: int) -> HTTPResponse:
        conversation, store = find(urllib.parse.unquote(conversation_id)), open_store()
        medium = await asyncio.to_thread(store.find, conversation.conversation_id, number)
        data = await asyncio.to_thread(store.read, medium) if medium is not None else None
        if medium is None or data is None:
            return refuse(404, "number", "is no medium that is kept of this conversation")
        headers = {**_HEADERS, "Content-Disposition": _write_disposition(name_file(medium))}
        return response.raw(data, headers=headers, content_type=medium.media_type)


async def describe_media(conversation_id: str) -> list[dict[str, Any]]:
    """A conversation's media as the desk shows them, the earliest first."""
    return list(map(describe, await asyncio.to_thread(lambda: open_store().list_media(conversation_id))))


def open_store() -> MediaStore:
    """The installation's media."""
    settings = load_settings()
    return open_media(settings.database, settings.var / "media")


def describe(medium: Medium) -> dict[str, Any]:
    """A medium as the desk shows it."""
    return {
        "number": medium.number,
        "message_id": medium.wish.message_id,
        "kind": medium.wish.kind.value,
        "state": medium.state.value,
        "reason": medium.reason,
        "name": name_file(medium),
        "type": medium.media_type,
        "size": medium.size,
        "asked": medium.asked_at.isoformat(),
        "fetched": None if medium.fetched_at is None else medium.fetched_at.isoformat(),
        "attempts": medium.attempts,
    }


def name_file(medium: Medium) -> str:
    """The sender's name of the file, else one that fits its type."""
    ending = mimetypes.guess_extension(medium.media_type) or ""
    return medium.wish.name or f"{medium.wish.kind.value}-{medium.number}{'' if ending == '.bin' else ending}"


def _write_disposition(name: str) -> str:
    """RFC 6266: saved, never shown; the whole name for those who read RFC 5987."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"
