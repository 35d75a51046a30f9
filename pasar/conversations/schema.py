"""The tables of conversations and of what was done in them, and bringing a database up to them."""

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

#: What was changed in a shop's system for a buyer: written by :mod:`pasar.commerce.ledger`.
change = sa.Table(
    "change",
    metadata,
    sa.Column("shop", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(320), primary_key=True),
    sa.Column("order_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(128), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("change_order", "shop", "order_id", "kind", "asked_at"),
)

#: What buyers asked of a product that its record does not say: noted for the shop.
question = sa.Table(
    "question",
    metadata,
    sa.Column("shop", sa.String(64), primary_key=True),
    sa.Column("sku", sa.String(64), primary_key=True),
    sa.Column("attribute", sa.String(64), primary_key=True),
    sa.Column("language", sa.String(35), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
