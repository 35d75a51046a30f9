"""Reading a cell as what it stands for. What is wrong is recorded in its row, and None or nothing comes back."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import re
import zoneinfo

import phonenumbers

from pasar.commerce.files.tables import Row
from pasar.commerce.model import Money, Text
from pasar.commerce.pricing import round_money

#: Between several SKUs in one cell.
SEPARATOR = "|"

_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_INTEGER = re.compile("[0-9]{1,9}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,8})?")
_RANGE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)(?:\s*[-–]\s*([0-9]{1,4}(?:\.[0-9]{1,2})?))?")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)\s*(Z|[+-][0-9]{2}:[0-9]{2})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def read_text(row: Row, column: str) -> str:
    """Words that must be there."""
    if not row[column]:
        row.fail(column, "a value")
    return row[column]


def read_texts(row: Row, family: str) -> Text:
    """Words by language."""
    return Text({language: cell for _, language, cell in row.list_family(family)})


def read_names(row: Row, family: str) -> Text:
    """Words by language, of which one at least must be there."""
    texts = read_texts(row, family)
    if not texts:
        row.fail(f"{family}_…", "a text in one language at least")
    return texts


def read_skus(row: Row, column: str) -> tuple[str, ...]:
    """SKUs that are parted by ``|``."""
    return tuple(dict.fromkeys(sku.strip() for sku in row[column].split(SEPARATOR) if sku.strip()))


def read_bool(row: Row, column: str) -> bool | None:
    """Yes or no; None where it is empty."""
    if not row[column]:
        return None
    answer = _WORDS.get(row[column].lower())
    if answer is None:
        row.fail(column, "yes or no")
    return answer


def read_int(row: Row, column: str) -> int | None:
    """A whole number from 0; None where it is empty."""
    if not row[column]:
        return None
    if not _INTEGER.fullmatch(row[column]):
        row.fail(column, "a whole number, as 12")
        return None
    return int(row[column])


def need_int(row: Row, column: str, least: int = 0) -> int:
    """A whole number that must be there."""
    number = read_int(row, column)
    if not row[column] or (number is not None and number < least):
        row.fail(column, f"a whole number from {least}")
    return number or 0


def read_money(row: Row, column: str, currency: str) -> Money | None:
    """An amount of ``currency`` in its smallest unit at most; None where it is empty."""
    if not row[column]:
        return None
    if not _AMOUNT.fullmatch(row[column]):
        row.fail(column, "an amount with a point and without signs, as 1250.50")
        return None
    amount = decimal.Decimal(row[column])
    if round_money(amount, currency).amount != amount:
        row.fail(column, f"an amount of {currency}, which has no such fractions")
        return None
    return Money(amount, currency)


def read_amounts(row: Row, family: str) -> dict[str, Money]:
    """Amounts by currency."""
    amounts = {currency: read_money(row, column, currency) for column, currency, _ in row.list_family(family)}
    return {currency: money for currency, money in amounts.items() if money is not None}


def read_percent(row: Row, column: str) -> decimal.Decimal | None:
    """More than 0 and at most 100; None where it is empty."""
    if not row[column]:
        return None
    if not _AMOUNT.fullmatch(row[column]) or not 0 < decimal.Decimal(row[column]) <= 100:
        row.fail(column, "a number above 0 and up to 100, as 12.5")
        return None
    return decimal.Decimal(row[column])


def read_range(row: Row, column: str) -> tuple[float, float] | None:
    """Two numbers from and to, or one for both; None where it is empty."""
    if not row[column]:
        return None
    match = _RANGE.fullmatch(row[column])
    if match is None or float(match[1]) > float(match[2] or match[1]):
        row.fail(column, "one number, or two from and to, as 150-160")
        return None
    return float(match[1]), float(match[2] or match[1])


def read_date(row: Row, column: str) -> datetime.date | None:
    """A day; None where it is empty."""
    if not row[column]:
        return None
    if _DATE.fullmatch(row[column]):
        with contextlib.suppress(ValueError):  # as on 30 February
            return datetime.date.fromisoformat(row[column])
    row.fail(column, "a day, as 2026-03-31")
    return None


def read_moment(row: Row, column: str, zone: zoneinfo.ZoneInfo) -> datetime.datetime | None:
    """A time as aware UTC, of ``zone`` where it names none; None where it is empty."""
    if not row[column]:
        return None
    match = _MOMENT.fullmatch(row[column])
    if match is not None:
        offset = "+00:00" if match[3] == "Z" else match[3] or ""
        with contextlib.suppress(ValueError, OverflowError):  # no such day; before the calendar's first in UTC
            moment = datetime.datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}")
            return (moment if offset else moment.replace(tzinfo=zone)).astimezone(datetime.timezone.utc)
    row.fail(column, "a time, as 2026-03-31 14:20 or 2026-03-31T14:20:00+07:00")
    return None


def read_country(row: Row, column: str) -> str:
    """An ISO 3166-1 code; "" where it is empty."""
    code = row[column].upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        row.fail(column, "a country's two letters, as ID")
    return code


def read_currency(row: Row, column: str) -> str:
    """An ISO 4217 code that must be there."""
    code = row[column].upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        row.fail(column, "a currency's three letters, as USD")
    return code


def read_email(row: Row, column: str) -> str:
    """An address with an @; "" where it is empty."""
    if row[column] and not _EMAIL.fullmatch(row[column]):
        row.fail(column, "an e-mail address")
    return row[column]


def read_phone(row: Row, column: str, country: str) -> str:
    """A phone number of ``country`` or with its own code, as E.164; "" where it is empty."""
    if not row[column]:
        return ""
    try:
        number = phonenumbers.parse(row[column], country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        row.fail(column, "a phone number, as +6281234567890")
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_url(row: Row, column: str) -> str:
    """A web address; "" where it is empty."""
    if row[column] and not row[column].startswith(("https://", "http://")):
        row.fail(column, "a web address, as https://shop.example/dress")
    return row[column]
