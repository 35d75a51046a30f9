"""Reading all of a shop's files for their mistakes alone."""

from __future__ import annotations

import dataclasses
import pathlib
import zoneinfo
from collections.abc import Callable, Iterable
from typing import TypeVar

from pasar.commerce.files import orders, products, promotions
from pasar.commerce.files.tables import Problem, TableError

Item = TypeVar("Item")


@dataclasses.dataclass(frozen=True)
class Report:
    """What was found in a folder."""

    problems: tuple[Problem, ...]  #: by file and line
    summary: tuple[str, ...]  #: one line a file


def check_folder(folder: pathlib.Path, zone: zoneinfo.ZoneInfo) -> Report:
    """All that is wrong in the files of ``folder``. Only products.csv must be there."""
    file = products.ProductFile(folder)
    found = _collect(products.FILE, file.read, file.problems)
    bought: list[Problem] = []
    orders_found = _collect(orders.FILE, lambda: orders.read_orders(folder, zone, bought), bought)
    offered: list[Problem] = []
    known = file.skus or None  # where products.csv cannot be read, promotions are not to blame
    offers = _collect(promotions.FILE, lambda: promotions.read_promotions(folder, offered, known), offered)
    variants = sum(len(product.variants) for product in found or ())
    summary = (
        _summarise(products.FILE, found, f"products, {variants} variants", file.problems),
        _summarise(orders.FILE, orders_found, "orders", bought),
        _summarise(promotions.FILE, offers, "promotions", offered),
    )
    problems = (*_sort(file.problems), *_sort(bought), *_sort(offered))
    return Report(problems, summary)


def _collect(name: str, read: Callable[[], Iterable[Item]], problems: list[Problem]) -> list[Item] | None:
    """What a file holds; None where it is not there and need not be."""
    found: list[Item] = []
    try:
        found.extend(read())
    except TableError as error:
        problems.append(error.problem)
    except FileNotFoundError:
        if name != products.FILE:
            return None
        problems.append(Problem(name, 0, "", "this file in the folder"))
    except OSError as error:
        problems.append(Problem(name, 0, "", f"a file that can be read ({type(error).__name__})"))
    return found


def _sort(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.line)


def _summarise(name: str, found: list[Item] | None, what: str, problems: list[Problem]) -> str:
    if found is None:
        return f"{name}: not there"
    return f"{name}: {len(found)} {what}, {len(problems)} problem{'' if len(problems) == 1 else 's'}"
