"""The benchmark works from end to end; what it measures is for ``make bench`` to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.load import percentile


def test_percentile_is_the_nearest_rank() -> None:
    """Of ten values the fifth, the tenth and the tenth."""
    values = [float(value) for value in range(1, 11)]

    assert (5.0, 10.0, 10.0) == tuple(percentile(values, share) for share in (50, 95, 99))


@pytest.mark.bench
def test_quick_run_measures_both(tmp_path: Path) -> None:
    """Trains a stock model, asks both, and no message fails."""
    command = [sys.executable, "-m", "benchmark", "--quick", "--out", str(tmp_path)]
    subprocess.run(command, check=True, timeout=1200)
    figures = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))

    for system in ("stock", "pasar"):
        assert figures[system]["cpu_ms"] > 0
        assert [0, 0, 0] == [phase["failed"] for phase in figures[system]["phases"].values()]
    assert (tmp_path / "benchmark.html").read_text(encoding="utf-8").startswith("<!doctype html>")
