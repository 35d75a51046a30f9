"""Buyers of all shops in one SQL database: who writes, and which accounts are one person's.

Everything that changes a shop's buyers is done by one at a time: two processes that find the same at once do it once.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import threading
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from pasar import database
from pasar.buyers.joins import PERSON, Joins
from pasar.buyers.marks import OPENING, Mark, MarkKind, Vault, fold_name, has_ended
from pasar.buyers.model import Sighting, UnknownBuyerError
from pasar.buyers.schema import account, apart, consent, conversation, event, mark, upgrade

SEEN_EVERY = 24 * 3600.0  # a mark that is verified at every message is not written at every message
_MOST_JOINED = 50  # holders of one mark; more of them is a mistake of somebody's, and joins nobody


class BuyerStore:
    """Every call may be made from any thread."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        """Open the database, bringing it to the newest version first. ``clock``: seconds since 1970."""
        upgrade(url)
        self.engine = database.create_engine(url)
        self.vault = Vault(secret)
        self.clock = clock
        self._lock = threading.Lock()

    def sight(self, sighting: Sighting) -> int:
        """Somebody writes: her account's number. What is verified of her joins it to what has the same verified."""
        name = fold_name(sighting.name)
        digest = self.name_subject(sighting.shop, sighting.channel, sighting.user)
        values = {
            "shop": sighting.shop,
            "digest": digest,
            "channel": sighting.channel,
            "name": self.vault.digest(sighting.shop, "name", name) if name else "",
        }
        marks = {item: self._digest(sighting.shop, item) for item in sighting.marks}
        with self.engine.connect() as connection:
            known = self._find_known(connection, sighting, values, marks)
        if known is not None:
            return known
        with self.write(sighting.shop) as connection:
            number = self._keep_account(connection, values)
            self._keep_conversation(connection, sighting, number)
            self._keep_marks(connection, sighting.shop, sighting.channel, number, marks)
        return number

    def prove(self, shop: str, conversation_id: str, item: Mark) -> None:
        """Something was verified of a conversation's buyer besides, as an order by its address; UnknownBuyerError."""
        with self.write(shop) as connection:
            number = self.find_account(connection, shop, conversation_id)
            channel = connection.execute(sa.select(account.c.channel).where(account.c.number == number)).scalar_one()
            self._keep_marks(connection, shop, channel, number, {item: self._digest(shop, item)})

    def join(self, shop: str, one: str, other: str, *, who: str, why: str, opens: bool = False) -> int | None:
        """A person joins two conversations' buyers; the join's number, None where they are one already.

        ``opens``: she has made sure who it is, so that orders of one are shown to the other. UnknownBuyerError.
        """
        with self.write(shop) as connection:
            left, right = (self.find_account(connection, shop, conversation_id) for conversation_id in (one, other))
            return Joins(connection, shop, self.clock()).join(left, right, PERSON, "", opens=opens, who=who, why=why)

    def separate(self, shop: str, number: int, *, who: str, why: str) -> tuple[int, int]:
        """A person takes a join back: the two buyers, as they were. UnknownBuyerError where it is not in force."""
        with self.write(shop) as connection:
            joins = Joins(connection, shop, self.clock())
            join = joins.find_join(number)
            if join is None:
                raise UnknownBuyerError(str(number))
            return joins.separate(join, who=who, why=why, for_good=True)

    def forget(self, shop: str, conversation_id: str, *, who: str) -> int:
        """Delete what is known of a conversation's buyer: how many accounts. UnknownBuyerError.

        That she wants no messages stays, under a digest: else she would be written to again.
        """
        with self.write(shop) as connection:
            joins = Joins(connection, shop, self.clock())
            buyer = joins.find_buyer(self.find_account(connection, shop, conversation_id))
            accounts = joins.list_accounts(buyer)
            subjects = sa.select(account.c.digest).where(account.c.number.in_(accounts))
            of_her = (consent.c.shop == shop) & consent.c.subject.in_(list(connection.execute(subjects).scalars()))
            connection.execute(sa.delete(consent).where(of_her, consent.c.given))
            connection.execute(sa.update(consent).where(of_her).values(words="", conversation_id="", proof=""))
            for table, column in ((mark, mark.c.account), (conversation, conversation.c.account)):
                connection.execute(sa.delete(table).where(column.in_(accounts)))
            connection.execute(sa.delete(apart).where(apart.c.low.in_(accounts) | apart.c.high.in_(accounts)))
            connection.execute(sa.delete(event).where(event.c.one.in_(accounts) | event.c.other.in_(accounts)))
            connection.execute(sa.delete(account).where(account.c.number.in_(accounts)))
            joins.note_forgotten(buyer, who)
            return len(accounts)

    def name_subject(self, shop: str, channel: str, user: str) -> str:
        """What accounts and consents know her by."""
        return self.vault.digest(shop, "account", channel, user)

    def find_account(self, connection: sa.engine.Connection, shop: str, conversation_id: str) -> int:
        """The account that writes in a conversation; UnknownBuyerError where nobody does, or in another shop."""
        query = sa.select(conversation.c.account).where(
            conversation.c.conversation_id == conversation_id, conversation.c.shop == shop
        )
        found = connection.execute(query).scalar()
        if found is None:
            raise UnknownBuyerError(conversation_id)
        return int(found)

    @contextlib.contextmanager
    def write(self, shop: str) -> Iterator[sa.engine.Connection]:
        """A transaction that alone changes this shop's buyers."""
        with contextlib.ExitStack() as opened:
            if self.engine.dialect.name == "sqlite":
                # A process's own writers queue here: SQLite would let them look again in pauses that grow.
                opened.enter_context(self._lock)
            connection = opened.enter_context(database.write(self.engine))
            if self.engine.dialect.name == "postgresql":
                number = int.from_bytes(hashlib.sha256(f"buyers:{shop}".encode()).digest()[:8], "big", signed=True)
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        self.engine.dispose()

    def _digest(self, shop: str, item: Mark) -> str:
        return self.vault.digest(shop, item.kind.value, item.value)

    def _keep_marks(
        self, connection: sa.engine.Connection, shop: str, channel: str, number: int, marks: dict[Mark, str]
    ) -> None:
        keeper = _Marks(connection, shop, channel, self.vault, self.clock(), number)
        touched = {number}
        for item, found in marks.items():
            touched |= keeper.keep(item, found)
        for each in sorted(touched):
            keeper.match(each)

    def _find_known(
        self, connection: sa.engine.Connection, sighting: Sighting, values: dict[str, str], marks: dict[Mark, str]
    ) -> int | None:
        """Her account where all is as it was; None where something is to be written."""
        own = (account.c.shop == values["shop"]) & (account.c.digest == values["digest"])
        row = connection.execute(
            sa.select(account.c.number, account.c.name)
            .join(conversation, conversation.c.account == account.c.number)
            .where(own, conversation.c.conversation_id == sighting.conversation_id)
        ).first()
        if row is None or values["name"] not in ("", row.name):
            return None
        held = sa.select(mark.c.kind, mark.c.digest, mark.c.seen_at).where(mark.c.account == row.number)
        fresh = {(kind, digest) for kind, digest, at in connection.execute(held) if at > self.clock() - SEEN_EVERY}
        return int(row.number) if {(item.kind.value, found) for item, found in marks.items()} <= fresh else None

    def _keep_account(self, connection: sa.engine.Connection, values: dict[str, str]) -> int:
        own = (account.c.shop == values["shop"]) & (account.c.digest == values["digest"])
        row = connection.execute(sa.select(account.c.number, account.c.name).where(own)).first()
        if row is not None:
            if values["name"] not in ("", row.name):
                connection.execute(sa.update(account).where(own).values(name=values["name"]))
            return int(row.number)
        insert = sa.insert(account).values(**values, buyer=0, first_at=self.clock())
        number = int(connection.execute(insert).inserted_primary_key[0])
        connection.execute(sa.update(account).where(own).values(buyer=number))
        return number

    def _keep_conversation(self, connection: sa.engine.Connection, sighting: Sighting, number: int) -> None:
        own = conversation.c.conversation_id == sighting.conversation_id
        known = connection.execute(sa.select(conversation.c.account).where(own)).first()
        values = {"shop": sighting.shop, "account": number}
        if known is None:
            insert = sa.insert(conversation).values(
                conversation_id=sighting.conversation_id, first_at=self.clock(), **values
            )
            connection.execute(insert)
        elif known.account != number:
            connection.execute(sa.update(conversation).where(own).values(values))


