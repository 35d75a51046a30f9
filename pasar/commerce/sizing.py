"""Which size fits, judged by nothing but the product's own chart."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pasar.commerce.model import Product, Size

Reason = Literal["fits", "between", "above_chart", "below_chart"]
Range = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """A size and why."""

    size: str  #: the size to take; the largest or smallest there is where the chart ends before the buyer's measures
    reason: Reason
    other: str | None = None  #: the size on the other side, where two come into question


def recommend_size(
    product: Product,
    height: float | None = None,
    weight: float | None = None,
    foot_length: float | None = None,
    loose: bool = False,
) -> Recommendation | None:
    """The size for a body (cm, kg) or a foot (cm).

    None where the product has no chart, or none of the given measures is in it. Between two sizes the
    larger one is recommended and the smaller is ``other``. With ``loose`` it is the next larger
    size, and the one that fits is ``other``.
    """
    chart = product.size_chart
    spans = _match_spans(chart, {"height": height, "weight": weight, "foot_length": foot_length})
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
        if loose and smallest < last:
            return Recommendation(chart[smallest + 1].label, "fits", chart[smallest].label)
        return Recommendation(chart[smallest].label, "fits")
    first, second = sorted((smallest, largest))
    return Recommendation(chart[second].label, "between", chart[first].label)


def _match_spans(chart: tuple[Size, ...], measures: dict[str, float | None]) -> list[tuple[int, int]]:
    """For each measure the chart's rows (first, last) it falls into.

    In a gap between two rows these are both neighbours, beyond the last row ``len(chart)``, before the first -1.
    """
    spans = []
    for name, value in measures.items():
        ranges: list[Range] = [row for size in chart if (row := getattr(size, name)) is not None]
        if value is None or not ranges or len(ranges) != len(chart):
            continue
        below = sum(1 for _, high in ranges if high < value)  # rows that end before the measure
        above = sum(1 for low, _ in ranges if low > value)  # rows that begin after it
        first, last = below, len(ranges) - 1 - above
        if below == len(ranges):
            last = below
        elif above == len(ranges):
            first = -1
        spans.append((min(first, last), max(first, last)))
    return spans
