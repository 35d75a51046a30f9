"""Media and their files, on SQLite and on PostgreSQL."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import multiprocessing
import os
import pathlib
import signal

import pytest
import sqlalchemy as sa

from pasar.media import limits
from pasar.media.files import Files
from pasar.media.model import Content, RefusedError, State, Wish
from pasar.media.store import LEASE, ORPHAN_SECONDS, MediaStore
from pasar.messages.model import Kind
from tests.commerce.platforms.databases import postgresql
from tests.media.test_limits import JPEG
from tests.messages.contract import Clock
from tests.messages.databases import make_postgresql, make_sqlite

__all__ = ["postgresql"]

TALK = "line:main:U1"
DAY = 24 * 3600.0


def wish(number=1, talk=TALK, **changes):
    values = {
        "shop": "stylehub", "channel": "line", "account": "main", "conversation_id": talk, "message_id": f"m-{number}",
        "kind": Kind.IMAGE, "facts": {"media_id": str(number)},
    }  # fmt: skip
    return Wish(**{**values, **changes})


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path):
    """Two processes' stores of one database and one folder, with one clock."""
    url = make_sqlite(tmp_path) if request.param == "sqlite" else make_postgresql(request.getfixturevalue("postgresql"))
    clock = Clock()
    found = [MediaStore(url, tmp_path / "media", clock) for _ in range(2)]
    yield found
    for store in found:
        store.dispose()


@pytest.fixture
def store(stores):
    return stores[0]


def list_files(store):
    return sorted(path.name for path in store.files._folder.glob("**/*") if path.is_file())


def keep(store, number=1, data=JPEG, **changes):
    store.want([wish(number, **changes)])
    (medium,) = store.claim(1)
    return store.keep(medium, Content(data))


def test_what_is_wanted_is_kept(store):
    assert 1 == store.want([wish(name="../../etc/tas\u202e rusak\n.jpg")])
    (medium,) = store.claim(5)
    assert (State.WAITING, 1, {"media_id": "1"}) == (medium.state, medium.attempts, medium.wish.facts)
    kept = store.keep(medium, Content(JPEG, name="other.jpg"))

    assert (State.KEPT, "image/jpeg", len(JPEG), "tas rusak.jpg") == (
        kept.state, kept.media_type, kept.size, kept.wish.name,
    )  # fmt: skip
    assert {} == kept.wish.facts  # the platform's address serves nobody any more
    assert JPEG == store.read(kept)
    assert [kept] == store.list_media(TALK)
    assert kept == store.find(TALK, kept.number)
    assert store.find("line:main:U2", kept.number) is None
    assert [] == store.claim(5)


def test_files_are_their_owners(store):
    keep(store)
    (path,) = (path for path in store.files._folder.glob("*/*") if path.is_file())
    assert (0o600, 0o700) == (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)


def test_the_same_is_wanted_once(stores):
    calls = [[wish(number), wish(number + 1)] for number in range(10)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda call: call[0].want(call[1]), [(s, call) for call in calls for s in stores]))
    assert 11 == sum(counts) == len(stores[0].list_media(TALK))


def test_each_is_claimed_by_one(stores):
    stores[0].want([wish(number) for number in range(40)])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        claimed = [medium.number for found in pool.map(lambda s: s.claim(3), stores * 14) for medium in found]
    assert 40 == len(claimed) == len(set(claimed))


def test_who_dies_leaves_it_to_another(stores):
    first, second = stores
    first.want([wish()])
    (lost,) = first.claim(1)
    assert [] == second.claim(1)
    first.clock.pass_by(LEASE + 1)
    (taken,) = second.claim(1)

    assert 2 == taken.attempts
    assert first.keep(lost, Content(JPEG)) is None  # too late: it is another's
    assert not first.end(lost, State.LOST, "gone")
    assert not first.retry(lost, "later", 1.0)
    assert second.keep(taken, Content(JPEG)) is not None


def test_it_is_tried_again_later(store):
    store.want([wish()])
    (medium,) = store.claim(1)
    assert store.retry(medium, "HTTP 503", 60.0)
    assert [] == store.claim(1)
    assert ["HTTP 503"] == [one.reason for one in store.list_media(TALK)]
    store.clock.pass_by(61)
    assert [2] == [one.attempts for one in store.claim(1)]


@pytest.mark.parametrize("state", [State.LOST, State.REFUSED], ids=lambda state: state.value)
def test_what_is_not_kept_says_why(store, state):
    store.want([wish()])
    (medium,) = store.claim(1)
    assert store.end(medium, state, "HTTP 410")
    (ended,) = store.list_media(TALK)
    assert (state, "HTTP 410", {}) == (ended.state, ended.reason, ended.wish.facts)
    assert store.read(ended) is None
    store.clock.pass_by(DAY)
    assert [] == store.claim(1)


