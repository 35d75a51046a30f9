"""eBay's messages between buyers and a seller, by its Message API and the notification NEW_MESSAGE.

Written to https://developer.ebay.com/api-docs/commerce/message/overview.html (``send_message``: fields, 2,000 characters, five
media) and https://developer.ebay.com/api-docs/commerce/notification/overview.html (envelope, signature, public keys, the
challenge of an endpoint). eBay publishes no contract of NEW_MESSAGE's ``data``: its fields are those of the Message API's
own messages, as developers have captured them. eBay's SDK answers 204 to what is signed, 412 to what is not, and 500 where
the public key could not be had; so do we.

eBay signs no time apart from the body's, and does not say how long it sends again; the same notification has been seen
twice though it was acknowledged. A message is known by ``messageId``, which ``send_message`` returns as well, so that our
own words are told from a person's. Who wrote is read from user names: buyer is who wrote to ``username`` (the seller, as the
notifications name her). Where neither side is she, nobody is answered: eBay replaces user names by ids for some
developers, and a seller taken for a buyer would be answered without end.

There are no buttons and cards (a listing may be referred to, by an item number that the shop's products do not have), no key
for idempotency, no documented rate and no reply window. Messages from eBay itself and other topics are recorded, BUYER_QUESTION
among them; MARKETPLACE_ACCOUNT_DELETION is acknowledged, and what it asks for is not done here.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from channels.base import MessageError
from channels.connector import (
    Account,
    Answer,
    Call,
    Capabilities,
    Connector,
    ForgedError,
    SendError,
    TokenRefusedError,
    read_each,
    read_status,
)
from channels.ebay.grants import Grants
from channels.ebay.signatures import Signatures
from channels.fields import Fields
from channels.findings import Finding
from pasar.commerce.platforms.tokens import TokenStore
from pasar.messages.model import Author, Kind, Received, Reply, ReplyKind, Sending
from pasar.messages.splitting import Unit

API = "https://api.ebay.com"
NEW_MESSAGE = "NEW_MESSAGE"
MEMBERS = "FROM_MEMBERS"

log = structlog.get_logger()


class EbayConnector(Connector):
    """Settings: ``client_id``, ``client_secret``, ``refresh_token``, ``verification_token``, ``callback``, ``username``."""

    name = "ebay"
    capabilities = Capabilities(
        documented="https://developer.ebay.com/api-docs/commerce/message/resources/conversation/methods/sendMessage",
        text_limit=2000,
        text_unit=Unit.UTF16,  # "characters", without saying which; these are the stricter
        images=True,
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the keys and who the seller is."""
        super().__init__(account, client, tokens)
        self._url = account.read("url", API).rstrip("/")
        self._verification_token = account.read("verification_token")
        self._callback = account.read("callback")
        self._seller = account.read("username").casefold()
        self._grants = Grants(account, self.post, self._url)
        self._signatures = Signatures(client, self._grants, self._url)

    async def prepare(self, call: Call) -> None:
        """Fetch the public key that the call names, where it is not known yet."""
        await self._signatures.prepare(call)

    def verify(self, call: Call) -> None:
        """https://developer.ebay.com/api-docs/commerce/notification/overview.html ; eBay wants 412 for what is not its own."""
        self._signatures.verify(call)

    def challenge(self, call: Call) -> Answer:
        """Prove that the address is ours: https://developer.ebay.com/marketplace-account-deletion ."""
        code = call.query.get("challenge_code", "")
        if not code:
            raise ForgedError("no challenge code", 400)
        proof = hashlib.sha256(f"{code}{self._verification_token}{self._callback}".encode("utf-8", "surrogateescape"))
        body = json.dumps({"challengeResponse": proof.hexdigest()}).encode()
        return Answer(body=body, content_type="application/json")

    def probe(self) -> list[Call]:
        """The challenge; notifications are signed with a key that only eBay has."""
        return [Call("GET", "", {}, query={"challenge_code": "a8628072-3d33-45ee-9004-bee86830a22d"})]

    async def check(self, callback: str) -> list[Finding]:
        """The seller's token and its scope, and the destinations that eBay notifies.

        https://developer.ebay.com/api-docs/commerce/message/resources/conversation/methods/getConversations and
        https://developer.ebay.com/api-docs/commerce/notification/resources/destination/methods/getDestinations . Which
        topics are subscribed to, the scope of messages does not let us read.
        """
        query = {"conversation_type": MEMBERS, "limit": "1"}
        await self._ask("message/v1/conversation", query, await self._grants.find())
        found = [Finding("keys", "eBay takes the refresh token, and gives conversations")]
        answer = await self._ask("notification/v1/destination", {"limit": "100"}, await self._grants.find_application())
        place = "POST /commerce/notification/v1/destination, then /subscription, as docs/channels/ebay.md says"
        told = answer.get("destinations")
        states = {}
        for destination in told if isinstance(told, list) else []:
            if isinstance(destination, dict) and isinstance(destination.get("deliveryConfig"), dict):
                states[str(destination["deliveryConfig"].get("endpoint"))] = str(destination.get("status"))
        if self._callback not in states:
            words = f"eBay notifies {', '.join(sorted(states)) or 'nobody'}"
            return [*found, Finding.bad("webhook", words, f"{place}: {self._callback}")]
        if states[self._callback] != "ENABLED":
            words = f"eBay has the address in the state {states[self._callback]}"
            return [*found, Finding.bad("webhook", words, "mend the callback, then PUT the destination as ENABLED")]
        return [*found, Finding("webhook", f"eBay notifies {self._callback}")]

    def parse(self, call: Call) -> list[Received]:
        """Read the notification of a call."""
        return read_each([Fields.load(call.body)], self._read)

    def acknowledge(self, call: Call) -> Answer:
        """Answer as eBay's SDK does."""
        return Answer(204)

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send one message into the conversation; with a new token where the one there is has ended."""
        body = {"conversationId": sending.to.thread, **_write(sending.reply)}
        token = await self._grants.find()
        try:
            return await self._post(token, body)
        except TokenRefusedError:
            return await self._post(await self._grants.find(refused=token), body)

    async def _post(self, token: str, body: dict[str, Any]) -> list[str]:
        headers = {"Authorization": f"Bearer {token}"}
        response = await self.post(f"{self._url}/commerce/message/v1/send_message", headers=headers, json=body)
        return _read_sent(response)

    async def _ask(self, path: str, query: dict[str, str], token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        return _read_object(await self.get(f"{self._url}/commerce/{path}", headers=headers, params=query))

    def _read(self, body: Fields) -> Received:
        topic = body.object("metadata").id("topic")
        notification = body.object("notification")
        common: dict[str, Any] = {
            "channel": self.name,
            "account": self.account.name,
            "shop": self.account.shop,
        }
        if topic != NEW_MESSAGE:
            return Received(
                **common,
                message_id=notification.id("notificationId"),
                thread="none",
                buyer="",
                sent_at=_read_moment(notification, "eventDate"),
                kind=Kind.OTHER,
                author=Author.SYSTEM,
                facts={"event": topic},
            )
        data = notification.object("data")
        sender, recipient = data.id("senderUserName", ""), data.id("recipientUserName", "")
        author = self._find_author(data, sender, recipient)
        kind, facts = _read_media(data)
        return Received(
            **common,
            message_id=data.id("messageId"),
            thread=data.id("conversationId"),
            buyer=recipient if author is Author.AGENT else sender,
            sent_at=_read_moment(*((data, "createdDate") if "createdDate" in data else (notification, "eventDate"))),
            kind=Kind.OTHER if author is Author.SYSTEM else kind,
            author=author,
            text=data.text("messageBody", ""),
            facts=facts,
        )

    def _find_author(self, data: Fields, sender: str, recipient: str) -> Author:
        if data.text("conversationType", MEMBERS) != MEMBERS:
            return Author.SYSTEM
        by_seller, to_seller = sender.casefold() == self._seller, recipient.casefold() == self._seller
        if by_seller:
            return Author.AGENT  # or ourselves: the worker knows our messages by their ids
        if sender and to_seller:
            return Author.BUYER
        log.warning("channel.ebay.strangers", account=self.account.name)  # is ``username`` right?
        return Author.SYSTEM


def _read_media(data: Fields) -> tuple[Kind, dict[str, Any]]:
    """What is attached: the first says what the message is. eBay sends an empty one where there is none."""
    media = data.objects("messageMedia") if "messageMedia" in data else []
    media = [item for item in media if item.text("mediaUrl", "")]
    if not media:
        return Kind.TEXT, {}
    first = media[0]
    facts: dict[str, Any] = {"url": first.text("mediaUrl")}
    if len(media) > 1:
        facts["urls"] = [item.text("mediaUrl") for item in media[:5]]
    if first.text("mediaType", "") == "IMAGE":
        return Kind.IMAGE, facts
    return Kind.FILE, facts | {"file": first.text("mediaName", "")[:200]}


def _read_moment(fields: Fields, name: str) -> datetime.datetime:
    """An ISO 8601 time as aware UTC."""
    written = fields.text(name)
    try:
        moment = datetime.datetime.fromisoformat(f"{written[:-1]}+00:00" if written.endswith("Z") else written)
        aware = moment.astimezone(datetime.timezone.utc) if moment.tzinfo else None
    except (ValueError, OverflowError):
        aware = None
    if aware is None:
        raise MessageError(f"{fields.path}.{name}", "must be a time in ISO 8601 with its zone")
    return aware


def _write(reply: Reply) -> dict[str, Any]:
    if reply.kind is not ReplyKind.IMAGE:
        return {"messageText": reply.text}
    url = str(reply.facts["url"])
    name = PurePosixPath(urlsplit(url).path).name or urlsplit(url).netloc
    media = [{"mediaName": name, "mediaType": "IMAGE", "mediaUrl": url}]
    # A message must have a text.
    return {"messageText": reply.text or name, "messageMedia": media}


def _read_sent(response: httpx.Response) -> list[str]:
    """The message's id; raises what the answer means."""
    number = _read_object(response).get("messageId")
    if number is None:
        raise SendError("the answer cannot be read", uncertain=True)
    return [str(number)]


def _read_object(response: httpx.Response) -> dict[str, Any]:
    """An answer's object, {} where it is none; SendError for every one that is no success."""
    try:
        body = response.json() if response.content else {}
    except (ValueError, RecursionError):
        body = {}
    if response.is_success:
        return body if isinstance(body, dict) else {}
    raise read_status(response, f"HTTP {response.status_code} {_explain(body)}".strip()[:300])


def _explain(body: Any) -> str:
    """The number and words that eBay has for an error."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return f"{first.get('errorId', '')} {first.get('message', '')}".strip()
