"""Sizes of other systems, in the words of each language."""

from __future__ import annotations

import datetime
import functools

import pytest

from pasar.languages.entities import EntityFinder
from pasar.languages.formatting import country_names
from pasar.languages.labels import find
from pasar.languages.pack import load_pack
from pasar.languages.text import normalize
from pasar.languages.words import WordCutter
from tests.languages.samples import DATA

#: How each pack's config.yml has its words cut, where not by blanks.
CUTTERS = {"en": "spacy", "id": "spacy", "th": "thai", "zh": "characters"}

SYSTEMS = {"us": "US", "eu": "EU", "uk": "UK", "korea": "KR", "jp": "JP", "美码": "US", "size": "size", "穿": "size"}
WEARERS = {"women's": "women", "men's": "men", "女": "women"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("us 8", ["US 8"]),
        ("i wear us8", ["US 8"]),
        ("8.5 us", ["US 8.5"]),
        ("us women's 8", ["US 8", "women"]),
        ("us 8,5", ["US 8.5"]),
        ("eu size 39", ["EU 39"]),
        ("39 eu or uk 6", ["UK 6", "EU 39"]),
        ("美码女8", ["US 8", "women"]),
        ("size 245", [24.5]),
        ("korea 245", ["KR 245"]),
        ("我穿245的", [24.5]),
        ("us 80", []),
        ("eu 12", []),
        ("use 8", []),
        ("uk 8/2026", []),
        ("size 24", []),
        ("size 245k", []),
        ("us 8$", []),
        ("10 us dollars", []),
        ("", []),
    ],
)
def test_find_labels(text: str, expected: list[str | float]) -> None:
    """A number with its system on either side; three digits after "size" are millimetres of a foot."""
    assert expected == [found.value for found in find(text, SYSTEMS, WEARERS)]


@functools.lru_cache(maxsize=8)
def finder(code: str) -> tuple[EntityFinder, WordCutter]:
    """A language's finder, with words cut as in its pipeline."""
    pack = load_pack(code, DATA)
    cutter = WordCutter(code, CUTTERS.get(code, "spaced"), pack.slang)
    return EntityFinder(pack, cutter.cut, country_names(pack.locale)), cutter


def test_find_says_where() -> None:
    """The whole label, and the wearer in it."""
    assert [(0, 10), (3, 8)] == [(one.start, one.end) for one in find("us men's 9", SYSTEMS, WEARERS)]


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "us men's 9", {("foreign_size", "US 9"), ("wearer", "men")}),
        ("en", "bust 36, i hate tight clothes", {("bust", 91.4), ("fit", "loose")}),
        ("id", "ld 96, suka yang longgar", {("bust", 96.0), ("fit", "loose")}),
        ("id", "lp 72 pengennya ngepas", {("waist", 72.0), ("fit", "tight")}),
        ("id", "biasa pake 39 eu", {("foreign_size", "EU 39")}),
        ("th", "รอบอก 34 นิ้ว ชอบใส่หลวมๆ", {("bust", 86.4), ("fit", "loose")}),
        ("th", "เบอร์ 7us ผู้หญิง", {("foreign_size", "US 7"), ("wearer", "women")}),
        ("th", "เอาไซส์เดิมค่ะ", {("same_size", "last_order")}),
        ("vi", "vòng 1 86 vòng 2 66 thích rộng", {("bust", 86.0), ("waist", 66.0), ("fit", "loose")}),
        ("vi", "mình đi size 39 eu", {("foreign_size", "EU 39")}),
        ("ms", "ukur dada 38, suka longgar", {("bust", 96.5), ("fit", "loose")}),
        ("fil", "dibdib ko 36, gusto ko maluwag", {("bust", 91.4), ("fit", "loose")}),
        ("fil", "36 inches ang bust ko", {("bust", 91.4)}),
        ("zh", "胸围88腰围68", {("bust", 88.0), ("waist", 68.0)}),
        ("zh", "我平时穿欧码39", {("foreign_size", "EU 39")}),
        ("es", "88 de busto y me gusta holgado", {("bust", 88.0), ("fit", "loose")}),
        ("es", "soy talla 39 europea de mujer", {("foreign_size", "EU 39"), ("wearer", "women")}),
        ("ms", "untuk anak saya", {("wearer", "child")}),
    ],
)
def test_packs_know_their_words(code: str, source: str, expected: set[tuple[str, str | float]]) -> None:
    """Girths, habits, wearers and labels, as buyers of each language write them."""
    kinds = ("bust", "waist", "fit", "wearer", "foreign_size", "same_size")
    own, cutter = finder(code)
    normal = normalize(source)
    found = own.find(source, normal, cutter.cut_normal(normal), (), datetime.date(2026, 3, 10))
    assert expected == {(entity.kind, entity.value) for entity in found if entity.kind in kinds}
