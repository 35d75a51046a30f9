"""Meta's Graph API on this machine: what WhatsApp, Messenger and Instagram share.

After https://developers.facebook.com/docs/graph-api/guides/error-handling : the shape of errors, and code 190 for a token
that does not serve. It does not cover permissions, app modes and the limits of calls.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.channels.contract import ChatServer

TOKEN = "meta-access-token-of-the-tests"
VERSION = "v25.0"


def refuse(code: int, message: str, *, status: int = 400, **more: Any) -> web.Response:
    """An error as the Graph API writes it."""
    return web.Response(status=status, body=write_error(code, message, **more), content_type="application/json")


def write_error(code: int, message: str = "", **more: Any) -> bytes:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    return json.dumps({"error": error}).encode()


class GraphServer(ChatServer):
    """Who may call."""

    def __init__(self) -> None:
        super().__init__()
        self.good = {TOKEN}  #: tokens that serve

    def check_token(self, request: web.Request) -> web.Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and token in self.good:
            return None
        self.forged += 1
        return refuse(190, "Invalid OAuth access token.", status=401)
