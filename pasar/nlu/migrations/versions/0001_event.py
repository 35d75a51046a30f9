"""The table of events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "event",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("timestamp", sa.Float(53), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index(
        "event_session",
        "event",
        ["conversation_id", "number"],
        sqlite_where=sa.text("type = 'session_started'"),
        postgresql_where=sa.text("type = 'session_started'"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("event")
