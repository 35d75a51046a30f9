"""What is around every answer: ``{error, message, request_id, response}``, the error empty where all is well.

Source: https://open.shopee.com/developer-guide/16 ("API response parameters") and the lists of errors of each call.
"""

from __future__ import annotations

from typing import Any

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.client import Again

PLATFORM = "shopee"

#: "Please try again later", say the lists of errors.
_PASSING = frozenset({"error_server", "error_inner", "error_network", "error_system_busy", "error_rate_limit"})
#: The first is how Shopee spells it.
_TOKEN_CODES = frozenset({"invalid_acceess_token", "invalid_access_token"})
_NOT_FOUND = frozenset({"error_not_found", "error_item_not_found"})
_MOST_TEXT = 200


def read_problem(_response: httpx.Response | None, body: Any) -> str | Again | None:
    """What went wrong, as ``code: text (request id)``; None where nothing did."""
    if not isinstance(body, dict):
        return "malformed: the answer is no object"
    code = _read_code(body)
    if not code:
        return None
    text = f"{code}: {str(body.get('message') or '')[:_MOST_TEXT]} (request {body.get('request_id') or 'unknown'})"
    return Again(text, seen=True) if code.rpartition(".")[2] in _PASSING else text


def find_code(error: ShopError) -> str:
    """Shopee's code of a problem that :func:`read_problem` has told, as ``order.error_limit``."""
    return error.reason.removeprefix(f"{PLATFORM}: ").partition(": ")[0]


def is_not_found(error: ShopError) -> bool:
    """Whether Shopee has no such order or item."""
    return find_code(error).rpartition(".")[2] in _NOT_FOUND


def refuses_token(body: Any) -> bool:
    """Whether the access token is the trouble: ``error_auth`` alone also stands for a lack of permission."""
    if not isinstance(body, dict):
        return False
    code = _read_code(body).rpartition(".")[2]
    return code in _TOKEN_CODES or (code == "error_auth" and "access_token" in str(body.get("message")))


def _read_code(body: dict[str, Any]) -> str:
    # Some calls say "order. error_param".
    return str(body.get("error") or "").replace(" ", "")
