"""The ``state`` of links that sellers follow to let us in: for one shop, once, and not for long."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from pasar.commerce.platforms.schema import read_time
from pasar.commerce.platforms.schema import shop_invitation as table
from pasar.commerce.platforms.storage import ask_database

#: Enough to log in. Codes that platforms give for it last 10 minutes (Shopee) or 30 (Lazada, TikTok Shop).
LASTS = datetime.timedelta(minutes=30)

_Result = TypeVar("_Result")


class Invitations:
    """Those of all shops in one database. ShopUnavailableError where that does not answer."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """The tables must be there (:func:`.schema.upgrade`)."""
        self._engine = engine

    async def issue(self, shop_id: str) -> str:
        """A new state, which nobody can guess."""
        state = secrets.token_urlsafe()
        await self._run(shop_id, self._keep, shop_id, state, _now())
        return state

    async def redeem(self, state: str) -> str | None:
        """The shop that a state was issued for; None the second time, after its end, and where there is none."""
        return await self._run("", self._take, state, _now())

    async def _run(self, shop_id: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return await ask_database(shop_id, "invite", "the invitations", work, *arguments)

    def _keep(self, shop_id: str, state: str, now: datetime.datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.expires_at <= now))
            row = {"state": _digest(state), "shop_id": shop_id, "expires_at": now + LASTS}
            connection.execute(sa.insert(table).values(row))

    def _take(self, state: str, now: datetime.datetime) -> str | None:
        mine = table.c.state == _digest(state)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(table).where(mine)).first()
            # Of two that come at once, one deletes it.
            if row is None or not connection.execute(sa.delete(table).where(mine)).rowcount:
                return None
        return str(row.shop_id) if now < read_time(row.expires_at) else None


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
