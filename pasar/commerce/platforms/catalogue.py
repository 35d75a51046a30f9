"""A shop's products as its platform last told them, in Pasar's own database.

What is read is written page by page; what has not changed keeps its version, so that a process that has it in memory
reads only the difference.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.model import Product
from pasar.commerce.platforms.schema import catalogue, read_time
from pasar.commerce.platforms.schema import catalogue_product as table
from pasar.commerce.rows import decode, encode

#: Seconds after which a call that a buyer waits for gives up.
CALL_SECONDS = 1.8

_Result = TypeVar("_Result")


@dataclasses.dataclass(frozen=True)
class Stand:
    """How far a shop's products are read."""

    version: int  #: 0 where nothing was ever read
    products: int
    synced_from: datetime.datetime | None  #: when the last complete sync began
    whole_from: datetime.datetime | None  #: when the last complete sync of all products began


@dataclasses.dataclass(frozen=True)
class Counts:
    """What came of writing a page."""

    added: int = 0
    changed: int = 0
    same: int = 0


@dataclasses.dataclass(frozen=True)
class Changes:
    """What is new in the catalogue since a version."""

    version: int
    read_at: Mapping[str, datetime.datetime]  #: of all products, by reference, in the shop's order
    products: Mapping[str, Product]  #: by reference: only those that have changed


def find_reference(product: Product) -> str:
    """What the platform calls a product."""
    return product.reference or product.sku


