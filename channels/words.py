"""Words that the channels themselves say, from the language packs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pasar.languages.pack import load_pack
from pasar.settings import load_settings

DEFAULT_LANGUAGE = "en"  # a key that a pack lacks is read here


def load_words(code: str, key: str) -> str:
    """Return a line in a language, else in the default language; "" where no pack has it.

    A response of ``responses.yml`` wins over the lines of ``webchat.yml``, ``live.yml`` and ``media.yml``, which are always there,
    so that a buyer is never met with silence because a response was renamed.
    """
    for language in (code, DEFAULT_LANGUAGE):
        own: dict[str, Any] = {}
        for name in ("webchat.yml", "live.yml", "media.yml") if language in list_languages() else ():
            own |= _read(language, name).get("lines") or {}
        text = _read_response(language, key) or own.get(key)
        if text:
            return _fill_particles(str(text), language)
    return ""


def _fill_particles(text: str, code: str) -> str:
    """The words that end a clause politely (Thai), of the pack's first persona: a channel knows no other."""
    particles = next(iter(load_pack(code, load_settings().data).particles.values()), {}) if "{" in text else {}
    for name, particle in particles.items():
        text = text.replace(f"{{{name}}}", particle)
    return text


@functools.lru_cache(maxsize=256)
def load_interface(code: str) -> Mapping[str, Any]:
    """Return the words of the web chat's own interface; what the pack lacks is in the default language."""
    default = _read(DEFAULT_LANGUAGE, "webchat.yml")
    own = _read(code, "webchat.yml") if code in list_languages() else {}
    lines = {**(default.get("lines") or {}), **(own.get("lines") or {})}
    return {**default, **own, "lines": lines}


@functools.lru_cache(maxsize=1)
def list_languages() -> tuple[str, ...]:
    """Return the codes of all languages the web chat's interface speaks."""
    return tuple(sorted(path.parent.name for path in load_settings().data.glob("*/webchat.yml")))


def choose_language(wishes: Iterable[object], default: str) -> str:
    """Return the first wish (BCP 47, as browsers give them) that there is a pack for, else the default."""
    for wish in wishes:
        if isinstance(wish, str) and len(wish) <= 35:
            whole = wish.strip().lower()
            for code in (whole, whole.partition("-")[0]):
                if code in list_languages():
                    return code
    return default


def forget_words() -> None:
    """Read the packs again at the next call."""
    load_interface.cache_clear()
    list_languages.cache_clear()
    _read_response.cache_clear()


@functools.lru_cache(maxsize=1024)
def _read_response(code: str, key: str) -> str | None:
    if code != DEFAULT_LANGUAGE and code not in list_languages():
        return None  # a name that came from elsewhere leads to no file
    variations = (_read(code, "responses.yml").get("responses") or {}).get(key) or [{}]
    text = variations[0].get("text")
    return text if isinstance(text, str) else None


@functools.lru_cache(maxsize=64)
def _read_file(path: str, _changed: int) -> Mapping[str, Any]:
    return yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}


def _read(code: str, name: str) -> Mapping[str, Any]:
    path = load_settings().data / code / name
    if not path.is_file():
        return {}
    return _read_file(str(path), path.stat().st_mtime_ns)
