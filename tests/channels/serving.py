"""Serving a bot in a process of its own until it is killed."""

from __future__ import annotations

import asyncio
import socket


async def serve_for_ever(app, port):
    """Says "ready" on standard output once it serves."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.after_start()
    await server.start_serving()
    print("ready", flush=True)
    await asyncio.Event().wait()
