"""The joins of a shop's accounts, and what they make of them, within one transaction.

Joins in force never make a ring: two accounts that are one buyer's already are not joined again. So every join that is
taken back parts one buyer into the two that were joined, whatever came between.
"""

from __future__ import annotations

import collections
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from pasar.buyers.schema import account, apart, event

JOINED, SEPARATED, FORGOTTEN = "joined", "separated", "forgotten"
PERSON = "person"

_undone = sa.select(event.c.undoes).where(event.c.undoes.isnot(None))


class Joins:
    """Of one shop; whoever writes holds the shop's lock."""

    def __init__(self, connection: sa.engine.Connection, shop: str, now: float) -> None:
        """``now`` is what is written into the log."""
        self._connection = connection
        self._shop = shop
        self._now = now

    def find_buyer(self, number: int) -> int:
        """The buyer of an account."""
        query = sa.select(account.c.buyer).where(account.c.number == number, account.c.shop == self._shop)
        return int(self._connection.execute(query).scalar_one())

    def list_accounts(self, buyer: int) -> list[int]:
        """Her accounts, the oldest first."""
        query = sa.select(account.c.number).where(account.c.shop == self._shop, account.c.buyer == buyer)
        return sorted(self._connection.execute(query).scalars())

    def list_joins(self, accounts: Collection[int]) -> Sequence[sa.engine.Row]:
        """Joins in force at these accounts, the oldest first."""
        touches = event.c.one.in_(accounts) | event.c.other.in_(accounts)
        query = sa.select(event).where(event.c.shop == self._shop, event.c.kind == JOINED, touches)
        found: Sequence[sa.engine.Row] = self._connection.execute(
            query.where(event.c.number.notin_(_undone)).order_by(event.c.number)
        ).all()
        return found

    def find_join(self, number: int) -> sa.engine.Row | None:
        """A join in force; None where there is none."""
        query = sa.select(event).where(event.c.shop == self._shop, event.c.number == number, event.c.kind == JOINED)
        return self._connection.execute(query.where(event.c.number.notin_(_undone))).first()

    def are_apart(self, buyers: Iterable[int]) -> bool:
        """Whether a person has separated any two of these buyers' accounts."""
        sides = [set(self.list_accounts(buyer)) for buyer in set(buyers)]
        every = set[int]().union(*sides)
        place = {number: index for index, side in enumerate(sides) for number in side}
        pairs = sa.select(apart.c.low, apart.c.high).where(
            apart.c.shop == self._shop, apart.c.low.in_(every), apart.c.high.in_(every)
        )
        return any(place[low] != place[high] for low, high in self._connection.execute(pairs))

    def join(self, one: int, other: int, cause: str, digest: str, *, opens: bool, who: str, why: str) -> int | None:
        """Make two accounts' buyers one; the join's number, None where they are one already."""
        buyers = sorted({self.find_buyer(one), self.find_buyer(other)})
        if len(buyers) == 1:
            return None
        if cause == PERSON:
            self._forgive(*map(self.list_accounts, buyers))
        number = self._log(JOINED, one, other, cause, digest, opens=opens, who=who, why=why)
        change = sa.update(account).where(account.c.shop == self._shop, account.c.buyer == buyers[1])
        self._connection.execute(change.values(buyer=buyers[0]))
        return number

    def separate(self, join: sa.engine.Row, *, who: str, why: str, for_good: bool) -> tuple[int, int]:
        """Take a join back; the two buyers. ``for_good``: nothing joins them by itself again."""
        accounts = self.list_accounts(self.find_buyer(join.one))
        self._log(
            SEPARATED, join.one, join.other, join.cause, join.digest, opens=False, who=who, why=why, of=join.number
        )
        left = reach(join.one, [(row.one, row.other) for row in self.list_joins(accounts)])
        right = [number for number in accounts if number not in left]
        for side in (left, right):
            change = sa.update(account).where(account.c.number.in_(side), account.c.shop == self._shop)
            self._connection.execute(change.values(buyer=min(side)))
        if for_good:
            pairs = {(min(a, b), max(a, b)) for a in left for b in right}
            own = sa.select(apart.c.low, apart.c.high).where(apart.c.shop == self._shop, apart.c.low.in_(accounts))
            known = {tuple(row) for row in self._connection.execute(own)}
            rows = [{"shop": self._shop, "low": low, "high": high} for low, high in sorted(pairs - known)]
            if rows:
                self._connection.execute(sa.insert(apart), rows)
        return min(left), min(right)

    def note_forgotten(self, buyer: int, who: str) -> None:
        """Write into the log that a buyer was forgotten, and by whom; of her it says nothing."""
        self._log(FORGOTTEN, buyer, buyer, PERSON, "", opens=False, who=who, why="")

    def _forgive(self, left: Sequence[int], right: Sequence[int]) -> None:
        both = (apart.c.low.in_(left) & apart.c.high.in_(right)) | (apart.c.low.in_(right) & apart.c.high.in_(left))
        self._connection.execute(sa.delete(apart).where(both))

    def _log(
        self, kind: str, one: int, other: int, cause: str, digest: str,
        *, opens: bool, who: str, why: str, of: int | None = None,
    ) -> int:  # fmt: skip
        values = {
            "shop": self._shop, "kind": kind, "one": one, "other": other, "cause": cause, "digest": digest,
            "opens": opens, "who": who[:80], "why": why[:300], "at": self._now, "undoes": of,
        }  # fmt: skip
        return int(self._connection.execute(sa.insert(event).values(values)).inserted_primary_key[0])


def reach(start: int, joins: Iterable[tuple[int, int]]) -> set[int]:
    """The accounts that joins lead to from one, with it."""
    beside: Mapping[int, set[int]] = collections.defaultdict(set)
    for one, other in joins:
        beside[one].add(other)
        beside[other].add(one)
    found, waiting = {start}, [start]
    while waiting:
        new = beside[waiting.pop()] - found
        found |= new
        waiting += new
    return found
