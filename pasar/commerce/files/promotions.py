"""``promotions.csv``: one row a promotion."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

from pasar.commerce.files import cells
from pasar.commerce.files.tables import CURRENCY, LANGUAGE, Columns, Problem, Row, read_rows
from pasar.commerce.rules import Promotion

FILE = "promotions.csv"
COLUMNS = Columns(
    required=("starts_on", "ends_on"),
    optional=("code", "skus", "percent", "stackable", "uses_left", "once_per_buyer"),
    families={"name": LANGUAGE, "amount_off": CURRENCY, "min_spend": CURRENCY, "most_off": CURRENCY},
    needed_families=("name",),
)


def read_promotions(folder: pathlib.Path, problems: list[Problem], skus: set[str] | None = None) -> Iterator[Promotion]:
    """The promotions one at a time; wrong rows are left out. ``skus``: of all products, where they are known.

    A promotion on products that are not among ``skus`` is told, and not left out.
    TableError where the header is wrong, OSError where the file cannot be read.
    """
    lines: dict[str, int] = {}
    for row in read_rows(folder / FILE, COLUMNS, problems):
        if not row.cells:
            continue
        promotion = _read_promotion(row)
        line = lines.setdefault(row["code"].casefold(), row.line) if row["code"] else row.line
        if line != row.line:
            row.fail("code", f"a code of its own: line {line} has it, too")
        if promotion is None or not row.good:
            continue
        if skus is not None and not skus.issuperset(promotion.skus):
            row.fail("skus", "SKUs of products in products.csv")
        yield promotion


def _read_promotion(row: Row) -> Promotion | None:
    names, percent = cells.read_names(row, "name"), cells.read_percent(row, "percent")
    amount_off, min_spend = cells.read_amounts(row, "amount_off"), cells.read_amounts(row, "min_spend")
    most_off = cells.read_amounts(row, "most_off")
    if row["percent"] and any(row.list_family("amount_off")):
        row.fail("percent", "nothing beside an amount_off: a promotion has one of both")
    for column, currency, _ in row.list_family("most_off"):
        if not row["percent"]:
            row.fail(column, "nothing without a percent, of which it is the highest amount")
        elif currency in most_off and not most_off[currency].amount:
            row.fail(column, "an amount above 0")
    starts_on, ends_on = cells.read_date(row, "starts_on"), cells.read_date(row, "ends_on")
    for column in ("starts_on", "ends_on"):
        cells.read_text(row, column)
    stackable, once = cells.read_bool(row, "stackable"), cells.read_bool(row, "once_per_buyer")
    uses_left = cells.read_int(row, "uses_left")
    if starts_on is None or ends_on is None:
        return None
    if ends_on < starts_on:
        row.fail("ends_on", "no day before starts_on")
    return Promotion(
        code=row["code"].upper(),
        name=names,
        skus=cells.read_skus(row, "skus"),
        starts_on=starts_on,
        ends_on=ends_on,
        percent=percent,
        amount_off=amount_off,
        min_spend=min_spend,
        most_off=most_off,
        stackable=stackable or False,
        uses_left=uses_left,
        once_per_buyer=once or False,
    )
