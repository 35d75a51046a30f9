"""One run: the same messages for stock Rasa and for Pasar, one after the other."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark import stock
from benchmark.load import Buyers, Phase
from benchmark.messages import BuyerMessage, Crowd
from benchmark.servers import Server, free_port, stopping, surroundings_of_run
from evaluation.readings import newest_model

FOLDER = Path("var/bench")


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is sent."""

    warm_up: int = 20
    single: int = 100
    burst: int = 100
    great_burst: int = 500  #: for Pasar only; 0: none
    steady: int = 100
    per_second: float = 5.0


QUICK = Plan(warm_up=5, single=15, burst=15, great_burst=0, steady=10)


def measure(plan: Plan, seed: int, say: Callable[[str], None], model: Path | None = None) -> dict[str, Any]:
    """Both systems; the stock model is trained where none is named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    training: float | None = None
    if model is None:
        say("stock Rasa: training")
        stock.write_project(FOLDER / "stock")
        model, training = stock.train(FOLDER / "stock")
    crowd = Crowd(seed)
    parts = {name: crowd.write(getattr(plan, name)) for name in ("warm_up", "single", "burst", "steady", "great_burst")}
    say("stock Rasa: measuring")
    theirs = {**_measure_stock(model, parts, plan), "training_seconds": training}
    say("Pasar: measuring")
    ours = _measure_pasar(parts, plan)
    return {"seed": seed, "stock": theirs, "pasar": ours, "ratio": theirs["cpu_ms"] / ours["cpu_ms"]}


def _measure_stock(model: Path, parts: dict[str, list[BuyerMessage]], plan: Plan) -> dict[str, Any]:
    folder = FOLDER / "stock"
    demo = prepare_shop(folder / "shop.db")
    action_port, port = free_port(), free_port()
    endpoints, credentials = stock.write_endpoints(folder, action_port)
    with stopping([]) as servers:
        arguments = ["rasa", "run", "actions", "--actions", "actions", "--port", str(action_port)]
        servers.append(Server("stock actions", arguments, action_port, folder / "actions.log", demo))
        servers[0].wait("/health")
        arguments = ["rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
        arguments += ["--endpoints", str(endpoints), "--credentials", str(credentials)]
        servers.append(Server("stock Rasa", arguments, port, folder / "server.log", demo))
        servers[1].wait("/")
        return _send_all(servers, port, parts, plan)


def _measure_pasar(parts: dict[str, list[BuyerMessage]], plan: Plan) -> dict[str, Any]:
    folder = FOLDER / "pasar"
    surroundings = prepare_shop(folder / "shop.db")
    for old in folder.glob("conversations.db*"):
        old.unlink()
    surroundings["PASAR_DATABASE"] = f"sqlite:///{(folder / 'conversations.db').resolve()}"
    port = free_port()
    arguments = ["rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(newest_model())]
    arguments += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    with stopping([]) as servers:
        servers.append(Server("Pasar", arguments, port, folder / "server.log", surroundings))
        servers[0].wait("/webhooks/rest/")
        result = _send_all(servers, port, parts, plan)
        if plan.great_burst:
            phase = _buyers(servers, port).at_once(f"{plan.great_burst} at once", parts["great_burst"])
            result["phases"]["great_burst"] = phase.as_row()
            result["memory"] = _memory(servers)
        return result


def _send_all(servers: list[Server], port: int, parts: dict[str, list[BuyerMessage]], plan: Plan) -> dict[str, Any]:
    """The parts both systems get; the cost of a message is over all of them but the warming up."""
    buyers = _buyers(servers, port)
    buyers.one_by_one("warming up", parts["warm_up"])
    phases: dict[str, Phase] = {
        "single": buyers.one_by_one("one buyer", parts["single"]),
        "steady": buyers.steadily(f"{plan.per_second:g} a second", parts["steady"], plan.per_second),
        "burst": buyers.at_once(f"{plan.burst} at once", parts["burst"]),
    }
    messages = sum(len(phase.answers) for phase in phases.values())
    return {
        "start_seconds": max(server.start_seconds for server in servers),
        "memory": _memory(servers),
        "cpu_ms": 1000 * sum(phase.cpu_seconds for phase in phases.values()) / messages,
        "phases": {key: phase.as_row() for key, phase in phases.items()},
    }


def _buyers(servers: list[Server], port: int) -> Buyers:
    return Buyers(port, lambda: sum(server.cpu_seconds() for server in servers))


def _memory(servers: list[Server]) -> float:
    return sum(server.memory() for server in servers)


def prepare_shop(database: Path) -> dict[str, str]:
    """A demo shop of the run's own; the surroundings that name it."""
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    surroundings = {"PASAR_DEMO_DATABASE": f"sqlite:///{database.resolve()}"}
    command = [sys.executable, "-m", "pasar.commerce.demo"]
    subprocess.run(  # noqa: S603 - our own program
        command, env=surroundings_of_run(surroundings), check=True, timeout=120, stdout=subprocess.DEVNULL
    )
    return surroundings
