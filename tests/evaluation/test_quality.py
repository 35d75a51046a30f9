"""The report kept small."""

from __future__ import annotations

from typing import Any

from evaluation.quality import render_quality


def test_quality_has_a_row_a_language(figures: dict[str, Any]) -> None:
    """Shares in per cent, and a dash for what was not measured."""
    lines = render_quality(figures).splitlines()
    assert (
        "| English | 10 | 4 | 50.0 | 100.0 | 55.6 | 25.0 | – | 50.0 | – | – | 50.0 | 66.7 | 37.5 | 0.0 | 75.0 |"
        in lines
    )
    assert "| English | order_status → refund_status (1), out_of_scope → nlu_fallback (1) |" in lines
