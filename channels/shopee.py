"""Shopee's chat between buyers and shops, by its Open Platform v2.

Written to https://open.shopee.com/push-mechanism/5 (webchat_push, code 10, as of 18 April 2025: 2 s, repeated after 1, 2
and 3 s, in order, maybe twice), https://open.shopee.com/developer-guide/18 (signature), and
https://open.shopee.com/documents/v2/v2.push.get_lost_push_message?module=105&type=1. The pages of v2.sellerchat.* are
shown to signed-in sellers only: its fields are those that public clients send (EcomPHP/shopee-php, wjp-letgo/shopeego),
and what they do not tell is not known: the longest text (1,000 characters is a guess), the most calls a second, which
errors there are beyond the platform's common ones, whether a picture has a limit (2 MB, say sellers' connectors). There
are no buttons. Taiwan cannot be written to.

A push signs the callback's address as it is registered, so that this is a setting. No digest of a push is published;
the construction is that of Shopee's own samples. What we send comes back as a push: our shop is its ``from_shop_id``.
Where a push has neither ``from_shop_id`` nor ``to_shop_id`` (before April 2025), ``content.shop_id`` is the shop it went
to, by the page; the page's own sample of a text contradicts that, and is taken as nobody's to answer. Not answered
either: talks with affiliates, what Shopee's chatbot has in hand or its censor blocked. Orders and stickers in pushes are
read as sellers' connectors know them. A ``bundle_message`` has only the ids of its messages, and is recorded.

Pushes that did not arrive are given again for three days, to the whole app: :meth:`ShopeeConnector.recover` reads those
of our shop's chat, and confirms a page only where it holds nothing else. An app has one callback for all its shops, and
messages of other shops are left alone. Calls have no key against repetition.
"""

from __future__ import annotations

import datetime
import json
import re
import time
import types
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from channels.base import MessageError
from channels.connector import (
    Accept,
    Account,
    Call,
    Capabilities,
    Rate,
    SendError,
    check_signature,
)
from channels.fields import Fields
from channels.findings import Finding, compare_address
from channels.pictures import fetch_picture
from channels.seller import SellerConnector, find_card, read_json
from channels.shopee_answers import read_answer
from pasar.commerce.platforms.shopee.auth import ShopeeAuth, sign
from pasar.commerce.platforms.shopee.calls import RATE
from pasar.commerce.platforms.shopee.notices import sign_push
from pasar.commerce.platforms.shopee.settings import BASE_URL
from pasar.commerce.platforms.shopee.settings import Account as ShopeeAccount
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending

WEBCHAT = "10"
SELLERCHAT = "/api/v2/sellerchat"
LOST = "/api/v2/push/get_lost_push_message"
SHOP = "/api/v2/shop/get_shop_info"
PUSHES = "/api/v2/push/get_app_push_config"
CONFIRM = "/api/v2/push/confirm_consumed_lost_push_message"
PICTURE_BYTES = 2 * 1024 * 1024
PAGES = 20  # of lost pushes in one go
_AFFILIATE = "11"
_AUTOMATIC = frozenset({"auto_reply", "offwork_autoreply"})
_BLOCKED = frozenset({"blocked", "censored_blacklist"})

#: Type → kind, and of its facts the fields they stand in. A picture's address may be the name of a file only.
_KINDS: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "text": (Kind.TEXT, {}),
    "image": (Kind.IMAGE, {"url": "url"}),
    "video": (Kind.VIDEO, {"url": "video_url"}),
    "item": (Kind.PRODUCT, {"product": "item_id"}),
    "order": (Kind.ORDER, {"order_id": "order_sn"}),
    "sticker": (Kind.STICKER, {"sticker": "sticker_id"}),
    "faq_liveagent": (Kind.TEXT, {}),  # she has pressed "chat with the seller"
}
_CARDS = {ReplyKind.PRODUCT: ("item", "item_id"), ReplyKind.ORDER: ("order", "order_sn")}

log = structlog.get_logger()


