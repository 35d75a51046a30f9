"""Meta's webhooks and its Graph API, as every platform of Meta has them.

Calls to us are signed and verified as in https://developers.facebook.com/docs/graph-api/webhooks/getting-started :
``X-Hub-Signature-256`` is ``sha256=`` and the HMAC-SHA256 of the raw bytes in hex, keyed with the app's secret; no time is
signed, so a call that is played back is known by its messages' ids only. The older ``X-Hub-Signature`` (SHA-1) is not
looked at. One app has one address for all of its pages, so events of other accounts arrive too: they are left out.

Errors are those of https://developers.facebook.com/docs/graph-api/guides/error-handling and of the platforms' own lists
(https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes and
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes ). Meta has no key that
would make it show a message once however often it is sent; where an answer was lost, only the sender can choose.
"""

from __future__ import annotations

import abc
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
import structlog

from channels.base import MessageError
from channels.connector import (
    Account,
    Answer,
    Call,
    Connector,
    ForgedError,
    SendError,
    TokenRefusedError,
    check_signature,
    read_status,
)
from channels.fields import Fields
from channels.findings import Finding
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import MAX_FIELD

GRAPH = "https://graph.facebook.com"
VERSION = "v25.0"
MAX_MID = 1024  # longer ones are nobody's; Instagram's have some 180 characters

#: The access token has ended or was taken back; 0 is WhatsApp's "AuthException".
_TOKEN = frozenset({0, 190})
#: Too many calls or messages, of the app, the account or to one person.
_BUSY = frozenset({4, 17, 32, 341, 613, 80007, 130429, 131048, 131056, 133016})
#: Meta's own trouble. It may have taken the message: 1 with subcode 1357046 even says so.
_TROUBLE = frozenset({1, 2, 1200, 131000, 131016, 133004})
_PAIR = 131056
_UPGRADE = 131057
#: What follows from an error, where Meta's words do not say it.
_HINTS = {
    131047: "more than 24 hours since the buyer wrote: only a template may be sent",
    2018278: "outside the window in which it may be sent",
}

log = structlog.get_logger()


