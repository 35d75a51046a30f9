"""Checked reading of WooCommerce's answers: what is not as documented is told with the way to it."""

from __future__ import annotations

import datetime
import decimal
import html
import html.parser
from collections.abc import Iterator
from typing import Any

from pasar.commerce.model import Money

MOST_DIGITS = 15  # before the decimal point
MOST_PLACES = 8  # after it


class RecordError(ValueError):
    """An answer is not as documented; names the field, never its value."""


class Record:
    """A value in an answer, and the way to it."""

    def __init__(self, path: str, value: Any) -> None:
        """Wrap ``value``, found at ``path``."""
        self.path = path
        self.value = value

    def __bool__(self) -> bool:
        """Whether there is anything: neither null nor an empty text, which mean the same here."""
        return self.value is not None and self.value != ""

    def __getitem__(self, name: str) -> Record:
        """The field of that name; an absent one is empty and complains once it must be there."""
        if not isinstance(self.value, dict):
            raise self.fail("must be an object")
        return Record(f"{self.path}.{name}", self.value.get(name))

    def fail(self, reason: str) -> RecordError:
        """The error to raise about this field."""
        return RecordError(f"{self.path}: {reason}")

    def list_items(self) -> Iterator[Record]:
        """The items of this list."""
        if not isinstance(self.value, list):
            raise self.fail("must be a list")
        for number, item in enumerate(self.value):
            yield Record(f"{self.path}[{number}]", item)

    def read_text(self) -> str:
        """Words, "" where there are none."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.fail("must be a text")
        return self.value.strip()

    def read_words(self) -> str:
        """Words that WordPress keeps as HTML, without its tags and entities."""
        return read_html(self.read_text())

    def read_int(self) -> int:
        """A whole number."""
        if type(self.value) is not int:
            raise self.fail("must be a whole number")
        return self.value

    def find_int(self) -> int:
        """A whole number, 0 where it is absent: WooCommerce's ids begin at 1."""
        return 0 if self.value is None else self.read_int()

    def read_bool(self) -> bool:
        """True or false; false where it is absent."""
        if self.value is not None and type(self.value) is not bool:
            raise self.fail("must be true or false")
        return bool(self.value)

    def read_decimal(self) -> decimal.Decimal:
        """An exact number: the interface writes amounts as texts."""
        try:
            number = decimal.Decimal(self.read_text())
        except decimal.InvalidOperation as error:
            raise self.fail("must be an amount") from error
        # No shop has such numbers, and what is computed with them would not be exact.
        if not number.is_finite() or number.adjusted() > MOST_DIGITS or -int(number.as_tuple().exponent) > MOST_PLACES:
            raise self.fail("must be an amount")
        return number

    def read_money(self, currency: str) -> Money:
        """An amount of ``currency``, as exact as it came."""
        return Money(self.read_decimal(), currency)

    def read_currency(self) -> str:
        """An ISO 4217 code."""
        code = self.read_text()
        if not (len(code) == 3 and code.isascii() and code.isupper()):
            raise self.fail("must be a currency's code")
        return code

    def read_time(self) -> datetime.datetime:
        """A time that the interface gives in GMT without saying so, as aware UTC."""
        return self.read_local_time().replace(tzinfo=datetime.timezone.utc)

    def read_local_time(self) -> datetime.datetime:
        """A time on the shop's own clock, naive."""
        try:
            return datetime.datetime.fromisoformat(self.read_text()).replace(tzinfo=None)
        except ValueError as error:
            raise self.fail("must be a time") from error


def read_html(text: str) -> str:
    """The words of an HTML text; a paragraph or list item begins a line."""
    if "<" not in text:
        return html.unescape(text).strip()
    reader = _Words()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)


class _Words(html.parser.HTMLParser):
    blocks = frozenset(["p", "br", "li", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6"])
    silent = frozenset(["script", "style"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._muted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.blocks:
            self.words.append("\n")
        self._muted += tag in self.silent

    def handle_endtag(self, tag: str) -> None:
        if tag in self.blocks:
            self.words.append("\n")
        self._muted -= tag in self.silent and self._muted > 0

    def handle_data(self, data: str) -> None:
        if not self._muted:
            # A line break inside a paragraph's source is no line of its own.
            self.words.append(" ".join(data.split("\n")))
