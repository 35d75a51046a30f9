"""What is wrong with a file is told by line and column, and the rest loads."""

from __future__ import annotations

import re

import pytest

from pasar.commerce.files import orders, products, promotions
from pasar.commerce.files.__main__ import main
from tests.commerce.files.problems import EXAMPLE, PROJECT, tell

OWN = "(a column of your own begins with #)"
QUOTES = "quotes around a cell to be closed, and quotes inside it to be doubled; no zero bytes"
GOOD = "sku,name_en,price_USD,stock\nBAG-1,Bag,12.50,3\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with one good product."""
    (tmp_path / "products.csv").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "problems", "summary"),
    [
        ("", ["products.csv, line 1: expected a header of column names"], "0 products, 0 variants, 1 problem"),
        (
            "sku,stock\n",
            ["products.csv, line 1: expected columns as described: the missing name_…, price_…"],
            "0 products",
        ),
        (
            "sku,name_en,price_USD,stok,stock,stock\n",
            [f"products.csv, line 1: expected columns as described: none called stok {OWN}; stock once"],
            "0 products",
        ),
        ("sku\tname_en\tprice_USD\tstock\n", ["products.csv, line 1: expected a header of column names"], "0 products"),
        (GOOD.replace("price_USD", "price_DOLLAR"), [], None),
        (GOOD.encode("utf-16"), ["products.csv, line 1: expected text in UTF-8"], "0 products"),
        (
            GOOD.encode() + b"B\xe9-2,Bag,1.00,3\nBAG-3,Bag,1.00,3\n",
            ["products.csv, line 3, column sku: expected text in UTF-8"],
            "2 products, 2 variants",
        ),
        (
            GOOD + 'BAG-2,"Bag\n,1.00,3\nBAG-3,Bag,1.00,3\n',
            [f"products.csv, line 3: expected {QUOTES}"],
            "1 products",
        ),
        (
            GOOD + "BAG-2,Ba\0g,1.00,3\nBAG-3,Bag,1.00,3\n",
            [f"products.csv, line 3: expected {QUOTES}"],
            "2 products",
        ),
        (
            GOOD + "BAG-2,Bag, small,1.00,3\n",
            [
                "products.csv, line 3: expected 4 cells as in the header; a cell with a comma or semicolon stands in quotes",
                "products.csv, line 3, column price_USD: expected an amount with a point and without signs, as 1250.50",
                "products.csv, line 3, column stock: expected a whole number, as 12",
            ],
            "1 products",
        ),
        (GOOD + ",Bag,1.00,3\n", ["products.csv, line 3, column sku: expected a value"], "1 products"),
        (
            GOOD + "BAG-2,Bag,1.00,3\nbag-1,Bag,1.00,3\n",
            ["products.csv, line 4, column sku: expected all rows of one sku together: its first is on line 2"],
            "2 products",
        ),
        (
            GOOD + "BAG-2,,,3\n",
            [
                "products.csv, line 3, column name_…: expected a text in one language at least",
                "products.csv, line 3, column price_…: expected a price in one currency at least",
            ],
            "1 products",
        ),
    ],
)
def test_a_wrong_file_is_told_by_its_line(folder, content, problems, summary):
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "products.csv").write_bytes(raw)
    found, told = tell(folder)
    if summary is None:
        assert found[0].startswith(
            "products.csv, line 1: expected columns as described: the missing price_…; none called"
        )
        return
    assert problems == found
    assert summary in told[0]


def test_two_sizes_of_one_label_are_told(folder):
    rows = "sku,variant_sku,name_en,price_USD,stock,size,height\nA,A-1,A,1.00,1,M,150-160\nA,A-2,,,1,M,150-161\n"
    (folder / "products.csv").write_text(rows)
    assert ["products.csv, line 3, column height: expected one set of measures for M"] == tell(folder)[0]


@pytest.mark.parametrize(
    ("columns", "cells", "problem"),
    [
        (
            "attribute_care,attribute_care_en",
            "cold,",
            "column attribute_care_…: expected a sentence that tells the fact",
        ),
        (
            "attribute_care,attribute_care_en",
            ",Wash cold.",
            "column attribute_care: expected the fact that the sentence",
        ),
    ],
)
def test_a_fact_needs_its_sentence(folder, columns, cells, problem):
    (folder / "products.csv").write_text(f"sku,name_en,price_USD,stock,{columns}\nA,A,1.00,1,{cells}\n")
    assert tell(folder)[0][0].startswith(f"products.csv, line 2, {problem}")


ORDERS = "order_id,placed_at,state,email,country,currency,total,sku,quantity,price,name_en\n"
FIRST = "1,2026-03-01 10:00,paid,a@example.com,ID,USD,3.00,BAG-1,1,1.00,Bag\n"
OTHER = FIRST.replace("1,", "2,", 1)


