"""What serves a need, read from ``data/core/rules``: the action of its rule, or the one that ends its form."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

RULES = Path("data/core/rules")


@functools.lru_cache(maxsize=1)
def read_servants() -> Mapping[str, frozenset[str]]:
    """By need, the actions any of which serves it."""
    ends = {loop: action for rule in _rules() for loop, action in _find_end(rule)}
    servants: dict[str, frozenset[str]] = {}
    for rule in _rules():
        first, *rest = rule["steps"]
        if "intent" in first and "condition" not in rule:
            actions = [step["action"] for step in rest if "action" in step]
            servants[first["intent"]] = frozenset(ends.get(action, action) for action in actions[-1:])
    return servants


def _rules() -> Iterator[dict[str, Any]]:
    for path in sorted(RULES.glob("*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8")).get("rules") or ()


def _find_end(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A form and what is done once it is filled: its rule begins with the form itself."""
    loops = [step["active_loop"] for step in rule.get("condition") or () if "active_loop" in step]
    actions = [step["action"] for step in rule["steps"] if "action" in step]
    if loops and len(actions) > 1 and actions[0] == loops[0]:
        yield loops[0], actions[-1]