def test_the_wrong_type_is_no_file(store):
    store.want([wish()])
    (medium,) = store.claim(1)
    with pytest.raises(RefusedError):
        store.keep(medium, Content(b"<html>log in</html>"))
    assert [] == list_files(store)


def test_a_conversation_may_have_so_much(store, monkeypatch):
    few = dataclasses.replace(limits.load_limits(), conversation_bytes=2 * len(JPEG))
    monkeypatch.setattr("pasar.media.store.load_limits", lambda: few)
    assert keep(store, 1) and keep(store, 2)
    with pytest.raises(RefusedError, match="the conversation"):
        keep(store, 3)
    assert 1 == len(list_files(store))
    assert keep(store, 4, talk="line:main:U2")


def test_the_same_bytes_are_one_file_until_nobody_has_them(store):
    first, second = keep(store, 1), keep(store, 2, talk="line:main:U2")
    assert first.digest == second.digest and 1 == len(list_files(store))
    assert 1 == store.forget([TALK])
    assert store.read(first) is not None and [] == store.list_media(TALK)
    assert 1 == store.forget(["line:main:U2", "line:main:U3"])
    assert [] == list_files(store)
    assert store.read(second) is None


def test_what_is_forgotten_meanwhile_is_not_kept(store):
    store.want([wish()])
    (medium,) = store.claim(1)
    store.forget([TALK])
    assert store.keep(medium, Content(JPEG)) is None
    assert [] == list_files(store)


def test_keeping_and_forgetting_at_once_leaves_no_row_without_its_file(stores):
    """The same bytes come and go in two processes."""

    def come_and_go(number):
        store, talk = stores[number % 2], f"line:main:U{number}"
        store.want([wish(number, talk=talk)])
        for medium in store.claim(1):
            kept = store.keep(medium, Content(JPEG))
            if number % 3:
                store.forget([medium.wish.conversation_id])
            else:
                assert kept is None or JPEG == store.read(kept)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(come_and_go, range(60)))
    left = [medium for n in range(60) for medium in stores[0].list_media(f"line:main:U{n}")]
    assert left
    assert all(JPEG == stores[0].read(medium) for medium in left if medium.state is State.KEPT)


def test_it_is_kept_for_so_long(store):
    old = keep(store, 1, data=JPEG + b"old")
    store.clock.pass_by(40 * DAY)
    new = keep(store, 2)
    assert 1 == store.tidy(store.clock() - 30 * DAY)
    assert store.read(old) is None and JPEG == store.read(new)


def test_files_that_nobody_knows_are_deleted(store):
    kept = keep(store)
    with store.files.draft(b"left by who was killed before the commit") as (digest, draft):
        store.files.keep(digest, draft)
    left = store.files._folder / "draft-left"
    left.write_bytes(b"half")
    store.tidy(0.0)
    assert 3 == len(list_files(store))  # somebody may be about to name them
    for path in store.files._folder.glob("**/*"):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime - 2 * ORPHAN_SECONDS,) * 2)
    store.tidy(0.0)
    assert [kept.digest] == list_files(store)


def test_migrations_make_the_tables_of_the_schema(store):
    """What the migration has made is what the code works with."""
    from pasar.media.schema import media

    found = {column["name"] for column in sa.inspect(store.engine).get_columns("media")}
    assert found == {column.name for column in media.columns}
    names = {index["name"] for index in sa.inspect(store.engine).get_indexes("media")}
    assert {index.name for index in media.indexes} <= names


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64])
def test_only_digests_are_files(tmp_path, digest):
    with pytest.raises(ValueError, match="digest"):
        Files(tmp_path).find(digest)


def _die(url, folder, moment):
    """Fetch and keep, and be killed: before the file, when it has its name, or when all is committed."""
    store = MediaStore(url, folder)
    (medium,) = store.claim(1)
    if moment == "named":
        original = store.files.keep

        def keep(digest, draft):
            original(digest, draft)
            os.kill(os.getpid(), signal.SIGKILL)

        store.files.keep = keep
    if moment != "claimed":
        store.keep(medium, Content(JPEG))
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("moment", ["claimed", "named", "committed"])
def test_kill_9_loses_nothing(stores, tmp_path, moment):
    store = stores[0]
    store.clock = __import__("time").time
    store.want([wish()])
    url = store.engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_die, args=(url, tmp_path / "media", moment))
    process.start()
    process.join(120)
    assert -signal.SIGKILL == process.exitcode
    (found,) = store.list_media(TALK)
    if moment != "committed":
        assert State.WAITING is found.state
        with store.engine.begin() as connection:
            connection.execute(sa.text("UPDATE media SET due_at = 0"))  # its lease has ended
        (medium,) = store.claim(1)
        found = store.keep(medium, Content(JPEG))
    assert JPEG == store.read(found)
    assert [found.digest] == list_files(store)


def test_no_folder_is_no_trouble(tmp_path):
    assert [] == Files(pathlib.Path(tmp_path) / "none").list_old(0.0)
