"""Whether our webhook can be called from outside, takes what is signed, and refuses what is not.

It is called as the platform calls it, with calls that have nothing in them for a buyer (:meth:`Connector.probe`); what it
must answer is what the same connector answers here. A signed call counts as accepted there, two others as forged.
"""

from __future__ import annotations

import dataclasses
import datetime
import socket
import ssl
import time
import urllib.parse

import httpx

from channels.base import MessageError
from channels.connector import Answer, Call, Connector, ForgedError
from channels.findings import Finding

SECONDS = 15.0
_AWAY = frozenset({502, 503, 504, 521, 522, 523, 530})  # what proxies answer where nobody is behind them


def find_callback(connector: Connector, public: str) -> str:
    """The address that the platform is to call; "" where nobody has told us ours."""
    account = connector.account
    own = f"{public}/webhooks/{connector.name}/{account.name}" if public else ""
    return account.settings.get("callback", own)


async def check_callback(connector: Connector, callback: str, client: httpx.AsyncClient, here: str) -> list[Finding]:
    """Call ``callback``; ``here`` is where a bot of this machine listens, which tells a bot that is off from a bad way."""
    if not callback:
        advice = "set PASAR_PUBLIC_URL to the address before your proxy, as https://bot.shop.example (docs/operate.md)"
        return [Finding.bad("callback", "PASAR_PUBLIC_URL is not set, so that no platform can call", advice)]
    found = []
    if urllib.parse.urlsplit(callback).scheme != "https":
        found.append(Finding.bad("callback", f"{callback} is not https", "put a proxy with TLS before the bot"))
    for call in connector.probe():
        expected = await _judge(connector, call, callback)
        try:
            begun = time.perf_counter()
            response = await _deliver(client, callback, call)
            took = time.perf_counter() - begun
        except httpx.HTTPError as error:
            return [*found, await _explain_failure(error, callback, client, here)]
        problem = _find_problem(response, expected, connector, call)
        if problem is not None:
            return [*found, problem]
        found.append(_describe(call, took, connector.capabilities.acknowledge))
    return [*found, *await _check_forgery(connector, callback, client, here)]


async def _check_forgery(connector: Connector, callback: str, client: httpx.AsyncClient, here: str) -> list[Finding]:
    """Let calls be refused: one without a signature, one with a wrong one."""
    signed = [call for call in connector.probe() if call.method == "POST"]
    forged = [Call("POST", "", {}, b'{"forged": true}')]
    for call in signed:
        forged.append(
            dataclasses.replace(call, headers={name: "A" * len(shown) for name, shown in call.headers.items()})
        )
    statuses = set()
    for call in forged:
        expected = await _judge(connector, call, callback)
        try:
            response = await _deliver(client, callback, call)
        except httpx.HTTPError as error:
            return [await _explain_failure(error, callback, client, here)]
        if response.status_code in _AWAY:
            return [_describe_absence(response.status_code)]
        if response.status_code != expected.status:
            words = f"a call that nobody has signed is answered {response.status_code}, not {expected.status}"
            return [
                Finding.bad("signature", words, "something before the bot answers in its place: let it pass calls on")
            ]
        statuses.add(str(expected.status))
    found = [Finding("signature", f"calls that are not signed, or wrongly, are refused with {', '.join(statuses)}")]
    if not signed:
        words = "only the platform itself can sign a call"
        found.append(Finding.doubt("signature", words, "write to the shop, or let the platform send a test"))
    return found


async def _judge(connector: Connector, call: Call, callback: str) -> Answer:
    """What a bot with our settings answers."""
    call = dataclasses.replace(call, url=callback)
    try:
        if call.method == "GET":
            return connector.challenge(call)
        await connector.prepare(call)
        connector.verify(call)
        connector.parse(call)
    except ForgedError as error:
        return Answer(error.status)
    except MessageError:
        return Answer(connector.unreadable)
    return connector.acknowledge(call)


async def _deliver(client: httpx.AsyncClient, callback: str, call: Call) -> httpx.Response:
    headers = {**call.headers, **({"content-type": "application/json"} if call.body else {})}
    return await client.request(
        call.method,
        callback,
        params=dict(call.query) or None,
        headers=headers,
        content=call.body,
        timeout=SECONDS,
        follow_redirects=False,
    )


def _find_problem(response: httpx.Response, expected: Answer, connector: Connector, call: Call) -> Finding | None:
    """What is wrong with an answer; None where it is as expected."""
    status = response.status_code
    if (status, response.content) == (expected.status, expected.body):
        return None
    if response.is_redirect:
        advice = "give the platform the address that it leads to: platforms do not follow"
        return Finding.bad("callback", f"it leads elsewhere ({status})", advice)
    if status in _AWAY:
        return _describe_absence(status)
    if status == httpx.codes.NOT_FOUND:
        words = "there is nothing at the address (404)"
        path = f"/webhooks/{connector.name}/"
        advice = f"restart the bot if credentials.yml has changed since, and let the proxy pass {path}"
        return Finding.bad("callback", words, advice)
    if status in (401, 403, 412):
        what = "the challenge with our verify token" if call.method == "GET" else "a call that is signed with our keys"
        advice = "the running bot has other secrets than this shell: set the same environment, and restart it"
        return Finding.bad("signature", f"{what} is refused ({status})", advice)
    words = f"it answers {status}, and not as Pasar does"
    return Finding.bad("callback", words, "another program is at this address: look at the proxy, and at the bot's log")


def _describe_absence(status: int) -> Finding:
    advice = "start the bot: make run; if it runs, look where the proxy passes calls to"
    return Finding.bad("callback", f"the proxy is there, the bot behind it is not ({status})", advice)


def _describe(call: Call, took: float, deadline: datetime.timedelta) -> Finding:
    most = deadline.total_seconds()
    if took > most:
        words = f"it answered after {took:.1f} s, and the platform waits {most:g} s"
        return Finding.doubt("callback", words, "let python -m channels.gate receive (docs/operate.md)")
    if call.method == "GET":
        return Finding("callback", "it proves to the platform that it is ours")
    return Finding("signature", f"a call that is signed with our keys is accepted, in {took:.2f} s")


async def _explain_failure(error: httpx.HTTPError, callback: str, client: httpx.AsyncClient, here: str) -> Finding:
    """Why there was no answer, by what is below it."""
    host = urllib.parse.urlsplit(callback).netloc
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            words = f"the certificate of {host} is not believed: {cause.verify_message}"
            return Finding.bad(
                "callback", words, "let the proxy use a certificate of a known authority, with its chain"
            )
        if isinstance(cause, ssl.SSLError):
            words = f"{host} does not speak TLS ({cause.reason or type(cause).__name__})"
            return Finding.bad("callback", words, "put a proxy with TLS before the bot (docs/operate.md)")
        if isinstance(cause, socket.gaierror):
            return Finding.bad("callback", f"nobody knows the name {host}", "correct PASAR_PUBLIC_URL, or the DNS")
        cause = cause.__cause__ or cause.__context__
    words = f"{host} does not answer ({type(error).__name__})"
    if await _is_running(client, here):
        return Finding.bad("callback", words, f"the bot runs at {here}: let the proxy pass calls to it")
    return Finding.bad("callback", words, "start the bot: make run")


async def _is_running(client: httpx.AsyncClient, here: str) -> bool:
    try:
        return (await client.get(f"{here}/webhooks/platforms", timeout=SECONDS)).is_success
    except httpx.HTTPError:
        return False
