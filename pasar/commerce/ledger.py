"""Changes made for buyers: each is written down first, made once, and written down with what came of it.

A message that is delivered twice, or a buyer who says yes twice, changes nothing twice. Where the shop's system was
asked and its answer was lost, nobody asks again: the order is looked at, and where that does not tell, a person does.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import functools
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa
import structlog

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Change, Outcome
from pasar.conversations.schema import change as table
from pasar.conversations.schema import upgrade
from pasar.database import create_engine
from pasar.settings import load_settings

_STARTED = "started"  # asked, and no answer yet, or none ever
_SAME_WISH = datetime.timedelta(minutes=15)  # an equal one so soon after is the same, said twice

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class Wish:
    """A change that a buyer has confirmed."""

    shop_id: str
    order_id: str
    kind: str  #: cancel, address, edit, return, amends
    conversation_id: str
    confirmed_by: str  #: the id of the message in which she said yes
    before: Mapping[str, Any]  #: what is changed, as JSON
    after: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same at every delivery of the same message."""
        return f"{self.kind}:{self.order_id}:{self.confirmed_by}"


class UnclearChangeError(ShopError):
    """It is not known whether an earlier, equal change was made: a person has to look."""


class Ledger:
    """The changes of all shops in one database."""

    def __init__(self, url: str) -> None:
        """Open the database, bringing it to the newest version first."""
        upgrade(url)
        self._engine = create_engine(url)

    async def make(self, wish: Wish, act: Callable[[], Awaitable[Change]]) -> Change:
        """Write the wish down, make the change, write down what came of it; what was made before is only told again.

        Raises:
            ShopUnavailableError: the shop's system did not answer, so that it is not known what came of it.
            ShopError: it refused for a reason of its own; it may be asked again.
            UnclearChangeError: an equal change was begun before, and it is not known how it ended.
        """
        loop = asyncio.get_running_loop()
        earlier = await loop.run_in_executor(None, self._begin, wish)
        if earlier is not None:
            log.info("change.known", shop=wish.shop_id, kind=wish.kind, outcome=earlier.outcome.value)
            return earlier
        try:
            change = await act()
        except ShopUnavailableError as error:
            await loop.run_in_executor(None, self._note, wish, str(error))
            raise
        except ShopError:
            await loop.run_in_executor(None, self._forget, wish)
            raise
        await loop.run_in_executor(None, self._end, wish, change)
        log.info("change.made", shop=wish.shop_id, kind=wish.kind, outcome=change.outcome.value, reason=change.reason)
        return change

    def settle(self, wish: Wish, change: Change) -> None:
        """Write down how an unclear change, this one or an equal one before, has ended, once the order itself tells."""
        with self._engine.begin() as connection:
            last = self._find_last(connection, wish)
            if last is not None and last.outcome == _STARTED and dict(last.after) == dict(wish.after):
                _update(connection, wish.shop_id, last.key, _describe(change))

    def list_of_order(self, shop_id: str, order_id: str) -> list[Mapping[str, Any]]:
        """All changes of an order, oldest first."""
        query = sa.select(table).where(table.c.shop == shop_id, table.c.order_id == order_id).order_by(table.c.asked_at)
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def list_of_kind(
        self, shop_id: str, kind: str, since: datetime.datetime, order_ids: Collection[str] = ()
    ) -> list[Mapping[str, Any]]:
        """Changes of a kind since a time, and without limit of time those of these orders, oldest first."""
        query = sa.select(table).where(
            table.c.shop == shop_id,
            table.c.kind == kind,
            sa.or_(table.c.asked_at >= since, table.c.order_id.in_(order_ids)),
        )
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query.order_by(table.c.asked_at))]

    def _begin(self, wish: Wish) -> Change | None:
        """Write the wish down; what came of it where it, or an equal one just before, was made already."""
        with self._engine.begin() as connection:
            last = self._find_last(connection, wish)
            if last is not None and (last.key == wish.key or dict(last.after) == dict(wish.after)):
                if last.outcome == _STARTED:
                    raise UnclearChangeError(wish.shop_id, wish.kind, "an equal change was begun and never ended")
                if last.key == wish.key or (last.outcome != Outcome.REFUSED.value and _is_recent(last.asked_at)):
                    return Change(Outcome(last.outcome), last.reason, last.reference, last.detail)
            values = {
                "shop": wish.shop_id,
                "key": wish.key,
                "order_id": wish.order_id,
                "kind": wish.kind,
                "conversation_id": wish.conversation_id,
                "before": dict(wish.before),
                "after": dict(wish.after),
                "asked_at": datetime.datetime.now(datetime.timezone.utc),
                "outcome": _STARTED,
                "reason": "",
                "reference": "",
                "detail": "",
            }
            try:
                connection.execute(table.insert().values(values))
            except sa.exc.IntegrityError:
                # another process was handed the same message a moment ago
                raise UnclearChangeError(wish.shop_id, wish.kind, "the same change is being made") from None
        return None

    @staticmethod
    def _find_last(connection: sa.engine.Connection, wish: Wish) -> Any:
        query = sa.select(table).where(
            table.c.shop == wish.shop_id, table.c.order_id == wish.order_id, table.c.kind == wish.kind
        )
        return connection.execute(query.order_by(table.c.asked_at.desc()).limit(1)).first()

    def _end(self, wish: Wish, change: Change) -> None:
        with self._engine.begin() as connection:
            _update(connection, wish.shop_id, wish.key, _describe(change))

    def _note(self, wish: Wish, detail: str) -> None:
        with self._engine.begin() as connection:
            _update(connection, wish.shop_id, wish.key, {"detail": detail})

    def _forget(self, wish: Wish) -> None:
        with self._engine.begin() as connection:
            connection.execute(table.delete().where(table.c.shop == wish.shop_id, table.c.key == wish.key))


def _update(connection: sa.engine.Connection, shop_id: str, key: str, values: Mapping[str, Any]) -> None:
    connection.execute(table.update().where(table.c.shop == shop_id, table.c.key == key).values(**values))


def _describe(change: Change) -> dict[str, Any]:
    return {
        "outcome": change.outcome.value,
        "reason": change.reason,
        "reference": change.reference,
        "detail": change.detail,
        "ended_at": datetime.datetime.now(datetime.timezone.utc),
    }


def _is_recent(asked_at: datetime.datetime) -> bool:
    """Whether a change was asked for just now; SQLite gives times back without their zone."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now - asked_at.replace(tzinfo=asked_at.tzinfo or datetime.timezone.utc) < _SAME_WISH


@functools.lru_cache(maxsize=1)
def open_ledger() -> Ledger:
    """The ledger of this installation."""
    return Ledger(load_settings().database)
