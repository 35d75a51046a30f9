"""Products are read into the catalogue page by page, once changed, and taken out once they have vanished."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime

import pytest
import sqlalchemy as sa
import time_machine

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.platforms import shelf as shelf_module
from pasar.commerce.platforms import sync as sync_module
from pasar.commerce.platforms.api import Notice, NoticeKind
from pasar.commerce.platforms.catalogue import Catalogue, Counts
from pasar.commerce.platforms.schema import catalogue_product
from pasar.commerce.platforms.shelf import Shelf
from pasar.commerce.platforms.sync import OVERLAP, WHOLE_EVERY, SyncReport, refresh_product, sync_catalogue
from pasar.database import create_engine
from tests.commerce.platforms.databases import database, postgresql
from tests.commerce.platforms.memory import MemoryApi, make_product

__all__ = ["database", "postgresql"]


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture
def catalogue(database):
    made = Catalogue(create_engine(database), "testshop")
    yield made
    made.close()


@pytest.fixture
def api() -> MemoryApi:
    return MemoryApi()


@pytest.fixture
def shelf(catalogue, monkeypatch) -> Shelf:
    """One that asks the catalogue at every call."""
    monkeypatch.setattr(shelf_module, "FRESH_SECONDS", 0.0)
    return Shelf(catalogue)


async def list_skus(shelf: Shelf) -> list[str]:
    return [product.sku for product in await shelf.list()]


async def test_the_first_sync_reads_all(api, catalogue, shelf):
    told = []
    report = await sync_catalogue(api, catalogue, progress=lambda *counts: told.append(counts))
    assert SyncReport(True, 5, 0, 0, 0) == report
    assert [(2, None), (4, None), (5, None)] == told
    assert [f"LAMP-0{number}" for number in range(1, 6)] == await list_skus(shelf)
    assert api.since is None


async def test_a_product_comes_back_whole_with_the_time_of_reading(api, catalogue, shelf):
    before = now()
    await sync_catalogue(api, catalogue)
    product = await shelf.find("LAMP-01")
    assert product is not None
    assert before <= product.read_at <= now()
    assert datetime.timedelta(0) == product.read_at.utcoffset()
    assert api.products["id-1"] == dataclasses.replace(product, read_at=None)


async def test_a_later_sync_reads_only_changes(api, catalogue, shelf):
    began = now()
    await sync_catalogue(api, catalogue)
    with time_machine.travel(now() + datetime.timedelta(hours=1)):
        api.change(make_product(3, stock=0))
        api.change(make_product(6))
        assert SyncReport(False, 1, 1, 0, 0) == await sync_catalogue(api, catalogue)
        api.change(make_product(2, stock=9))
        assert 0 == (await sync_catalogue(api, catalogue)).removed
    assert began - OVERLAP <= api.since
    # What has changed stays in its place, what is new comes last.
    assert [f"LAMP-0{number}" for number in range(1, 7)] == await list_skus(shelf)
    assert (await shelf.find("LAMP-03")).variants[0].stock == 0


async def test_without_the_ability_all_is_read_and_compared(api, catalogue):
    api.abilities = api.abilities - {Ability.SYNC_CHANGES}
    await sync_catalogue(api, catalogue)
    api.change(make_product(3, stock=0))
    assert SyncReport(True, 0, 1, 4, 0) == await sync_catalogue(api, catalogue)
    assert api.since is None


async def test_what_has_vanished_is_taken_out(api, catalogue, shelf):
    await sync_catalogue(api, catalogue)
    del api.products["id-2"]
    assert SyncReport(True, 0, 0, 4, 1) == await sync_catalogue(api, catalogue, whole=True)
    assert ["LAMP-01", "LAMP-03", "LAMP-04", "LAMP-05"] == await list_skus(shelf)
    assert await shelf.find("LAMP-02-BLK") is None
    assert "LAMP-02" not in [product.sku for product in await shelf.search("LAMP-02", 5)]


async def test_once_a_day_all_is_read(api, catalogue):
    """Platforms that tell changes do not tell what was taken down."""
    await sync_catalogue(api, catalogue)
    del api.products["id-2"]
    assert not (await sync_catalogue(api, catalogue)).whole
    with time_machine.travel(now() + WHOLE_EVERY):
        assert SyncReport(True, 0, 0, 4, 1) == await sync_catalogue(api, catalogue)


async def test_a_sync_that_is_cut_off_keeps_its_pages_and_removes_nothing(api, catalogue, shelf):
    await sync_catalogue(api, catalogue)
    stand = await catalogue.read_stand()
    del api.products["id-1"]
    api.change(make_product(2, stock=77))
    api.change(make_product(5, stock=77))
    api.fails_after = 1
    with pytest.raises(ShopUnavailableError):
        await sync_catalogue(api, catalogue, whole=True)
    assert [5, 77, 5] == [(await shelf.find(f"LAMP-0{number}")).variants[0].stock for number in (1, 2, 5)]
    assert stand.synced_from == (await catalogue.read_stand()).synced_from

    api.fails_after = None
    report = await sync_catalogue(api, catalogue, whole=True)
    assert (1, 1) == (report.changed, report.removed)


async def test_the_first_sync_that_is_cut_off_is_begun_anew(api, catalogue, shelf):
    api.fails_after = 1
    with pytest.raises(ShopUnavailableError):
        await sync_catalogue(api, catalogue)
    assert ["LAMP-01", "LAMP-02"] == await list_skus(shelf)
    api.fails_after = None
    assert SyncReport(True, 3, 0, 2, 0) == await sync_catalogue(api, catalogue)


async def test_a_platform_that_suddenly_gives_nothing_is_not_believed(api, catalogue, shelf):
    await sync_catalogue(api, catalogue)
    api.products.clear()
    with pytest.raises(ShopError, match=r"shop testshop: sync: .*the 5 known ones are kept"):
        await sync_catalogue(api, catalogue, whole=True)
    assert 5 == len(await shelf.list())


async def test_a_shop_without_products_is_one(api, catalogue, shelf):
    api.products.clear()
    assert SyncReport(True, 0, 0, 0, 0) == await sync_catalogue(api, catalogue)
    assert [] == list(await shelf.list())


async def test_long_pages_are_written_in_parts(api, catalogue, monkeypatch):
    monkeypatch.setattr(sync_module, "MOST_WRITTEN", 2)
    api.page = 100
    told = []
    await sync_catalogue(api, catalogue, progress=lambda *counts: told.append(counts))
    assert [(2, None), (4, None), (5, None)] == told


async def test_a_later_reading_of_all_knows_how_many_there_will_be(api, catalogue):
    await sync_catalogue(api, catalogue)
    told = []
    await sync_catalogue(api, catalogue, whole=True, progress=lambda *counts: told.append(counts))
    assert [(2, 5), (4, 5), (5, 5)] == told


async def test_a_product_that_comes_twice_is_one(api, catalogue, shelf):
    """While pages are read, a list may move on."""
    api.products["again"] = api.products["id-1"]
    assert 5 == (await sync_catalogue(api, catalogue)).added
    assert 5 == len(await shelf.list())


async def test_a_sync_that_finds_nothing_new_leaves_records_alone(api, catalogue):
    await sync_catalogue(api, catalogue)
    version = (await catalogue.read_stand()).version
    assert SyncReport(True, 0, 0, 5, 0) == await sync_catalogue(api, catalogue, whole=True)
    changes = await catalogue.read_changes(version)
    assert changes is not None
    assert (5, {}) == (len(changes.read_at), dict(changes.products))


@pytest.mark.parametrize("kind", list(NoticeKind))
async def test_a_notice_refreshes_one_product(api, catalogue, shelf, kind):
    await sync_catalogue(api, catalogue)
    api.change(make_product(1, stock=77))
    api.asked.clear()
    await refresh_product(api, catalogue, Notice(kind, "id-1", "n", "raw"))
    product = await shelf.find("LAMP-01")
    stock = product and product.variants[0].stock
    told = kind in (NoticeKind.PRODUCT_CHANGED, NoticeKind.PRODUCT_DELETED)
    assert (77 if told else 5) == stock
    assert (["read_product"] if told else []) == api.asked


@pytest.mark.parametrize("kind", [NoticeKind.PRODUCT_CHANGED, NoticeKind.PRODUCT_DELETED])
async def test_a_notice_of_what_is_gone_takes_it_out(api, catalogue, shelf, kind):
    await sync_catalogue(api, catalogue)
    del api.products["id-1"]
    notice = Notice(kind, "id-1", "n", "raw")
    await refresh_product(api, catalogue, notice)
    await refresh_product(api, catalogue, notice)
    assert await shelf.find("LAMP-01") is None


async def test_what_a_notice_brings_while_all_is_read_stays(api, catalogue, shelf):
    """It is newer than the sync's beginning, though the sync does not see it any more."""
    await sync_catalogue(api, catalogue)
    pages = api.read_products

    async def read_products(since=None):
        async for page in pages(since):
            yield page
        await catalogue.write([make_product(9)], now())

    api.read_products = read_products
    assert 0 == (await sync_catalogue(api, catalogue, whole=True)).removed
    assert await shelf.find("LAMP-09") is not None


