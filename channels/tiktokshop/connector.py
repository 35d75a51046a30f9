"""Receiving and sending for one shop."""

from __future__ import annotations

import collections
import datetime
import json
import re
import types
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import httpx
import structlog

from channels.base import MessageError
from channels.connector import (
    Account,
    Call,
    Capabilities,
    Rate,
    SendError,
    check_signature,
)
from channels.fields import Fields
from channels.findings import Finding
from channels.pictures import fetch_picture
from channels.seller import SellerConnector, find_card
from channels.tiktokshop.answers import read_data
from channels.tiktokshop.messages import CHANNEL, name_content, read_message, read_object
from pasar.commerce.platforms.tiktokshop.api import AUTH_HOST, HOST
from pasar.commerce.platforms.tiktokshop.notices import sign_notice
from pasar.commerce.platforms.tiktokshop.signing import App, RequestAuth
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Received, Reply, ReplyKind, Sending

API = "/customer_service/202309"
NEW_MESSAGE = "14"
PICTURE_BYTES = 10 * 1024 * 1024
CONVERSATIONS = 20  # that Get Conversations gives at most
PAGES = 3  # in which a buyer is looked for: who has just written is among the first
LOOK_BACK = 10  # messages that Get Conversation Messages gives at most
THREADS_KEPT = 5_000

_CARDS = {ReplyKind.PRODUCT: ("PRODUCT_CARD", "product_id"), ReplyKind.ORDER: ("ORDER_CARD", "order_id")}
_IDS = re.compile(r"\d{1,20}", re.ASCII)

_Kept = TypeVar("_Kept")

log = structlog.get_logger()


class TikTokShopConnector(SellerConnector):
    """Settings: ``app_key``, ``app_secret``, ``shop_cipher``, ``shop_id``; optional ``grant``."""

    name = CHANNEL
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
        self._buyers: collections.OrderedDict[str, str] = collections.OrderedDict()

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
        return [read_message(push.object("data"), self.account, self.echoes)]

    def probe(self) -> list[Call]:
        """A webhook of no topic that there is."""
        body = json.dumps({"type": 0, "shop_id": self._shop_id, "data": {}}).encode()
        return [Call("POST", "", {"authorization": sign_notice(self._app, body)}, body)]

    async def check(self, callback: str) -> list[Finding]:
        """Get Conversations, for one: it needs the token, the cipher, and the scope of Customer Service.

        Which address an app's webhooks go to, only Partner Center tells.
        """
        await self._call("GET", "/conversations", params={"page_size": "1"})
        return [Finding("keys", "TikTok Shop takes token and cipher, and gives conversations")]

    async def identify(self, message: Received) -> str:
        """Her ``user_id``, which her orders have; a message has her ``im_user_id`` only. Asked once a conversation."""
        thread = message.thread
        if thread not in self._buyers:
            found = await self._find_buyer(thread)
            if not found:
                return ""
            _keep(self._buyers, thread, found)
        return self._buyers[thread]

    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Mark as read what she wrote, then answer."""
        await self._mark_read(sending)
        kind, content = await self._write(reply)
        thread = sending.to.thread
        self.echoes.note(thread, name_content(kind, content))
        if sending.uncertain and kind != "IMAGE":
            taken = await self._find_sent(sending, kind, content)
            if taken is not None:
                return [taken]
        body = {"type": kind, "content": json.dumps(content, ensure_ascii=False)}
        return _read_ids(await self._call("POST", _name_messages(thread), json=body))

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
        _keep(self._read, thread, heard_at)

    async def _find_buyer(self, thread: str) -> str:
        """The ``user_id`` of a conversation's buyer; "" where the latest conversations do not have it."""
        query = {"page_size": str(CONVERSATIONS)}
        for _ in range(PAGES):
            data = await self._call("GET", "/conversations", params=query)
            try:
                for conversation in data.objects("conversations") if "conversations" in data else ():
                    if conversation.id("id") == thread:
                        return _read_buyer(conversation)
                query["page_token"] = data.text("next_page_token", "")
            except MessageError as error:
                raise SendError(f"conversations: {error}") from error
            if not query["page_token"]:
                break
        return ""

    async def _find_sent(self, sending: Sending, kind: str, content: Mapping[str, Any]) -> str | None:
        """The id of a message that TikTok took although its answer was lost; None where it has not."""
        if sending.to.heard_at is None:
            return None
        query = {"page_size": str(LOOK_BACK), "sort_field": "create_time", "sort_order": "DESC"}
        try:
            data = await self._call("GET", _name_messages(sending.to.thread), params=query)
            wanted = name_content(kind, content)
            for message in data.objects("messages") if "messages" in data else ():
                answered = message.moment("create_time") >= sending.to.heard_at.replace(microsecond=0)
                ours = message.object("sender").text("role") in ("CUSTOMER_SERVICE", "SHOP")
                shown = name_content(message.text("type"), read_object(message.text("content")))
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
        return read_data(await self.ask(method, self._url + path, self._auth, **content))


def _read_buyer(conversation: Fields) -> str:
    buyers = [one for one in conversation.objects("participants") if one.text("role", "") == "BUYER"]
    return buyers[0].id("user_id", "") if len(buyers) == 1 else ""


def _keep(kept: collections.OrderedDict[str, _Kept], thread: str, value: _Kept) -> None:
    kept[thread] = value
    kept.move_to_end(thread)
    while len(kept) > THREADS_KEPT:
        kept.popitem(last=False)


def _name_messages(thread: str) -> str:
    return f"/conversations/{urllib.parse.quote(thread, safe='')}/messages"


def _read_ids(data: Fields) -> list[str]:
    try:
        return [data.id("message_id")]
    except MessageError:
        return []  # it was taken; how TikTok names it is for the records only
