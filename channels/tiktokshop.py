"""TikTok Shop's customer service chat, by its Customer Service API.

Written to https://partner.tiktokshop.com/docv2/page/customer-service-api-overview (roles, limits, who may begin), the
webhooks https://partner.tiktokshop.com/docv2/page/14-new-message and tts-webhooks-overview beside it (signature, answer
within 3 s, repeated after 2 min, 30 min, 3 h and 12 h), and the references of Send Message, Read Message, Upload Buyer
Messages Image, Get Conversations and Get Conversation Messages, all 202309, as they stood at the end of 2025.

The signature holds no time; a second delivery is known by the message's id. What we send comes back as a webhook too;
under which role is not said, so that both the message's id and its content tell our own from a person's. Calls have no
key against repetition: where an answer was lost, the conversation's last messages tell whether it was taken, but for
pictures, whose address TikTok makes anew. Calls of an app are 10,000 a day; a turn costs one for the read receipt, which
TikTok's review asks for, and one for every message. What EMOTICONS hold is not specified: a text is kept as it is.
There are no buttons, no voice and no places. An app has one address for all its shops, unless it sets one for each
(Update Shop Webhook): messages of other shops are left alone.
"""

from __future__ import annotations

import collections
import datetime
import json
import re
import types
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from channels.base import MessageError
from channels.connector import (
    Account,
    Call,
    Capabilities,
    Rate,
    SendError,
    TokenRefusedError,
    check_signature,
    read_status,
)
from channels.fields import Fields
from channels.pictures import fetch_picture
from channels.seller import SellerConnector, find_card, read_json
from pasar.commerce.platforms.tiktokshop.api import AUTH_HOST, HOST
from pasar.commerce.platforms.tiktokshop.notices import sign_notice
from pasar.commerce.platforms.tiktokshop.signing import App, RequestAuth, refuses_token
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending

API = "/customer_service/202309"
NEW_MESSAGE = "14"
PICTURE_BYTES = 10 * 1024 * 1024
LOOK_BACK = 10  # messages that Get Conversation Messages gives at most
THREADS_KEPT = 5_000

_AUTHORS = {
    "BUYER": Author.BUYER,
    "CUSTOMER_SERVICE": Author.AGENT,
    "SHOP": Author.SYSTEM,  # automatic replies and FAQs
    "ROBOT": Author.BOT,  # the seller's chat bot in Seller Center
}
#: Type → kind, and of its facts the fields they stand in. BUYER_ENTER_FROM: what she was looking at as she wrote.
_KINDS: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "TEXT": (Kind.TEXT, {}),
    "IMAGE": (Kind.IMAGE, {"url": "url"}),
    "VIDEO": (Kind.VIDEO, {"url": "url", "media_id": "vid"}),
    "EMOTICONS": (Kind.STICKER, {"sticker": "content"}),
    "PRODUCT_CARD": (Kind.PRODUCT, {"product": "product_id"}),
    "BUYER_ENTER_FROM_PRODUCT": (Kind.PRODUCT, {"product": "product_id"}),
    "ORDER_CARD": (Kind.ORDER, {"order_id": "order_id"}),
    "BUYER_ENTER_FROM_ORDER": (Kind.ORDER, {"order_id": "order_id"}),
    "RETURN_REFUND_CARD": (Kind.ORDER, {"order_id": "order_id"}),
    "LOGISTICS_CARD": (Kind.ORDER, {"order_id": "order_id"}),
}
#: An agent joins, a notice, another agent takes over.
_NOTICES = frozenset({"ALLOCATED_SERVICE", "NOTIFICATION", "BUYER_ENTER_FROM_TRANSFER"})
_CARDS = {ReplyKind.PRODUCT: ("PRODUCT_CARD", "product_id"), ReplyKind.ORDER: ("ORDER_CARD", "order_id")}
_IDS = re.compile(r"\d{1,20}", re.ASCII)

