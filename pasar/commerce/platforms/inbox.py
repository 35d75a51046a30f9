"""Webhooks that were accepted, kept until they are applied, and long enough after it to know a second delivery.

They are in the database before the platform hears that they were taken, so that none is lost with the process.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from pasar.commerce.platforms.api import Notice, NoticeKind
from pasar.commerce.platforms.schema import shop_notice as table
from pasar.commerce.platforms.storage import ask_database

#: How long a delivery is known, longer than any platform repeats one: TikTok Shop for 15.5 h (after 2 min, 30 min, 3 h
#: and 12 h: https://partner.tiktokshop.com/docv2/page/tts-webhooks-overview), Lazada for 6 h (12 times, every half hour:
#: https://open.lazada.com/apps/doc/doc?nodeId=29524&docId=120168), Shopify for 4 h
#: (https://shopify.dev/changelog/updates-to-webhook-retry-mechanism), Shopee for 3.5 h
#: (https://open.shopee.com/push-mechanism/1). WooCommerce repeats none.
KEPT = datetime.timedelta(hours=24)
#: After this a claim is that of a process that has crashed.
CLAIM = datetime.timedelta(minutes=2)
#: Until a notice is tried again that could not be applied; after the last of them it is given up.
PAUSES = tuple(datetime.timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200))
MOST_TOPIC = 64

#: What is told of something that is kept here. All else is asked from the platform at every message anyway.
APPLIED = frozenset({NoticeKind.PRODUCT_CHANGED, NoticeKind.PRODUCT_DELETED})

_Result = TypeVar("_Result")


class _State(enum.Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


@dataclasses.dataclass(frozen=True)
class Batch:
    """Notices of one thing, to be applied at once: the thing is read as it is then, however many tell of it."""

    shop_id: str
    notice: Notice  #: the newest of them
    size: int
    tries: int  #: how often it has failed
    claim: str


class Inbox:
    """The notices of all shops. ShopUnavailableError where the database does not answer."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """The tables must be there (:func:`.schema.upgrade`)."""
        self._engine = engine

    async def put(self, shop_id: str, notice: Notice) -> bool:
        """Keep a notice until it is applied; False where this very one was delivered before."""
        return await self._run(shop_id, self._put, shop_id, notice, _now())

    async def take(self) -> Batch | None:
        """Claim what is due, the oldest first; None where nothing is. What another claim is about is left alone."""
        return await self._run("", self._take, secrets.token_hex(16), _now())

    async def finish(self, batch: Batch) -> None:
        """Note that it is applied."""
        await self._run(batch.shop_id, self._settle, batch, {"state": _State.DONE.value})

    async def postpone(self, batch: Batch) -> bool:
        """Let it be tried again later; False where that was tried often enough and it is given up."""
        if batch.tries >= len(PAUSES):
            await self.give_up(batch)
            return False
        values = {"state": _State.WAITING.value, "due_at": _now() + PAUSES[batch.tries], "tries": batch.tries + 1}
        await self._run(batch.shop_id, self._settle, batch, values)
        return True

    async def give_up(self, batch: Batch) -> None:
        """Note that it is not applied; the next sync of the catalogue sees to it."""
        await self._run(batch.shop_id, self._settle, batch, {"state": _State.FAILED.value})

    async def prune(self) -> int:
        """Forget what is settled and can no longer be delivered again; how many."""
        return await self._run("", self._prune, _now() - KEPT)

    async def _run(self, shop_id: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return await ask_database(shop_id, "keep_notice", "the inbox", work, *arguments)

    def _put(self, shop_id: str, notice: Notice, now: datetime.datetime) -> bool:
        waits = notice.kind in APPLIED and notice.reference
        row = {
            "shop_id": shop_id,
            # Some platforms' ids are headers, which nobody has signed and which may be of any length.
            "event": hashlib.sha256(notice.notice_id.encode()).hexdigest() if notice.notice_id else secrets.token_hex(),
            "kind": notice.kind.value,
            "reference": notice.reference,
            "topic": notice.raw_kind[:MOST_TOPIC],
            "received_at": now,
            "due_at": now,
            "tries": 0,
            "state": (_State.WAITING if waits else _State.DONE).value,
            "claim": "",
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(table).values(row))
        except sa.exc.IntegrityError:
            return False
        return True

    def _take(self, claim: str, now: datetime.datetime) -> Batch | None:
        over = (table.c.state == _State.CLAIMED.value) & (table.c.claimed_at <= now - CLAIM)
        due = (table.c.state == _State.WAITING.value) & (table.c.due_at <= now)
        other = table.alias()
        worked_on = (
            sa.exists()
            .where(other.c.shop_id == table.c.shop_id)
            .where(other.c.reference == table.c.reference)
            .where(other.c.state == _State.CLAIMED.value)
            .where(other.c.claimed_at > now - CLAIM)
        )
        oldest = (
            sa.select(table.c.shop_id, table.c.reference)
            .where((due | over) & ~worked_on)
            .order_by(table.c.due_at)
            .limit(1)
        )
        with self._engine.begin() as connection:
            found = connection.execute(oldest).first()
            if found is None:
                return None
            same = (table.c.shop_id == found.shop_id) & (table.c.reference == found.reference)
            # Also those of the same thing that are not due yet: it is read only once.
            mine = same & ((table.c.state == _State.WAITING.value) | over)
            values = {"state": _State.CLAIMED.value, "claim": claim, "claimed_at": now}
            connection.execute(sa.update(table).where(mine).values(values))
            claimed = sa.select(table).where(same & (table.c.claim == claim)).order_by(table.c.received_at)
            rows = connection.execute(claimed).all()
        if not rows:  # another process was first
            return None
        newest = rows[-1]
        notice = Notice(NoticeKind(newest.kind), newest.reference, "", newest.topic)
        return Batch(found.shop_id, notice, len(rows), max(row.tries for row in rows), claim)

    def _settle(self, batch: Batch, values: dict[str, Any]) -> None:
        mine = (table.c.shop_id == batch.shop_id) & (table.c.claim == batch.claim)
        with self._engine.begin() as connection:
            connection.execute(sa.update(table).where(mine).values(claim="", claimed_at=None, **values))

    def _prune(self, before: datetime.datetime) -> int:
        settled = table.c.state.in_((_State.DONE.value, _State.FAILED.value))
        with self._engine.begin() as connection:
            return int(connection.execute(sa.delete(table).where(settled & (table.c.received_at < before))).rowcount)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
