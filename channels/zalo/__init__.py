"""Zalo Official Accounts, by Zalo's OA API v3.0.

Written to https://docs.zaloplatforms.com/docs/OA/ (the readable copy of https://developers.zalo.me/docs/official-account):
``webhook``, ``tin-nhan/tin-tu-van``, ``phu-luc/ma-loi`` (errors), ``phu-luc/gioi-han-toc-do-api`` (rates) and
``bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new`` (tokens); as quoted and mirrored in public repositories, since those
pages were not all at hand.

A call is signed with a plain SHA-256 of application, body, timestamp and the OA's secret key; the timestamp is the body's,
or that of ``X-ZEvent-Timestamp`` where it comes. Zalo publishes no signature to test with, and speaks now of the OA's, now
of the application's secret: ``oa_secret`` is the one that the application's webhook page shows. It wants 200 within two
seconds and sends again after 30 seconds, 5, 15, 30 and 60 minutes. The console's probe is empty and not signed: it is
answered, and there is nothing in it to believe.

Refresh tokens serve once and last three months, so each is kept before its access token (25 hours) is used.
Consultation messages are free for 48 hours after the buyer's last message, then charged, and refused after seven days
(error -230): the guard decides which of the two the shop wants. Buttons are Zalo's hidden queries: what comes back is a
text, ours begins with "#". The page of v3.0 texts shows no buttons; that consultation messages take them is documented by
Zalo's partners only (developers.esms.vn).

Zalo has no key for idempotency. The OA's own messages come back as ``oa_send_…``: with an ``admin_id`` a person wrote them
in Zalo's own console; whether Zalo also sends one for the API is not said, so the worker asks the outbox by message id.
Anonymous visitors, groups, calls, shop orders and templates (ZBS) are recorded or not there, never answered.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import time
from collections.abc import Sequence
from typing import Any

import httpx

from channels.base import MessageError
from channels.connector import (
    Account,
    Answer,
    Call,
    Capabilities,
    Connector,
    ForgedError,
    Rate,
    SendError,
    TokenRefusedError,
    check_age,
    check_signature,
    read_each,
    read_status,
    tell_presence,
)
from channels.fields import Fields
from channels.findings import Finding
from channels.zalo.grants import Grants
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending
from pasar.messages.splitting import Unit

API = "https://openapi.zalo.me"
OLDEST = datetime.timedelta(hours=24)  # longer than Zalo tries; what is younger is known by its id
QUERY = "#"  # before a button's payload, as Zalo's own examples have it

_NOTHING = (b"", b"{}")
_KINDS = {
    "text": Kind.TEXT,
    "link": Kind.TEXT,
    "image": Kind.IMAGE,
    "gif": Kind.IMAGE,
    "video": Kind.VIDEO,
    "audio": Kind.VOICE,
    "file": Kind.FILE,
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
}

# https://docs.zaloplatforms.com/docs/OA/phu-luc/ma-loi
_TOKEN_ERRORS = frozenset({-216, -220})  # invalid; expired or removed
_LATER = {
    -32: 60.0,  # calls of this minute
    -200: None,  # "Send message failed"
    -211: 3600.0,  # out of quota
    -218: 3600.0,  # the buyer has received too many
}


class ZaloConnector(Connector):
    """Settings: ``app_id``, ``app_secret``, ``oa_secret``; ``refresh_token`` for the first time only."""

    name = "zalo"
    capabilities = Capabilities(
        documented="https://docs.zaloplatforms.com/docs/OA/tin-nhan/tin-tu-van/gui-tin-tu-van-dang-van-ban",
        text_limit=2000,
        text_unit=Unit.UTF16,  # "characters", without saying which; these are the stricter
        buttons=5,
        button_title=50,  # 100 characters, of which a letter may take several
        button_payload=900,  # 1,000 characters
        images=True,
        reply_window=datetime.timedelta(days=7),
        acknowledge=datetime.timedelta(seconds=2),
        redelivery=OLDEST + datetime.timedelta(hours=1),
        rate=Rate(4000, 60),  # of the application
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the keys; tokens are kept by the account's name."""
        super().__init__(account, client, tokens)
        self._app_id = account.read("app_id")
        self._secret = account.read("oa_secret").encode()
        self._url = account.read("url", API).rstrip("/")
        self._grants = Grants(account, tokens, self.post)

    def verify(self, call: Call) -> None:
        """https://docs.zaloplatforms.com/docs/OA/webhook/tong-quan ; in constant time, and not older than a day."""
        shown = call.headers.get("x-zevent-signature")
        if not shown and call.body.strip() in _NOTHING:
            return
        stamps = [call.headers.get("x-zevent-timestamp", ""), _find_timestamp(call.body)]
        for stamp in filter(None, stamps):
            with contextlib.suppress(ForgedError):
                check_signature(shown, self._sign(call.body, stamp))
                break
        else:
            raise ForgedError("no signature" if not shown else "wrong signature")
        check_age(_read_time(stamp), call, OLDEST)

    def parse(self, call: Call) -> list[Received]:
        """Read the event of a call; the console's probe has none."""
        if call.body.strip() in _NOTHING:
            return []
        return read_each([Fields.load(call.body)], self._read)

    def challenge(self, call: Call) -> Answer:
        """Zalo asks by POST; who opens the address sees that it is served."""
        return Answer()

    def probe(self) -> list[Call]:
        """An empty event, but signed, as the console's is not."""
        stamp, body = str(int(time.time() * 1000)), b"{}"
        return [Call("POST", "", {"x-zevent-signature": self._sign(body, stamp), "x-zevent-timestamp": stamp}, body)]

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, by ``getoa``. Which address Zalo calls, and which secret it signs with, it tells nobody.

        https://docs.zaloplatforms.com/docs/OA/ , official account's information.
        """
        token = await self._grants.find()
        try:
            account = await self._ask(token)
        except TokenRefusedError:
            account = await self._ask(await self._grants.find(refused=token))
        return [Finding("keys", f"Zalo takes the token: {account.get('name')} ({account.get('oa_id')})")]

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send one consultation message; with a new token where the one there is has ended."""
        body = {"recipient": {"user_id": sending.to.thread}, "message": _write(sending.reply)}
        token = await self._grants.find()
        try:
            return await self._post(token, body)
        except TokenRefusedError:
            return await self._post(await self._grants.find(refused=token), body)

    async def _post(self, token: str, body: dict[str, Any]) -> list[str]:
        response = await self.post(f"{self._url}/v3.0/oa/message/cs", headers={"access_token": token}, json=body)
        return _read_sent(response)

    async def _ask(self, token: str) -> dict[str, Any]:
        return _read_data(await self.get(f"{self._url}/v2.0/oa/getoa", headers={"access_token": token}))

    def _sign(self, body: bytes, stamp: str) -> str:
        signed = self._app_id.encode() + body + stamp.encode("utf-8", "surrogateescape") + self._secret
        return f"mac={hashlib.sha256(signed).hexdigest()}"

    def _read(self, event: Fields) -> Received:
        name = event.id("event_name")
        sent_at = event.moment("timestamp", per_second=1000)
        sender, _, what = name.partition("_send_")
        common: dict[str, Any] = {
            "channel": self.name,
            "account": self.account.name,
            "shop": self.account.shop,
            "sent_at": sent_at,
        }
        kind = _KINDS.get(what)
        if kind is None or sender not in ("user", "oa"):
            return _read_notice(event, name, common)
        message = event.object("message")
        common["message_id"] = message.id("msg_id")
        author = Author.BUYER
        if sender == "oa":
            # A person wrote in Zalo's console where her id is named; else it was a program of the shop.
            author = Author.AGENT if "admin_id" in event.object("sender") else Author.BOT
        buyer = event.object("recipient" if sender == "oa" else "sender").id("id")
        common |= {"thread": buyer, "buyer": buyer, "author": author}
        text = message.text("text", "")
        if author is Author.BUYER and kind is Kind.TEXT and text.startswith(f"{QUERY}/"):
            return Received(**common, kind=Kind.BUTTON, payload=text.removeprefix(QUERY))
        facts = _read_facts(kind, message)
        if what == "link":
            text = text or str(facts.get("url", ""))
        return Received(**common, kind=kind, text=text, facts=facts)


