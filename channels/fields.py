"""Reading what a platform sends: every field has the type it should have, or its name is in the error."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

from channels.base import MessageError

_MISSING: Any = object()
MAX_TEXT = 20_000  # characters of any field
MAX_ITEMS = 1_000


class Fields:
    """A JSON object; MessageError names what is missing or of another type. ``path`` is where it stands."""

    def __init__(self, value: object, path: str = "") -> None:
        """Take an object; MessageError for anything else."""
        if not isinstance(value, Mapping):
            raise MessageError(path or "body", "must be an object")
        self.value: Mapping[str, Any] = value
        self.path = path

    @classmethod
    def load(cls, data: bytes | str, path: str = "") -> Fields:
        """Parse JSON, of a body or of a field that holds JSON as a text."""
        try:
            text = data.decode("utf-8") if isinstance(data, bytes) else data
            value = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise MessageError(path or "body", "must be JSON in UTF-8") from error
        return cls(value, path)

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def text(self, name: str, default: str = _MISSING) -> str:
        """A text, without NUL and lone surrogates, which no database takes."""
        value = self._get(name, default)
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise self._wrong(name, f"must be a text of at most {MAX_TEXT} characters")
        return value.encode("utf-8", "ignore").decode().replace("\0", "")

    def id(self, name: str, default: str = _MISSING) -> str:
        """An id as text: not empty, printable, at most 128 characters; whole numbers keep all their digits."""
        value = self._get(name, default)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if value.bit_length() < 128 else None
        if value == default and default is not _MISSING:
            return default
        if not isinstance(value, str) or not 0 < len(value) <= 128 or not value.isprintable():
            raise self._wrong(name, "must be an id of at most 128 printable characters")
        return value

    def number(self, name: str, default: float = _MISSING) -> float:
        """A number that is finite."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(name, "must be a number")
        return value

    def flag(self, name: str, default: bool = _MISSING) -> bool:
        """True or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "must be true or false")
        return value

    def moment(self, name: str, *, per_second: int = 1) -> datetime.datetime:
        """A Unix time as aware UTC; ``per_second`` is 1000 where it is in milliseconds. Digits in a text will do."""
        value = self._get(name, _MISSING)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11 * per_second:
            raise self._wrong(name, "must be a Unix time")
        try:
            return datetime.datetime.fromtimestamp(value / per_second, datetime.timezone.utc)
        except (ValueError, OverflowError, OSError) as error:
            raise self._wrong(name, "must be a Unix time") from error

    def object(self, name: str) -> Fields:
        """An object within."""
        return Fields(self._get(name, _MISSING), self._name(name))

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        value = self._get(name, _MISSING)
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise self._wrong(name, f"must be a list of at most {MAX_ITEMS} entries")
        return [Fields(item, f"{self._name(name)}[{place}]") for place, item in enumerate(value)]

    def _get(self, name: str, default: Any) -> Any:
        value = self.value.get(name)
        if value is not None:
            return value
        if default is _MISSING:
            raise self._wrong(name, "is missing")
        return default

    def _name(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _wrong(self, name: str, message: str) -> MessageError:
        return MessageError(self._name(name), message)


def _refuse(name: str) -> None:
    raise ValueError(name)
