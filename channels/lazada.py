"""Lazada's chat between buyers and sellers, by its Instant Messaging API.

Written to https://open.lazada.com/apps/doc/doc?nodeId=29537&docId=121553 (messages, type 2) and docId=121554 (sessions,
type 19), docId=120168 (signature; answer with 200 within 500 ms, else again every 30 minutes, twelve times; at least
once), and https://open.lazada.com/apps/doc/api?path=%2Fim%2Fmessage%2Fsend. What they leave open:

- Of a message's ``content`` only that of a text is shown. Those of pictures (imgUrl, width, height), items (actionUrl,
  title) and orders (orderId) are as a seller's public page reads them; an item's number is in its address.
- The longest text (1,000 characters is a guess), the most calls a second, the errors of ``/im/message/send``, and
  whether a picture may lie elsewhere than at Lazada: it is sent with its own address and its size.
- Whether the buyer's account here is the buyer of an order: she is not taken for one.

A message that its sender takes back comes again with the same id and status 1: recorded. One with ``process_msg`` has
not passed Lazada's check and is seen by the seller only, and ``auto_reply`` is Lazada's: neither is answered. While a
buyer does not answer, a seller may write five messages a day. There are no buttons. Calls have no key against
repetition, and asking for a session's messages often can cost the permission, so that a lost answer is not looked up.
An app has one callback for all its sellers: messages of others are left alone.
"""

from __future__ import annotations

import datetime
import json
import re
import types
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from channels.connector import (
    Account,
    Call,
    Capabilities,
    ConnectorSettingsError,
    Rate,
    SendError,
    TokenRefusedError,
    check_signature,
    read_status,
)
from channels.fields import Fields
from channels.findings import Finding
from channels.pictures import fetch_picture
from channels.seller import SellerConnector, find_card, read_json
from pasar.commerce.platforms.client import Again
from pasar.commerce.platforms.lazada.access import RATE, Access
from pasar.commerce.platforms.lazada.envelope import read_code, read_problem
from pasar.commerce.platforms.lazada.signature import REFUSED_TOKEN, LazadaAuth, sign_notice
from pasar.commerce.platforms.lazada.ventures import AUTH_URL, VENTURES
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending

MESSAGE = "2"
SELLER = "/seller/get"
SEND = "/im/message/send"
PICTURE_BYTES = 10 * 1024 * 1024  # of ours: Lazada says none
_RECALLED = "1"
_BUYER, _SELLER, _SYSTEM = "1", "2", "2"

#: ``template_id`` → kind, and of its facts the fields they stand in.
_KINDS: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "1": (Kind.TEXT, {}),
    "3": (Kind.IMAGE, {"url": "imgUrl"}),
    "4": (Kind.STICKER, {"sticker": "txt"}),
    "6": (Kind.VIDEO, {}),
    "10006": (Kind.PRODUCT, {"url": "actionUrl", "title": "title"}),
    "10007": (Kind.ORDER, {"order_id": "orderId"}),
}
_CARDS = {ReplyKind.PRODUCT: ("10006", "item_id"), ReplyKind.ORDER: ("10007", "order_id")}
_IDS = re.compile(r"\d{1,19}", re.ASCII)
_ITEM = re.compile(r"-i(\d{1,19})(?=[-.?]|$)", re.ASCII)  # …/products/-i170080044-s208990041.html

log = structlog.get_logger()


