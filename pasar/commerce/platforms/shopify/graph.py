"""Shopify's GraphQL endpoint: what it answers besides data, and how long it asks to wait.

Calls are paid for in points: a call for which the bucket holds too few is answered with 200 and THROTTLED, and was not
executed. https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import CALL_SECONDS, Again, PlatformClient
from pasar.commerce.platforms.shopify.records import Record


class Graph:
    """One shop's endpoint."""

    def __init__(self, client: PlatformClient, version: str) -> None:
        """``version`` of the API, as 2026-10."""
        self._client = client
        self._path = f"/admin/api/{version}/graphql.json"

    async def read(
        self, call: str, document: str, variables: Mapping[str, Any], seconds: float = CALL_SECONDS
    ) -> Record:
        """Ask a query; its data."""
        body = {"query": document, "variables": variables}
        answer = await self._client.read(call, self._path, method="POST", seconds=seconds, json=body)
        return self._open(call, answer)

    async def change(self, call: str, document: str, variables: Mapping[str, Any]) -> Record:
        """Ask a mutation, once; its data."""
        body = {"query": document, "variables": variables}
        return self._open(call, await self._client.change(call, self._path, json=body))

    def write_id(self, call: str, kind: str, number: str) -> str:
        """Shopify's global id of a thing by its number, as ``Notice.reference`` and ``Product.reference`` are."""
        if not number.isascii() or not number.isdecimal():
            raise self.fail(call, "reference", f"{number!r} is no number of a {kind}")
        return f"gid://shopify/{kind}/{number}"

    @staticmethod
    def quote(text: str) -> str:
        """A text as one term of a search (https://shopify.dev/docs/api/usage/search-syntax)."""
        return json.dumps(text, ensure_ascii=False)

    def fail(self, call: str, field: str, problem: str) -> ShopError:
        """An error about what was given to a call, to be raised."""
        return ShopError(self._client.shop_id, call, f"shopify: {field}: {problem}")

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    def _open(self, call: str, answer: Any) -> Record:
        if answer is None:  # the client's word for 404
            raise ShopError(self._client.shop_id, call, "shopify: HTTP 404, there is no such store or version")
        return Record(self._client.shop_id, call, answer["data"])


def read_problem(response: httpx.Response, body: Any) -> str | Again | None:
    """Shopify's error codes in an answer; Again where nothing was done for want of points.

    Messages are left out: they repeat what was sent, which may be a buyer's address.
    """
    if response.status_code >= httpx.codes.BAD_REQUEST:
        return None  # the status says it
    if not isinstance(body, dict):
        return "the answer is no object"
    errors = body.get("errors")
    if errors:
        known = list(_read_codes(errors))
        if "THROTTLED" in known:
            return Again("THROTTLED", _read_wait(body))
        return ", ".join(dict.fromkeys(known)) or "an error without a code"
    return None if isinstance(body.get("data"), dict) else "the answer has no data"


def _read_codes(errors: Any) -> Iterator[str]:
    for error in errors if isinstance(errors, list) else ():
        details = error.get("extensions") if isinstance(error, dict) else None
        if not isinstance(details, dict):
            continue
        code = details.get("code")
        field = ".".join(str(details[part]) for part in ("typeName", "fieldName") if details.get(part))
        access = details.get("requiredAccess")
        yield " ".join(str(part) for part in (code, field, access and f"(needs {access})") if part)


def _read_wait(body: Mapping[str, Any]) -> float | None:
    """Seconds until the bucket holds what the call costs; None where the answer does not say."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(0.0, missing / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
