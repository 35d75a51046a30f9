"""Cutting a text into words, as its language writes them.

Names of the kinds stand in a pack's ``config.yml``: ``spacy`` (spaCy's rules for the language),
``thai`` (dictionary and longest match, by PyThaiNLP), ``spaced`` (letters, numbers and signs apart, for what spaces its
words and has no better), ``characters`` (as ``spaced``, but every Chinese character by itself: which of them belong
together, the n-grams learn).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import spacy

from pasar.languages.text import NormalText, normalize

Cutter = Callable[[str], Iterable[tuple[int, int]]]  # a normalised text to (start, end) of its words

_HYPHENATED = re.compile(r"\w+(?:-\w+)+")
_LATIN_OR_DIGITS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[^\w\s]|_")
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094d])"  # marks belong to the letter before
_SPACED = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*|\d+(?:[.,:/]\d+)*|[^\w\s]|_")
_OTHER_LETTER = rf"(?:(?![{_HAN}])[^\W\d_])"
_CHARACTERS = re.compile(rf"[{_HAN}]|{_OTHER_LETTER}+(?:'{_OTHER_LETTER}+)*|\d+(?:[.,:/]\d+)*|[^\w\s]|_")


class Word(str):
    """A word as understood; ``start`` and ``end`` say where it stands in the source text."""

    start: int
    end: int

    def __new__(cls, text: str, start: int, end: int) -> Word:
        """A word of a source text."""
        word = super().__new__(cls, text)
        word.start = start
        word.end = end
        return word


@functools.cache
def _spacy_cutter(language: str) -> Cutter:
    known: type[spacy.language.Language] = spacy.util.get_lang_class(language)

    class Plain(known):
        class Defaults(known.Defaults):  # type: ignore[name-defined]
            # Words with a hyphen that spaCy lists one by one (Indonesian: 15,000, four seconds): read by their parts.
            tokenizer_exceptions: ClassVar[dict[str, Any]] = {
                text: parts
                for text, parts in known.Defaults.tokenizer_exceptions.items()
                if not _HYPHENATED.fullmatch(text)
            }

    tokenizer = Plain().tokenizer

    def cut(text: str) -> Iterable[tuple[int, int]]:
        return [(token.idx, token.idx + len(token)) for token in tokenizer(text) if not token.is_space]

    return cut


@functools.cache
def _thai_cutter(_language: str) -> Cutter:
    from pythainlp.tokenize import word_tokenize  # noqa: PLC0415 - a dictionary of 60,000 words, only where Thai is spoken

    thai = re.compile(r"[\u0e00-\u0e7f]+(?: [\u0e00-\u0e7f]+)*")

    def cut(text: str) -> Iterable[tuple[int, int]]:
        position = 0
        for match in thai.finditer(text):
            yield from _spans(_LATIN_OR_DIGITS, text, position, match.start())
            # A blank parts phrases, or stands in the middle of a word by mistake: words are found without it.
            places = [place for place in range(match.start(), match.end()) if text[place] != " "]
            done = 0
            for word in word_tokenize(match.group().replace(" ", ""), engine="newmm", keep_whitespace=False):
                yield places[done], places[done + len(word) - 1] + 1
                done += len(word)
            position = match.end()
        yield from _spans(_LATIN_OR_DIGITS, text, position, len(text))

    cut("อุ่นเครื่อง")
    list(cut("อุ่นเครื่อง"))  # the dictionary loads at the first word, not at the first buyer
    return cut


def _spans(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    for match in pattern.finditer(text, start, end):
        yield match.span()


def _pattern_cutter(pattern: re.Pattern[str]) -> Cutter:
    def cut(text: str) -> Iterable[tuple[int, int]]:
        return _spans(pattern, text, 0, len(text))

    return cut


CUTTERS: Mapping[str, Callable[[str], Cutter]] = {
    "spacy": _spacy_cutter,
    "thai": _thai_cutter,
    "spaced": lambda _language: _pattern_cutter(_SPACED),
    "characters": lambda _language: _pattern_cutter(_CHARACTERS),
}


class WordCutter:
    """Cuts texts of one language into normalised words: slang and emoji replaced as the pack says."""

    def __init__(self, language: str, kind: str, replacements: Mapping[str, str]) -> None:
        """ValueError where the kind is none of :data:`CUTTERS`."""
        if kind not in CUTTERS:
            raise ValueError(f"data/{language}/config.yml: tokenizer {kind!r} is none of {', '.join(sorted(CUTTERS))}")
        self._cut = CUTTERS[kind](language)
        self._replacements = replacements

    def cut(self, source: str) -> list[Word]:
        """The words of a source text in order; one written word may stand for several (``gimana`` → ``bagaimana``)."""
        return self.cut_normal(normalize(source))

    def cut_normal(self, normal: NormalText) -> list[Word]:
        """As :meth:`cut`, of a text normalised already."""
        words: list[Word] = []
        for start, end in self._cut(normal.text):
            text = normal.text[start:end].replace(" ", "")
            source_start, source_end = normal.span(start, end)
            words.extend(Word(part, source_start, source_end) for part in self._replacements.get(text, text).split(" "))
        return words
