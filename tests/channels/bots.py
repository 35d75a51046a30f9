"""Processes of :mod:`tests.channels.bot_process`, and buyers who write to them as a platform delivers it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import zlib
from collections import Counter

import httpx

from tests.channels.line_server import LineServer
from tests.channels.test_line import EVENT, SECRET

START_SECONDS = 240
SCRIPT = pathlib.Path(__file__).with_name("bot_process.py")


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bot:
    """A bot's process; killed and begun again on the same port."""

    def __init__(
        self, database: str, line: str, busy: float = 0.0, inbox: str = "", script: pathlib.Path = SCRIPT
    ) -> None:
        self.port = find_port()
        self._arguments = [sys.executable, str(script), str(self.port), database, line, str(busy)]
        self._environment = {**os.environ, "PASAR_INBOX": inbox}
        self.kills = 0
        self.is_alive = False  #: it serves, and was not killed since
        self.errors = subprocess.DEVNULL
        self.process: subprocess.Popen[str] | None = None

    async def begin(self) -> None:
        """Until it serves; again and again, as a service manager does, where its database is away just then."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.process = await asyncio.to_thread(
                subprocess.Popen,
                self._arguments,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                text=True,
                env=self._environment,
            )
            if await asyncio.to_thread(self.process.stdout.readline) == "ready\n":
                self.is_alive = True
                return
            self.end()
        raise TimeoutError("the bot does not start")

    def kill(self) -> None:
        """As kill -9 does."""
        self.is_alive = False
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def sign(body: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    return {"x-line-signature": base64.b64encode(digest).decode()}


def write_text(line: LineServer, user: str, text: str) -> bytes:
    """A webhook's body, the same whenever LINE sends it again."""
    token = f"token-{user}-{text}"
    line.tokens[token] = user
    event = {
        **EVENT,
        "webhookEventId": f"{user}-{text}",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user},
        "replyToken": token,
        "message": {**EVENT["message"], "text": text},
    }
    return json.dumps({"destination": "U" + "0" * 32, "events": [event]}).encode()


async def deliver(
    client: httpx.AsyncClient,
    bots: list[Bot],
    line: LineServer,
    user: str,
    text: str,
    refusals: Counter[str] | None = None,
) -> float:
    """Deliver a message until a bot acknowledges it, as LINE redelivers; the seconds of the last call.

    The bots get equal shares, also of first tries. ``refusals`` counts what did not succeed, by status or error.
    """
    body = write_text(line, user, text)
    refusals = Counter() if refusals is None else refusals
    place = zlib.crc32(f"{user}-{text}".encode())
    while True:
        bot = bots[place % len(bots)]
        place += 1
        begun = time.perf_counter()
        try:
            reply = await post(client, bot, body)
        # anyio looks for a socket that is gone already where the bot dies as the connection begins.
        except (httpx.HTTPError, AttributeError) as error:
            refusals[type(error).__name__] += 1
        else:
            if reply.status_code == 200:
                return time.perf_counter() - begun
            refusals[str(reply.status_code)] += 1
        await asyncio.sleep(0.2)


async def post(client: httpx.AsyncClient, bot: Bot, body: bytes) -> httpx.Response:
    """One call of LINE to a bot."""
    url = f"http://127.0.0.1:{bot.port}/webhooks/line/main"
    return await client.post(url, content=body, headers=sign(body), timeout=10)


def read_answers(line: LineServer) -> dict[str, list[str]]:
    """By buyer, the messages that were answered, in order; one as often as it was."""
    answers: dict[str, list[str]] = {}
    for shown in line.shown:
        if shown.text.startswith("answer to "):
            answers.setdefault(shown.thread, []).extend(shown.text.removeprefix("answer to ").split("\n"))
    return answers
