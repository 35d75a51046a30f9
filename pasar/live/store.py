"""Live streams in SQL: what came in, which question it is, and what was answered.

A comment is kept before anything is done with it; its question and what is done with it are one commit. An answer is
recorded with its key before it goes to the outbox, which takes a key once: whoever takes over after a crash puts what was
recorded and not marked, and nobody hears it twice.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pasar.live.clusters import Placed
from pasar.live.comment import Comment, Stream
from pasar.live.schema import upgrade
from pasar.messages.sql import SqlDatabase

LEASE = 6.0  # seconds after which a dead process's stream is anybody's: Shopee keeps comments for ten

_HERE = "channel = :channel AND account = :account AND stream = :stream"
_ONE = f"{_HERE} AND cluster = :cluster AND language = :language"
_OPEN = sa.text(
    "INSERT INTO live_stream (channel, account, stream, shop, state, product, cursor, owner, due_at, began_at, heard_at)"
    " VALUES (:channel, :account, :stream, :shop, 'live', '', '', '', 0, :now, :now) ON CONFLICT DO NOTHING"
)
_HEARD = sa.text(f"UPDATE live_stream SET heard_at = :now WHERE {_HERE}")
_INSERT = sa.text(
    "INSERT INTO live_comment (channel, account, stream, comment_id, shop, author, sent_at, received_at, product, text,"
    " state, reason, cluster, language, told) VALUES (:channel, :account, :stream, :comment_id, :shop, :author, :sent_at,"
    f" :now, COALESCE((SELECT product FROM live_stream WHERE {_HERE}), ''), :text, :state, '', '', '', FALSE)"
    " ON CONFLICT (channel, account, stream, comment_id) DO NOTHING"
)
_STREAMS = sa.text("SELECT * FROM live_stream WHERE state = 'live' ORDER BY began_at, stream")
_STREAM = sa.text(f"SELECT * FROM live_stream WHERE {_HERE}")
_CLAIM = sa.text(
    f"UPDATE live_stream SET owner = :owner, due_at = :until WHERE {_HERE} AND state = 'live'"
    " AND (owner = :owner OR due_at <= :now)"
)
_RELEASE = sa.text("UPDATE live_stream SET owner = '', due_at = 0 WHERE owner = :owner")
_CURSOR = sa.text(f"UPDATE live_stream SET cursor = :cursor WHERE {_HERE}")
_PRODUCT = sa.text(f"UPDATE live_stream SET product = :product WHERE {_HERE}")
_END = sa.text(f"UPDATE live_stream SET state = 'ended', owner = '' WHERE {_HERE} AND state = 'live'")
_REOPEN = sa.text(f"UPDATE live_stream SET state = 'live', heard_at = :now WHERE {_HERE}")
_WAITING = sa.text(
    "SELECT number, comment_id, shop, author, received_at, product, text FROM live_comment"
    f" WHERE {_HERE} AND state = 'waiting' ORDER BY number LIMIT :limit"
)
_PLACE = sa.text(
    "UPDATE live_comment SET state = :state, reason = :reason, cluster = :cluster, language = :language"
    " WHERE number = :number AND state = 'waiting'"
)
_JOIN = sa.text(
    "INSERT INTO live_cluster (channel, account, stream, cluster, language, intent, product, question, ask, asked,"
    " open_since, answer, truth, key, said, left_reason) VALUES (:channel, :account, :stream, :cluster, :language,"
    " :reason, :about, :text, :ask, 1, :received_at, '', '', '', TRUE, '')"
    " ON CONFLICT (channel, account, stream, cluster, language) DO UPDATE SET asked = live_cluster.asked + 1,"
    " open_since = COALESCE(live_cluster.open_since, :received_at)"
)
_DUE = sa.text(
    f"SELECT * FROM live_cluster WHERE {_HERE} AND open_since <= :before ORDER BY asked DESC, open_since LIMIT :limit"
)
_SERVED = sa.text(f"UPDATE live_comment SET served_at = :now WHERE {_ONE} AND served_at IS NULL")
_CLOSE = sa.text(f"UPDATE live_cluster SET open_since = NULL WHERE {_ONE}")
_LEAVE = sa.text(
    "UPDATE live_cluster SET open_since = NULL, left_reason = :reason, answer = :answer, truth = :truth,"
    f" answered_at = :now WHERE {_ONE}"
)
_ANSWERED = sa.text(
    "UPDATE live_cluster SET open_since = NULL, answer = :answer, answered_at = :now, truth = :truth, key = :key,"
    f" said = :said, left_reason = '' WHERE {_ONE}"
)
_UNSETTLED = sa.text(
    f"SELECT 1 FROM live_comment WHERE {_HERE} AND state = 'waiting' UNION ALL SELECT 1 FROM live_cluster"
    f" WHERE {_HERE} AND (open_since IS NOT NULL OR said = FALSE) LIMIT 1"
)
_UNSAID = sa.text(f"SELECT * FROM live_cluster WHERE {_HERE} AND said = FALSE ORDER BY answered_at")
_SAID = sa.text(f"UPDATE live_cluster SET said = TRUE WHERE {_ONE} AND key = :key")
_UNTOLD = sa.text(
    "SELECT this.number, this.comment_id, this.author, this.sent_at, cluster.answer FROM live_comment AS this"
    " JOIN live_cluster AS cluster ON cluster.channel = this.channel AND cluster.account = this.account"
    " AND cluster.stream = this.stream AND cluster.cluster = this.cluster AND cluster.language = this.language"
    " WHERE this.channel = :channel AND this.account = :account AND this.stream = :stream AND this.told = FALSE"
    " AND this.served_at IS NOT NULL AND cluster.answer <> '' AND cluster.left_reason = '' ORDER BY this.number LIMIT :limit"
)
_TOLD = sa.text("UPDATE live_comment SET told = TRUE WHERE number = :number")
_ANSWERS = sa.text(
    f"SELECT answer FROM live_cluster WHERE {_HERE} AND answered_at >= :since AND answer <> '' AND left_reason = ''"
)
_CLUSTERS = sa.text(f"SELECT * FROM live_cluster WHERE {_HERE} ORDER BY asked DESC, cluster, language LIMIT :limit")
_COUNT = sa.text(f"SELECT state, COUNT(*), COUNT(served_at) FROM live_comment WHERE {_HERE} GROUP BY state")
_FORGET = sa.text("DELETE FROM live_comment WHERE received_at < :before AND state <> 'waiting'")


@dataclasses.dataclass(frozen=True)
class Followed:
    """A stream as it is kept."""

    where: Stream
    shop: str
    product: str
    cursor: str
    heard_at: float


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A comment nothing was done with yet."""

    number: int
    comment_id: str
    shop: str
    author: str
    received_at: float
    product: str  #: shown when it came
    text: str


