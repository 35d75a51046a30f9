"""Webhooks of a LINE at a steady rate, in a process of its own: what it measures must not wait for what it measures.

    python -m benchmark.webhooks.generator <port> <calls a second> <seconds>

Prints one line of JSON: each call's seconds until it was acknowledged, how late it was sent, and what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid

from tests.channels.bots import sign
from tests.channels.test_line import EVENT, write

BUYERS = 500
PATIENCE = 30.0
IDLE = 2.0  # seconds; older connections are not used again, since the server is about to close them


class _Call(asyncio.Protocol):
    """One connection, one call at a time."""

    def __init__(self) -> None:
        self.is_lost = False
        self.used_at = 0.0
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(data)

    def close(self) -> None:
        """End it."""
        self._transport.close()

    async def ask(self, request: bytes) -> bytes:
        """The first bytes of the answer: its status is among them."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await asyncio.wait_for(self._answer, PATIENCE)


class Generator:
    """Calls, prepared before the first is sent."""

    def __init__(self, port: int, rate: float, seconds: float) -> None:
        self._port, self._rate = port, rate
        run, begun = uuid.uuid4().hex, time.time()
        self._requests = [_write(run, number, begun + number / rate) for number in range(int(rate * seconds))]
        self._idle: list[_Call] = []
        self.took: list[float] = []
        self.late: list[float] = []
        self.failed = 0

    async def run(self) -> None:
        """Send each at its time, whether those before are acknowledged or not."""
        begun, running = time.perf_counter(), []
        for number, request in enumerate(self._requests):
            due = begun + number / self._rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.late.append(time.perf_counter() - due)
            running.append(asyncio.ensure_future(self._send(request)))
        await asyncio.gather(*running)

    async def _send(self, request: bytes) -> None:
        begun = time.perf_counter()
        try:
            call = await self._connect()
            answer = await call.ask(request)
        except (OSError, asyncio.TimeoutError):
            self.failed += 1
            return
        self.took.append(time.perf_counter() - begun)
        call.used_at = time.perf_counter()
        self._idle.append(call)
        self.failed += not answer.startswith(b"HTTP/1.1 200")

    async def _connect(self) -> _Call:
        while self._idle:
            call = self._idle.pop()
            if not call.is_lost and time.perf_counter() - call.used_at < IDLE:
                return call
            call.close()
        _, call = await asyncio.get_running_loop().create_connection(_Call, "127.0.0.1", self._port)
        return call


def _write(run: str, number: int, sent_at: float) -> bytes:
    source = {"type": "user", "userId": f"U{number % BUYERS}"}
    body = write({**EVENT, "webhookEventId": f"{run}-{number}", "timestamp": int(sent_at * 1000), "source": source})
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body)), **sign(body)}
    lines = [
        "POST /webhooks/line/main HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def main() -> None:
    """Send, then print."""
    generator = Generator(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    asyncio.run(generator.run())
    print(json.dumps({"took": generator.took, "late": generator.late, "failed": generator.failed}))  # noqa: T201


if __name__ == "__main__":
    main()