async def test_writing_at_the_same_time_loses_nothing(catalogue, shelf):
    counts = await asyncio.gather(*(catalogue.write([make_product(number)], now()) for number in range(1, 9)))
    assert [Counts(added=1)] * 8 == counts
    assert {f"LAMP-0{number}" for number in range(1, 9)} == set(await list_skus(shelf))


async def test_shops_are_apart(api, catalogue, shelf, database):
    other_api, other = MemoryApi("other"), Catalogue(create_engine(database), "other")
    await sync_catalogue(api, catalogue)
    other_api.products = {"id-1": make_product(1, stock=1, name="Candle")}
    await sync_catalogue(other_api, other)
    await sync_catalogue(other_api, other, whole=True)
    await other.remove("id-2")
    assert 5 == len(await shelf.list())
    assert "Lamp of kind 01" == (await shelf.find("LAMP-01")).name["en"]
    assert ["LAMP-01"] == await list_skus(Shelf(other))
    assert "Candle" == (await Shelf(other).find("LAMP-01")).name["en"]
    other.close()


async def test_a_shop_that_was_never_read_says_so(shelf):
    """Nobody is told that there is no such product."""
    with pytest.raises(ShopError, match=r"shop testshop: read_catalogue: .*make sync SHOP=testshop"):
        await shelf.find("LAMP-01")


