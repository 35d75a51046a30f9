"""The tables of shops on platforms. Every row belongs to a shop: ``shop_id`` leads every key."""

from __future__ import annotations

import datetime
import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "platform_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()

platform_token = sa.Table(
    "platform_token",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("platform", sa.String(32), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),  # encrypted
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("claim", sa.String(32), nullable=False),  # of the process that renews it; "" where none does
    sa.Column("claimed_at", sa.DateTime(timezone=True)),
)

catalogue = sa.Table(
    "catalogue",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # grows with every change
    sa.Column("synced_from", sa.DateTime(timezone=True)),  # when the last complete sync began
    sa.Column("whole_from", sa.DateTime(timezone=True)),  # when the last complete sync of all products began
)

catalogue_product = sa.Table(
    "catalogue_product",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # the catalogue's when the record last changed
    sa.Column("seen", sa.Integer, nullable=False),  # the catalogue's when the platform last had it
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)

shop_notice = sa.Table(
    "shop_notice",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("event", sa.String(64), primary_key=True),  # a digest of the platform's id, or random where it has none
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("topic", sa.String(64), nullable=False),  # what the platform calls it
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("claim", sa.String(32), nullable=False),  # of the worker that applies it; "" where none does
    sa.Column("claimed_at", sa.DateTime(timezone=True)),
    sa.Index("shop_notice_due", "state", "due_at"),
)

shop_invitation = sa.Table(
    "shop_invitation",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),  # a digest: who reads the table can redeem nothing
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)


def read_time(moment: datetime.datetime) -> datetime.datetime:
    """A time from a row as aware UTC: SQLite keeps no zone, and what was written is UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc)
