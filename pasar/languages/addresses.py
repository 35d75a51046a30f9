"""The postal address in a message, whole: what finds entities marks its parts, and seldom all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pasar.languages.pack import Pack

_PARTS = frozenset({"address", "city", "postcode", "country"})
_ADDRESSED = frozenset({"person_name", "phone"})  # whom the parcel is for
_BESIDE = frozenset({"order_id", "email", "tracking_number"})  # may stand in the same message, and is no part
_TOUCHING = 3  # signs between two parts that belong together
_NUMBER_AFTER = 12  # signs from the last part to a postcode: "Dallas, Texas 75201"
_SHORTEST, _SHORTEST_UNSPACED, _FEWEST_WORDS = 10, 6, 3
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_SIGNS = ",，、;；:：.。!！-–—🙏 \n\t"
_NUMBER = re.compile(r"\d[\w/-]*")


class Marked(NamedTuple):
    """An entity's kind and place."""

    kind: str
    start: int
    end: int


def cut_address(text: str, marked: Sequence[Marked], pack: Pack, *, asked: bool) -> str | None:
    """The address in ``text``, None where there is none that a parcel could be sent to.

    ``asked``: the message answers "where to?", so that all of it may belong to the address; else an address must be
    marked, and ends with its last part and the number after it.
    """
    parts = sorted((mark for mark in marked if mark.kind in _PARTS), key=lambda mark: mark.start)
    streets = [mark for mark in parts if mark.kind == "address"]
    if text.rstrip().endswith(("?", "？")) or not (asked or streets):
        return None
    start = streets[0].start if streets else 0
    for mark in reversed(parts):
        if start - _TOUCHING <= mark.end <= start:
            start = mark.start
    beside = _BESIDE if asked else _BESIDE | _ADDRESSED
    stop = min((mark.start for mark in marked if mark.kind in beside and mark.start > start), default=len(text))
    begin, end = (_find_begin(text, start, marked), stop) if asked else (start, _find_end(text, start, stop, parts))
    found = _strip(text[begin:end], pack)
    return found if _is_whole(found, streets) else None


def _find_begin(text: str, start: int, marked: Sequence[Marked]) -> int:
    """Where an answer's address begins: with the name before its first part, or with that."""
    before = text[:start]
    colon = max(before.rfind(":"), before.rfind("："))
    if colon >= 0:
        return colon + 1
    addressed = [mark.start for mark in marked if mark.kind in _ADDRESSED and mark.end <= start]
    if addressed:
        return min(addressed)
    return 0 if before.rstrip(" ").endswith((",", "，", "\n")) else start


def _find_end(text: str, start: int, stop: int, parts: Sequence[Marked]) -> int:
    """Where an address ends that other words may follow."""
    end = max(mark.end for mark in parts if mark.end <= stop)
    for number in _NUMBER.finditer(text, start, stop):
        if end < number.end() and number.start() - end <= _NUMBER_AFTER:
            end = number.end()
    return end


def _strip(text: str, pack: Pack) -> str:
    """Without signs and small words of the language at either end."""
    text = text.strip(_SIGNS)
    if _UNSPACED.search(text):
        # one sign alone may belong to it: a house's number ends with one
        endings = (word for word in pack.fillers if len(word) > 1 and _UNSPACED.search(word))
        ending = next((word for word in endings if text.endswith(word)), "")
        return _strip(text.removesuffix(ending), pack) if ending else text
    words = text.split(" ")
    small = pack.fillers | pack.negations
    if len(words) > 1 and words[-1].lower().strip(_SIGNS) in small:
        return _strip(text[: -len(words[-1])], pack)
    # "No 15" is a house's number, "no, 15" is not
    is_word = words[0].endswith(",") or not words[1][:1].isdigit() if len(words) > 1 else False
    if is_word and words[0].lower().strip(_SIGNS) in small:
        return _strip(text[len(words[0]) :], pack)
    return text


def _is_whole(text: str, streets: Sequence[Marked]) -> bool:
    """Whether a text is long enough for an address, and has a number or is marked as one."""
    unspaced = bool(_UNSPACED.search(text))
    if len(text) < (_SHORTEST_UNSPACED if unspaced else _SHORTEST):
        return False
    if not unspaced and len(text.split()) < _FEWEST_WORDS:
        return False
    return bool(streets) or any(character.isdigit() for character in text)
