"""Cutting texts at a platform's limit."""

from __future__ import annotations

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pasar.messages.splitting import MEASURES, Unit, split

LETTERS = regex.compile(r"\X")


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("short", 20, ["short"]),
        ("", 20, []),
        (" \n ", 20, []),
        ("one two three", 8, ["one two", "three"]),
        ("First paragraph.\n\nSecond one.", 20, ["First paragraph.", "Second one."]),
        ("It is sent. It comes on Friday.", 22, ["It is sent.", "It comes on Friday."]),
        ("A list:\n- one\n- two\n- three", 20, ["A list:\n- one\n- two", "- three"]),
        # Words are not cut, even where most of the part stays empty.
        ("it isunbelievablylong", 18, ["it", "isunbelievablylong"]),
        ("unbelievablylong", 8, ["unbeliev", "ablylong"]),
        ("พัสดุของคุณถูกส่งแล้วเมื่อวานนี้", 14, ["พัสดุของคุณถูก", "ส่งแล้ว", "เมื่อวานนี้"]),
        ("您的包裹已经发出。请注意查收。", 9, ["您的包裹已经发出。", "请注意查收。"]),
        ("您的包裹已经发出。请", 8, ["您的包裹已经发", "出。请"]),
        ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 11, ["👩‍👩‍👧👩‍👩‍👧", "👩‍👩‍👧"]),
    ],
)
def test_where_it_is_cut(text, limit, parts):
    assert parts == split(text, limit)


@pytest.mark.parametrize(("unit", "count"), [(Unit.CHARACTERS, 2), (Unit.UTF16, 4), (Unit.BYTES, 10)])
def test_the_platforms_unit_counts(unit, count):
    assert count == len(split("🚚" * 20, 10, unit))


@settings(max_examples=400, deadline=None)
@given(
    st.text(
        st.sampled_from("abc .\n,!กำพัสดุ的包裹。、🚚👩\u200d👧é\u0301 \u00a0(){}0123456789")
        | st.characters(codec="utf-8"),
        max_size=120,
    ),
    st.integers(4, 40),
    st.sampled_from(Unit),
)
@example("a" + "\u0301" * 50, 10, Unit.BYTES)
@example("\n" * 30 + "a", 4, Unit.CHARACTERS)
def test_parts_keep_what_they_promise(text, limit, unit):
    """Within the limit, none empty, nothing lost but blanks, and no letter cut that fits."""
    parts = split(text, limit, unit)

    assert all(part.strip() and MEASURES[unit](part) <= limit for part in parts)
    assert "".join(text.split()) == "".join("".join(parts).split())
    if all(MEASURES[unit](letter) <= limit for letter in LETTERS.findall(text)):
        whole = {match.end() for match in LETTERS.finditer(text)}
        place = 0
        for part in parts[:-1]:
            place = text.index(part, place) + len(part)
            assert place in whole or text[place].isspace()


def test_a_long_text_is_cut_quickly():
    text = "พัสดุของคุณถูกส่งแล้วเมื่อวานนี้ " * 2000
    assert text.replace(" ", "") == "".join(split(text, 1000, Unit.BYTES)).replace(" ", "")
