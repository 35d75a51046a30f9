"""The tables of inbox and outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "inbox",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("received_at", sa.Float(53), nullable=False),
        sa.Column("keep_until", sa.Float(53), nullable=False),
        sa.UniqueConstraint("channel", "account", "message_id", name="inbox_once"),
    )
    op.create_index(
        "inbox_waiting", "inbox", ["conversation_id", "number"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("inbox_keep", "inbox", ["keep_until"])
    op.create_table(
        "inbox_thread",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("due_at", sa.Float(53)),
        sa.Column("first_at", sa.Float(53)),
        sa.Column("ready_at", sa.Float(53)),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
    )
    op.create_index("inbox_thread_due", "inbox_thread", ["due_at"])
    op.create_table(
        "outbox",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("replies", sa.Text, nullable=False),
        sa.Column("choices", sa.Text, nullable=False),
        sa.Column("due_at", sa.Float(53), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Float(53), nullable=False),
        sa.Column("ended_at", sa.Float(53)),
        sa.Column("reason", sa.String(300), nullable=False),
    )
    op.create_index(
        "outbox_head", "outbox", ["conversation_id", "number"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("outbox_due", "outbox", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("outbox_conversation", "outbox", ["conversation_id", "number"])
    op.create_table(
        "outbox_sent",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.String(128), primary_key=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("sent_at", sa.Float(53), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("outbox_sent", "outbox", "inbox_thread", "inbox"):
        op.drop_table(table)
