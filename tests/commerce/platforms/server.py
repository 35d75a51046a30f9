"""A platform on this machine, as its public specification describes it: what every platform's server shares.

A platform's test module derives from :class:`PlatformServer`, adds its routes and checks signatures as the platform
does; faults are put in by the tests.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Mapping
from typing import Any

from aiohttp import web


@dataclasses.dataclass(frozen=True)
class Seen:
    """A call that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclasses.dataclass
class Fault:
    """What goes wrong with the next calls."""

    times: int
    status: int = 0  #: answered instead; 0: the true answer
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: bytes | None = None  #: sent instead, as a malformed answer
    seconds: float = 0.0  #: waited first
    drop: bool = False  #: the work is done, but the answer is lost with the connection
    changing: bool = False  #: only what is no GET goes wrong, and a look before the change does not


class PlatformServer:
    """An HTTP server on 127.0.0.1 with faults; ``async with`` starts and stops it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.forged = 0  #: calls refused for their signature
        self.faults: collections.deque[Fault] = collections.deque()
        self.base_url = ""
        app = web.Application(middlewares=[self._watch])
        self.add_routes(app.router)
        self._runner = web.AppRunner(app)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The platform's routes."""
        raise NotImplementedError

    def break_next(self, times: int = 1, **fault: Any) -> None:
        """Let the next calls go wrong, see :class:`Fault`."""
        self.faults.append(Fault(times, **fault))

    def calls(self, path: str) -> list[Seen]:
        """The calls to paths that hold ``path``, in order."""
        return [call for call in self.seen if path in call.path]

    async def __aenter__(self) -> PlatformServer:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=0.1)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(
            Seen(
                request.method,
                request.path,
                dict(request.query),
                {k.lower(): v for k, v in request.headers.items()},
                body,
            )
        )
        fault = self._next_fault(request.method)
        if fault is None:
            return await handler(request)
        await asyncio.sleep(fault.seconds)
        if fault.drop:
            await handler(request)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault.body is not None:
            return web.Response(status=fault.status or 200, body=fault.body, headers=fault.headers)
        if fault.status:
            return web.Response(status=fault.status, headers=fault.headers)
        return await handler(request)

    def _next_fault(self, method: str) -> Fault | None:
        while self.faults and self.faults[0].times < 1:
            self.faults.popleft()
        if not self.faults or (self.faults[0].changing and method == "GET"):
            return None
        self.faults[0].times -= 1
        return self.faults[0]


class MemoryTokens:
    """A token store in memory that renews as :class:`pasar.commerce.platforms.tokens.TokenStore` promises."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[str, str], Any] = {}
        self.renewals = 0
        self._lock = asyncio.Lock()

    async def get(self, shop_id: str, platform: str, renew: Any, *, refused: str = "") -> Any:
        import datetime

        async with self._lock:
            token = self.tokens[shop_id, platform]
            if not token.is_fresh(datetime.datetime.now(datetime.timezone.utc)) or token.access == refused:
                self.renewals += 1
                token = await renew(token)
                self.tokens[shop_id, platform] = token
            return token

    async def put(self, shop_id: str, platform: str, token: Any) -> None:
        self.tokens[shop_id, platform] = token
