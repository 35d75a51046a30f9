"""What a platform of live streams writes: which streams there are, their comments, what is shown, and how to comment.

Platforms that are asked (Shopee Live, Facebook Live) derive from :class:`LiveConnector`. Those that tell (Instagram)
give comments of their webhook by :meth:`channels.connector.Connector.parse_comments`.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import httpx

from channels.connector import SEND_SECONDS, Call, Connector, ForgedError, SendError
from pasar.live.comment import Comment, Stream
from pasar.messages.model import Received, Sending


@dataclasses.dataclass(frozen=True)
class Page:
    """What was fetched."""

    comments: tuple[Comment, ...]
    cursor: str = ""  #: given to the next fetch, also by another process


class LiveConnector(Connector):
    """Live streams of one account, which are asked for."""

    comments = "public"
    listens = False
    every: ClassVar[float]  #: seconds between two fetches
    patience: ClassVar[float] = 30.0  #: seconds to the next fetch at most, however often one failed

    def verify(self, call: Call) -> None:
        """No call of the platform's is known."""
        raise ForgedError("this platform calls nobody", status=404)

    def parse(self, call: Call) -> list[Received]:
        """None."""
        return []

    @abc.abstractmethod
    async def find_streams(self) -> list[str]:
        """The ids of streams that go on; [] where the platform does not list them. SendError."""

    @abc.abstractmethod
    async def is_over(self, stream: str) -> bool:
        """Whether a stream has ended; SendError."""

    @abc.abstractmethod
    async def fetch(self, stream: str, cursor: str) -> Page:
        """The comments since ``cursor`` ("" at first), maybe some again; SendError."""

    async def fetch_product(self, stream: str) -> str | None:
        """The product that is shown now, "" for none; None where the platform does not tell. SendError."""
        return None

    @abc.abstractmethod
    async def comment(self, stream: str, text: str) -> str:
        """Comment as the shop; the comment's id, "" where none is given. SendError."""

    @abc.abstractmethod
    async def find_own(self, stream: str, text: str) -> str | None:
        """The id of a comment of ours with this text among the last ones; None where there is none. SendError."""

    async def send(self, sending: Sending) -> Sequence[str]:
        """Comment, while the stream is at that point; what may have been sent before is looked for first."""
        until = sending.to.facts.get("until")
        if isinstance(until, int | float) and _now() > until:
            raise SendError("the stream has gone on", permanent=True)
        stream, text = sending.to.thread, sending.reply.text
        if sending.uncertain:
            found = await self.find_own(stream, text)
            if found is not None:
                return [found] if found else []
        named = await self.comment(stream, text)
        return [named] if named else []

    def place(self, stream: str) -> Stream:
        """The stream, as every store knows it."""
        return Stream(self.name, self.account.name, stream)

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, **content: Any) -> httpx.Response:
        """GET from the platform; its answer whatever the status, SendError where there is none."""
        try:
            return await self.client.get(url, headers=headers, timeout=SEND_SECONDS, **content)
        except httpx.HTTPError as error:
            raise SendError(f"no answer ({type(error).__name__})") from error


def _now() -> float:
    return datetime.datetime.now(datetime.timezone.utc).timestamp()
