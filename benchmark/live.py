"""A live stream of 3,000 comments in a minute: ``python -m benchmark.live``.

The comments are evaluation sentences of all trained languages, which no model has learnt from, mixed as viewers write:
half of them questions that many ask (and repeat word by word), the rest about own orders, complaints, chatter and spam.
They stand under a live video on a local server that behaves as Facebook's specification says; the bot is the real one,
with the newest model, and follows it as it would follow Facebook. Nothing is told the bot but what stands there, and
which product is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import dataclasses
import json
import os
import random
import secrets
import sqlite3
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")

import httpx  # noqa: E402

from benchmark.load import percentile  # noqa: E402
from benchmark.run import prepare_shop  # noqa: E402
from benchmark.servers import Server, free_port, stopping  # noqa: E402
from evaluation.readings import newest_model  # noqa: E402
from evaluation.sentences import list_trained, read_evaluation  # noqa: E402
from pasar.live.rules import load_rules  # noqa: E402
from tests.channels.facebooklive_server import LIVE, PAGE, FacebookLiveServer  # noqa: E402
from tests.channels.meta_server import TOKEN  # noqa: E402

FOLDER = Path("var/bench/live")
PRODUCT = "TOP-03"
DESK_TOKEN = "desk-token-of-the-benchmark-0123456789"  # noqa: S105 - of a bot that lives for two minutes
QUIET_SECONDS = 15.0  # without a new answer, then the stream is over
#: Intent → how many of a thousand comments.
MIX: Mapping[str, int] = {
    "how_to_order": 100, "cod_available": 100, "price_inquiry": 90, "product_availability": 70, "size_help": 60,
    "shipping_cost": 50, "promotion_inquiry": 40, "delivery_time": 30, "payment_methods": 30, "product_info": 20,
    "authenticity": 15, "return_policy": 10, "order_status": 60, "cancel_order": 10, "refund_status": 10,
    "complaint": 10, "greet": 90, "thank": 40, "chitchat": 70, "feedback": 45, "out_of_scope": 30,
}  # fmt: skip
SPAM = 20
REPEATED = 0.4  # of questions: another viewer's words


@dataclasses.dataclass(frozen=True)
class Remark:
    """A comment of the mix, and what its author wants."""

    text: str
    intent: str


def write_remarks(number: int, chance: random.Random) -> list[Remark]:
    """So many comments, in random order; the same for the same chance."""
    sentences: dict[str, list[str]] = collections.defaultdict(list)
    for code in list_trained():
        for sentence in read_evaluation(code):
            if sentence.intent in MIX and len(sentence.text) <= 120:
                sentences[sentence.intent].append(sentence.text)
    wanted = chance.choices([*MIX, "spam"], [*MIX.values(), SPAM], k=number)
    said: dict[str, list[str]] = collections.defaultdict(list)
    remarks = []
    for intent in wanted:
        if intent == "spam":
            text = f"cheap followers wa.me/{chance.randrange(10**9)}"
        elif said[intent] and chance.random() < REPEATED:
            text = chance.choice(said[intent]) + chance.choice(["", "?", "!!", " 🙏"])
        else:
            text = chance.choice(sentences[intent])
            said[intent].append(text)
        remarks.append(Remark(text, intent))
    return remarks


async def play(
    platform: FacebookLiveServer, remarks: Sequence[Remark], seconds: float
) -> dict[str, tuple[Remark, float]]:
    """Comment at random moments; by each comment's id what it was, and when it stood there."""
    chance, begun = random.Random(len(remarks)), time.time()  # noqa: S311 - moments, no secret
    found = {}
    for moment, remark in zip(sorted(chance.random() * seconds for _ in remarks), remarks, strict=True):
        await asyncio.sleep(max(0.0, begun + moment - time.time()))
        found[platform.say(remark.text, f"user-{len(found)}")] = (remark, time.time())
    return found


async def settle(platform: FacebookLiveServer) -> None:
    """Until no more answers come."""
    count, since = len(platform.said), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        await asyncio.sleep(0.5)
        if len(platform.said) != count:
            count, since = len(platform.said), time.monotonic()


