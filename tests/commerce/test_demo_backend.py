"""The demo shop keeps the contract, and what it promises besides."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import pathlib
import sqlite3
import time

import pytest
import sqlalchemy as sa
import yaml

from pasar.commerce.backend import ShopBackend, ShopUnavailableError, UnknownShopError
from pasar.commerce.changes import LineChange, Outcome
from pasar.commerce.demo import schema
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.demo.database import create_engine
from pasar.commerce.demo.seed import STYLEHUB, seed
from pasar.commerce.model import Buyer, ReturnRequest
from pasar.commerce.rows import encode
from tests.commerce.conftest import TODAY
from tests.commerce.contract import ShopBackendContract


class TestDemoBackend(ShopBackendContract):
    """The contract, on StyleHub."""

    sku = "DRESS-01"
    variant_sku = "DRESS-01-BLK-M"
    order_id = "SH1001"
    owner = Buyer(email="siti@example.com")
    returnable_order_id = "SH1003"
    cancellable_order_id = "SH1005"
    cancellable_variants = ("BOOT-07-BRN-38", "BOOT-07-BRN-39")
    shipped_order_id = "SH1001"
    coupon = "WELCOME10"
    country = "ID"
    today = TODAY

    @pytest.fixture
    def backend(self, stylehub: DemoBackend) -> ShopBackend:
        """StyleHub."""
        return stylehub


@pytest.mark.parametrize(
    ("message", "sku"),
    [
        ("Are these hiking boots waterproof?", "BOOT-07"),
        ("boots", "BOOT-07"),
        ("are the hikng boots good for rain", "BOOT-07"),
        ("sepatu gunung ini tahan air gak kak", "BOOT-07"),
        ("รองเท้าเดินป่ากันน้ำไหมคะ", "BOOT-07"),
        ("is the dress stretchy", "DRESS-01"),
        ("do you have floral dresses?", "DRESS-01"),
        ("gaun ini cocok buat hijab?", "DRESS-01"),
        ("เดรสตัวนี้มีสีดำไหม", "DRESS-01"),
        ("does this phone support 5G", "PHONE-02"),
        ("hp ini 5g ga min", "PHONE-02"),
        ("มือถือรุ่นนี้รองรับ5gไหม", "PHONE-02"),
        ("phone case for my phone", "CASE-02"),
        ("waterproof backpack?", "BAG-11"),
        ("is the cream genuine", "CREAM-05"),
        ("ครีมนี้ของแท้ไหม", "CREAM-05"),
        ("price of jack-03-blk-m pls", "JACK-03"),
        ("กันแดดหมดอายุเมื่อไหร่", "SUN-02"),
    ],
)
async def test_buyers_words_find_the_product(stylehub: DemoBackend, message: str, sku: str) -> None:
    """A message in any of the languages finds the product it names first."""
    found = await stylehub.search_products(message)
    assert sku == found[0].sku


@pytest.mark.parametrize("message", ["hello", "where is my order SH1001", "ขอบคุณค่ะ", "makasih ya kak", "my address is"])
async def test_other_messages_find_nothing(stylehub: DemoBackend, message: str) -> None:
    """A message that names no product finds none."""
    assert [] == list(await stylehub.search_products(message))


async def test_thai_syllables_are_not_cut(stylehub: DemoBackend) -> None:
    """An alias inside another Thai syllable does not count."""
    assert [] == list(await stylehub.search_products("เป้า"))


async def test_stock_is_read_at_every_call(stylehub: DemoBackend, database: str) -> None:
    """Stock sold a moment ago is gone, although the texts are kept."""
    before = await stylehub.get_product("CREAM-05")
    with create_engine(database).begin() as connection:
        connection.execute(schema.variants.update().where(schema.variants.c.sku == "CREAM-05").values(stock=0))
    after = await stylehub.get_product("CREAM-05")
    assert before is not None
    assert after is not None
    assert (True, False) == (before.in_stock, after.in_stock)


async def test_texts_are_read_again_after_30_seconds(
    stylehub: DemoBackend, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of the shop's row shows 30 s later at the latest."""
    shop = await stylehub.get_shop()
    with create_engine(database).begin() as connection:
        record = connection.execute(sa.select(schema.shops.c.record)).scalar()
        connection.execute(schema.shops.update().values(record={**record, "name": "Renamed"}))
    kept = await stylehub.get_shop()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 30)
    fresh = await stylehub.get_shop()
    assert ("StyleHub", "StyleHub", "Renamed") == (shop.name, kept.name, fresh.name)


