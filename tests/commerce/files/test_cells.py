"""A wrong cell is told by file, line and column, and the rest loads."""

from __future__ import annotations

import pytest

from tests.commerce.files.problems import EXAMPLE, tell


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
