"""Sizes in a text: a number beside a word for size ("38码"), or with the system it belongs to ("US 8"), or millimetres."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping

#: Which numbers are sizes in a system: (from, to), clothes and shoes.
_NUMBERS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "EU": ((30, 68),),
    "US": ((0, 22), (32, 54)),
    "UK": ((1, 22), (32, 54)),
    "JP": ((3, 32), (210, 310)),
    "KR": ((44, 99), (210, 310)),
    "CN": ((33, 50), (210, 310)),
}
_SIZE = "size"  #: the key of the pack's words for "size", beside the systems
_BEHIND = "behind"  #: the key of those words that make a size of the number before them: 码
_OWN = (20.0, 60.0)  #: numbers that may be a size of this shop
_NUMBER = r"\d{1,3}(?:[.,]5)?"
_LETTER_AFTER = r"(?![^\W\d_ก-๙\u3400-\u9fff])"


@dataclasses.dataclass(frozen=True)
class FoundLabel:
    """``size`` ("38"), ``foreign_size`` ("US 8"), ``foot_length`` in cm, or a label's ``wearer``, in the normalised text."""

    kind: str
    value: str | float
    start: int
    end: int


def find(text: str, systems: Mapping[str, str], wearers: Mapping[str, str]) -> Iterator[FoundLabel]:
    """Labels of all systems.

    ``systems`` maps how a system is written to its name, words for "size" to ``size``, and those of them that stand
    behind a number to ``behind``; ``wearers`` are words that may stand between the two: "US men's 9".
    """
    before, after, millimetres, own = _patterns(tuple(systems.items()), tuple(wearers))
    taken: list[tuple[int, int]] = []
    for pattern, system_group, number_group in ((before, 1, 2), (after, 2, 1)):
        for match in pattern.finditer(text):
            system, number = systems[match[system_group]], float(match[number_group].replace(",", "."))
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if any(low <= number <= high for low, high in _NUMBERS.get(system, ())):
                taken.append(match.span())
                yield FoundLabel("foreign_size", f"{system} {number:g}", *match.span())
                yield from _find_wearer(match, wearers)
    for match in millimetres.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            yield FoundLabel("foot_length", float(match[1]) / 10, *match.span(1))
    for match in own.finditer(text):
        clear = not any(start < match.end() and match.start() < end for start, end in taken)
        if clear and _OWN[0] <= float(match[1].replace(",", ".")) <= _OWN[1]:
            yield FoundLabel("size", match[1].replace(",", "."), *match.span(1))


def _find_wearer(label: re.Match[str], wearers: Mapping[str, str]) -> Iterator[FoundLabel]:
    """The wearer inside a label: no word list sees what a form has taken."""
    for form in sorted(wearers, key=len, reverse=True):
        place = label.group().find(form)
        if place >= 0:
            start = label.start() + place
            yield FoundLabel("wearer", wearers[form], start, start + len(form))
            return


@functools.lru_cache(maxsize=32)
def _patterns(systems: tuple[tuple[str, str], ...], wearers: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    behind = _any_of(form for form, name in systems if name == _BEHIND)
    sizes = [form for form, name in systems if name in (_SIZE, _BEHIND)]
    system = _any_of(form for form, name in systems if name not in (_SIZE, _BEHIND))
    between = rf"(?:(?:{_any_of((*sizes, *wearers))}){_LETTER_AFTER}\W{{0,2}}){{0,3}}"
    return (
        re.compile(rf"(?<![a-z0-9])({system})[\s.:-]{{0,2}}{between}({_NUMBER})(?![\d/]|[.,]\d|\s?[$%€£])"),
        re.compile(rf"(?<![^\W\u3400-\u9fffก-๙])(?<![.,])({_NUMBER})\s?{between}({system}){_LETTER_AFTER}(?!\s?(?:\$|d[oó]l))"),
        re.compile(rf"(?<![a-z])(?:{_any_of(sizes)})[\s.:]{{0,2}}(2[1-9][05]|30[05])(?![\d/]|[.,]\d|\s?[$%€£])"
                   + _LETTER_AFTER),
        re.compile(rf"(?<![\d.,])(\d{{2}}(?:[.,]5)?)\s?(?:{behind})"),
    )  # fmt: skip


def _any_of(forms: Iterable[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)"
