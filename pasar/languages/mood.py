"""How a buyer feels, told by her words, signs and pictures: -1 is furious, 1 is delighted, 0 says nothing.

Words are those of a pack's ``moods.yml``. A strong word counts twice a mild one, one that is turned round counts
nothing; capitals and rows of exclamation marks make what is there stronger, and are nothing by themselves.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping

from pasar.languages.pack import load_pack
from pasar.languages.text import normalize

ANGRY_SIGNS = frozenset("😠😡🤬👿💢🖕👎😤😾")
SAD_SIGNS = frozenset("😞😔😟🙁☹😣😖😫😩😢😭😿💔😒🙄😑😓😥")
GLAD_SIGNS = frozenset("😀😃😄😁😊🥰😍🤩😘❤💕💖💗🧡💛💚💙💜👍👏🙌🥳✨💯🎉😻🫶")
NEGATIVE, POSITIVE = -0.5, 0.4  # from here on a buyer is unhappy, or glad

_STRONG, _MILD = 2.0, 1.0
_LOUD = 1.0
_LOUDNESS = re.compile(r"[!！]{3,}|[?？][!！]|[!！][?？]")
_CAPITALS = re.compile(r"(?:\b[A-ZÀ-Ý]{3,}\b\W*){2,}")
_TURNED_BEFORE = 2  # words between which and its word a negator turns it round
#: What an intent says by itself.
_OF_INTENT: Mapping[str, float] = {
    "complaint": -2.0, "damaged_item": -0.5, "wrong_item": -0.5, "missing_item": -0.5, "coupon_problem": -0.3,
    "payment_problem": -0.3, "feedback": 0.5, "thank": 0.5,
}  # fmt: skip
_NO_BLANKS = re.compile("[\u0e00-\u0eff\u3400-\u9fff]")


@dataclasses.dataclass(frozen=True)
class Mood:
    """How a message sounds."""

    score: float  #: -1 to 1
    label: str  #: negative, neutral or positive


def judge_mood(text: str, language: str, intent: str = "") -> Mood:
    """The mood of a message in a language that has a pack."""
    words = _load(language)
    plain = normalize(text).text
    bad, good = 0.0, 0.0
    for found in words.pattern.finditer(plain) if words.pattern else ():
        weight = words.weights[found[0]]
        if weight < 0 and not words.is_turned(plain, found.start()):
            bad -= weight
        elif weight > 0 and not words.is_turned(plain, found.start()):
            good += weight
        elif weight > 0:
            bad += _MILD  # "not happy"
    bad += _STRONG * _count(text, ANGRY_SIGNS) + _MILD * _count(text, SAD_SIGNS)
    good += _MILD * _count(text, GLAD_SIGNS)
    told = _OF_INTENT.get(intent, 0.0)
    bad, good = bad + max(0.0, -told), good + max(0.0, told)
    if bad > good and (_LOUDNESS.search(text) or _CAPITALS.search(text)):
        bad += _LOUD
    score = (good - bad) / (good + bad + 1)
    label = "negative" if score <= NEGATIVE else "positive" if score >= POSITIVE else "neutral"
    return Mood(round(score, 3), label)


@dataclasses.dataclass(frozen=True)
class _Words:
    weights: Mapping[str, float]
    pattern: re.Pattern[str] | None
    negators: frozenset[str]

    def is_turned(self, text: str, start: int) -> bool:
        before = text[max(0, start - 12) : start].rstrip()
        if _NO_BLANKS.search(text[start : start + 1]):
            return any(before.endswith(negator) for negator in self.negators)
        return any(word in self.negators for word in before.split()[-_TURNED_BEFORE:])


@functools.lru_cache(maxsize=64)
def _load(language: str) -> _Words:
    moods = load_pack(language).moods
    weights: dict[str, float] = {}
    for kind, weight in (("strong", -_STRONG), ("mild", -_MILD), ("glad", _MILD)):
        weights.update({normalize(phrase).text: weight for phrase in moods.get(kind, ())})
    return _Words(weights, _compile(weights), frozenset(moods.get("negators", ())))


def _compile(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the phrases, longer ones first; whole words where a script has blanks between them."""
    forms = [
        re.escape(phrase) if _NO_BLANKS.search(phrase) else rf"(?<!\w){re.escape(phrase)}(?!\w)"
        for phrase in sorted(phrases, key=len, reverse=True)
    ]
    return re.compile("|".join(forms)) if forms else None


def _count(text: str, signs: frozenset[str]) -> int:
    return min(2, sum(sign in signs for sign in text))