def _read_notice(event: Fields, name: str, common: dict[str, Any]) -> Received:
    """What is no message of a buyer or of the OA to one: followers, receipts, groups, anonymous visitors."""
    by_account = name.startswith(("oa_", "user_received", "user_seen"))
    roles = ("recipient", "follower", "sender") if by_account else ("follower", "sender", "recipient")
    buyer = next(filter(None, (_find_id(event, role) for role in roles)), "")
    # A receipt names the message that it is of: the id is that of the event.
    number = f"{name[:40]}:{buyer[:40]}:{int(common['sent_at'].timestamp() * 1000)}"
    if name in ("follow", "unfollow") and buyer:
        told = tell_presence(name, here=name == "follow")
        return Received(**common, message_id=number, thread=buyer, buyer=buyer, **told)
    return Received(
        **common,
        message_id=number,
        thread=buyer or "none",
        buyer=buyer,
        kind=Kind.OTHER,
        author=Author.SYSTEM,
        facts={"event": name},
    )


def _find_id(event: Fields, role: str) -> str:
    return event.object(role).id("id", "") if isinstance(event.value.get(role), dict) else ""


def _read_facts(kind: Kind, message: Fields) -> dict[str, Any]:
    attachments = message.objects("attachments") if "attachments" in message else []
    if not attachments or "payload" not in attachments[0]:
        return {}
    payload = attachments[0].object("payload")
    if kind is Kind.LOCATION:
        place = payload.object("coordinates")
        return {name: _read_degrees(place, name) for name in ("latitude", "longitude")}
    url = {"url": payload.text("url")} if "url" in payload else {}
    if kind is Kind.STICKER:
        return url | {"sticker": payload.id("id", ""), "keywords": []}
    if kind is Kind.FILE:
        return url | {"file": payload.text("name", "")[:200]}
    return url


