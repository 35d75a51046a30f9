"""The tables of buyers and of their consents. Times are seconds since 1970 (UTC); a ``digest`` is of the shop's own key."""

from __future__ import annotations

import pathlib

import sqlalchemy as sa

from pasar import database

VERSION_TABLE = "buyer_version"
MIGRATIONS = pathlib.Path(__file__).parent / "migrations"

metadata = sa.MetaData()
_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what it calls INTEGER

#: A buyer's account on a channel. ``buyer`` is the smallest number among the accounts that are joined with it.
account = sa.Table(
    "buyer_account",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of channel and the platform's id of her
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),  # digest of how the platform shows her; "" where it does not
    sa.Column("buyer", _number, nullable=False),
    sa.Column("first_at", sa.Float(53), nullable=False),
    sa.UniqueConstraint("shop", "digest", name="buyer_account_once"),
    sa.Index("buyer_account_buyer", "shop", "buyer"),
    sa.Index("buyer_account_name", "shop", "name"),
    sqlite_autoincrement=True,  # a forgotten account's number is nobody's again
)

conversation = sa.Table(
    "buyer_conversation",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("account", _number, nullable=False),
    sa.Column("first_at", sa.Float(53), nullable=False),
    sa.Index("buyer_conversation_account", "account"),
)

#: What was verified of an account.
mark = sa.Table(
    "buyer_mark",
    metadata,
    sa.Column("account", _number, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),  # the value, encrypted; "" where only the digest is needed
    sa.Column("first_at", sa.Float(53), nullable=False),
    sa.Column("seen_at", sa.Float(53), nullable=False),  # when it was last verified, within a day
    sa.Index("buyer_mark_digest", "shop", "kind", "digest"),
)

#: What was done, only added to: joined, separated (of the join ``undoes``), forgotten.
event = sa.Table(
    "buyer_event",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("one", _number, nullable=False),  # accounts
    sa.Column("other", _number, nullable=False),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of the mark that joined; "" for a person's join
    sa.Column("opens", sa.Boolean, nullable=False),  # whether orders of one are shown to the other
    sa.Column("who", sa.String(80), nullable=False),  # "" for Pasar itself
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("undoes", _number, unique=True),
    sa.Index("buyer_event_one", "shop", "one"),
    sa.Index("buyer_event_other", "shop", "other"),
)

#: Accounts that a person has separated: nothing joins them by itself again. ``low`` < ``high``.
apart = sa.Table(
    "buyer_apart",
    metadata,
    sa.Column("low", _number, primary_key=True),
    sa.Column("high", _number, primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
)

#: Consents that were given and withdrawn, only added to.
consent = sa.Table(
    "buyer_consent",
    metadata,
    sa.Column("number", _number, primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),  # digest of what said so: twice is once
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),  # digest of channel and the platform's id of her
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("changed", sa.Boolean, nullable=False),  # whether it was otherwise before
    sa.Column("way", sa.String(16), nullable=False),
    sa.Column("words", sa.String(500), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("proof", sa.String(255), nullable=False),  # the platform's id of the message or notice, or who noted it
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Index("buyer_consent_subject", "shop", "subject", "purpose", "at"),
)


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest version; processes that start together take turns."""
    database.upgrade(url, MIGRATIONS)
