"""Laying out the folder of a new language: ``make new-language CODE=fr NAME=Français``."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import babel
import yaml

from launch.checks import PROJECT, LaunchError

MODEL = "en"  # the language whose files show what is to be written
_CODE = re.compile(r"[a-z]{2,3}")
_SIGNS = [".", ",", "?", "!", ";"]
_UNSPACED = {
    "th": "thai",
    "zh": "characters",
    "ja": "characters",
    "lo": "characters",
    "km": "characters",
    "my": "characters",
}

_PACK = """\
language: {code}
name: {name}
status: draft                # live: every text must be there, and is checked
country: {country}                  # where its buyers are, unless they say
locale: {locale}
# words and signs between two needs of one message: "and", "but"; a blank too, where words have none between them
joiners: {signs}
# after one of these a letter is a size ("size m")
size_words: []
# words around a thing that is only named ("and blue?"), as they are after slang.yml
fillers: []
# how a message begins that carries the last question over to something else ("what about the bag?")
follow_ups: []
# with one of these a buyer may mean the contrary ("don't cancel it"): then she is asked again
negations: []
"""


def lay_out(code: str, name: str, data: pathlib.Path = PROJECT / "data") -> list[pathlib.Path]:
    """Write ``data/<code>/`` with everything a translator fills in; what has to be said stands beside, in English.

    Raises:
        LaunchError: the code is none of ISO 639, the name is missing, or the folder is there already.
    """
    folder = data / code
    if not _CODE.fullmatch(code) or not name.strip():
        raise LaunchError(
            "make new-language CODE=fr NAME=Français: the code of ISO 639, and the name its speakers give it"
        )
    if folder.exists():
        raise LaunchError(f"data/{code} is there already")
    locale = _locale(code)
    country = locale.territory if locale and locale.territory else "US"
    pack = _PACK.format(
        code=code,
        name=json.dumps(name.strip(), ensure_ascii=False),
        country=country,
        locale=str(locale) if locale else "en",
        signs=json.dumps(_SIGNS),
    )
    files = {
        "pack.yml": pack,
        "config.yml": _config(code, (data / MODEL / "config.yml").read_text(encoding="utf-8")),
        "moods.yml": _moods(code, _read(data / MODEL / "moods.yml")),
        "money.yml": "".join(_money(code, (data / MODEL / "money.yml").read_text(encoding="utf-8"))),
        "optout.yml": (data / MODEL / "optout.yml").read_text(encoding="utf-8"),
        "slang.yml": "# As typed, in quotes: the plain word.\nslang: {}\n",
        "responses.yml": "".join(_responses(code, _read(data / MODEL / "responses.yml")["responses"])),
        "words.yml": "".join(_words(_read(data / MODEL / "words.yml")["words"])),
        "live.yml": "".join(_lines("said under live streams, in 150 characters", data / MODEL / "live.yml")),
        "media.yml": "".join(_lines("said of pictures and voice messages", data / MODEL / "media.yml")),
        "webchat.yml": _webchat(code, (data / MODEL / "webchat.yml").read_text(encoding="utf-8")),
    }
    for path in sorted((data / MODEL / "lookups").glob("*.yml")):
        files[f"lookups/{path.name}"] = "".join(_lookup(path))
    for path in sorted((data / MODEL / "nlu").glob("*.yml")):
        files[f"nlu/{path.name}"] = _examples(code, path)
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return [folder / place for place in files]


def _locale(code: str) -> babel.Locale | None:
    """The language with the country where most of its speakers are, as CLDR has it; None for one it does not know."""
    try:
        likeliest = babel.core.get_global("likely_subtags").get(code)
        parsed = babel.Locale.parse(likeliest or code)
        return babel.Locale.parse(f"{code}_{parsed.territory}") if parsed.territory else parsed
    except (ValueError, babel.UnknownLocaleError):
        return None


def _read(path: pathlib.Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _quote(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _config(code: str, text: str) -> str:
    """The settings of the model's pipeline, for another language and its way to cut words."""
    own = re.sub(rf"\b{MODEL}\b", code, text)
    return re.sub(r"(tokenizer: )\w+", rf"\g<1>{_UNSPACED.get(code, 'spaced')}", own)


def _moods(code: str, model: Mapping[str, Any]) -> str:
    """No words yet; those of the model beside, to show what is meant."""
    kinds = "".join(
        f"# {', '.join(phrases[:8])} …\n{kind}: []\n" for kind, phrases in model.items() if kind != "language"
    )
    about = "# How buyers say that they are angry (strong), unhappy (mild) or glad; judged beside the intent."
    return f"{about}\nlanguage: {code}\n{kinds}"


def _money(code: str, text: str) -> Iterator[str]:
    """What all write is there: a k is a thousand. The model's words beside, to show what is meant."""
    for line in text.splitlines():
        if line.startswith("language:"):
            yield f"language: {code}\n"
        elif line == "scales:":
            yield 'scales:\n  1000: ["k"]\n'
        else:
            yield f"{line}\n" if line.startswith("#") else f"# {line}\n"


def _responses(code: str, texts: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    yield f'version: "3.1"\nlanguage: {code}\n\n'
    yield "# Take the # before a text away once it is written anew. What stays is said in the default language.\n"
    yield "# Words in {braces} are filled in: leave them as they are.\nresponses:\n"
    for key, variations in texts.items():
        yield f"  # {key}:\n"
        for variation in variations:
            lines = yaml.safe_dump([variation], allow_unicode=True, sort_keys=False, width=10**6).splitlines()
            yield "".join(f"  # {line}\n" for line in lines)


def _words(words: Mapping[str, str]) -> Iterator[str]:
    yield "# Words that stand inside an answer: take the # away once one is written anew.\nwords:\n"
    for key, text in words.items():
        yield f"  # {key}: {_quote(text)}\n"


def _lines(what: str, path: pathlib.Path) -> Iterator[str]:
    yield f"# What is {what}: take the # away once one is written anew.\nlines:\n"
    for key, text in _read(path)["lines"].items():
        yield f"  # {key}: {_quote(text)}\n"


def _webchat(code: str, text: str) -> str:
    """English words of the web chat's interface, all of them to be replaced."""
    return re.sub(r"(?m)^language: .*$", f"language: {code}", text)


def _lookup(path: pathlib.Path) -> Iterator[str]:
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    yield f"{first if first.startswith('#') else '# As written → value.'}\n"
    yield "# Take the # away once a line has this language's forms; the first one is what a buyer is told.\nvalues:\n"
    for value, forms in _read(path)["values"].items():
        yield f"  # {_quote(value)}: {json.dumps([str(form) for form in forms[:3]], ensure_ascii=False)}\n"


def _examples(code: str, path: pathlib.Path) -> str:
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    return (
        f'{first}\n# 25 sentences or more, as buyers type them: written anew, not translated.\nversion: "3.1"\nlanguage: {code}\n\n'
        f"nlu: []\n# nlu:\n# - intent: {path.stem}\n#   examples: |\n#     - …\n"
    )
