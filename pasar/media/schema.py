"""The table of media. Times are seconds since 1970 (UTC)."""

from __future__ import annotations

import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "media_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()
_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_WAITING = sa.text("state = 'waiting'")

#: Every medium that a buyer has sent. Its bytes are in a file that is named by their digest.
media = sa.Table(
    "media",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("message_id", sa.String(128), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # where the platform has it, as JSON; "" once it is waited for no more
    sa.Column("state", sa.String(16), nullable=False),  # waiting, kept, lost, refused
    sa.Column("asked_at", sa.Float(53), nullable=False),
    sa.Column("due_at", sa.Float(53), nullable=False),  # while it is claimed, when the lease ends
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fetched_at", sa.Float(53)),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # "" where nothing is kept
    sa.Column("reason", sa.String(300), nullable=False),
    sa.UniqueConstraint("channel", "account", "message_id", "place", name="media_once"),
    sa.Index("media_conversation", "conversation_id", "number"),
    sa.Index("media_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index("media_digest", "digest"),
    sa.Index("media_asked", "asked_at"),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