class _Marks:
    """What is verified of one account now."""

    def __init__(
        self, connection: sa.engine.Connection, shop: str, channel: str, vault: Vault, now: float, number: int
    ) -> None:
        self._connection = connection
        self._shop = shop
        self._channel = channel
        self._vault = vault
        self._now = now
        self._number = number
        self._joins = Joins(connection, shop, now)

    def keep(self, item: Mark, digest: str) -> set[int]:
        """Keep a mark; the accounts that may be joined otherwise now."""
        kind, touched = item.kind.value, set[int]()
        held = self._list(mark.c.account == self._number, mark.c.kind == kind)
        same = next((row for row in held if row.digest == digest), None)
        if item.sole:
            others = self._list(mark.c.kind == kind, mark.c.digest == digest, mark.c.account != self._number)
            for row in others:
                if row.channel == self._channel:
                    touched |= self._drop(row.account, kind, digest)
        if item.kind is not MarkKind.ORDER:
            for row in held:
                if row.digest != digest:
                    touched |= self._drop(self._number, kind, row.digest)
        if same is not None:
            if self._has_ended(item.kind, same.seen_at):
                # Silent for so long, it may have become somebody else's: what it joined was another's.
                touched |= self._cut(self._number, kind, digest)
            own = (mark.c.account == self._number) & (mark.c.kind == kind) & (mark.c.digest == digest)
            self._connection.execute(sa.update(mark).where(own).values(seen_at=self._now))
            return touched
        sealed = self._vault.seal(item.value) if item.kind in OPENING else ""
        values = {"account": self._number, "kind": kind, "digest": digest, "shop": self._shop, "sealed": sealed}
        self._connection.execute(sa.insert(mark).values(**values, first_at=self._now, seen_at=self._now))
        return touched

    def match(self, number: int) -> None:
        """Join an account with those that have the same verified."""
        for own in self._list(mark.c.account == number):
            kind = MarkKind(own.kind)
            if self._has_ended(kind, own.seen_at):
                continue
            holders = self._list(mark.c.kind == own.kind, mark.c.digest == own.digest)
            holders = [row for row in holders if not self._has_ended(kind, row.seen_at)]
            buyers = {row.buyer for row in holders}
            if len(buyers) < 2 or len(holders) > _MOST_JOINED or self._joins.are_apart(buyers):
                continue
            for row in holders:
                if row.account != number:
                    self._joins.join(
                        number,
                        row.account,
                        own.kind,
                        own.digest,
                        opens=kind in OPENING,
                        who="",
                        why="the same, verified",
                    )

    def _drop(self, number: int, kind: str, digest: str) -> set[int]:
        """It is no longer this account's, nor what it has joined."""
        own = (mark.c.account == number) & (mark.c.kind == kind) & (mark.c.digest == digest)
        self._connection.execute(sa.delete(mark).where(own))
        return self._cut(number, kind, digest)

    def _cut(self, number: int, kind: str, digest: str) -> set[int]:
        touched = {number}
        for join in self._joins.list_joins([number]):
            by_mark = join.cause == kind and join.digest == digest
            # Whom a person has known in this account is gone with its address; a number changes with its owner still there.
            by_person = join.cause == PERSON and MarkKind(kind) in OPENING
            if by_mark or by_person:
                buyer = self._joins.find_buyer(number)
                touched |= set(self._joins.list_accounts(buyer))
                self._joins.separate(join, who="", why=f"{kind} has changed", for_good=False)
        return touched

    def _list(self, *conditions: sa.sql.ColumnElement[bool]) -> list[sa.engine.Row]:
        query = sa.select(mark, account.c.channel, account.c.buyer).join(account, account.c.number == mark.c.account)
        query = query.where(mark.c.shop == self._shop, *conditions).order_by(mark.c.account)
        return list(self._connection.execute(query))

    def _has_ended(self, kind: MarkKind, seen_at: float) -> bool:
        return has_ended(kind, self._now - seen_at)


@functools.lru_cache(maxsize=4)
def open_buyers(url: str, secret: str) -> BuyerStore:
    """Open a database, once in a process."""
    return BuyerStore(url, secret)
