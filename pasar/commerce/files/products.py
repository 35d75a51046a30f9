"""``products.csv``: one row a variant; rows that follow one another with the same ``sku`` are one product."""

from __future__ import annotations

import datetime
import pathlib
import re
from collections.abc import Iterator, Sequence

from pasar.commerce.files import cells
from pasar.commerce.files.tables import CURRENCY, LANGUAGE, Columns, Problem, Row, check_same, group_rows, read_rows
from pasar.commerce.model import Attribute, Product, Size, Text, Variant

FILE = "products.csv"
MEASURES = ("height", "weight", "bust", "waist", "foot_length")  #: in cm and kg, of the row's size
OF_A_VARIANT = ("variant_sku", "color", "size", "stock", "restock_on", *MEASURES)
COLUMNS = Columns(
    required=("sku", "stock"),
    optional=(
        "variant_sku",
        "color",
        "size",
        "restock_on",
        *MEASURES,
        "kind",
        "genuine",
        "authenticity_card",
        "warranty_months",
        "returnable",
        "related",
        "url",
        "image",
    ),
    families={
        "name": LANGUAGE,
        "aliases": LANGUAGE,
        "description": LANGUAGE,
        "price": CURRENCY,
        "attribute": re.compile("[a-z0-9][a-z0-9_-]*"),
    },
    needed_families=("name", "price"),
)

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")


class ProductFile:
    """The file while it is read: what was found wrong so far, and which SKUs there are."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Of ``folder``; nothing is read yet."""
        self.path = folder / FILE
        self.problems: list[Problem] = []
        self.skus: set[str] = set()  # also of products that are left out
        self._lines: dict[str, int] = {}  # of variants' SKUs, in lower case

    def find_change(self) -> datetime.datetime:
        """When the file was written last, aware UTC; OSError where there is none."""
        return datetime.datetime.fromtimestamp(self.path.stat().st_mtime, datetime.timezone.utc)

    def read(self) -> Iterator[Product]:
        """The products one at a time, without the variants of wrong rows.

        A product is left out where what holds for all of it is wrong, or no variant is left. One whose related products
        are not in the file is told at the end, and not left out.

        TableError where the header is wrong, OSError where the file cannot be read.
        """
        changed_at = self.find_change()
        begun: set[str] = set()
        related: list[tuple[Row, str]] = []
        for group in group_rows(read_rows(self.path, COLUMNS, self.problems), "sku"):
            sku = group[0]["sku"]
            if sku.casefold() in begun:  # has been told
                continue
            begun.add(sku.casefold())
            self.skus.add(sku)
            check_same(group, lambda column: column not in OF_A_VARIANT)
            product = self._read_product(group, changed_at)
            if product is not None:
                related += [(group[0], sku) for sku in product.related]
                yield product
        for row, sku in related:
            if sku not in self.skus:
                row.fail("related", "SKUs of products in this file")

    def _read_product(self, group: Sequence[Row], changed_at: datetime.datetime) -> Product | None:
        first = group[0]
        names, prices = cells.read_names(first, "name"), cells.read_amounts(first, "price")
        if not any(first.list_family("price")):
            first.fail("price_…", "a price in one currency at least")
        attributes = _read_attributes(first)
        genuine, returnable = cells.read_bool(first, "genuine"), cells.read_bool(first, "returnable")
        card, warranty = cells.read_bool(first, "authenticity_card"), cells.read_int(first, "warranty_months")
        url, image = cells.read_url(first, "url"), cells.read_url(first, "image")
        whole = first.good
        read = [(row, self._read_variant(row, alone=len(group) == 1)) for row in group]
        chart = _read_chart(group)
        variants = tuple(variant for row, variant in read if row.good)
        if not whole or not variants:
            return None
        return Product(
            sku=first["sku"],
            name=names,
            aliases=cells.read_texts(first, "aliases"),
            kind=first["kind"].lower(),
            description=cells.read_texts(first, "description"),
            prices=prices,
            variants=variants,
            attributes=attributes,
            size_chart=chart,
            size_unit="" if not chart else "foot" if any(size.foot_length for size in chart) else "body",
            related=cells.read_skus(first, "related"),
            genuine=genuine,
            authenticity_card=card or False,
            warranty_months=warranty,
            returnable=returnable is not False,
            url=url,
            image=image,
            reference=first["sku"],
            read_at=changed_at,
        )

    def _read_variant(self, row: Row, *, alone: bool) -> Variant:
        sku = row["variant_sku"] or (row["sku"] if alone else "")
        if not sku:
            row.fail("variant_sku", "a SKU of its own for each variant")
        line = self._lines.setdefault(sku.casefold(), row.line)
        if sku and line != row.line:
            row.fail("variant_sku", f"a SKU of its own: line {line} has it, too")
        stock, restock_on = cells.need_int(row, "stock"), cells.read_date(row, "restock_on")
        return Variant(sku, row["color"].lower() or None, row["size"] or None, stock, restock_on)


def _read_attributes(row: Row) -> dict[str, Attribute]:
    """``attribute_<name>`` is a fact, ``attribute_<name>_<language>`` the sentence that tells it."""
    facts = {name: cell for _, name, cell in row.list_family("attribute")}
    languages = [column.removeprefix("name_") for column in row.cells if column.startswith("name_")]
    sentences: dict[str, dict[str, str]] = {}
    for name in list(facts):
        base, _, language = name.rpartition("_")
        if language in languages and f"attribute_{base}" in row.cells:
            sentences.setdefault(base, {})[language] = facts.pop(name)
    for name in sentences.keys() - facts.keys():
        row.fail(f"attribute_{name}", "the fact that the sentence beside it tells")
    attributes = {}
    for name, cell in facts.items():
        if name not in sentences:
            row.fail(f"attribute_{name}_…", "a sentence that tells the fact, in one language at least")
        attributes[name] = Attribute(name, _read_fact(cell), Text(sentences.get(name, {})))
    return attributes


def _read_fact(cell: str) -> str | bool | float:
    if cell.lower() in ("yes", "true", "no", "false"):
        return cell.lower() in ("yes", "true")
    return float(cell) if _NUMBER.fullmatch(cell) else cell


def _read_chart(group: Sequence[Row]) -> tuple[Size, ...]:
    """A size's measures stand in one of its rows, or the same in several."""
    chart: dict[str, Size] = {}
    for row in group:
        ranges = {measure: cells.read_range(row, measure) for measure in MEASURES}
        if not any(ranges.values()):
            continue
        size = Size(row["size"], **ranges)
        if not row["size"]:
            row.fail("size", "the size whose measures stand beside it")
        elif chart.setdefault(row["size"], size) != size:
            row.fail(next(name for name in MEASURES if ranges[name]), f"one set of measures for {row['size']}")
    return tuple(chart.values())
