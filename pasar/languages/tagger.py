"""Marking what a message names by the words around it, as annotated examples teach.

A chain of words is labelled with B- and I-tags of kinds by an averaged perceptron (Collins, 2002, "Discriminative
Training Methods for Hidden Markov Models"), which crfsuite fits in seconds. What patterns and word lists find is
among the features of each word.
"""

from __future__ import annotations

import ctypes
import dataclasses
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pycrfsuite

from pasar.languages.entities import Entity
from pasar.languages.words import Word

_ROUNDS = 5  # ten are no better
_OUTSIDE = "O"
_SHAPES = ((re.compile(r"[A-Z]"), "X"), (re.compile(r"\d"), "d"), (re.compile(r"[a-z]"), "x"))
_LONGEST_SHAPE = 8
_FARTHEST = 3  # words away: only the word itself tells something
#: A number with what is written to it without a blank: "#5561", "INV/2024/77", "Rp25.000".
_CODE = re.compile(r"[A-Za-z#$£€₱฿/._-]{0,12}\d[A-Za-z0-9#/.,_:-]{0,24}", re.ASCII)
_LETTERS, _DIGITS = re.compile(r"[A-Za-z]+"), re.compile(r"\d+")
_MOST_DIGITS = 9


@dataclasses.dataclass(frozen=True)
class Span:
    """A kind of thing at ``start`` to ``end`` of the source text."""

    kind: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Marked:
    """An annotated example: its text, its words, what patterns and lists find in it, and what it names."""

    source: str
    words: Sequence[Word]
    found: Sequence[Entity]
    spans: Sequence[Span]


class EntityTagger:
    """Tags learnt from one language's annotated examples."""

    def __init__(self, model: bytes) -> None:
        """With what :meth:`fit` learnt; empty bytes for a tagger that marks nothing."""
        self.model = model
        self._tagger = pycrfsuite.Tagger() if model else None
        if self._tagger:
            self._tagger.open_inmemory(model)

    @classmethod
    def fit(cls, examples: Iterable[Marked]) -> EntityTagger:
        """Learn from examples whose every named thing is marked; what is not marked there is learnt to be nothing."""
        trainer = pycrfsuite.Trainer(algorithm="ap", verbose=False)
        trainer.set_params({"max_iterations": _ROUNDS})
        empty = True
        for example in examples:
            if example.words:
                trainer.append(_features(example.source, example.words, example.found), _tags(example))
                empty = False
        if empty:
            return cls(b"")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tags"
            ctypes.CDLL(None).srand(0)  # crfsuite shuffles by it, and has no seed: else every training is another
            trainer.train(str(path))
            return cls(path.read_bytes())

    def tag(self, source: str, words: Sequence[Word], found: Sequence[Entity]) -> list[Span]:
        """What a text names, in order."""
        if self._tagger is None or not words:
            return []
        return list(_spans(words, self._tagger.tag(_features(source, words, found))))


def _features(source: str, words: Sequence[Word], found: Sequence[Entity]) -> list[list[str]]:
    """What is known of each word: itself, its form, what is found in it, and the same of two words on either side."""
    shapes = [_shape(source[word.start : word.end]) for word in words]
    kinds = [_kinds(word, found) for word in words]
    codes = [(match.start(), match.end(), _code_shape(match.group())) for match in _CODE.finditer(source)]
    last = len(words) - 1
    features = []
    for place, word in enumerate(words):
        own = [
            "bias", f"word={word}", f"shape={shapes[place]}", f"first2={word[:2]}", f"first3={word[:3]}",
            f"first4={word[:4]}", f"last2={word[-2:]}", f"last3={word[-3:]}", f"last4={word[-4:]}",
            f"length={min(len(words), 6)}",
        ]  # fmt: skip
        own += [f"kind={kind}" for kind in kinds[place]]
        for start, end, shape in codes:
            if start < word.end and word.start < end:
                own += [f"code={shape}", f"code={shape}|{words[place - 1] if place else ''}"]
        for step in (-3, -2, -1, 1, 2, 3):
            other = place + step
            if not 0 <= other <= last:
                own.append(f"{step}:end")
                continue
            own.append(f"{step}:word={words[other]}")
            if abs(step) == _FARTHEST:
                continue
            own += [f"{step}:kind={kind}" for kind in kinds[other]]
            if abs(step) == 1:
                own += [f"{step}:shape={shapes[other]}", f"{step}:last3={words[other][-3:]}"]
        if place:
            own.append(f"pair={words[place - 1]}|{word}")
        if place < last:
            own.append(f"next={word}|{words[place + 1]}")
        features.append(own)
    return features


def _shape(written: str) -> str:
    for pattern, sign in _SHAPES:
        written = pattern.sub(sign, written)
    return written[:_LONGEST_SHAPE]


def _kinds(word: Word, found: Sequence[Entity]) -> list[str]:
    """What is found in a word: by form, or where it begins or goes on by a list."""
    return [
        f"{entity.kind}{'!' if entity.pattern else ''}{'' if entity.start >= word.start else '+'}"
        for entity in found
        if entity.start < word.end and word.start < entity.end
    ]


def _code_shape(code: str) -> str:
    """``INV/2024/77`` is A/4/2: letters as one, digits by their number."""
    letters = _LETTERS.sub("A", code)
    return _DIGITS.sub(lambda digits: str(min(len(digits.group()), _MOST_DIGITS)), letters)


def _tags(example: Marked) -> list[str]:
    tags = []
    before: Span | None = None
    for word in example.words:
        span = next((span for span in example.spans if span.start < word.end and word.start < span.end), None)
        tags.append(_OUTSIDE if span is None else f"{'I' if span is before else 'B'}-{span.kind}")
        before = span
    return tags


def _spans(words: Sequence[Word], tags: Sequence[str]) -> Iterator[Span]:
    open_span: Span | None = None
    for word, tag in zip(words, tags, strict=True):
        kind = tag[2:]
        if open_span and tag.startswith("I") and kind == open_span.kind:
            open_span = dataclasses.replace(open_span, end=word.end)
            continue
        if open_span:
            yield open_span
        open_span = Span(kind, word.start, word.end) if tag != _OUTSIDE else None
    if open_span:
        yield open_span
