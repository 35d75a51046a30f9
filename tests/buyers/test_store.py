"""Buyers on SQLite and on PostgreSQL, by several processes at once, and after whatever is done."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pasar.buyers.marks import read_email, read_phone
from pasar.buyers.model import UnknownBuyerError
from pasar.buyers.store import BuyerStore
from tests.buyers.contract import EMAIL, SHOP, BuyersContract, check_consistent, partition, person, see, talk
from tests.commerce.platforms.databases import postgresql
from tests.messages.contract import Clock
from tests.messages.databases import make_postgresql, make_sqlite

__all__ = ["postgresql"]

SECRET = "a secret of the installation, 32 bytes or more"


@contextlib.contextmanager
def open_buyers(url, clock=None):
    store = BuyerStore(url, SECRET, clock or Clock())
    yield store
    store.dispose()


class TestSqlite(BuyersContract):
    @pytest.fixture
    def store(self, tmp_path):
        with open_buyers(make_sqlite(tmp_path)) as store:
            yield store


class TestPostgresql(BuyersContract):
    @pytest.fixture
    def store(self, postgresql):
        with open_buyers(make_postgresql(postgresql)) as store:
            yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path):
    """Two stores on one database, as of two processes."""
    url = make_sqlite(tmp_path) if request.param == "sqlite" else make_postgresql(request.getfixturevalue("postgresql"))
    with contextlib.ExitStack() as opened:
        clock = Clock()
        yield [opened.enter_context(open_buyers(url, clock)) for _ in range(2)]


def at_once(*works):
    """Do all at the same time; what each gave, or the error's class."""

    def catch(work):
        try:
            return work()
        except UnknownBuyerError:
            return UnknownBuyerError

    with concurrent.futures.ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(catch, works))


def test_the_same_two_are_joined_once(stores):
    see(stores[0], "line"), see(stores[0], "telegram")
    found = at_once(
        *(
            lambda store=store, one=one, other=other: store.join(SHOP, one, other, who="Sari", why="")
            for store in stores
            for one, other in itertools.permutations((talk("line"), talk("telegram")))
        )
    )
    assert 1 == sum(number is not None for number in found)
    assert 1 == len(person(stores[0], "line").joins)
    check_consistent(stores[1])


def test_the_same_marks_at_two_processes_are_one_buyer(stores):
    channels = [f"channel{number}" for number in range(6)]
    at_once(*(lambda s=store, c=channel: see(s, c, EMAIL) for channel in channels for store in stores))
    assert [6] == list(map(len, partition(stores[0]).values()))
    check_consistent(stores[0])


def test_a_join_is_taken_back_once(stores):
    see(stores[0], "line", EMAIL), see(stores[0], "telegram", EMAIL)
    (join,) = person(stores[0], "line").joins
    found = at_once(
        *(lambda s=store: s.separate(SHOP, join.number, who="Sari", why="") for store in (*stores, *stores))
    )
    assert 3 == found.count(UnknownBuyerError)
    check_consistent(stores[0])


MARKS = [read_email(f"buyer{number}@mail.example") for number in range(2)] + [
    read_phone(f"+62812345678{number}", sole=bool(number)) for number in (80, 81)
]
ACCOUNTS = [(channel, user) for channel in ("line", "whatsapp", "webchat") for user in ("ana", "budi")]
SIGHTS = st.tuples(st.just("see"), st.sampled_from(ACCOUNTS), st.lists(st.sampled_from(MARKS), max_size=2, unique=True))
WAITS = st.tuples(st.just("wait"), st.sampled_from([1, 50, 400]), st.none())
STEPS = st.one_of(
    SIGHTS,
    WAITS,
    st.tuples(st.just("join"), st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)),
    st.tuples(st.just("separate"), st.sampled_from(ACCOUNTS), st.integers(0, 4)),
    st.tuples(st.just("forget"), st.sampled_from(ACCOUNTS), st.none()),
)


def take(store, shop, step):
    """One thing that may happen; what has no object does nothing."""
    kind, one, other = step
    with contextlib.suppress(UnknownBuyerError):
        if kind == "see":
            see(store, one[0], *other, user=one[1], shop=shop)
        elif kind == "join":
            store.join(shop, talk(*one, shop), talk(*other, shop), who="Sari", why="")
        elif kind == "separate":
            joins = person(store, *one, shop).joins
            if joins:
                store.separate(shop, joins[other % len(joins)].number, who="Sari", why="")
        elif kind == "wait":
            store.clock.pass_by(one * 24 * 3600.0)
        else:
            store.forget(shop, talk(*one, shop), who="Sari")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One database; each example has a shop of its own."""
    with open_buyers(make_sqlite(tmp_path_factory.mktemp("buyers"))) as store:
        store.shops = itertools.count()
        yield store


@given(steps=st.lists(STEPS, max_size=25))
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_done_ends_consistent(shared, steps):
    shop = f"shop{next(shared.shops)}"
    for step in steps:
        take(shared, shop, step)
        check_consistent(shared, shop, complete=False)


@given(steps=st.lists(st.one_of(SIGHTS, WAITS), max_size=20))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_verified_is_brought_together(shared, steps):
    shop = f"shop{next(shared.shops)}"
    for step in steps:
        take(shared, shop, step)
        check_consistent(shared, shop)


@given(steps=st.lists(STEPS, max_size=15), one=st.sampled_from(ACCOUNTS), other=st.sampled_from(ACCOUNTS))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_separating_after_joining_restores(shared, steps, one, other):
    shop = f"shop{next(shared.shops)}"
    for account in (one, other):
        see(shared, account[0], user=account[1], shop=shop)
    for step in steps:
        take(shared, shop, step)
    before = partition(shared, shop)
    with contextlib.suppress(UnknownBuyerError):
        number = shared.join(shop, talk(*one, shop), talk(*other, shop), who="Sari", why="")
        if number is not None:
            assert len(before) - 1 == len(partition(shared, shop))
            shared.separate(shop, number, who="Sari", why="")
    assert before == partition(shared, shop)
    check_consistent(shared, shop, complete=False)
