"""Checked reading of Lazada's answers and webhooks: what is wrong is told with the way to its field.

The documentation writes most numbers, times and truth values as text, the platform sends some of them bare: both are
read. An absent field, null, "" and the word "null", which the documentation's samples use, are the same.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import Any

#: As orders have them, ``2014-10-15 18:36:05 +0800``, and as their deadlines, ``2019-06-24T23:59:59+08:00``.
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z")
#: Times since 1970 are in milliseconds, but some are in seconds: in these, this is the year 5138.
_MOST_SECONDS = 10**11
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
#: Later ones cannot be told by every country's clock.
_DOOMSDAY = datetime.datetime(9999, 1, 1, tzinfo=datetime.timezone.utc)


class FieldError(ValueError):
    """A field is not as documented. The message names it, and never holds what a buyer entrusted."""


class Record:
    """An object, and the way to it."""

    def __init__(self, value: Any, path: str = "answer") -> None:
        """FieldError where ``value`` is no object."""
        if not isinstance(value, dict):
            raise FieldError(f"{path} is no object")
        self.path = path
        self._values: Mapping[str, Any] = value

    def get(self, name: str) -> Any:
        """The value as it came; None where there is none."""
        value = self._values.get(name)
        return None if value in ("", "null") else value

    def get_record(self, name: str) -> Record:
        """The object of that name; an absent one is empty."""
        value = self.get(name)
        return Record({} if value is None else value, f"{self.path}.{name}")

    def list_records(self, name: str) -> list[Record]:
        """The objects in the list of that name; none where it is absent."""
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fail(name, "is no list")
        return [Record(item, f"{self.path}.{name}[{number}]") for number, item in enumerate(value)]

    def read_text(self, name: str) -> str:
        """Words, or the digits of a whole number as ids have them; "" where there are none."""
        value = self.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.fail(name, "is no text")
        return str(value).strip()

    def need_text(self, name: str) -> str:
        """Words that must be there."""
        text = self.read_text(name)
        if not text:
            raise self.fail(name, "is missing")
        return text

    def find_decimal(self, name: str) -> decimal.Decimal | None:
        """An exact number, or None."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fail(name, "is no number")
        try:
            # A bare number with up to 15 digits comes back from float's shortest writing exactly as it was sent.
            number = decimal.Decimal(str(value).strip())
        except decimal.InvalidOperation:
            raise self.fail(name, "is no number") from None
        if not number.is_finite():
            raise self.fail(name, "is no number")
        return number

    def need_decimal(self, name: str) -> decimal.Decimal:
        """An exact number that must be there."""
        number = self.find_decimal(name)
        if number is None:
            raise self.fail(name, "is missing")
        return number

    def find_whole(self, name: str) -> int | None:
        """A whole number, or None."""
        number = self.find_decimal(name)
        if number is None:
            return None
        if number != number.to_integral_value() or abs(number) >= 10**19:
            raise self.fail(name, "is no whole number")
        return int(number)

    def need_whole(self, name: str) -> int:
        """A whole number that must be there."""
        number = self.find_whole(name)
        if number is None:
            raise self.fail(name, "is missing")
        return number

    def find_time(self, name: str) -> datetime.datetime | None:
        """A moment in UTC, or None where there is none; text without its distance from UTC is no moment."""
        text = self.read_text(name)
        if not text or text == "0":
            return None
        try:
            moment = _parse_time(text).astimezone(datetime.timezone.utc)
        except (ValueError, OverflowError, OSError):
            moment = _EPOCH
        if not _EPOCH < moment < _DOOMSDAY:
            raise self.fail(name, "is no time")
        return moment

    def need_time(self, name: str) -> datetime.datetime:
        """A moment in UTC that must be there."""
        moment = self.find_time(name)
        if moment is None:
            raise self.fail(name, "is missing")
        return moment

    def is_true(self, name: str, default: bool = False) -> bool:
        """Whether it is true; ``default`` where it is absent."""
        value = self.get(name)
        if value is None:
            return default
        answer = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
        if answer is None:
            raise self.fail(name, "is neither true nor false")
        return answer

    def fail(self, name: str, reason: str) -> FieldError:
        """The error to raise about a field."""
        return FieldError(f"{self.path}.{name} {reason}")


def _parse_time(text: str) -> datetime.datetime:
    if text.isascii() and text.isdecimal():
        since = int(text)
        return datetime.datetime.fromtimestamp(since / 1000 if since > _MOST_SECONDS else since, datetime.timezone.utc)
    for form in _TIME_FORMATS:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError
