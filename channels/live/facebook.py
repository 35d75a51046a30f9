"""Facebook Live, by the Live Video API.

Written to https://developers.facebook.com/documentation/live-video-api/interact-with-viewers , the reference of
https://developers.facebook.com/docs/graph-api/reference/live-video/comments (comments are best polled newest first;
``live_filter`` would leave out what Facebook holds for poor) and Meta's own SDK, by which a live video has comments to
read and its video comments to write (facebook-python-business-sdk: ``LiveVideo.get_comments``, ``AdVideo.create_comment``).
Comments could also come as server-sent events; polling says the same, and gives again what a dead process missed.

Nothing there pins a comment: that is the host's. Neither is known how long a comment may be (8,000 characters are what
clients take), nor how many may be written in which time; Meta answers 368 to who writes too many, and the answer then is
the host's. Which product is shown is not told.
"""

from __future__ import annotations

import datetime
from typing import Any

import httpx

from channels.base import MessageError
from channels.connector import Account, Capabilities, SendError
from channels.fields import Fields
from channels.findings import Finding
from channels.live.source import LiveConnector, Page
from channels.meta.graph import GRAPH, VERSION, read_error, shorten
from pasar.commerce.platforms.tokens import TokenStore
from pasar.live.comment import MAX_TEXT, Comment

PAGE = 100  # comments of one answer
PAGES = 20  # of one fetch
OVERLAP = datetime.timedelta(seconds=10)  # how late a comment may come to be listed
_FIELDS = "id,message,created_time,from{id}"
_LIVE = frozenset({"LIVE", "SCHEDULED_LIVE"})


class FacebookLive(LiveConnector):
    """Settings: ``page`` (its id), ``token`` (the page's); ``version``."""

    name = "facebooklive"
    every = 2.0
    capabilities = Capabilities(
        documented="https://developers.facebook.com/documentation/live-video-api/interact-with-viewers",
        text_limit=8000,
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read page and token."""
        super().__init__(account, client, tokens)
        self._page = account.read("page")
        self._headers = {"Authorization": f"Bearer {account.read('token')}"}
        self._url = f"{account.read('url', GRAPH).rstrip('/')}/{account.read('version', VERSION)}"
        self._videos: dict[str, str] = {}

    async def find_streams(self) -> list[str]:
        """The page's live videos that are on air."""
        query = {"broadcast_status": '["LIVE"]', "fields": "id,status"}
        answer = await self._get(f"{self._page}/live_videos", query)
        return [video.id("id") for video in answer.objects("data") if video.text("status", "LIVE") in _LIVE]

    async def is_over(self, stream: str) -> bool:
        """By its status."""
        return (await self._read(stream)).text("status") not in _LIVE

    async def fetch(self, stream: str, cursor: str) -> Page:
        """Newest first, page by page, until what was fetched before."""
        known = datetime.datetime.fromisoformat(cursor) if cursor else None
        found: list[Comment] = []
        query = {"order": "reverse_chronological", "live_filter": "no_filter", "fields": _FIELDS, "limit": str(PAGE)}
        for _ in range(PAGES):
            answer = await self._get(f"{stream}/comments", query)
            page = [comment for item in answer.objects("data") if (comment := self._read_comment(stream, item))]
            found += page
            after = _find_after(answer)
            oldest = min((comment.sent_at for comment in page), default=None)
            if not after or (known is not None and oldest is not None and oldest < known - OVERLAP):
                break
            query = {**query, "after": after}
        newest = max((comment.sent_at for comment in found), default=known)
        return Page(tuple(reversed(found)), newest.isoformat() if newest else "")

    async def comment(self, stream: str, text: str) -> str:
        """Under the live video's video, as the page."""
        if stream not in self._videos:
            self._videos[stream] = (await self._read(stream)).object("video").id("id")
        url = f"{self._url}/{self._videos[stream]}/comments"
        response = await self.post(url, headers=self._headers, json={"message": text})
        if response.status_code != httpx.codes.OK:
            raise read_error(response)
        try:
            return shorten(Fields.load(response.content).text("id", ""))
        except MessageError:
            return ""  # it was taken

    async def find_own(self, stream: str, text: str) -> str | None:
        """Among the last comments."""
        page = await self.fetch(stream, _now().isoformat())
        return next((one.comment_id for one in page.comments if one.own and one.text.strip() == text.strip()), None)

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, and whether it lists the page's live videos; comments can be tried only while one is on."""
        page = (await self._get("me", {"fields": "id,name"})).value
        if page.get("id") != self._page:
            words = f"the token is for {page.get('name')} ({page.get('id')}), not for page {self._page}"
            return [Finding.bad("keys", words, "generate the token of that page, or correct page")]
        found = [Finding("keys", f"Meta takes the token: {page.get('name')}")]
        streams = await self.find_streams()
        for stream in streams:
            await self.fetch(stream, _now().isoformat())
        words = f"on now: {', '.join(streams)}; its comments can be read" if streams else "none is on; they are found"
        return [*found, Finding("streams", words)]

    def _read_comment(self, stream: str, item: Fields) -> Comment | None:
        try:
            # Who has not let the app see her name has no ``from``.
            author = item.object("from").id("id", "") if "from" in item else ""
            return Comment(
                where=self.place(stream),
                shop=self.account.shop,
                comment_id=shorten(item.text("id")),
                author=author,
                sent_at=_read_time(item.text("created_time")),
                text=item.text("message", "")[:MAX_TEXT],
                own=author == self._page,
            )
        except (MessageError, ValueError):
            return None

    async def _read(self, stream: str) -> Fields:
        return await self._get(stream, {"fields": "status,video"})

    async def _get(self, path: str, query: dict[str, Any]) -> Fields:
        response = await self.get(f"{self._url}/{path}", headers=self._headers, params=query)
        if response.status_code != httpx.codes.OK:
            raise read_error(response)
        try:
            return Fields.load(response.content)
        except MessageError as error:
            raise SendError(f"the answer cannot be read: {error}") from error


def _find_after(answer: Fields) -> str:
    """The cursor of the next page; "" where this is the last."""
    paging = answer.object("paging") if "paging" in answer else None
    if paging is None or "next" not in paging or "cursors" not in paging:
        return ""
    return paging.object("cursors").text("after", "")


def _read_time(text: str) -> datetime.datetime:
    """As 2018-08-30T18:47:02+0000."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(datetime.timezone.utc)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
