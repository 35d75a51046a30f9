"""Streams, comments and questions, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from pasar.live.clusters import Placed, Treatment
from pasar.live.comment import Comment, Stream
from pasar.live.store import LEASE, LiveStore
from pasar.messages.sql import SqlDatabase
from tests.commerce.platforms.databases import postgresql
from tests.messages.contract import Clock
from tests.messages.databases import make_postgresql, make_sqlite

__all__ = ["postgresql"]

HERE = Stream("shopeelive", "main", "6236215")
AT = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)


def write(number, text="cod?", **changes):
    values = {"where": HERE, "shop": "stylehub", "comment_id": str(number), "author": f"u{number}", "sent_at": AT}
    return Comment(**{**values, "text": text, **changes})


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path):
    """Two processes' stores of one database, with one clock."""
    url = make_sqlite(tmp_path) if request.param == "sqlite" else make_postgresql(request.getfixturevalue("postgresql"))
    clock = Clock()
    databases = [SqlDatabase(url, clock) for _ in range(2)]
    found = [LiveStore(database) for database in databases]
    for store in found:
        store.clock = clock
    yield found
    for database in databases:
        database.close()


@pytest.fixture
def store(stores):
    return stores[0]


async def ask(store, *texts, cluster="cod.1", language="id"):
    """Comments that came and ask one question."""
    known = sum(number for number, _ in (await store.count(HERE)).values())
    await store.accept([write(known + place, text) for place, text in enumerate(texts)])
    placed = Placed(Treatment.ANSWER, "cod_available", cluster, "", {})
    await store.place(HERE, [(comment, placed, language) for comment in await store.list_waiting(HERE, 100)])


async def test_what_comes_at_two_processes_is_kept_once(stores):
    calls = [[write(number) for number in range(first, first + 30)] for first in range(0, 100, 10)]
    kept = await asyncio.gather(*(store.accept(call) for call in calls for store in stores))
    assert 120 == sum(kept)
    assert 120 == len(await stores[0].list_waiting(HERE, 500))


async def test_a_comment_is_about_what_is_shown_when_it_comes(store):
    await store.accept([write(1)])
    await store.show_product(HERE, "BAG-01")
    await store.accept([write(1), write(2)])
    assert ["", "BAG-01"] == [comment.product for comment in await store.list_waiting(HERE, 10)]


async def test_one_process_has_a_stream(stores):
    first, second = stores
    await first.open_stream(HERE, "stylehub")
    assert await first.claim_stream(HERE, "a")
    assert not await second.claim_stream(HERE, "b")
    first.clock.pass_by(LEASE - 1)
    assert await first.claim_stream(HERE, "a")  # held longer
    first.clock.pass_by(LEASE - 1)
    assert not await second.claim_stream(HERE, "b")
    first.clock.pass_by(2)
    assert await second.claim_stream(HERE, "b")
    assert not await first.claim_stream(HERE, "a")
    await second.release_streams("b")
    assert await first.claim_stream(HERE, "a")


async def test_an_ended_stream_is_nobodys_until_the_host_says_so(store):
    await store.open_stream(HERE, "stylehub")
    assert await store.end_stream(HERE)
    assert not await store.end_stream(HERE)
    assert not await store.claim_stream(HERE, "a")
    await store.open_stream(HERE, "stylehub")
    assert [] == await store.list_streams()
    await store.open_stream(HERE, "stylehub", again=True)
    assert [HERE] == [followed.where for followed in await store.list_streams()]


async def test_comments_join_their_question(store):
    await ask(store, "cod?", "bisa cod")
    await ask(store, "มีเก็บปลายทางไหม", language="th")
    now = store.now
    found = {cluster.language: cluster for cluster in await store.list_due(HERE, now, 10)}
    assert {"id": (2, "cod?"), "th": (1, "มีเก็บปลายทางไหม")} == {
        code: (cluster.asked, cluster.question) for code, cluster in found.items()
    }
    assert [] == await store.list_waiting(HERE, 10)


