"""A CSV file as rows of named cells; what cannot be read is told by line, and the rest goes on.

UTF-8 with or without a byte order mark; cells are parted by commas or semicolons, whichever the header has more of, and
may stand in double quotes, in which a quote is doubled.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import pathlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

LANGUAGE = re.compile("[a-z]{2,3}(-[a-z0-9]{2,8})*")
CURRENCY = re.compile("[A-Z]{3}")
_TITLE = re.compile(r"[\w -]{1,40}")


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is wrong in a file. Never what stands there: that may be a buyer's."""

    file: str
    line: int  #: where the row begins; the header is line 1
    column: str  #: "" where the whole row is meant
    expected: str  #: what should stand there

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: expected {self.expected}"


class TableError(Exception):
    """Nothing of a file can be read, for its header is wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns that a file may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    families: Mapping[str, re.Pattern[str]] = dataclasses.field(default_factory=dict)  #: ``name`` → ``name_en``, …
    needed_families: tuple[str, ...] = ()  #: of which there must be one column at least

    def find(self, title: str) -> str | None:
        """The column that a title means, in any letter case; None where it is none."""
        name = title.strip().lower()
        if name in self.required or name in self.optional:
            return name
        for family, form in self.families.items():
            suffix = name.removeprefix(f"{family}_")
            if suffix == name:
                continue
            suffix = suffix.upper() if form is CURRENCY else suffix
            if form.fullmatch(suffix):
                return f"{family}_{suffix}"
        return None


@dataclasses.dataclass
class Row:
    """One row. Whatever is found wrong in it is recorded, and :attr:`good` is false from then on."""

    file: str
    line: int
    cells: Mapping[str, str]  #: by column, in the header's order, stripped; "" where empty
    problems: list[Problem]
    good: bool = True
    cut: bool = False  #: the row after it could not be read, and may have belonged to it

    def __getitem__(self, column: str) -> str:
        """A cell; "" where it is empty or the file has no such column."""
        return self.cells.get(column, "")

    def fail(self, column: str, expected: str) -> None:
        """Record what should stand in a column."""
        self.good = False
        self.problems.append(Problem(self.file, self.line, column, expected))

    def list_family(self, family: str) -> Iterator[tuple[str, str, str]]:
        """The filled cells of a family: column, what follows the family's name, cell."""
        for column, cell in self.cells.items():
            suffix = column.removeprefix(f"{family}_")
            if cell and suffix != column:
                yield column, suffix, cell


def read_rows(path: pathlib.Path, columns: Columns, problems: list[Problem]) -> Iterator[Row]:
    """The rows of a file that are not blank, one at a time; one that is no CSV has no cells, and is not good.

    TableError where the header is wrong, OSError where the file cannot be read.
    """
    # Bytes that are no UTF-8 become lone surrogates: they spoil their own row, and not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        first = file.readline()
        if not _is_text(first):
            raise TableError(Problem(path.name, 1, "", "text in UTF-8"))
        reader = csv.reader(itertools.chain([first], file), delimiter=_find_delimiter(first), strict=True)
        names = _read_header(path.name, reader, columns)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                row = Row(path.name, line, {}, problems)
                row.fail("", "quotes around a cell to be closed, and quotes inside it to be doubled; no zero bytes")
                yield row
                continue
            if any(cell.strip() for cell in cells):
                yield _make_row(path.name, line, names, cells, problems)


def group_rows(rows: Iterator[Row], key: str) -> Iterator[list[Row]]:
    """Rows that follow one another with the same ``key``, in any letter case.

    Rows without one are left out, and :attr:`Row.cut` set before them. Where a key comes again later, its first row
    is not good.
    """
    begun: dict[str, int] = {}
    held: list[Row] = []
    for name, group in itertools.groupby(rows, lambda row: row[key].casefold()):
        found = list(group)
        if name:
            if held:
                yield held
            held = found
            if begun.setdefault(name, found[0].line) != found[0].line:
                found[0].fail(key, f"all rows of one {key} together: its first is on line {begun[name]}")
            continue
        for row in found:
            if row.good:
                row.fail(key, "a value")
        if held:
            held[-1].cut = True
    if held:
        yield held


def check_same(group: Sequence[Row], is_shared: Callable[[str], bool]) -> None:
    """What holds for the whole group stands in its first row; the others repeat it or leave it empty."""
    first = group[0]
    for row in group[1:]:
        for column, cell in row.cells.items():
            if cell and is_shared(column) and cell != first[column]:
                row.fail(column, f"nothing, or the same as on line {first.line}")


def _find_delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


def _read_header(file: str, reader: Iterator[list[str]], columns: Columns) -> list[str | None]:
    """The columns in their order, None for those that are the seller's own."""
    try:
        titles = next(reader, [])
    except csv.Error as error:
        raise TableError(Problem(file, 1, "", "a header of column names")) from error
    own = [title.strip().startswith("#") or not title.strip() for title in titles]
    names = [None if skip else columns.find(title) for skip, title in zip(own, titles, strict=True)]
    known = [name for name in names if name is not None]
    if not known:
        # What stands there is no header, and may be a buyer's.
        raise TableError(Problem(file, 1, "", "a header of column names"))
    wrong = []
    missing = [name for name in columns.required if name not in known]
    missing += [f"{name}_…" for name in columns.needed_families if not any(k.startswith(f"{name}_") for k in known)]
    if missing:
        wrong.append(f"the missing {', '.join(missing)}")
    strange = [title.strip() for skip, title, name in zip(own, titles, names, strict=True) if not skip and not name]
    if strange:
        shown = [title if _TITLE.fullmatch(title) else "…" for title in strange]
        wrong.append(f"none called {', '.join(shown)} (a column of your own begins with #)")
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        wrong.append(f"{', '.join(twice)} once")
    if wrong:
        raise TableError(Problem(file, 1, "", f"columns as described: {'; '.join(wrong)}"))
    return names


def _make_row(file: str, line: int, names: Sequence[str | None], cells: Sequence[str], problems: list[Problem]) -> Row:
    stripped = [cell.strip() for cell in cells]
    # Programs leave out empty cells at the end.
    named = dict.fromkeys((name for name in names if name), "")
    named.update((name, cell) for name, cell in zip(names, stripped, strict=False) if name)
    row = Row(file, line, named, problems)
    if any(stripped[len(names) :]):
        row.fail("", f"{len(names)} cells as in the header; a cell with a comma or semicolon stands in quotes")
    for name, cell in named.items():
        if not _is_text(cell):
            row.fail(name, "text in UTF-8")
    return row


def _is_text(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True
