"""The table of conversations, and bringing a database up to it."""

from __future__ import annotations

import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "conversation_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(35), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(255), nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
    sa.Index("conversation_state_since", "state", "since"),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
