"""Sums of money as buyers write them: ``1tr2``, ``1,5jt``, ``两千五``, ``พันห้า``, ``half a million``; exact values.

How a language scales numbers and calls money is data of its pack, ``data/<code>/money.yml`` (:class:`MoneyWords`);
here is only how numbers are put together.
"""

from __future__ import annotations

import dataclasses
import decimal
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pasar.languages.numerals import DIGITS, Piece, add_up, read_digits

#: What is written for a currency everywhere; words for money are the pack's.
_SIGNS = {
    "rp": "IDR", "idr": "IDR", "thb": "THB", "฿": "THB", "usd": "USD", "us$": "USD", "$": "USD", "rm": "MYR", "myr": "MYR",
    "s$": "SGD", "sgd": "SGD", "₱": "PHP", "php": "PHP", "₫": "VND", "vnd": "VND", "€": "EUR", "eur": "EUR", "mxn": "MXN",
    "cny": "CNY", "rmb": "CNY", "¥": "CNY", "nt$": "TWD", "twd": "TWD", "hk$": "HKD", "hkd": "HKD",
}  # fmt: skip
#: The name of the buyer's own currency in a pack: "pesos" are those of her country.
OWN = "own"

_LETTER = r"[^\W\d_ก-๙\u3400-\u9fff]"  # of a script that parts words by blanks
_WEAK = Decimal(10)  # below it a word for money may be something else
_NEAR = 40  # characters in which a word before a number is looked for


@dataclasses.dataclass(frozen=True)
class MoneyWords:
    """``money.yml`` of a pack; what a pack has not is empty."""

    numbers: Mapping[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)  #: added up: twenty five
    scales: Mapping[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)  #: times what stands before
    tenths: tuple[str, ...] = ()  #: scales, or words for money, behind which a last digit is a tenth of them: 1tr2
    halves: tuple[str, ...] = ()  #: half of the scale behind or before it
    single: tuple[str, ...] = ()  #: behind a scale: one of it
    zeros: tuple[str, ...] = ()  #: before a last number that is no tenth
    fillers: tuple[str, ...] = ()  #: between numbers, without meaning
    around: tuple[str, ...] = ()  #: behind a sum that is not exact
    money: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)  #: ISO 4217, or ``own``
    weak: tuple[str, ...] = ()  #: words of ``money`` that count things too: money from ten on
    vague: tuple[str, ...] = ()  #: before a number: nobody knows how much
    cues: tuple[str, ...] = ()  #: before or behind a number as words: it is a sum
    others: tuple[str, ...] = ()  #: behind a number: it counts something else

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> MoneyWords:
        """From the file's keys and values; ValueError names the field that is wrong."""
        parsed: dict[str, Any] = {}
        for name, value in content.items():
            if name == "language":
                continue
            if name in ("numbers", "scales"):
                parsed[name] = {
                    _whole(name, key): _texts(f"{name}: {key}", forms) for key, forms in _items(name, value)
                }
            elif name == "money":
                parsed[name] = {str(key): _texts(f"{name}: {key}", forms) for key, forms in _items(name, value)}
            elif name in cls.__dataclass_fields__:
                parsed[name] = _texts(name, value)
            else:
                raise ValueError(f"{name}: is no field")
        words = cls(**parsed)
        unknown = set(words.tenths) - _flat(words.scales) - _flat(words.money)
        if unknown:
            raise ValueError(f"tenths: {min(unknown)!r} is neither a scale nor a word for money")
        return words


class Sum(NamedTuple):
    """A sum at ``start`` to ``end`` of the normalised text, its sign with it."""

    amount: Decimal
    currency: str | None  #: ISO 4217; None where it is not said, or is the buyer's own
    start: int
    end: int


class _Number(NamedTuple):
    value: Decimal
    pieces: list[Piece]
    sure: bool  #: not where another number stands at its end, so that it may be meant otherwise

    @property
    def is_scaled(self) -> bool:
        return any(piece.kind == "scale" for piece in self.pieces)

    @property
    def has_digits(self) -> bool:
        return any(piece.kind == "digits" for piece in self.pieces)


