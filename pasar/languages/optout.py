"""Whether a message is nothing but the wish for no more advertising: "STOP", "berhenti kak", "ยกเลิกรับข่าวสารค่ะ", "退订".

Words are those of a pack's ``optout.yml``. Only a whole message counts: "stop my order" is something else.
"""

from __future__ import annotations

import functools
import pathlib
import re
import unicodedata
from collections.abc import Sequence

import yaml

from pasar.languages.pack import DATA, list_codes

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_LONGEST = 60  # characters; a longer message says more than that


def find_opt_out(text: str, language: str, data: pathlib.Path = DATA) -> str | None:
    """The language to confirm it in: ``language`` where it is said so there, else another pack's; None where it is none."""
    if len(text) > _LONGEST:
        return None
    plain = _fold(text)
    for code in (language, *list_codes(data)):
        if plain and _is_opt_out(plain, *_read(code, data)):
            return code
    return None


def _is_opt_out(plain: str, phrases: frozenset[str], courtesy: Sequence[tuple[str, str]]) -> bool:
    while plain and plain not in phrases and _join(plain) not in phrases:
        shorter = next((cut for word, blank in courtesy if (cut := _cut(plain, word, blank)) is not None), None)
        if shorter is None:
            return False
        plain = shorter
    return bool(plain)


def _cut(plain: str, word: str, blank: str) -> str | None:
    """Without a word before or behind; None where it is not there."""
    if plain.startswith(word + blank):
        return plain[len(word) :].strip()
    if plain.endswith(blank + word):
        return plain[: -len(word)].strip()
    return None


def _join(plain: str) -> str:
    return plain.replace(" ", "") if _UNSPACED.search(plain) else plain


def _fold(text: str) -> str:
    """Letters and digits only, in small; what stands between them is one blank, a word said again is said once."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" or sign == "'" else " " for sign in folded)
    words = kept.split()
    return " ".join(word for place, word in enumerate(words) if place == 0 or word != words[place - 1])


@functools.lru_cache(maxsize=64)
def _read(code: str, data: pathlib.Path) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    """The phrases; words of courtesy, the longest first, with what stands between them and what they go with."""
    path = data / code / "optout.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    phrases = frozenset(map(_fold, content.get("phrases") or ()))
    courtesy = sorted(map(_fold, content.get("courtesy") or ()), key=len, reverse=True)
    return phrases | frozenset(map(_join, phrases)), tuple(
        (word, "" if _UNSPACED.search(word) else " ") for word in courtesy
    )
