"""The figures as a page and as a table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2

from evaluation.charts import draw_bars, draw_confusions

#: What the issue asks for.
ACCURACY_TARGET = 0.90
LANGUAGE_TARGET = 0.99
NOISE_TARGET = 0.05
SYSTEMS = (("ours", "Pasar"), ("diet", "Rasa, DIET"), ("keywords", "Keywords"))


def write_report(figures: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write ``evaluation.json`` and ``evaluation.html``; gives back both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "evaluation.json", folder / "evaluation.html"
    data.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    page.write_text(render(figures), encoding="utf-8")
    return data, page


def render(figures: Mapping[str, Any]) -> str:
    """The page, with everything it needs inside."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    template = environment.get_template("report.html.j2")
    return template.render(
        figures=figures,
        checks=list(list_checks(figures)),
        systems=SYSTEMS,
        bars=draw_bars(_bar_rows(figures), ACCURACY_TARGET),
        heat={code: draw_confusions(one["ours"]["confusions"]) for code, one in figures["languages"].items()},
    )


def percent(value: float | None) -> str:
    """A share as it is read: one digit after the point; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def list_checks(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The targets, each with what was measured and whether it is met."""
    for one in figures["languages"].values():
        measured = one["ours"]["accuracy"]
        yield _check(f"{one['name']}: intents read rightly", measured, ACCURACY_TARGET)
    for one in figures["languages"].values():
        yield _check(f"{one['name']}: language told rightly", one["identification"]["all"], LANGUAGE_TARGET)
        yield _check(f"{one['name']}: … of two words or more", one["identification"]["longer"], LANGUAGE_TARGET)
    for one in figures["languages"].values():
        for name, result in one.get("noise", {}).items():
            yield {
                "name": f"{one['name']}: points lost to {name}",
                "measured": f"{100 * result['lost']:.1f}",
                "target": f"≤ {100 * NOISE_TARGET:.0f}",
                "met": result["lost"] <= NOISE_TARGET,
            }
    for one in figures["languages"].values():
        crossed = one["ours"]["pairs"]["crossed"]
        yield {
            "name": f"{one['name']}: parcel and refund taken for each other",
            "measured": f"{crossed} of {one['ours']['pairs']['sentences']}",
            "target": "0",
            "met": crossed == 0,
        }


def _check(name: str, measured: float | None, target: float) -> dict[str, Any]:
    met = measured is not None and measured >= target
    return {"name": name, "measured": percent(measured), "target": f"≥ {100 * target:.0f} %", "met": met}


def _bar_rows(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in figures["languages"].values():
        rows.append({"label": one["name"], "value": None})
        known = [(system, label) for system, label in SYSTEMS if one.get(system)]
        rows += [{"label": label, "value": one[system]["accuracy"], "kind": system} for system, label in known]
    return rows


def tabulate(figures: Mapping[str, Any]) -> str:
    """The short table of the terminal."""
    lines = [f"{'':14}{'sentences':>10}{'intent':>9}{'top 3':>9}{'F1':>9}{'asked':>9}{'language':>10}{'crossed':>9}"]
    for one in figures["languages"].values():
        for system, label in SYSTEMS:
            if values := one.get(system):
                language = percent(one["identification"]["all"]) if system == "ours" else ""
                name = one["name"] if system == "ours" else f"  {label}"
                lines.append(
                    f"{name:14.14}{one['sentences'] if system == 'ours' else '':>10}{percent(values['accuracy']):>9}"
                    f"{percent(values.get('among_three')):>9}{percent(values['macro_f1']):>9}"
                    f"{percent(values.get('asked_back')):>9}{language:>10}{values['pairs']['crossed']:>9}"
                )
    for one in figures["languages"].values():
        parts = [f"{name} {percent(result['accuracy'])}" for name, result in one["harder"].items()]
        if one["two_needs"]["sentences"]:
            parts.append(f"both of two needs {percent(one['two_needs']['both'])}")
        if one["marked"]["all"]["gold"]:
            parts.append(f"entities F1 {percent(one['marked']['all']['f1'])}")
        parts += [f"{name} {-100 * result['lost']:+.1f}" for name, result in one.get("noise", {}).items()]
        lines.append(f"{one['name']}: {', '.join(parts)}")
    lines += [
        f"{policy['name']}: {percent(policy['accuracy'])} of {policy['actions']} held-out actions"
        f" ({percent(policy['acting_accuracy'])} of those besides listening),"
        f" trained in {policy['training_seconds']:.1f} s, {policy['milliseconds']:.2f} ms a prediction"
        for policy in (figures.get("stories") or {}).get("policies", ())
    ]
    missed = [check for check in list_checks(figures) if not check["met"]]
    lines += [f"MISSED  {check['name']}: {check['measured']}, target {check['target']}" for check in missed]
    return "\n".join(lines if missed else [*lines, "All targets are met."])