async def test_a_comment_is_placed_once(store):
    """Two processes that both believe to have a stream."""
    await store.accept([write(1)])
    (comment,) = await store.list_waiting(HERE, 10)
    placed = [(comment, Placed(Treatment.ANSWER, "cod_available", "cod.1", "", {}), "id")]
    await asyncio.gather(store.place(HERE, placed), store.place(HERE, placed))
    (cluster,) = await store.list_due(HERE, store.now, 10)
    assert 1 == cluster.asked


async def test_what_most_ask_goes_first(store):
    await ask(store, "ongkir?", cluster="shipping.1")
    await ask(store, "a", "b", "c", cluster="cod.1")
    await ask(store, "d", "e", cluster="size.1")
    assert ["cod.1", "size.1", "shipping.1"] == [one.cluster for one in await store.list_due(HERE, store.now, 10)]


async def test_an_answer_is_known_until_it_is_in_the_outbox(store):
    await ask(store, "cod?", "bisa cod")
    (cluster,) = await store.list_due(HERE, store.now, 10)
    assert not await store.is_settled(HERE)
    await store.answer(cluster, "Bisa kak.", "truth", "a" * 32)
    (unsaid,) = await store.list_unsaid(HERE)
    assert ("Bisa kak.", "a" * 32) == (unsaid.answer, unsaid.key)
    assert {"answer": (2, 2)} == await store.count(HERE)
    await store.mark_said(cluster)  # of an older answer: this one is not said
    assert [unsaid] == await store.list_unsaid(HERE)
    await store.mark_said(unsaid)
    assert [] == await store.list_unsaid(HERE)
    assert await store.is_settled(HERE)
    assert ["Bisa kak."] == await store.list_answers(HERE, 0)


async def test_who_asks_later_opens_the_question_again(store):
    await ask(store, "cod?")
    (cluster,) = await store.list_due(HERE, store.now, 10)
    await store.answer(cluster, "Bisa kak.", "truth", "a" * 32)
    assert [] == await store.list_due(HERE, store.now, 10)
    store.clock.pass_by(5)
    await ask(store, "cod ga")
    assert [] == await store.list_due(HERE, store.now - 1, 10)
    (again,) = await store.list_due(HERE, store.now, 10)
    assert ("Bisa kak.", 2) == (again.answer, again.asked)
    assert {"answer": (2, 1)} == await store.count(HERE)
    await store.serve(again)
    assert {"answer": (2, 2)} == await store.count(HERE)


async def test_each_author_is_told_once(store):
    await ask(store, "cod?", "bisa cod")
    assert [] == await store.list_untold(HERE, 10)
    (cluster,) = await store.list_due(HERE, store.now, 10)
    await store.answer(cluster, "Bisa kak.", "truth", "a" * 32)
    untold = await store.list_untold(HERE, 10)
    assert [("u0", "Bisa kak.", AT), ("u1", "Bisa kak.", AT)] == [
        (one.author, one.answer, one.sent_at) for one in untold
    ]
    await store.mark_told([one.number for one in untold])
    assert [] == await store.list_untold(HERE, 10)


async def test_what_is_left_to_the_host_is_no_answer(store):
    await ask(store, "cod?")
    (cluster,) = await store.list_due(HERE, store.now, 10)
    await store.leave(cluster, "too long", "truth", answer="A long one.")
    (left,) = await store.list_clusters(HERE)
    assert ("too long", "A long one.", None) == (left.left_reason, left.answer, left.open_since)
    assert ([], []) == (await store.list_unsaid(HERE), await store.list_untold(HERE, 10))
    assert [] == await store.list_answers(HERE, 0)


async def test_old_comments_are_forgotten_but_not_what_waits(store):
    await ask(store, "cod?")
    await store.accept([write(7)])
    assert 1 == await store.forget(store.now + 1)
    assert 1 == len(await store.list_waiting(HERE, 10))
