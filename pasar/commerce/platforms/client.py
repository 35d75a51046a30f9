"""Asking a platform's interface over HTTP: in time, no faster than it allows, again where that is safe.

The signature is the platform's :class:`httpx.Auth`. A reading call is repeated with growing pauses after 429, 5xx and
broken connections, as long as its time lasts; a changing call only where the platform surely did not see it
(no connection, or 429). After several failures in a row the platform is left alone for a while.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import email.utils
import functools
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiolimiter
import circuitbreaker
import httpx
import structlog
import tenacity

from pasar.commerce.backend import ShopError, ShopUnavailableError

CALL_SECONDS = 3.0  # a buyer waits for it
SYNC_SECONDS = 30.0  # nobody waits for the catalogue
FIRST_PAUSE = 0.2
FAILURES = 5  # in a row, and the platform is left alone
REST_SECONDS = 20
MOST_BYTES = 20_000_000

log = structlog.get_logger()

# At INFO it writes the address of every call, and platforms want access tokens in theirs.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclasses.dataclass(frozen=True)
class Again:
    """What an answer with another status than 429 or 5xx says: not now, ask again."""

    reason: str
    after: float | None = None  #: seconds the platform asks to wait; None where it names none
    seen: bool = False  #: whether the platform may have done what was asked: as 5xx then, else as 429


class _AgainError(Exception):
    """Worth another try, after so many seconds where the platform named them."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


#: Reads an answer's body for an error the platform hides in a 200: its code and text, Again, or None.
ErrorReader = Callable[[httpx.Response, Any], "str | Again | None"]


