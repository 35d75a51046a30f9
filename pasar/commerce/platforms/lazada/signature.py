"""Who calls: signatures of Lazada Open Platform under calls and under webhooks.

Calls: https://open.lazada.com/apps/doc/doc?nodeId=10400&docId=108068, with the digest that
docId=108069 publishes. Webhooks: https://open.lazada.com/apps/doc/doc?nodeId=29524&docId=120168.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.parse
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

import httpx

#: Gives the access token; the argument is the one the platform has just refused, or "".
TokenSource = Callable[[str], Awaitable[str]]

REFUSED_TOKEN = "IllegalAccessToken"  # noqa: S105 - the platform's code


def sign_call(app_secret: str, path: str, params: Mapping[str, str]) -> str:
    """Upper-case hex HMAC-SHA256 of ``path`` (``/order/get``) and all parameters by name; empty ones do not count."""
    base = path + "".join(name + params[name] for name in sorted(params) if name != "sign" and params[name])
    return hmac.new(app_secret.encode(), base.encode(), hashlib.sha256).hexdigest().upper()


def sign_notice(app_key: str, app_secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the app's key and the raw body, as it stands in ``Authorization``."""
    return hmac.new(app_secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


class LazadaAuth(httpx.Auth):
    """Signs calls, and asks for another token once where the platform refuses the one there was."""

    requires_request_body = True

    def __init__(self, app_key: str, app_secret: str, base_url: str, get_token: TokenSource | None = None) -> None:
        """``base_url`` ends before the path that is signed. Without ``get_token``, calls have no access token."""
        self._app_key = app_key
        self._app_secret = app_secret
        self._prefix = httpx.URL(base_url).path.rstrip("/")
        self._get_token = get_token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the call signed; with a renewed token once more where the first is refused, as nothing was done then."""
        url, form = request.url, _read_form(request)
        token = await self._get_token("") if self._get_token else ""
        request.url = self._sign(url, form, token)
        response = yield request
        if self._get_token is None:
            return
        await response.aread()
        if _refuses_token(response.content):
            request.url = self._sign(url, form, await self._get_token(token))
            yield request

    def _sign(self, url: httpx.URL, form: Mapping[str, str], token: str) -> httpx.URL:
        params = {
            **{name: value for name, value in url.params.items() if value},
            "app_key": self._app_key,
            "sign_method": "sha256",
            "timestamp": str(int(time.time() * 1000)),
        }
        if token:
            params["access_token"] = token
        path = url.path.removeprefix(self._prefix)
        # What a POST carries in its body is signed as if it stood in the address.
        return url.copy_with(params={**params, "sign": sign_call(self._app_secret, path, {**params, **form})})


def _read_form(request: httpx.Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return dict(urllib.parse.parse_qsl(request.content.decode()))


def _refuses_token(content: bytes) -> bool:
    if REFUSED_TOKEN.encode() not in content:  # most answers need not be read twice
        return False
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("code") == REFUSED_TOKEN