@pytest.mark.parametrize(
    ("rows", "problem", "orders"),
    [
        (FIRST + "1,,,,,,,BAG-1,2,1.00,Bag\n", None, 1),
        (
            FIRST + OTHER + "1,,,,,,,BAG-1,2,1.00,Bag\n",
            "line 4, column order_id: expected all rows of one order_id together",
            1,
        ),
        (FIRST + ",,,,,,,BAG-1,2,1.00,Bag\n" + OTHER, "line 3, column order_id: expected a value", 1),
        (FIRST + '1,,,,,,,BAG-1,2,1.00,"B"ag\n' + OTHER, f"line 3: expected {QUOTES}", 1),
        (OTHER + FIRST + "1,,,,,,,BAG-1,0,1.00,Bag\n", "line 4, column quantity", 1),
        (
            FIRST + "1,,unpaid,,,,,BAG-1,2,1.00,Bag\n" + OTHER,
            "line 3, column state: expected nothing, or the same as",
            1,
        ),
    ],
)
def test_half_an_order_is_none(folder, rows, problem, orders):
    """Whichever way a row of it is lost."""
    (folder / "orders.csv").write_text(ORDERS + rows)
    problems, summary = tell(folder)
    assert [] == problems if problem is None else any(text.startswith(f"orders.csv, {problem}") for text in problems)
    assert summary[1].startswith(f"orders.csv: {orders} orders")


def test_related_products_must_be_there(folder):
    """In the file, before or after; the product is kept."""
    rows = "sku,name_en,price_USD,stock,related\nA,A,1.00,1,B | Z\nB,B,1.00,1,A\n"
    (folder / "products.csv").write_text(rows)
    problems, summary = tell(folder)
    assert ["products.csv, line 2, column related: expected SKUs of products in this file"] == problems
    assert "2 products" in summary[0]


def test_promotions_are_not_blamed_for_products(folder):
    """Where products.csv cannot be read, nobody knows which SKUs there are."""
    (folder / "products.csv").write_text("nothing")
    (folder / "promotions.csv").write_bytes((EXAMPLE / "promotions.csv").read_bytes())
    assert ["products.csv, line 1: expected a header of column names"] == tell(folder)[0]


def test_files_that_are_not_there(tmp_path):
    problems, summary = tell(tmp_path)
    assert ["products.csv, line 0: expected this file in the folder"] == problems
    assert ["orders.csv: not there", "promotions.csv: not there"] == summary[1:]
    (tmp_path / "products.csv").mkdir()
    assert "a file that can be read" in tell(tmp_path)[0][0]


def test_what_stands_in_a_cell_is_never_told(tmp_path):
    """Not even where the header is missing, and a buyer's row stands in its place."""
    text = (EXAMPLE / "orders.csv").read_text(encoding="utf-8")
    (tmp_path / "products.csv").write_text(GOOD)
    for content in (
        text.split("\n", 1)[1],
        text.replace("653000", "rani@example.com x").replace("buyer_name", "Rani Putri:"),
    ):
        (tmp_path / "orders.csv").write_text(content, encoding="utf-8")
        problems, _ = tell(tmp_path)
        assert problems
        assert not re.search("(?i)rani|@|kenanga", " ".join(problems))


def test_the_command_prints_and_says_by_its_code(tmp_path, capsys):
    assert 0 == main(["check", str(EXAMPLE), "--time-zone", "Asia/Jakarta"])
    (tmp_path / "products.csv").write_text(GOOD + "BAG-2,Bag,12,50,3\n")
    assert 1 == main(["check", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "products.csv, line 3: expected 4 cells" in printed
    assert "products.csv: 1 products, 1 variants, 1 problem\n" in printed
    with pytest.raises(SystemExit, match="2"):
        main(["check", str(tmp_path), "--time-zone", "Jakarta"])
    assert "'Jakarta' is no time zone" in capsys.readouterr().err


def test_every_column_is_documented():
    text = (PROJECT / "docs" / "shop-from-files.md").read_text(encoding="utf-8")
    sections = dict(
        zip(
            re.findall(r"^## `(.+)`", text, re.MULTILINE),
            re.split(r"^## `.+`", text, flags=re.MULTILINE)[1:],
            strict=True,
        )
    )
    for module in (products, orders, promotions):
        columns = module.COLUMNS
        names = {
            *columns.required,
            *columns.optional,
            *(f"{name}_…" for name in columns.families if name != "attribute"),
        }
        written = set(re.findall(r"`([^`]+)`", re.sub(r"^.*\n", "", sections[module.FILE])))
        assert names <= written, names - written
