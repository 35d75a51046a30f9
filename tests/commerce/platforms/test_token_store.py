"""Tokens are kept encrypted, and renewed once, whoever asks and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import datetime
import os
import pathlib
import subprocess
import sys
import time

import httpx
import pytest
import sqlalchemy as sa
import time_machine

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.schema import platform_token
from pasar.commerce.platforms.token_store import CLAIM_SECONDS, SqlTokenStore
from pasar.commerce.platforms.tokens import Token, TokenExpiredError
from pasar.database import create_engine
from tests.commerce.platforms import renewing
from tests.commerce.platforms.databases import database, postgresql

__all__ = ["database", "postgresql"]

PROJECT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = pathlib.Path(renewing.__file__)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def make_token(name="1", lasts=4 * 3600, refresh_lasts=None, refresh=None) -> Token:
    until = None if refresh_lasts is None else now() + datetime.timedelta(seconds=refresh_lasts)
    refresh = f"refresh-{name}" if refresh is None else refresh
    return Token(f"access-{name}", refresh, now() + datetime.timedelta(seconds=lasts), until)


class Platform:
    """Gives the next token, and notes with which refresh token it was asked."""

    def __init__(self, error: Exception | None = None, seconds: float = 0.0) -> None:
        self.error = error
        self.seconds = seconds
        self.asked: list[str] = []
        self.begun = asyncio.Event()

    async def renew(self, token: Token) -> Token:
        self.asked.append(token.refresh)
        self.begun.set()
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return make_token(str(len(self.asked) + 1))


@pytest.fixture
def store(database) -> SqlTokenStore:
    return SqlTokenStore(create_engine(database), renewing.KEY)


async def test_a_token_is_given_back_whole(store):
    token = make_token(refresh_lasts=9000)
    await store.put("shop", "shopee", token)
    assert token == await store.get("shop", "shopee", Platform().renew)


async def test_a_fresh_token_is_not_renewed(store):
    platform = Platform()
    await store.put("shop", "shopee", make_token(lasts=301))
    await store.get("shop", "shopee", platform.renew)
    assert [] == platform.asked


@pytest.mark.parametrize("lasts", [299, 0, -9999])
async def test_a_token_that_ends_soon_is_renewed_and_kept(store, lasts):
    platform = Platform()
    await store.put("shop", "shopee", make_token(lasts=lasts))
    renewed = await store.get("shop", "shopee", platform.renew)
    assert ("access-2", ["refresh-1"]) == (renewed.access, platform.asked)
    assert renewed == await store.get("shop", "shopee", platform.renew)


async def test_a_refused_token_is_renewed_once(store):
    """A second call with the same old token finds the new one."""
    platform = Platform()
    await store.put("shop", "shopee", make_token())
    assert "access-2" == (await store.get("shop", "shopee", platform.renew, refused="access-1")).access
    assert "access-2" == (await store.get("shop", "shopee", platform.renew, refused="access-1")).access
    assert ["refresh-1"] == platform.asked


async def test_without_a_token_the_seller_is_asked(store):
    with pytest.raises(TokenExpiredError, match="shop shop: shopee: there is no token"):
        await store.get("shop", "shopee", Platform().renew)


async def test_tokens_of_shops_and_platforms_are_apart(store):
    await store.put("shop", "shopee", make_token("1"))
    await store.put("other", "shopee", make_token("2"))
    await store.put("shop", "lazada", make_token("3"))
    found = [
        await store.get(*of, Platform().renew) for of in (("shop", "shopee"), ("other", "shopee"), ("shop", "lazada"))
    ]
    assert ["access-1", "access-2", "access-3"] == [token.access for token in found]
    with pytest.raises(TokenExpiredError):
        await store.get("other", "lazada", Platform().renew)


async def test_a_refresh_token_that_has_ended_is_not_sent(store):
    platform = Platform()
    await store.put("shop", "shopee", make_token(lasts=0, refresh_lasts=-1))
    with pytest.raises(TokenExpiredError, match="has ended"):
        await store.get("shop", "shopee", platform.renew)
    assert [] == platform.asked


async def test_an_access_token_outlives_its_refresh_token(store):
    await store.put("shop", "shopee", make_token(lasts=200, refresh_lasts=-1))
    assert "access-1" == (await store.get("shop", "shopee", Platform().renew)).access


async def test_twenty_calls_at_once_renew_once(store):
    platform = Platform(seconds=0.2)
    await store.put("shop", "shopee", make_token(lasts=0))
    found = await asyncio.gather(*(store.get("shop", "shopee", platform.renew) for _ in range(20)))
    assert ({"access-2"}, ["refresh-1"]) == ({token.access for token in found}, platform.asked)


async def test_while_one_renews_others_use_what_lasts(store):
    platform = Platform(seconds=0.5)
    await store.put("shop", "shopee", make_token(lasts=200))
    first = asyncio.create_task(store.get("shop", "shopee", platform.renew))
    await platform.begun.wait()
    assert "access-1" == (await store.get("shop", "shopee", platform.renew)).access
    assert "access-2" == (await store.get("shop", "shopee", platform.renew, refused="access-1")).access
    assert "access-2" == (await first).access


async def test_who_gives_up_waiting_loses_no_token(store):
    """A buyer's call has three seconds; the renewal it began goes on."""
    platform = Platform(seconds=0.3)
    await store.put("shop", "shopee", make_token(lasts=0))
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(store.get("shop", "shopee", platform.renew), 0.1)
    assert "access-2" == (await store.get("shop", "shopee", platform.renew)).access
    assert ["refresh-1"] == platform.asked


