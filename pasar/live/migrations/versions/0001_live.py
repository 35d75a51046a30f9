"""The tables of live streams, their comments and questions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WAITING = sa.text("state = 'waiting'")
PLACE = ["channel", "account", "stream"]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "live_stream",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("stream", sa.String(128), primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("product", sa.String(128), nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("due_at", sa.Float(53), nullable=False),
        sa.Column("began_at", sa.Float(53), nullable=False),
        sa.Column("heard_at", sa.Float(53), nullable=False),
    )
    op.create_table(
        "live_comment",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(128), nullable=False),
        sa.Column("comment_id", sa.String(128), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("sent_at", sa.Float(53), nullable=False),
        sa.Column("received_at", sa.Float(53), nullable=False),
        sa.Column("product", sa.String(128), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("cluster", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("served_at", sa.Float(53)),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.UniqueConstraint(*PLACE, "comment_id", name="live_comment_once"),
    )
    op.create_index(
        "live_comment_waiting", "live_comment", [*PLACE, "number"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("live_comment_cluster", "live_comment", [*PLACE, "cluster", "language"])
    op.create_index("live_comment_received", "live_comment", ["received_at"])
    op.create_table(
        "live_cluster",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("stream", sa.String(128), primary_key=True),
        sa.Column("cluster", sa.String(64), primary_key=True),
        sa.Column("language", sa.String(16), primary_key=True),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("product", sa.String(128), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("ask", sa.Text, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("open_since", sa.Float(53)),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", sa.Float(53)),
        sa.Column("truth", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("said", sa.Boolean, nullable=False),
        sa.Column("left_reason", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("live_cluster", "live_comment", "live_stream"):
        op.drop_table(table)
