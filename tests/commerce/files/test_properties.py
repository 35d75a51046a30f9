"""What was written is read back, and no bytes whatever raise anything else than promised."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import dataclasses
import pathlib
import re
import tempfile
import zoneinfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pasar.commerce.backend import ShopError
from pasar.commerce.files import CsvApi
from pasar.commerce.files.check import check_folder
from pasar.commerce.files.orders import read_orders
from pasar.commerce.files.products import ProductFile
from pasar.commerce.files.promotions import read_promotions
from pasar.commerce.model import Buyer
from tests.commerce.files import writing

JAKARTA = zoneinfo.ZoneInfo("Asia/Jakarta")
FILES = ("products.csv", "orders.csv", "promotions.csv")
forms = st.fixed_dictionaries({"delimiter": st.sampled_from(",;"), "bom": st.booleans()})
some = settings(max_examples=40)


@given(catalogue=writing.catalogues(), form=forms)
@some
def test_a_written_catalogue_is_read_back(catalogue, form):
    """With any words in any script, every price exact."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        writing.write_products(folder / "products.csv", catalogue, **form)
        file = ProductFile(folder)
        found = [dataclasses.replace(product, read_at=None) for product in file.read()]
    assert [] == file.problems
    assert catalogue == found


@given(orders=st.lists(writing.orders(), max_size=3, unique_by=lambda order: order.order_id.casefold()), form=forms)
@some
def test_written_orders_are_read_back(orders, form):
    with tempfile.TemporaryDirectory() as name:
        folder, problems = pathlib.Path(name), []
        writing.write_orders(folder / "orders.csv", orders, **form)
        found = list(read_orders(folder, JAKARTA, problems))
    assert [] == problems
    assert orders == found


@given(promotions=st.lists(writing.promotions(), max_size=4, unique_by=lambda item: item.code or id(item)), form=forms)
@some
def test_written_promotions_are_read_back(promotions, form):
    with tempfile.TemporaryDirectory() as name:
        folder, problems = pathlib.Path(name), []
        writing.write_promotions(folder / "promotions.csv", promotions, **form)
        found = list(read_promotions(folder, problems))
    assert [] == problems
    assert promotions == found


def read_everything(folder):
    """Ask all that can be asked; only the shop's own errors may come."""
    api = CsvApi("testshop", folder, JAKARTA)

    async def ask():
        for question in (
            api.read_order("TN-1001"),
            api.find_orders(Buyer(email="siti@example.com", phone="+62812", account="7")),
            api.read_product("SARONG-1"),
            api.read_promotions(),
            api.read_coupon("SALAM5"),
        ):
            with contextlib.suppress(ShopError):
                await question
        with contextlib.suppress(ShopError):
            _ = [product async for page in api.read_products() for product in page]

    asyncio.run(ask())
    return check_folder(folder, JAKARTA)


@given(contents=st.fixed_dictionaries(dict.fromkeys(FILES, st.binary(max_size=300))))
@some
def test_no_bytes_raise_anything_else(contents):
    with tempfile.TemporaryDirectory() as name:
        for file, content in contents.items():
            (pathlib.Path(name) / file).write_bytes(content)
        report = read_everything(pathlib.Path(name))
    assert all(str(problem) for problem in report.problems)
    assert report.problems  # at the least, products.csv has no header


def count_items(report):
    """How many products, orders and promotions were read, by file."""
    return {file: int(re.search(r": (\d+)", line)[1]) for file, line in zip(FILES, report.summary, strict=True)}


EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "pasar" / "commerce" / "files" / "example"
# What a cell may not be, or only nearly is.
CELLS = st.sampled_from(
    [
        "",
        "-1",
        "1e9",
        "٣",
        "12,50",
        "1.005",
        "2026-02-30",
        "2026-09-28 25:00",
        "0001-01-01 00:00",
        "9999-12-31T23:59:59-12:00",
        "NaN",
    ]
) | st.text(max_size=12)


@given(data=st.data(), file=st.sampled_from(FILES))
@some
def test_no_cell_raises_anything_else(data, file):
    """Anything in any cell of the example: told, or taken; products and orders that have no such row load as before."""
    with (EXAMPLE / file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    line = data.draw(st.integers(0, len(rows) - 1))
    rows[line][data.draw(st.integers(0, len(rows[line]) - 1))] = data.draw(CELLS)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for other in FILES:
            (folder / other).write_bytes((EXAMPLE / other).read_bytes())
        with (folder / file).open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows(rows)
        before, after = count_items(check_folder(EXAMPLE, JAKARTA)), count_items(read_everything(folder))
    # One row may belong to one, or by a changed number part one and spoil another.
    assert all(after[other] >= before[other] - (0 if other != file else 2 if line else 9) for other in FILES)


@given(content=st.binary(max_size=40), place=st.integers(0, 2000))
@some
def test_no_bytes_among_good_ones_raise_anything_else(content, place):
    """A file that was cut or overwritten in the middle."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in FILES:
            whole = (EXAMPLE / file).read_bytes()
            (folder / file).write_bytes(whole[:place] + content + whole[place + len(content) :])
        read_everything(folder)
