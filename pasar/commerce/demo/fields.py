"""Checked reading of the shop's files: what is wrong is told with its file and field."""

from __future__ import annotations

import datetime
import decimal
import pathlib
from collections.abc import Iterator
from typing import Any

import yaml

from pasar.commerce.model import Money
from pasar.commerce.pricing import round_money

#: The C loader is ten times as fast, but not in every build of PyYAML.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ShopFileError(Exception):
    """A file of the shop is not as it must be; names the file and the field."""


class Field:
    """A value in a file, and the way to it."""

    def __init__(self, path: str, value: Any, today: datetime.date) -> None:
        """Wrap ``value``, found at ``path``; dates are counted from ``today``."""
        self.path = path
        self.value = value
        self.today = today

    def __bool__(self) -> bool:
        """Whether the field is there."""
        return self.value is not None

    def __getitem__(self, name: str) -> Field:
        """The field of that name in this mapping; an absent one is empty and complains once it is read."""
        return Field(f"{self.path}.{name}", self._expect(dict, "a mapping").get(name), self.today)

    def fail(self, reason: str) -> ShopFileError:
        """The error to raise about this field."""
        return ShopFileError(f"{self.path}: {reason}")

    def check_names(self, *names: str) -> None:
        """Complain about any name in this mapping besides ``names``: mostly a misspelt one."""
        for name in self._expect(dict, "a mapping"):
            if name not in names:
                raise self.fail(f"unknown field {name!r}")

    def list_items(self) -> Iterator[Field]:
        """The items of this list; none where it is absent."""
        for number, item in enumerate(self._expect(list, "a list") if self else ()):
            yield Field(f"{self.path}[{number}]", item, self.today)

    def map_items(self) -> Iterator[tuple[str, Field]]:
        """The items of this mapping by name; none where it is absent."""
        for name, item in (self._expect(dict, "a mapping") if self else {}).items():
            yield str(name), Field(f"{self.path}.{name}", item, self.today)

    def read_text(self, default: str | None = None) -> str:
        """Words that are not empty, or ``default`` where they are absent."""
        if self.value is None and default is not None:
            return default
        text: str = self._expect(str, "a text")
        if not text.strip():
            raise self.fail("is empty")
        return text.strip()

    def read_texts(self) -> tuple[str, ...]:
        """A list of texts; () where it is absent."""
        return tuple(item.read_text() for item in self.list_items())

    def read_bool(self, default: bool | None = None) -> bool:
        """True or false."""
        if self.value is None and default is not None:
            return default
        answer: bool = self._expect(bool, "true or false")
        return answer

    def read_int(self, default: int | None = None) -> int:
        """A whole number."""
        if self.value is None and default is not None:
            return default
        if isinstance(self.value, bool):
            raise self.fail("must be a whole number")
        number: int = self._expect(int, "a whole number")
        return number

    def read_range(self) -> tuple[float, float]:
        """Two numbers, from and to."""
        numbers = self._expect(list, "a list of two numbers")
        if len(numbers) != 2 or not all(type(number) in (int, float) for number in numbers) or numbers[0] > numbers[1]:
            raise self.fail("must be two numbers, the smaller one first")
        return float(numbers[0]), float(numbers[1])

    def read_days(self) -> tuple[int, int]:
        """Two whole numbers of days, from and to."""
        first, last = self.read_range()
        return int(first), int(last)

    def read_money(self, currency: str) -> Money:
        """An amount of ``currency``, in its smallest unit at most."""
        if type(self.value) not in (int, float):
            raise self.fail("must be an amount")
        amount = decimal.Decimal(str(self.value))
        money = round_money(amount, currency)
        if amount < 0 or money.amount != amount:
            raise self.fail(f"is no amount of {currency}")
        return money

    def read_amounts(self) -> dict[str, Money]:
        """Amounts by currency; {} where absent."""
        return {currency: field.read_money(currency) for currency, field in self.map_items()}

    def read_day(self) -> datetime.date:
        """A day of the calendar, as laws have it."""
        day: datetime.date = self._expect(datetime.date, "a day, as 2026-06-01")
        return day

    def read_date(self) -> datetime.date:
        """The day that is so many days from today (negative: ago)."""
        return self.today + datetime.timedelta(days=self.read_int())

    def find_date(self) -> datetime.date | None:
        """As :meth:`read_date`, None where absent."""
        return self.read_date() if self else None

    def read_moment(self) -> datetime.datetime:
        """``<days from today> <HH:MM>`` as a time in UTC."""
        days, _, clock = self.read_text().partition(" ")
        try:
            date = self.today + datetime.timedelta(days=int(days))
            time = datetime.time.fromisoformat(clock)
        except ValueError as error:
            raise self.fail("must be days from today and a time, as '-3 14:20'") from error
        return datetime.datetime.combine(date, time, tzinfo=datetime.timezone.utc)

    def _expect(self, kind: type, words: str) -> Any:
        if self.value is None:
            raise self.fail("is missing")
        if not isinstance(self.value, kind):
            raise self.fail(f"must be {words}")
        return self.value


def open_file(path: pathlib.Path, today: datetime.date) -> Field:
    """The whole content of a YAML file."""
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except (OSError, yaml.YAMLError) as error:
        raise ShopFileError(f"{path.name}: {error}") from error
    return Field(path.name, value, today)
