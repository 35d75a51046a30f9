"""The speaker: brings answers into the outbox, as comments for all or as a private reply to each author.

What goes out from there has the platform's rate, is tried again, and is a dead letter where the platform refuses it. An
answer has its key before it is put, and a key is taken once; a comment's author is written to once, by the comment's key.
"""

from __future__ import annotations

import datetime
import uuid

from channels.connector import Connector
from pasar.live.rules import LiveRules
from pasar.live.store import Cluster, Followed, LiveStore, Untold
from pasar.messages.model import Address, Reply, name_conversation
from pasar.messages.outbox import Outbox, Outgoing, make_key
from pasar.messages.splitting import split

TOGETHER = 100


class Speaker:
    """Puts into the outbox what is to be said in a stream."""

    def __init__(self, comments: LiveStore, outbox: Outbox) -> None:
        """Both survive a crash."""
        self._comments = comments
        self._outbox = outbox

    def cut(self, answer: str, connector: Connector | None) -> list[str]:
        """The comments that an answer takes."""
        if connector is None:
            return [answer]
        capabilities = connector.capabilities
        text = " ".join(answer.split()) if capabilities.text_limit <= 500 else answer
        return split(text, capabilities.text_limit, capabilities.text_unit)

    async def speak(self, followed: Followed, connector: Connector, rules: LiveRules) -> None:
        """Say what was recorded and is not said yet."""
        until = self._comments.now + rules.stale
        for cluster in await self._comments.list_unsaid(followed.where):
            if connector.comments == "public":
                await self._outbox.put(self._comment(cluster, followed.shop, connector, until))
            await self._comments.mark_said(cluster)
        while connector.comments == "private":
            untold = await self._comments.list_untold(followed.where, TOGETHER)
            if not untold:
                break
            await self._outbox.put([item for one in untold for item in self._reply(one, followed, connector)])
            await self._comments.mark_told([one.number for one in untold])

    def _comment(self, cluster: Cluster, shop: str, connector: Connector, until: float) -> list[Outgoing]:
        where = cluster.where
        said_at = datetime.datetime.fromtimestamp(cluster.answered_at or self._comments.now, datetime.timezone.utc)
        to = Address(where.account, shop, where.stream, "", said_at, {"until": until})
        conversation_id = name_conversation(where.channel, where.account, where.stream)
        return [
            Outgoing(make_key(cluster.key, number), conversation_id, where.channel, to, (Reply(text),))
            for number, text in enumerate(self.cut(cluster.answer, connector))
        ]

    def _reply(self, one: Untold, followed: Followed, connector: Connector) -> list[Outgoing]:
        where = followed.where
        parts = self.cut(one.answer, connector)
        if not parts:
            return []
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{where.channel}:{where.account}:{where.stream}:{one.comment_id}").hex
        facts = {"comment_id": one.comment_id}
        to = Address(where.account, followed.shop, one.author, one.author, one.sent_at, facts)
        # The platform takes one message for each comment.
        conversation_id = name_conversation(where.channel, where.account, one.author)
        return [Outgoing(key, conversation_id, where.channel, to, (Reply(parts[0]),))]
