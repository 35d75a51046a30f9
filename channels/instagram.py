"""Instagram's messages, by the Instagram API, with Instagram's or with Facebook's login.

Written to https://developers.facebook.com/documentation/business-messaging/instagram-messaging and
https://developers.facebook.com/documentation/instagram-platform . How events are read and messages written is in
:mod:`channels.meta`. A text may have 1,000 bytes of UTF-8, by the page on sending; its newer versions also say "less than
1000 characters", which bytes keep as well. 13 quick replies of 20 characters and 300 calls a second and account are
confirmed; a payload's 1,000 characters, five seconds to answer and 36 hours of redelivery are not.

With Instagram's login, tokens last 60 days and are renewed by themselves
(https://developers.facebook.com/documentation/instagram-platform/reference/refresh_access_token ): half-way, since one
that has ended cannot be, and not within its first day, as Meta refuses that. Without a token store, ``token`` is used as
it is. With Facebook's login (setting ``page``) the page's token serves, which does not end by time.

Comments under live streams come by the same address (field ``live_comments``, https://developers.facebook.com/docs/
instagram-platform/webhooks/examples ): within ``changes`` with Facebook's login, beside ``id`` and ``time`` with
Instagram's. They have no time of their own. Meta lets nobody reply under them ("cannot reply to comments on live
videos") nor pin one; each author may be sent one private reply while the broadcast goes on, 100 a second
(https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/private-replies ).

An echo on Instagram does not say which app has sent it. What we have sent is known by its id, which the outbox keeps; an
echo that came before the answer to our own call would look like a person's message. Conversations are read after a
pause, by when that answer has come.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import aiolimiter
import httpx
import structlog

from channels.base import MessageError
from channels.connector import SEND_SECONDS, Account, Call, Capabilities, Rate, TokenRefusedError
from channels.fields import Fields
from channels.findings import Finding
from channels.meta.graph import GRAPH, read_error
from channels.meta.messaging import WINDOW, MessagingConnector
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.tokens import Token, TokenExpiredError, TokenStore
from pasar.live.comment import MAX_TEXT, Comment, Stream
from pasar.messages.model import Sending
from pasar.messages.splitting import Unit

INSTAGRAM = "https://graph.instagram.com"
LIVE_COMMENTS = "live_comments"
WANTED = frozenset({"messages", "messaging_postbacks"})
FIRST_DAY = datetime.timedelta(hours=25)

# The address of a renewal holds the token, and httpx logs addresses.
logging.getLogger("httpx").setLevel(logging.WARNING)

log = structlog.get_logger()


class InstagramConnector(MessagingConnector):
    """Settings: ``secret``, ``verify_token``, ``token``, ``id`` (the professional account's); ``page`` (its page's id).

    ``username`` tells the host's own comments under her streams, where their ids do not; whoever sets it wants live comments.
    """

    name = "instagram"
    object_name = "instagram"
    comments = "private"
    capabilities = Capabilities(
        documented="https://developers.facebook.com/documentation/business-messaging/instagram-messaging",
        text_limit=1000,
        text_unit=Unit.BYTES,
        buttons=13,
        button_title=20,
        button_payload=1000,
        images=True,
        product_cards=True,
        reply_window=WINDOW,
        acknowledge=datetime.timedelta(seconds=5),
        redelivery=datetime.timedelta(hours=36),
        rate=Rate(300),
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read which login it is."""
        super().__init__(account, client, tokens)
        page = self._page = account.settings.get("page", "")
        self._url = account.read("url", GRAPH if page else INSTAGRAM).rstrip("/")
        self._path = f"{self._version}/{page or self._own_id}/messages"
        self._replies = aiolimiter.AsyncLimiter(100, 1)
        self._store = None if page else tokens
        # A token that the shop has put in anew takes the place of what was made of the old one.
        mark = hashlib.sha256(f"{account.name}:{self._token}".encode()).hexdigest()[:20]
        self._key = f"{self.name}:{mark}"

    def read_id(self) -> str:
        """The professional account's id."""
        return self.account.read("id")

    def parse_comments(self, call: Call) -> list[Comment]:
        """Those under live streams; what cannot be read of them is logged and left out."""
        found: list[Comment] = []
        for entry in Fields.load(call.body).objects("entry"):
            if entry.id("id") != self._own_id:
                continue
            changes = entry.objects("changes") if "changes" in entry else [entry]
            for change in changes:
                if change.text("field", "") != LIVE_COMMENTS:
                    continue
                try:
                    found.append(self._read_comment(entry, change.object("value")))
                except MessageError as error:
                    log.warning("live.comment.unreadable", channel=self.name, field=error.field, problem=error.message)
        return found

    def address(self, sending: Sending) -> dict[str, Any]:
        """The author of a comment, where that is answered: she need not have written to us before."""
        comment = sending.to.facts.get("comment_id")
        return {"comment_id": comment} if comment else super().address(sending)

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send the one message; private replies to live comments have a rate of their own."""
        if sending.to.facts.get("comment_id"):
            await self._replies.acquire()
        return await super().send(sending)

    def _read_comment(self, entry: Fields, value: Fields) -> Comment:
        author = value.object("from")
        name = self.account.settings.get("username", "").lstrip("@")
        own = author.id("id") == self._own_id or (name != "" and author.text("username", "") == name)
        return Comment(
            where=Stream(self.name, self.account.name, value.object("media").id("id")),
            shop=self.account.shop,
            comment_id=value.id("id"),
            author=author.id("id"),
            sent_at=entry.moment("time"),
            text=value.text("text", "")[:MAX_TEXT],
            own=own,
        )

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, and what the account is subscribed to.

        https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started (``/me``);
        with Facebook's login, the page's ``instagram_business_account``.
        """
        token, graph = await self._find_token(), f"{self._url}/{self._version}"
        if self._page:
            page = await self.get_graph(f"{graph}/{self._page}", "instagram_business_account{id,username}", token)
            linked = page.get("instagram_business_account")
            own = linked if isinstance(linked, Mapping) else {}
            told, owner = str(own.get("id")), f"{graph}/{self._page}"
        else:
            own = await self.get_graph(f"{graph}/me", "user_id,username", token)
            told, owner = str(own.get("user_id")), f"{graph}/me"
        if told != self._own_id:
            words = f"the token is for {own.get('username')} ({told}), not for {self._own_id}"
            return [Finding.bad("keys", words, "generate a token for that account, or correct id")]
        found = [Finding("keys", f"Meta takes the token: @{own.get('username')}")]
        wanted = WANTED | ({LIVE_COMMENTS} if "username" in self.account.settings else set())
        return [*found, await self.check_subscription(owner, wanted, token)]

    async def call(self, body: Mapping[str, Any], attempt: int) -> Mapping[str, Any]:
        """Send, once more with another token where there is one."""
        token = await self._find_token()
        url = f"{self._url}/{self._path}"
        try:
            return await self.post_graph(url, body, token, attempt=attempt)
        except TokenRefusedError:
            other = await self._find_token(refused=token)
            if other == token:
                raise
        return await self.post_graph(url, body, other, attempt=attempt)

    async def _find_token(self, refused: str = "") -> str:
        """The token that serves now; the last one where the store or Meta does not answer."""
        if self._store is None:
            return self._token
        shop = self.account.shop
        try:
            self._token = (await self._store.get(shop, self._key, self._renew, refused=refused)).access
        except TokenExpiredError:  # the first time: how old it is, nobody has told us
            await self._keep_first(shop)
        except ShopUnavailableError as error:
            log.warning("instagram.token.failed", shop=shop, account=self.account.name, reason=error.reason)
        return self._token

    async def _keep_first(self, shop: str) -> None:
        assert self._store is not None
        until = datetime.datetime.now(datetime.timezone.utc) + FIRST_DAY
        try:
            await self._store.put(shop, self._key, Token(self._token, "", until))
        except ShopUnavailableError as error:
            log.warning("instagram.token.failed", shop=shop, account=self.account.name, reason=error.reason)

    async def _renew(self, token: Token) -> Token:
        """The next token; ``access_until`` is when that should be renewed, which is long before it ends."""
        shop, query = self.account.shop, {"grant_type": "ig_refresh_token", "access_token": token.access}
        try:
            response = await self.client.get(f"{self._url}/refresh_access_token", params=query, timeout=SEND_SECONDS)
        except httpx.HTTPError as error:
            raise ShopUnavailableError(shop, "renew_token", type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise ShopUnavailableError(shop, "renew_token", str(read_error(response)))
        try:
            body = Fields.load(response.content)
            access, seconds = body.text("access_token"), body.number("expires_in")
        except MessageError as error:
            raise ShopUnavailableError(shop, "renew_token", str(error)) from error
        half = datetime.timedelta(seconds=min(max(seconds, 0.0), 1e8) / 2)
        return Token(access, "", datetime.datetime.now(datetime.timezone.utc) + half)
