"""Calls of TikTok Shop for one shop: the envelope of answers, pages, and errors with the names of shop and call.

https://partner.tiktokshop.com/docv2/page/678e3a45786253031531b942 (errors),
https://partner.tiktokshop.com/docv2/page/64f1991d64ed2e0295f3d2c0 (rates).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.client import CALL_SECONDS, Again, PlatformClient
from pasar.commerce.platforms.tiktokshop.fields import FieldError, Record
from pasar.commerce.platforms.tiktokshop.signing import PLATFORM, RequestAuth
from pasar.commerce.platforms.tokens import TokenExpiredError

RATE = (50.0, 1.0)  # TikTok allows it of each call; here all calls share it
PAGE_SIZE = 100

#: What passes: too many requests, an internal error, a time-out.
_AGAIN = frozenset({"36009002", "36009003", "36009007"})


class Session:
    """Asks for one shop, signed. Besides the shop's errors FieldError and TokenExpiredError may come out."""

    def __init__(self, shop_id: str, base_url: str, auth: RequestAuth) -> None:
        self._shop_id = shop_id
        self._auth = auth
        self._client = PlatformClient(shop_id, PLATFORM, base_url, auth, RATE, read_error)

    async def close(self) -> None:
        """Give back connections."""
        await self._auth.close()
        await self._client.close()

    async def ask(self, call: str, path: str, **kwargs: Any) -> Record:
        """The ``data`` of a reading call's answer; ``kwargs`` as :meth:`PlatformClient.read` takes them."""
        answer = await self._client.read(call, path, **kwargs)
        if answer is None:  # TikTok says 404 of paths only
            raise ShopError(self._shop_id, call, f"{PLATFORM}: {path} is not known")
        return Record(answer, "answer").find_record("data") or Record({})

    async def change(self, call: str, path: str, **kwargs: Any) -> Record:
        """The ``data`` of a changing call's answer; ``kwargs`` as :meth:`PlatformClient.change` takes them."""
        return Record(await self._client.change(call, path, **kwargs), "answer").read_record("data")

    async def list_pages(
        self,
        call: str,
        path: str,
        name: str,
        body: Mapping[str, Any],
        *,
        page_size: int | None = None,
        seconds: float = CALL_SECONDS,
        params: Mapping[str, str] | None = None,
    ) -> AsyncIterator[list[Record]]:
        """The lists ``name`` of a search, page after page."""
        query = {**(params or {}), "page_size": str(page_size or PAGE_SIZE)}
        token = ""
        while True:
            data = await self.ask(call, path, method="POST", params=query, json=body, seconds=seconds)
            yield data.list_records(name)
            following = data.find_text("next_page_token")
            if following in ("", token):
                return
            query["page_token"] = token = following

    @contextlib.contextmanager
    def naming(self, call: str, *, changing: bool = False) -> Iterator[None]:
        """Give errors of fields and tokens the names of shop and call.

        Where the answer of a ``changing`` call cannot be read, it is not known what has come of it.
        """
        try:
            yield
        except TokenExpiredError as error:
            raise ShopError(self._shop_id, call, f"{PLATFORM}: {error}") from error
        except FieldError as error:
            kind = ShopUnavailableError if changing else ShopError
            raise kind(self._shop_id, call, f"{PLATFORM}: {error}") from error


def find_code(error: ShopError) -> str:
    """TikTok's own code of an error, or ""."""
    code = error.reason.removeprefix(f"{PLATFORM}: ").partition(" ")[0]
    return code if code.isdigit() else ""


def read_error(_response: httpx.Response, body: Any) -> str | Again | None:
    """What an answer says went wrong. Whatever the HTTP status, ``code`` 0 is success."""
    try:
        envelope = Record(body, "answer")
        code = envelope.find_number("code")
        words, request_id = envelope.find_text("message"), envelope.find_text("request_id")
    except FieldError as error:
        return str(error)
    if code is None:
        return "answer.code is missing"
    if code == 0:
        return None
    problem = f"{code} {words[:200]} (request {request_id[:40]})"
    return Again(problem, seen=True) if str(code) in _AGAIN else problem