def _read_degrees(place: Fields, name: str) -> float:
    """A coordinate, which comes as a number or as a text."""
    with contextlib.suppress(ValueError):
        return Fields({name: float(place.text(name))}, place.path).number(name)
    return place.number(name)


def _find_timestamp(body: bytes) -> str:
    """The body's timestamp as it stands there; "" where it has none."""
    with contextlib.suppress(MessageError):
        return Fields.load(body).id("timestamp", "")
    return ""


def _read_time(stamp: str) -> datetime.datetime:
    try:
        return Fields({"timestamp": stamp}).moment("timestamp", per_second=1000)
    except MessageError as error:
        raise ForgedError("no time") from error


def _write(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"text": reply.text} if reply.text else {}
    payload: dict[str, Any] = {}
    if reply.kind is ReplyKind.IMAGE:
        payload = {"template_type": "media", "elements": [{"media_type": "image", "url": reply.facts["url"]}]}
    elif reply.buttons:
        payload["buttons"] = [
            {"title": button.title, "type": "oa.query.hide", "payload": f"{QUERY}{button.payload}"}
            for button in reply.buttons
        ]
    return message | ({"attachment": {"type": "template", "payload": payload}} if payload else {})


def _read_sent(response: httpx.Response) -> list[str]:
    """The message's id."""
    number = _read_data(response).get("message_id")
    return [] if number is None else [str(number)]


def _read_data(response: httpx.Response) -> dict[str, Any]:
    """The ``data`` of an answer; SendError for every one that is no success. Errors come with 200 too, as numbers."""
    if response.status_code != httpx.codes.OK:
        raise read_status(response, f"HTTP {response.status_code}")
    try:
        body = response.json()
        code, data = int(body["error"]), body.get("data")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SendError("the answer cannot be read", uncertain=True) from error
    if code == 0:
        return data if isinstance(data, dict) else {}
    reason = f"{code} {body.get('message', '')}"[:300]
    if code in _TOKEN_ERRORS:
        raise TokenRefusedError(reason)
    if code in _LATER:
        raise SendError(reason, after=_LATER[code])
    raise SendError(reason, permanent=True)
