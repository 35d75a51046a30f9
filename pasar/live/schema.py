"""The tables of live streams. Times are seconds since 1970 (UTC)."""

from __future__ import annotations

import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "live_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()
_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what it calls INTEGER
_WAITING = sa.text("state = 'waiting'")


def _place() -> list[sa.Column[str]]:
    return [
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("stream", sa.String(128), primary_key=True),
    ]


#: One row a stream: whether it goes on, what is shown in it, and which process follows it.
live_stream = sa.Table(
    "live_stream",
    metadata,
    *_place(),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # live, ended
    sa.Column("product", sa.String(128), nullable=False),  # shown now; "" where that is not known
    sa.Column("cursor", sa.Text, nullable=False),  # where the platform's pages go on
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("due_at", sa.Float(53), nullable=False),  # when another process may take it
    sa.Column("began_at", sa.Float(53), nullable=False),
    sa.Column("heard_at", sa.Float(53), nullable=False),  # the last comment
)

#: Every comment that came in, once.
live_comment = sa.Table(
    "live_comment",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("stream", sa.String(128), nullable=False),
    sa.Column("comment_id", sa.String(128), nullable=False),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("author", sa.String(128), nullable=False),
    sa.Column("sent_at", sa.Float(53), nullable=False),
    sa.Column("received_at", sa.Float(53), nullable=False),
    sa.Column("product", sa.String(128), nullable=False),  # shown when it came
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, own, answer, invite, person, ignore
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("cluster", sa.String(64), nullable=False),  # "" where it asks nothing that is answered
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("served_at", sa.Float(53)),  # when its question had its answer; NULL before
    sa.Column("told", sa.Boolean, nullable=False),  # its author was written to
    sa.UniqueConstraint("channel", "account", "stream", "comment_id", name="live_comment_once"),
    sa.Index(
        "live_comment_waiting",
        "channel",
        "account",
        "stream",
        "number",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    sa.Index("live_comment_cluster", "channel", "account", "stream", "cluster", "language"),
    sa.Index("live_comment_received", "received_at"),
)

#: A question and its answer, in one language of those who asked it.
live_cluster = sa.Table(
    "live_cluster",
    metadata,
    *_place(),
    sa.Column("cluster", sa.String(64), primary_key=True),
    sa.Column("language", sa.String(16), primary_key=True),
    sa.Column("intent", sa.String(64), nullable=False),
    sa.Column("product", sa.String(128), nullable=False),
    sa.Column("question", sa.Text, nullable=False),  # as its first author wrote it
    sa.Column("ask", sa.Text, nullable=False),  # what Rasa is asked with, as JSON
    sa.Column("asked", sa.Integer, nullable=False),  # comments
    sa.Column("open_since", sa.Float(53)),  # of the first comment without an answer; NULL: all have theirs
    sa.Column("answer", sa.Text, nullable=False),  # the last one
    sa.Column("answered_at", sa.Float(53)),
    sa.Column("truth", sa.String(64), nullable=False),  # of the shop's record, as the answer has it
    sa.Column("key", sa.String(32), nullable=False),  # of the last answer, UUID
    sa.Column("said", sa.Boolean, nullable=False),  # that answer is in the outbox
    sa.Column("left_reason", sa.String(64), nullable=False),  # why the host is to answer; "" where we do
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