@dataclasses.dataclass(frozen=True)
class Cluster:
    """A question in one language."""

    where: Stream
    cluster: str
    language: str
    intent: str
    product: str
    question: str
    ask: Mapping[str, Any] | None  #: what Rasa is asked with; None: the question's own words
    asked: int
    open_since: float | None
    answer: str
    answered_at: float | None
    truth: str
    key: str
    left_reason: str


@dataclasses.dataclass(frozen=True)
class Untold:
    """A comment whose author is to be written to."""

    number: int
    comment_id: str
    author: str
    sent_at: datetime.datetime
    answer: str


class LiveStore:
    """Streams, comments and questions of all shops."""

    def __init__(self, database: SqlDatabase) -> None:
        """Use a database, brought to the newest version."""
        upgrade(database.engine.url.render_as_string(hide_password=False))
        self._database = database

    @property
    def now(self) -> float:
        """Seconds since 1970, by the database's clock."""
        return self._database.clock()

    async def accept(self, comments: Sequence[Comment]) -> int:
        """Keep comments; how many were new. When this returns, a killed process cannot lose them."""

        def work(connection: sa.engine.Connection) -> int:
            fresh, streams = 0, {comment.where: comment.shop for comment in comments}
            for where, shop in sorted(streams.items(), key=str):
                connection.execute(_OPEN, {**_name(where), "shop": shop, "now": self.now})
                connection.execute(_HEARD, {**_name(where), "now": self.now})
            for comment in comments:
                values = {
                    **_name(comment.where),
                    "comment_id": comment.comment_id,
                    "shop": comment.shop,
                    "author": comment.author,
                    "sent_at": comment.sent_at.timestamp(),
                    "text": comment.text,
                    "state": "own" if comment.own else "waiting",
                    "now": self.now,
                }
                fresh += connection.execute(_INSERT, values).rowcount
            return fresh

        return await self._database.run(work) if comments else 0

    async def open_stream(self, where: Stream, shop: str, *, again: bool = False) -> None:
        """Follow a stream. ``again``: also one that has ended."""

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(_OPEN, {**_name(where), "shop": shop, "now": self.now})
            if again:
                connection.execute(_REOPEN, {**_name(where), "now": self.now})

        await self._database.run(work)

    async def end_stream(self, where: Stream) -> bool:
        """It is over; False where it was before."""
        return await self._database.run(lambda connection: connection.execute(_END, _name(where)).rowcount == 1)

    async def list_streams(self) -> list[Followed]:
        """Those that go on."""
        return await self._database.run(lambda connection: [_read_stream(row) for row in connection.execute(_STREAMS)])

    async def find_stream(self, where: Stream) -> Followed | None:
        """One of them, or one that has ended."""
        row = await self._database.run(lambda connection: connection.execute(_STREAM, _name(where)).first())
        return None if row is None else _read_stream(row)

    async def claim_stream(self, where: Stream, owner: str) -> bool:
        """Take a stream, or hold it longer; False where another process has it or it has ended."""
        values = {**_name(where), "owner": owner, "now": self.now, "until": self.now + LEASE}
        return await self._database.run(lambda connection: connection.execute(_CLAIM, values).rowcount == 1)

    async def release_streams(self, owner: str) -> None:
        """Let others take them at once."""
        await self._change(_RELEASE, owner=owner)

    async def save_cursor(self, where: Stream, cursor: str) -> None:
        """Where the platform's pages go on."""
        await self._change(_CURSOR, **_name(where), cursor=cursor)

    async def show_product(self, where: Stream, product: str) -> None:
        """What comments that come from now on are about; "" where that is not known."""
        await self._change(_PRODUCT, **_name(where), product=product)

    async def list_waiting(self, where: Stream, limit: int) -> list[Waiting]:
        """Comments nothing was done with, in the order they came."""
        values = {**_name(where), "limit": limit}
        return await self._database.run(
            lambda connection: [Waiting(*row) for row in connection.execute(_WAITING, values)]
        )

    async def place(self, where: Stream, placed: Sequence[tuple[Waiting, Placed, str]]) -> None:
        """What is done with comments (each with its language), and the questions they ask, in one commit."""

        def work(connection: sa.engine.Connection) -> None:
            for comment, found, language in placed:
                values = {
                    **_name(where),
                    "number": comment.number,
                    "state": found.treatment.value,
                    "reason": found.reason[:64],
                    "cluster": found.cluster,
                    "language": language,
                    "about": found.product,
                    "text": comment.text,
                    "ask": json.dumps(found.ask, sort_keys=True),
                    "received_at": comment.received_at,
                }
                if connection.execute(_PLACE, values).rowcount == 1 and found.cluster:
                    connection.execute(_JOIN, values)

        await self._database.run(work)

    async def list_due(self, where: Stream, before: float, limit: int) -> list[Cluster]:
        """Questions open since before that time, what most people ask first."""
        return await self._clusters(_DUE, {**_name(where), "before": before, "limit": limit})

    async def serve(self, cluster: Cluster) -> None:
        """Those who asked meanwhile have the answer that was given before."""
        values = {**_identify(cluster), "now": self.now}

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(_CLOSE, values)
            connection.execute(_SERVED, values)

        await self._database.run(work)

    async def leave(
        self, cluster: Cluster, reason: str, truth: str = "", *, answer: str = "", again: bool = False
    ) -> None:
        """Leave it to the host; ``answer`` where there is one. ``again``: it was left before, and is no newer by this."""
        if again:
            await self._change(_CLOSE, **_identify(cluster))
            return
        values = {**_identify(cluster), "reason": reason, "truth": truth, "answer": answer, "now": self.now}
        await self._change(_LEAVE, **values)

    async def answer(self, cluster: Cluster, answer: str, truth: str, key: str, *, said: bool = False) -> None:
        """It is answered; :meth:`list_unsaid` has it until it is in the outbox. ``said``: the same words stand there."""
        values = {**_identify(cluster), "answer": answer, "truth": truth, "key": key, "said": said, "now": self.now}

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(_ANSWERED, values)
            connection.execute(_SERVED, values)

        await self._database.run(work)

    async def is_settled(self, where: Stream) -> bool:
        """Whether nothing waits there, no question is open, and every answer is in the outbox."""
        return await self._database.run(lambda connection: connection.execute(_UNSETTLED, _name(where)).first() is None)

    async def list_unsaid(self, where: Stream) -> list[Cluster]:
        """Answers that are not in the outbox yet, as far as is known."""
        return await self._clusters(_UNSAID, _name(where))

    async def mark_said(self, cluster: Cluster) -> None:
        """The answer is in the outbox."""
        await self._change(_SAID, **_identify(cluster), key=cluster.key)

    async def list_untold(self, where: Stream, limit: int) -> list[Untold]:
        """Comments with an answer whose authors were not written to."""

        def work(connection: sa.engine.Connection) -> list[Untold]:
            rows = connection.execute(_UNTOLD, {**_name(where), "limit": limit})
            return [Untold(row[0], row[1], row[2], _moment(row[3]), row[4]) for row in rows]

        return await self._database.run(work)

    async def mark_told(self, numbers: Sequence[int]) -> None:
        """Their authors are written to by the outbox."""
        await self._database.run(
            lambda connection: connection.execute(_TOLD, [{"number": number} for number in numbers]) and None
        )

    async def list_answers(self, where: Stream, since: float) -> list[str]:
        """What was answered there since that time."""
        values = {**_name(where), "since": since}
        return await self._database.run(lambda connection: [text for (text,) in connection.execute(_ANSWERS, values)])

    async def list_clusters(self, where: Stream, limit: int = 200) -> list[Cluster]:
        """All questions of a stream, what most people ask first."""
        return await self._clusters(_CLUSTERS, {**_name(where), "limit": limit})

    async def count(self, where: Stream) -> dict[str, tuple[int, int]]:
        """Comments by what was done with them: how many, and how many of them have their answer."""
        return await self._database.run(
            lambda connection: {row[0]: (row[1], row[2]) for row in connection.execute(_COUNT, _name(where))}
        )

    async def forget(self, before: float) -> int:
        """Drop comments that came before; how many."""
        return await self._database.run(
            lambda connection: int(connection.execute(_FORGET, {"before": before}).rowcount)
        )

    async def _clusters(self, query: Any, values: Mapping[str, Any]) -> list[Cluster]:
        return await self._database.run(
            lambda connection: [_read_cluster(row) for row in connection.execute(query, values)]
        )

    async def _change(self, statement: Any, **values: Any) -> None:
        await self._database.run(lambda connection: connection.execute(statement, values) and None)


def _name(where: Stream) -> dict[str, Any]:
    return {"channel": where.channel, "account": where.account, "stream": where.stream}


def _identify(cluster: Cluster) -> dict[str, Any]:
    return {**_name(cluster.where), "cluster": cluster.cluster, "language": cluster.language}


def _read_stream(row: Any) -> Followed:
    found = row._mapping
    where = Stream(found["channel"], found["account"], found["stream"])
    return Followed(where, found["shop"], found["product"], found["cursor"], found["heard_at"])


def _read_cluster(row: Any) -> Cluster:
    found = row._mapping
    values = {field.name: found[field.name] for field in dataclasses.fields(Cluster) if field.name in found}
    values["ask"] = json.loads(found["ask"])
    return Cluster(where=Stream(found["channel"], found["account"], found["stream"]), **values)


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