async def test_who_gives_up_at_once_leaves_no_claim_behind(store, monkeypatch):
    """Between claiming the row and asking the platform there is no moment at which a renewal can be lost."""
    platform = Platform()
    claim = store._claim

    def claim_slowly(*arguments):
        done = claim(*arguments)
        time.sleep(0.3)
        return done

    monkeypatch.setattr(store, "_claim", claim_slowly)
    await store.put("shop", "shopee", make_token(lasts=0))
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(store.get("shop", "shopee", platform.renew), 0.15)
    assert "access-2" == (await asyncio.wait_for(store.get("shop", "shopee", platform.renew), 5)).access


async def test_a_refresh_token_of_unknown_fate_is_not_sent_again(store):
    """The platform may have seen it: only the seller, or a person who tries it, can help."""
    platform = Platform(error=ShopUnavailableError("shop", "renew_token", "HTTP 503"))
    await store.put("shop", "shopee", make_token(lasts=0))
    with pytest.raises(ShopUnavailableError):
        await store.get("shop", "shopee", platform.renew)
    with pytest.raises(TokenExpiredError, match="cut off"):
        await store.get("shop", "shopee", platform.renew)
    assert ["refresh-1"] == platform.asked

    assert await store.retry("shop", "shopee")
    assert not await store.retry("shop", "shopee")
    platform.error = None
    assert "access-3" == (await store.get("shop", "shopee", platform.renew)).access


async def test_a_failed_renewal_leaves_what_lasts(store):
    platform = Platform(error=ShopUnavailableError("shop", "renew_token", "HTTP 503"))
    await store.put("shop", "shopee", make_token(lasts=200))
    for _ in range(2):
        assert "access-1" == (await store.get("shop", "shopee", platform.renew)).access
    assert ["refresh-1"] == platform.asked


async def test_a_refresh_token_that_was_not_sent_is_sent_later(store):
    error = ShopUnavailableError("shop", "renew_token", "no connection")
    error.__cause__ = httpx.ConnectError("refused")
    platform = Platform(error=error)
    await store.put("shop", "shopee", make_token(lasts=0))
    with pytest.raises(ShopUnavailableError):
        await store.get("shop", "shopee", platform.renew)
    platform.error = None
    assert "access-3" == (await store.get("shop", "shopee", platform.renew)).access


async def test_a_grant_without_refresh_token_may_be_asked_for_again(store):
    platform = Platform(error=ShopUnavailableError("shop", "renew_token", "HTTP 503"))
    await store.put("shop", "shopify", make_token(lasts=0, refresh=""))
    with pytest.raises(ShopUnavailableError):
        await store.get("shop", "shopify", platform.renew)
    platform.error = None
    assert "access-3" == (await store.get("shop", "shopify", platform.renew)).access


