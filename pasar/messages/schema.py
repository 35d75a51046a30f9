"""The tables of inbox and outbox. Times are seconds since 1970 (UTC)."""

from __future__ import annotations

import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "message_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()
_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what it calls INTEGER
_WAITING = sa.text("state = 'waiting'")

#: Every message that came in; done ones stay, emptied, as long as their platform may send them again.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(128), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, done, recorded (nobody is to be answered)
    sa.Column("batch", sa.String(32), nullable=False),  # "" until it is claimed
    sa.Column("data", sa.Text, nullable=False),  # the Received as JSON; "" when done
    sa.Column("received_at", sa.Float(53), nullable=False),
    sa.Column("keep_until", sa.Float(53), nullable=False),
    sa.UniqueConstraint("channel", "account", "message_id", name="inbox_once"),
    sa.Index("inbox_waiting", "conversation_id", "number", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index("inbox_keep", "keep_until"),
)

#: One row a conversation: whose it is now, and when somebody may next take it.
inbox_thread = sa.Table(
    "inbox_thread",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("due_at", sa.Float(53)),  # NULL: nothing to do; while it is claimed, when the lease ends
    sa.Column("first_at", sa.Float(53)),  # of the messages that no batch has
    sa.Column("ready_at", sa.Float(53)),  # when those may be claimed
    sa.Column("owner", sa.String(32), nullable=False),  # the claim's own id; "" where nobody has it
    sa.Column("batch", sa.String(32), nullable=False),  # what was claimed and is not finished
    sa.Column("attempt", sa.Integer, nullable=False),  # of that batch
    sa.Column("address", sa.Text, nullable=False),  # where the buyer is answered, as JSON; "" before she wrote
    sa.Index("inbox_thread_due", "due_at"),
)

#: Every call that is to be made, or was.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("key", sa.String(32), nullable=False, unique=True),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, sent, dead, withheld
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("replies", sa.Text, nullable=False),
    sa.Column("choices", sa.Text, nullable=False),  # what "1", "2"… mean, as JSON; "" where nothing was numbered
    sa.Column("due_at", sa.Float(53), nullable=False),  # while it is claimed, when the lease ends
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Float(53), nullable=False),
    sa.Column("ended_at", sa.Float(53)),
    sa.Column("reason", sa.String(300), nullable=False),  # of the last failure, or the rule that withheld it
    sa.Index("outbox_head", "conversation_id", "number", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index("outbox_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index("outbox_conversation", "conversation_id", "number"),
)

#: The platforms' ids of what we have sent: their echoes are told from a person's messages by it.
outbox_sent = sa.Table(
    "outbox_sent",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.String(128), primary_key=True),
    sa.Column("number", _number, nullable=False),
    sa.Column("sent_at", sa.Float(53), nullable=False),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