async def test_locked_database_is_unavailable_within_two_seconds(stylehub: DemoBackend, database: str) -> None:
    """A database that somebody else holds makes no caller wait longer, and the error names shop and call."""
    holder = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    try:
        with pytest.raises(ShopUnavailableError, match="shop stylehub: get_order: database is locked"):
            await stylehub.get_order("SH1001")
    finally:
        holder.rollback()
        holder.close()
    assert time.monotonic() - started < 4  # of the five that SQLite would wait


async def test_database_without_tables_is_unavailable(tmp_path: pathlib.Path) -> None:
    """A database that was never made is a shop that does not answer."""
    backend = DemoBackend(f"sqlite:///{tmp_path / 'empty.db'}", "stylehub")
    with pytest.raises(ShopUnavailableError, match="get_shop"):
        await backend.get_shop()
    backend.close()


async def test_shops_in_one_database_are_apart(stylehub: DemoBackend, database: str, tmp_path: pathlib.Path) -> None:
    """A second shop sees neither the first one's products nor its orders, and leaves its rows alone."""
    for name in ("promotions", "orders"):
        (tmp_path / f"{name}.yml").write_text("[]")
    (tmp_path / "shipping.yml").write_text("{}")
    shop = yaml.safe_load((STYLEHUB / "shop.yml").read_text(encoding="utf-8"))
    (tmp_path / "shop.yml").write_text(yaml.safe_dump({**shop, "shop_id": "other", "languages": ["en"]}))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "en.yml").write_text("address: 1 Other Street\nproducts: {}\n")
    seed(database, TODAY, tmp_path)
    other = DemoBackend(database, "other")
    assert await other.get_order("SH1001") is None
    assert [] == list(await other.find_orders(Buyer(email="siti@example.com")))
    assert await other.get_product("DRESS-01") is None
    assert [] == list(await other.list_products())
    assert await other.get_coupon("WELCOME10") is None
    assert await stylehub.get_order("SH1001") is not None
    other.close()


async def test_unknown_shop_in_database(database: str) -> None:
    """A shop id without rows is an unknown shop."""
    backend = DemoBackend(database, "nobody")
    with pytest.raises(UnknownShopError):
        await backend.get_shop()
    backend.close()


async def test_coupon_is_found_after_its_end(stylehub: DemoBackend) -> None:
    """An expired code is known, so that the buyer can be told."""
    coupon = await stylehub.get_coupon("lastmonth15")
    assert coupon is not None
    assert coupon.ends_on < TODAY


@pytest.mark.parametrize(("order_id", "state"), [("SH1003", "approved"), ("SH1009", "review")])
async def test_return_above_the_limit_goes_to_a_person(stylehub: DemoBackend, order_id: str, state: str) -> None:
    """Only an order within the approval limit is approved at once."""
    ticket = await stylehub.open_return(ReturnRequest(order_id, "damaged", "refund"))
    assert state == ticket.state


async def test_reading_twenty_orders_at_once(stylehub: DemoBackend) -> None:
    """Calls at the same time all get their answer."""
    numbers = [f"SH10{number:02}" for number in (*range(1, 13), *range(21, 29))]
    orders = await asyncio.gather(*(stylehub.get_order(number) for number in numbers))
    assert numbers == [order.order_id for order in orders if order]


async def test_facts_of_the_required_products(stylehub: DemoBackend) -> None:
    """The products that documentation and conversations rely on are as promised."""
    dress = await stylehub.get_product("DRESS-01")
    phone = await stylehub.get_product("PHONE-02")
    boots = await stylehub.get_product("BOOT-07")
    cream = await stylehub.get_product("CREAM-05")
    assert dress and phone and boots and cream
    assert [0] == [item.stock for item in dress.variants if (item.color, item.size) == ("black", "M")]
    assert ("S", "M", "L", "XL") == tuple(size.label for size in dress.size_chart)
    assert ("black", "white", "blue") == phone.colors
    assert [0] == [item.stock for item in phone.variants if item.color == "blue"]
    assert {"BAG-11", "JACK-03"} < set(boots.related)
    assert (True, 0, True) == (cream.genuine, cream.warranty_months, cream.authenticity_card)
    assert datetime.date(2026, 3, 19) == next(item.restock_on for item in dress.variants if item.stock == 0)


