"""The outbox in SQL."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pasar.commerce.rows import decode, encode
from pasar.messages.leases import LEASE, keep_rows
from pasar.messages.model import Address, Reply, Sending
from pasar.messages.outbox import Claimed, Dead, Outgoing, Stock
from pasar.messages.sql import SqlDatabase

MAX_REASON = 300

_INSERT = sa.text(
    "INSERT INTO outbox (key, conversation_id, channel, account, state, address, replies, choices, due_at, owner,"
    " attempt, uncertain, created_at, reason) VALUES (:key, :conversation_id, :channel, :account, 'waiting', :address,"
    " :replies, :choices, :now, '', 0, FALSE, :now, '') ON CONFLICT (key) DO NOTHING"
)
_DUE = (
    "SELECT this.* FROM outbox AS this WHERE this.state = 'waiting' AND this.due_at <= :now AND NOT EXISTS"
    " (SELECT 1 FROM outbox AS earlier WHERE earlier.conversation_id = this.conversation_id"
    " AND earlier.state = 'waiting' AND earlier.number < this.number) ORDER BY this.due_at, this.number LIMIT :limit"
)
_TAKE = sa.text(
    "UPDATE outbox SET owner = :owner, due_at = :until, attempt = attempt + 1, uncertain = :uncertain"
    " WHERE number = :number"
)
_OWN = " WHERE number = :number AND owner = :owner AND state = 'waiting'"
_END = sa.text("UPDATE outbox SET state = :state, owner = '', ended_at = :now, reason = :reason" + _OWN)
_RETRY = sa.text("UPDATE outbox SET owner = '', due_at = :until, uncertain = :uncertain, reason = :reason" + _OWN)
_NAME = sa.text(
    "INSERT INTO outbox_sent (channel, account, message_id, number, sent_at)"
    " VALUES (:channel, :account, :message_id, :number, :now) ON CONFLICT DO NOTHING"
)
_DEAD_FIELDS = "number, conversation_id, channel, account, attempt, reason, ended_at"
_DEAD = sa.text(
    f"SELECT {_DEAD_FIELDS} FROM outbox WHERE state = 'dead' AND (:channel = '' OR channel = :channel)"
    " ORDER BY number DESC LIMIT :limit"
)
_READ_DEAD = sa.text(f"SELECT {_DEAD_FIELDS}, replies FROM outbox WHERE state = 'dead' AND number = :number")
_REVIVE = "UPDATE outbox SET state = 'waiting', due_at = :now, attempt = 0, ended_at = NULL WHERE state = 'dead' AND "
_RESEND = sa.text(f"{_REVIVE} number = :number")
_RESEND_ALL = sa.text(f"{_REVIVE} (:channel = '' OR channel = :channel)")
_COUNT = sa.text(
    "SELECT state, channel, count(*) FROM outbox WHERE state IN ('waiting', 'dead') GROUP BY state, channel"
)
_CHOICES = sa.text("SELECT choices FROM outbox WHERE conversation_id = :conversation_id ORDER BY number DESC LIMIT 1")
_OURS = sa.text(
    "SELECT 1 FROM outbox_sent WHERE channel = :channel AND account = :account AND message_id = :message_id"
)
_FORGET = sa.text("DELETE FROM outbox WHERE ended_at < :before AND state <> 'waiting'")
_FORGET_NAMES = sa.text("DELETE FROM outbox_sent WHERE sent_at < :before")


def insert_outgoing(connection: sa.engine.Connection, outgoing: Sequence[Outgoing], now: float) -> None:
    """Add calls, in order, within a transaction that does more; none where the first one's key is known.

    Who answers a batch again need not say the same, and half of one answer and half of another would be neither.
    """
    for item in outgoing:
        values = {
            "key": item.key,
            "conversation_id": item.conversation_id,
            "channel": item.channel,
            "account": item.to.account,
            "address": json.dumps(encode(item.to)),
            "replies": json.dumps(encode(item.replies)),
            "choices": json.dumps(dict(item.choices)) if item.choices else "",
            "now": now,
        }
        if connection.execute(_INSERT, values).rowcount != 1:
            return


class SqlOutbox:
    """As :class:`pasar.messages.outbox.Outbox` promises."""

    def __init__(self, database: SqlDatabase, *, renew: bool = True) -> None:
        """Use a database. Without ``renew`` claims end with their lease."""
        self._database = database
        self._keeper = keep_rows(database, "outbox") if renew else None
        self._due = sa.text(_DUE + database.skip_locked)

    async def put(self, outgoing: Sequence[Outgoing]) -> None:
        """Add, in this order."""
        await self._database.run(
            lambda connection: insert_outgoing(connection, outgoing, self._database.clock()),
        )

    async def ping(self) -> None:
        """Ask for nothing."""
        await self._database.run(lambda connection: connection.execute(sa.text("SELECT 1")))

    async def claim(self, limit: int) -> list[Claimed]:
        """The first ones of so many conversations."""

        def work(connection: sa.engine.Connection) -> list[Claimed]:
            now = self._database.clock()
            rows = connection.execute(self._due, {"now": now, "limit": limit}).fetchall()
            found = [_read(row._mapping, uuid.uuid4().hex) for row in rows]
            for claimed in found:
                values = {
                    "number": claimed.number,
                    "owner": claimed.owner,
                    "until": now + LEASE,
                    "uncertain": claimed.sending.uncertain,
                }
                connection.execute(_TAKE, values)
            return found

        found = await self._database.run(work)
        if found and self._keeper is not None:
            self._keeper.hold([claimed.owner for claimed in found])
        return found

    async def mark_sent(self, claimed: Claimed, message_ids: Sequence[str]) -> bool:
        """Sent, by these names."""

        def work(connection: sa.engine.Connection) -> bool:
            ended = self._end(connection, claimed, "sent", "")
            for message_id in message_ids:
                values = {
                    "channel": claimed.channel,
                    "account": claimed.sending.to.account,
                    "message_id": message_id[:128],
                    "number": claimed.number,
                    "now": self._database.clock(),
                }
                connection.execute(_NAME, values)
            return ended

        return await self._finish(claimed, work)

    async def retry(self, claimed: Claimed, reason: str, after: float, *, uncertain: bool) -> bool:
        """Again, later."""
        values = {
            "number": claimed.number,
            "owner": claimed.owner,
            "until": self._database.clock() + after,
            "uncertain": uncertain,
            "reason": reason[:MAX_REASON],
        }
        return await self._finish(claimed, lambda connection: connection.execute(_RETRY, values).rowcount == 1)

    async def bury(self, claimed: Claimed, reason: str) -> bool:
        """A dead letter."""
        return await self._finish(claimed, lambda connection: self._end(connection, claimed, "dead", reason))

    async def withhold(self, claimed: Claimed, reason: str) -> bool:
        """Not to be sent."""
        return await self._finish(claimed, lambda connection: self._end(connection, claimed, "withheld", reason))

    async def list_dead(self, limit: int = 100, channel: str = "") -> list[Dead]:
        """The latest first."""
        values = {"limit": limit, "channel": channel}
        return await self._database.read(lambda connection: [Dead(*row) for row in connection.execute(_DEAD, values)])

    async def read_dead(self, number: int) -> tuple[Dead, tuple[Reply, ...]] | None:
        """One, with what it says."""
        row = await self._database.read(lambda connection: connection.execute(_READ_DEAD, {"number": number}).first())
        if row is None:
            return None
        *fields, replies = row
        return Dead(*fields), tuple(decode(Reply, reply) for reply in json.loads(replies))

    async def resend(self, number: int) -> bool:
        """Out again."""
        values = {"number": number, "now": self._database.clock()}
        return await self._database.run(lambda connection: connection.execute(_RESEND, values).rowcount == 1)

    async def resend_all(self, channel: str = "") -> int:
        """All out again."""
        values = {"channel": channel, "now": self._database.clock()}
        return await self._database.run(lambda connection: int(connection.execute(_RESEND_ALL, values).rowcount))

    async def measure(self) -> Stock:
        """Counted now."""
        rows = await self._database.read(lambda connection: connection.execute(_COUNT).fetchall())
        by_state: dict[str, dict[str, int]] = {"waiting": {}, "dead": {}}
        for state, channel, number in rows:
            by_state[state][channel] = number
        return Stock(by_state["waiting"], by_state["dead"])

    async def find_choices(self, conversation_id: str) -> Mapping[str, str]:
        """Of the conversation's last call."""
        row = await self._database.run(
            lambda connection: connection.execute(_CHOICES, {"conversation_id": conversation_id}).first()
        )
        choices: dict[str, str] = json.loads(row[0]) if row is not None and row[0] else {}
        return choices

    async def is_ours(self, channel: str, account: str, message_id: str) -> bool:
        """By the names that platforms gave."""
        values = {"channel": channel, "account": account, "message_id": message_id}
        return await self._database.run(lambda connection: connection.execute(_OURS, values).first() is not None)

    async def forget(self, before: float) -> int:
        """What ended before."""

        def work(connection: sa.engine.Connection) -> int:
            connection.execute(_FORGET_NAMES, {"before": before})
            return int(connection.execute(_FORGET, {"before": before}).rowcount)

        return await self._database.run(work)

    def close(self) -> None:
        """Hold nothing more."""
        if self._keeper is not None:
            self._keeper.close()

    async def _finish(self, claimed: Claimed, work: Callable[[sa.engine.Connection], bool]) -> bool:
        if self._keeper is not None:
            self._keeper.let_go(claimed.owner)
        return await self._database.run(work)

    def _end(self, connection: sa.engine.Connection, claimed: Claimed, state: str, reason: str) -> bool:
        values = {
            "number": claimed.number,
            "owner": claimed.owner,
            "state": state,
            "now": self._database.clock(),
            "reason": reason[:MAX_REASON],
        }
        return bool(connection.execute(_END, values).rowcount == 1)


def _read(row: Mapping[str, Any], owner: str) -> Claimed:
    replies = tuple(decode(Reply, reply) for reply in json.loads(row["replies"]))
    sending = Sending(
        key=row["key"],
        to=decode(Address, json.loads(row["address"])),
        replies=replies,
        attempt=row["attempt"] + 1,
        # Its owner before has died over it, and nobody knows how far it came.
        uncertain=bool(row["uncertain"]) or row["owner"] != "",
    )
    return Claimed(row["number"], row["conversation_id"], row["channel"], sending, owner, row["created_at"])
