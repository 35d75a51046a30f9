"""Shopee's livestream module on this machine, after https://open.shopee.com/documents/v2 (module 125).

Comments of the last ten seconds by pages of ``offset`` and ``next_offset``, what is shown, the session's status, and
comments of the streamer of at most 150 characters. Signature, timestamp and token are checked as for a shop's calls, with
``user_id`` in the place of ``shop_id``. The streamer's own comments are given with the others.
Not covered, as it is not documented: the size of a page (``page`` here), rates, which errors there are beyond the common
ones, and whether the streamer's own comments are given at Shopee.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from aiohttp import web

from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY, Refusal, ShopeeServer

USER_ID = 880112233
SESSION = "6236215"
WINDOW = 10.0
LONGEST = 150


class ShopeeLiveServer(ShopeeServer):
    """One streamer's session."""

    platform = "shopeelive"
    specification = "https://open.shopee.com/documents/v2/v2.livestream.get_latest_comment_list?module=125&type=1 …"
    checks = (
        "signature, timestamp, the streamer's token, whose session it is and whether it goes on, ten seconds, lengths"
    )
    leaves_out = "real sizes of pages, rates, sensitive words, whether the streamer's own comments are given"

    def __init__(self, page: int = 50) -> None:
        self.comments: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.status = 1
        self.item: int | None = None
        self.page = page
        self.window = WINDOW
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        calls = {
            "get_latest_comment_list": self.give_comments,
            "get_show_item": self.show_item,
            "get_session_detail": self.describe,
            "get_item_set_list": self.list_sets,
        }
        for name, call in calls.items():
            router.add_get(f"/api/v2/livestream/{name}", self._answer(call, shop=True))
        router.add_post("/api/v2/livestream/post_comment", self._answer(self.post_comment, shop=True))
        router.add_post("/api/v2/auth/access_token/get", self._answer(self.renew, shop=False))

    def say(self, text: str, user: int = 1001, comment_id: int | None = None) -> None:
        """A viewer comments."""
        named = comment_id if comment_id is not None else 500_000_000_000 + len(self.comments)
        now = time.time()
        self.comments.append(
            {"comment_id": named, "content": text, "timestamp": int(now), "user_id": user, "username": "a_name"}
        )
        self.times.append(now)

    @property
    def said(self) -> list[str]:
        """What the streamer commented."""
        return [comment["content"] for comment in self.comments if comment["user_id"] == USER_ID]

    def give_comments(self, query: Any) -> Any:
        self._find(query)
        since, offset = time.time() - self.window, int(query.get("offset", 0))
        last = [comment for comment, at in zip(self.comments, self.times, strict=True) if at >= since]
        page = last[offset : offset + self.page]
        return {"next_offset": offset + len(page), "list": page}

    def show_item(self, query: Any) -> Any:
        self._find(query)
        if self.item is None:
            return {"has_show_item": False}
        return {
            "has_show_item": True,
            "item": {"item_no": 1, "item_id": self.item, "shop_id": 1, "name": "Linen shirt"},
        }

    def describe(self, query: Any) -> Any:
        return {"session_id": self._find(query), "title": "Live", "status": self.status}

    def list_sets(self, query: Any) -> Any:
        if not 1 <= int(query["page_size"]) <= 100 or int(query["offset"]) < 0:
            raise Refusal("error_param", "Invalid page_size, page_size must larger than 0 and cannot exceed 100")
        return {"more": False, "next_offset": 0, "list": []}

    def post_comment(self, body: Any) -> Any:
        self._find(body)
        if set(body) != {"session_id", "content"} or not isinstance(body["session_id"], int):
            raise Refusal("error_param", "Invalid parameters.")
        if self.status != 1:
            raise Refusal("error_param", "The session has ended.")
        if not 0 < len(body["content"]) <= LONGEST:
            raise Refusal("error_param", "The comment content cannot exceed 150 characters.")
        self.say(body["content"], USER_ID)
        return {"comment_id": self.comments[-1]["comment_id"]}

    def renew(self, body: Any) -> Any:
        if body["partner_id"] != PARTNER_ID or body.get("user_id") != USER_ID or "shop_id" in body:
            raise Refusal("error_param", "Invalid user_id.")
        if not self.refresh.pop(body["refresh_token"], False):
            raise Refusal("error_shop_refresh_token", "Your refresh token is error.")
        self.renewals += 1
        access, refresh = self.issue()
        return {"partner_id": PARTNER_ID, "access_token": access, "refresh_token": refresh, "expire_in": 14400}

    def _find(self, query: Any) -> int:
        if str(query["session_id"]) != SESSION:
            raise Refusal("error_data", f"The session(session_id:{query['session_id']}) is not belong to you")
        return int(SESSION)

    def _check(self, request: web.Request, *, shop: bool) -> None:
        if not shop:
            super()._check(request, shop=False)
            return
        query = request.query
        for name in ("partner_id", "timestamp", "sign", "access_token", "user_id"):
            if name not in query:
                raise Refusal("error_param", f"There is no {name} in query.")
        base = query["partner_id"] + request.path + query["timestamp"] + query["access_token"] + query["user_id"]
        if hmac.new(PARTNER_KEY.encode(), base.encode(), hashlib.sha256).hexdigest() != query["sign"]:
            self.forged += 1
            raise Refusal("error_sign", "Wrong sign.")
        if query["user_id"] != str(USER_ID):
            raise Refusal("error_auth", "Invalid partner_id or user_id.")
        if self.access.get(query["access_token"], 0) < time.time():
            raise Refusal("invalid_acceess_token", "Invalid access_token, please have a check.")
