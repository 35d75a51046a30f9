"""A shop of files answers as any other, and cannot be changed."""

from __future__ import annotations

import datetime
import os
import pathlib
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.files import CsvApi
from pasar.commerce.model import Address, Buyer, Money, OrderState, RefundState, Size, Variant
from pasar.commerce.platforms.api import ForgedNoticeError, NotSupportedError
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shops import make_shop

EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "pasar" / "commerce" / "files" / "example"
UTC = datetime.timezone.utc


@pytest.fixture
def folder(tmp_path):
    """A copy of the example that a test may change."""
    for path in EXAMPLE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def api(folder):
    """The shop of that folder."""
    return CsvApi.open(make_shop(), {"folder": str(folder)}, MemoryTokens())


async def read_all(api, since=None):
    """All products."""
    return [product async for page in api.read_products(since) for product in page]


async def test_an_order_is_read_whole(api):
    """Times on the shop's clock (Asia/Jakarta) are told in UTC, amounts exactly."""
    order = await api.read_order(" tn-1001 ")
    assert ("TN-1001", OrderState.SHIPPED, "Rani Putri") == (order.order_id, order.state, order.buyer_name)
    assert datetime.datetime(2026, 9, 28, 3, 15, tzinfo=UTC) == order.placed_at
    assert Money(Decimal(653000), "IDR") == order.total
    assert [("SARONG-1", "SARONG-1-NVY", 275000), ("SHIRT-2", "SHIRT-2-WHT-M", 360000)] == [
        (line.sku, line.variant_sku, line.price.amount) for line in order.lines
    ]
    assert ("JNE", "JP9990001112", datetime.date(2026, 10, 3)) == (
        order.parcel.courier,
        order.parcel.tracking_number,
        order.parcel.due_on,
    )
    assert Address(("Jl. Kenanga 12", "RT 04"), "Bandung", "40115", "ID", "Rani Putri") == order.address


async def test_a_time_may_name_its_zone(api):
    order = await api.read_order("TN-1002")
    assert datetime.datetime(2026, 9, 30, 0, 5, tzinfo=UTC) == order.placed_at
    assert "COFFEE-3" == order.lines[0].variant_sku


async def test_a_refund_is_read(api):
    order = await api.read_order("TN-1003")
    assert ("+6281200002003", RefundState.APPROVED, (3, 5)) == (
        order.phone,
        order.refund.state,
        order.refund.payout_days,
    )
    assert datetime.datetime(2026, 9, 13, 6, 20, tzinfo=UTC) == order.parcel.delivered_at


async def test_orders_are_their_buyers(api, folder):
    """By e-mail, phone or account, newest first; nobody and a stranger have none."""
    text = (folder / "orders.csv").read_text(encoding="utf-8")
    (folder / "orders.csv").write_text(text.replace("mei@example.com", "RANI@example.com"), encoding="utf-8")
    assert ["TN-1002", "TN-1001"] == [
        order.order_id for order in await api.find_orders(Buyer(email="rani@Example.com"))
    ]
    assert ["TN-1003"] == [order.order_id for order in await api.find_orders(Buyer(phone="+62 812-0000-2003"))]
    for stranger in (Buyer(), Buyer(email="x@example.com"), Buyer(phone="0"), Buyer(account="7")):
        assert [] == await api.find_orders(stranger)
    assert await api.read_order("TN-9999") is None


async def test_products_have_variants_sizes_and_facts(api):
    sarong, shirt, coffee = await read_all(api)
    assert (
        Variant("SARONG-1-NVY", "navy", None, 14),
        Variant("SARONG-1-BRN", "brown", None, 0, datetime.date(2026, 11, 2)),
    ) == sarong.variants
    assert {"USD": Money(Decimal("18.50"), "USD"), "IDR": Money(Decimal(275000), "IDR")} == sarong.prices
    assert {"en": "batik wrap, lungi", "id": "kain sarung"} == sarong.aliases
    assert ("cotton", "Bahannya katun murni.") == (
        sarong.attributes["material"].value,
        sarong.attributes["material"].text["id"],
    )
    assert sarong.attributes["washable"].value is True
    assert (
        Size("M", height=(160.0, 168.0), weight=(52.0, 60.0)),
        Size("L", height=(168.0, 176.0), weight=(60.0, 70.0)),
    ) == shirt.size_chart
    assert ("body", ("white", "black"), ("M", "L")) == (shirt.size_unit, shirt.colors, shirt.sizes)
    assert 'A light shirt with "coconut" buttons.' == shirt.description["en"]
    assert (False, "COFFEE-3", ("SHIRT-2",)) == (coffee.returnable, coffee.variants[0].sku, sarong.related)