class Catalogue:
    """The products of one shop. Every call may raise ShopError, ShopUnavailableError where the database is away."""

    def __init__(self, engine: sa.engine.Engine, shop_id: str) -> None:
        """The tables must be there (:func:`.schema.upgrade`)."""
        self.shop_id = shop_id
        self._engine = engine

    async def read_stand(self) -> Stand:
        """How far the products are read."""
        return await self._run("read_stand", self._read_stand)

    async def read_changes(self, version: int) -> Changes | None:
        """What is new since ``version``; None where nothing is."""
        work = self._run("read_catalogue", self._read_changes, version)
        try:
            return await asyncio.wait_for(work, CALL_SECONDS)
        except asyncio.TimeoutError as error:
            reason = f"the catalogue: no answer in {CALL_SECONDS} s"
            raise ShopUnavailableError(self.shop_id, "read_catalogue", reason) from error

    async def write(
        self, products: Sequence[Product], read_at: datetime.datetime, position: int | None = None
    ) -> Counts:
        """Keep products as they were at ``read_at``, all or none.

        ``position`` is the first one's place in the shop's order; None leaves known ones where they are and puts new
        ones last.
        """
        return await self._run("write_catalogue", self._write, products, read_at, position)

    async def remove(self, reference: str) -> bool:
        """Forget a product; whether it was there."""
        return bool(await self._run("write_catalogue", self._remove, table.c.reference == reference))

    async def remove_unseen(self, version: int) -> int:
        """Forget what the platform has not had since ``version``; how many."""
        return await self._run("write_catalogue", self._remove, table.c.seen <= version)

    async def finish(self, began: datetime.datetime, *, whole: bool) -> None:
        """Note that all that was to be read since ``began`` is written."""
        await self._run("write_catalogue", self._finish, began, whole)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    async def _run(self, call: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
        try:
            return await asyncio.to_thread(work, *arguments)
        except sa.exc.OperationalError as error:
            reason = f"the catalogue: {str(error.orig).strip()}"
            raise ShopUnavailableError(self.shop_id, call, reason) from error
        except sa.exc.SQLAlchemyError as error:
            raise ShopError(self.shop_id, call, f"the catalogue: {type(error).__name__}") from error

    def _read_stand(self) -> Stand:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(catalogue).where(catalogue.c.shop_id == self.shop_id)).first()
            query = sa.select(sa.func.count()).select_from(table).where(table.c.shop_id == self.shop_id)
            count = connection.execute(query).scalar()
        if row is None:
            return Stand(0, 0, None, None)
        synced_from, whole_from = (moment and read_time(moment) for moment in (row.synced_from, row.whole_from))
        return Stand(row.version, int(count or 0), synced_from, whole_from)

    def _read_changes(self, version: int) -> Changes | None:
        with self._engine.connect() as connection:
            # Read first: what is written meanwhile is then found again at the next time, and never missed.
            newest = connection.execute(
                sa.select(catalogue.c.version).where(catalogue.c.shop_id == self.shop_id)
            ).scalar()
            if newest is None or newest == version:
                return None
            mine = sa.select(table).where(table.c.shop_id == self.shop_id)
            order = mine.with_only_columns(table.c.reference, table.c.read_at).order_by(
                table.c.position, table.c.reference
            )
            listed = {row.reference: read_time(row.read_at) for row in connection.execute(order)}
            changed = list(connection.execute(mine.where(table.c.version > version)))
        return Changes(newest, listed, {row.reference: self._decode(row) for row in changed})

    def _decode(self, row: Any) -> Product:
        try:
            return decode(Product, row.record)
        except (TypeError, ValueError, KeyError) as error:
            reason = f"the catalogue: product {row.reference} was kept by another Pasar: sync the shop"
            raise ShopError(self.shop_id, "read_catalogue", reason) from error

    def _write(self, products: Sequence[Product], read_at: datetime.datetime, position: int | None) -> Counts:
        records = {find_reference(product): _encode(product) for product in products}
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        with self._engine.begin() as connection:
            version = self._raise_version(connection)
            known = self._read_known(connection, list(records))
            place = self._find_end(connection) if position is None else position
            for number, (reference, record) in enumerate(records.items()):
                before = known.get(reference)
                row = {
                    "shop_id": self.shop_id,
                    "reference": reference,
                    "position": place + number if before is None or position is not None else before.position,
                    "version": before.version if before is not None and before.record == record else version,
                    "seen": version,
                    "read_at": read_at,
                    "record": record,
                }
                (added if before is None else changed).append(row)
            if changed:
                # The parameters' names must not be those of columns.
                same = (table.c.shop_id == self.shop_id) & (table.c.reference == sa.bindparam("known"))
                connection.execute(
                    sa.update(table).where(same), [{"known": row["reference"], **row} for row in changed]
                )
            if added:
                connection.execute(sa.insert(table), added)
        same_count = sum(row["version"] != version for row in changed)
        return Counts(len(added), len(changed) - same_count, same_count)

    def _remove(self, condition: Any) -> int:
        with self._engine.begin() as connection:
            mine = table.c.shop_id == self.shop_id
            removed: int = connection.execute(sa.delete(table).where(mine & condition)).rowcount
            if removed:
                self._raise_version(connection)
        return removed

    def _finish(self, began: datetime.datetime, whole: bool) -> None:
        values = {"synced_from": began, **({"whole_from": began} if whole else {})}
        with self._engine.begin() as connection:
            self._raise_version(connection)
            connection.execute(sa.update(catalogue).where(catalogue.c.shop_id == self.shop_id).values(values))

    def _raise_version(self, connection: Connection) -> int:
        """The next version. Until the transaction ends nobody else writes this shop's products."""
        mine = catalogue.c.shop_id == self.shop_id
        raised = sa.update(catalogue).where(mine).values(version=catalogue.c.version + 1)
        if not connection.execute(raised).rowcount:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(catalogue).values(shop_id=self.shop_id, version=1))
            except sa.exc.IntegrityError:  # another process was the first to write
                connection.execute(raised)
        return int(connection.execute(sa.select(catalogue.c.version).where(mine)).scalar())

    def _read_known(self, connection: Connection, references: Sequence[str]) -> Mapping[str, Any]:
        query = sa.select(table).where(table.c.shop_id == self.shop_id, table.c.reference.in_(references))
        return {row.reference: row for row in connection.execute(query)}

    def _find_end(self, connection: Connection) -> int:
        query = sa.select(sa.func.max(table.c.position)).where(table.c.shop_id == self.shop_id)
        last = connection.execute(query).scalar()
        return 0 if last is None else last + 1


def _encode(product: Product) -> Any:
    # When it was read is in a column: else every reading would be a change.
    return encode(dataclasses.replace(product, read_at=None))
