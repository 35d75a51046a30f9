"""Facebook's Live Video API on this machine.

After https://developers.facebook.com/documentation/live-video-api/interact-with-viewers (shape of comments and paging),
https://developers.facebook.com/docs/graph-api/reference/live-video/comments (``order``, ``live_filter``), and Meta's SDK
(``LiveVideo`` has no comments to write, its ``video`` has). Checks the token. Not covered: permissions, what Facebook
filters, rates (tests answer as Meta does then), comments of people who have not let the app see who they are.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from aiohttp import web

from tests.channels.meta_server import VERSION, GraphServer, refuse

PAGE = "682498302938465"
LIVE = "911936075671494"
VIDEO = "911936069004828"


class FacebookLiveServer(GraphServer):
    """A page with one live video."""

    platform = "facebooklive"
    specification = (
        "https://developers.facebook.com/documentation/live-video-api/interact-with-viewers, "
        "…/docs/graph-api/reference/live-video/comments and Meta's SDK"
    )
    checks = "the token and whose it is, paging by cursors, order, where comments are read and where they are written"
    leaves_out = "permissions, what Facebook filters, rates (tests answer as Meta does then), lengths"

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.arrived: list[float] = []
        self.status = "LIVE"
        self.owner = PAGE  #: the page that the token is for
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get(f"/{VERSION}/me", self.describe)
        router.add_get(f"/{VERSION}/{PAGE}/live_videos", self.list_videos)
        router.add_get(f"/{VERSION}/{LIVE}", self.read_video)
        router.add_get(f"/{VERSION}/{LIVE}/comments", self.list_comments)
        router.add_post(f"/{VERSION}/{VIDEO}/comments", self.post_comment)

    def say(self, text: str, user: str = "552524095105158", comment_id: str = "") -> str:
        """A viewer comments; the comment's id."""
        now = datetime.datetime.now(datetime.timezone.utc)
        named = comment_id or f"{LIVE}_{len(self.comments)}"
        self.comments.append(
            {
                "created_time": now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
                "from": {"name": "Steph C.", "id": user},
                "message": text,
                "id": named,
            }
        )
        self.arrived.append(time.time())
        return named

    @property
    def said(self) -> list[str]:
        """What the page commented."""
        return [comment["message"] for comment in self.comments if comment["from"]["id"] == PAGE]

    async def describe(self, request: web.Request) -> web.Response:
        if problem := self.check_token(request):
            return problem
        return web.json_response({"id": self.owner, "name": "StyleHub"})

    async def list_videos(self, request: web.Request) -> web.Response:
        if problem := self.check_token(request):
            return problem
        listed = [{"id": LIVE, "status": self.status}] if self.status == "LIVE" else []
        return web.json_response({"data": listed})

    async def read_video(self, request: web.Request) -> web.Response:
        if problem := self.check_token(request):
            return problem
        return web.json_response({"id": LIVE, "status": self.status, "video": {"id": VIDEO}})

    async def list_comments(self, request: web.Request) -> web.Response:
        if problem := self.check_token(request):
            return problem
        query = request.query
        ordered = list(self.comments)
        if query.get("order") == "reverse_chronological":
            ordered.reverse()
        limit = min(int(query.get("limit", 25)), 100)
        # A cursor is the comment it stands at, so that what comes meanwhile moves nothing.
        ids = [comment["id"] for comment in ordered]
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        page = ordered[start : start + limit]
        paging: dict[str, Any] = {}
        if page:
            paging = {"cursors": {"before": page[0]["id"], "after": page[-1]["id"]}}
            if start + limit < len(ordered):
                paging["next"] = f"{self.base_url}{request.path}?after={page[-1]['id']}"
        return web.json_response({"data": page, "paging": paging})

    async def post_comment(self, request: web.Request) -> web.Response:
        if problem := self.check_token(request):
            return problem
        body = await request.json()
        if set(body) != {"message"} or not body["message"]:
            return refuse(100, "Invalid parameter")
        return web.json_response({"id": self.say(body["message"], PAGE)})
