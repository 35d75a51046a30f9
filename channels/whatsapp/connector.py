"""The connector of a WhatsApp business number.

Written to https://developers.facebook.com/documentation/business-messaging/whatsapp . Confirmed there or in copies of it:
80 messages a second and number in both directions, one message in six seconds to a person with bursts of 45 (131056), the
window of 24 hours outside of which only templates go out (131047), three buttons, lists of ten rows, seven days of
redelivery. In how many seconds Meta wants its answer, its pages on WhatsApp do not say; two are kept.

A buyer is known by her business-scoped ``user_id``, which comes with every message since April 2026 and stays where she
hides her number; by her number (``wa_id``) only where an older call has nothing else. So a conversation begun by number
goes on under another name once. https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids

An order's card (``order_details``) is for payments within WhatsApp, in few countries: orders are told in words. The token
is a system user's, which does not end by time; one that was taken back can only be given anew by the shop.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import urllib.parse
from collections.abc import Sequence
from typing import Any

import httpx
import structlog

from channels.base import MessageError
from channels.connector import Account, Call, Capabilities, Rate, SendError, read_each
from channels.fields import Fields
from channels.findings import Finding, compare_address
from channels.meta.graph import GRAPH, MetaConnector, shorten
from channels.whatsapp.events import Reader
from channels.whatsapp.messages import BODY, CAPTION, address, cut, write
from pasar.buyers.marks import Mark, read_phone
from pasar.commerce.platforms.tokens import TokenStore
from pasar.media.limits import load_limits
from pasar.media.model import Content, RefusedError, Wish
from pasar.messages.model import Author, Received, Reply, ReplyKind, Sending

FIELDS = "verified_name,display_phone_number,quality_rating,webhook_configuration"
LEVELS = ("phone_number", "whatsapp_business_account", "application")  # the first that there is decides
_WRONG_VALUE = "131009"  # as where a product is not in the catalogue
#: Lists of a call's ``value``, by the webhook's field, and who writes them.
_LISTS = {
    ("messages", "messages"): Author.BUYER,
    ("messages", "statuses"): Author.SYSTEM,
    ("user_preferences", "user_preferences"): Author.SYSTEM,
    # Meta's own agent has the conversation: https://…/whatsapp/webhooks/reference/standby/
    ("standby", "messages"): Author.SYSTEM,
    ("standby", "statuses"): Author.SYSTEM,
    ("standby", "message_echoes"): Author.BOT,
    # A person of the shop, in the WhatsApp Business app: https://…/webhooks/reference/smb_message_echoes/
    ("smb_message_echoes", "message_echoes"): Author.AGENT,
}

log = structlog.get_logger()


class WhatsAppConnector(MetaConnector):
    """Settings: ``secret``, ``verify_token``, ``token``, ``number`` (the phone number's id, not the number).

    ``catalog``: the id of the catalogue that is connected to the account; without it a product's card is its picture with
    words. ``list_button``: what opens a list of more than three choices, at most 20 characters ("☰").
    """

    name = "whatsapp"
    #: Our token goes there. By the examples of https://developers.facebook.com/documentation/business-messaging/whatsapp/
    #: business-phone-numbers/media ; ``media_hosts`` of an account, with blanks between, where Meta takes others.
    media_hosts = ("fbsbx.com",)
    object_name = "whatsapp_business_account"
    capabilities = Capabilities(
        documented="https://developers.facebook.com/documentation/business-messaging/whatsapp",
        text_limit=4096,
        buttons=10,
        button_title=20,
        button_payload=200,
        button_text=BODY,
        images=True,
        product_cards=True,
        templates=True,
        reply_window=datetime.timedelta(hours=24),
        redelivery=datetime.timedelta(days=7),
        rate=Rate(80),
        # A bucket of 45 that a new message's place comes into every six seconds.
        thread_rate=Rate(45, 270),
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read which number it is."""
        super().__init__(account, client, tokens)
        self._number = account.read("number")
        self._catalog = account.read("catalog", "")
        self._list_button = account.read("list_button", "☰")
        self._url = account.read("url", GRAPH).rstrip("/")
        self._reader = Reader(self.name, account.name, account.shop)

    def parse(self, call: Call) -> list[Received]:
        """Read all messages and statuses of all changes; what is of the account and not of a conversation is left out."""
        body = Fields.load(call.body)
        if body.text("object") != self.object_name:
            raise MessageError("object", f"must be {self.object_name}")
        found: list[Received] = []
        failed: MessageError | None = None
        for entry in body.objects("entry"):
            for change in entry.objects("changes"):
                try:
                    found += self._read_change(change)
                except MessageError as error:
                    log.warning("whatsapp.change.unreadable", field=error.field, problem=error.message)
                    failed = error
        if failed is not None and not found:
            raise failed
        return found

    def _read_change(self, change: Fields) -> list[Received]:
        field, value = change.text("field"), change.object("value")
        if "metadata" not in value:
            log.info("whatsapp.field.skipped", account=self.account.name, field=field)
            return []
        if value.object("metadata").id("phone_number_id") != self._number:
            log.warning("meta.entry.elsewhere", channel=self.name, account=self.account.name)
            return []
        names, users = self._reader.read_names(value), self._reader.read_users(value)
        items: dict[str, tuple[Fields, str, Author]] = {}
        for (of, name), author in _LISTS.items():
            if of == field and name in value:
                items |= {item.path: (item, name, author) for item in value.objects(name)}

        def read(item: Fields) -> Received | None:
            _, name, author = items[item.path]
            if name == "statuses":
                return self._reader.read_status(item)
            if name == "user_preferences":
                return self._reader.read_preference(item, users)
            return self._reader.read_message(item, author, names)

        return read_each([item for item, _, _ in items.values()], read)

    def vouch(self, message: Received) -> Sequence[Mark]:
        """Her number: WhatsApp gives an account to who has it, and one at a time."""
        mark = read_phone(f"+{message.phone}", sole=True)
        return (mark,) if mark is not None else ()

    async def check(self, callback: str) -> list[Finding]:
        """Which number it is, and which address Meta calls for it.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override : the number's own
        address goes before its account's, and that before the app's.
        """
        number = await self.get_graph(f"{self._url}/{self._version}/{self._number}", FIELDS, self._token)
        shown = f"{number.get('verified_name')} {number.get('display_phone_number')}"
        found = [Finding("keys", f"Meta takes the token: {shown}")]
        if number.get("quality_rating") == "RED":
            advice = "WhatsApp Manager > Phone numbers tells why"
            found.append(Finding.doubt("keys", "the number's quality is low, and Meta may limit it", advice))
        told = number.get("webhook_configuration")
        levels = told if isinstance(told, dict) else {}
        address = next((str(levels[level]) for level in LEVELS if levels.get(level)), "")
        place = "the app's dashboard > WhatsApp > Configuration > Webhook > Edit"
        return [*found, compare_address("webhook", address, callback, place)]

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send the one message; a product that is not in the catalogue as its picture and words."""
        reply = sending.reply
        catalog = self._catalog if reply.kind is ReplyKind.PRODUCT and reply.facts.get("product") else ""
        try:
            return await self._send(sending, self._write(reply, catalog))
        except SendError as error:
            if not catalog or not str(error).startswith(_WRONG_VALUE):
                raise
        log.info("whatsapp.product.missing", account=self.account.name)
        return await self._send(sending, self._write(reply, ""))

    async def fetch_media(self, wish: Wish) -> Content:
        """By the media's id, which gives an address for five minutes: both are asked with the token.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
        """
        named = urllib.parse.quote(str(wish.facts.get("media_id", "")), safe="")
        told = await self.get_graph(f"{self._url}/{self._version}/{named}", "", self._token)
        size = str(told.get("file_size") or "")
        if size.isdecimal() and int(size) > load_limits().most_bytes:
            raise RefusedError(f"it has over {load_limits().most_bytes} bytes")
        if not isinstance(told.get("url"), str):
            raise SendError("Meta tells no url")
        data = await self.download(told["url"], headers={"Authorization": f"Bearer {self._token}"})
        digest = str(told.get("sha256") or "")
        if len(digest) == 64 and digest != hashlib.sha256(data).hexdigest():
            raise SendError("it is not what Meta has the sha256 of")
        return Content(data)

    def _write(self, reply: Reply, catalog: str) -> dict[str, Any]:
        if catalog:
            action = {"catalog_id": catalog, "product_retailer_id": str(reply.facts["product"])}
            body = {"body": {"text": cut(reply.text, BODY)}} if reply.text.strip() else {}
            return {"type": "interactive", "interactive": {"type": "product", **body, "action": action}}
        if reply.kind is ReplyKind.PRODUCT:
            image = str(reply.facts.get("image", ""))
            if image.startswith("https://") and len(reply.text) <= CAPTION:
                facts = {"url": image}
                return write(dataclasses.replace(reply, kind=ReplyKind.IMAGE, facts=facts), self._list_button)
            return write(dataclasses.replace(reply, kind=ReplyKind.TEXT), self._list_button)
        return write(reply, self._list_button)

    async def _send(self, sending: Sending, message: dict[str, Any]) -> Sequence[str]:
        body = {"messaging_product": "whatsapp", **address(sending.to.thread), **message}
        url = f"{self._url}/{self._version}/{self._number}/messages"
        answer = await self.post_graph(url, body, self._token, attempt=sending.attempt)
        sent = answer.get("messages")
        ids = [item.get("id") for item in sent if isinstance(item, dict)] if isinstance(sent, list) else []
        return [shorten(message_id) for message_id in ids if isinstance(message_id, str) and message_id]
