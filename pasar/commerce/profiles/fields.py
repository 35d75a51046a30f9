"""What single values of a shop's file must be. Nothing is converted that was not meant: "5" is no number."""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Callable, Iterator
from typing import Any

import pydantic

from pasar.commerce.profiles.codes import is_language, is_time_zone, list_countries, list_currencies

_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

Check = Callable[[Any], Any]


class FieldError(pydantic.PydanticValueError):
    """A value is not what it must be."""

    code = "field"
    msg_template = "{reason}"

    def __init__(self, reason: str, value: str = "", inside: str = "") -> None:
        """Say why. ``value`` tells which key it is where it is one; ``inside`` is the place in the value."""
        super().__init__(reason=reason, value=value, inside=inside)


class Word(str):
    """A text that is not empty."""

    __slots__ = ()

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> str:
        """The text without blanks around it."""
        if not isinstance(value, str):
            raise FieldError("must be a text; put it in quotes")
        if not value.strip():
            raise FieldError("is empty")
        return value.strip()


class Country(Word):
    """A country's code."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """ISO 3166-1 alpha-2."""
        return _read_code(value, list_countries().__contains__, "country code (ISO 3166-1, as ID)")


class Area(Word):
    """A country's code, or the European Union's."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """ISO 3166-1 alpha-2, EU or ""."""
        return value if value in ("EU", "") else Country.read(value)


class Currency(Word):
    """A currency's code."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """ISO 4217."""
        return _read_code(value, list_currencies().__contains__, "currency code (ISO 4217, as USD)")


class Language(Word):
    """A language's code."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """As the packs' folders are named."""
        return _read_code(value, is_language, "language code (as id or zh-tw)")


class Zone(Word):
    """A time zone's name."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """As the IANA database has it."""
        return _read_code(value, is_time_zone, "time zone (as Asia/Jakarta)")


class Expression(Word):
    """A regular expression."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """One that compiles and needs at least a letter."""
        text = super().read(value)
        try:
            matches_nothing = re.compile(text).fullmatch("") is not None
        except re.error as error:
            raise FieldError(f"{text!r} is no regular expression: {error}") from error
        if matches_nothing:
            raise FieldError(f"{text!r} also stands for no text at all")
        return text


class FromEnvironment(Word):
    """The name of an environment variable, written ``${NAME}``: what is secret is in no file."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """The variable's name."""
        found = _ENVIRONMENT.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise FieldError("must name an environment variable, as ${SHOP_KEY}: a secret does not belong into a file")
        return found[1]


class Address(Word):
    """Where a platform's interface is."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> str:
        """An address of the web without user and password."""
        text = super().read(value)
        if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", text):
            raise FieldError("must be an address, as https://sandbox.example")
        return text.rstrip("/")


class Count(int):
    """A whole number."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> int:
        """Zero or more."""
        if type(value) is not int:
            raise FieldError("must be a whole number")
        if value < 0:
            raise FieldError("must be zero or more")
        return value


class Clock(datetime.time):
    """A time of the day."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> datetime.time:
        """From ``HH:MM``."""
        if isinstance(value, str) and re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
            return datetime.time.fromisoformat(value)
        raise FieldError("must be a time, as 09:00")


class Day(datetime.date):
    """A day."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> datetime.date:
        """From ``YYYY-MM-DD`` without quotes, which YAML reads itself."""
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value
        raise FieldError("must be a day, as 2026-06-01")


class Amount(decimal.Decimal):
    """An amount of money or a percentage, not below zero."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> decimal.Decimal:
        """Exactly as it is written."""
        if type(value) not in (int, float):
            raise FieldError("must be a number")
        amount = decimal.Decimal(str(value))
        if not amount.is_finite() or amount < 0:
            raise FieldError("must be zero or more")
        return amount


class Percent(Amount):
    """A share of a hundred."""

    @classmethod
    def read(cls, value: Any) -> decimal.Decimal:
        """From 0 to 100."""
        amount = super().read(value)
        if amount > 100:
            raise FieldError("must be at most 100")
        return amount


class Span(tuple[int, int]):
    """Days from and to."""

    __slots__ = ()

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> tuple[int, int]:
        """Two whole numbers."""
        numbers = value if isinstance(value, list) else []
        if len(numbers) != 2 or not all(type(number) is int for number in numbers):
            raise FieldError("must be two whole numbers, as [5, 7]")
        if not 0 <= numbers[0] <= numbers[1]:
            raise FieldError("must be two whole numbers, the smaller one first")
        return numbers[0], numbers[1]


class Words(dict[str, str]):
    """What buyers read: by language, or one text for all of them under ""."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Check]:
        """As pydantic asks for it."""
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> dict[str, str]:
        """A text, or texts by language."""
        if isinstance(value, str):
            return {"": Word.read(value)}
        if not isinstance(value, dict) or not value:
            raise FieldError("must be a text, or texts by language")
        texts = {}
        for code, text in value.items():
            try:
                texts[Language.read(code)] = Word.read(text)
            except FieldError as error:
                raise FieldError(str(error), inside=str(code)) from error
        return texts


def _read_code(value: Any, is_known: Callable[[str], bool], kind: str) -> str:
    if not isinstance(value, str) or not is_known(value):
        raise FieldError(f"{value!r} is no {kind}", value=str(value))
    return value