class MetaConnector(Connector, abc.ABC):
    """Settings: ``secret`` (the app's), ``verify_token`` (made up by the shop), ``token``; ``version``."""

    object_name: ClassVar[str]  #: of the webhook

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read what all platforms of Meta need."""
        super().__init__(account, client, tokens)
        self._secret = account.read("secret").encode()
        self._verify_token = account.read("verify_token").encode()
        self._token = account.read("token")
        self._version = account.read("version", VERSION)

    def verify(self, call: Call) -> None:
        """Compare the signature; ForgedError."""
        check_signature(call.headers.get("x-hub-signature-256"), self._sign(call.body))

    def probe(self) -> list[Call]:
        """The question whether the address is ours, and a call without entries."""
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": self._verify_token.decode(),
            "hub.challenge": "1158201444",
        }
        body = json.dumps({"object": self.object_name, "entry": []}).encode()
        return [Call("GET", "", {}, query=query), Call("POST", "", {"x-hub-signature-256": self._sign(body)}, body)]

    def challenge(self, call: Call) -> Answer:
        """Give ``hub.challenge`` back to who knows our ``verify_token``; else ForgedError (403)."""
        shown = call.query.get("hub.verify_token", "").encode("utf-8", "surrogateescape")
        if call.query.get("hub.mode") != "subscribe" or not hmac.compare_digest(shown, self._verify_token):
            raise ForgedError("wrong verify token", status=403)
        challenge = call.query.get("hub.challenge", "")
        if not (challenge.isascii() and challenge.isprintable() and 0 < len(challenge) <= MAX_FIELD):
            raise ForgedError("no challenge", status=403)
        return Answer(body=challenge.encode())

    async def post_graph(self, url: str, body: Mapping[str, Any], token: str, *, attempt: int = 1) -> Mapping[str, Any]:
        """The answer to a call, {} where it cannot be read; SendError. ``attempt`` counts from 1."""
        # In a header and not in the address, as Meta's own examples for Messenger have it: addresses are logged.
        response = await self.post(url, headers={"Authorization": f"Bearer {token}"}, json=body)
        if response.status_code != httpx.codes.OK:
            raise read_error(response, attempt)
        return _load(response)

    async def get_graph(self, url: str, fields: str, token: str) -> Mapping[str, Any]:
        """Those fields of a node, its usual ones where none are named; as :meth:`post_graph`."""
        params = {"fields": fields} if fields else None
        response = await self.get(url, headers={"Authorization": f"Bearer {token}"}, params=params)
        if response.status_code != httpx.codes.OK:
            raise read_error(response)
        return _load(response)

    async def check_subscription(self, url: str, wanted: frozenset[str], token: str) -> Finding:
        """Whether an app is subscribed to what is ``wanted`` of the account at ``url``; which app, the token decides.

        https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps/
        """
        try:
            answer = await self.get_graph(f"{url}/subscribed_apps", "subscribed_fields", token)
        except SendError as error:
            if not error.permanent:
                raise
            return Finding.doubt(
                "webhook", f"subscriptions cannot be read: {error}", "look at them in the app's dashboard"
            )
        apps = answer.get("data")
        named = (
            [app.get("subscribed_fields") for app in apps if isinstance(app, dict)] if isinstance(apps, list) else []
        )
        told = {str(field) for fields in named if isinstance(fields, list) for field in fields}
        if not wanted <= told:
            missing = ", ".join(sorted(wanted - told))
            advice = (
                f"subscribe the account: POST /{url.rpartition('/')[2]}/subscribed_apps, or in the dashboard's Webhooks"
            )
            return Finding.bad("webhook", f"the account is not subscribed to {missing}", advice)
        return Finding("webhook", f"the account is subscribed to {', '.join(sorted(told))}")

    def _sign(self, body: bytes) -> str:
        return f"sha256={hmac.new(self._secret, body, hashlib.sha256).hexdigest()}"


def read_error(response: httpx.Response, attempt: int = 1) -> SendError:
    """What an answer other than 200 means: by Meta's code, and by the status where there is none."""
    error = _load(response).get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    if not isinstance(error, Mapping) or not isinstance(code, int) or isinstance(code, bool):
        return read_status(response, f"HTTP {response.status_code}")
    subcode = error.get("error_subcode")
    hint = _HINTS.get(code) or (_HINTS.get(subcode) if isinstance(subcode, int) else None)
    words = hint or str(error.get("message") or "")
    reason = f"{code}{f'/{subcode}' if subcode else ''} {words}"[:200]
    if code in _TOKEN:
        return TokenRefusedError(reason)
    if code == _PAIR:
        # "4^X seconds, X from 0 and one more at each failure": whatsapp/throughput, pair rate limits.
        return SendError(reason, after=4.0 ** min(attempt - 1, 4))
    if code == _UPGRADE:
        return SendError(reason, after=60.0)  # "up to a minute"
    if code in _BUSY:
        return SendError(reason, after=read_status(response, "").after)
    if code in _TROUBLE or error.get("is_transient") is True or response.status_code >= 500:
        return SendError(reason, after=read_status(response, "").after, uncertain=True)
    return SendError(reason, permanent=True)


def read_mid(fields: Fields, name: str = "mid") -> str:
    """A message's id as it is kept: Meta promises no length, so a long one is kept as its SHA-256."""
    mid = fields.text(name)
    if not 0 < len(mid.strip()) <= MAX_MID:
        raise MessageError(f"{fields.path}.{name}", f"must be an id of at most {MAX_MID} characters")
    return shorten(mid)


def shorten(*parts: str) -> str:
    """An id that is the same for the same parts, printable and at most 128 characters."""
    named = ":".join(parts)
    if named.isprintable() and len(named) <= MAX_FIELD:
        return named
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()


def _load(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, Mapping) else {}
