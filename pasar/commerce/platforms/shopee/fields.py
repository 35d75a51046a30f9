"""Checked reading of Shopee's JSON: what is wrong is told with its field."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterator
from typing import Any

from pasar.commerce.model import Money


class FieldError(ValueError):
    """An answer is not as specified; names the field, never its content."""


class Field:
    """A value in an answer, and the way to it. Absent and null are the same."""

    def __init__(self, path: str, value: Any) -> None:
        """Wrap ``value``, found at ``path``."""
        self.path = path
        self.value = value

    def __bool__(self) -> bool:
        """Whether the field is there."""
        return self.value is not None

    def __getitem__(self, name: str) -> Field:
        """The field of that name in this object; an absent one complains once it is read."""
        return Field(f"{self.path}.{name}", self._expect(dict, "an object").get(name))

    def fail(self, reason: str) -> FieldError:
        """The error to raise about this field."""
        return FieldError(f"{self.path} {reason}")

    def items(self) -> Iterator[Field]:
        """The items of this list; none where it is absent."""
        for number, item in enumerate(self._expect(list, "a list") if self else ()):
            yield Field(f"{self.path}[{number}]", item)

    def text(self, default: str | None = None) -> str:
        """A text without blanks around it: ``default`` where it is absent, and not empty where there is no default."""
        if not self and default is not None:
            return default
        text: str = self._expect(str, "a text").strip()
        if not text and default is None:
            raise self.fail("is empty")
        return text

    def flag(self) -> bool:
        """True or false; false where it is absent."""
        return bool(self) and bool(self._expect(bool, "true or false"))

    def number(self, default: int | None = None) -> int:
        """A whole number; ``default`` where it is absent."""
        if not self and default is not None:
            return default
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("is no whole number" if self else "is missing")
        return self.value

    def identifier(self) -> str:
        """An id of up to 64 bits, which comes as a number or as its digits; a float has lost some of them."""
        if isinstance(self.value, str) and self.value.isascii() and self.value.isdigit():
            return self.value
        number = self.number()
        if number < 0:
            raise self.fail("is no id")
        return str(number)

    def money(self, currency: str) -> Money:
        """An exact amount. The platform sends numbers; the shortest decimal that gives a number is what was sent."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise self.fail("is no amount")
        exact = decimal.Decimal(int(value)) if value == int(value) else decimal.Decimal(repr(value))
        return Money(exact, currency)

    def time(self) -> datetime.datetime:
        """A moment, UTC, sent as seconds since 1970."""
        seconds = self.number()
        try:
            return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        except (ValueError, OverflowError, OSError) as error:
            raise self.fail("is no time") from error

    def moment(self) -> datetime.datetime | None:
        """As :meth:`time`; None where it is absent or 0, which Shopee sends for "not yet"."""
        return self.time() if self and self.value != 0 else None

    def currency(self) -> str:
        """An ISO 4217 code."""
        code = self.text()
        if len(code) != 3 or not code.isascii() or not code.isupper():
            raise self.fail("is no currency")
        return code

    def _expect(self, kind: type, what: str) -> Any:
        if not isinstance(self.value, kind):
            raise self.fail(f"is not {what}" if self else "is missing")
        return self.value
