"""How soon 200 webhooks a second are acknowledged by the gate: ``python -m benchmark.webhooks``.

Three times: while the bot is idle (its turns take no processor), while its turns hold a processor all the time, and while it
is killed and begun again. Behind the gate are the bot's worker, sender and stores, as they are in use; the bot's answers are
scripted, and a LINE of this machine takes them. With ``--direct`` platforms call the bot itself. Prints the figures and
writes them to ``reports/webhooks.json``; ends with 1 where a call was not acknowledged or a message did not reach the inbox.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import datetime
import json
import os
import platform
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped,unused-ignore]
import sqlalchemy as sa

from benchmark.load import percentile
from tests.channels.bots import Bot, find_port
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import SECRET
from tests.messages.databases import make_sqlite

BUSY = 0.02  # seconds of processor for a turn: at 200 messages a second more than there is
READY_SECONDS = 120.0
CREDENTIALS = """
channels.marketplaces.PlatformInput:
  line:
    main: {{shop: stylehub, secret: {secret}, token: {token}, url: "{url}"}}
"""


@dataclasses.dataclass(frozen=True)
class Phase:
    """What the bot does meanwhile."""

    name: str
    busy: float = 0.0
    restarts: bool = False


PHASES = (Phase("idle"), Phase("busy", BUSY), Phase("busy, begun again", BUSY, restarts=True))


async def measure(phase: Phase, rate: float, seconds: float, *, direct: bool) -> dict[str, Any]:
    """One phase's figures; times in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        database = make_sqlite(path)
        async with LineServer() as line:
            bot = Bot(database, line.base_url, phase.busy)
            await bot.begin()
            try:
                async with _serve(path, database, line.base_url, bot, direct=direct) as (port, process):
                    used = _measure_processor(process)
                    restarting = asyncio.ensure_future(_restart(bot, seconds)) if phase.restarts else None
                    counted = await _generate(port, rate, seconds)
                    used = _measure_processor(process) - used
                    if restarting is not None:
                        await restarting
                    kept = await _wait_until_kept(database, int(rate * seconds))
            finally:
                bot.end()
    took, late = ([1000 * one for one in counted[name]] for name in ("took", "late"))
    return {
        "phase": phase.name,
        "calls": len(took),
        "not_acknowledged": counted["failed"],
        "in_inbox": kept,
        **{f"p{share}": round(percentile(took, share), 1) for share in (50, 90, 99, 100)},
        "generator_late_p99": round(percentile(late, 99), 1),
        "cpu_ms_a_call": round(1000 * used / len(took), 2),
    }


@contextlib.asynccontextmanager
async def _serve(
    path: Path, database: str, line: str, bot: Bot, *, direct: bool
) -> AsyncIterator[tuple[int, psutil.Process]]:
    if direct:
        assert bot.process is not None
        yield bot.port, psutil.Process(bot.process.pid)
        return
    port = find_port()
    credentials = path / "credentials.yml"
    credentials.write_text(CREDENTIALS.format(secret=SECRET, token=TOKEN, url=line), encoding="utf-8")
    arguments = ["--port", str(port), "--credentials", str(credentials), "--spool", str(path / "spool.db")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "channels.gate", *arguments, env={**os.environ, "PASAR_DATABASE": database}
    )
    try:
        await _wait_until_ready(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _wait_until_ready(port: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(int(READY_SECONDS * 10)):
            with contextlib.suppress(httpx.HTTPError):
                await client.get(f"http://127.0.0.1:{port}/webhooks/platforms")
                return
            await asyncio.sleep(0.1)
    raise TimeoutError("the gate does not serve")


async def _generate(port: int, rate: float, seconds: float) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmark.webhooks.generator",
        *map(str, (port, rate, seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate()
    found: dict[str, Any] = json.loads(written)
    return found


async def _restart(bot: Bot, seconds: float) -> None:
    await asyncio.sleep(seconds / 3)
    bot.kill()
    await bot.begin()


async def _wait_until_kept(database: str, calls: int) -> int:
    """How many messages the inbox has, once it has all or gets no more."""
    engine = sa.create_engine(database)
    try:
        kept = -1
        while True:
            with engine.connect() as connection:
                now = int(connection.execute(sa.text("SELECT COUNT(*) FROM inbox")).scalar_one())
            if now in (kept, calls):
                return now
            kept = now
            await asyncio.sleep(10.0)
    finally:
        engine.dispose()


def _measure_processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> int:
    """Measure each phase."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmark.webhooks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    asked = parser.parse_args()
    figures: dict[str, Any] = {
        "made": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{psutil.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_before": os.getloadavg()[0],
        "phases": [],
    }
    calls = int(asked.rate * asked.seconds)
    for phase in PHASES[: 2 if asked.direct else None]:
        row = asyncio.run(measure(phase, asked.rate, asked.seconds, direct=asked.direct))
        figures["phases"].append(row)
        print(*(f"{name} {value}" for name, value in row.items()), sep=", ", flush=True)  # noqa: T201
    asked.out.mkdir(parents=True, exist_ok=True)
    written = asked.out / "webhooks.json"
    written.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["in_inbox"] == calls and not row["not_acknowledged"] for row in figures["phases"]) else 1


if __name__ == "__main__":
    sys.exit(main())
