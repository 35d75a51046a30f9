"""Webhooks are kept until they are applied, once each; invitations are redeemed once."""

from __future__ import annotations

import asyncio
import datetime

import pytest
import sqlalchemy as sa
import time_machine

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.api import Notice, NoticeKind
from pasar.commerce.platforms.inbox import CLAIM, KEPT, PAUSES, Inbox
from pasar.commerce.platforms.invitations import LASTS, Invitations
from pasar.commerce.platforms.schema import shop_invitation, shop_notice
from pasar.database import create_engine
from tests.commerce.platforms.databases import database, postgresql

__all__ = ["database", "postgresql"]

SECOND = datetime.timedelta(seconds=1)


def changed(reference="id-1", notice_id="", kind=NoticeKind.PRODUCT_CHANGED) -> Notice:
    return Notice(kind, reference, notice_id, kind.value)


@pytest.fixture
def engine(database):
    engine = create_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def inbox(engine) -> Inbox:
    return Inbox(engine)


@pytest.fixture
def clock():
    """A clock that stands where a test puts it."""
    with time_machine.travel(datetime.datetime.now(datetime.timezone.utc), tick=False) as traveller:
        yield traveller


def count(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(shop_notice)).scalar()


async def test_what_was_put_in_is_taken_once(inbox):
    assert await inbox.put("shop", changed("id-1", "e-1"))
    batch = await inbox.take()
    assert ("shop", "id-1", NoticeKind.PRODUCT_CHANGED) == (batch.shop_id, batch.notice.reference, batch.notice.kind)
    assert await inbox.take() is None
    await inbox.finish(batch)
    assert await inbox.take() is None


async def test_it_is_there_for_another_process(inbox, database):
    await inbox.put("shop", changed())
    engine = create_engine(database)
    assert await Inbox(engine).take() is not None
    engine.dispose()


async def test_one_event_is_one_row_of_its_shop(inbox, engine):
    assert [True, False, False] == [await inbox.put("shop", changed(notice_id="e-1")) for _ in range(3)]
    assert await inbox.put("other", changed(notice_id="e-1"))
    assert await inbox.put("shop", changed(notice_id="e-2"))
    batch = await inbox.take()
    await inbox.finish(batch)
    assert not await inbox.put("shop", changed(notice_id="e-1"))
    assert 3 == count(engine)


async def test_five_at_once_are_one(inbox):
    new = await asyncio.gather(*(inbox.put("shop", changed(notice_id="e-1")) for _ in range(5)))
    assert [False, False, False, False, True] == sorted(new)


async def test_events_without_ids_are_all_kept_and_applied_at_once(inbox):
    assert all([await inbox.put("shop", changed()) for _ in range(5)])
    batch = await inbox.take()
    assert 5 == batch.size
    await inbox.finish(batch)
    assert await inbox.take() is None


async def test_what_comes_while_it_is_applied_is_applied_after_it(inbox):
    """It may tell of what was not there yet when the product was read."""
    await inbox.put("shop", changed())
    first = await inbox.take()
    await inbox.put("shop", changed())
    await inbox.put("shop", changed("id-2"))
    assert "id-2" == (await inbox.take()).notice.reference
    assert await inbox.take() is None
    await inbox.finish(first)
    second = await inbox.take()
    assert ("id-1", 1) == (second.notice.reference, second.size)


@pytest.mark.parametrize(
    "kind", sorted(set(NoticeKind) - {NoticeKind.PRODUCT_CHANGED, NoticeKind.PRODUCT_DELETED}, key=str)
)
async def test_what_changes_nothing_here_is_noted_only(inbox, engine, kind):
    assert await inbox.put("shop", changed(notice_id="e-1", kind=kind))
    assert await inbox.take() is None
    assert not await inbox.put("shop", changed(notice_id="e-1", kind=kind))
    assert 1 == count(engine)


async def test_a_crash_leaves_a_claim_that_ends(inbox, clock):
    await inbox.put("shop", changed())
    crashed = await inbox.take()
    clock.shift(CLAIM - SECOND)
    assert await inbox.take() is None
    clock.shift(SECOND)
    again = await inbox.take()
    assert again is not None
    await inbox.finish(crashed)  # whoever comes back too late settles nothing
    clock.shift(CLAIM)
    assert await inbox.take() is not None


async def test_what_fails_is_tried_again_later_and_at_last_given_up(inbox, clock):
    await inbox.put("shop", changed())
    for pause in PAUSES:
        assert await inbox.postpone(await inbox.take())
        clock.shift(pause - SECOND)
        assert await inbox.take() is None
        clock.shift(SECOND)
    assert not await inbox.postpone(await inbox.take())
    clock.shift(KEPT / 2)
    assert await inbox.take() is None


async def test_news_of_the_same_thing_need_not_wait_for_what_was_postponed(inbox, clock):
    await inbox.put("shop", changed())
    await inbox.postpone(await inbox.take())
    await inbox.put("shop", changed())
    assert 2 == (await inbox.take()).size


async def test_settled_ones_are_forgotten_when_no_platform_repeats_them(inbox, engine, clock):
    await inbox.put("shop", changed(notice_id="e-1"))
    await inbox.finish(await inbox.take())
    await inbox.put("shop", changed("id-2", notice_id="e-2"))
    clock.shift(KEPT)
    assert 0 == await inbox.prune()
    clock.shift(SECOND)
    assert 1 == await inbox.prune()
    assert "id-2" == (await inbox.take()).notice.reference


async def test_ids_and_topics_of_any_length_are_kept(inbox):
    notice = Notice(NoticeKind.PRODUCT_CHANGED, "id-1", "é" * 9000, "t" * 9000)
    assert [True, False] == [await inbox.put("shop", notice), await inbox.put("shop", notice)]


async def test_a_database_that_is_away_is_told(tmp_path):
    inbox = Inbox(create_engine(f"sqlite:///{tmp_path / 'none.db'}"))
    with pytest.raises(ShopUnavailableError, match="the inbox"):
        await inbox.put("shop", changed())


async def test_an_invitation_is_redeemed_once(engine):
    invitations = Invitations(engine)
    state = await invitations.issue("shop")
    assert len(state) >= 43  # 256 bits
    assert await invitations.redeem("another") is None
    assert "shop" == await invitations.redeem(state)
    assert await invitations.redeem(state) is None


async def test_of_two_that_redeem_at_once_one_does(engine):
    invitations = Invitations(engine)
    state = await invitations.issue("shop")
    found = await asyncio.gather(*(invitations.redeem(state) for _ in range(5)))
    assert 1 == found.count("shop")


async def test_an_invitation_ends(engine, clock):
    invitations = Invitations(engine)
    state, other = await invitations.issue("shop"), await invitations.issue("shop")
    clock.shift(LASTS - SECOND)
    assert "shop" == await invitations.redeem(state)
    clock.shift(SECOND)
    assert await invitations.redeem(other) is None
    await invitations.issue("shop")
    with engine.connect() as connection:
        rows = connection.execute(sa.select(shop_invitation)).all()
    assert 1 == len(rows)  # those that have ended are gone


async def test_the_table_does_not_hold_the_state(engine):
    state = await Invitations(engine).issue("shop")
    with engine.connect() as connection:
        [row] = connection.execute(sa.select(shop_invitation)).all()
    assert state not in str(tuple(row))