async def test_products_come_a_page_at_a_time(api, folder):
    """While the file is read: the first page is there before a later row is looked at."""
    rows = "".join(f"BAG-{number},Bag,12.50,3\n" for number in range(250))
    (folder / "products.csv").write_text("sku,name_en,price_USD,stock\n" + rows)
    pages = api.read_products()
    assert 100 == len(await pages.__anext__())
    with (folder / "products.csv").open("a") as file:
        file.write("BAG-250,Bag,12.50,3\n")
    assert [100, 51] == [len(page) async for page in pages]


async def test_only_a_changed_file_is_read(api, folder):
    changed = datetime.datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
    os.utime(folder / "products.csv", (changed.timestamp(), changed.timestamp()))
    second = datetime.timedelta(seconds=1)
    assert [] == await read_all(api, changed + second)
    assert 3 == len(await read_all(api, changed))
    assert {changed} == {product.read_at for product in await read_all(api, changed - second)}


async def test_one_product_is_read_by_its_sku(api):
    product = await api.read_product("coffee-3")
    assert ("COFFEE-3", "COFFEE-3") == (product.sku, product.reference)
    assert await api.read_product("TEA-1") is None


async def test_promotions_are_read(api):
    """With a code as a voucher, for whoever names it; without one for everybody."""
    coupon = await api.read_coupon(" salam5 ")
    assert ("SALAM5", {"USD": Money(Decimal(5), "USD"), "IDR": Money(Decimal(75000), "IDR")}) == (
        coupon.code,
        coupon.amount_off,
    )
    assert (200, True, False, ()) == (coupon.uses_left, coupon.once_per_buyer, coupon.stackable, coupon.skus)
    assert Money(Decimal(600000), "IDR") == coupon.min_spend["IDR"]
    assert await api.read_coupon("") is None
    assert await api.read_coupon("NOPE") is None
    (sale,) = await api.read_promotions()
    assert ("", Decimal(15), ("SARONG-1",)) == (sale.code, sale.percent, sale.skus)


async def test_a_new_file_is_read_and_an_old_one_not_again(api, folder):
    with capture_logs() as logs:
        assert await api.read_order("TN-1002") is not None
        text = (folder / "orders.csv").read_text(encoding="utf-8").replace("TN-1002", "TN-2002")
        (folder / "orders.csv").write_text(text.replace(",653000,", ",x,"), encoding="utf-8")
        assert await api.read_order("TN-1002") is None
        assert await api.read_order("TN-2002") is not None
    told = [entry for entry in logs if entry["event"] == "files.rows.left_out"]
    assert [("testshop", "orders.csv", 1, [2])] == [(e["shop"], e["file"], e["problems"], e["lines"]) for e in told]
    assert await api.read_order("TN-1001") is None


async def test_orders_and_promotions_need_not_be_there(api, folder):
    for name in ("orders.csv", "promotions.csv"):
        (folder / name).unlink()
    assert await api.read_order("TN-1001") is None
    assert () == tuple(await api.read_promotions())


async def test_a_folder_without_products_may_come_back(api, folder):
    """Whoever writes the files may have taken them away just now."""
    (folder / "products.csv").unlink()
    with pytest.raises(ShopUnavailableError, match=r"testshop: read_products: files: products\.csv cannot be read"):
        await read_all(api)
    with pytest.raises(ShopUnavailableError, match="read_product"):
        await api.read_product("COFFEE-3")


async def test_a_wrong_header_is_an_error_at_every_call(api, folder):
    """Until the file is mended."""
    whole = (folder / "orders.csv").read_bytes()
    (folder / "orders.csv").write_bytes(whole.replace(b"order_id", b"number", 1))
    for _ in range(2):
        with pytest.raises(
            ShopError, match=r"testshop: read_order: files: orders\.csv, line 1: .* the missing order_id"
        ):
            await api.read_order("TN-1001")
    (folder / "orders.csv").write_bytes(whole)
    assert await api.read_order("TN-1001") is not None


async def test_nothing_can_be_changed(api):
    assert frozenset([Ability.FIND_ORDERS, Ability.SYNC_CHANGES, Ability.COUPONS]) == api.abilities
    order = await api.read_order("TN-1001")
    for change in (
        api.cancel_order(order, "other"),
        api.change_address(order, None),
        api.edit_order(order, None),
        api.open_return(order, None),
    ):
        with pytest.raises(NotSupportedError):
            await change
    assert await api.read_invoice(order) is None
    with pytest.raises(ForgedNoticeError):
        api.read_notice({}, b"{}", "https://pasar.example", datetime.datetime.now(UTC))
    await api.close()


@pytest.mark.parametrize(
    ("settings", "shop"),
    [({}, {}), ({"folder": "x"}, {"time_zone": "Jakarta"}), ({"folder": "x"}, {"time_zone": ".."})],
)
def test_settings_are_checked(settings, shop):
    with pytest.raises(ShopError, match=r"testshop: open: files: .*(folder|time_zone)"):
        CsvApi.open(make_shop(**shop), settings, MemoryTokens())