def measure(platform: FacebookLiveServer, played: Mapping[str, tuple[Remark, float]], database: Path) -> dict[str, Any]:
    """What became of the comments."""
    rules = load_rules("stylehub")
    connection = sqlite3.connect(database)
    rows = connection.execute(
        "SELECT comment_id, state, reason, cluster, language, served_at FROM live_comment WHERE state <> 'own'"
    ).fetchall()
    clusters = connection.execute(
        "SELECT cluster, language, asked, answer, left_reason, open_since, intent FROM live_cluster"
    ).fetchall()
    connection.close()
    said: dict[str, float] = {}
    for comment, at in zip(platform.comments, platform.arrived, strict=True):
        if comment["from"]["id"] == PAGE:
            said.setdefault(comment["message"], at)
    answers = {(row[0], row[1]): row[3] for row in clusters if row[3] and not row[4]}
    waits = []
    counts: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for comment_id, _state, _reason, cluster, language, served_at in rows:
        remark, at = played[comment_id]
        kind = _name_kind(remark.intent, rules)
        counts[kind][0] += 1
        shown = said.get(answers.get((cluster, language), ""))
        if served_at is not None and shown is not None:
            counts[kind][1] += 1
            waits.append(max(shown, served_at) - at)
    repeated = [text for text, times in collections.Counter(platform.said).items() if times > 1]
    return {
        "comments": len(played),
        "stored": len(rows),
        "stored once": len({row[0] for row in rows}),
        "clusters": len({row[0] for row in clusters}),
        "questions in a language": len(clusters),
        "answers": len(platform.said),
        "the same answer again": len(repeated),
        "left to the host": sum(bool(row[4]) for row in clusters),
        "still open": sum(row[5] is not None for row in clusters),
        "questions answered": _share(counts["question"]),
        "own orders asked to the chat": _share(counts["personal"]),
        "others answered": _share(counts["other"]),
        "p50 s": round(percentile(waits, 50), 2),
        "p95 s": round(percentile(waits, 95), 2),
        "slowest s": round(max(waits), 2),
        "left": dict(collections.Counter(f"{row[4]} {row[6]}" for row in clusters if row[4]).most_common(12)),
        "ignored questions": dict(
            collections.Counter(
                f"{played[row[0]][0].intent}: {row[2]}"
                for row in rows
                if row[1] == "ignore" and played[row[0]][0].intent in rules.answer
            ).most_common(12)
        ),
    }


async def run(number: int, seconds: float, seed: int) -> dict[str, Any]:
    """Start platform and bot, play, and measure."""
    remarks = write_remarks(number, random.Random(seed))  # noqa: S311 - a mix, no secret
    database = (FOLDER / "live.db").resolve()
    surroundings, port = _prepare(database), free_port()
    async with FacebookLiveServer() as platform:
        account = {"shop": "stylehub", "language": "id", "page": PAGE, "token": TOKEN}
        accounts = {"facebooklive": {"bench": {**account, "url": platform.base_url}}}
        credentials = _write_credentials(accounts)
        arguments = ["rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(newest_model())]
        arguments += ["--endpoints", "endpoints.yml", "--credentials", str(credentials)]
        with stopping([]) as servers:
            servers.append(Server("Pasar", arguments, port, FOLDER / "server.log", surroundings))
            await asyncio.to_thread(servers[0].wait, "/webhooks/platforms")
            async with httpx.AsyncClient(headers={"Authorization": f"Bearer {DESK_TOKEN}"}) as client:
                address = f"http://127.0.0.1:{port}/webhooks/live/facebooklive/bench/{LIVE}"
                (await client.put(address, json={"product": PRODUCT})).raise_for_status()
            await asyncio.sleep(3)
            used, begun = servers[0].cpu_seconds(), time.monotonic()
            played = await play(platform, remarks, seconds)
            await settle(platform)
            cpu, took = servers[0].cpu_seconds() - used, time.monotonic() - begun - QUIET_SECONDS
            memory = servers[0].memory()
        figures = measure(platform, played, database)
    load = round(os.getloadavg()[0], 1)  # with whatever else this machine did
    cost = {"took s": round(took, 1), "cpu s": round(cpu, 1), "memory MB": round(memory), "machine's load": load}
    return {"seed": seed, **figures, **cost}


def _prepare(database: Path) -> dict[str, str]:
    """A shop and an empty database of the run's own; the surroundings that name them."""
    surroundings = prepare_shop(FOLDER / "shop.db")
    for old in FOLDER.glob("live.db*"):
        old.unlink()
    return {**surroundings, "PASAR_DATABASE": f"sqlite:///{database}", "PASAR_DESK_TOKEN": DESK_TOKEN}


def _write_credentials(accounts: Mapping[str, Any]) -> Path:
    path = FOLDER / "credentials.yml"
    path.write_text(json.dumps({"channels.marketplaces.PlatformInput": accounts}))
    return path


def main() -> int:
    """Play once, and print what became of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.live", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--comments", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="another run's comments again")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    figures = asyncio.run(run(asked.comments, asked.seconds, seed))
    for name, figure in figures.items():
        print(f"{name:30} {figure}")  # noqa: T201
    return 0 if figures["stored once"] == figures["comments"] == figures["stored"] else 1


def _name_kind(intent: str, rules: Any) -> str:
    return "question" if intent in rules.answer else "personal" if intent in rules.invite else "other"


def _share(counted: Sequence[int]) -> str:
    number, served = counted
    return f"{served} of {number} ({100 * served / max(number, 1):.1f} %)"


if __name__ == "__main__":
    sys.exit(main())
