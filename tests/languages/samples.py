"""Examples of the language packs, read without Rasa."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import re

import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
DATA = PROJECT / "data"
EVALUATION = PROJECT / "tests" / "languages"
LIVE = tuple(
    sorted(
        path.parent.name
        for path in DATA.glob("*/pack.yml")
        if yaml.safe_load(path.read_text(encoding="utf-8")).get("status") == "live"
    )
)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENTITY = re.compile(r"\[([^\]]+)\](?:\(([^)]+)\)|(\{[^}]*\}))")


@dataclasses.dataclass(frozen=True)
class Sample:
    """One annotated sentence."""

    intent: str
    text: str  #: as a buyer types it
    entities: tuple[str, ...]  #: names of what is marked in it
    path: pathlib.Path


def read_file(path: pathlib.Path) -> tuple[Sample, ...]:
    """The sentences of one file of Rasa's training format."""
    samples = []
    for entry in load(path).get("nlu") or ():
        for line in (entry.get("examples") or "").splitlines():
            if not line.strip().startswith("- "):
                continue
            marked = line.strip()[2:].strip()
            names = tuple(
                short.split(":")[0] if short else str(json.loads(long)["entity"])
                for _, short, long in _ENTITY.findall(marked)
            )
            samples.append(Sample(entry["intent"], _ENTITY.sub(r"\1", marked), names, path))
    return tuple(samples)


def load(path: pathlib.Path) -> dict:
    """A YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


@functools.lru_cache(maxsize=16)
def training(code: str) -> tuple[Sample, ...]:
    """What a language is trained on."""
    return tuple(sample for path in sorted((DATA / code / "nlu").glob("*.yml")) for sample in read_file(path))


@functools.lru_cache(maxsize=16)
def evaluation(code: str) -> tuple[Sample, ...]:
    """What a language is judged by."""
    folder = EVALUATION / code
    paths = [*sorted((folder / "nlu").glob("*.yml")), *sorted(folder.glob("*.yml"))]
    return tuple(sample for path in paths for sample in read_file(path))