class LazadaConnector(SellerConnector):
    """Settings: ``app_key``, ``app_secret``, ``seller_id``, ``country`` (SG, MY, TH, VN, PH or ID); optional ``grant``."""

    name = "lazada"
    capabilities = Capabilities(
        documented="https://open.lazada.com/apps/doc/api?path=%2Fim%2Fmessage%2Fsend",
        text_limit=1000,
        images=True,
        product_cards=True,
        order_cards=True,
        acknowledge=datetime.timedelta(milliseconds=500),
        redelivery=datetime.timedelta(hours=7),
        rate=Rate(*RATE),
    )
    card_ids = types.MappingProxyType({ReplyKind.PRODUCT: _IDS, ReplyKind.ORDER: _IDS})

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the app, the seller and where she sells."""
        super().__init__(account, client, tokens)
        self._app = (account.read("app_key"), account.read("app_secret"))
        self._seller = account.read("seller_id")
        country = account.read("country").upper()
        if country not in VENTURES:
            raise ConnectorSettingsError(account.name, "country", f"must be one of: {', '.join(VENTURES)}")
        self._own_url = account.read("url", "").rstrip("/")
        self._country = country
        access = Access(self.grant, self._own_url or AUTH_URL, *self._app, self.need_tokens())
        self._get_token = access.get_token

    def verify(self, call: Call) -> None:
        """https://open.lazada.com/apps/doc/doc?nodeId=29524&docId=120168 ; no time is signed."""
        check_signature(call.headers.get("authorization"), sign_notice(*self._app, call.body))

    def parse(self, call: Call) -> list[Received]:
        """The one message of a push; other pushes, and other sellers of the app, have none."""
        push = Fields.load(call.body)
        if push.id("message_type") != MESSAGE:
            return []
        if push.id("seller_id") != self._seller:
            log.warning("channel.message.elsewhere", channel=self.name, account=self.account.name)
            return []
        return [self._read_message(push.object("data"))]

    def probe(self) -> list[Call]:
        """A push of no type that there is."""
        body = json.dumps({"message_type": 0, "seller_id": self._seller, "data": {}}).encode()
        return [Call("POST", "", {"authorization": sign_notice(*self._app, body)}, body)]

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, by https://open.lazada.com/apps/doc/api?path=%2Fseller%2Fget ; no call tells the callback."""
        url = self._own_url or VENTURES[self._country].url
        response = await self.ask("GET", url + SELLER, LazadaAuth(*self._app, url, self._get_token))
        seller = _read_data(response)
        told = str(seller.get("seller_id"))
        if told != self._seller:
            words = f"the token is for {seller.get('name')} ({told}), not for {self._seller}"
            return [Finding.bad("keys", words, "let that seller authorise the app, or correct seller_id")]
        return [Finding("keys", f"Lazada takes the token: {seller.get('name')}")]

    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Write into the session."""
        content = await self._write(reply)
        self.echoes.note(sending.to.thread, _name_content(content))
        # A session belongs to one country; the seller may have several.
        country = str(sending.to.facts.get("site", ""))
        url = self._own_url or VENTURES[country if country in VENTURES else self._country].url
        auth = LazadaAuth(*self._app, url, self._get_token)
        response = await self.ask("POST", url + SEND, auth, data={"session_id": sending.to.thread, **content})
        return _read_ids(response)

    def _read_message(self, data: Fields) -> Received:
        template, thread, named = data.id("template_id"), data.id("session_id"), data.id("message_id")
        kind, names = _KINDS.get(template, (Kind.OTHER, {}))
        content = Fields({}) if kind is Kind.OTHER else Fields.load(data.text("content"), "data.content")
        facts: dict[str, Any] = {"site": data.id("site_id", "")}
        facts |= {fact: _read_scalar(content, name) for fact, name in names.items()}
        if kind is Kind.PRODUCT:
            facts["product"] = content.id("itemId", "") or _find_item(facts["url"])
        if kind is Kind.OTHER:
            facts["type"] = template
        text = content.text("txt", "") if kind is Kind.TEXT else ""
        shown = text or str(facts.get("product") or facts.get("order_id") or "")
        author = self._find_author(data, thread, shown and f"{template} {shown}")
        if data.id("status", "0") == _RECALLED:
            kind, author, text = Kind.OTHER, Author.SYSTEM, ""
            facts, named = {"recalled": named}, f"{named}:recalled"
        buyer = {Author.BUYER: "from_account_id", Author.AGENT: "to_account_id", Author.BOT: "to_account_id"}.get(
            author
        )
        return Received(
            channel=self.name,
            account=self.account.name,
            shop=self.account.shop,
            thread=thread,
            message_id=named,
            buyer=data.id(buyer) if buyer else "",
            sent_at=data.moment("send_time", per_second=1000),
            kind=kind,
            author=author,
            text=text,
            facts={name: value for name, value in facts.items() if value},
        )

    def _find_author(self, data: Fields, thread: str, content: str) -> Author:
        if data.text("process_msg", ""):
            log.warning("channel.message.blocked", channel=self.name, account=self.account.name)
            return Author.SYSTEM
        if data.id("type") == _SYSTEM or data.flag("auto_reply", False):
            return Author.SYSTEM
        sender = data.id("from_account_type")
        if sender == _SELLER:
            return Author.BOT if self.echoes.is_ours(thread, content) else Author.AGENT
        return Author.BUYER if sender == _BUYER else Author.SYSTEM

    async def _write(self, reply: Reply) -> dict[str, str]:
        """The parameters of a message."""
        if reply.kind in _CARDS:
            template, name = _CARDS[reply.kind]
            return {"template_id": template, name: find_card(reply, self.card_ids) or ""}
        if reply.kind is not ReplyKind.IMAGE:
            return {"template_id": "1", "txt": reply.text}
        url = str(reply.facts.get("url", ""))
        picture = await fetch_picture(self.client, url, PICTURE_BYTES)
        return {"template_id": "3", "img_url": url, "width": str(picture.width), "height": str(picture.height)}


def _read_scalar(content: Fields, name: str) -> str:
    return content.id(name, "") if name.endswith("Id") else content.text(name, "")


def _find_item(address: str) -> str:
    found = _ITEM.search(address)
    return found[1] if found else ""


def _name_content(content: Mapping[str, str]) -> str:
    """What tells a message's content, as it is sent and as it comes back; "" of a picture, which nothing tells."""
    shown = content.get("txt") or content.get("item_id") or content.get("order_id")
    return f"{content['template_id']} {shown}" if shown else ""


def _read_ids(response: httpx.Response) -> list[str]:
    """The message's id."""
    named = _read_data(response).get("message_id")
    return [str(named)] if named else []


def _read_data(response: httpx.Response) -> Mapping[str, Any]:
    """The ``data`` of an answer; SendError for every one that is no success."""
    status, body = f"HTTP {response.status_code}", read_json(response)
    code = read_code(body)
    if not code and not (isinstance(body, dict) and "err_code" in body):
        if response.is_success:
            raise SendError(f"{status}: the answer cannot be read", uncertain=True)
        raise read_status(response, status)
    problem = read_problem(response, body) if code else None
    if isinstance(problem, Again):
        raise SendError(problem.reason, after=problem.after, uncertain=problem.seen)
    if code == REFUSED_TOKEN:
        raise TokenRefusedError(problem or code)
    if problem is not None:
        raise SendError(problem, permanent=True)
    if not response.is_success:
        raise read_status(response, status)
    refusal = str(body.get("err_code") or "0")
    if refusal != "0" or body.get("success") is False:
        raise SendError(f"{refusal} {str(body.get('err_message'))[:200]}", permanent=True)
    data = body.get("data")
    return data if isinstance(data, dict) else {}