class MoneyFinder:
    """Finds sums in normalised texts of one language."""

    def __init__(self, words: MoneyWords, units: Iterable[str] = ()) -> None:
        """``units``: of measures and of pieces; a number before one is no sum."""
        self._words = words
        self._pieces: dict[str, tuple[str, Decimal]] = {}
        for kind, forms in (
            *(("number", dict.fromkeys(forms, value)) for value, forms in words.numbers.items()),
            *(("scale", dict.fromkeys(forms, value)) for value, forms in words.scales.items()),
            *((kind, dict.fromkeys(forms, 0)) for kind, forms in _beside(words)),
        ):
            for form, value in forms.items():
                self._pieces.setdefault(form, (kind, Decimal(value)))
        self._signs = {**_SIGNS, **{form: code for code, forms in words.money.items() for form in forms}}
        self._piece = re.compile(rf"(?P<digits>(?<![\d.,]){DIGITS})|{_any(self._pieces)}")
        self._before = re.compile(rf"({_any(_SIGNS)})\s?$")
        self._behind = re.compile(rf"\s?({_any(self._signs)})")
        self._weak = re.compile(_any(words.weak))
        self._around = re.compile(rf"\s?{_any(words.around)}")
        self._other = re.compile(rf"\s?{_any((*words.others, *units))}")
        self._vague = re.compile(rf"{_any(words.vague)}\s?$")
        large = (form for value, forms in words.numbers.items() if value >= 100 for form in forms)
        self._telling = re.compile(rf"\d|{_any((*_flat(words.scales), *_flat(words.money), *large))}")
        self._cue_before = re.compile(rf"{_any(words.cues)}\s*[:=]?\s*$")
        self._cue_behind = re.compile(rf"\s?{_any(words.cues)}")

    def find(self, text: str) -> Iterator[Sum]:
        """What is a sum for certain: with a sign; digits with a scale; words after "under" and the like."""
        end = 0
        for number in self._numbers(text) if self._telling.search(text) else ():
            found = self._judge(text, number)
            if found is not None and found.start >= end:
                end = found.end
                yield found

    def read(self, text: str) -> Decimal | None:
        """The sum in a text that is known to name one, also as a bare number; None where it cannot be told."""
        numbers = list(self._numbers(text))
        telling = [item for item in numbers if item.is_scaled or self._sign(text, item, item.pieces[-1].end)[0]]
        first = next(iter((*telling, *numbers)), None)
        if first is None or not first.sure:
            return None
        return first.value + self._tenth(text, first)[0]

    def _judge(self, text: str, number: _Number) -> Sum | None:
        start, end = number.pieces[0].start, number.pieces[-1].end
        if not number.sure or self._vague.search(text, max(0, start - _NEAR), start):
            return None
        around = self._around.match(text, end)
        end = around.end() if around else end
        code, sign_start, sign_end = self._sign(text, number, end)
        if not _begins(text, sign_start) or not _ends(text, sign_end):
            return None
        if code is None:
            certain = (
                number.is_scaled if number.has_digits else number.value >= 100 and self._is_called(text, start, end)
            )
            return Sum(number.value, None, start, end) if certain and not self._other.match(text, end) else None
        tenth, tenth_end = self._tenth(text, number)
        return Sum(number.value + tenth, None if code == OWN else code, sign_start, max(sign_end, tenth_end))

    def _is_called(self, text: str, start: int, end: int) -> bool:
        """Whether the words around a number say that it is money."""
        before = self._cue_before.search(text, max(0, start - _NEAR), start)
        return bool(before or self._cue_behind.match(text, end))

    def _sign(self, text: str, number: _Number, end: int) -> tuple[str | None, int, int]:
        """The currency before or behind a number that ends there; from where to where number and sign stand."""
        start = number.pieces[0].start
        before = self._before.search(text, max(0, start - _NEAR), start)
        if before:
            return self._signs[before[1]], before.start(), end
        behind = self._behind.match(text, end)
        if behind is None:
            return None, start, end
        tenth = self._tenth(text, number)[1]
        if not tenth and not _ends(text, behind.end()):
            return None, start, end
        # "one" and "two" stand before much, and 块 counts pieces of soap too
        is_small = number.value < (_WEAK if self._weak.fullmatch(behind[1]) else 0 if number.has_digits else _WEAK)
        if is_small and not tenth and (number.value < 2 or text[behind.end() :].strip(" .,!?。，！？")):
            return None, start, end
        return self._signs[behind[1]], start, max(behind.end(), tenth)

    def _tenth(self, text: str, number: _Number) -> tuple[Decimal, int]:
        """What stands behind the word for money, and where it ends: the nine of 十五块九; 0 and 0 where nothing does."""
        sign = self._behind.match(text, number.pieces[-1].end)
        piece = self._match(text, sign.end()) if sign and sign[1] in self._words.tenths else None
        alike = piece is not None and piece.kind == ("digits" if number.has_digits else "number")
        if piece is None or not alike or not 0 < piece.value < 10 or self._match(text, piece.end):
            return Decimal(0), 0
        return (Decimal(0), 0) if self._other.match(text, piece.end) else (piece.value / 10, piece.end)

    def _numbers(self, text: str) -> Iterator[_Number]:
        """Numbers as long as they go, one after another."""
        place = 0
        while match := self._piece.search(text, place):
            run = [self._describe(match)]
            while (piece := self._next(text, run[-1].end)) is not None:
                run.append(piece)
            value, used = add_up(run, self._words.tenths, lambda end: bool(self._other.match(text, end)))
            if used:
                # "three fifty" may be 350 or 3.50
                sure = used == len(run) or run[used].kind not in ("number", "digits") or run[used - 1].kind != "number"
                yield _Number(value, run[:used], sure)
            place = run[max(used, 1) - 1].end

    def _next(self, text: str, end: int) -> Piece | None:
        for gap in (0, 1):
            if gap == 0 or text[end : end + 1] in (" ", "-", "'"):
                piece = self._match(text, end + gap)
                if piece is not None:
                    return piece
        return None

    def _match(self, text: str, start: int) -> Piece | None:
        match = self._piece.match(text, start)
        return self._describe(match) if match else None

    def _describe(self, match: re.Match[str]) -> Piece:
        written = match.group()
        if match["digits"]:
            return Piece("digits", read_digits(written), written, *match.span())
        kind, value = self._pieces[written]
        return Piece(kind, value, written, *match.span())


