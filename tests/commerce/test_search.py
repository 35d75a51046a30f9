"""Which products a message names: by name, alias, proper name and number, in the language it is written in."""

from __future__ import annotations

import dataclasses

import pytest

from pasar.commerce.model import Text
from pasar.commerce.search import ProductIndex, find_phrase
from tests.commerce.samples import make_product

PLAIN = make_product()


def make(sku: str, name: Text, aliases: Text = PLAIN.aliases) -> object:
    """A product of a name and aliases."""
    variant = dataclasses.replace(PLAIN.variants[0], sku=sku)
    return dataclasses.replace(PLAIN, sku=sku, name=name, aliases=aliases, variants=(variant,))


LIPSTICK = make(
    "LIP", Text(en="Velvet Tint", vi="Son Velvet", zh="Velvet 唇釉"), Text(vi="son, son môi", en="lipstick")
)
EARBUDS = make("EAR", Text(en="Murmur Earbuds", vi="Tai Nghe Murmur", zh="Murmur 无线耳机"), Text(vi="tai nghe"))
PHONE = make("TEL", Text(en="Pillar Phone", vi="Điện Thoại Pillar", zh="Pillar 手机"), Text(vi="điện thoại", zh="手机"))
SHIRT = make("TEE", Text(en="Cotton Tee", vi="Áo Phông Cotton"), Text(vi="ao phong"))
CASE = make("BAG", Text(en="Cabin Case", th="กระเป๋าเดินทาง 20 นิ้ว"))
INDEX = ProductIndex([LIPSTICK, EARBUDS, PHONE, SHIRT, CASE])


@pytest.mark.parametrize(
    ("message", "language", "expected"),
    [
        ("cây son này giá sao ạ", "vi", ["LIP"]),
        ("¿son mejores que las otras?", "es", []),  # a verb in Spanish
        ("my lipstick broke", "id", ["LIP"]),  # English words are said everywhere
        ("ano pong magandang regalo", "fil", []),  # nearly "áo phông", but not in Filipino
        ("ao phongg màu đen", "vi", ["TEE"]),  # misspelt in its own language
        ("唇釉还有吗", "zh", []),  # two characters may be any word
        ("无线耳机还有吗", "zh", ["EAR"]),  # the Chinese part of a mixed name
        ("รอบเอว 36 นิ้ว ใส่ไซส์ไหน", "th", []),  # a measure that a name has too
        ("กระเป๋าเดินทาง มีสีดำไหม", "th", ["BAG"]),
        ("EAR", "th", ["EAR"]),
    ],
)
def test_find(message: str, language: str, expected: list[str]) -> None:
    """By what buyers of that language call it."""
    assert expected == [product.sku for product in INDEX.find(message, 5, language)]


def test_find_knows_a_proper_name_in_every_language() -> None:
    """It tells which thing is meant where another one is named too, and by a longer word."""
    assert ["EAR", "TEL"] == [found.sku for found in INDEX.find("murmur tai nghe mất kết nối điện thoại", 5, "vi")]
    assert "EAR" == INDEX.find("murmur ko nyambung", 5, "id")[0].sku


def test_find_without_a_language_knows_all_of_them() -> None:
    """As a shop's system does that is asked without one."""
    assert ["LIP"] == [product.sku for product in INDEX.find("son", 5)]


@pytest.mark.parametrize(
    ("message", "phrase"),
    [("two LIPSTICKS please", "lipstick"), ("这款手机壳", "手机"), ("the velvet one", "velvet"), ("nothing", "")],
)
def test_find_phrase(message: str, phrase: str) -> None:
    """The words that name it, as they are prepared; none where it is not named."""
    assert phrase == max((find_phrase(product, message) for product in (LIPSTICK, PHONE)), key=len)
