"""Body measures in a text, in centimetres and kilograms whatever the buyer measured in."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping

#: to centimetres or kilograms; exact by definition (international yard and pound, 1959)
_TO_CM = {"cm": 1.0, "m": 100.0, "mm": 0.1, "inch": 2.54, "foot": 30.48}
_TO_KG = {"kg": 1.0, "gram": 0.001, "jin": 0.5, "pound": 0.45359237, "stone": 6.35029318}
_HEIGHT = (90.0, 230.0)
_FOOT = (14.0, 34.0)
_WEIGHT = (15.0, 250.0)
_BUST = (57.0, 150.0)
_WAIST = (47.0, 150.0)
_LIMITS = {"height": _HEIGHT, "weight": _WEIGHT, "foot_length": _FOOT, "bust": _BUST, "waist": _WAIST}
#: Girths below these are inches where no unit is said: no grown body is so thin.
_INCHES = {"bust": (26.0, _BUST[0]), "waist": (20.0, _WAIST[0])}

_FEET_INCHES = re.compile(r"(?<![\w.])([4-7])\s?(?:'|ft|feet|foot)\s?(1[01]|\d)?\s?(?:\"|''|in(?:ch(?:es)?)?)?(?!\w)")
_PAIR = re.compile(r"(?<![\w.,/])(1[3-9]\d|20\d)\s?[/\-, ]\s?(3[5-9]|[4-9]\d|1[0-4]\d)(?![\w/]|[.,]\d)")
_TRIPLE = re.compile(r"(?<![\w/.,-])(\d{2,3})\s?[-/–]\s?(\d{2,3})\s?[-/–]\s?(\d{2,3})(?![\w/-]|[.,]\d)")
_TRIPLES = (
    ((70, 140), (50, 120), (75, 150), 1.0),
    ((28, 54), (20, 46), (30, 58), 2.54),
)  # bust, waist, hips: cm, inches
_CODE = re.compile(r"(?<![\w.,/])(1[3-9]\d)/(\d{2,3})\s?[abcy](?![a-z0-9])")
_METRES = re.compile(r"(?<![\w.])(1[.,][3-9]\d|2[.,]0\d)(?![\w.,])")


@dataclasses.dataclass(frozen=True)
class Measure:
    """height, weight, bust, waist or foot_length at ``start`` to ``end`` of the normalised text."""

    kind: str
    value: float
    start: int
    end: int


@functools.lru_cache(maxsize=32)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    units = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)"
    return re.compile(
        rf"(?<![^\W\u3400-\u9fff])(?<![.,])(\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?({units})(?![^\W\d_ก-๙\u3400-\u9fff])"
    )


def find(text: str, units: Mapping[str, str], words: Mapping[str, str]) -> Iterator[Measure]:
    """Measures of bodies and feet.

    ``units`` maps how a unit is written to its name, ``words`` what stands before a bare number to what it measures.
    """
    taken: list[tuple[int, int]] = []
    girths = (*_triples(text), *_codes(text), *_girths(text, units, words))
    with_units = (*_feet(text), *_metres_and_more(text, units), *_with_units(text, units))
    for measure in (*girths, *with_units, *_named(text, words), *_pairs(text), *_metres(text)):
        if not any(start < measure.end and measure.start < end for start, end in taken):
            taken.append((measure.start, measure.end))
            yield measure


def from_number(number: float, kind: str) -> float | None:
    """A bare number as a measure of a kind; None where no body has it.

    1.65 is metres, a foot of 245 millimetres, a bust of 36 inches.
    """
    if kind == "height" and 1.2 <= number <= 2.3:
        number *= 100
    elif kind == "foot_length" and 10 * _FOOT[0] <= number <= 10 * _FOOT[1]:
        number /= 10
    elif kind in _INCHES and _INCHES[kind][0] <= number < _INCHES[kind][1]:
        number *= _TO_CM["inch"]
    low, high = _LIMITS[kind]
    return round(number, 1) if low <= number <= high else None


def _with_units(text: str, units: Mapping[str, str]) -> Iterator[Measure]:
    for match in _pattern(tuple(units)).finditer(text):
        number, unit = float(match[1].replace(",", ".")), units[match[2]]
        if unit in _TO_CM:
            value = number * _TO_CM[unit]
            kind = (
                "height"
                if _HEIGHT[0] <= value <= _HEIGHT[1]
                else "foot_length"
                if _FOOT[0] <= value <= _FOOT[1]
                else ""
            )
        elif unit in _TO_KG:
            value = number * _TO_KG[unit]
            kind = "weight" if _WEIGHT[0] <= value <= _WEIGHT[1] else ""
        else:
            continue
        if kind:
            yield Measure(kind, round(value, 1), *match.span())


@functools.lru_cache(maxsize=32)
def _named_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    before = "|".join(re.escape(word.lower()) for word in sorted(words, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<![a-z])({before})\s*[:=]?\s*(\d{{2,3}}(?:[.,]\d{{1,2}})?)(?![\d.,]*\d)")


def _named(text: str, words: Mapping[str, str]) -> Iterator[Measure]:
    bodies = tuple(word for word, kind in words.items() if kind not in _INCHES)
    for match in _named_pattern(bodies).finditer(text):
        kind = words[match[1]]
        value = from_number(float(match[2].replace(",", ".")), kind)
        if value is not None:
            yield Measure(kind, value, *match.span(2))


@functools.lru_cache(maxsize=32)
def _girth_patterns(words: tuple[str, ...], units: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    girth = "|".join(re.escape(word.lower()) for word in sorted(words, key=len, reverse=True)) or "(?!)"
    unit = "|".join(re.escape(form) for form in (*sorted(units, key=len, reverse=True), '"', "''"))
    number = r"\d{2,3}(?:[.,]\d{1,2})?"
    letter_before, letter_after = r"(?<![^\W\d_\u3400-\u9fff])(?<![ก-๙])", r"(?![^\W\d_ก-๙\u3400-\u9fff])"
    return (
        re.compile(rf"{letter_before}({girth})\s*[:=]?\s*({number})(?:\s?({unit}){letter_after})?(?![\d.,]*\d)"),
        re.compile(rf"(?<![\w.,])({number})\s?(?:({unit})\s?)?({girth}){letter_after}(?!\s*[:=]?\s*\d)"),
    )


def _girths(text: str, units: Mapping[str, str], words: Mapping[str, str]) -> Iterator[Measure]:
    """Bust 92, bust 36 inches, a 38 inch waist: the word says what is measured, without a unit the number says in what."""
    forms = tuple(word for word, kind in words.items() if kind in _INCHES)
    lengths = tuple(form for form, unit in units.items() if unit in _TO_CM)
    before, after = _girth_patterns(forms, lengths)
    for match in before.finditer(text):
        yield from _girth(words[match[1]], match[2], match[3], units, match.start(2), match.end(3 if match[3] else 2))
    for match in after.finditer(text):
        if match[2] or " " in match[3]:  # "88 de busto"; "M 88 bust" is too little
            yield from _girth(
                words[match[3]], match[1], match[2], units, match.start(1), match.end(2 if match[2] else 1)
            )


def _girth(
    kind: str, number: str, unit: str | None, units: Mapping[str, str], start: int, end: int
) -> Iterator[Measure]:
    value: float | None = float(number.replace(",", "."))
    if unit and value is not None:
        value = round(value * _TO_CM[units.get(unit, "inch")], 1)
        value = value if _LIMITS[kind][0] <= value <= _LIMITS[kind][1] else None
    elif value is not None:
        value = from_number(value, kind)
    if value is not None:
        yield Measure(kind, value, start, end)


def _triples(text: str) -> Iterator[Measure]:
    """90-60-90: bust, waist and hips."""
    for match in _TRIPLE.finditer(text):
        bust, waist, hips = (int(number) for number in match.groups())
        for busts, waists, all_hips, to_cm in _TRIPLES:
            if busts[0] <= bust <= busts[1] and waists[0] <= waist <= waists[1] and all_hips[0] <= hips <= all_hips[1]:
                yield Measure("bust", round(bust * to_cm, 1), *match.span(1))
                yield Measure("waist", round(waist * to_cm, 1), *match.span(2))
                break


def _codes(text: str) -> Iterator[Measure]:
    """160/84A: height and bust, or waist, as Chinese labels have them (GB/T 1335)."""
    for match in _CODE.finditer(text):
        girth = float(match[2])
        kind = "bust" if girth >= 76 else "waist"  # 76: the smallest bust of grown women there
        if _LIMITS[kind][0] <= girth <= _LIMITS[kind][1]:
            yield Measure("height", float(match[1]), *match.span(1))
            yield Measure(kind, girth, *match.span(2))


def _feet(text: str) -> Iterator[Measure]:
    for match in _FEET_INCHES.finditer(text):
        value = int(match[1]) * _TO_CM["foot"] + int(match[2] or 0) * _TO_CM["inch"]
        yield Measure("height", round(value, 1), *match.span())


def _pairs(text: str) -> Iterator[Measure]:
    """165/55: height and weight, as buyers in Asia write them."""
    for match in _PAIR.finditer(text):
        yield Measure("height", float(match[1]), *match.span(1))
        yield Measure("weight", float(match[2]), *match.span(2))


@functools.lru_cache(maxsize=32)
def _metre_pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    metres = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<![^\W\u3400-\u9fff])([12])\s?(?:{metres})(\d\d?)(?!\d|[^\W\d_]{{2}})")


def _metres_and_more(text: str, units: Mapping[str, str]) -> Iterator[Measure]:
    """1m65, 1 m65, 1m7: metres, then centimetres or tens of them."""
    for match in _metre_pattern(("m", *(form for form, unit in units.items() if unit == "m"))).finditer(text):
        value = int(match[1]) * 100 + int(match[2]) * (10 if len(match[2]) == 1 else 1)
        if _HEIGHT[0] <= value <= _HEIGHT[1]:
            yield Measure("height", float(value), *match.span())


def _metres(text: str) -> Iterator[Measure]:
    for match in _METRES.finditer(text):
        yield Measure("height", round(float(match[1].replace(",", ".")) * 100, 1), *match.span())
