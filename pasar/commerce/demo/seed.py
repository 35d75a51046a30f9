"""Fills the demo shop's database from its files."""

from __future__ import annotations

import datetime
import pathlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pasar.commerce.demo import schema
from pasar.commerce.demo.database import create_engine
from pasar.commerce.demo.files import ShopFiles, read_shop
from pasar.commerce.rows import encode

#: The shop that comes with Pasar.
STYLEHUB = pathlib.Path(__file__).parent / "stylehub"


def seed(url: str, today: datetime.date, directory: pathlib.Path = STYLEHUB) -> str:
    """Replace the shop of ``directory`` in the database at ``url``, and give back its id.

    All its dates are counted from ``today``: the same day gives the same rows. Returns opened since the
    last time are gone; other shops in the database stay as they are. All or nothing.
    """
    files = read_shop(directory, today)
    write_shop(url, files, today)
    return files.shop.shop_id


def write_shop(url: str, files: ShopFiles, today: datetime.date) -> None:
    """Replace a shop in the database at ``url``; other shops stay as they are. All or nothing."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            _delete_rows(connection, files.shop.shop_id)
            _insert_rows(connection, files)
            connection.execute(
                schema.seedings.insert().values(shop_id=files.shop.shop_id, seeded_on=today),
            )
    finally:
        engine.dispose()


def find_seeded_on(url: str, shop_id: str) -> datetime.date | None:
    """The day for which a shop was last seeded, or None."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = sa.select(schema.seedings.c.seeded_on).where(schema.seedings.c.shop_id == shop_id)
            found: datetime.date | None = connection.execute(query).scalar()
            return found
    finally:
        engine.dispose()


def _delete_rows(connection: Connection, shop_id: str) -> None:
    for table in schema.metadata.sorted_tables:
        connection.execute(table.delete().where(table.c.shop_id == shop_id))


def _insert_rows(connection: Connection, files: ShopFiles) -> None:
    shop_id = files.shop.shop_id
    connection.execute(schema.shops.insert(), [{"shop_id": shop_id, "record": encode(files.shop)}])
    products, variants, orders = [], [], []
    for position, product in enumerate(files.products):
        # Stock lives in its own rows, so that it can be read without the texts.
        record = encode(product)
        del record["variants"]
        products.append({"shop_id": shop_id, "sku": product.sku, "position": position, "record": record})
        variants += [
            {
                "shop_id": shop_id,
                "sku": variant.sku,
                "product_sku": product.sku,
                "position": place,
                "color": variant.color,
                "size": variant.size,
                "stock": variant.stock,
                "restock_on": variant.restock_on,
            }
            for place, variant in enumerate(product.variants)
        ]
    for order in files.orders:
        orders.append(
            {
                "shop_id": shop_id,
                "order_id": order.order_id.upper(),
                "email": order.email.lower(),
                "phone": order.phone,
                "placed_at": order.placed_at.astimezone(datetime.timezone.utc).replace(tzinfo=None),
                "record": encode(order),
            }
        )
    promotions = [
        {"shop_id": shop_id, "position": position, "record": encode(promotion)}
        for position, promotion in enumerate(files.promotions)
    ]
    rules = [
        {"shop_id": shop_id, "country": rule.country, "position": position, "record": encode(rule)}
        for position, rule in enumerate(files.shipping)
    ]
    for table, rows in (
        (schema.products, products),
        (schema.variants, variants),
        (schema.orders, orders),
        (schema.promotions, promotions),
        (schema.shipping_rules, rules),
    ):
        if rows:
            connection.execute(table.insert(), rows)
