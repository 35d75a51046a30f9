"""Reading Shopify's answers: a field that is missing or of another kind is an error that names it."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import Any

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Money


class Record:
    """One object of an answer. Every reading method raises ShopError naming shop, call and the field's path."""

    def __init__(self, shop_id: str, call: str, fields: Mapping[str, Any], path: str = "") -> None:
        """``path``: where the object stands in the answer."""
        self._shop_id = shop_id
        self._call = call
        self._fields = fields
        self._path = path

    def fail(self, name: str, problem: str) -> ShopError:
        """An error about one field, to be raised."""
        return ShopError(self._shop_id, self._call, f"shopify: {self._at(name)}: {problem}")

    def has(self, name: str) -> bool:
        """Whether the field is there at all, as one of a fragment for another type is not."""
        return name in self._fields

    def text(self, name: str) -> str:
        """A text; "" where it is null."""
        value = self._get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.fail(name, "is no text")
        return value

    def identifier(self, name: str) -> str:
        """An id or a name, never empty. Shopify writes its numeric ids as texts."""
        value = self._get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value:
            raise self.fail(name, "is no identifier")
        return value

    def number(self, name: str) -> int:
        """A whole number."""
        value = self._get(name)
        if isinstance(value, str) and value.isdecimal():  # UnsignedInt64 is written as a text
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(name, "is no whole number")
        return value

    def find_number(self, name: str) -> int | None:
        """A whole number, or None where it is null."""
        return None if self._get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._get(name)
        if not isinstance(value, bool):
            raise self.fail(name, "is neither true nor false")
        return value

    def fraction(self, name: str) -> decimal.Decimal:
        """A Float such as 0.15, as its shortest decimal form."""
        value = self._get(name)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.fail(name, "is no number")
        return self._decimal(name, repr(value))

    def time(self, name: str) -> datetime.datetime:
        """A moment, in UTC."""
        found = self.find_time(name)
        if found is None:
            raise self.fail(name, "is no time")
        return found

    def find_time(self, name: str) -> datetime.datetime | None:
        """A moment in UTC, or None where it is null."""
        value = self._get(name)
        if value is None:
            return None
        try:
            time = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except (AttributeError, ValueError) as error:
            raise self.fail(name, "is no time") from error
        if time.tzinfo is None:
            raise self.fail(name, "is a time without its zone")
        return time.astimezone(datetime.timezone.utc)

    def price(self, name: str) -> Money:
        """A MoneyV2. Its amount is a Decimal, which Shopify writes as a text."""
        money = self.record(name)
        amount = money.identifier("amount")
        return Money(money._decimal("amount", amount), money.identifier("currencyCode"))

    def money(self, name: str) -> Money:
        """A MoneyBag, in the buyer's currency."""
        return self.record(name).price("presentmentMoney")

    def record(self, name: str) -> Record:
        """An object."""
        found = self.find(name)
        if found is None:
            raise self.fail(name, "is missing")
        return found

    def find(self, name: str) -> Record | None:
        """An object, or None where it is null."""
        value = self._get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fail(name, "is no object")
        return Record(self._shop_id, self._call, value, self._at(name))

    def records(self, name: str) -> list[Record]:
        """The objects of a list, or of a connection that was asked for its nodes."""
        value = self._get(name)
        if isinstance(value, dict):
            return self.record(name).records("nodes")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fail(name, "is no list of objects")
        return [
            Record(self._shop_id, self._call, item, f"{self._at(name)}[{index}]") for index, item in enumerate(value)
        ]

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where it is null."""
        value = self._get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(name, "is no list of texts")
        return value

    def _decimal(self, name: str, text: str) -> decimal.Decimal:
        try:
            number = decimal.Decimal(text)
        except decimal.InvalidOperation as error:
            raise self.fail(name, "is no amount") from error
        if not number.is_finite():
            raise self.fail(name, "is no amount")
        return number

    def _get(self, name: str) -> Any:
        if name not in self._fields:
            raise self.fail(name, "is missing")
        return self._fields[name]

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
