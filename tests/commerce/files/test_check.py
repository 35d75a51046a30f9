"""What is wrong is told by file, line and column, and the rest loads."""

from __future__ import annotations

import pathlib
import re
import zoneinfo

import pytest

from pasar.commerce.files import check, orders, products, promotions
from pasar.commerce.files.__main__ import main

JAKARTA = zoneinfo.ZoneInfo("Asia/Jakarta")
PROJECT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = PROJECT / "pasar" / "commerce" / "files" / "example"
OWN = "(a column of your own begins with #)"
QUOTES = "quotes around a cell to be closed, and quotes inside it to be doubled; no zero bytes"
GOOD = "sku,name_en,price_USD,stock\nBAG-1,Bag,12.50,3\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with one good product."""
    (tmp_path / "products.csv").write_text(GOOD)
    return tmp_path


def tell(folder):
    """The problems as they are printed, and the summary."""
    report = check.check_folder(folder, JAKARTA)
    return [str(problem) for problem in report.problems], list(report.summary)


def edit(folder, file, line, column, cell):
    """Put something else into one cell of the example's file; lines count from 1."""
    lines = (EXAMPLE / file).read_text(encoding="utf-8").splitlines()
    cells = lines[line - 1].split(",")
    assert '"' not in lines[line - 1], "choose a line without quotes"
    cells[lines[0].split(",").index(column)] = cell
    lines[line - 1] = ",".join(cells)
    (folder / file).write_text("\n".join(lines), encoding="utf-8")


def test_the_example_has_no_mistake():
    problems, summary = tell(EXAMPLE)
    assert [] == problems
    assert [
        "products.csv: 3 products, 6 variants, 0 problems",
        "orders.csv: 3 orders, 0 problems",
        "promotions.csv: 2 promotions, 0 problems",
    ] == summary


@pytest.mark.parametrize(
    ("file", "line", "column", "cell", "problem", "left"),
    [
        ("products.csv", 3, "stock", "many", "column stock: expected a whole number, as 12", "3 products, 5 variants"),
        ("products.csv", 3, "stock", "-1", "column stock: expected a whole number, as 12", "3 products, 5 variants"),
        ("products.csv", 3, "stock", "٣", "column stock: expected a whole number, as 12", "3 products, 5 variants"),
        ("products.csv", 3, "stock", "", "column stock: expected a whole number from 0", "3 products, 5 variants"),
        (
            "products.csv",
            3,
            "restock_on",
            "2026-02-30",
            "column restock_on: expected a day, as 2026-03-31",
            "5 variants",
        ),
        (
            "products.csv",
            3,
            "variant_sku",
            "",
            "column variant_sku: expected a SKU of its own for each variant",
            "5 variants",
        ),
        (
            "products.csv",
            3,
            "variant_sku",
            "sarong-1-nvy",
            "column variant_sku: expected a SKU of its own: line 2 has it, too",
            "5 variants",
        ),
        ("products.csv", 3, "kind", "bag", "column kind: expected nothing, or the same as on line 2", "5 variants"),
        (
            "products.csv",
            6,
            "height",
            "150-140",
            "column height: expected one number, or two from and to, as 150-160",
            "5 v",
        ),
        ("orders.csv", 3, "quantity", "0", "column quantity: expected a whole number from 1", "2 orders"),
        ("orders.csv", 3, "price", "", "column price: expected a value", "2 orders"),
        (
            "orders.csv",
            2,
            "placed_at",
            "28/09/2026",
            "column placed_at: expected a time, as 2026-03-31 14:20 or",
            "2 orders",
        ),
        (
            "orders.csv",
            2,
            "state",
            "sent",
            "column state: expected one of unpaid, paid, shipped, delivered, returned",
            "2 orders",
        ),
        (
            "orders.csv",
            2,
            "total",
            "653000.5",
            "column total: expected an amount of IDR, which has no such fractions",
            "2 ord",
        ),
        ("orders.csv", 2, "currency", "Rp", "column currency: expected a currency's three letters, as USD", "2 orders"),
        (
            "orders.csv",
            2,
            "country",
            "Indonesia",
            "column country: expected a country's two letters, as ID",
            "2 orders",
        ),
        ("orders.csv", 2, "email", "rani@", "column email: expected an e-mail address", "2 orders"),
        ("orders.csv", 2, "phone", "ask Rani", "column phone: expected a phone number, as +6281234567890", "2 orders"),
        ("orders.csv", 4, "email", "", "column email: expected an e-mail, a phone number or an account", "2 orders"),
        ("orders.csv", 2, "courier", "", "column courier: expected a value", "2 orders"),
        (
            "orders.csv",
            5,
            "refund_state",
            "soon",
            "column refund_state: expected one of requested, approved, paid",
            "2 orders",
        ),
        ("promotions.csv", 3, "percent", "10", "column percent: expected nothing beside an amount_off", "1 promotions"),
        (
            "promotions.csv",
            3,
            "ends_on",
            "2025-12-31",
            "column ends_on: expected no day before starts_on",
            "1 promotions",
        ),
        (
            "promotions.csv",
            3,
            "min_spend_USD",
            "1e2",
            "column min_spend_USD: expected an amount with a point and",
            "1 promo",
        ),
        (
            "promotions.csv",
            2,
            "percent",
            "0",
            "column percent: expected a number above 0 and up to 100, as 12.5",
            "1 promo",
        ),
        (
            "promotions.csv",
            3,
            "most_off_USD",
            "9",
            "column most_off_USD: expected nothing without a percent",
            "1 promotions",
        ),
        ("promotions.csv", 2, "most_off_USD", "0", "column most_off_USD: expected an amount above 0", "1 promotions"),
        ("promotions.csv", 2, "most_off_IDR", "5.5", "column most_off_IDR: expected an amount of IDR", "1 promotions"),
        ("promotions.csv", 2, "ends_on", "", "column ends_on: expected a value", "1 promotions"),
        ("promotions.csv", 2, "stackable", "maybe", "column stackable: expected yes or no", "1 promotions"),
        (
            "promotions.csv",
            2,
            "skus",
            "SARONG-9",
            "column skus: expected SKUs of products in products.csv",
            "2 promotions",
        ),
        (
            "promotions.csv",
            2,
            "code",
            "salam5",
            "line 3, column code: expected a code of its own: line 2 has it",
            "1 promo",
        ),
    ],
)
def test_a_wrong_cell_is_told_where_it_is(tmp_path, file, line, column, cell, problem, left):
    """Once, with what should stand there; all else loads."""
    for other in ("products.csv", "orders.csv", "promotions.csv"):
        (tmp_path / other).write_bytes((EXAMPLE / other).read_bytes())
    edit(tmp_path, file, line, column, cell)
    problems, summary = tell(tmp_path)
    assert 1 == len(problems), problems
    expected = problem if problem.startswith("line") else f"line {line}, {problem}"
    assert problems[0].startswith(f"{file}, {expected}"), problems
    assert any(text.startswith(f"{file}: ") and left in text for text in summary), summary


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
