"""Entities of texts, as a language's finder finds them."""

from __future__ import annotations

import datetime
import functools
import re

from pasar.languages.entities import Entity, EntityFinder
from pasar.languages.formatting import country_names
from pasar.languages.pack import load_pack
from pasar.languages.text import normalize
from pasar.languages.words import WordCutter
from tests.languages.samples import DATA

TODAY = datetime.date(2026, 3, 10)  # a Tuesday
FORMATS = (re.compile(r"(?<![\w-])(?:SH\d{4,6})(?!\w)", re.IGNORECASE | re.ASCII),)
DIGITS_ONLY = (re.compile(r"(?<![\w-])(?:\d{10,12})(?!\w)", re.ASCII),)


@functools.lru_cache(maxsize=8)
def finder(code: str) -> tuple[EntityFinder, WordCutter]:
    """A language's finder with what its examples teach."""
    pack = load_pack(code, DATA)
    kinds = {"th": "thai", "vi": "spaced", "zh": "characters"}
    cutter = WordCutter(code, kinds.get(code, "spacy"), pack.slang)
    learnt = {"photobook": "product_name"}
    return EntityFinder(pack, cutter.cut, country_names(pack.locale), learnt), cutter


def find(code: str, source: str, formats: tuple[re.Pattern[str], ...] = FORMATS) -> list[Entity]:
    """All entities of a text."""
    own, cutter = finder(code)
    normal = normalize(source)
    return own.find(source, normal, cutter.cut_normal(normal), formats, TODAY)


def pairs(code: str, source: str, *kinds: str) -> list[tuple[str, str | float]]:
    """Kinds and values found; of some kinds only where these are given."""
    return [(entity.kind, entity.value) for entity in find(code, source) if not kinds or entity.kind in kinds]