class PlatformClient:
    """One platform's interface for one shop. Errors name shop, call and the platform's own words."""

    def __init__(
        self,
        shop_id: str,
        platform: str,
        base_url: str,
        auth: httpx.Auth,
        rate: tuple[float, float],
        read_error: ErrorReader | None = None,
    ) -> None:
        """``rate``: at most so many calls in so many seconds."""
        self.shop_id = shop_id
        self.platform = platform
        self._read_error = read_error or (lambda _response, _body: None)
        self._http = httpx.AsyncClient(
            base_url=base_url, auth=auth, timeout=SYNC_SECONDS, follow_redirects=False, verify=load_trust()
        )
        self._limiter = aiolimiter.AsyncLimiter(*rate)
        self._breaker = circuitbreaker.CircuitBreaker(
            failure_threshold=FAILURES,
            recovery_timeout=REST_SECONDS,
            expected_exception=ShopUnavailableError,
            name=f"{platform}:{shop_id}",
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._http.aclose()

    async def read(
        self, call: str, path: str, *, seconds: float = CALL_SECONDS, method: str = "GET", **kwargs: Any
    ) -> Any:
        """Ask for something; the answer's JSON. None where the platform says 404. ``kwargs`` as httpx takes them."""
        return (await self._guard(call, seconds, method, path, kwargs, changing=False))[0]

    async def read_page(
        self, call: str, path: str, *, seconds: float = CALL_SECONDS, method: str = "GET", **kwargs: Any
    ) -> tuple[Any, httpx.Headers]:
        """As :meth:`read`, with the answer's headers, for platforms that say there what follows."""
        return await self._guard(call, seconds, method, path, kwargs, changing=False)

    async def change(
        self, call: str, path: str, *, seconds: float = CALL_SECONDS, method: str = "POST", **kwargs: Any
    ) -> Any:
        """Change something, once; the answer's JSON. ShopError where the platform refuses.

        ShopUnavailableError means that it is not known whether the platform has done it.
        """
        return (await self._guard(call, seconds, method, path, kwargs, changing=True))[0]

    async def _guard(
        self, call: str, seconds: float, method: str, path: str, kwargs: Mapping[str, Any], *, changing: bool
    ) -> tuple[Any, httpx.Headers]:
        if self._breaker.opened:
            raise ShopUnavailableError(self.shop_id, call, f"{self.platform}: left alone after {FAILURES} failures")
        with self._breaker:
            try:
                return await asyncio.wait_for(self._repeat(call, seconds, method, path, kwargs, changing), seconds)
            except asyncio.TimeoutError as error:
                raise self._unavailable(call, f"no answer in {seconds:g} s") from error
            except _AgainError as error:
                raise self._unavailable(call, str(error)) from error

    async def _repeat(
        self, call: str, seconds: float, method: str, path: str, kwargs: Mapping[str, Any], changing: bool
    ) -> tuple[Any, httpx.Headers]:
        deadline = time.monotonic() + seconds
        backoff = tenacity.wait_exponential_jitter(initial=FIRST_PAUSE, max=seconds, jitter=FIRST_PAUSE)

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            named = error.after if isinstance(error, _AgainError) else None
            return backoff(state) if named is None else named

        def is_over(state: tenacity.RetryCallState) -> bool:
            return time.monotonic() + (state.upcoming_sleep or 0) >= deadline

        async for attempt in tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_AgainError), wait=pause, stop=is_over, reraise=True
        ):
            with attempt:
                return await self._once(call, method, path, kwargs, changing)
        raise AssertionError  # tenacity returns or raises

    async def _once(
        self, call: str, method: str, path: str, kwargs: Mapping[str, Any], changing: bool
    ) -> tuple[Any, httpx.Headers]:
        async with self._limiter:
            try:
                response = await self._http.request(method, path, **kwargs)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise _AgainError(f"no connection ({type(error).__name__})") from error
            except httpx.HTTPError as error:
                if changing:
                    raise self._unavailable(call, f"the answer was lost ({type(error).__name__})") from error
                raise _AgainError(f"the answer was lost ({type(error).__name__})") from error
        return self._read(call, response, changing), response.headers

    def _read(self, call: str, response: httpx.Response, changing: bool) -> Any:
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise _AgainError("429, too many calls", _read_pause(response))
        if status >= 500:
            if changing:
                raise self._unavailable(call, f"HTTP {status}")
            raise _AgainError(f"HTTP {status}", _read_pause(response))
        if status == httpx.codes.NOT_FOUND and not changing:
            return None
        if len(response.content) > MOST_BYTES:
            raise ShopError(self.shop_id, call, f"{self.platform}: an answer of {len(response.content)} bytes")
        try:
            body = response.json() if response.content else {}
        except (ValueError, RecursionError) as error:
            raise self._unavailable(call, f"HTTP {status}: the answer is no JSON") from error
        problem = self._read_error(response, body)
        if isinstance(problem, Again):
            if changing and problem.seen:
                raise self._unavailable(call, problem.reason)
            raise _AgainError(problem.reason, problem.after)
        if problem is None and status >= 400:
            problem = f"HTTP {status}"
        if problem is not None:
            log.warning("platform.call.refused", shop=self.shop_id, platform=self.platform, call=call, problem=problem)
            raise ShopError(self.shop_id, call, f"{self.platform}: {problem}")
        return body

    def _unavailable(self, call: str, reason: str) -> ShopUnavailableError:
        log.warning("platform.call.failed", shop=self.shop_id, platform=self.platform, call=call, reason=reason)
        return ShopUnavailableError(self.shop_id, call, f"{self.platform}: {reason}")


@functools.cache
def load_trust() -> ssl.SSLContext:
    """Whom HTTPS believes; one for all clients, as reading the certificates takes a tenth of a second."""
    return httpx.create_ssl_context()


def _read_pause(response: httpx.Response) -> float | None:
    """Seconds that the platform asks to wait (RFC 9110, 10.2.3), None where it names none."""
    named = response.headers.get("retry-after", "")
    if named.isdecimal():
        return float(named)
    try:
        then = email.utils.parsedate_to_datetime(named)
    except ValueError:
        return None
    return max(0.0, (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
