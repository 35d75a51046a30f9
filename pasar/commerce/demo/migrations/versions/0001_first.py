"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "shops",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "seedings",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("seeded_on", sa.Date, nullable=False),
    )
    op.create_table(
        "products",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "variants",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("product_sku", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("color", sa.String(32)),
        sa.Column("size", sa.String(32)),
        sa.Column("stock", sa.Integer, nullable=False),
        sa.Column("restock_on", sa.Date),
    )
    op.create_table(
        "promotions",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "shipping_rules",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(64), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("placed_at", sa.DateTime, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_table(
        "returns",
        sa.Column("shop_id", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("wants", sa.String(16), nullable=False),
        sa.Column("photo", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_variants_product", "variants", ["shop_id", "product_sku"])
    op.create_index("ix_orders_email", "orders", ["shop_id", "email"])
    op.create_index("ix_orders_phone", "orders", ["shop_id", "phone"])


def downgrade() -> None:
    """Drop all tables."""
    for table in ("returns", "orders", "shipping_rules", "promotions", "variants", "products", "seedings", "shops"):
        op.drop_table(table)
