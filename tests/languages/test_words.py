"""Cutting texts into words, with what buyers type replaced by plain words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pasar.languages.pack import load_pack
from pasar.languages.text import normalize
from pasar.languages.words import WordCutter
from tests.languages.samples import DATA, training

KINDS = {"en": "spacy", "id": "spacy", "th": "thai"}
CUTTERS = {code: WordCutter(code, kind, load_pack(code, DATA).slang) for code, kind in KINDS.items()}


def cut(code: str, source: str) -> list[str]:
    """The words of a text as plain strings."""
    return [str(word) for word in CUTTERS[code].cut(source)]


def test_cut_replaces_slang() -> None:
    """Slang becomes the plain word, wherever it stands."""
    words = cut("id", "gw mau tanya, lu ready stock ga?")
    assert "saya" in words
    assert "kamu" in words
    assert {"gw", "lu"}.isdisjoint(words)
    assert ["saya", "mau"] == words[:2]


def test_cut_lets_one_written_word_stand_for_several() -> None:
    """A replacement of two words gives two words at the place of the one."""
    cutter = WordCutter("id", "spacy", {"gmn": "bagai mana"})
    words = cutter.cut("lalu gmn?")
    assert ["lalu", "bagai", "mana", "?"] == [str(word) for word in words]
    assert [(5, 8), (5, 8)] == [(word.start, word.end) for word in words[1:3]]


def test_cut_thai_by_words() -> None:
    """Thai has no blanks between words; the dictionary cuts it."""
    cutter = WordCutter("th", "thai", {})
    assert ["พัสดุ", "ของ", "ฉัน", "อยู่", "ที่ไหน"] == [str(word) for word in cutter.cut("พัสดุของฉันอยู่ที่ไหน")]


def test_cut_thai_mixed_with_other_scripts() -> None:
    """Latin words, numbers and signs between Thai stay whole, in their order."""
    cutter = WordCutter("th", "thai", {})
    words = [str(word) for word in cutter.cut("สั่ง iphone 15 สีดำ ราคา 1,290.50 บาท!")]
    assert "".join(words) == "สั่งiphone15สีดำราคา1,290.50บาท!"
    assert {"iphone", "15", "1,290.50", "!"} <= set(words)


@pytest.mark.parametrize(
    ("code", "source", "plain", "written"),
    [
        ("id", "eh  GW mau", "saya", "GW"),
        ("en", "SOOOO   blaaaack!", "black", "blaaaack"),
        ("th", "😡 เเดง", "แดง", "เเดง"),
        ("id", "order ＳＨ１００１ ya", "sh1001", "ＳＨ１００１"),
    ],
)
def test_cut_offsets_point_at_the_written_word(code: str, source: str, plain: str, written: str) -> None:
    """A word's offsets cut what the buyer wrote for it out of her text."""
    places = {str(word): source[word.start : word.end] for word in CUTTERS[code].cut(source)}
    assert written == places[plain]


@pytest.mark.parametrize("code", list(KINDS))
def test_cut_nothing(code: str) -> None:
    """No text, no words."""
    assert [] == CUTTERS[code].cut("")
    assert [] == CUTTERS[code].cut("  \u200b ")


@pytest.mark.parametrize("code", list(KINDS))
def test_cut_loses_no_letter_of_an_example(code: str) -> None:
    """The words of real messages, before any replacement, hold all their letters in order."""
    plain = WordCutter(code, KINDS[code], {})
    for sample in training(code)[::61]:
        normal = normalize(sample.text).text
        assert normal.replace(" ", "") == "".join(plain.cut(sample.text)).replace(" ", "")


@settings(max_examples=60)
@given(source=st.text(max_size=40), code=st.sampled_from(list(KINDS)))
def test_cut_offsets_are_in_order_and_inside(source: str, code: str) -> None:
    """Words of any text stand one after the other inside it."""
    words = CUTTERS[code].cut(source)
    assert all(0 <= word.start <= word.end <= len(source) for word in words)
    assert sorted(word.start for word in words) == [word.start for word in words]


def test_cutter_of_an_unknown_kind_names_the_file() -> None:
    """A misspelt tokenizer is told with the file it stands in and what there is."""
    with pytest.raises(
        ValueError, match=r"data/en/config\.yml: tokenizer 'jieba' is none of characters, spaced, spacy, thai"
    ):
        WordCutter("en", "jieba", {})


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("spaced", "¿Cuánto sale? 1.299,50", ["¿", "cuánto", "sale", "?", "1.299,50"]),
        ("spaced", "shop ơi khi nào giao", ["shop", "ơi", "khi", "nào", "giao"]),
        ("spaced", "kho\u0302ng a\u0323", ["không", "ạ"]),
        ("characters", "有货吗iPhone15壳", ["有", "货", "吗", "iphone", "15", "壳"]),
        ("characters", "幾時到？3q", ["幾", "時", "到", "?", "3", "q"]),
    ],
)
def test_cutters_without_a_dictionary(kind: str, text: str, words: list[str]) -> None:
    """Letters with their marks, numbers and signs; a Chinese character is a word."""
    assert words == [str(word) for word in WordCutter("en", kind, {}).cut(text)]
