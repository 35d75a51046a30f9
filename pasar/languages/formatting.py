"""Dates, money and names as a language writes them; CLDR data through Babel."""

from __future__ import annotations

import datetime
import decimal
import functools
from collections.abc import Sequence

import babel
import babel.dates
import babel.numbers

from pasar.commerce.model import Money
from pasar.languages.pack import Pack
from pasar.languages.text import drop_accents

#: As sellers write them; CLDR has some of these only in their own country's locale.
_SIGNS = {
    "IDR": "Rp ",
    "THB": "฿",
    "USD": "$",
    "VND": "₫",
    "MYR": "RM ",
    "PHP": "₱",
    "SGD": "S$",
    "EUR": "€",
    "GBP": "£",
    "CNY": "¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "MXN": "MX$",
}


@functools.lru_cache(maxsize=64)
def _locale(name: str) -> babel.Locale:
    return babel.Locale.parse(name)


@functools.lru_cache(maxsize=64)
def country_names(locale: str) -> dict[str, str]:
    """Every country's name in a language, lower case, to its ISO code; and the codes' English names."""
    names = {}
    for territories in (_locale("en").territories, _locale(locale).territories):
        for code, name in territories.items():
            if len(code) == 2 and code.isalpha():
                names[name.lower()] = code
    return names


@functools.lru_cache(maxsize=64)
def month_names(locale: str) -> dict[str, int]:
    """Every month's names and abbreviations in a language and in English, lower case, to its number."""
    names = {}
    for code in ("en", locale):
        months = _locale(code).months
        for written in (months["format"], months["stand-alone"]):
            for width in ("wide", "abbreviated"):
                names.update({name.lower().rstrip("."): month for month, name in written.get(width, {}).items()})
    for name, month in list(names.items()):  # as typed without accents
        plain = drop_accents(name)
        if plain.isascii():
            names.setdefault(plain, month)
    return {name: month for name, month in names.items() if not name.isdigit()}


def format_country(code: str, pack: Pack) -> str:
    """A country's name; the code itself where there is none."""
    return str(_locale(pack.locale).territories.get(code, code))


@functools.lru_cache(maxsize=4096)
def _number(amount: decimal.Decimal, digits: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(babel.numbers.format_decimal(amount, pattern, _locale(locale)))


def format_money(money: Money, pack: Pack) -> str:
    """An amount with its sign: ``Rp 259.000``, ``฿790``, ``$12.50``; cents only where there are any."""
    digits = 0 if money.amount == money.amount.to_integral() else 2
    return _SIGNS.get(money.currency, money.currency + " ") + _number(money.amount, digits, pack.locale)


def format_number(value: float, pack: Pack) -> str:
    """A number with the language's decimal sign: ``26.5``, ``26,5``."""
    return str(babel.numbers.format_decimal(value, locale=_locale(pack.locale)))


@functools.lru_cache(maxsize=4096)
def _date(day: datetime.date, with_year: bool, locale: str) -> str:
    skeleton = "yMMMd" if with_year else "MMMd"
    return str(babel.dates.format_skeleton(skeleton, day, locale=_locale(locale)))


def format_date(day: datetime.date, pack: Pack, today: datetime.date) -> str:
    """A day; today, yesterday and tomorrow are named as such, the year only where it is another."""
    distance = (day - today).days
    written = _date(day, day.year != today.year, pack.locale)
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(distance)
    return f"{written} ({pack.words[near]})" if near else written


def join_names(names: Sequence[str], pack: Pack) -> str:
    """``a, b and c`` in the language's way."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {pack.words['and']} {names[-1]}"


def label(kind: str, value: str, pack: Pack) -> str:
    """How a buyer is told a code of a lookup, as a colour; the code in plain letters where the pack has none."""
    return pack.labels.get(kind, {}).get(value) or value.replace("_", " ")


def weekday_names(days: Sequence[int], pack: Pack) -> str:
    """``Mon–Sat`` for days in a row, else a list; Monday is 0."""
    names = _locale(pack.locale).days["format"]["abbreviated"]
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{names[ordered[0]]}–{names[ordered[-1]]}"
    return ", ".join(str(names[day]) for day in ordered)
