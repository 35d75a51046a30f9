"""Shopee Live, by the Open Platform's livestream module.

Written to https://open.shopee.com/documents/v2/v2.livestream.get_latest_comment_list?module=125&type=1 and the other
calls of that module, as public clients and crawls of the reference have their fields (congminh1254/shopee-sdk,
goshopee): ``get_latest_comment_list`` gives the comments of the last ten seconds, page by page by ``offset``;
``post_comment`` takes 150 characters and writes as the streamer; ``get_show_item`` tells what is shown;
``get_session_detail`` whether it goes on (status 0 not begun, 1 on air, 2 ended). Calls carry ``user_id`` and its token
where a shop's carry ``shop_id``: an app of the type "Livestream Management", in Taiwan, Indonesia, Thailand, Singapore,
Malaysia, Vietnam and the Philippines.

Nothing pins a comment and nothing lists sessions: the host pins, and says which session is on (``docs/live.md``). Not
documented: the size of a page, rates, and whether the streamer's own comments are among those given. Where they are
not, a comment whose answer was lost may be seen twice. Ten seconds after such a comment, nobody can know whether it was
taken; it is then not written again, and is a dead letter.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Sequence
from typing import Any

import httpx

from channels.base import MessageError
from channels.connector import Account, Capabilities, Rate, SendError
from channels.fields import Fields
from channels.findings import Finding
from channels.live.source import LiveConnector, Page
from channels.seller import SellerConnector
from channels.shopee_answers import read_answer
from pasar.commerce.platforms.shopee.auth import ShopeeAuth
from pasar.commerce.platforms.shopee.calls import RATE
from pasar.commerce.platforms.shopee.settings import BASE_URL
from pasar.commerce.platforms.shopee.settings import Account as ShopeeAccount
from pasar.commerce.platforms.tokens import TokenStore
from pasar.live.comment import MAX_TEXT, Comment
from pasar.messages.model import Reply, Sending

LIVESTREAM = "/api/v2/livestream"
PAGES = 50  # of one fetch
_ENDED = "2"
_KEPT = datetime.timedelta(seconds=10)  # how long comments are given


class ShopeeLive(LiveConnector, SellerConnector):
    """Settings: ``partner_id``, ``partner_key``, ``user_id`` (the streamer's), ``grant`` (what her token is kept under)."""

    name = "shopeelive"
    every = 2.0
    patience = 1.5  # comments are given for ten seconds only
    card_ids = types.MappingProxyType({})
    capabilities = Capabilities(
        documented="https://open.shopee.com/documents/v2/v2.livestream.post_comment?module=125&type=1",
        text_limit=150,
        rate=Rate(*RATE),
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the app and the streamer."""
        super().__init__(account, client, tokens)
        self._user = self.read_digits("user_id")
        named = ShopeeAccount(int(self.read_digits("partner_id")), account.read("partner_key"), int(self._user))
        self._url = account.read("url", BASE_URL).rstrip("/") + LIVESTREAM
        grant = account.read("grant", f"{account.shop}-live")
        self._auth = ShopeeAuth(grant, named, self.need_tokens(), self._url.removesuffix(LIVESTREAM), who="user_id")

    async def find_streams(self) -> list[str]:
        """The one in the account's setting ``session``; Shopee lists none."""
        session = self.account.settings.get("session")
        return [session] if session and not await self.is_over(session) else []

    async def is_over(self, stream: str) -> bool:
        """By the session's status."""
        detail = await self._call("GET", "get_session_detail", params={"session_id": _number(stream)})
        return detail.id("status", "1") == _ENDED

    async def fetch(self, stream: str, cursor: str) -> Page:
        """The comments of the last ten seconds; most of them come several times."""
        found: list[Comment] = []
        offset = 0
        for _ in range(PAGES):
            query = {"session_id": _number(stream), "offset": offset}
            answer = await self._call("GET", "get_latest_comment_list", params=query)
            try:
                listed = answer.objects("list") if "list" in answer else []
                after = int(answer.number("next_offset", 0))
            except MessageError as error:
                raise SendError(f"get_latest_comment_list: {error}") from error
            found += [comment for item in listed if (comment := self._read_comment(stream, item))]
            if not listed or after <= offset:
                break
            offset = after
        return Page(tuple(sorted(found, key=lambda comment: comment.sent_at)))

    async def fetch_product(self, stream: str) -> str | None:
        """The item that is shown, by the number that the shop's products have."""
        answer = await self._call("GET", "get_show_item", params={"session_id": _number(stream)})
        try:
            if not answer.flag("has_show_item", "item" in answer) or "item" not in answer:
                return ""
            return answer.object("item").id("item_id", "")
        except MessageError as error:
            raise SendError(f"get_show_item: {error}") from error

    async def comment(self, stream: str, text: str) -> str:
        """As the streamer."""
        body = {"session_id": _number(stream), "content": text}
        try:
            return (await self._call("POST", "post_comment", json=body)).id("comment_id", "")
        except MessageError:
            return ""  # it was taken; how Shopee names it is for the records only

    async def find_own(self, stream: str, text: str) -> str | None:
        """Among those of the last ten seconds."""
        page = await self.fetch(stream, "")
        return next((one.comment_id for one in page.comments if one.own and one.text.strip() == text.strip()), None)

    async def send(self, sending: Sending) -> Sequence[str]:
        """As :meth:`LiveConnector.send`; what may have been taken longer ago than comments are given is not repeated."""
        heard = sending.to.heard_at
        if sending.uncertain and heard is not None and _now() - heard > _KEPT:
            raise SendError("it is not known whether the comment was taken", permanent=True)
        return await super().send(sending)

    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Comment."""
        return [await self.comment(sending.to.thread, reply.text)]

    async def check(self, callback: str) -> list[Finding]:
        """Whether the streamer's token serves, and whether ``session`` is hers and goes on.

        https://open.shopee.com/documents/v2/v2.livestream.get_item_set_list?module=125&type=1 needs no session.
        """
        await self._call("GET", "get_item_set_list", params={"offset": 0, "page_size": 1})
        found = [Finding("keys", "Shopee takes the streamer's token")]
        session, advice = self.account.settings.get("session"), "docs/channels/shopeelive.md says how to name it"
        if not session:
            return [*found, Finding("session", "none is named: the host names the one that is on")]
        try:
            detail = await self._call("GET", "get_session_detail", params={"session_id": _number(session)})
        except SendError as error:
            if not error.permanent:
                raise
            return [*found, Finding.bad("session", f"session {session}: {error}", advice)]
        if detail.id("session_id", "") != session:
            return [*found, Finding.doubt("session", f"Shopee's answer names no session {session}", "try again")]
        if detail.id("status", "1") == _ENDED:
            return [*found, Finding.doubt("session", f"session {session} has ended", advice)]
        return [*found, Finding("session", f"session {session} is the streamer's, and has not ended")]

    def _read_comment(self, stream: str, item: Fields) -> Comment | None:
        try:
            author = item.id("user_id", "")
            return Comment(
                where=self.place(stream),
                shop=self.account.shop,
                comment_id=item.id("comment_id"),
                author=author,
                sent_at=item.moment("timestamp"),
                text=item.text("content", "")[:MAX_TEXT],
                own=author == self._user,
            )
        except MessageError:
            return None

    async def _call(self, method: str, call: str, **content: Any) -> Fields:
        return read_answer(await self.ask(method, f"{self._url}/{call}", self._auth, **content))


def _number(stream: str) -> int:
    if not stream.isascii() or not stream.isdecimal() or len(stream) > 19:
        raise SendError("the session is no number", permanent=True)
    return int(stream)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
