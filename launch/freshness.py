"""Whether the newest model was trained on the files as they are now."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

#: What a model depends on: files, and folders with all that is in them.
SOURCES = ("config.yml", "domain.yml", "data", "encoders", "pasar/nlu", "pasar/languages")
_GENERATED = frozenset({"__pycache__", ".ipynb_checkpoints"})


def find_model(project: pathlib.Path) -> pathlib.Path | None:
    """Return the newest model, None where there is none."""
    return max((project / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)


def find_change(project: pathlib.Path, model: pathlib.Path) -> pathlib.Path | None:
    """Return what has changed since the model was trained, None where nothing has."""
    trained = model.stat().st_mtime
    return next((path for path in _list_sources(project) if path.stat().st_mtime > trained), None)


def explain_training(project: pathlib.Path) -> str:
    """Return why a model must be trained; "" where the newest one will do."""
    model = find_model(project)
    if model is None:
        return "there is no model yet"
    change = find_change(project, model)
    return "" if change is None else f"{change.relative_to(project)} has changed"


def _list_sources(project: pathlib.Path) -> Iterator[pathlib.Path]:
    for name in SOURCES:
        source = project / name
        if source.is_file():
            yield source
        for path in sorted(source.rglob("*")):
            if _GENERATED.isdisjoint(path.parts) and _matters(path, source):
                yield path


def _matters(path: pathlib.Path, source: pathlib.Path) -> bool:
    """Files; and folders of data, which are newer when a file was taken out."""
    return path.is_file() or source.name == "data"
