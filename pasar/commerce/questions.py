"""What buyers asked of products that their records do not say: noted for the shop, counted by language."""

from __future__ import annotations

import dataclasses
import datetime
import functools

import sqlalchemy as sa

from pasar.conversations.schema import question as table
from pasar.conversations.schema import upgrade
from pasar.database import create_engine
from pasar.settings import load_settings


@dataclasses.dataclass(frozen=True)
class Question:
    """An attribute of a product that buyers of one language asked for, and nobody could tell them."""

    shop: str
    sku: str
    attribute: str  #: as in the products' records, as ``waterproof``
    language: str
    times: int
    first_at: datetime.datetime
    last_at: datetime.datetime


class QuestionBook:
    """The open questions of all shops in one database; every call may be made from any thread."""

    def __init__(self, url: str) -> None:
        """Open the database, bringing it to the newest version first."""
        upgrade(url)
        self._engine = create_engine(url)

    def note(self, shop: str, sku: str, attribute: str, language: str) -> None:
        """Write down that it was asked once more."""
        key = {"shop": shop, "sku": sku, "attribute": attribute, "language": language}
        now = datetime.datetime.now(datetime.timezone.utc)
        if not self._count(key, now):
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.insert(table).values(**key, times=1, first_at=now, last_at=now))
            except sa.exc.IntegrityError:  # another process wrote it a moment ago
                self._count(key, now)

    def list(self, shop: str) -> list[Question]:
        """A shop's open questions, those asked most first."""
        query = sa.select(table).where(table.c.shop == shop)
        query = query.order_by(table.c.times.desc(), table.c.sku, table.c.attribute, table.c.language)
        with self._engine.connect() as connection:
            return [_parse(row) for row in connection.execute(query)]

    def dispose(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _count(self, key: dict[str, str], now: datetime.datetime) -> bool:
        where = [table.c[name] == value for name, value in key.items()]
        with self._engine.begin() as connection:
            changed = connection.execute(sa.update(table).where(*where).values(times=table.c.times + 1, last_at=now))
        return bool(changed.rowcount)


@functools.lru_cache(maxsize=1)
def open_questions() -> QuestionBook:
    """The questions of this installation, in PASAR_DATABASE."""
    return QuestionBook(load_settings().database)


def _parse(row: sa.engine.Row) -> Question:
    values = dict(row._mapping)
    for name in ("first_at", "last_at"):
        # SQLite keeps no time zone; what was written is UTC.
        values[name] = values[name].replace(tzinfo=values[name].tzinfo or datetime.timezone.utc)
    return Question(**values)
