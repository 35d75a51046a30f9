"""Telegram, by its Bot API.

Written to https://core.telegram.org/bots/api and https://core.telegram.org/bots/faq (rates). A webhook is called with the
secret of ``setWebhook`` in a header: that is all the proof there is, nothing of the body is signed. An update that was
not answered with 2xx is sent again; Telegram keeps it for 24 hours. A pressed button is acknowledged in the answer to the
webhook itself, as the Bot API allows ("Making requests when getting updates"), so that the app's clock ends at once.

Telegram says "characters" where it limits texts, and counts entities in UTF-16 code units; we count these, the stricter.
It has no key for idempotency: where the answer to a message was lost, a buyer may see it twice. Only private chats with
the bot are answered; groups, channels, edits, business accounts and inline queries are recorded. What buyers send as
media is fetched by its ``file_id`` (``getFile``; at most 20 MB are given to bots).
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import urllib.parse
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
    ConnectorSettingsError,
    Rate,
    SendError,
    TokenRefusedError,
    check_signature,
    read_each,
    read_status,
    tell_presence,
)
from channels.fields import Fields
from channels.findings import Finding, compare_address
from pasar.commerce.platforms.tokens import TokenStore
from pasar.media.model import Content, RefusedError, Wish
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending
from pasar.messages.splitting import Unit, split

API = "https://api.telegram.org"
MAX_CAPTION = 1024  # https://core.telegram.org/bots/api#sendphoto
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
WANTED = frozenset({"message", "callback_query"})  # updates that buyers' messages come in
GREETING = "/greet"  # what Telegram's Start button means
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_START = re.compile(
    r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*"
)  # https://core.telegram.org/bots/features#deep-linking

# In this order: an animation comes with a document, a venue with a location.
_MEDIA = {
    "animation": Kind.VIDEO,
    "video": Kind.VIDEO,
    "video_note": Kind.VIDEO,
    "voice": Kind.VOICE,
    "audio": Kind.VOICE,
    "document": Kind.FILE,
    "sticker": Kind.STICKER,
}

# At INFO it writes the address of every call, and the bot's token is in it.
logging.getLogger("httpx").setLevel(logging.WARNING)


class TelegramConnector(Connector):
    """Settings: ``token`` (BotFather's), ``secret`` (of our own choice, given to ``setWebhook``)."""

    name = "telegram"
    capabilities = Capabilities(
        documented="https://core.telegram.org/bots/api",
        text_limit=4096,
        text_unit=Unit.UTF16,
        buttons=10,  # no limit is documented; more are hard to choose from
        button_title=40,  # nor for titles; longer ones are cut off on a telephone
        button_payload=64,
        images=True,
        redelivery=datetime.timedelta(hours=24),
        rate=Rate(30),
        thread_rate=Rate(1),
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read token and secret."""
        super().__init__(account, client, tokens)
        token, self._secret = account.read("token"), account.read("secret")
        if not _TOKEN.fullmatch(token):
            raise ConnectorSettingsError(
                account.name, "token", "must be as BotFather gave it: digits, a colon, letters"
            )
        if not _SECRET.fullmatch(self._secret):
            raise ConnectorSettingsError(account.name, "secret", "must be of letters, digits, - and _, at most 256")
        base = account.read("url", API).rstrip("/")
        self._url, self._files = f"{base}/bot{token}", f"{base}/file/bot{token}"

    def verify(self, call: Call) -> None:
        """https://core.telegram.org/bots/api#setwebhook ; Telegram signs neither body nor time."""
        check_signature(call.headers.get(SECRET_HEADER), self._secret)

    def parse(self, call: Call) -> list[Received]:
        """Read the update of a call."""
        return read_each([Fields.load(call.body)], lambda update: self._read(update, call))

    def acknowledge(self, call: Call) -> Answer:
        """Answer a pressed button's query, always: until then the buyer's app shows that it waits."""
        try:
            query = Fields.load(call.body).object("callback_query").id("id")
        except MessageError:
            return Answer()
        body = json.dumps({"method": "answerCallbackQuery", "callback_query_id": query}).encode()
        return Answer(body=body, content_type="application/json")

    def probe(self) -> list[Call]:
        """An update of no kind, with a number that Telegram does not give."""
        return [Call("POST", "", {SECRET_HEADER: self._secret}, b'{"update_id": 0}')]

    async def check(self, callback: str) -> list[Finding]:
        """https://core.telegram.org/bots/api#getme and #getwebhookinfo ."""
        bot = await self._ask("getMe")
        found = [Finding("keys", f"Telegram takes the token: @{bot.get('username')}")]
        webhook = await self._ask("getWebhookInfo")
        found.append(compare_address("webhook", str(webhook.get("url") or ""), callback, "call setWebhook with"))
        missing = WANTED - set(webhook.get("allowed_updates") or WANTED)
        if missing:
            words = f"Telegram was told to leave out {', '.join(sorted(missing))}"
            found.append(Finding.bad("webhook", words, "name them in allowed_updates of setWebhook"))
        waiting, error = webhook.get("pending_update_count"), str(webhook.get("last_error_message") or "")[:200]
        if waiting and error:
            words = f"{waiting} updates wait; the last one failed: {error}"
            found.append(
                Finding.bad("webhook", words, "401 means another secret: call setWebhook with secret_token again")
            )
        return found

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send one message."""
        method, body = _write(sending.reply)
        response = await self.post(f"{self._url}/{method}", json={"chat_id": sending.to.thread, **body})
        return _read_sent(response)

    async def fetch_media(self, wish: Wish) -> Content:
        """https://core.telegram.org/bots/api#getfile : where it is, for an hour at least, is asked each time."""
        try:
            file = await self._ask("getFile", file_id=str(wish.facts.get("media_id", "")))
        except SendError as error:
            if "file is too big" in str(error):
                raise RefusedError("Telegram gives bots no files over 20 MB") from error
            raise
        path = str(file.get("file_path") or "")
        if not path:
            raise SendError("Telegram tells no file_path")
        return Content(await self.download(f"{self._files}/{urllib.parse.quote(path)}"))

    async def _ask(self, method: str, **parameters: str) -> dict[str, Any]:
        response = await self.get(f"{self._url}/{method}", params=parameters)
        result = _read_result(response)
        return result if isinstance(result, dict) else {}

    def _read(self, update: Fields, call: Call) -> Received:
        number = update.id("update_id")
        kind = next((name for name in update.value if name != "update_id" and name in update), "nothing")
        common: dict[str, Any] = {
            "channel": self.name,
            "account": self.account.name,
            "shop": self.account.shop,
            "message_id": number,
        }
        if kind == "callback_query":
            query = update.object(kind)
            # A query has no time of its own, and its message's is that of the message with the buttons.
            return self._read_query(query, common | {"sent_at": call.received_at})
        if kind == "message":
            return self._read_message(update.object(kind), common)
        content = update.object(kind) if isinstance(update.value.get(kind), dict) else Fields({}, kind)
        thread, buyer = _find_id(content, "chat"), _find_id(content, "from")
        sent_at = content.moment("date") if "date" in content else call.received_at
        if (
            kind == "my_chat_member"
            and "new_chat_member" in content
            and content.object("chat").text("type") == "private"
        ):
            # "For private chats, this update is received only when the bot is blocked or unblocked by the user."
            status = content.object("new_chat_member").text("status")
            if status in ("kicked", "member"):
                told = tell_presence(f"{kind}.{status}", here=status == "member")
                return Received(**common, thread=thread, buyer=buyer, sent_at=sent_at, **told)
        return Received(
            **common,
            thread=thread or buyer or "none",
            buyer=buyer,
            sent_at=sent_at,
            kind=Kind.OTHER,
            author=Author.SYSTEM,
            facts={"event": kind[:64]},
        )

    def _read_query(self, query: Fields, common: dict[str, Any]) -> Received:
        sender = query.object("from")
        buyer = sender.id("id")
        message = query.object("message") if "message" in query else None
        chat = message.object("chat") if message is not None and "chat" in message else None
        common |= {"thread": chat.id("id") if chat else buyer, "buyer": buyer, "name": _read_name(sender)}
        if chat is None or chat.text("type") != "private" or "data" not in query:
            return Received(**common, kind=Kind.OTHER, author=Author.SYSTEM, facts={"event": "callback_query"})
        return Received(**common, kind=Kind.BUTTON, payload=query.text("data"))

    def _read_message(self, message: Fields, common: dict[str, Any]) -> Received:
        chat = message.object("chat")
        sender = message.object("from") if "from" in message else None
        buyer = sender.id("id") if sender else ""
        common |= {"thread": chat.id("id"), "buyer": buyer, "sent_at": message.moment("date")}
        if sender is None or chat.text("type") != "private":
            return Received(**common, kind=Kind.OTHER, author=Author.SYSTEM, facts={"event": "message"})
        common |= {
            "name": _read_name(sender),
            "author": Author.BOT if sender.flag("is_bot", False) else Author.BUYER,
        }
        if "text" in message:
            start = _START.fullmatch(message.text("text"))
            if start:
                if start[1]:  # t.me/<bot>?start=<product>, as a shop's page may link
                    return Received(**common, kind=Kind.PRODUCT, facts={"product": start[1]})
                return Received(**common, kind=Kind.BUTTON, payload=GREETING)
            return Received(**common, text=message.text("text"))
        kind, facts = _read_content(message)
        if kind is Kind.OTHER:
            common |= {"author": Author.SYSTEM}
        phone = str(facts.get("phone", ""))
        return Received(**common, kind=kind, text=message.text("caption", "") or phone, facts=facts)


def _read_content(message: Fields) -> tuple[Kind, dict[str, Any]]:
    """What a message without text is."""
    if "photo" in message:
        sizes = message.objects("photo")
        return Kind.IMAGE, {"media_id": max(sizes, key=_measure).id("file_id")} if sizes else {}
    for name, kind in _MEDIA.items():
        if name in message:
            return kind, _read_file(message.object(name), kind)
    if "location" in message:
        place = message.object("location")
        return Kind.LOCATION, {"latitude": place.number("latitude"), "longitude": place.number("longitude")}
    if "contact" in message:  # as if she had typed the number
        return Kind.TEXT, {"phone": message.object("contact").text("phone_number")}
    return Kind.OTHER, {"event": "message"}


def _read_file(file: Fields, kind: Kind) -> dict[str, Any]:
    facts: dict[str, Any] = {"media_id": file.id("file_id")}
    if kind is Kind.STICKER:
        emoji = file.text("emoji", "")
        return facts | {"sticker": file.id("file_unique_id", ""), "keywords": [emoji] if emoji else []}
    if kind is Kind.FILE:
        return facts | {"file": file.text("file_name", "")[:200]}
    return facts


def _measure(size: Fields) -> float:
    return size.number("width", 0) * size.number("height", 0)


def _read_name(user: Fields) -> str:
    return " ".join(filter(None, (user.text("first_name", ""), user.text("last_name", ""))))[:128]


def _find_id(content: Fields, name: str) -> str:
    return content.object(name).id("id") if name in content else ""


def _write(reply: Reply) -> tuple[str, dict[str, Any]]:
    """The method and its parameters, but the chat."""
    if reply.kind is ReplyKind.IMAGE:
        # The text describes the picture; what does not fit below it goes without.
        caption = split(reply.text, MAX_CAPTION, Unit.UTF16)[:1]
        return "sendPhoto", {"photo": reply.facts["url"], **({"caption": caption[0]} if caption else {})}
    body: dict[str, Any] = {"text": reply.text}
    if reply.buttons:
        rows = [[{"text": button.title, "callback_data": button.payload}] for button in reply.buttons]
        body["reply_markup"] = {"inline_keyboard": rows}
    return "sendMessage", body


def _read_sent(response: httpx.Response) -> list[str]:
    """The message's id; raises what the answer means."""
    result = _read_result(response)
    number = result.get("message_id") if isinstance(result, dict) else None
    return [] if number is None else [str(number)]


def _read_result(response: httpx.Response) -> Any:
    """The ``result`` of an answer; SendError for every one that is no success."""
    body = _read_body(response)
    if response.status_code == httpx.codes.OK and body.get("ok") is True:
        return body.get("result")
    reason = f"HTTP {response.status_code} {body.get('description', '')}"[:300]
    if response.status_code == httpx.codes.OK:
        raise SendError(reason, uncertain=True)
    if response.status_code == httpx.codes.NOT_FOUND:
        raise TokenRefusedError(reason)  # no bot has this token
    parameters = body.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and isinstance(wait, int):
        raise SendError(reason, after=float(wait))
    raise read_status(response, reason)


def _read_body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
