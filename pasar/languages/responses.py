"""The texts a buyer can be told, from every pack, as one set of Rasa responses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pasar.languages.pack import DATA, PackError, load_pack, read_words

Variations = list[dict[str, Any]]
Responses = dict[str, Variations]

_PLACEHOLDER = re.compile(r"{(\w+)}")


def read_responses(folder: Path) -> Responses:
    """The responses of one pack; :class:`PackError` names file and key where it is broken."""
    path = folder / "responses.yml"
    try:
        content = (
            yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        )
    except FileNotFoundError:
        raise PackError(f"{path}: is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: {error}") from None
    if content.get("language") != folder.name:
        raise PackError(f"{path}: language: is {content.get('language')!r}, the folder says {folder.name!r}")
    texts = content.get("responses") or {}
    for key, variations in texts.items():
        if not isinstance(variations, list) or not all(isinstance(entry, dict) for entry in variations):
            raise PackError(f"{path}: responses: {key}: must be a list of entries with a text")
    return texts


def merge_packs(packs: Mapping[str, Responses], fallback: Responses) -> Responses:
    """All packs' texts, each on condition of its language; ``fallback`` is said in every other.

    Rasa prefers a text with a fulfilled condition, so a buyer is told her own language's text where there is one.
    """
    merged: Responses = {}
    for code, responses in packs.items():
        for key, variations in responses.items():
            for variation in variations:
                entry = copy.deepcopy(variation)
                conditions = entry.setdefault("condition", [])
                conditions.append({"type": "slot", "name": "language", "value": code})
                merged.setdefault(key, []).append(entry)
    for key, variations in fallback.items():
        for variation in variations:
            if "condition" not in variation and "channel" not in variation:
                merged.setdefault(key, []).append(copy.deepcopy(variation))
    return merged


def check_packs(codes: Iterable[str], default: str, data: Path = DATA) -> None:
    """Every live pack has every text of the default language, with the same placeholders.

    Raises:
        PackError: naming pack and key of the first of them, and how many more there are.
    """
    codes = tuple(codes)
    if default not in codes:
        raise PackError(f"config.yml: language: {default}: there is no data/{default}/pack.yml")
    expected = {key: _placeholders(variations) for key, variations in read_responses(data / default).items()}
    default_words = set(load_pack(default, data).words)
    faults = []
    for code in codes:
        pack = load_pack(code, data)
        if code == default or not pack.live:
            continue
        responses = read_responses(data / code)
        for key in expected.keys() - responses.keys():
            faults.append(f"data/{code}/responses.yml: {key}: is missing; data/{default}/responses.yml has it")
        for key in responses.keys() - expected.keys():
            faults.append(f"data/{code}/responses.yml: {key}: data/{default}/responses.yml has no such text")
        for key in sorted(default_words - set(read_words(data / code))):
            faults.append(f"data/{code}/words.yml: {key}: is missing; data/{default}/words.yml has it")
        for key, variations in responses.items():
            strange = _placeholders(variations) - expected.get(key, set()) - set().union(*pack.particles.values(), ())
            if key in expected and strange:
                faults.append(
                    f"data/{code}/responses.yml: {key}: placeholder {{{sorted(strange)[0]}}} "
                    f"is not in data/{default}/responses.yml"
                )
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise PackError(sorted(faults)[0] + more)


def reword(text: str, wording: Mapping[str, str]) -> str:
    """A text with whole words replaced, a capital where one was; placeholders stay. Chinese has no spaces: characters."""
    if not wording:
        return text
    words = "|".join(re.escape(word) for word in sorted(wording, key=len, reverse=True))
    letter = r"[^\W\d_\u3400-\u9fff]"

    def replace(match: re.Match[str]) -> str:
        chosen = wording[match.group().lower()]
        return chosen[:1].upper() + chosen[1:] if match.group()[:1].isupper() else chosen

    return re.sub(rf"(?<!{letter})(?<![{{_])(?:{words})(?!{letter}|_|\}})", replace, text, flags=re.IGNORECASE)


def _placeholders(variations: Variations) -> set[str]:
    return {name for variation in variations for name in _PLACEHOLDER.findall(str(variation.get("text", "")))}