def to_number(amount: Decimal) -> int | float:
    """As JSON has it: whole where it is; ``Decimal(str(to_number(x)))`` is ``x`` again."""
    return int(amount) if amount == amount.to_integral_value(decimal.ROUND_DOWN) else float(amount)


def _begins(text: str, start: int) -> bool:
    return not start or not re.match(rf"{_LETTER}|\d|_", text[start - 1]) or not re.match(r"[\da-z_]", text[start])


def _ends(text: str, end: int) -> bool:
    return end >= len(text) or not re.match(rf"{_LETTER}|\d|_", text[end])


def _any(forms: Iterable[str]) -> str:
    """One of some forms, the longest first; those with letters are whole words, digits may stand beside them."""
    longest = sorted(forms, key=len, reverse=True)
    words = "|".join(_blanks(form) for form in longest if re.search(_LETTER, form)) or "(?!)"
    signs = "|".join(re.escape(form) for form in longest if not re.search(_LETTER, form)) or "(?!)"
    return rf"(?:(?<!{_LETTER})(?:{words})(?!{_LETTER})|{signs})"


def _blanks(form: str) -> str:
    return r"\s".join(re.escape(word) for word in form.split())


def _beside(words: MoneyWords) -> list[tuple[str, tuple[str, ...]]]:
    return [("half", words.halves), ("single", words.single), ("zero", words.zeros), ("filler", words.fillers)]


def _flat(forms: Mapping[Any, tuple[str, ...]]) -> set[str]:
    return {form for written in forms.values() for form in written}


def _items(name: str, value: object) -> Iterable[tuple[Any, Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: must hold values and how they are written")  # noqa: TRY004 - of a file
    return value.items()


def _whole(name: str, key: object) -> int:
    if not isinstance(key, int) or isinstance(key, bool) or key < 0:
        raise ValueError(f"{name}: {key}: must be a whole number")
    return key


def _texts(name: str, forms: object) -> tuple[str, ...]:
    if not isinstance(forms, list) or not all(isinstance(form, str) and form for form in forms):
        raise ValueError(f"{name}: must be a list of texts")
    return tuple(form.lower() for form in forms)
