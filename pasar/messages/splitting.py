"""Cutting a text where a platform's limit makes it necessary: at paragraphs, sentences or words, never within a letter.

A letter is a grapheme cluster (UAX 29): "กำ", "👩‍👧" and "é" are one each. Where no blanks stand between words, as in Thai, a
dictionary finds them; Chinese and Japanese may be cut between any two characters, but not before a closing mark.
"""

from __future__ import annotations

import bisect
import enum
import itertools
from collections.abc import Callable

import regex


class Unit(enum.Enum):
    """What a platform counts a text's length in."""

    CHARACTERS = "characters"  # code points
    UTF16 = "utf16"  # code units: most emoji are two
    BYTES = "bytes"  # of UTF-8


MEASURES: dict[Unit, Callable[[str], int]] = {
    Unit.CHARACTERS: len,
    Unit.UTF16: lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    Unit.BYTES: lambda text: len(text.encode("utf-8", "surrogatepass")),
}

_LETTER = regex.compile(r"\X")
#: Where a part may end, the best first; none of them lets a part be shorter than this share of the limit.
_ENDS = (
    (regex.compile(r"\n\s*\n"), 0.5),
    (regex.compile(r"\n"), 0.5),
    (regex.compile(r"(?:[.!?…]+[\"')\]»”’]*(?=\s))|[。！？]+[」』”）]*"), 0.5),
    (regex.compile(r"\s"), 0.25),
)
_BLANK = regex.compile(r"\s")
_WITHOUT_BLANKS = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}]")
_THAI = regex.compile(r"[\p{Thai}]+")
_CLOSING = regex.compile(r"^[\p{Pe}\p{Pf}、。，．！？：；…ー々]")
_NEAR = 200  # characters of Thai before the limit that the dictionary is asked about


def measure(text: str, unit: Unit) -> int:
    """The length of a text as a platform counts it."""
    return MEASURES[unit](text)


def split(text: str, limit: int, unit: Unit = Unit.CHARACTERS) -> list[str]:
    """The parts of a text, each within the limit; none is empty, and only blanks between parts are lost.

    A text of blanks has no parts. Only a single letter that is longer than the limit is cut within.
    """
    if limit < 4:
        raise ValueError("no platform's limit is that small")
    parts: list[str] = []
    rest = text.strip()
    while rest:
        fitting = _find_fitting(rest, limit, unit)
        if fitting == len(rest):
            parts.append(rest)
            break
        end = _find_end(rest, fitting)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def _find_fitting(text: str, limit: int, unit: Unit) -> int:
    """How many characters of a text, in whole letters, are within the limit."""
    size = MEASURES[unit]
    if size(text) <= limit:
        return len(text)
    ends = [match.end() for match in _LETTER.finditer(text[: limit + 64])]
    sizes = list(itertools.accumulate(size(text[a:b]) for a, b in zip([0, *ends], ends, strict=False)))
    count = bisect.bisect_right(sizes, limit)
    if count:
        return int(ends[count - 1])
    # A single letter that is too long: by code points, at least one.
    points = list(itertools.accumulate(size(point) for point in text[:limit]))
    return max(1, bisect.bisect_right(points, limit))


def _find_end(text: str, fitting: int) -> int:
    """Where the first part ends, at most at ``fitting``."""
    if text[fitting : fitting + 1].isspace():
        return fitting
    for pattern, share in _ENDS:
        ends = [match.end() for match in pattern.finditer(text, 0, fitting)]
        if ends and ends[-1] >= fitting * share:
            return int(ends[-1])
    if _WITHOUT_BLANKS.match(text, fitting - 1):
        return _find_word(text, fitting)
    blanks = [match.end() for match in _BLANK.finditer(text, 0, fitting)]
    return int(blanks[-1]) if blanks else fitting


def _find_word(text: str, fitting: int) -> int:
    """The last end of a word where words stand without blanks; ``fitting`` where none is known."""
    near = max(0, fitting - _NEAR)
    for run in _THAI.finditer(text, near, fitting + _NEAR):
        if run.start() < fitting < run.end():
            from pythainlp.tokenize import word_tokenize  # noqa: PLC0415 - a dictionary, only where Thai is cut

            place, best = run.start(), 0
            for word in word_tokenize(run.group(), engine="newmm"):
                place += len(word)
                if run.start() < place <= fitting:
                    best = place
            # A cut right at the run's beginning is one between a Thai word and what stands before it.
            return best or run.start() or fitting
    end = fitting
    while end > 1 and fitting - end < 4 and _CLOSING.match(text[end:]):
        end -= 1
    return end if not _CLOSING.match(text[end:]) else fitting
