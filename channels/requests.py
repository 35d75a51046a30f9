"""Reading a request's body, of any channel."""

from __future__ import annotations

from sanic import Request
from sanic.exceptions import PayloadTooLarge

MAX_BODY = 1024 * 1024


async def read_body(request: Request) -> bytes:
    """Return the request's body; PayloadTooLarge as soon as it is over 1 MB, without reading the rest."""
    parts: list[bytes] = []
    size = 0
    if request.stream is not None and request.stream.request_body:
        async for part in request.stream:
            size += len(part)
            if size > MAX_BODY:
                # Sanic reads on to let the sender see the reply; what is absurdly large ends the connection.
                request.stream.request_max_size = 8 * MAX_BODY
                raise PayloadTooLarge("body")
            parts.append(part)
    return b"".join(parts)
