"""How soon webhooks are acknowledged, while the bot is idle and while its processor is busy.

    python -m tests.channels.measure_acknowledgement [--rate 200] [--seconds 10] [--busy 0.05] [--gate]

The bot is :mod:`tests.channels.bot_process`; ``--busy`` is how long each turn holds its event loop without a pause. With
``--gate`` platforms call the gate, else the bot itself. Prints percentiles in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import httpx

from tests.channels.bots import Bot, find_port, read_answers, sign
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import EVENT, SECRET, write
from tests.messages.databases import make_sqlite

CREDENTIALS = """
channels.marketplaces.PlatformInput:
  line:
    main: {{shop: stylehub, secret: {secret}, token: {token}, url: "{url}"}}
"""


async def measure(rate: int, seconds: float, busy: float, *, gate: bool) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        database = make_sqlite(path)
        async with LineServer() as line:
            bot = Bot(database, line.base_url, busy)
            await bot.begin()
            port, process = bot.port, None
            if gate:
                port = find_port()
                text = CREDENTIALS.format(secret=SECRET, token=TOKEN, url=line.base_url)
                (path / "credentials.yml").write_text(text)
                options = ["--port", str(port), "--credentials", str(path / "credentials.yml")]
                process = subprocess.Popen(  # noqa: ASYNC220 - it is begun at once
                    [sys.executable, "-m", "channels.gate", *options],
                    env={**os.environ, "PASAR_DATABASE": database},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            try:
                return await _load(f"http://127.0.0.1:{port}", rate, seconds, line)
            finally:
                bot.end()
                if process is not None:
                    process.kill()
                    process.wait()


async def _load(url: str, rate: int, seconds: float, line: LineServer) -> list[float]:
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=200)) as client:
        for _ in range(600):
            try:
                await client.get("/webhooks/platforms")
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
        took: list[float] = []

        async def post(number: int) -> None:
            user = f"U{number % 500}"
            body = write(
                {
                    **EVENT,
                    "webhookEventId": f"e{number}",
                    "timestamp": int(time.time() * 1000),
                    "source": {"type": "user", "userId": user},
                }
            )
            begun = time.perf_counter()
            reply = await client.post("/webhooks/line/main", content=body, headers=sign(body))
            took.append(time.perf_counter() - begun)
            assert reply.status_code == 200

        tasks = []
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.ensure_future(post(number)))
        await asyncio.gather(*tasks)
        answered = sum(map(len, read_answers(line).values()))
        print(f"{answered} messages answered by then")
    return sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--busy", type=float, default=0.0)
    parser.add_argument("--gate", action="store_true")
    arguments = parser.parse_args()
    took = asyncio.run(measure(arguments.rate, arguments.seconds, arguments.busy, gate=arguments.gate))
    shares = {share: took[min(len(took) - 1, int(len(took) * share / 100))] * 1000 for share in (50, 90, 99, 100)}
    print(f"{len(took)} webhooks:", ", ".join(f"p{share} {value:.1f} ms" for share, value in shares.items()))


if __name__ == "__main__":
    main()
