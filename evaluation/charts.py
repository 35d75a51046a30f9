"""The report's pictures: bars with a target line, and a confusion matrix as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_CELL = 16


def draw_bars(rows: Sequence[Mapping[str, Any]], target: float) -> str:
    """Bars for shares from 0 to 1, as HTML that keeps its letters' size on a phone, with a line at the target.

    A row has ``label``, ``value`` and ``kind`` (its colour); one without a value is a heading.
    """
    parts = [f'<div class="bars" style="--target: {100 * target:g}%">']
    for row in rows:
        label = escape(row["label"])
        if row.get("value") is None:
            parts.append(f"<h3>{label}</h3>")
            continue
        told, kind = f"{100 * row['value']:.1f}", escape(row["kind"])
        parts.append(
            f'<div class="bar"><span>{label}</span><span class="track">'
            f'<i class="{kind}" style="inline-size: {told}%"></i>'
            f"</span><b>{told} %</b></div>"
        )
    return "".join([*parts, f"<small>Dashed: the target, {100 * target:g} %.</small></div>"])


def draw_confusions(matrix: Mapping[str, Mapping[str, int]]) -> str:
    """Rows: what was meant; columns: what was read; the diagonal is right. Every cell tells its number on hovering."""
    labels = sorted({*matrix, *(read for row in matrix.values() for read in row)})
    left, top = 150, 140
    side = _CELL * len(labels)
    parts = [
        f'<svg class="heat" viewBox="0 0 {left + side + 4} {top + side + 4}" role="img" aria-label="Confusion matrix">',
        f'<rect class="ground" x="{left}" y="{top}" width="{side}" height="{side}"/>',
    ]
    for place, label in enumerate(labels):
        middle = _CELL * place + _CELL / 2
        name = escape(label)
        parts.append(f'<text x="{left - 6}" y="{top + middle + 4}" text-anchor="end">{name}</text>')
        parts.append(f'<text transform="translate({left + middle + 4} {top - 6}) rotate(-90)">{name}</text>')
    for row, wanted in enumerate(labels):
        counts = matrix.get(wanted, {})
        total = sum(counts.values())
        for column, read in enumerate(labels):
            if number := counts.get(read, 0):
                kind = "right" if row == column else "wrong"
                x, y = left + _CELL * column, top + _CELL * row
                told = f"{wanted} read as {read}: {number} of {total}"
                depth = 0.25 + 0.75 * number / total
                parts.append(
                    f'<rect class="{kind}" x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" opacity="{depth:.2f}">'
                    f"<title>{escape(told)}</title></rect>"
                    f'<text class="number" x="{x + _CELL / 2}" y="{y + 12}" text-anchor="middle">{number}</text>'
                )
    return "".join([*parts, "</svg>"])
