"""The day's figures, as JSON and as one page with pictures; every wrong conversation is in both."""

from __future__ import annotations

import base64
import collections
import dataclasses
import io
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import jinja2

from benchmark.day import staff
from benchmark.day.mix import MUST_ESCALATE, SIMPLE
from benchmark.day.play import Conversation
from benchmark.load import percentile

CLAIM = 0.80
SLOWEST_FIRST_RESPONSE = 20.0


def summarise(played: Sequence[Conversation], seed: int) -> dict[str, Any]:
    """All figures. What was measured in seconds is beside the rest, which a seed gives again."""
    alone = [one for one in played if one.outcome != "person"]
    simple = [one for one in played if one.need in SIMPLE]
    must = [one for one in played if one.need in MUST_ESCALATE]
    return {
        "seed": seed,
        "conversations": len(played),
        "answered_alone": _share(alone, played),
        "alone_right": _share([one for one in alone if one.outcome == "right"], alone),
        "simple_answered_right": _share([one for one in simple if one.outcome == "right"], simple),
        "must_escalate_reached": _share([one for one in must if one.outcome == "person"], must),
        "claims_checked": sum(one.checked for one in played),
        "claims_without_check": sum(one.unchecked for one in played),
        "untrue": sum("utter_" in one.reason for one in played if one.outcome == "wrong"),
        "languages": {
            code: _by_outcome([one for one in played if one.language == code]) for code in _values(played, "language")
        },
        "needs": {need: _by_outcome([one for one in played if one.need == need]) for need in _values(played, "need")},
        "hand_overs": dict(collections.Counter(one.reason for one in played if one.outcome == "person").most_common()),
        "waiting": simulate(played, seed),
        "wrong": [dataclasses.asdict(one) for one in played if one.outcome == "wrong"],
    }


def simulate(played: Sequence[Conversation], seed: int) -> dict[str, Any]:
    """First responses and the backlog: two people alone, and with the bot before them."""
    arrivals = staff.draw_arrivals(Random(seed), len(played))  # noqa: S311 - the same day again
    before = staff.wait(arrivals, [staff.HANDLING_SECONDS] * len(played), staff.AGENTS)
    bot = staff.wait(arrivals, [one.seconds for one in played], 1)
    handed = [done for (_, done), one in zip(bot, played, strict=True) if one.outcome == "person"]
    after = staff.wait(handed, [staff.HANDLING_SECONDS] * len(handed), staff.AGENTS)
    moments = [600.0 * number for number in range(6 * 16 + 1)]
    return {
        "hours": [moment / 3600 for moment in moments],
        "backlog_before": staff.count_backlog(arrivals, before, moments),
        "backlog_after": staff.count_backlog(handed, after, moments),
        "told_before_seconds": staff.TOLD_BEFORE_SECONDS,
        "first_response_before": _spread([begins - a for a, (begins, _) in zip(arrivals, before, strict=True)]),
        "first_response": _spread([done - a for a, (_, done) in zip(arrivals, bot, strict=True)]),
        "person_after_hand_over": _spread([begins - a for a, (begins, _) in zip(handed, after, strict=True)]),
    }


def _share(part: Sequence[Any], whole: Sequence[Any]) -> float | None:
    return len(part) / len(whole) if whole else None


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(seconds), "p95": percentile(sorted(seconds), 95)} if seconds else {}


def _values(played: Sequence[Conversation], field: str) -> list[str]:
    return [value for value, _ in collections.Counter(getattr(one, field) for one in played).most_common()]


def _by_outcome(played: Sequence[Conversation]) -> dict[str, int]:
    return {outcome: sum(one.outcome == outcome for one in played) for outcome in ("right", "person", "wrong")}


def write_report(figures: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write ``day.json`` and ``day.html``; gives back both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "day.json", folder / "day.html"
    data.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["percent"] = percent
    template = environment.get_template("day.html.j2")
    pictures = [
        _draw_outcomes(figures["needs"]),
        _draw_outcomes(figures["languages"]),
        _draw_backlog(figures["waiting"]),
    ]
    page.write_text(template.render(figures=figures, claim=CLAIM, pictures=pictures), encoding="utf-8")
    return data, page


def percent(value: float | None) -> str:
    """A share as it is read; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def tabulate(figures: Mapping[str, Any]) -> str:
    """The figures that matter, for the terminal."""
    waiting = figures["waiting"]
    rows = [
        ("conversations", str(figures["conversations"])),
        (f"answered without a person (claim {percent(CLAIM)})", percent(figures["answered_alone"])),
        ("… of those right", percent(figures["alone_right"])),
        ("simple needs answered rightly by the bot", percent(figures["simple_answered_right"])),
        ("asked for a person and got one", percent(figures["must_escalate_reached"])),
        ("claims checked / without a check", f"{figures['claims_checked']} / {figures['claims_without_check']}"),
        ("conversations with something untrue", str(figures["untrue"])),
        ("first response, median / p95", "{median:.2f} s / {p95:.2f} s".format(**waiting["first_response"])),
        ("two people alone, median / p95", "{median:.0f} s / {p95:.0f} s".format(**waiting["first_response_before"])),
        ("most in the queue, before / after", f"{max(waiting['backlog_before'])} / {max(waiting['backlog_after'])}"),
    ]
    return "\n".join(f"{name:<52} {value}" for name, value in rows)


def _draw_outcomes(groups: Mapping[str, Mapping[str, int]]) -> str:
    plt = _load_pyplot()
    figure, axes = plt.subplots(figsize=(8, 0.8 + 0.28 * len(groups)), dpi=110)
    names, left = list(groups)[::-1], [0] * len(groups)
    for outcome, colour in (("right", "#0b6e5f"), ("person", "#c2701d"), ("wrong", "#b3261e")):
        counts = [groups[name][outcome] for name in names]
        axes.barh(names, counts, left=left, color=colour, label=outcome)
        left = [before + count for before, count in zip(left, counts, strict=True)]
    axes.set_xlabel("conversations")
    axes.legend(fontsize=8)
    return _embed(figure)


def _draw_backlog(waiting: Mapping[str, Any]) -> str:
    plt = _load_pyplot()
    figure, axes = plt.subplots(figsize=(8, 3.2), dpi=110)
    axes.plot(waiting["hours"], waiting["backlog_before"], color="#8a94a3", label="two people alone")
    axes.plot(waiting["hours"], waiting["backlog_after"], color="#0b6e5f", label="two people behind the bot")
    axes.set_xlabel("hours after the live stream")
    axes.set_ylabel("buyers who wait")
    axes.legend(fontsize=8)
    return _embed(figure)


def _load_pyplot() -> Any:
    import matplotlib as mpl  # noqa: PLC0415 - slow to load, and Rasa's own choice of window is not ours

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    return plt


def _embed(figure: Any) -> str:
    figure.axes[0].spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    _load_pyplot().close(figure)
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
