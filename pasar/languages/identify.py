"""Which of the shop's languages a message is in.

A conversation keeps its language unless a message gives evidence of another: "ok", an order number or an emoji
give none, a sentence does. A message in none of the shop's languages is said to be unknown.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as WorldIdentifier

from pasar.languages.ngrams import Floats, NgramIndex, Ngrams, hash_characters, hash_words
from pasar.languages.text import normalize

_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"\S*\d\S*|https?://\S+|\S+@\S+")  # order numbers, amounts, addresses: no language
_SHORTEST, _LONGEST = 1, 4
_MOST_TEXTS = 3000  # of a language: telling languages apart needs fewer than telling intents
_RARE_SCRIPT = 0.01  # a script with less than this share of a language's letters is not its own

#: Evidence for the language spoken so far, in natural logarithms of odds: three letters count little, a sentence wins.
_KEEP = ((4, 12.0), (8, 8.0), (16, 4.0), (math.inf, 2.0))  # up to so many letters: so much
_SHORT_LETTERS = 8
_FIRST_LANGUAGE_ODDS = 0.4

_WORD_EVIDENCE = 3.0  # for a text all of whose words a language has, against one that has none

_LEAST_WORDS_UNKNOWN = 3
_KNOWN_SHARE = 0.5  # of a message's words, seen in the likeliest of the shop's languages
_SURE, _KNOWN_SHARE_SURE = math.log(0.98), 0.3  # where the letters tell the language beyond doubt
_OWN_POSSIBLE = 0.02
_NEAR = frozenset({"ms", "jv", "su", "tl"})  # taken for Indonesian or mixed into English, and answered as such


@dataclasses.dataclass(frozen=True)
class LanguageGuess:
    """A language of the shop, and whether the message is in any of them at all."""

    language: str
    known: bool
    confidence: float


class LanguageIdentifier:
    """A linear model over character n-grams, fitted on the shop's own examples."""

    def __init__(
        self,
        languages: Sequence[str],
        index: NgramIndex,
        weights: Floats,
        bias: Floats,
        scripts: Mapping[str, frozenset[str]],
        vocabularies: Mapping[str, frozenset[str]],
    ) -> None:
        """``weights`` is (n-grams, languages)."""
        self.languages = tuple(languages)
        self._index = index
        self._weights = weights
        self._bias = bias
        self._scripts = scripts
        self._vocabularies = vocabularies

    @classmethod
    def fit(cls, texts: Mapping[str, Sequence[str]]) -> LanguageIdentifier:
        """From example texts by language. ValueError where there are none."""
        if not any(texts.values()):
            raise ValueError("no examples to tell languages by: is there a pack under data/ with nlu files?")
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - training only

        languages = [code for code, examples in texts.items() if examples]
        plain = [(_letters(text), position) for position, code in enumerate(languages) for text in texts[code]]
        plain = [(text, position) for text, position in plain if text]
        index = NgramIndex.fit(_features([text for text, _ in plain]), least=2)
        shape = (len(index.known), len(languages))
        weights, bias = np.zeros(shape, dtype=np.float32), np.zeros(len(languages), dtype=np.float32)
        if len(languages) > 1:
            chosen = _spread(plain)
            model = LogisticRegression(C=20.0, solver="liblinear", class_weight="balanced")
            matrix = index.matrix(_features([plain[place][0] for place in chosen]))
            model.fit(matrix, [plain[place][1] for place in chosen])
            if len(languages) == 2:  # scikit-learn keeps one column for two classes
                weights[:, 1], bias[1] = model.coef_[0], model.intercept_[0]
            else:
                weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        scripts = {code: _own_scripts(texts[code]) for code in languages}
        vocabularies = {code: _vocabulary(texts[code]) for code in languages}
        return cls(languages, index, weights, bias, scripts, vocabularies)

    def identify(self, source: str, current: str | None = None) -> LanguageGuess:
        """The language of a text; ``current`` is what the conversation has been in."""
        text = _letters(source)
        fallback = current if current in self.languages else self.languages[0]
        if not text:
            return LanguageGuess(fallback, known=True, confidence=0.0)
        letters = sum(map(len, _WORD.findall(text)))
        index, values = self._index.vector(_features([text]))
        scores = values @ self._weights[index] + self._bias if len(index) else np.zeros(len(self.languages))
        scores = scores + _WORD_EVIDENCE * self._known_shares(text)
        scores = scores - _logsumexp(scores)
        likeliest = self.languages[int(np.argmax(scores))]
        if self._is_foreign(text, likeliest, sure=float(scores.max()) > _SURE):
            return LanguageGuess(fallback, known=False, confidence=1.0)
        if current in self.languages and letters < _SHORT_LETTERS and self._speaks(current, text):
            return LanguageGuess(current, known=True, confidence=1.0)
        if current in self.languages:
            scores[self.languages.index(current)] += next(keep for most, keep in _KEEP if letters < most)
        else:
            scores[0] += _FIRST_LANGUAGE_ODDS if letters < _SHORT_LETTERS else 0.0
        best = int(np.argmax(scores))
        confidence = math.exp(float(scores[best]) - _logsumexp(scores))
        return LanguageGuess(self.languages[best], known=True, confidence=confidence)

    def _speaks(self, language: str, text: str) -> bool:
        """Whether every word of a text is one that this language's buyers use, as "ok"."""
        return all(word in self._vocabularies[language] for word in _WORD.findall(text))

    def _known_shares(self, text: str) -> Floats:
        """For every language the share of the text's words that its examples have."""
        words = _WORD.findall(text)
        known = [sum(word in self._vocabularies[code] for word in words) for code in self.languages]
        return np.asarray(known, dtype=np.float32) / len(words)

    def _is_foreign(self, text: str, likeliest: str, sure: bool) -> bool:
        """Whether a text is surely in none of the languages: another script, or strange words of another language."""
        shares = _script_shares(text)
        strange = sum(
            share for script, share in shares.items() if not any(script in own for own in self._scripts.values())
        )
        if strange > 0.5:
            return True
        words = _WORD.findall(text)
        if len(words) < _LEAST_WORDS_UNKNOWN or "LATIN" not in shares or shares["LATIN"] < 0.5:
            return False
        known = sum(word in self._vocabularies[likeliest] for word in words) / len(words)
        if known >= (_KNOWN_SHARE_SURE if sure else _KNOWN_SHARE):
            return False
        own = sum(
            certainty for language, certainty in _world().rank(text) if language in self.languages or language in _NEAR
        )
        return bool(own <= _OWN_POSSIBLE)

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        np.savez_compressed(
            path,
            languages=np.array(self.languages),
            ngrams=self._index.known,
            idf=self._index.weights,
            weights=self._weights.astype(np.float16),
            bias=self._bias,
            scripts=np.array(["\t".join(sorted(self._scripts[code])) for code in self.languages]),
            vocabularies=np.array(["\t".join(sorted(self._vocabularies[code])) for code in self.languages]),
        )

    @classmethod
    def load(cls, path: Path) -> LanguageIdentifier:
        """Read what :meth:`save` wrote."""
        with np.load(path) as stored:
            languages = stored["languages"].tolist()
            return cls(
                languages,
                NgramIndex(stored["ngrams"], stored["idf"]),
                stored["weights"].astype(np.float32),
                stored["bias"],
                {
                    code: frozenset(line.split("\t"))
                    for code, line in zip(languages, stored["scripts"].tolist(), strict=True)
                },
                {
                    code: frozenset(line.split("\t"))
                    for code, line in zip(languages, stored["vocabularies"].tolist(), strict=True)
                },
            )


