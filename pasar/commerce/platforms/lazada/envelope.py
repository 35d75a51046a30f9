"""What is around every answer: ``code`` "0", or an error in a 200 with ``type``, ``message`` and ``request_id``.

https://open.lazada.com/apps/doc/doc?nodeId=10397&docId=108138 and the error codes on each call's page. The ``type``
(ISV, ISP, SYSTEM) is told, but decides nothing: the documentation gives its values two contrary meanings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from pasar.commerce.platforms.client import Again

#: Too many calls. The first two are documented ("Create/Update Product Q&A", Q10; 901 on the page of /products/get:
#: "retry in the next second"); the limits of an app and of a seller are known from sellers' connectors only.
BUSY_CODES = frozenset({"ApiCallLimit", "901", "AppCallLimit", "SellerCallLimit"})
#: Trouble behind the platform: 6 on the pages of orders and products, ServiceTimeout and 998 (switched off for the
#: rush of a campaign) in "Create/Update Product Q&A".
TROUBLE_CODES = frozenset({"6", "ServiceTimeout", "998"})
#: An internal error of which it is not known what it left behind; where something is read, it stands for "unknown id".
CHANGE_TROUBLE = {"/order/reverse/cancel/create": frozenset({"106"})}
BUSY_SECONDS = 1.0  #: where the platform names no other pause

#: What says that the thing asked for is not there, by the end of the path.
ABSENT_CODES = {
    "/order/get": frozenset({"16"}),
    "/order/items/get": frozenset({"16"}),
    "/product/item/get": frozenset({"207", "208", "EDIT_ITEM_NOT_BELONG_SELLER"}),
    "/logistic/order/trace": frozenset(
        {"INPUT_PARAM_VALID", "LD_INPUT_PARAM_VALID", "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK"}
    ),
    "/auth/token/refresh": frozenset({"IllegalRefreshToken", "AUTH_TYPE_UNSUPPORTED"}),
}

_BAN = re.compile(r"ban will last (\d{1,6}) ?(?:more )?seconds?", re.IGNORECASE)
_MOST_WORDS = 200


def read_code(body: Any) -> str:
    """The answer's code; "" where it has none."""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def read_problem(response: httpx.Response, body: Any) -> str | Again | None:
    """What went wrong; None where nothing did or what was asked for is absent."""
    if not isinstance(body, dict):
        return "the answer is no object"
    code, path = read_code(body), response.url.path
    if code == "0" or _is_listed(code, path, ABSENT_CODES):
        return None
    words = str(body.get("message", ""))[:_MOST_WORDS]
    problem = f"{code or 'no code'} ({body.get('type', 'no type')}): {words}, request {body.get('request_id', '?')}"
    if code in BUSY_CODES:
        ban = _BAN.search(words)
        return Again(problem, float(ban.group(1)) if ban else BUSY_SECONDS)
    if code in TROUBLE_CODES or _is_listed(code, path, CHANGE_TROUBLE):
        return Again(problem, seen=True)
    return problem


def _is_listed(code: str, path: str, codes: Mapping[str, Collection[str]]) -> bool:
    return any(path.endswith(end) and code in listed for end, listed in codes.items())
