"""The conversations of ``tests/conversations/<topic>/<scenario>.yml``, read and checked.

How such a file is written stands in ``docs/write-a-conversation.md``.
"""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from pasar.languages import formatting
from pasar.languages.pack import list_codes, load_pack

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]

#: The shop's time in every conversation, so that a week's day and Christmas are always equally far: a Tuesday.
NOW = datetime.datetime(2026, 12, 8, 10, 0, tzinfo=zoneinfo.ZoneInfo("Asia/Jakarta"))
TODAY = NOW.date()

SCENARIO_KEYS = {
    "scenario": str,
    "shop": str,
    "product": str,
    "cart": list,
    "buyer": dict,
    "clock": str,
    "languages": dict,
}
BUYER_KEYS = {"email": str, "phone": str}
MOVES = ("buyer", "button", "command", "desk", "later", "order")
QUIET_MOVES = frozenset({"desk", "later", "order"})  # nobody writes, so the bot need not answer
STEP_KEYS = {
    "buyer": str,
    "button": str,
    "command": str,
    "desk": str,
    "later": str,
    "order": str,
    "becomes": dict,
    "intent": str,
    "needs": list,
    "says": list,
    "language": str,
    "has": list,
    "lacks": list,
    "same_as": int,
    "slots": dict,
    "state": str,
    "cards": list,
    "silent": bool,
}
DESK_MOVES = ("take", "hand_back")
STATES = ("bot", "waiting", "person", "closed")

_DAY = re.compile(r"\{today([+-]\d+)?\}")
_BRACES = re.compile(r"\{[^{}]*\}")
_WHILE = re.compile(r"(\d{1,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class ScenarioError(ValueError):
    """A scenario's file is not written as agreed; names file and key."""


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing that happens, and what must come of it."""

    move: str  #: buyer, button, command, desk, later (time passes) or order (the shop changes one)
    text: str
    language: str  #: of the reply
    expects: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One file."""

    name: str  #: ``<topic>/<scenario>``
    proves: str
    shop: str
    product: str
    cart: Sequence[Mapping[str, Any]]  #: as a page sends it
    buyer: Mapping[str, str]
    clock: datetime.time | None  #: the shop's time, where it matters
    languages: Mapping[str, Sequence[Step]]


def find_files(folder: pathlib.Path = HERE) -> list[pathlib.Path]:
    """All scenarios of a folder."""
    return sorted(folder.glob("*/*.yml"))


def read_scenario(path: pathlib.Path) -> Scenario:
    """Read one file; :class:`ScenarioError` names file and key of what is wrong in it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    _check_keys(path, "", content, SCENARIO_KEYS, required=("scenario", "languages"))
    _check_keys(path, "buyer", content.get("buyer", {}), BUYER_KEYS)
    clock = _CLOCK.fullmatch(content.get("clock", "10:00"))
    if clock is None:
        raise ScenarioError(f'{path}: clock: must be a time like "22:30"')
    languages = {}
    for code, steps in content["languages"].items():
        if code not in list_codes():
            raise ScenarioError(f"{path}: languages: {code}: there is no such pack under data/")
        if not isinstance(steps, list) or not steps:
            raise ScenarioError(f"{path}: languages: {code}: must be a list of steps")
        languages[code] = [
            _read_step(path, f"languages: {code}: step {n}", step, code) for n, step in enumerate(steps, 1)
        ]
    return Scenario(
        name=f"{path.parent.name}/{path.stem}",
        proves=content["scenario"],
        shop=content.get("shop", "stylehub"),
        product=content.get("product", ""),
        cart=content.get("cart", []),
        buyer=content.get("buyer", {}),
        clock=datetime.time(int(clock[1]), int(clock[2])),
        languages=languages,
    )


def _read_step(path: pathlib.Path, place: str, content: Any, code: str) -> Step:
    _check_keys(path, place, content, STEP_KEYS)
    moves = [move for move in MOVES if move in content]
    if len(moves) != 1:
        raise ScenarioError(f"{path}: {place}: must have one of: {', '.join(MOVES)}")
    language = content.get("language", code)
    if language not in list_codes():
        raise ScenarioError(f"{path}: {place}: language: there is no pack {language!r} under data/")
    if moves[0] == "desk" and content["desk"] not in DESK_MOVES:
        raise ScenarioError(f"{path}: {place}: desk: must be one of: {', '.join(DESK_MOVES)}")
    if moves[0] == "later" and not _WHILE.fullmatch(content["later"]):
        raise ScenarioError(f'{path}: {place}: later: must be a time like "26h", with s, m, h or d')
    if ("order" in content) != ("becomes" in content):
        raise ScenarioError(f"{path}: {place}: becomes: goes with an order, and an order with it")
    if content.get("state", "bot") not in STATES:
        raise ScenarioError(f"{path}: {place}: state: must be one of: {', '.join(STATES)}")
    for key in ("says", "has", "lacks", "needs", "cards"):
        for entry in content.get(key, ()):
            if not isinstance(entry, str):
                raise ScenarioError(f"{path}: {place}: {key}: {entry!r} is no text; put it in quotes")
            if key in ("has", "lacks") and (strange := _BRACES.search(_DAY.sub("", entry))):
                raise ScenarioError(f"{path}: {place}: {key}: {strange[0]} is not known; only {{today+2}} and the like")
    expects = {key: value for key, value in content.items() if key not in (*MOVES, "language")}
    return Step(moves[0], content[moves[0]], language, expects)


def _check_keys(
    path: pathlib.Path, place: str, content: Any, known: Mapping[str, type], required: Sequence[str] = ()
) -> None:
    where = f"{path}: {place}: " if place else f"{path}: "
    if not isinstance(content, dict):
        raise ScenarioError(f"{where}must hold keys and values")
    for key, value in content.items():
        if key not in known:
            raise ScenarioError(f"{where}{key}: is no key here; known: {', '.join(known)}")
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            raise ScenarioError(f"{where}{key}: must be a {known[key].__name__}, is {value!r}")
    for key in required:
        if key not in content:
            raise ScenarioError(f"{where}{key}: is missing")


def read_while(text: str) -> datetime.timedelta:
    """``26h`` as a length of time."""
    match = _WHILE.fullmatch(text)
    assert match is not None
    return datetime.timedelta(**{_UNITS[match[2]]: int(match[1])})


def missing_languages(scenario: Scenario) -> list[str]:
    """Live languages that a scenario is not written in."""
    return [code for code in list_codes() if load_pack(code).live and code not in scenario.languages]


def render_days(text: str, language: str, today: datetime.date = TODAY) -> str:
    """``{today+2}`` as the language writes that day."""

    def write(match: re.Match[str]) -> str:
        day = today + datetime.timedelta(days=int(match[1] or 0))
        return formatting.format_date(day, load_pack(language), today)

    return _DAY.sub(write, text)
