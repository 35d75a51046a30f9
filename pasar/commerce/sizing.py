"""Which size fits, judged by nothing but the product's own chart."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from pasar.commerce.labels import Label, Wearer, convert_clothing, convert_shoe
from pasar.commerce.model import Product, Size

Reason = Literal["fits", "loose", "between", "between_loose", "between_tight", "above_chart", "below_chart"]
Fit = Literal["loose", "tight"]
Range = tuple[float, float]

#: What a chart may be made of, in the order it is asked for.
MEASURES = ("height", "weight", "bust", "waist", "foot_length")

_NEAR = 0.5  # cm a foot may be off for the same number on two shoes
_EDGE = 0.1  # cm by which a span of a measure must reach into a row


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """A size and why."""

    size: str  #: the size to take; the largest or smallest there is where the chart ends before the buyer's measures
    reason: Reason
    other: str | None = None  #: the size on the other side, where two come into question


def recommend_size(
    product: Product,
    measures: Mapping[str, float | Range],
    fit: Fit | None = None,
) -> Recommendation | None:
    """The size for a body (``height``, ``weight``, ``bust``, ``waist``: cm, kg) or a foot (``foot_length``: cm).

    A measure that is only known roughly is given as (from, to). None where the product has no chart, or none of the
    measures is in it. Between two sizes the larger one is recommended and the smaller is ``other``; who likes it
    ``tight`` gets them the other way round. Who fits one size and likes it ``loose`` gets the next larger, and the
    one that fits is ``other``.
    """
    chart = product.size_chart
    spans = _match_spans(chart, measures)
    if not spans:
        return None
    last = len(chart) - 1
    if any(low > last for low, _ in spans):
        return Recommendation(chart[last].label, "above_chart")
    if all(high < 0 for _, high in spans):
        return Recommendation(chart[0].label, "below_chart")
    # A measure below the chart (a short person of ordinary weight) asks for nothing smaller than the smallest size.
    spans = [(max(0, low), min(last, max(0, high))) for low, high in spans]
    smallest, largest = max(low for low, _ in spans), min(high for _, high in spans)
    if smallest == largest:
        if fit == "loose" and smallest < last:
            return Recommendation(chart[smallest + 1].label, "loose", chart[smallest].label)
        return Recommendation(chart[smallest].label, "fits")
    first, second = sorted((smallest, largest))
    if fit == "tight":
        return Recommendation(chart[first].label, "between_tight", chart[second].label)
    return Recommendation(chart[second].label, "between_loose" if fit == "loose" else "between", chart[first].label)


def recommend_by_label(
    product: Product, label: Label, wearer: Wearer | None, fit: Fit | None = None
) -> tuple[Recommendation, str, Range] | None:
    """The size for somebody who wears ``label`` elsewhere; the measure it was converted to, and from where to where.

    None where it cannot be converted, or the chart has nothing to compare it with.
    """
    is_shoe = product.size_unit == "foot"
    measure = "foot_length" if is_shoe else "bust"
    span = convert_shoe(label, wearer) if is_shoe else convert_clothing(label, wearer)
    if span is None:
        return None
    own = _find_own_row(product, label, span) if is_shoe and label.system == "EU" else None
    found = Recommendation(own, "fits") if own else recommend_size(product, {measure: span}, fit)
    return (found, measure, span) if found else None


def find_needed(product: Product, known: Collection[str]) -> tuple[str, ...]:
    """The measures to ask for, in order: those of the chart that make a size together, but for ``known`` ones.

    The bust alone is enough, the waist too where the chart has no bust: trousers. Neither is asked for where height,
    weight or the foot tell the size.
    """
    in_chart = [m for m in MEASURES if product.size_chart and all(getattr(row, m) for row in product.size_chart)]
    girths = [measure for measure in ("bust", "waist") if measure in in_chart][:1]
    if set(girths) & set(known):
        return ()
    asked = [measure for measure in in_chart if measure not in ("bust", "waist")] or girths
    return tuple(measure for measure in asked if measure not in known)


def correct_measure(known: float, numbers: Sequence[float]) -> float | None:
    """The number that takes the place of a known one: "165 not 156", "not 156, 165". None where nothing is corrected."""
    others = [number for number in numbers if number != known]
    return others[0] if len(numbers) == 2 and len(others) == 1 else None


def _find_own_row(product: Product, label: Label, span: Range) -> str | None:
    """The chart's row of that very number, where the chart's numbers mean the same: its foot is near the label's."""
    row = next((row for row in product.size_chart if row.label == f"{label.number:g}"), None)
    if row is None or row.foot_length is None:
        return None
    low, high = row.foot_length
    return row.label if low - _NEAR <= span[1] and span[0] <= high + _NEAR else None


def _match_spans(chart: tuple[Size, ...], measures: Mapping[str, float | Range]) -> list[tuple[int, int]]:
    """For each measure the chart's rows (first, last) it falls into.

    In a gap between two rows these are both neighbours, beyond the last row ``len(chart)``, before the first -1.
    """
    spans = []
    for name, value in measures.items():
        ranges: list[Range] = [row for size in chart if (row := getattr(size, name)) is not None]
        if not ranges or len(ranges) != len(chart):
            continue
        if isinstance(value, tuple):
            low, high = value[0] + _EDGE, value[1] - _EDGE
            spans.append((_match(ranges, min(low, high))[0], _match(ranges, max(low, high))[1]))
        else:
            spans.append(_match(ranges, value))
    return spans


def _match(ranges: list[Range], value: float) -> tuple[int, int]:
    below = sum(1 for _, high in ranges if high < value)  # rows that end before the measure
    above = sum(1 for low, _ in ranges if low > value)  # rows that begin after it
    first, last = below, len(ranges) - 1 - above
    if below == len(ranges):
        last = below
    elif above == len(ranges):
        first = -1
    return min(first, last), max(first, last)
