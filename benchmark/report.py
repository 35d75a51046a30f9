"""The run as a table on the terminal and as a page with a plot."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import jinja2

#: CPU of a message, of stock's.
CPU_TARGET = 0.2
_SYSTEMS = (("stock", "Rasa 3.6.21"), ("pasar", "Pasar"))
_WIDTH, _HEIGHT, _LEFT, _TOP = 760, 330, 46, 14


def write_report(figures: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write ``benchmark.json`` and ``benchmark.html``; gives back both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "benchmark.json", folder / "benchmark.html"
    data.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    page.write_text(render(figures), encoding="utf-8")
    return data, page


def render(figures: Mapping[str, Any]) -> str:
    """The page, with everything it needs inside."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        figures=figures,
        rows=list(list_rows(figures)),
        plot=draw_answers(_curves(figures)),
        truth=tell_truth(figures),
        cheap=is_cheap(figures),
        target=CPU_TARGET,
    )


def list_rows(figures: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """What was measured, of both, and how many times as much stock takes (for throughput: Pasar does)."""
    stock, pasar = figures["stock"], figures["pasar"]
    yield _row("CPU a message, ms", stock["cpu_ms"], pasar["cpu_ms"])
    for key in ("single", "steady", "burst"):
        theirs, ours = stock["phases"][key], pasar["phases"][key]
        for rank in ("p50", "p95", "p99"):
            yield _row(f"{theirs['name']}: {rank}, ms", theirs[rank], ours[rank])
    theirs, ours = stock["phases"]["burst"], pasar["phases"]["burst"]
    yield _row("… all answered after, s", theirs["seconds"], ours["seconds"], digits=2)
    rates = theirs["messages_per_second"], ours["messages_per_second"]
    yield {
        "name": "… messages a second",
        "stock": f"{rates[0]:.1f}",
        "pasar": f"{rates[1]:.1f}",
        "ratio": f"{rates[1] / rates[0]:.1f} ×",
    }
    if great := pasar["phases"].get("great_burst"):
        for name, value in (
            ("p50, ms", great["p50"]),
            ("p99, ms", great["p99"]),
            ("all answered after, s", great["seconds"]),
        ):
            digits = 2 if name.endswith("s") and "answered" in name else 1
            yield {"name": f"{great['name']}: {name}", "stock": "–", "pasar": f"{value:.{digits}f}", "ratio": "–"}
    yield _row("Memory, MB", stock["memory"], pasar["memory"], digits=0)
    yield _row("Start, s", stock["start_seconds"], pasar["start_seconds"])


def _row(name: str, stock: float, pasar: float, digits: int = 1) -> dict[str, str]:
    ratio = f"{stock / pasar:.1f} ×" if pasar else "–"
    return {"name": name, "stock": f"{stock:.{digits}f}", "pasar": f"{pasar:.{digits}f}", "ratio": ratio}


def tell_truth(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By system and phase: questions about orders, true answers, those in the buyer's language, messages that failed."""
    keys = ("orders", "orders_true", "orders_in_language", "failed", "cpu_ms")
    return [
        {"system": name, "phase": phase["name"], **{key: phase[key] for key in keys}}
        for system, name in _SYSTEMS
        for phase in figures[system]["phases"].values()
    ]


def is_cheap(figures: Mapping[str, Any]) -> bool:
    """Whether a message costs less than the target's share of stock's."""
    return 1 / float(figures["ratio"]) < CPU_TARGET


def tabulate(figures: Mapping[str, Any]) -> str:
    """The table of the terminal."""
    lines = [f"{'':36}{'Rasa 3.6.21':>14}{'Pasar':>12}{'ratio':>10}"]
    lines += [f"{row['name']:36}{row['stock']:>14}{row['pasar']:>12}{row['ratio']:>10}" for row in list_rows(figures)]
    if (seconds := figures["stock"].get("training_seconds")) is not None:
        lines.append(f"Stock model trained in {seconds:.0f} s (few examples and epochs; see benchmark/stock.py).")
    lines += [
        f"{row['system']}, {row['phase']}: {row['orders_true']} of {row['orders']} questions about orders told the truth,"
        f" {row['orders_in_language']} in the buyer's language; {row['failed']} messages failed; {row['cpu_ms']:.1f} ms CPU"
        for row in tell_truth(figures)
    ]
    share = 1 / figures["ratio"]
    met = "met" if is_cheap(figures) else "MISSED"
    lines.append(
        f"CPU a message is {share:.3f} of stock's; target below {CPU_TARGET:g}: {met}. Seed {figures['seed']}."
    )
    return "\n".join(lines)


def _curves(figures: Mapping[str, Any]) -> list[tuple[str, str, list[float]]]:
    """Label, kind and answer times of the bursts."""
    curves = [
        (f"{name}, {figures[system]['phases']['burst']['name']}", system, figures[system]["phases"]["burst"]["times"])
        for system, name in _SYSTEMS
    ]
    if great := figures["pasar"]["phases"].get("great_burst"):
        curves.append((f"Pasar, {great['name']}", "great", great["times"]))
    return curves


def draw_answers(curves: Sequence[tuple[str, str, Sequence[float]]]) -> str:
    """Share of messages answered by time since the burst, time on a logarithmic axis, as SVG text."""
    known = [time for _, _, times in curves for time in times]
    first, last = math.floor(math.log10(max(1.0, min(known)))), math.ceil(math.log10(max(10.0, *known)))
    last = max(last, first + 1)
    side, height = _WIDTH - _LEFT - 16, _HEIGHT - _TOP - 80

    def place(time: float, share: float) -> tuple[float, float]:
        across = (math.log10(max(1.0, time)) - first) / (last - first)
        return _LEFT + side * across, _TOP + height * (1 - share)

    parts = [f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Share answered by time">']
    for power in range(first, last + 1):
        x, _ = place(10.0**power, 0)
        label = f"{10**power} ms" if power < 3 else f"{10 ** (power - 3)} s"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + height}"/>')
        parts.append(f'<text x="{x:.1f}" y="{_TOP + height + 18}" text-anchor="middle">{label}</text>')
    for share in (0.0, 0.5, 1.0):
        _, y = place(1, share)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + side}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    for number, (label, kind, times) in enumerate(curves):
        steps = [place(time, (rank + 1) / len(times)) for rank, time in enumerate(sorted(times))]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps)
        parts.append(f'<polyline class="{escape(kind)}" points="{path}"/>')
        y = _TOP + height + 36 + 16 * number
        parts.append(f'<line class="{escape(kind)}" x1="{_LEFT}" x2="{_LEFT + 26}" y1="{y - 4}" y2="{y - 4}"/>')
        parts.append(f'<text x="{_LEFT + 34}" y="{y}">{escape(label)}</text>')
    return "".join([*parts, "</svg>"])
