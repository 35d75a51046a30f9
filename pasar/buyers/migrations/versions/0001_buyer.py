"""The tables of buyers and of their consents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "buyer_account",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("buyer", NUMBER, nullable=False),
        sa.Column("first_at", sa.Float(53), nullable=False),
        sa.UniqueConstraint("shop", "digest", name="buyer_account_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("buyer_account_buyer", "buyer_account", ["shop", "buyer"])
    op.create_index("buyer_account_name", "buyer_account", ["shop", "name"])
    op.create_table(
        "buyer_conversation",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("account", NUMBER, nullable=False),
        sa.Column("first_at", sa.Float(53), nullable=False),
    )
    op.create_index("buyer_conversation_account", "buyer_conversation", ["account"])
    op.create_table(
        "buyer_mark",
        sa.Column("account", NUMBER, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("first_at", sa.Float(53), nullable=False),
        sa.Column("seen_at", sa.Float(53), nullable=False),
    )
    op.create_index("buyer_mark_digest", "buyer_mark", ["shop", "kind", "digest"])
    op.create_table(
        "buyer_event",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("one", NUMBER, nullable=False),
        sa.Column("other", NUMBER, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("opens", sa.Boolean, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("undoes", NUMBER, unique=True),
    )
    op.create_index("buyer_event_one", "buyer_event", ["shop", "one"])
    op.create_index("buyer_event_other", "buyer_event", ["shop", "other"])
    op.create_table(
        "buyer_apart",
        sa.Column("low", NUMBER, primary_key=True),
        sa.Column("high", NUMBER, primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
    )
    op.create_table(
        "buyer_consent",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("proof", sa.String(255), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
    )
    op.create_index("buyer_consent_subject", "buyer_consent", ["shop", "subject", "purpose", "at"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("buyer_consent", "buyer_apart", "buyer_event", "buyer_mark", "buyer_conversation", "buyer_account"):
        op.drop_table(table)