async def test_what_the_platform_refuses_is_told(store):
    platform = Platform(error=TokenExpiredError("shop shop: shopee: refresh_token_expired"))
    await store.put("shop", "shopee", make_token(lasts=0))
    with pytest.raises(TokenExpiredError, match="refresh_token_expired"):
        await store.get("shop", "shopee", platform.renew)
    with pytest.raises(TokenExpiredError):
        await store.get("shop", "shopee", platform.renew)
    assert ["refresh-1"] == platform.asked


async def test_a_new_authorisation_counts_more_than_a_renewal_under_way(store):
    platform = Platform(seconds=0.3)
    await store.put("shop", "shopee", make_token(lasts=0))
    waiting = asyncio.create_task(store.get("shop", "shopee", platform.renew))
    await platform.begun.wait()
    await store.put("shop", "shopee", make_token("seller"))
    assert "access-seller" == (await waiting).access
    assert "access-seller" == (await store.get("shop", "shopee", platform.renew)).access


async def test_nothing_readable_is_stored(store, database):
    await store.put("shop", "shopee", make_token("secret"))
    with create_engine(database).connect() as connection:
        row = connection.execute(sa.select(platform_token)).one()
    assert "secret" not in row.secret
    assert "secret" not in repr(make_token("secret"))


async def test_another_key_cannot_read_it(store, database):
    await store.put("shop", "shopee", make_token())
    other = SqlTokenStore(create_engine(database), "another key of thirty-two bytes and more")
    with pytest.raises(TokenExpiredError, match="PASAR_TOKEN_KEY"):
        await other.get("shop", "shopee", Platform().renew)


async def test_a_row_copied_to_another_shop_is_of_no_use(store, database):
    await store.put("shop", "shopee", make_token())
    with create_engine(database).begin() as connection:
        row = dict(connection.execute(sa.select(platform_token)).one()._mapping)
        connection.execute(platform_token.insert().values({**row, "shop_id": "thief"}))
    with pytest.raises(TokenExpiredError, match="another shop's"):
        await store.get("thief", "shopee", Platform().renew)


async def test_a_database_that_is_down_is_unavailable(tmp_path):
    store = SqlTokenStore(create_engine(f"sqlite:///{tmp_path / 'empty.db'}"), renewing.KEY)
    with pytest.raises(ShopUnavailableError, match="shop shop: get_token"):
        await store.get("shop", "shopee", Platform().renew)


def start(database: str, folder: pathlib.Path, number: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, SCRIPT, database, folder, number],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )


def wait_for(path: pathlib.Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.01)


async def test_two_processes_spend_a_refresh_token_once(store, database, tmp_path):
    """Both get the token that one of them was given; the platform saw the refresh token once."""
    await store.put("shop", "platform", make_token(lasts=0))
    processes = [start(database, tmp_path, number) for number in ("1", "2")]
    for number in ("1", "2"):
        wait_for(tmp_path / f"waiting-{number}")
    (tmp_path / "start").touch()
    answers = [process.communicate(timeout=60) for process in processes]
    assert [0, 0] == [process.returncode for process in processes], answers
    assert 1 == len({output.splitlines()[-1] for output, _ in answers}), answers
    assert ["spent-refresh-1"] == [path.name for path in tmp_path.glob("spent-*")]


async def test_a_crash_between_sending_and_storing_is_told(store, database, tmp_path):
    """Whether the platform has taken the refresh token nobody knows: it is not sent again."""
    await store.put("shop", "platform", make_token(lasts=0))
    process = start(database, tmp_path, "crash")
    (tmp_path / "start").touch()
    process.communicate(timeout=60)
    assert 9 == process.returncode
    platform = Platform()
    later = now() + datetime.timedelta(seconds=CLAIM_SECONDS + 1)
    with (
        time_machine.travel(later),
        pytest.raises(TokenExpiredError, match="shop shop: platform: a renewal was cut off"),
    ):
        await store.get("shop", "platform", platform.renew)
    assert [] == platform.asked

    assert not await store.retry("shop", "platform")  # the other process may yet be at it
    with time_machine.travel(later):
        assert await store.retry("shop", "platform")
    assert "access-2" == (await store.get("shop", "platform", platform.renew)).access