async def test_the_catalogue_is_asked_once_in_some_seconds(api, catalogue, monkeypatch):
    await sync_catalogue(api, catalogue)
    shelf, asked = Shelf(catalogue), []
    read = catalogue.read_changes
    monkeypatch.setattr(catalogue, "read_changes", lambda version: asked.append(version) or read(version))
    for _ in range(3):
        await shelf.find("LAMP-01")
    assert 1 == len(asked)
    shelf.forget()
    await shelf.find("LAMP-01")
    assert 2 == len(asked)


async def test_only_what_has_changed_is_read_again(api, catalogue, shelf):
    await sync_catalogue(api, catalogue)
    before = {product.sku: product for product in await shelf.list()}
    await catalogue.write([make_product(3, name="Lantern")], now())
    after = {product.sku: product for product in await shelf.list()}
    assert before["LAMP-01"].name is after["LAMP-01"].name
    assert ["LAMP-03"] == [product.sku for product in await shelf.search("lantern", 5)]


async def test_searching_gives_the_newest_stock(api, catalogue, shelf):
    """The index is made anew only for new names."""
    await sync_catalogue(api, catalogue)
    await shelf.search("lamp", 1)
    await catalogue.write([make_product(3, stock=77)], now())
    [found] = await shelf.search("lamp of kind 03", 1)
    assert 77 == found.variants[0].stock


async def test_of_two_products_with_one_sku_the_first_counts(api, catalogue, shelf):
    api.products["twin"] = dataclasses.replace(make_product(1, name="Twin"), reference="twin")
    await sync_catalogue(api, catalogue)
    assert "id-1" == (await shelf.find("lamp-01-blk")).reference
    assert 6 == len(await shelf.list())


async def test_a_record_of_another_version_is_an_error_of_the_shop(api, catalogue, shelf, database):
    await sync_catalogue(api, catalogue)
    with create_engine(database).begin() as connection:
        connection.execute(sa.update(catalogue_product).values(record={"sku": "X", "shape": "round"}))
    with pytest.raises(ShopError, match="sync the shop"):
        await shelf.list()
    await sync_catalogue(api, catalogue, whole=True)
    assert 5 == len(await shelf.list())


async def test_a_database_that_is_away_is_unavailable(tmp_path):
    catalogue = Catalogue(create_engine(f"sqlite:///{tmp_path / 'empty.db'}"), "testshop")
    with pytest.raises(ShopUnavailableError, match="shop testshop: read_catalogue"):
        await Shelf(catalogue).list()
