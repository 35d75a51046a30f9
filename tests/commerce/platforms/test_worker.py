"""Notices are applied side by side; one that fails spoils no other."""

from __future__ import annotations

import asyncio

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError, UnknownShopError
from pasar.commerce.platforms import worker as module
from pasar.commerce.platforms.api import Notice, NoticeKind
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.inbox import Batch, Inbox
from pasar.commerce.platforms.schema import upgrade
from pasar.commerce.platforms.worker import AT_ONCE, NoticeWorker
from pasar.database import create_engine


class Shop(PlatformBackend):
    """Takes notices as a test says."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.running = self.most = 0
        self.seconds = 0.0

    async def apply_notice(self, notice: Notice) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.seconds)
        self.running -= 1
        if notice.reference in self.errors:
            raise self.errors[notice.reference]
        self.applied.append(notice.reference)


@pytest.fixture
def inbox(tmp_path):
    url = f"sqlite:///{tmp_path / 'pasar.db'}"
    upgrade(url)
    engine = create_engine(url)
    yield Inbox(engine)
    engine.dispose()


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
async def worker(inbox, shop):
    def open_shop(shop_id):
        if shop_id != "shop":
            raise UnknownShopError(shop_id, "open_shop", "has no file")
        return shop

    worker = NoticeWorker(inbox, open_shop)
    worker.start()
    yield worker
    await worker.stop()


async def put(inbox, worker, *references, shop_id="shop"):
    for reference in references:
        await inbox.put(shop_id, Notice(NoticeKind.PRODUCT_CHANGED, reference, "", "update"))
    worker.wake()


async def wait_for(find):
    for _ in range(100):
        if find():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to be")


async def test_news_are_applied_at_once(inbox, worker, shop):
    """Without waiting for the next look into the inbox."""
    await put(inbox, worker, "1", "2", "3")
    await wait_for(lambda: {"1", "2", "3"} == set(shop.applied))


async def test_some_are_applied_side_by_side_but_not_all(inbox, worker, shop):
    shop.seconds = 0.2
    await put(inbox, worker, *map(str, range(10)))
    await wait_for(lambda: len(shop.applied) == 10)
    assert AT_ONCE == shop.most


@pytest.mark.parametrize(
    "error", [ShopError("shop", "c", "r"), ShopUnavailableError("shop", "c", "r"), KeyError("a bug"), OSError()]
)
async def test_one_that_fails_spoils_no_other(inbox, worker, shop, error):
    shop.errors["bad"] = error
    await put(inbox, worker, "bad", *"abcdef")
    await wait_for(lambda: set("abcdef") == set(shop.applied))
    await put(inbox, worker, "x", shop_id="gone")
    await put(inbox, worker, "g")
    await wait_for(lambda: "g" in shop.applied)


async def test_a_shop_that_never_answers_is_given_up_waiting_for(inbox, worker, shop, monkeypatch):
    monkeypatch.setattr(module, "APPLY_SECONDS", 0.1)
    shop.seconds = 60
    await put(inbox, worker, *map(str, range(AT_ONCE)))
    await wait_for(lambda: shop.running == AT_ONCE)
    await asyncio.sleep(0.3)
    shop.seconds = 0
    await put(inbox, worker, "next")
    await wait_for(lambda: "next" in shop.applied)


async def test_an_inbox_that_is_away_is_asked_again(inbox, worker, shop, monkeypatch):
    monkeypatch.setattr(module, "REST_SECONDS", 0.05)
    take, failures = inbox.take, []

    async def fail() -> Batch | None:
        failures.append(1)
        if len(failures) < 3:
            raise ShopUnavailableError("", "keep_notice", "locked")
        return await take()

    monkeypatch.setattr(inbox, "take", fail)
    await put(inbox, worker, "1")
    await wait_for(lambda: shop.applied == ["1"])


async def test_stopping_lets_what_was_begun_end(inbox, worker, shop):
    shop.seconds = 0.3
    await put(inbox, worker, "1")
    await wait_for(lambda: shop.running)
    await worker.stop()
    assert ["1"] == shop.applied
    await put(inbox, worker, "2")
    await asyncio.sleep(0.5)
    assert ["1"] == shop.applied
