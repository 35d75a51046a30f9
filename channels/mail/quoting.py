"""What the writer has written herself: a mail without the history below or above it, and without its signature."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re

import yaml

from channels.mail.subjects import is_forwarded

PATTERNS = pathlib.Path(__file__).with_name("quotes.yml")
HEADING = 5  # lines in which a second name of a heading follows the first
LONGEST = 400  # characters of a line that introduces a quote

_WHO_AND_WHEN = re.compile(r"@|\d{1,2}\s?[:.h]\s?\d{2}|<[^<>]+>")


@dataclasses.dataclass(frozen=True)
class Patterns:
    """``quotes.yml``, compiled."""

    attribution: re.Pattern[str]
    whole: re.Pattern[str]  #: attributions that begin with a name: only on one line, or they would take the one above
    first: re.Pattern[str]
    others: re.Pattern[str]
    separator: re.Pattern[str]
    signature: re.Pattern[str]


@functools.cache
def load_patterns() -> Patterns:
    """The patterns of all languages: which one a buyer's mail program speaks is not known."""
    languages = yaml.safe_load(PATTERNS.read_text(encoding="utf-8")).values()

    def join(key: str, form: str, *, whole: bool = False) -> re.Pattern[str]:
        items = [item for language in languages for item in language[key] if item.startswith(".+") is whole]
        return re.compile(form.format("|".join(items)), re.IGNORECASE)

    def names(key: str) -> str:
        found = {name for language in languages for name in language["heading"][key]}
        return "|".join(sorted(found, key=len, reverse=True))

    return Patterns(
        attribution=join("attribution", r"\s*(?:{})\s*"),
        whole=join("attribution", r"\s*(?:{})\s*", whole=True),
        first=re.compile(rf"\s*\*?(?:{names('first')})\s*[:：]\*?\s*\S.*", re.IGNORECASE),
        others=re.compile(rf"\s*\*?(?:{names('others')})\s*[:：]\*?.*", re.IGNORECASE),
        separator=join("separator", r"\s*[-_—]{{3,}}\s*(?:{})\s*[-_—]{{3,}}\s*"),
        signature=join("signature", r"\s*(?:{})\s*"),
    )


def strip_quotes(text: str, subject: str = "") -> str:
    """The writer's own words; "" where she has only quoted. A mail she forwards is what she says, and stays whole."""
    if is_forwarded(subject):
        return text.strip()
    lines = text.replace("\r\n", "\n").split("\n")
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if line.lstrip().startswith(">"):
            place += 1
            continue
        length = _measure_attribution(lines, place)
        if length:
            place += length
            if _is_followed_by_quote(lines, place):
                continue  # what she wrote below the quote stays
            break
        if _ends(lines, place):
            break
        kept.append(line.rstrip())
        place += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_drop_signature(kept))).strip()


def _drop_signature(lines: list[str]) -> list[str]:
    """Without what the mail program adds as a last line: anywhere else the same words are the writer's."""
    patterns, found = load_patterns(), list(lines)
    while found and (not found[-1].strip() or (len(found[-1]) <= LONGEST and patterns.signature.fullmatch(found[-1]))):
        found.pop()
    return found


def _measure_attribution(lines: list[str], place: int) -> int:
    """How many lines introduce a quote here; 0 where none does."""
    patterns = load_patterns()
    for count in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[place : place + count])
        if not lines[place].strip() or len(joined) > LONGEST:
            return 0
        if patterns.attribution.fullmatch(joined) or (count == 1 and patterns.whole.fullmatch(joined)):
            # "On Monday I wrote:" is a buyer's sentence: a mail program names an address or a time, or quotes at once.
            found = _WHO_AND_WHEN.search(joined) or _is_followed_by_quote(lines, place + count)
            return count if found else 0
    return 0


def _is_followed_by_quote(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place : place + 3] if line.strip()), "")
    return following.lstrip().startswith(">")


def _ends(lines: list[str], place: int) -> bool:
    """Whether from this line on nothing is the writer's."""
    patterns, line = load_patterns(), lines[place]
    if line.rstrip("\r") == "-- " or (line.strip() == "--" and len(lines) - place <= 12):
        return True  # RFC 3676, 4.3; programs that cut blanks leave two dashes
    if len(line) > LONGEST:
        return False
    if patterns.separator.fullmatch(line):
        return True
    if re.fullmatch(r"\s*_{10,}\s*", line):
        following = next((item for item in lines[place + 1 : place + 4] if item.strip()), "")
        return bool(patterns.first.fullmatch(following))
    below = lines[place + 1 : place + 1 + HEADING]
    return bool(patterns.first.fullmatch(line)) and any(patterns.others.fullmatch(item) for item in below)
