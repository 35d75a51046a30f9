"""Processes of :mod:`tests.channels.bot_process`, and buyers who write to them as a platform delivers it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import pathlib
import socket
import subprocess
import sys
import time

import httpx

from tests.channels.line_server import LineServer
from tests.channels.test_line import EVENT, SECRET

SCRIPT = pathlib.Path(__file__).with_name("bot_process.py")


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bot:
    """A bot's process; killed and begun again on the same port."""

    def __init__(self, database: str, line: str, busy: float = 0.0, script: pathlib.Path = SCRIPT) -> None:
        self.port = find_port()
        self._arguments = [sys.executable, str(script), str(self.port), database, line, str(busy)]
        self.kills = 0
        self.errors = subprocess.DEVNULL
        self.process: subprocess.Popen[str] | None = None

    async def begin(self) -> None:
        """Until it serves."""
        self.process = await asyncio.to_thread(
            subprocess.Popen, self._arguments, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        line = await asyncio.to_thread(self.process.stdout.readline)
        assert line == "ready\n", line

    def kill(self) -> None:
        """As kill -9 does."""
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


async def deliver(client: httpx.AsyncClient, bots: list[Bot], line: LineServer, user: str, text: str) -> float:
    """Deliver a message until a bot acknowledges it, as LINE redelivers; the seconds of the last call."""
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
    body = json.dumps({"destination": "U" + "0" * 32, "events": [event]}).encode()
    place = 0
    while True:
        bot = bots[place % len(bots)]
        place += 1
        begun = time.perf_counter()
        try:
            reply = await client.post(
                f"http://127.0.0.1:{bot.port}/webhooks/line/main", content=body, headers=sign(body), timeout=2
            )
            if reply.status_code == 200:
                return time.perf_counter() - begun
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.2)


def read_answers(line: LineServer) -> dict[str, list[str]]:
    """By buyer, the messages that were answered, in order; one as often as it was."""
    answers: dict[str, list[str]] = {}
    for shown in line.shown:
        if shown.text.startswith("answer to "):
            answers.setdefault(shown.thread, []).extend(shown.text.removeprefix("answer to ").split("\n"))
    return answers