class ShopeeConnector(SellerConnector):
    """Settings: ``partner_id``, ``partner_key``, ``shop_id``, ``callback``; optional ``push_key`` and ``grant``.

    ``callback`` is our address as it is registered at Shopee. Newer apps sign pushes with a key of their own, ``push_key``.
    """

    name = "shopee"
    capabilities = Capabilities(
        documented="https://open.shopee.com/push-mechanism/5",
        text_limit=1000,
        images=True,
        product_cards=True,
        order_cards=True,
        acknowledge=datetime.timedelta(seconds=2),
        redelivery=datetime.timedelta(days=3),
        rate=Rate(*RATE),
    )
    card_ids = types.MappingProxyType(
        {ReplyKind.PRODUCT: re.compile(r"\d{1,19}", re.ASCII), ReplyKind.ORDER: re.compile(r"[0-9A-Z]{10,20}")}
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the app, the shop and the callback."""
        super().__init__(account, client, tokens)
        key = account.read("partner_key")
        self._account = ShopeeAccount(int(self.read_digits("partner_id")), key, int(self.read_digits("shop_id")))
        self._push_key = account.read("push_key", key)
        self._callback = account.read("callback")
        self._url = account.read("url", BASE_URL).rstrip("/")
        self._auth = ShopeeAuth(self.grant, self._account, self.need_tokens(), self._url)

    def verify(self, call: Call) -> None:
        """https://open.shopee.com/developer-guide/18 ; no time is signed."""
        check_signature(call.headers.get("authorization"), sign_push(self._push_key, self._callback, call.body))

    def parse(self, call: Call) -> list[Received]:
        """The one message of a push; other pushes, other shops of the app, and the console's test have none."""
        message = self._find_message(Fields.load(call.body))
        return [] if message is None else [self._read_message(message)]

    def probe(self) -> list[Call]:
        """A push of no kind that there is."""
        body = json.dumps({"code": 0, "shop_id": self._account.shop_id, "data": {}}).encode()
        return [Call("POST", "", {"authorization": sign_push(self._push_key, self._callback, body)}, body)]

    async def check(self, callback: str) -> list[Finding]:
        """Which shop it is, and what the app is pushed.

        https://open.shopee.com/documents/v2/v2.shop.get_shop_info?module=92&type=1 and
        https://open.shopee.com/documents/v2/v2.push.get_app_push_config?module=105&type=1 .
        """
        response = await self.ask("GET", self._url + SHOP, self._auth)
        read_answer(response)
        shop = read_json(response)  # this call's fields stand beside the error, not in a response
        found = [Finding("keys", f"Shopee takes the token: {shop.get('shop_name')} ({shop.get('region')})")]
        pushes = (await self._call_app("GET", PUSHES)).value
        place = "Open Platform Console > App List > Push Mechanism"
        found.append(compare_address("webhook", str(pushes.get("callback_url") or ""), self._callback, place))
        codes = pushes.get("push_config_on_list")
        if not isinstance(codes, list) or int(WEBCHAT) not in codes:
            found.append(Finding.bad("webhook", "webchat_push (code 10) is off", f"{place}: switch it on"))
        status = str(pushes.get("live_push_status"))
        if status.lower() == "suspended":
            found.append(
                Finding.bad("webhook", "Shopee has suspended pushes: too many failed", f"{place}: resume them")
            )
        elif status.lower() != "normal":
            found.append(Finding.doubt("webhook", f"pushes are in the state {status}", place))
        return found

    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Write to the buyer."""
        buyer = sending.to.buyer
        if not buyer.isascii() or not buyer.isdecimal():
            raise SendError("the buyer has no id of Shopee's", permanent=True)
        kind, content = await self._write(reply)
        self.echoes.note(sending.to.thread, _name_content(kind, content))
        body = {"to_id": int(buyer), "message_type": kind, "content": content}
        answer = await self._call(f"{SELLERCHAT}/send_message", json=body)
        try:
            return [answer.id("message_id")]
        except MessageError:
            return []  # it was taken; how Shopee names it is for the records only

    async def identify(self, message: Received) -> str:
        """Her user id: ``buyer_user_id`` of her orders."""
        return message.buyer

    async def recover(self, accept: Accept) -> None:
        """Accept the messages that Shopee could not push, and then tell it so; SendError where it does not answer.

        What is not confirmed is given again. That page by page: the next one only comes after a confirmation.
        """
        for _ in range(PAGES):
            page = await self._call_app("GET", LOST)
            try:
                messages, last, has_more = self._read_page(page)
            except MessageError as error:
                raise SendError(f"lost pushes: {error}") from error
            if messages:
                await accept(messages)
                log.info("channel.lost.recovered", channel=self.name, account=self.account.name, messages=len(messages))
            if last is None:
                return
            await self._call_app("POST", CONFIRM, json={"last_message_id": last})
            if not has_more:
                return

    def _find_message(self, push: Fields) -> Fields | None:
        """The message in a push; None where it has none for us."""
        if push.id("code", "") != WEBCHAT:
            return None
        if push.id("shop_id") != str(self._account.shop_id):
            log.warning("channel.message.elsewhere", channel=self.name, account=self.account.name)
            return None
        data = push.object("data")
        return data.object("content") if data.text("type") == "message" else None

    def _read_page(self, page: Fields) -> tuple[list[Received], int | None, bool]:
        """Our messages among lost pushes, up to where they may be confirmed (None: not at all), whether there are more."""
        messages: list[Received] = []
        entries = page.objects("push_message_list") if "push_message_list" in page else []
        own = (WEBCHAT, str(self._account.shop_id))
        ours = [entry for entry in entries if (entry.id("code", ""), entry.id("shop_id", "")) == own]
        for entry in ours:
            try:
                message = self._find_message(Fields.load(entry.text("data"), f"{entry.path}.data"))
                if message is not None:
                    messages.append(self._read_message(message))
            except MessageError as error:  # would be as unreadable the next time
                log.warning("channel.lost.unreadable", channel=self.name, field=error.field, problem=error.message)
        if len(ours) < len(entries):
            # Whoever the others are for must find and confirm them.
            log.warning("channel.lost.unconfirmed", channel=self.name, account=self.account.name)
        last = int(page.number("last_message_id")) if entries and len(ours) == len(entries) else None
        return messages, last, page.flag("has_next_page", False)

    def _read_message(self, message: Fields) -> Received:
        kind_name, thread = message.text("message_type"), message.id("conversation_id")
        kind, names = _KINDS.get(kind_name, (Kind.OTHER, {}))
        content = message.object("content") if "content" in message else Fields({})
        facts: dict[str, Any] = {"type": kind_name} if kind is Kind.OTHER else {}
        for fact, name in names.items():
            facts |= _read_fact(fact, content, name)
        text = content.text("text", "") if kind is Kind.TEXT else ""
        source = _read_source(message)
        if kind_name == "faq_liveagent" and source:
            # The button stood below an order or a product: that is what she asks about.
            kind, text = (Kind.ORDER if "order_id" in source else Kind.PRODUCT), ""
        author = self._find_author(message, thread, _name_content(kind_name, content.value))
        buyer = {Author.BUYER: "from_id", Author.AGENT: "to_id", Author.BOT: "to_id"}.get(author)
        return Received(
            channel=self.name,
            account=self.account.name,
            shop=self.account.shop,
            thread=thread,
            message_id=message.id("message_id"),
            buyer=message.id(buyer) if buyer else "",
            sent_at=message.moment("created_timestamp"),
            kind=kind,
            author=author,
            text=text,
            facts={**source, **facts},
            name=message.text("from_user_name", "")[:128] if author is Author.BUYER else "",
        )

    def _find_author(self, message: Fields, thread: str, content: str) -> Author:
        own, status = str(self._account.shop_id), message.text("status", "normal")
        sender, receiver = message.id("from_shop_id", ""), message.id("to_shop_id", "")
        if not sender and not receiver and message.id("sub_account_id", "0") == "0":
            receiver = message.id("shop_id", "")
        if status in _AUTOMATIC or message.id("business_type", "0") == _AFFILIATE:
            return Author.SYSTEM
        if sender == own:
            return Author.BOT if self.echoes.is_ours(thread, content) else Author.AGENT
        if receiver != own or status in _BLOCKED or message.flag("is_in_chatbot_session", False):
            return Author.SYSTEM
        return Author.BUYER

    async def _write(self, reply: Reply) -> tuple[str, dict[str, Any]]:
        """The message's type and content."""
        if reply.kind in _CARDS:
            kind, name = _CARDS[reply.kind]
            named = find_card(reply, self.card_ids) or ""
            return kind, {name: int(named) if kind == "item" else named}
        if reply.kind is not ReplyKind.IMAGE:
            return "text", {"text": reply.text}
        picture = await fetch_picture(self.client, str(reply.facts.get("url", "")), PICTURE_BYTES)
        files = {"file": (picture.file_name, picture.data, picture.media_type)}
        try:
            uploaded = await self._call(f"{SELLERCHAT}/upload_image", files=files)
            return "image", {"image_url": uploaded.text("url")}
        except SendError as error:
            # A picture that lies there twice is no message that the buyer sees twice.
            error.uncertain = False
            raise
        except MessageError as error:
            raise SendError(f"upload: {error}") from error

    async def _call(self, path: str, **content: Any) -> Fields:
        """The ``response`` of a shop's call; SendError for every other answer."""
        return read_answer(await self.ask("POST", self._url + path, self._auth, **content))

    async def _call_app(self, method: str, path: str, **content: Any) -> Fields:
        """As :meth:`_call`, for the app itself, which needs no token."""
        now, account = int(time.time()), self._account
        signature = sign(account.partner_key, account.partner_id, path, now)
        query: dict[str, str | int] = {"partner_id": account.partner_id, "timestamp": now, "sign": signature}
        return read_answer(await self.ask(method, self._url + path, httpx.Auth(), params=query, **content))


def _read_fact(fact: str, content: Fields, name: str) -> dict[str, str]:
    if fact != "url":
        value = content.id(name, "")
        return {fact: value} if value else {}
    address = content.text(name, "")
    return {"url" if address.startswith("https://") else "media_id": address} if address else {}


def _read_source(message: Fields) -> dict[str, str]:
    """The order or product that a conversation began at."""
    source = message.object("source_content") if "source_content" in message else Fields({})
    found = {"order_id": source.id("order_sn", ""), "product": source.id("item_id", "")}
    return {fact: value for fact, value in found.items() if value not in ("", "0")}


def _name_content(kind: str, content: Mapping[str, Any]) -> str:
    """What tells a message's content, as it is sent and as it comes back."""
    named = {"text": "text", "item": "item_id", "order": "order_sn", "image": "image_url"}.get(kind, "")
    return f"{kind} {content.get(named, '')}"