_DAY_SPENT = "45101004"  # "please try again tomorrow"; whose midnight is not said
_DAY_PAUSE = 3600.0
#: Too many calls; and "data corruption, please try again later".
_PASSING = frozenset({"36009002", "45102007"})
#: TikTok asks to try again, and does not say what became of the first try.
_TROUBLE = frozenset({"36009003", "36009007"})

log = structlog.get_logger()


class TikTokShopConnector(SellerConnector):
    """Settings: ``app_key``, ``app_secret``, ``shop_cipher``, ``shop_id``; optional ``grant``."""

    name = "tiktokshop"
    capabilities = Capabilities(
        documented="https://partner.tiktokshop.com/docv2/page/customer-service-api-overview",
        text_limit=2000,
        images=True,
        product_cards=True,
        order_cards=True,
        acknowledge=datetime.timedelta(seconds=3),
        redelivery=datetime.timedelta(hours=16),
        rate=Rate(50),  # https://partner.tiktokshop.com/docv2/page/64f1991d64ed2e0295f3d2c0
    )
    card_ids = types.MappingProxyType({ReplyKind.PRODUCT: _IDS, ReplyKind.ORDER: _IDS})

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the app and the shop."""
        super().__init__(account, client, tokens)
        self._app = App(account.read("app_key"), account.read("app_secret"))
        self._cipher = account.read("shop_cipher")
        self._shop_id = account.read("shop_id")
        own = account.read("url", "").rstrip("/")
        self._url = (own or HOST) + API
        self._auth = RequestAuth(self.grant, self._app, self._cipher, self.need_tokens(), own or AUTH_HOST)
        self._read: collections.OrderedDict[str, datetime.datetime] = collections.OrderedDict()

    def verify(self, call: Call) -> None:
        """https://partner.tiktokshop.com/docv2/page/tts-webhooks-overview ; TikTok signs no time."""
        check_signature(call.headers.get("authorization"), sign_notice(self._app, call.body))

    def parse(self, call: Call) -> list[Received]:
        """The one message of a webhook; other topics, and other shops of the app, have none."""
        push = Fields.load(call.body)
        if push.id("type") != NEW_MESSAGE:
            return []
        if push.id("shop_id") != self._shop_id:
            log.warning("channel.message.elsewhere", channel=self.name, account=self.account.name)
            return []
        return [self._read_message(push.object("data"))]

    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Mark as read what she wrote, then answer."""
        await self._mark_read(sending)
        kind, content = await self._write(reply)
        thread = sending.to.thread
        self.echoes.note(thread, _name_content(kind, content))
        if sending.uncertain and kind != "IMAGE":
            taken = await self._find_sent(sending, kind, content)
            if taken is not None:
                return [taken]
        body = {"type": kind, "content": json.dumps(content, ensure_ascii=False)}
        return _read_ids(await self._call("POST", _name_messages(thread), json=body))

    def _read_message(self, data: Fields) -> Received:
        kind_name, sender = data.text("type"), data.object("sender")
        author = _AUTHORS.get(sender.text("role"), Author.SYSTEM)
        kind, names = _KINDS.get(kind_name, (Kind.OTHER, {}))
        if kind_name in _NOTICES or not data.flag("is_visible", True):
            author = Author.SYSTEM
        facts: dict[str, Any] = {"type": kind_name} if kind is Kind.OTHER else {}
        text, thread = "", data.id("conversation_id")
        if kind is not Kind.OTHER:
            content = Fields.load(data.text("content"), "data.content")
            text = content.text("content") if kind is Kind.TEXT else ""
            facts |= {fact: content.text(name) for fact, name in names.items() if content.text(name, "")}
            if author is Author.AGENT and self.echoes.is_ours(thread, _name_content(kind_name, content.value)):
                author = Author.BOT
        return Received(
            channel=self.name,
            account=self.account.name,
            shop=self.account.shop,
            thread=thread,
            message_id=data.id("message_id"),
            buyer=sender.id("im_user_id") if author is Author.BUYER else "",
            sent_at=data.moment("create_time"),
            kind=kind,
            author=author,
            text=text,
            facts=facts,
        )

    async def _write(self, reply: Reply) -> tuple[str, dict[str, Any]]:
        """The message's type and content."""
        if reply.kind in _CARDS:
            kind, name = _CARDS[reply.kind]
            return kind, {name: find_card(reply, self.card_ids)}
        if reply.kind is not ReplyKind.IMAGE:
            return "TEXT", {"content": reply.text}
        picture = await fetch_picture(self.client, str(reply.facts.get("url", "")), PICTURE_BYTES)
        files = {"data": (picture.file_name, picture.data, picture.media_type)}
        try:
            uploaded = await self._call("POST", "/images/upload", files=files)
            url, width, height = uploaded.text("url"), uploaded.number("width"), uploaded.number("height")
        except SendError as error:
            # A picture that lies there twice is no message that the buyer sees twice.
            error.uncertain = False
            raise
        except MessageError as error:
            raise SendError(f"upload: {error}") from error
        return "IMAGE", {"url": url, "width": int(width), "height": int(height)}

    async def _mark_read(self, sending: Sending) -> None:
        """Show the buyer that her messages were read, once a turn; an answer does not wait for it to work."""
        thread, heard_at = sending.to.thread, sending.to.heard_at
        if heard_at is None or self._read.get(thread) == heard_at:
            return
        try:
            await self._call("POST", f"{_name_messages(thread)}/read", json={})
        except SendError as error:
            log.warning("channel.read.failed", channel=self.name, reason=str(error))
            return
        self._read[thread] = heard_at
        self._read.move_to_end(thread)
        while len(self._read) > THREADS_KEPT:
            self._read.popitem(last=False)

    async def _find_sent(self, sending: Sending, kind: str, content: Mapping[str, Any]) -> str | None:
        """The id of a message that TikTok took although its answer was lost; None where it has not."""
        if sending.to.heard_at is None:
            return None
        query = {"page_size": str(LOOK_BACK), "sort_field": "create_time", "sort_order": "DESC"}
        try:
            data = await self._call("GET", _name_messages(sending.to.thread), params=query)
            wanted = _name_content(kind, content)
            for message in data.objects("messages") if "messages" in data else ():
                answered = message.moment("create_time") >= sending.to.heard_at.replace(microsecond=0)
                ours = message.object("sender").text("role") in ("CUSTOMER_SERVICE", "SHOP")
                shown = _name_content(message.text("type"), _read_object(message.text("content")))
                if answered and ours and shown == wanted:
                    return message.id("id")
        except MessageError as error:
            log.warning("channel.history.unreadable", channel=self.name, field=error.field, problem=error.message)
        except SendError as error:
            error.permanent, error.uncertain = False, True
            raise
        return None

    async def _call(self, method: str, path: str, **content: Any) -> Fields:
        """The ``data`` of an answer; SendError for every other one."""
        response = await self.ask(method, self._url + path, self._auth, **content)
        body = read_json(response)
        problem = _read_problem(response, body)
        if problem is not None:
            raise problem
        data = body.get("data")
        return Fields(data if isinstance(data, dict) else {}, "data")


def _read_object(text: str) -> Mapping[str, Any]:
    """A JSON object in a text; {} where there is none."""
    try:
        return Fields.load(text).value
    except MessageError:
        return {}


def _name_messages(thread: str) -> str:
    return f"/conversations/{urllib.parse.quote(thread, safe='')}/messages"


def _name_content(kind: str, content: Mapping[str, Any]) -> str:
    """One text for one content, however TikTok writes it again; blanks do not count."""
    shown = {name: " ".join(str(value).split()) for name, value in content.items()}
    return f"{kind} {json.dumps(shown, sort_keys=True)}"


def _read_ids(data: Fields) -> list[str]:
    try:
        return [data.id("message_id")]
    except MessageError:
        return []  # it was taken; how TikTok names it is for the records only


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
