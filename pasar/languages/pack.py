"""Language packs: everything a language needs, one folder ``data/<code>/``, no code.

``pack.yml`` (name, status, persona, words that join two needs), ``slang.yml`` (how buyers write it → the plain word),
``moods.yml`` (how they say that they are unhappy or glad), ``money.yml`` (how they write prices), ``lookups/*.yml`` (what a
colour, a size, a day is called), ``responses.yml`` and ``nlu/`` for Rasa.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pasar.languages.money import MoneyWords

DATA = Path("data")
MOODS = ("strong", "mild", "glad", "negators")


class PackError(ValueError):
    """A pack is broken; names the file and the field."""


@dataclasses.dataclass(frozen=True)
class Pack:
    """One language as its folder describes it."""

    code: str
    name: str  #: as its speakers call it
    live: bool  #: drafts are loaded, but may miss texts
    joiners: tuple[str, ...]  #: words and signs between two needs of one message
    locale: str  #: for dates and money, as Babel names it
    country: str  #: where its buyers are unless they say (ISO 3166-1 alpha-2)
    follow_ups: tuple[str, ...]  #: how a message begins that carries the last question over: "what about"
    fillers: frozenset[str]  #: words around a thing that is only named: "and blue?"
    size_words: frozenset[str]  #: after which a letter is a size
    negations: frozenset[str]  #: words with which a buyer may mean the contrary: "don't cancel it"
    particles: Mapping[str, Mapping[str, str]]  #: by gender of the persona: placeholder → particle
    wordings: Mapping[str, Mapping[str, str]]  #: by formality of the persona: word of the texts → what is said instead
    slang: Mapping[str, str]  #: as typed → plain words
    lookups: Mapping[str, Mapping[str, str]]  #: by entity: as written → value
    labels: Mapping[str, Mapping[str, str]]  #: by entity: value → how a buyer is told it
    words: Mapping[
        str, str
    ]  #: key → text inside an answer (a state, a reason); the default language's where it has none
    moods: Mapping[
        str, tuple[str, ...]
    ]  #: strong, mild, glad, negators: how buyers say how they feel; {} where unknown
    money: MoneyWords  #: how prices are written


@functools.lru_cache(maxsize=64)
def list_codes(data: Path = DATA) -> tuple[str, ...]:
    """The codes of all packs, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in data.glob("*/pack.yml")))


@functools.lru_cache(maxsize=64)
def load_pack(code: str, data: Path = DATA) -> Pack:
    """Read the pack of a language; :class:`PackError` names the file and field that is wrong."""
    folder = data / code
    about = _read(folder / "pack.yml")
    if about.get("language") != code:
        raise PackError(f"{folder / 'pack.yml'}: language is {about.get('language')!r}, the folder says {code!r}")
    lookups: dict[str, dict[str, str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "lookups").glob("*.yml")):
        lookups[path.stem], labels[path.stem] = _read_lookup(path)
    slang = _read(folder / "slang.yml").get("slang") or {}
    for key, value in slang.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise PackError(f"{folder / 'slang.yml'}: slang: {key!r}: {value!r} are not two texts; put them in quotes")
    return Pack(
        code=code,
        name=_field(about, "name", folder, str),
        live=_field(about, "status", folder, str) == "live",
        joiners=tuple(_field(about, "joiners", folder, list)),
        locale=_field(about, "locale", folder, str),
        country=_field(about, "country", folder, str),
        follow_ups=tuple(_field(about, "follow_ups", folder, list)),
        fillers=frozenset(_field(about, "fillers", folder, list)),
        size_words=frozenset(_field(about, "size_words", folder, list)),
        negations=frozenset(about.get("negations") or ()),
        particles=about.get("particles", {}),
        wordings=about.get("wordings", {}),
        slang=slang,
        lookups=lookups,
        labels=labels,
        words={**_default_words(code, data), **read_words(folder)},
        moods=_read_moods(folder / "moods.yml"),
        money=_read_money(folder / "money.yml"),
    )


def read_words(folder: Path) -> dict[str, str]:
    """The words of one pack alone, as ``words.yml`` has them."""
    return _read(folder / "words.yml").get("words") or {}


def _read_moods(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    content = {kind: phrases for kind, phrases in _read(path).items() if kind != "language"}
    for kind, phrases in content.items():
        if kind not in MOODS:
            raise PackError(f"{path}: {kind}: is none of {', '.join(MOODS)}")
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
            raise PackError(f"{path}: {kind}: must be a list of texts")
    return {kind: tuple(phrases) for kind, phrases in content.items()}


def _read_money(path: Path) -> MoneyWords:
    try:
        return MoneyWords.parse(_read(path) if path.exists() else {})
    except PackError:
        raise
    except ValueError as error:
        raise PackError(f"{path}: {error}") from None


def _default_words(code: str, data: Path) -> dict[str, str]:
    """The words of the language that ``config.yml`` names at its top, for what a draft has not got yet."""
    config = data.parent / "config.yml"
    default = _read(config).get("language", code) if config.exists() else code
    return read_words(data / default) if default != code and (data / default / "words.yml").exists() else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except FileNotFoundError:
        raise PackError(f"{path}: is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise PackError(f"{path}: must hold keys and values")
    return content


def _field(about: Mapping[str, Any], key: str, folder: Path, kind: type) -> Any:
    if not isinstance(about.get(key), kind):
        raise PackError(f"{folder / 'pack.yml'}: {key}: must be a {kind.__name__}, is {about.get(key)!r}")
    return about[key]


def _read_lookup(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """A lookup file maps a value to the ways it is written, the first one being what a buyer is told."""
    written: dict[str, str] = {}
    labels: dict[str, str] = {}
    for value, forms in (_read(path).get("values") or {}).items():
        if not isinstance(forms, list) or not forms or not all(isinstance(form, str) for form in forms):
            raise PackError(f"{path}: values: {value}: must be a list of texts")
        labels[str(value)] = forms[0]
        for form in forms:
            written.setdefault(form.lower(), str(value))
    return written, labels
