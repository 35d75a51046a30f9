"""Normalising a buyer's text while remembering where every character came from.

Buyers type full-width and Thai digits, stretch letters ("maaauuu", "มากกกก") and glue emoji to words.
The understanding sees one plain form; entities still point into the text as it was written.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata

_STRETCH = 3  # from this many equal letters in a row on, they are one: "good" stays, "gooood" and "soooo" shrink
_NEVER_STRETCHED = "x"  # XXXL is a size
#: Thai letters that look like two others and are typed as those.
_TYPED_AS_TWO = {("เ", "เ"): "แ", ("ํ", "า"): "ำ"}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad")
_EMOJI_MODIFIERS = range(0x1F3FB, 0x1F400)


@dataclasses.dataclass(frozen=True)
class NormalText:
    """A normalised text; ``origin[i]`` is the index in the source of its i-th character, plus one last entry, the source's length."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters ``start`` to ``end`` of the normalised text stand in the source."""
        if start >= end:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.origin[end - 1] + 1


@functools.lru_cache(maxsize=4096)
def _join_typed(before: str, after: str) -> str | None:
    """The one letter that two are: some keyboards send an accent apart from its letter; None where they stay two."""
    whole = _TYPED_AS_TWO.get((before, after))
    if whole is None and unicodedata.combining(after):
        composed = unicodedata.normalize("NFC", before + after)
        whole = composed if len(composed) == 1 else None
    return whole


def is_emoji(character: str) -> bool:
    """Whether a character is a picture rather than a letter, digit or punctuation."""
    return unicodedata.category(character) == "So" or 0x1F000 <= ord(character) <= 0x1FAFF


def drop_accents(text: str) -> str:
    """Latin letters as they are typed without accents: "đổi" is "doi"."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return plain.replace("đ", "d").replace("Đ", "D")


@functools.lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    """The plain form of one character: ASCII for full-width forms and all digits, lower case, "" for the invisible."""
    if character in _INVISIBLE or ord(character) in _EMOJI_MODIFIERS:
        return ""
    code = ord(character)
    if 0xFF01 <= code <= 0xFF5E:
        character = chr(code - 0xFEE0)
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character in "\u2018\u2019\u02bc\u0060\u00b4":
        return "'"
    if character in "\u201c\u201d":
        return '"'
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    if is_emoji(character):
        return f" {character} "
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


#: What keeps a text from being its own plain form but for capitals. Plain are printable ASCII, Latin letters with
#: accents, Thai and Chinese characters.
_NOT_PLAIN = re.compile(
    "[^ -~\u00c0-\u024f\u1e00-\u1eff\u0e01-\u0e3a\u0e3f-\u0e4f\u4e00-\u9fff]|`|^ | $|  |(.)\\1\\1|เเ|ํา",
    re.IGNORECASE,
)


def normalize(source: str) -> NormalText:
    """Bring a text to its plain form: one kind of digits, quotes, blanks and case; no stretched letters; emoji apart.

    Canonically composed text keeps one entry of ``origin`` a character, whatever was dropped or put in between.
    """
    if not _NOT_PLAIN.search(source):
        lowered = source.lower()
        if len(lowered) == len(source):
            return NormalText(lowered, tuple(range(len(source) + 1)))
    return _normalize_slowly(source)


def _normalize_slowly(source: str) -> NormalText:
    characters: list[str] = []
    origin: list[int] = []
    run = 0
    for index, character in enumerate(source):
        for plain in _plain(character):
            whole = _join_typed(characters[-1], plain) if characters else None
            if whole:
                characters[-1] = whole
                continue
            if characters and plain == characters[-1]:
                run += 1
                if plain == " ":
                    continue
                if run >= _STRETCH - 1 and not plain.isdigit() and plain not in _NEVER_STRETCHED:
                    # drop what was kept of the run but its first letter
                    if run == _STRETCH - 1 and plain.isalpha():
                        characters.pop()
                        origin.pop()
                    continue
            else:
                run = 0
            characters.append(plain)
            origin.append(index)
    text = "".join(characters)
    start = len(text) - len(text.lstrip(" "))
    end = len(text.rstrip(" "))
    return NormalText(text[start : max(start, end)], (*origin[start : max(start, end)], len(source)))
