"""Numbers put together of digits, words and scales: ``1tr2``, ``两千五``, ``half a million``; exact values.

Which words there are is data of a pack (:mod:`pasar.languages.money`); here is only what they make of one another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

#: Digits as buyers write them, with or without marks.
DIGITS = r"\d{1,3}(?:[.,]\d{3})+(?!\d)|\d{1,9}(?:[.,]\d{1,2})?(?!\d|[.,]\d)"

_SHORT = re.compile(r"[a-z]{1,2}")  # "k", "tr": never alone, and nothing of the number stands apart behind it
_MILLION = 10**6


class Piece(NamedTuple):
    """A part of a number at ``start`` to ``end`` of a text."""

    kind: str  #: digits, number, scale, half, single, zero, filler
    value: Decimal
    written: str
    start: int
    end: int


def add_up(run: Sequence[Piece], tenths: Collection[str], counts: Callable[[int], bool]) -> tuple[Decimal, int]:
    """What the first pieces of a run are together, and how many pieces that are; none where they make no number.

    ``tenths``: scales behind which a last digit is a tenth of them. ``counts``: whether a number that ends at a place
    of the text counts things, so that it is no tenth.
    """
    parts: list[Decimal] = []  # from the largest down to what may still be scaled
    last: Piece | None = None
    used, after_zero = 0, False
    for index, piece in enumerate(run):
        following = run[index + 1] if index + 1 < len(run) else None
        scaled_by = following.value if following is not None and following.kind == "scale" else None
        if piece.kind in ("filler", "zero"):
            after_zero = after_zero or piece.kind == "zero"
            if last is None:
                break
            continue
        if piece.kind == "scale":
            if not _scale(parts, piece, last):
                break
        elif piece.kind in ("half", "single") and last is not None:
            if last.kind != "scale":
                break
            parts.append(last.value / 2 if piece.kind == "half" else Decimal(0))
            return sum(parts, Decimal(0)), index + 1
        elif piece.kind == "half" and scaled_by:
            parts.append(Decimal("0.5"))
        elif piece.kind not in ("digits", "number"):
            break
        elif last is None:
            big = scaled_by is not None and scaled_by >= _MILLION
            parts.append(read_digits(piece.written, decimal_mark=big) if piece.kind == "digits" else piece.value)
        elif last.kind == "scale" and not scaled_by:
            is_tenth = last.written in tenths and not after_zero
            tail = _read_tail(piece, last, is_tenth=is_tenth, is_apart=piece.start > last.end)
            mixed = not is_tenth and any(earlier.kind == "digits" for earlier in run[:index])  # "350 ribu satu kodi"
            if tail is None or mixed or counts(piece.end):
                break
            parts.append(tail)
            if piece.kind == "digits" or piece.value < 10:
                return sum(parts, Decimal(0)), index + 1
        elif not _follows(piece, last, parts[-1], scaled_by):
            break
        else:
            parts.append(piece.value)
        last, used = piece, index + 1
    return sum(parts, Decimal(0)), used


def read_digits(written: str, *, decimal_mark: bool = False) -> Decimal:
    """The value of digits. A mark before three of them parts thousands; with ``decimal_mark`` a single one does not."""
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", written)
    if grouped and not (decimal_mark and len(re.findall(r"[.,]", written)) == 1):
        return Decimal(re.sub(r"[.,]", "", written))
    return Decimal(written.replace(",", "."))


def _follows(piece: Piece, last: Piece, part: Decimal, scaled_by: Decimal | None) -> bool:
    """Whether a number goes on: five behind twenty, two hundred behind a thousand; "500 800" are two numbers."""
    if part % 10 ** len(str(int(piece.value))):
        return False
    if last.kind == "scale" and scaled_by is not None:
        return scaled_by < last.value if piece.kind == "digits" else scaled_by != last.value
    return "digits" not in (piece.kind, last.kind) and piece.value < last.value


def _scale(parts: list[Decimal], scale: Piece, last: Piece | None) -> bool:
    """Multiply what is smaller than the scale, at least one; False where the scale cannot stand there."""
    if last is None:
        parts.append(scale.value)
        return not _SHORT.fullmatch(scale.written)
    if last.kind == "scale" and last.value >= scale.value:
        return False
    kept = list(parts)
    lower = kept.pop() if last.kind != "scale" else Decimal(0)  # "1.250k": what stands right before, however large
    while kept and kept[-1] < scale.value:
        lower += kept.pop()
    if not lower or (kept and kept[-1] % 10 ** len(str(int(lower * scale.value)))):
        return False
    parts[:] = [*kept, lower * scale.value]
    return True


def _read_tail(piece: Piece, scale: Piece, *, is_tenth: bool, is_apart: bool) -> Decimal | None:
    """What a last number adds behind a scale: tenths of it, or what it is; None where it adds nothing."""
    if piece.kind == "number" and (not is_tenth or piece.value >= 10):
        return piece.value if piece.value < scale.value else None
    if not is_tenth or (is_apart and _SHORT.fullmatch(scale.written)):
        return None
    if piece.kind == "number":
        return piece.value * scale.value / 10
    places = len(piece.written)
    if not piece.written.isdigit():
        return None
    if places <= 2:
        return piece.value * scale.value / Decimal(10) ** places
    if places == 3 and scale.value >= _MILLION:
        return piece.value * scale.value / 1000
    return piece.value if piece.value < scale.value else None
