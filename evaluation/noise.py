"""Messages spoilt as buyers spoil them: how much of what was understood is lost to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evaluation.metrics import accuracy
from evaluation.sentences import Sentence
from pasar.languages.text import drop_accents

_EMOJI = ("😊", "🙏", "😭", "❤️", "😅", "👍", "🥺", "😡", "✨", "😂")
_UNSPACED = frozenset({"th", "zh"})
_ACCENTED = frozenset({"vi", "es", "fil"})
_SAMPLE = 3  # every third sentence: five kinds of noise take long
Noise = Callable[[str, random.Random], str]


def mistype(text: str, chance: random.Random) -> str:
    """One slip of the finger in a word of four: two letters swapped, one left out, one doubled, one wrong."""
    return " ".join(_slip(word, chance) if chance.random() < 0.25 else word for word in text.split(" "))


def mistype_unspaced(text: str, chance: random.Random) -> str:
    """The same where words have no blanks between them: a slip every eight letters."""
    parts = [text[place : place + 8] for place in range(0, len(text), 8)]
    return "".join(_slip(part, chance) if chance.random() < 0.5 else part for part in parts)


def _slip(word: str, chance: random.Random) -> str:
    places = [place for place in range(1, len(word)) if word[place].isalpha() and word[place - 1].isalpha()]
    if not places or any(letter.isdigit() for letter in word):
        return word
    place = chance.choice(places)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    slips = (
        before[:-1] + letter + before[-1] + after,
        before + after,
        before + letter + letter + after,
        before + before[-1] + after,
    )
    return chance.choice(slips)


def drop_blanks(text: str, chance: random.Random) -> str:
    """One blank of four is missing."""
    words = text.split(" ")
    return words[0] + "".join(("" if chance.random() < 0.25 else " ") + word for word in words[1:])


def add_blanks(text: str, chance: random.Random) -> str:
    """A blank somewhere in every ten letters of a text that needs none."""
    return "".join(sign + (" " if sign.isalpha() and chance.random() < 0.1 else "") for sign in text)


def add_emoji(text: str, chance: random.Random) -> str:
    """One or two at the end, or one before."""
    sign = chance.choice(_EMOJI)
    return chance.choice((f"{text} {sign}", f"{text}{sign}{sign}", f"{sign} {text}"))


def list_noises(language: str) -> Mapping[str, Noise]:
    """The kinds of noise that a language knows."""
    noises: dict[str, Noise] = {
        "typos": mistype_unspaced if language in _UNSPACED else mistype,
        "blanks": add_blanks if language in _UNSPACED else drop_blanks,
        "emoji": add_emoji,
    }
    if language not in _UNSPACED:
        noises["lower case"] = lambda text, _chance: text.lower()
        noises["upper case"] = lambda text, _chance: text.upper()
    if language in _ACCENTED:
        noises["no accents"] = lambda text, _chance: drop_accents(text)
    return noises


def measure_noise(
    language: str, sentences: Sequence[Sentence], read: Callable[[list[str]], Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """For every kind of noise the accuracy with it, and what is lost; ``read`` gives the intents of texts."""
    some = sentences[::_SAMPLE]
    gold = [sentence.intent for sentence in some]
    clean = accuracy(gold, read([sentence.text for sentence in some])) or 0.0
    measured = {}
    for name, spoil in list_noises(language).items():
        chance = random.Random(f"{language} {name}")  # noqa: S311 - the same noise in every run
        right = accuracy(gold, read([spoil(sentence.text, chance) for sentence in some])) or 0.0
        measured[name] = {"sentences": len(some), "accuracy": right, "lost": clean - right}
    return measured
