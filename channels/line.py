"""LINE, by its Messaging API.

Written to https://developers.line.biz/en/reference/messaging-api/ and the guides beside it. Shapes are those of LINE's
own OpenAPI (github.com/line/line-openapi, ``webhook.yml`` and ``messaging-api.yml``).

A message is answered by its reply token, which costs nothing, serves once and must be used within a minute; later, or
where the token is spent, by a push message, which counts on the account's quota. A push carries our key as
``X-Line-Retry-Key``, so that LINE shows it once however often it is tried. A reply has no such key: where its answer
was lost, it is tried again with the same token at once, and "Invalid reply token" then means that LINE had taken it.
Only where our process died in that moment and nobody takes over within the token's minute, a buyer may see an answer
twice. Who would rather pay than that sets ``answers: push``: then every answer is a push, and seen once whatever happens.
LINE does not say for how long it redelivers; three days are remembered. Groups and rooms are recorded, not answered.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import urllib.parse
import uuid
from collections.abc import Sequence
from typing import Any

import httpx

from channels.connector import (
    Account,
    Call,
    Capabilities,
    Connector,
    ConnectorSettingsError,
    Rate,
    SendError,
    TokenRefusedError,
    check_signature,
    read_each,
    read_status,
    tell_presence,
)
from channels.downloads import DownloadError, Hosts, download
from channels.fields import Fields
from channels.findings import Finding, compare_address
from pasar.commerce.platforms.tokens import TokenStore
from pasar.media.model import Content, Wish
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending
from pasar.messages.splitting import Unit

API = "https://api.line.me"
DATA = "https://api-data.line.me"  # https://developers.line.biz/en/reference/messaging-api/#domain-name
TOKEN_LASTS = datetime.timedelta(seconds=50)  # a minute, less the way there

_GONE = frozenset({400, 404, 410})
_KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "audio": Kind.VOICE,
    "file": Kind.FILE,
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
}


class LineConnector(Connector):
    """Settings: ``secret`` (the channel's), ``token`` (a channel access token), ``answers`` (``reply`` or ``push``)."""

    name = "line"
    capabilities = Capabilities(
        documented="https://developers.line.biz/en/reference/messaging-api/",
        text_limit=5000,
        text_unit=Unit.UTF16,  # https://developers.line.biz/en/docs/messaging-api/text-character-count/
        together=5,
        buttons=13,  # https://developers.line.biz/en/docs/messaging-api/using-quick-reply/
        button_title=20,
        button_payload=300,
        images=True,
        acknowledge=datetime.timedelta(seconds=2),
        redelivery=datetime.timedelta(days=3),
        idempotent=True,
        rate=Rate(2000),
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read secret and token."""
        super().__init__(account, client, tokens)
        self._secret = account.read("secret").encode()
        self._token = account.read("token")
        self._url = account.read("url", API).rstrip("/")
        self._data_url = account.read("data_url", account.read("url", DATA)).rstrip("/")
        answers = account.read("answers", "reply")
        if answers not in ("reply", "push"):
            raise ConnectorSettingsError(account.name, "answers", "must be reply or push")
        self._replies = answers == "reply"

    def verify(self, call: Call) -> None:
        """https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/ ; LINE signs no time."""
        check_signature(call.headers.get("x-line-signature"), self._sign(call.body))

    def parse(self, call: Call) -> list[Received]:
        """Read the events of one call; the console's test has none."""
        return read_each(Fields.load(call.body).objects("events"), self._read)

    def probe(self) -> list[Call]:
        """As the console's test: no events."""
        body = json.dumps({"destination": f"U{'0' * 32}", "events": []}).encode()
        return [Call("POST", "", {"x-line-signature": self._sign(body)}, body)]

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, which address LINE calls, and whether it gets there.

        https://developers.line.biz/en/reference/messaging-api/#get-bot-info , #get-webhook-endpoint-information ,
        #test-webhook-endpoint (60 an hour).
        """
        bot = await self._ask("info")
        found = [Finding("keys", f"LINE takes the token: {bot.get('displayName')} ({bot.get('basicId')})")]
        place = "LINE Developers Console > Messaging API > Webhook URL"
        try:
            webhook = await self._ask("channel/webhook/endpoint")
        except SendError as error:
            if not str(error).startswith("HTTP 404"):
                raise
            webhook = {}
        found.append(compare_address("webhook", str(webhook.get("endpoint") or ""), callback, place))
        if webhook and webhook.get("active") is not True:
            found.append(Finding.bad("webhook", "it is switched off", "switch on Use webhook, below the Webhook URL"))
        if webhook and callback:
            test = await self._ask("channel/webhook/test", {"endpoint": callback})
            told = f"{test.get('reason')} {test.get('detail')}"[:200]
            if test.get("success") is True:
                found.append(Finding("webhook", f"LINE has called it: {told}"))
            else:
                advice = "the lines on callback and signature tell more; LINE comes from the Internet and wants a known certificate"
                found.append(Finding.bad("webhook", f"LINE does not get through: {told}", advice))
        return found

    async def send(self, sending: Sending) -> Sequence[str]:
        """Reply while the token lasts, else push."""
        messages = [_write(reply) for reply in sending.replies]
        token = sending.to.facts.get("reply_token")
        lasts = self._lasts(sending)
        # One that may have been sent is tried by its token even when that is old: where it works, it had not been.
        if token and self._replies and (lasts or sending.uncertain):
            sent = await self._reply(str(token), messages, repeated=sending.uncertain and lasts)
            if sent is not None:
                return sent
        return await self._push(sending, messages)

    async def fetch_media(self, wish: Wish) -> Content:
        """https://developers.line.biz/en/reference/messaging-api/#get-content : by the message's id, with our token.

        While a film is being prepared there is no 200 yet. LINE deletes contents after a time that it does not tell.
        """
        if wish.facts.get("url"):
            return await super().fetch_media(wish)
        named = urllib.parse.quote(str(wish.facts.get("media_id", "")), safe="")
        authorised = {"Authorization": f"Bearer {self._token}"}
        try:
            url = f"{self._data_url}/v2/bot/message/{named}/content"
            return Content(await download(url, Hosts(trusted=self._data_url), authorised))
        except DownloadError as error:
            if error.status == httpx.codes.UNAUTHORIZED:
                raise TokenRefusedError(str(error)) from error
            raise SendError(str(error), permanent=error.status in _GONE, after=error.after) from error

    def _read(self, event: Fields) -> Received | None:
        kind, source = event.text("type"), event.object("source") if "source" in event else None
        common: dict[str, Any] = {
            "channel": self.name,
            "account": self.account.name,
            "shop": self.account.shop,
            "message_id": event.id("webhookEventId"),
            "sent_at": event.moment("timestamp", per_second=1000),
        }
        user = source.id("userId", "") if source else ""
        if source is None or source.text("type") != "user" or not user:
            place = (source.id("groupId", "") or source.id("roomId", "")) if source else ""
            thread = place or user or "none"
            return Received(
                **common, thread=thread, buyer=user, author=Author.SYSTEM, kind=Kind.OTHER, facts={"event": kind}
            )
        common |= {"thread": user, "buyer": user}
        # Another of the account's modules, or a person in LINE's own chat, has the conversation.
        active = event.text("mode", "active") == "active"
        author = Author.BUYER if active else Author.SYSTEM
        token = {"reply_token": event.text("replyToken")} if "replyToken" in event else {}
        if kind == "postback":
            payload = event.object("postback").text("data")
            return Received(**common, kind=Kind.BUTTON, author=author, payload=payload, facts=token)
        if kind in ("follow", "unfollow"):  # blocked; a reply token comes with "follow" only, and is not needed
            return Received(**common, **tell_presence(kind, here=kind == "follow"))
        if kind != "message":
            return Received(**common, kind=Kind.OTHER, author=Author.SYSTEM, facts={**token, "event": kind})
        message = event.object("message")
        found = _KINDS.get(message.text("type"), Kind.OTHER)
        return Received(
            **common,
            kind=found,
            author=author,
            text=message.text("text", ""),
            facts={**token, "media_id": message.id("id"), **_read_facts(found, message)},
        )

    def _sign(self, body: bytes) -> str:
        return base64.b64encode(hmac.new(self._secret, body, hashlib.sha256).digest()).decode()

    def _lasts(self, sending: Sending) -> bool:
        heard = sending.to.heard_at
        return heard is not None and datetime.datetime.now(datetime.timezone.utc) - heard < TOKEN_LASTS

    async def _reply(self, token: str, messages: list[dict[str, Any]], *, repeated: bool) -> Sequence[str] | None:
        """The ids; None where the token serves no more and nothing was sent by it."""
        body = {"replyToken": token, "messages": messages}
        try:
            response = await self._post("reply", body)
        except SendError as error:
            if not error.uncertain:
                raise
            response, repeated = await self._post("reply", body), True
        if response.status_code >= 500 and not repeated:
            response, repeated = await self._post("reply", body), True
        if response.status_code == httpx.codes.BAD_REQUEST and "reply token" in _explain(response).lower():
            return [] if repeated else None
        return _read_sent(response)

    async def _push(self, sending: Sending, messages: list[dict[str, Any]]) -> Sequence[str]:
        key = {"X-Line-Retry-Key": str(uuid.UUID(sending.key))}
        response = await self._post("push", {"to": sending.to.thread, "messages": messages}, key)
        if response.status_code == httpx.codes.CONFLICT:  # taken at an earlier try
            return _read_ids(response)
        return _read_sent(response)

    async def _ask(self, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a call that is no message; SendError for every one that is no success."""
        url, headers = f"{self._url}/v2/bot/{what}", {"Authorization": f"Bearer {self._token}"}
        response = await (
            self.get(url, headers=headers) if body is None else self.post(url, headers=headers, json=body)
        )
        if response.status_code != httpx.codes.OK:
            raise read_status(response, f"HTTP {response.status_code} {_explain(response)}"[:300])
        try:
            return dict(response.json())
        except (ValueError, TypeError, RecursionError) as error:
            raise SendError("the answer cannot be read", uncertain=True) from error

    async def _post(self, what: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        authorised = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        return await self.post(f"{self._url}/v2/bot/message/{what}", headers=authorised, json=body)


def _read_facts(kind: Kind, message: Fields) -> dict[str, Any]:
    if kind is Kind.STICKER:
        words = [word for word in message.value.get("keywords") or [] if isinstance(word, str)]
        return {"sticker": message.id("stickerId"), "keywords": words[:15]}
    if kind is Kind.LOCATION:
        return {"latitude": message.number("latitude"), "longitude": message.number("longitude")}
    provider = message.object("contentProvider") if "contentProvider" in message else None
    if provider is not None and provider.text("type") == "external":  # by LIFF: LINE itself has not got it
        url = provider.text("originalContentUrl", "")
        return {"url": url} if url.startswith("https://") else {}
    if kind is Kind.FILE:
        return {"file": message.text("fileName", "")}
    return {}


def _write(reply: Reply) -> dict[str, Any]:
    if reply.kind is ReplyKind.IMAGE:
        url = reply.facts["url"]
        return {"type": "image", "originalContentUrl": url, "previewImageUrl": reply.facts.get("preview", url)}
    message: dict[str, Any] = {"type": "text", "text": reply.text}
    if reply.buttons:
        actions = [
            {"type": "postback", "label": button.title, "data": button.payload, "displayText": button.title}
            for button in reply.buttons
        ]
        message["quickReply"] = {"items": [{"type": "action", "action": action} for action in actions]}
    return message


def _read_sent(response: httpx.Response) -> list[str]:
    if response.status_code == httpx.codes.OK:
        return _read_ids(response)
    raise read_status(response, f"HTTP {response.status_code} {_explain(response)}"[:300])


def _read_ids(response: httpx.Response) -> list[str]:
    try:
        return [str(sent["id"]) for sent in response.json().get("sentMessages") or []]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []  # it was taken; how LINE names it is for the records only


def _explain(response: httpx.Response) -> str:
    try:
        return str(response.json().get("message", ""))
    except (ValueError, AttributeError, RecursionError):
        return ""
