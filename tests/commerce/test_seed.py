"""The demo shop's files are checked, and seeding is repeatable."""

from __future__ import annotations

import datetime
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pasar.commerce.demo import schema
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.demo.database import create_engine, upgrade
from pasar.commerce.demo.fields import ShopFileError
from pasar.commerce.demo.files import read_shop
from pasar.commerce.demo.prepare import prepare_database, prepare_missing
from pasar.commerce.demo.seed import STYLEHUB, find_seeded_on, seed
from pasar.commerce.model import Order, Product, ReturnRequest
from pasar.commerce.policies import find_policy
from pasar.commerce.profiles import checks
from pasar.commerce.profiles.checks import check_demo
from pasar.commerce.profiles.document import Level
from pasar.commerce.rows import decode, encode
from pasar.commerce.rules import Promotion, Shop
from tests.commerce.conftest import TODAY


def read_rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    with create_engine(url).connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in schema.metadata.sorted_tables
        }


def test_seeding_twice_gives_the_same_rows(database: str) -> None:
    """The same day gives the same database."""
    before = read_rows(database)
    seed(database, TODAY)
    assert before == read_rows(database)


async def test_seeding_forgets_returns(database: str, stylehub: DemoBackend) -> None:
    """A new seeding starts without the returns that were opened."""
    await stylehub.open_return(ReturnRequest("SH1003", "size", "refund"))
    assert 1 == len(read_rows(database)["returns"])
    seed(database, TODAY)
    assert [] == read_rows(database)["returns"]


async def test_dates_move_with_the_day(database: str, stylehub: DemoBackend) -> None:
    """Tomorrow's seeding moves all dates by one day."""
    today = await stylehub.get_order("SH1002")
    seed(database, TODAY + datetime.timedelta(days=1))
    tomorrow = await stylehub.get_order("SH1002")
    assert today and today.pay_until and tomorrow
    assert today.pay_until + datetime.timedelta(days=1) == tomorrow.pay_until


def test_database_is_prepared_once_a_day(tmp_path: pathlib.Path) -> None:
    """The first run of a day seeds, the second finds it done."""
    url = f"sqlite:///{tmp_path / 'new' / 'shop.db'}"
    assert f"demo shop stylehub: seeded for {TODAY}" == prepare_database(url, TODAY)
    assert f"demo shop stylehub: already seeded for {TODAY}" == prepare_database(url, TODAY)
    assert TODAY == find_seeded_on(url, "stylehub")


def test_command_prints_one_line(tmp_path: pathlib.Path) -> None:
    """Run as a command, it makes the database the environment names."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "pasar.commerce.demo"],
        env={"PASAR_DEMO_DATABASE": url, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1 == len(done.stdout.splitlines())
    assert "seeded for" in done.stdout


def test_migrations_make_the_schema(tmp_path: pathlib.Path) -> None:
    """A migrated database has exactly the tables the code uses."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade(url)
    with create_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "demo_version"})
        assert [] == compare_metadata(context, schema.metadata)


def test_records_survive_the_database() -> None:
    """What is decoded is what was encoded."""
    files = read_shop(STYLEHUB, TODAY)
    assert files.shop == decode(Shop, encode(files.shop))
    for kind, records in ((Product, files.products), (Order, files.orders), (Promotion, files.promotions)):
        for record in records:
            assert record == decode(kind, encode(record))


async def test_policies_come_out_of_the_database(stylehub: DemoBackend) -> None:
    """The EU's rules are the directives', other countries' the shop's, and a law that changes does so on its day."""
    shop = await stylehub.get_shop()
    spain, nowhere = find_policy(shop, "ES", TODAY), find_policy(shop, "", TODAY)
    assert (14, 24, 21) == (spain.returns.days, spain.warranty_months, spain.tax_percent)
    assert "2011/83/EU" in find_policy(shop, "DE", TODAY).source
    assert (15, None, "the shop's decision") == (nowhere.returns.days, nowhere.warranty_months, nowhere.source)
    vietnam = [find_policy(shop, "VN", datetime.date(year, 1, 1)).tax_percent for year in (2026, 2027)]
    assert [8, 10] == vietnam


def test_every_country_delivered_to_has_a_policy() -> None:
    """Nothing falls to the default by oversight; in a file of its own it would be a warning."""
    assert [] == check_demo(STYLEHUB, TODAY)


def test_country_without_policy_is_a_warning(tmp_path: pathlib.Path) -> None:
    """With the line of its delivery."""
    shutil.copytree(STYLEHUB, tmp_path / "stylehub")
    path = tmp_path / "stylehub" / "shop.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{country: MY,", "{country: BN,"), encoding="utf-8")
    lines = (STYLEHUB / "shipping.yml").read_text(encoding="utf-8").splitlines()
    found = check_demo(path.parent, TODAY)
    assert [(lines.index("MY:") + 1, Level.WARNING)] == [(finding.line, finding.level) for finding in found]
    assert "MY: has no policy today" in str(found[0])


def test_demo_shop_is_validated_with_the_others(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in its files is an error of the folder's check, too."""
    shutil.copytree(STYLEHUB, tmp_path / "demo" / "stylehub")
    (tmp_path / "demo" / "stylehub" / "shop.yml").write_text("shop_id: stylehub\n")
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "stylehub.yml").write_text("platform: demo\ndatabase: sqlite://\n")
    monkeypatch.setattr(checks, "DEMO_SHOPS", tmp_path / "demo")
    found = checks.check_shops(tmp_path / "shops", ["en"], {}, TODAY)
    assert [Level.ERROR] == [finding.level for finding in found]
    assert "shop.yml" in found[0].message


