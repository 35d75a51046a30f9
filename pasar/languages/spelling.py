"""What a misspelt word probably was: a known word one slip of the finger away, or two that lost the blank between them.

Known are the words of the training examples; the likelier of several is the one that buyers write more often.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LEAST = 3  # examples that must have a word: a slip that two buyers made is no word
_SAME_START = 3  # how much likelier a word with the same first letter is: there fingers slip least
_OFTEN = 50  # a single letter is a word only where it is a common one
_PART_IN = 2000  # words in which a lost blank between two common words is expected once


class Speller:
    """Mends words against a vocabulary."""

    def __init__(self, counts: Mapping[str, int], shortest: int = 4) -> None:
        """``counts``: how often each word was written; ``shortest``: letters a word needs for it to be mended.

        Of three, too much is one slip away, except where words are syllables and signs tell them apart (Vietnamese).
        """
        self.counts = dict(counts)
        self.shortest = shortest
        self._total = sum(self.counts.values()) or 1
        self._by_length: dict[int, list[str]] = collections.defaultdict(list)
        for word in self.counts:
            if word.isalpha() and len(word) >= shortest - 1:
                self._by_length[len(word)].append(word)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], shortest: int = 4) -> Speller:
        """From examples, as words."""
        counts = collections.Counter(word for words in texts for word in words)
        return cls({word: count for word, count in counts.items() if count >= _LEAST}, shortest)

    def mend(self, words: Sequence[str]) -> list[str]:
        """The words, with those that are unknown replaced by what they probably were, where anything is near."""
        return [part for word in words for part in self._mend_word(word)]

    def _mend_word(self, word: str) -> Sequence[str]:
        if word in self.counts or len(word) < self.shortest or not word.isalpha():
            return (word,)
        near, near_score = self._find_near(word)
        parts, parts_score = self._find_parts(word)
        if near_score or parts_score:
            return (near,) if near_score >= parts_score else parts
        return (word,)

    def _find_near(self, word: str) -> tuple[str, float]:
        best, best_score = word, 0.0
        for length in (len(word) - 1, len(word), len(word) + 1):
            for known, _, _ in process.extract(
                word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=1, limit=None
            ):
                score = self.counts[known] * (_SAME_START if known[0] == word[0] else 1)
                if score > best_score:
                    best, best_score = known, score
        return best, best_score

    def _find_parts(self, word: str) -> tuple[Sequence[str], float]:
        best: Sequence[str] = ()
        best_score = 0.0
        for place in range(1, len(word)):
            counts = [self._count_part(part) for part in (word[:place], word[place:])]
            score = counts[0] * counts[1] * _PART_IN / self._total
            if score > best_score:
                best, best_score = (word[:place], word[place:]), score
        return best, best_score

    def _count_part(self, part: str) -> int:
        count = self.counts.get(part, 0)
        return count if len(part) > 1 or count > _OFTEN else 0
