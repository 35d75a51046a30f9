"""What trained parts rest on beside examples and settings; Rasa itself looks at a component's own class only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pasar.languages
from pasar.languages.pack import DATA

_UNDERSTANDING = (
    "classify",
    "dates",
    "entities",
    "formatting",
    "measures",
    "money",
    "ngrams",
    "numerals",
    "pack",
    "spelling",
    "tagger",
    "text",
    "thresholds",
    "words",
)


def hash_sources(modules: Iterable[str], *, of: ModuleType = pasar.languages) -> str:
    """A fingerprint of modules of a package."""
    return _hash(Path(str(of.__file__)).parent / f"{name}.py" for name in modules)


def language_sources(language: str | None) -> str:
    """A fingerprint of what a language's understanding rests on beside its examples: word lists and our code."""
    if language is None:
        return ""  # restored from the cache: Rasa asks with the settings of what restores it
    pack = DATA / language
    lists = (pack / "pack.yml", pack / "slang.yml", pack / "money.yml", *sorted((pack / "lookups").glob("*.yml")))
    return hash_sources(_UNDERSTANDING) + _hash(lists)


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
