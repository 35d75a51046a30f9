"""``kill -9`` of bots, PostgreSQL and Redis while messages flow: ``python -m benchmark.faults --store redis``.

Prints the figures and writes them to ``reports/faults-<store>.json``; ends with 1 where a message was not answered exactly
once, or out of order.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import platform
import secrets
import signal
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmark.faults.run import STORES, Plan, run


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.faults", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--buyers", type=int, default=250)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--seed", type=int, help="another run's moments again")
    parser.add_argument("--between", type=float, default=12.0, help="seconds between two kills, on average")
    parser.add_argument("--gap", type=float, default=3.0, help="seconds between a buyer's messages, on average")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    asked = parser.parse_args()
    # Ended like this too, it ends what it has begun.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    plan = Plan(asked.store, asked.messages, asked.buyers, seed, between=asked.between, gap=asked.gap)
    result = asyncio.run(run(plan, lambda line: print(line, file=sys.stderr, flush=True)))  # noqa: T201
    figures = {
        "made": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{psutil.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_after": os.getloadavg()[0],
        **result.figures,
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    written = asked.out / f"faults-{asked.store}.json"
    written.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(*(f"{name}: {value}" for name, value in figures.items()), written, sep="\n")  # noqa: T201
    return 0 if result.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
