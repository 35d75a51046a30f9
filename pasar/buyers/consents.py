"""What a buyer has agreed to receive on a channel: dated records that are only added to.

Consent is hers where she gave it, and nowhere else. Her withdrawal counts on that channel for every account of hers, so
that who writes STOP from one telephone is not written to on the other.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Sequence

import sqlalchemy as sa

from pasar.buyers.schema import account, consent
from pasar.buyers.store import BuyerStore
from pasar.messages.model import Purpose

#: What "stop" means: messages about her own orders still come, and are withdrawn by name or by the platform.
PROMOTIONS = (Purpose.PROMOTION, Purpose.REVIEW)
UNASKED = (*PROMOTIONS, Purpose.SERVICE)


class Way(enum.Enum):
    """How a buyer said so."""

    WORDS = "words"  # in the conversation
    PLATFORM = "platform"  # by the platform's own switch, or by leaving
    SITE = "site"  # on the shop's site
    DESK = "desk"  # to a person, who noted it


@dataclasses.dataclass(frozen=True)
class Statement:
    """What a buyer has said, and what shows it."""

    shop: str
    channel: str
    user: str  #: the channel's id of her
    purposes: tuple[Purpose, ...]
    given: bool
    way: Way
    conversation_id: str
    proof: str  #: the platform's id of the message or notice, or who noted it: the same twice is said once
    words: str = ""  #: hers, or those she agreed to
    at: datetime.datetime | None = None  #: aware; None for now
    subject: str = ""  #: her digest, where only that is known instead of ``user``


@dataclasses.dataclass(frozen=True)
class Standing:
    """What may be sent to her for which purpose."""

    given: frozenset[Purpose] = frozenset()
    withdrawn: frozenset[Purpose] = frozenset()


@dataclasses.dataclass(frozen=True)
class Record:
    """A record as it is kept."""

    channel: str
    purpose: Purpose
    given: bool
    way: Way
    words: str
    conversation_id: str
    proof: str
    at: datetime.datetime


def record(store: BuyerStore, statement: Statement) -> bool:
    """Keep what she said; whether it changed anything (the same answer however often the same is recorded)."""
    subject = statement.subject or store.name_subject(statement.shop, statement.channel, statement.user)
    at = store.clock() if statement.at is None else statement.at.timestamp()
    changed = False
    with store.write(statement.shop) as connection:
        for purpose in statement.purposes:
            named = (subject, statement.way.value, statement.proof, purpose.value)
            key = store.vault.digest(statement.shop, "consent", *named)
            known = connection.execute(sa.select(consent.c.changed).where(consent.c.key == key)).first()
            if known is not None:
                changed = changed or known.changed
                continue
            last = _find_last(connection, statement.shop, [subject]).get((subject, purpose.value))
            # What came late was overtaken by what she has said since.
            is_change = last is None or (last[0] <= at and last[1] != statement.given)
            values = {
                "key": key, "shop": statement.shop, "subject": subject, "channel": statement.channel,
                "purpose": purpose.value, "given": statement.given, "changed": is_change, "way": statement.way.value,
                "words": statement.words[:500], "conversation_id": statement.conversation_id,
                "proof": statement.proof[:255], "at": at,
            }  # fmt: skip
            connection.execute(sa.insert(consent).values(values))
            changed = changed or is_change
    return changed


def find_standing(store: BuyerStore, shop: str, channel: str, users: Sequence[str]) -> Standing:
    """What holds now for who is written to; ``users``: by all names the channel has for her."""
    own = [store.name_subject(shop, channel, user) for user in users]
    with store.engine.connect() as connection:
        buyers = sa.select(account.c.buyer).where(account.c.shop == shop, account.c.digest.in_(own))
        joined = sa.select(account.c.digest).where(
            account.c.shop == shop, account.c.channel == channel, account.c.buyer.in_(buyers)
        )
        subjects = {*own, *connection.execute(joined).scalars()}
        last = _find_last(connection, shop, sorted(subjects))
    hers: dict[str, tuple[float, bool]] = {}
    for (subject, purpose), said in last.items():
        # By two names at the same moment: that she wants none.
        if subject in own and (
            purpose not in hers or (said[0], not said[1]) > (hers[purpose][0], not hers[purpose][1])
        ):
            hers[purpose] = said
    agreed_at = {purpose: at for purpose, (at, given) in hers.items() if given}
    # What she said elsewhere before she agreed here is overtaken.
    withdrawn = {
        purpose for (_, purpose), (at, given) in last.items() if not given and at >= agreed_at.get(purpose, at)
    }
    return Standing(frozenset(map(Purpose, agreed_at.keys() - withdrawn)), frozenset(map(Purpose, withdrawn)))


def list_records(store: BuyerStore, shop: str, accounts: Sequence[int]) -> list[Record]:
    """All that the buyer of these accounts has said, the earliest first."""
    subjects = sa.select(account.c.digest).where(account.c.shop == shop, account.c.number.in_(accounts))
    query = sa.select(consent).where(consent.c.shop == shop, consent.c.subject.in_(subjects))
    with store.engine.connect() as connection:
        return [
            Record(
                row.channel, Purpose(row.purpose), row.given, Way(row.way), row.words, row.conversation_id, row.proof,
                datetime.datetime.fromtimestamp(row.at, datetime.timezone.utc),
            )
            for row in connection.execute(query.order_by(consent.c.at, consent.c.number))
        ]  # fmt: skip


def _find_last(
    connection: sa.engine.Connection, shop: str, subjects: Sequence[str]
) -> dict[tuple[str, str], tuple[float, bool]]:
    """When each said last what of each purpose."""
    query = sa.select(consent).where(consent.c.shop == shop, consent.c.subject.in_(subjects))
    found: dict[tuple[str, str], tuple[float, bool]] = {}
    # At the same moment the one that was recorded later counts.
    for row in connection.execute(query.order_by(consent.c.at, consent.c.number)):
        found[row.subject, row.purpose] = (row.at, row.given)
    return found