@functools.lru_cache(maxsize=1)
def _world() -> WorldIdentifier:
    """An identifier of 97 languages, for texts in none of the shop's."""
    return WorldIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)


def _features(texts: Sequence[str]) -> Ngrams:
    """Characters, and whole words: a loanword has many letters, the words around it tell the language."""
    words = hash_words([_WORD.findall(text) for text in texts], paired=0)
    return Ngrams.join([hash_characters(texts, _SHORTEST, _LONGEST), words, words, words])


def _spread(texts: Sequence[tuple[str, int]]) -> list[int]:
    """Places of at most ``_MOST_TEXTS`` texts of each language, evenly over all."""
    places: dict[int, list[int]] = {}
    for place, (_, position) in enumerate(texts):
        places.setdefault(position, []).append(place)
    return [place for own in places.values() for place in own[:: max(1, len(own) // _MOST_TEXTS)]]


def _letters(source: str) -> str:
    """A text without what belongs to no language."""
    return " ".join(_WORD.findall(_CODE.sub(" ", normalize(source).text)) if source else ())


@functools.lru_cache(maxsize=8192)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0]


def _script_shares(text: str) -> dict[str, float]:
    letters = [_script(character) for character in text if character.isalpha()]
    return {script: letters.count(script) / len(letters) for script in set(letters)}


def _own_scripts(texts: Sequence[str]) -> frozenset[str]:
    shares = _script_shares("".join(map(_letters, texts)))
    return frozenset(script for script, share in shares.items() if share >= _RARE_SCRIPT)


def _vocabulary(texts: Sequence[str]) -> frozenset[str]:
    """Words that more than one example has."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in set(_WORD.findall(_letters(text))):
            counts[word] = counts.get(word, 0) + 1
    return frozenset(word for word, count in counts.items() if count >= 2)


def _logsumexp(scores: npt.NDArray[np.floating[Any]]) -> float:
    top = float(np.max(scores))
    return top + math.log(float(np.exp(scores - top).sum()))
