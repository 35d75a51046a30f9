"""What Shopee answers to a call of a channel."""

from __future__ import annotations

import httpx

from channels.connector import SendError, TokenRefusedError, read_status
from channels.fields import Fields
from channels.seller import read_json
from pasar.commerce.platforms.client import Again
from pasar.commerce.platforms.shopee.envelope import read_problem, refuses_token

_BUSY = "error_rate_limit"


def read_answer(response: httpx.Response) -> Fields:
    """``response`` of the envelope; SendError, whatever the HTTP status."""
    status, body = f"HTTP {response.status_code}", read_json(response)
    problem = read_problem(response, body) if isinstance(body, dict) else None
    if problem is None:
        if not response.is_success:
            raise read_status(response, status)
        if not isinstance(body, dict):
            raise SendError(f"{status}: the answer cannot be read", uncertain=True)
        inner = body.get("response")
        return Fields(inner if isinstance(inner, dict) else {}, "response")
    reason = problem.reason if isinstance(problem, Again) else problem
    if refuses_token(body):
        raise TokenRefusedError(reason)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise read_status(response, reason)
    passing = isinstance(problem, Again)
    raise SendError(reason, permanent=not passing, uncertain=passing and not reason.startswith(_BUSY))
