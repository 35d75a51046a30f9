"""Stock Rasa against Pasar in one run: ``python -m benchmark``, which is ``make bench``."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import secrets
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")

import psutil  # type: ignore[import-untyped,unused-ignore]  # noqa: E402

from benchmark import run  # noqa: E402
from benchmark.report import tabulate, write_report  # noqa: E402


def main() -> int:
    """Measure, write ``benchmark.json`` and ``benchmark.html``, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmark", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a few messages only: shows that it works, measures little"
    )
    parser.add_argument("--seed", type=int, help="another run's messages again")
    parser.add_argument(
        "--stock-model", type=Path, help="a stock model of an earlier run (var/bench/stock/stock.tar.gz)"
    )
    parser.add_argument("--out", type=Path, default=Path("reports"))
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    _say(f"seed {seed}")
    load_before = os.getloadavg()[0]
    plan = run.QUICK if asked.quick else run.Plan()
    figures = {
        "made": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{psutil.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_before": load_before,
        "quick": asked.quick,
        **run.measure(plan, seed, _say, asked.stock_model),
    }
    written = write_report(figures, asked.out)
    print(tabulate(figures), *written, sep="\n")  # noqa: T201
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
