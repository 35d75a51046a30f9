"""TikTok Shop's answers: an envelope whose code decides, as no page says which HTTP status an error has.

Codes: https://partner.tiktokshop.com/docv2/page/678e3a45786253031531b942 and the reference of Send Message.
"""

from __future__ import annotations

from typing import Any

import httpx

from channels.connector import SendError, TokenRefusedError, read_status
from channels.fields import Fields
from channels.seller import read_json
from pasar.commerce.platforms.tiktokshop.signing import refuses_token

_DAY_SPENT = "45101004"  # "please try again tomorrow"; whose midnight is not said
_DAY_PAUSE = 3600.0
#: Too many calls; and "data corruption, please try again later".
_PASSING = frozenset({"36009002", "45102007"})
#: TikTok asks to try again, and does not say what became of the first try.
_TROUBLE = frozenset({"36009003", "36009007"})


def read_data(response: httpx.Response) -> Fields:
    """The ``data`` of an answer; SendError for every one that is no success."""
    body = read_json(response)
    problem = _read_problem(response, body)
    if problem is not None:
        raise problem
    data = body.get("data")
    return Fields(data if isinstance(data, dict) else {}, "data")


def _read_problem(response: httpx.Response, body: Any) -> SendError | None:
    """What went wrong; by the code, as no page says which HTTP status an error has."""
    status = f"HTTP {response.status_code}"
    code = body.get("code") if isinstance(body, dict) else None
    if code is None:
        if response.is_success:
            return SendError(f"{status}: the answer cannot be read", uncertain=True)
        return read_status(response, status)
    if str(code) == "0":
        return None
    reason = f"{code} {str(body.get('message'))[:200]} (request {str(body.get('request_id'))[:40]})"
    if refuses_token(body):
        return TokenRefusedError(reason)
    if str(code) == _DAY_SPENT:
        return SendError(reason, after=_DAY_PAUSE)
    if str(code) in _TROUBLE:
        return SendError(reason, uncertain=True)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return read_status(response, reason)
    if str(code) in _PASSING:
        return SendError(reason)
    return SendError(reason, permanent=True)
