"""The baseline that anybody could write: for each intent its most telling words; most hits wins.

A word is telling by the chi-square statistic between "the sentence has the word" and "the sentence has the intent"
(Yang and Pedersen, 1997, "A Comparative Study on Feature Selection in Text Categorization"):
N·(AD − BC)² / ((A+C)(B+D)(A+B)(C+D)), taken only where the word speaks for the intent (AD > BC).
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Sequence

import yaml

from evaluation.sentences import DATA, Sentence
from pasar.languages.pack import load_pack
from pasar.languages.words import WordCutter

WORDS = 12  # of an intent

Cutter = Callable[[str], Iterable[str]]


class KeywordBaseline:
    """Lists of words, fitted on training sentences; reads a text as the intent it has most words of."""

    def __init__(self, words: dict[str, dict[str, float]], usual: str, cut: Cutter) -> None:
        """``words``: intent to word to how telling it is; ``usual``: where no word is known."""
        self.words = words
        self._usual = usual
        self._cut = cut

    @classmethod
    def fit(cls, texts: Sequence[str], intents: Sequence[str], cut: Cutter, most: int = WORDS) -> KeywordBaseline:
        """From training texts and their intents."""
        documents = [set(cut(text)) for text in texts]
        of_intent = collections.Counter(intents)
        of_word = collections.Counter(word for words in documents for word in words)
        both = collections.Counter(
            (intent, word) for intent, words in zip(intents, documents, strict=True) for word in words
        )
        telling: dict[str, list[tuple[float, str]]] = {intent: [] for intent in of_intent}
        for (intent, word), together in both.items():
            value = chi_square(together, of_word[word], of_intent[intent], len(documents))
            if value > 0:
                telling[intent].append((value, word))
        words = {
            intent: {word: value for value, word in sorted(found, key=lambda one: (-one[0], one[1]))[:most]}
            for intent, found in telling.items()
        }
        return cls(words, min(of_intent, key=lambda intent: (-of_intent[intent], intent)), cut)

    def read(self, text: str) -> str:
        """The intent with most hits; among equals the one whose hits are more telling, else the most usual one."""
        present = set(self._cut(text))
        hits = {intent: [words[word] for word in present & words.keys()] for intent, words in self.words.items()}
        best = max(sorted(hits), key=lambda intent: (len(hits[intent]), sum(hits[intent])))
        return best if hits[best] else self._usual


def chi_square(both: int, word: int, intent: int, total: int) -> float:
    """How telling a word is for an intent; 0 where it does not speak for it.

    ``both`` sentences have the word and the intent, ``word`` the word, ``intent`` the intent, of ``total``.
    """
    a, b, c = both, word - both, intent - both
    d = total - a - b - c
    below = (a + c) * (b + d) * (a + b) * (c + d)
    return total * (a * d - b * c) ** 2 / below if below and a * d > b * c else 0.0


def word_cutter(language: str) -> Cutter:
    """The words of a text in a language, as the pack cuts them, signs left out."""
    config = yaml.safe_load((DATA / language / "config.yml").read_text(encoding="utf-8"))
    cutter = WordCutter(language, config["pipeline"][0]["tokenizer"], load_pack(language).slang)
    return lambda text: [str(word) for word in cutter.cut(text) if any(map(str.isalnum, word))]


def read_by_keywords(training: Sequence[Sentence], sentences: Sequence[Sentence], language: str) -> list[str]:
    """What the baseline reads; it is told the language."""
    texts, intents = [one.text for one in training], [one.intent for one in training]
    baseline = KeywordBaseline.fit(texts, intents, word_cutter(language))
    return [baseline.read(sentence.text) for sentence in sentences]
