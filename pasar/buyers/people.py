"""What is known of a conversation's buyer: for the desk, and for her own orders."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from pasar.buyers.joins import Joins, reach
from pasar.buyers.marks import MarkKind, has_ended
from pasar.buyers.model import Account, Join, Person, Suggestion
from pasar.buyers.schema import account, apart, conversation, event, mark
from pasar.buyers.store import BuyerStore
from pasar.commerce.model import Buyer

MOST_SUGGESTED = 10


def find_person(store: BuyerStore, shop: str, conversation_id: str) -> Person:
    """The buyer of a conversation; UnknownBuyerError."""
    with store.engine.connect() as connection:
        own = store.find_account(connection, shop, conversation_id)
        joins = Joins(connection, shop, store.clock())
        buyer = joins.find_buyer(own)
        numbers = joins.list_accounts(buyer)
        found = tuple(_read_join(row) for row in joins.list_joins(numbers))
        suggested = dict(_suggest(connection, shop, numbers))
        accounts = _read_accounts(connection, [*numbers, *suggested])
        suggestions = tuple(Suggestion(accounts[number], cause) for number, cause in suggested.items())
        return Person(buyer, tuple(accounts[number] for number in numbers), found, suggestions)


def find_owner(store: BuyerStore, shop: str, conversation_id: str, platform: str = "") -> Buyer | None:
    """Whose orders a conversation may be shown: what is verified of its account, and of those that joins open to it.

    None where nothing is. To be asked only for who is verified at this moment: who writes by the platform's account, or
    shows the site's token. ``platform`` is the one that the shop's orders are on: accounts of another are left out.
    """
    with store.engine.connect() as connection:
        query = sa.select(conversation.c.account).where(
            conversation.c.conversation_id == conversation_id, conversation.c.shop == shop
        )
        own = connection.execute(query).scalar()
        if own is None:
            return None
        joins = Joins(connection, shop, store.clock())
        numbers = joins.list_accounts(joins.find_buyer(own))
        open_to = reach(own, [(row.one, row.other) for row in joins.list_joins(numbers) if row.opens])
        kinds = [MarkKind.EMAIL.value, MarkKind.ACCOUNT.value]
        held = sa.select(mark).where(mark.c.account.in_(open_to), mark.c.kind.in_(kinds))
        values: dict[str, str] = {}
        # Her own come first, then those of the oldest account: a buyer has one of each.
        for row in sorted(connection.execute(held), key=lambda row: (row.account != own, row.account)):
            if has_ended(MarkKind(row.kind), store.clock() - row.seen_at):
                continue
            value = store.vault.unseal(row.sealed)
            if row.kind == MarkKind.EMAIL.value or value.startswith(f"{platform}:"):
                values.setdefault(row.kind, value)
    buyer = Buyer(email=values.get("email", ""), account=values.get("account", "").partition(":")[2])
    return buyer if buyer.email or buyer.account else None


def find_subject(store: BuyerStore, shop: str, conversation_id: str) -> str:
    """What consents know the writer of a conversation by; UnknownBuyerError."""
    with store.engine.connect() as connection:
        own = store.find_account(connection, shop, conversation_id)
        return str(connection.execute(sa.select(account.c.digest).where(account.c.number == own)).scalar_one())


def list_events(store: BuyerStore, shop: str, conversation_id: str) -> list[dict[str, object]]:
    """What was done with the accounts of a conversation's buyer, the earliest first; UnknownBuyerError."""
    with store.engine.connect() as connection:
        own = store.find_account(connection, shop, conversation_id)
        joins = Joins(connection, shop, store.clock())
        numbers = joins.list_accounts(joins.find_buyer(own))
        touches = event.c.one.in_(numbers) | event.c.other.in_(numbers)
        rows = connection.execute(sa.select(event).where(event.c.shop == shop, touches).order_by(event.c.number))
        return [
            {
                "number": row.number, "kind": row.kind, "cause": row.cause, "opens": row.opens, "who": row.who,
                "why": row.why, "at": _read_time(row.at).isoformat(), "undoes": row.undoes,
            }
            for row in rows
        ]  # fmt: skip


def _suggest(connection: sa.engine.Connection, shop: str, numbers: Collection[int]) -> Iterator[tuple[int, str]]:
    """Accounts with the same name, or a mark that joins no longer by itself, and why; none that a person has separated."""
    held = sa.select(mark.c.kind, mark.c.digest).where(mark.c.account.in_(numbers))
    names = sa.select(account.c.name).where(account.c.number.in_(numbers), account.c.name != "")
    separated = sa.select(apart.c.low, apart.c.high).where(
        apart.c.shop == shop, apart.c.low.in_(numbers) | apart.c.high.in_(numbers)
    )
    left_out = set(numbers).union(*map(tuple, connection.execute(separated)))
    same_mark = (
        sa.select(mark.c.account, mark.c.kind)
        .where(
            mark.c.shop == shop, sa.tuple_(mark.c.kind, mark.c.digest).in_(list(map(tuple, connection.execute(held))))
        )
        .order_by(mark.c.account.desc())
    )
    same_name = (
        sa.select(account.c.number, sa.literal("name"))
        .where(account.c.shop == shop, account.c.name.in_(list(connection.execute(names).scalars())))
        .order_by(account.c.number.desc())
    )
    found = 0
    for query in (same_mark, same_name):
        for number, cause in connection.execute(query.limit(MOST_SUGGESTED + len(left_out))):
            if number not in left_out and found < MOST_SUGGESTED:
                left_out.add(number)
                found += 1
                yield number, cause


def _read_accounts(connection: sa.engine.Connection, numbers: Collection[int]) -> dict[int, Account]:
    talks, marks = collections.defaultdict[int, list[str]](list), collections.defaultdict[int, set[str]](set)
    query = sa.select(conversation.c.account, conversation.c.conversation_id).where(conversation.c.account.in_(numbers))
    for number, conversation_id in connection.execute(query.order_by(conversation.c.first_at)):
        talks[number].append(conversation_id)
    for number, kind in connection.execute(sa.select(mark.c.account, mark.c.kind).where(mark.c.account.in_(numbers))):
        marks[number].add(kind)
    rows = connection.execute(sa.select(account).where(account.c.number.in_(numbers)))
    return {
        row.number: Account(
            row.number,
            row.channel,
            tuple(talks[row.number]),
            tuple(sorted(marks[row.number])),
            _read_time(row.first_at),
        )
        for row in rows
    }


def _read_join(row: sa.engine.Row) -> Join:
    return Join(row.number, row.one, row.other, row.cause, row.opens, row.who, row.why, _read_time(row.at))


def _read_time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
