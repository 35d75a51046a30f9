"""Codes that a shop's file may use, as the Unicode Common Locale Data Repository has them."""

from __future__ import annotations

import functools
import re
import zoneinfo

import babel
import babel.numbers

#: Areas with a code of two letters in that repository that are no countries of ISO 3166-1.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@functools.lru_cache(maxsize=1)
def list_countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2, and XK, which posts and platforms use for Kosovo."""
    territories = babel.Locale.parse("en").territories
    return frozenset(code for code in territories if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRIES


@functools.lru_cache(maxsize=1)
def list_currencies() -> frozenset[str]:
    """ISO 4217: what is legal tender in a country today."""
    return frozenset(code for country in list_countries() for code in babel.numbers.get_territory_currencies(country))


def is_language(code: str) -> bool:
    """Whether ``code`` names a language as packs' folders do: BCP 47 in lower case."""
    try:
        babel.Locale.parse(code, sep="-")
    except (ValueError, babel.UnknownLocaleError):
        return False
    return code == code.lower()


def is_time_zone(name: str) -> bool:
    """Whether the IANA database has that time zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True
