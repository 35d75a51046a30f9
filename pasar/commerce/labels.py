"""What a size on another shop's label says of the body that wears it.

Conversions are conventions, not measurements: makers differ by about a size. So a label becomes a span of centimetres,
never a single number, and the product's own chart has the last word.

Shoes
    Mondopoint (ISO 9407) is the length of the foot: Japan in centimetres, Korea and China in millimetres.
    Europe counts Paris points, two thirds of a centimetre, of the last, which is longer than the foot by about 15 mm.
    Britain counts barleycorns, a third of an inch, of the last: 3 × inches - 25, the last two barleycorns longer than
    the foot. America is one more than Britain for men; for women it is one more than for men on the Brannock device,
    one and a half by custom. ISO/TS 19407 compares the systems and calls its own table approximate.
Clothes
    Women, Europe: the bust of EN 13402-3, 88 cm for 38 and 4 cm a size; Britain is 28 less, America 32 less by
    the most common tables (others are a size apart; French and Spanish labels are one size higher).
    Women, Japan: JIS L 4005, bust 83 cm for 9 and 3 cm for every second number, to 15.
    Men: Europe is half the chest in centimetres, Britain and America the chest in inches (EN 13402-2).
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Span = tuple[float, float]
Wearer = Literal["women", "men", "child"]

#: How many centimetres a foot may be off what a label says: half of half a size.
_FOOT_SLACK = 0.1
_INCH = 2.54
_LAST_ALLOWANCE = 1.55  # cm, Europe: what common charts come to
_WOMEN_BUST = (88.0, 38, 2.0)  #: bust in cm, of which EU size; cm for one number (sizes are even)
_JAPANESE_BUST = (83.0, 9, 1.5)


@dataclasses.dataclass(frozen=True)
class Label:
    """A size and the system it belongs to: EU, US, UK, JP, KR or CN."""

    system: str
    number: float

    @classmethod
    def read(cls, text: str) -> Label | None:
        """``US 8``, as the entity ``foreign_size`` has it; None where it is nothing like that."""
        system, _, number = text.partition(" ")
        try:
            return cls(system.upper(), float(number))
        except ValueError:
            return None

    def __str__(self) -> str:
        """As buyers write it."""
        return f"{self.system} {self.number:g}"


def convert_shoe(label: Label, wearer: Wearer | None) -> Span | None:
    """The length of the foot in cm. None where the label says nothing of it; children's scales are others."""
    number, system = label.number, label.system
    if system in ("JP", "KR", "CN", "EU"):
        if 20 <= number <= 32:
            return number - _FOOT_SLACK, number + _FOOT_SLACK
        if 200 <= number <= 320:
            return number / 10 - _FOOT_SLACK, number / 10 + _FOOT_SLACK
        if (
            system in ("CN", "EU") and 33 <= number <= 50
        ):  # China: the French numbers are in common use beside GB/T 3293.1
            foot = number * 2 / 3 - _LAST_ALLOWANCE
            return foot - _FOOT_SLACK, foot + _FOOT_SLACK
        return None
    if wearer == "child" or not 1 <= number <= 16:
        return None
    if system == "UK":
        return _from_barleycorns(number, number)
    if system == "US" and wearer == "men":
        return _from_barleycorns(number - 1, number - 1)
    if system == "US" and wearer == "women":
        return _from_barleycorns(number - 2.5, number - 2)
    return None


def convert_clothing(label: Label, wearer: Wearer | None) -> Span | None:
    """The bust (men: chest) in cm; of a woman where nobody says for whom. None where the label says nothing of it."""
    if wearer == "child":
        return None
    number, system = label.number, label.system
    if wearer == "men":
        if system == "EU" and 40 <= number <= 66:
            return number * 2 - 2, number * 2 + 2
        if system in ("US", "UK") and 32 <= number <= 54:
            return (number - 1) * _INCH, (number + 1) * _INCH
        return None
    if system == "JP" and 3 <= number <= 15 and number % 2:
        bust = _JAPANESE_BUST[0] + (number - _JAPANESE_BUST[1]) * _JAPANESE_BUST[2]
        return bust - 1.5, bust + 1.5
    european = {"EU": number, "UK": number + 28, "US": number + 32}.get(system)
    if european is None or european % 2 or not 32 <= european <= 54:
        return None
    bust = _WOMEN_BUST[0] + (european - _WOMEN_BUST[1]) * _WOMEN_BUST[2]
    return bust - 2, bust + 2


def _from_barleycorns(smallest: float, largest: float) -> Span:
    """The foot for British sizes."""
    return ((smallest + 23) / 3 * _INCH - _FOOT_SLACK, (largest + 23) / 3 * _INCH + _FOOT_SLACK)
