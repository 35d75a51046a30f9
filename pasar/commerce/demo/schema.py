"""The demo shop's tables. Every row belongs to a shop: ``shop_id`` leads every key.

What no query looks into (texts by language, charts, rules) is JSON in ``record``; :mod:`pasar.commerce.rows` gives it its form.
Amounts are strings, so that no database makes floats of them. Times are UTC, stored without a zone.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

shops = sa.Table(
    "shops",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("record", sa.JSON, nullable=False),
)

seedings = sa.Table(
    "seedings",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("seeded_on", sa.Date, nullable=False),
)

products = sa.Table(
    "products",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("sku", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)

variants = sa.Table(
    "variants",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("sku", sa.String(64), primary_key=True),
    sa.Column("product_sku", sa.String(64), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("color", sa.String(32)),
    sa.Column("size", sa.String(32)),
    sa.Column("stock", sa.Integer, nullable=False),
    sa.Column("restock_on", sa.Date),
    sa.Index("ix_variants_product", "shop_id", "product_sku"),
)

promotions = sa.Table(
    "promotions",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("record", sa.JSON, nullable=False),
)

shipping_rules = sa.Table(
    "shipping_rules",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("country", sa.String(2), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(64), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("placed_at", sa.DateTime, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
    sa.Index("ix_orders_email", "shop_id", "email"),
    sa.Index("ix_orders_phone", "shop_id", "phone"),
)

returns = sa.Table(
    "returns",
    metadata,
    sa.Column("shop_id", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("wants", sa.String(16), nullable=False),
    sa.Column("photo", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