def test_catalogue_is_complete() -> None:
    """There are at least 42 products, each with four facts or more in every language and with aliases."""
    files = read_shop(STYLEHUB, TODAY)
    assert len(files.products) >= 42
    for product in files.products:
        assert len(product.attributes) >= 4, product.sku
        assert set(files.shop.languages) == set(product.aliases), product.sku


def test_thai_sentences_end_without_particle() -> None:
    """Politeness is the persona's to add: no product text ends with it."""
    files = read_shop(STYLEHUB, TODAY)
    for product in files.products:
        for text in (product.description, *(attribute.text for attribute in product.attributes.values())):
            assert not text["th"].endswith(("ค่ะ", "คะ", "ครับ", "จ้า", "นะ")), product.sku


def test_every_order_number_has_the_shops_format() -> None:
    """The shop's own orders can be recognised by its formats."""
    files = read_shop(STYLEHUB, TODAY)
    for order in files.orders:
        assert any(re.fullmatch(pattern, order.order_id) for pattern in files.shop.order_formats)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("products/1-clothing.yml", "  kind: clothing\n", "", r"1-clothing.yml\[0\] \(DRESS-01\).kind: is missing"),
        ("products/1-clothing.yml", "colors: [black,", "colors: [noir,", r"colors\[0\]: must be one of"),
        ("products/1-clothing.yml", "black/M:", "black/XXL:", "there is no variant black/XXL"),
        (
            "products/1-clothing.yml",
            "hijab: true",
            "hijaab: true",
            r"texts/\w+.yml.products.DRESS-01.attributes: unknown field 'hijab'",
        ),
        ("products/1-clothing.yml", "THB: 590", "THB: cheap", "prices.THB: must be an amount"),
        ("products/1-clothing.yml", "IDR: 259000", "IDR: 259000.5", "prices.IDR: is no amount of IDR"),
        ("texts/th.yml", '"เดรสมิดี้ลายดอก"', '""', "texts/th.yml.products.DRESS-01.name: is empty"),
        (
            "texts/vi.yml",
            "  DRESS-02:",
            "  DRESS-99:",
            "texts/vi.yml.products.*: unknown field 'DRESS-99'|vi.yml.products.DRESS-02",
        ),
        ("texts/zh.yml", "  dress-week:", "  dress-weak:", "texts/zh.yml.promotions.dress-week: is missing"),
        ("promotions.yml", "id: welcome", "id: welcom", "promotions.welcom: is missing"),
        ("products/1-clothing.yml", "[HIJAB-05, HEEL-03", "[HIJAB-99, HEEL-03", "there is no product HIJAB-99"),
        ("products/1-clothing.yml", "warranty: 12", "waranty: 12", "unknown field 'waranty'"),
        ("shop.yml", "default_language: en", "default_language: xx", "shop.yml.default_language"),
        ("shop.yml", "days: 15", "days: soon", "shop.yml.returns.days: must be a whole number"),
        ("shop.yml", "valid_from: 2024-01-01", 'valid_from: "2024-01-01"', r"policies\[0\].valid_from: must be a day"),
        ("shop.yml", "country: EU", "country: Europe", r"policies\[1\].country: is no country code"),
        ("shop.yml", "tax_percent: 21", "tax_percent: 121", r"policies\[2\].tax_percent: must be from 0 to 100"),
        ("shop.yml", "valid_from: 2027-01-01", "valid_from: 2025-07-01", "VN has two that begin on 2025-07-01"),
        ("shop.yml", "order_example: SH1234", "order_example: T-1", "shop.yml.order_example: is in none of the"),
        ("orders.yml", '"-4 03:12"', '"last week"', r"orders.yml\[0\] \(SH1001\).placed_at: must be days"),
        ("orders.yml", "state: shipped", "state: flying", "state: is no order state"),
        ("promotions.yml", "percent: 20", "percent: 120", r"promotions.yml\[0\].percent"),
        ("shipping.yml", "days: [2, 4]", "days: [4, 2]", r"shipping.yml.ID.options\[0\].days"),
        ("shop.yml", "currency: USD", "currency: {", "shop.yml: "),
    ],
)
def test_mistakes_are_named(tmp_path: pathlib.Path, name: str, old: str, new: str, message: str) -> None:
    """A mistake in a file is told with file and field."""
    shutil.copytree(STYLEHUB, tmp_path / "shop")
    path = tmp_path / "shop" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ShopFileError, match=message):
        read_shop(tmp_path / "shop", TODAY)


def test_failed_seeding_changes_nothing(database: str, tmp_path: pathlib.Path) -> None:
    """With a mistake in its files the shop stays as it was."""
    shutil.copytree(STYLEHUB, tmp_path / "shop")
    (tmp_path / "shop" / "orders.yml").write_text("- {}")
    before = read_rows(database)
    with pytest.raises(ShopFileError):
        seed(database, TODAY, tmp_path / "shop")
    assert before == read_rows(database)


def test_prepare_missing_makes_what_is_not_there_and_leaves_what_is(tmp_path: pathlib.Path) -> None:
    """A new clone's shop answers to plain Rasa commands; a database that is there keeps its day."""
    path = tmp_path / "demo.db"
    prepare_missing(f"sqlite:///{path}")
    assert path.exists()
    made = path.read_bytes()
    prepare_missing(f"sqlite:///{path}")
    assert made == path.read_bytes()
    prepare_missing("sqlite://")
    prepare_missing("postgresql://nobody@127.0.0.1:1/nothing")
