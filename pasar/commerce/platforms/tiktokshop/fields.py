"""Checked reading of TikTok Shop's answers: what is not as documented is told with its field, never with its value."""

from __future__ import annotations

import datetime
import decimal
import re

from pasar.commerce.model import Money

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,19}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")


class FieldError(ValueError):
    """A field is missing or not as documented; the message names it."""


class Record:
    """A JSON object, and the way to it.

    What ``find_`` reads may be absent, null or empty; what ``read_`` reads may not.
    """

    def __init__(self, value: object, path: str = "data") -> None:
        """Wrap what stands at ``path``."""
        if not isinstance(value, dict):
            raise FieldError(f"{path} must be an object")
        self.path = path
        self._value: dict[str, object] = value

    def fail(self, name: str, reason: str) -> FieldError:
        """The error to raise about a field."""
        return FieldError(f"{self.path}.{name} {reason}")

    def find_text(self, name: str) -> str:
        """A text, or "". Ids are texts: in some webhooks they are numbers, of more digits than a float keeps."""
        value = self._value.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.fail(name, "must be a text")
        return str(value).strip()

    def read_text(self, name: str) -> str:
        """A text that is not empty."""
        text = self.find_text(name)
        if not text:
            raise self.fail(name, "is missing")
        return text

    def find_number(self, name: str) -> int | None:
        """A whole number, or None; TikTok writes some as texts."""
        text = self.find_text(name)
        if text and not _NUMBER.fullmatch(text):
            raise self.fail(name, "must be a whole number")
        return int(text) if text else None

    def find_flag(self, name: str) -> bool:
        """Whether it is there and true."""
        return self._value.get(name) is True

    def find_time(self, name: str, unit: str = "seconds") -> datetime.datetime | None:
        """A Unix timestamp as aware UTC; None where it is absent or 0."""
        number = self.find_number(name)
        if not number:
            return None
        try:
            return _EPOCH + datetime.timedelta(**{unit: number})
        except OverflowError as error:
            raise self.fail(name, "must be a Unix timestamp") from error

    def read_time(self, name: str, unit: str = "seconds") -> datetime.datetime:
        """A Unix timestamp as aware UTC."""
        moment = self.find_time(name, unit)
        if moment is None:
            raise self.fail(name, "is missing")
        return moment

    def read_amount(self, name: str) -> decimal.Decimal:
        """An exact number; TikTok writes amounts as texts."""
        text = self.read_text(name)
        if not _AMOUNT.fullmatch(text):
            raise self.fail(name, "must be an amount")
        return decimal.Decimal(text)

    def read_currency(self, name: str) -> str:
        """A currency's code (ISO 4217)."""
        text = self.read_text(name)
        if not _CURRENCY.fullmatch(text):
            raise self.fail(name, "must be a currency")
        return text

    def read_money(self, name: str, currency: str) -> Money:
        """An amount of ``currency``."""
        return Money(self.read_amount(name), currency)

    def find_record(self, name: str) -> Record | None:
        """An object, or None."""
        value = self._value.get(name)
        return None if value is None else Record(value, f"{self.path}.{name}")

    def read_record(self, name: str) -> Record:
        """An object."""
        record = self.find_record(name)
        if record is None:
            raise self.fail(name, "is missing")
        return record

    def list_records(self, name: str) -> list[Record]:
        """A list of objects; [] where it is absent."""
        return [Record(item, f"{self.path}.{name}[{number}]") for number, item in enumerate(self._list(name))]

    def list_texts(self, name: str) -> list[str]:
        """A list of texts that are not empty; [] where it is absent."""
        texts = [Record({name: item}, f"{self.path}[{number}]") for number, item in enumerate(self._list(name))]
        return [text for text in (record.find_text(name) for record in texts) if text]

    def _list(self, name: str) -> list[object]:
        value = self._value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fail(name, "must be a list")
        return value


def is_id(text: str) -> bool:
    """Whether TikTok could have given this id: decimal digits, of orders, products and people."""
    return text.isascii() and text.isdecimal()