async def test_stock_moves_with_an_order(stylehub: DemoBackend) -> None:
    """What is cancelled can be bought again; what was exchanged goes back."""

    async def stock(sku: str) -> int:
        product = await stylehub.get_product(sku)
        assert product is not None
        return next(variant.stock for variant in product.variants if variant.sku == sku)

    before = [await stock(sku) for sku in ("BOOT-07-BRN-38", "BOOT-07-BRN-39")]
    await stylehub.edit_order(LineChange("SH1005", "BOOT-07-BRN-38", "BOOT-07-BRN-39", 1))
    assert [before[0] + 1, before[1] - 1] == [await stock(sku) for sku in ("BOOT-07-BRN-38", "BOOT-07-BRN-39")]
    await stylehub.cancel_order("SH1005", "changed_mind")
    assert [before[0] + 1, before[1]] == [await stock(sku) for sku in ("BOOT-07-BRN-38", "BOOT-07-BRN-39")]


async def test_a_paid_order_is_edited_only_as_its_price_stays(stylehub: DemoBackend) -> None:
    """Another number, another product and what is sold out are refused with a reason."""
    refused = [
        await stylehub.edit_order(LineChange("SH1005", "BOOT-07-BRN-38", sku, pieces))
        for sku, pieces in (("BOOT-07-BRN-38", 2), ("DRESS-01-RED-M", 1), ("BOOT-07-BLK-42", 1))
    ]
    assert ["not_allowed", "not_allowed", "no_stock"] == [change.reason for change in refused]


async def test_two_who_cancel_at_once_are_one(stylehub: DemoBackend) -> None:
    """The other one hears that it is cancelled already."""
    changes = await asyncio.gather(*[stylehub.cancel_order("SH1005", "changed_mind") for _ in range(4)])
    assert [Outcome.DONE] == [change.outcome for change in changes if change.outcome is not Outcome.REFUSED]


async def test_refused_edit_moves_no_stock(stylehub: DemoBackend) -> None:
    """An order without lines is no order; nothing is taken from or put into stock for it."""
    before = await stylehub.get_product("DRESS-01")
    refused = await stylehub.edit_order(LineChange("SH1002", "DRESS-01-RED-M", "DRESS-01-RED-M", 0))
    assert "not_allowed" == refused.reason
    assert before == await stylehub.get_product("DRESS-01")


@pytest.mark.parametrize(("method", "days"), [("card", (5, 7)), ("bank_transfer", (3, 5)), ("cod", None)])
async def test_cancelled_order_is_refunded_the_way_it_was_paid(
    database: str, stylehub: DemoBackend, method: str, days: tuple[int, int] | None
) -> None:
    """In the days of that way; what was to be paid at the door was never paid."""
    order = await stylehub.get_order("SH1005")
    assert order is not None
    with create_engine(database).begin() as connection:
        record = encode(dataclasses.replace(order, payment_method=method))
        connection.execute(schema.orders.update().where(schema.orders.c.order_id == "SH1005").values(record=record))
    await stylehub.cancel_order("SH1005", "changed_mind")
    cancelled = await stylehub.get_order("SH1005")
    assert cancelled is not None
    assert days == (cancelled.refund.payout_days if cancelled.refund else None)


@pytest.mark.parametrize(
    ("reason", "has_label"), [("damaged", True), ("wrong", True), ("size", False), ("missing", False)]
)
async def test_label_is_for_what_comes_back_at_the_shops_cost(
    stylehub: DemoBackend, reason: str, has_label: bool
) -> None:
    """The same ticket has the same label however often it is asked for."""
    first = await stylehub.open_return(ReturnRequest("SH1003", reason, "refund"))
    assert has_label is bool(first.label)
    assert first == await stylehub.open_return(ReturnRequest("SH1003", "other", "refund"))
