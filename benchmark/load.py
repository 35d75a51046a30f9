"""Buyers writing to a server over its REST channel, and what their answers took."""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from benchmark.messages import BuyerMessage

REPLY_SECONDS = 120.0
_TOGETHER = 500


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back for a message; ``replies`` is None where the server failed or was too late."""

    message: BuyerMessage
    seconds: float
    replies: list[dict[str, Any]] | None

    @property
    def true(self) -> bool:
        """Whether it tells the truth about the order, or at least something where none was asked for."""
        return self.replies is not None and self.message.is_true(self.replies)


@dataclasses.dataclass
class Phase:
    """Messages sent in one manner, and what they cost."""

    name: str
    answers: list[Answer]
    seconds: float  #: until the last one was answered
    cpu_seconds: float

    def as_row(self) -> dict[str, Any]:
        """Percentiles in milliseconds by the nearest rank (Hyndman and Fan, 1996, definition 1), and the cost."""
        times = [1000 * answer.seconds for answer in self.answers]
        orders = [answer for answer in self.answers if answer.message.order]
        return {
            "name": self.name,
            "messages": len(self.answers),
            "failed": sum(answer.replies is None for answer in self.answers),
            "p50": percentile(times, 50),
            "p95": percentile(times, 95),
            "p99": percentile(times, 99),
            "seconds": self.seconds,
            "messages_per_second": len(self.answers) / self.seconds,
            "cpu_ms": 1000 * self.cpu_seconds / len(self.answers),
            "orders": len(orders),
            "orders_true": sum(answer.true for answer in orders),
            "orders_in_language": sum(
                answer.replies is not None and answer.message.is_in_language(answer.replies) for answer in orders
            ),
            "times": sorted(round(one, 1) for one in times),
            "untrue": [
                {"text": answer.message.text, "replies": answer.replies} for answer in orders if not answer.true
            ][:10],
        }


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]


class Buyers:
    """Everybody who writes to one server."""

    def __init__(self, port: int, cpu_seconds: Callable[[], float]) -> None:
        """``cpu_seconds``: what the server's processes used so far."""
        self._address = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        self._cpu_seconds = cpu_seconds

    def one_by_one(self, name: str, messages: Sequence[BuyerMessage]) -> Phase:
        """Each message when the one before is answered."""

        async def run(client: httpx.AsyncClient) -> list[Answer]:
            return [await self._send(client, message) for message in messages]

        return self._measure(name, run)

    def at_once(self, name: str, messages: Sequence[BuyerMessage]) -> Phase:
        """All messages at the same moment."""

        async def run(client: httpx.AsyncClient) -> list[Answer]:
            return list(await asyncio.gather(*(self._send(client, message) for message in messages)))

        return self._measure(name, run)

    def steadily(self, name: str, messages: Sequence[BuyerMessage], per_second: float) -> Phase:
        """A message every so often, whether the one before is answered or not."""

        async def run(client: httpx.AsyncClient) -> list[Answer]:
            async def later(place: int, message: BuyerMessage) -> Answer:
                await asyncio.sleep(place / per_second)
                return await self._send(client, message)

            return list(await asyncio.gather(*(later(*entry) for entry in enumerate(messages))))

        return self._measure(name, run)

    def _measure(self, name: str, run: Callable[[httpx.AsyncClient], Any]) -> Phase:
        async def connect() -> list[Answer]:
            limits = httpx.Limits(max_connections=_TOGETHER, max_keepalive_connections=_TOGETHER)
            async with httpx.AsyncClient(timeout=REPLY_SECONDS, limits=limits) as client:
                answers: list[Answer] = await run(client)
                return answers

        used, began = self._cpu_seconds(), time.perf_counter()
        answers = asyncio.run(connect())
        return Phase(name, answers, time.perf_counter() - began, self._cpu_seconds() - used)

    async def _send(self, client: httpx.AsyncClient, message: BuyerMessage) -> Answer:
        body = {"sender": f"bench-{uuid.uuid4().hex}", "message": message.text, "metadata": {"shop": "stylehub"}}
        began = time.perf_counter()
        try:
            response = await client.post(self._address, json=body)
            replies = response.json() if response.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            replies = None
        return Answer(message, time.perf_counter() - began, replies)
