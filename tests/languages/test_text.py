"""Normalising: one plain form, and where each of its characters stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.text import NormalText, _normalize_slowly, drop_accents, is_emoji, normalize

#: What buyers type: letters of all kinds, digits of other scripts, signs, blanks, emoji, the invisible.
CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from("aaabxX123๑๒３ＡａเเแําำกกกЖßİ😡👍🏽\u200b\u200d\ufe0f  \t\n’“…!!!?'\""),
)
TEXTS = st.text(CHARACTERS, max_size=60)


@given(TEXTS)
def test_normalize_origin_points_into_the_source(source: str) -> None:
    """Every character has a place in the source, in order, and the last entry is the source's length."""
    normal = normalize(source)
    assert len(normal.text) + 1 == len(normal.origin)
    assert sorted(normal.origin) == list(normal.origin)
    assert len(source) == normal.origin[-1]
    assert all(0 <= place < len(source) for place in normal.origin[:-1])


@given(TEXTS, st.data())
def test_span_lies_inside_the_source(source: str, data: st.DataObject) -> None:
    """Whatever part of the plain text is asked for, its span is a part of the source."""
    normal = normalize(source)
    start = data.draw(st.integers(0, len(normal.text)))
    end = data.draw(st.integers(start, len(normal.text)))
    first, last = normal.span(start, end)
    assert 0 <= first <= last <= len(source)


@given(TEXTS)
def test_normalize_is_idempotent(source: str) -> None:
    """The plain form of a plain form is itself."""
    once = normalize(source).text
    assert once == normalize(once).text


@given(TEXTS)
def test_normalize_leaves_no_double_or_outer_blanks(source: str) -> None:
    """Blanks are single and inside only."""
    text = normalize(source).text
    assert text.strip(" ") == text
    assert "  " not in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("maaauuu", "mau"),
        ("soooo gooood", "so god"),
        ("good", "good"),
        ("มากกกก", "มาก"),
        ("พี่คะะะะ", "พี่คะ"),
        ("Hello", "hello"),
        ("XXXL", "xxxl"),
        ("10000", "10000"),
        ("SH๑๐๐๑", "sh1001"),
        ("ＳＨ１００１", "sh1001"),
        ("เเดง", "แดง"),
        ("นํ้าเงิน", "นํ้าเงิน"),
        ("ทํา", "ทำ"),
        ("what???", "what??"),
        ("it\u2019s", "it's"),
        ("\u201cred\u201d", '"red"'),
        ("a\tb\n\nc", "a b c"),
        ("wo\u200brd", "word"),
        ("  hi  ", "hi"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_normalize_gives_the_plain_form(source: str, expected: str) -> None:
    """Stretched letters, other digits, widths, quotes and blanks come to one form; sizes and numbers stay."""
    assert expected == normalize(source).text


@pytest.mark.parametrize(
    ("source", "expected"),
    [("ok😡", "ok 😡"), ("😡😡ok", "😡 😡 ok"), ("ya👍🏽kak", "ya 👍 kak"), ("❤️ya", "❤ ya")],
)
def test_normalize_sets_emoji_apart(source: str, expected: str) -> None:
    """An emoji is a word of its own, whatever its colour."""
    assert expected == normalize(source).text


@pytest.mark.parametrize(
    ("source", "word"),
    [("maaauuu beli", "beli"), ("😡😡 SH1001", "sh1001"), ("สีเเดง มากกก", "แดง"), ("ＳＨ１ x", "sh1")],
)
def test_span_gives_back_what_was_written(source: str, word: str) -> None:
    """The span of a word cuts what stands for it out of the source."""
    normal = normalize(source)
    start = normal.text.index(word)
    first, last = normal.span(start, start + len(word))
    assert word == normalize(source[first:last]).text


def test_span_of_nothing_is_empty() -> None:
    """An empty part is at one place, also behind the last character."""
    normal = normalize("ab")
    assert (1, 1) == normal.span(1, 1)
    assert (2, 2) == normal.span(2, 2)


def test_span_does_not_reach_into_the_blanks_after_a_word() -> None:
    """A word's span ends where the word ends."""
    normal = NormalText("ab c", (0, 1, 2, 5, 6))
    assert (0, 2) == normal.span(0, 2)


@pytest.mark.parametrize(
    ("sign", "expected"), [("😡", True), ("❤", True), ("a", False), ("฿", False), ("1", False), ("ก", False)]
)
def test_is_emoji_tells_pictures(sign: str, expected: bool) -> None:
    """Pictures are emoji; letters, digits and money signs are not."""
    assert expected is is_emoji(sign)


@given(st.text(st.sampled_from("aàÀbcİIiſkKXx  00112é`'´เแํา่ๅ中文９９🙂.!?ßẞǅ"), max_size=12))
def test_normalize_plain_texts_by_a_short_cut_gives_the_same(source: str) -> None:
    """What is plain already is not walked through; nobody can tell."""
    assert normalize(source) == _normalize_slowly(source)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Đơn của mình đâu rồi", "Don cua minh dau roi"), ("¿cuánto cuesta el envío?", "¿cuanto cuesta el envio?")],
)
def test_accents_are_left_out(text: str, expected: str) -> None:
    """As buyers in a hurry type."""
    assert expected == drop_accents(text)
