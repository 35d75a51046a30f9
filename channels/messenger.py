"""Facebook Messenger, by the Messenger Platform.

Written to https://developers.facebook.com/documentation/business-messaging/messenger-platform . How events are read and
messages written is in :mod:`channels.meta`. Confirmed there: 13 quick replies, 300 calls a second and page, 24 hours, and
that echoes bring back the ``metadata`` of what we sent; of Instagram's page on them, that titles have 20 characters. Not
confirmed: a text's 2,000 characters (as providers document it), a payload's 1,000, five seconds to answer, and 36 hours
of redelivery, of which Meta's pages on Messenger give no schedule. Page tokens of a system user, or made from a
long-lived user token, do not end by time; one that was taken back can only be given anew by the shop.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from channels.connector import Capabilities, Rate
from channels.fields import Fields
from channels.findings import Finding
from channels.meta.graph import GRAPH
from channels.meta.messaging import WINDOW, MessagingConnector
from pasar.messages.model import Reply

WANTED = frozenset({"messages", "messaging_postbacks", "message_echoes"})
OURS = "pasar"  #: ``metadata`` of what we send


class MessengerConnector(MessagingConnector):
    """Settings: ``secret``, ``verify_token``, ``token`` (the page's), ``page`` (its id)."""

    name = "messenger"
    object_name = "page"
    capabilities = Capabilities(
        documented="https://developers.facebook.com/documentation/business-messaging/messenger-platform",
        text_limit=2000,
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

    def read_id(self) -> str:
        """The page's id."""
        return self.account.read("page")

    def is_ours(self, message: Fields) -> bool:
        """By the metadata, which comes back."""
        return message.value.get("metadata") == OURS

    def write(self, reply: Reply) -> dict[str, Any]:
        """With our metadata."""
        return {**super().write(reply), "metadata": OURS}

    async def check(self, callback: str) -> list[Finding]:
        """Whose token it is, and what its page is subscribed to; which address Meta calls, no page's token is told."""
        graph = f"{self.account.read('url', GRAPH).rstrip('/')}/{self._version}"
        page = await self.get_graph(f"{graph}/me", "id,name", self._token)
        if page.get("id") != self._own_id:
            words = f"the token is for {page.get('name')} ({page.get('id')}), not for page {self._own_id}"
            return [Finding.bad("keys", words, "generate the token of that page, or correct page")]
        found = [Finding("keys", f"Meta takes the token: {page.get('name')}")]
        return [*found, await self.check_subscription(f"{graph}/{self._own_id}", WANTED, self._token)]

    async def call(self, body: Mapping[str, Any], attempt: int) -> Mapping[str, Any]:
        """As an answer, unless a tag says otherwise."""
        url = f"{self.account.read('url', GRAPH).rstrip('/')}/{self._version}/{self._own_id}/messages"
        return await self.post_graph(url, {"messaging_type": "RESPONSE", **body}, self._token, attempt=attempt)
