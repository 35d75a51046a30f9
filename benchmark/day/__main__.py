"""A day after a live stream, judged for truth: ``python -m benchmark.day``; ``--orders 200`` for a quick one."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")

import structlog  # noqa: E402

from benchmark.day.mix import LANGUAGES  # noqa: E402
from benchmark.day.play import play_day  # noqa: E402
from benchmark.day.report import summarise, tabulate, write_report  # noqa: E402


def main() -> int:
    """Play, judge, write ``day.json`` and ``day.html``, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.day", description=__doc__)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="those that the model was trained in")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        played = play_day(Path(folder), asked.orders, asked.seed, asked.languages.split(","), _say)
    figures = summarise(played, asked.seed)
    print(tabulate(figures), *write_report(figures, asked.out), sep="\n")  # noqa: T201
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
