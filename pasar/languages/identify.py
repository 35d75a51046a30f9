"""Which of the shop's languages a message is in.

A conversation keeps its language unless a message gives evidence of another: "ok", an order number or an emoji
give none, a sentence does. A message in none of the shop's languages is said to be unknown.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as WorldIdentifier

from pasar.languages.classify import LinearClassifier, Settings
from pasar.languages.ngrams import Floats, Ngrams, hash_characters, hash_words
from pasar.languages.text import normalize

_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"[!-~]*\d[!-~]*|https?://[!-~]+|[!-~]+@[!-~]+")  # order numbers, amounts, addresses: no language
_SHORTEST, _LONGEST = 1, 4
_MOST_TEXTS = 12000  # of a language
_TINY = 1e-9  # a chance that is never nought
_WORDS_FILE, _MODEL_FILE = "words.json", "languages.npz"
_MUCH, _OTHER_SCRIPT = 0.3, 20.0  # of the letters; how far a language falls back that is not written so
_RARE_SCRIPT = 0.01  # a script with less than this share of a language's letters is not its own

#: Evidence for the language spoken so far, in natural logarithms of odds: three letters count little, a sentence wins.
_KEEP = ((4, 8.0), (8, 5.0), (16, 3.0), (math.inf, 2.0))  # up to so many letters: so much
_ALIKE = (frozenset({"id", "ms"}),)  # nobody changes from one to the other: what looks so is kept, but for
_KEEP_ALIKE, _KEEP_ASKED = 12.0, 2.0
_SHORT_LETTERS = 8
_FIRST_LANGUAGE_ODDS = 0.4

_WORD_EVIDENCE, _UNSEEN = 0.5, 0.1  # how much the words alone count beside the model; what a word never met counts as

_LEAST_WORDS_UNKNOWN = 3
_KNOWN_SHARE = 0.5  # of a message's words, seen in the likeliest of the shop's languages
_SURE, _KNOWN_SHARE_SURE = math.log(0.98), 0.3  # where the letters tell the language beyond doubt
_OWN_POSSIBLE = 0.02
_NEAR = frozenset({"jv", "su"})  # taken for Indonesian, and answered as such
_SAME = {"fil": "tl"}  # what the identifier of the world calls a language of ours


@dataclasses.dataclass(frozen=True)
class LanguageGuess:
    """A language of the shop, and whether the message is in any of them at all."""

    language: str
    known: bool
    confidence: float


class LanguageIdentifier:
    """A linear model over character n-grams and words, fitted on the shop's own examples."""

    def __init__(
        self,
        languages: Sequence[str],
        model: LinearClassifier | None,
        scripts: Mapping[str, frozenset[str]],
        vocabularies: Mapping[str, Mapping[str, int]],
        sizes: Mapping[str, int],
    ) -> None:
        """``model`` ranks the languages; None where there is only one.

        ``vocabularies`` tell how many of a language's ``sizes`` messages have a word.
        """
        self.languages = tuple(languages)
        self._model = model
        self._scripts = scripts
        self._vocabularies = vocabularies
        self._sizes = sizes

    @classmethod
    def fit(cls, texts: Mapping[str, Sequence[str]]) -> LanguageIdentifier:
        """From example texts by language. ValueError where there are none."""
        if not any(texts.values()):
            raise ValueError("no examples to tell languages by: is there a pack under data/ with nlu files?")
        languages = [code for code, examples in texts.items() if examples]
        letters = {code: [plain for plain in map(_letters, texts[code]) if plain] for code in languages}
        plain = [(text, code) for code in languages for text in _spread(letters[code])]
        model = None
        if len(languages) > 1:
            ngrams = _features([text for text, _ in plain])
            model = LinearClassifier.fit(ngrams, [code for _, code in plain], Settings(balanced=True))
        scripts = {code: _own_scripts(letters[code]) for code in languages}
        vocabularies = {code: _vocabulary(letters[code]) for code in languages}
        return cls(languages, model, scripts, vocabularies, {code: len(letters[code]) for code in languages})

    def identify(self, source: str, current: str | None = None, *, asked: bool = False) -> LanguageGuess:
        """The language of a text; ``current`` is what the conversation has been in.

        ``asked``: the text answers a question, so that a name or a number more is no change of language.
        """
        text = _letters(source)
        fallback = current if current in self.languages else self.languages[0]
        if not text:
            return LanguageGuess(fallback, known=True, confidence=0.0)
        letters = sum(map(len, _WORD.findall(text)))
        scores = self._rank(text) + _WORD_EVIDENCE * self._judge_words(text)
        scores -= _logsumexp(scores)
        scores -= _OTHER_SCRIPT * self._judge_scripts(text)
        likeliest = self.languages[int(np.argmax(scores))]
        if self._is_foreign(text, likeliest, sure=float(scores.max()) > _SURE):
            return LanguageGuess(fallback, known=False, confidence=1.0)
        if current in self.languages and letters < _SHORT_LETTERS and self._speaks(current, text):
            return LanguageGuess(current, known=True, confidence=1.0)
        if current in self.languages:
            keep = next(keep for most, keep in _KEEP if letters < most)
            if frozenset({current, likeliest}) in _ALIKE:
                keep = max(keep, _KEEP_ALIKE)
            scores[self.languages.index(current)] += keep * (_KEEP_ASKED if asked else 1)
        else:
            scores[0] += _FIRST_LANGUAGE_ODDS if letters < _SHORT_LETTERS else 0.0
        best = int(np.argmax(scores))
        confidence = math.exp(float(scores[best]) - _logsumexp(scores))
        return LanguageGuess(self.languages[best], known=True, confidence=confidence)

    def _rank(self, text: str) -> Floats:
        """The logarithm of every language's probability."""
        if self._model is None:
            return np.zeros(len(self.languages), dtype=np.float32)
        chances = dict(self._model.rank(_features([text])))
        scores: Floats = np.log(np.array([chances[code] for code in self.languages], dtype=np.float32) + _TINY)
        return scores

    def _speaks(self, language: str, text: str) -> bool:
        """Whether every word of a text is one that this language's buyers use, as "ok"."""
        return all(word in self._vocabularies[language] for word in _WORD.findall(text))

    def _judge_scripts(self, text: str) -> Floats:
        """For every language 1 where much of a text is in a script that only others of these languages write, else 0."""
        shares = _script_shares(text)
        written = frozenset().union(*self._scripts.values())
        return np.array(
            [
                sum(share for script, share in shares.items() if script in written - self._scripts[code]) >= _MUCH
                for code in self.languages
            ],
            dtype=np.float32,
        )

    def _judge_words(self, text: str) -> Floats:
        """For every language the logarithm of how likely its messages have the text's words (naive Bayes)."""
        words = set(_WORD.findall(text))
        return np.array(
            [
                sum(math.log((known.get(word, 0) + _UNSEEN) / (self._sizes[code] + _UNSEEN)) for word in words)
                for code, known in self._vocabularies.items()
            ],
            dtype=np.float32,
        )

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
        near = _NEAR | {_SAME.get(code, code) for code in self.languages}
        own = sum(certainty for language, certainty in _world().rank(text) if language in near)
        return bool(own <= _OWN_POSSIBLE)

    def save(self, folder: Path) -> None:
        """Write everything into a folder."""
        words = {
            "languages": self.languages,
            "scripts": {code: sorted(self._scripts[code]) for code in self.languages},
            "vocabularies": self._vocabularies,
            "sizes": self._sizes,
        }
        (folder / _WORDS_FILE).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        if self._model:
            self._model.save(folder / _MODEL_FILE)

    @classmethod
    def load(cls, folder: Path) -> LanguageIdentifier:
        """Read what :meth:`save` wrote."""
        words = json.loads((folder / _WORDS_FILE).read_text(encoding="utf-8"))
        model = LinearClassifier.load(folder / _MODEL_FILE) if (folder / _MODEL_FILE).exists() else None
        scripts = {code: frozenset(own) for code, own in words["scripts"].items()}
        return cls(words["languages"], model, scripts, words["vocabularies"], words["sizes"])


@functools.lru_cache(maxsize=1)
def _world() -> WorldIdentifier:
    """An identifier of 97 languages, for texts in none of the shop's."""
    return WorldIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)


def _features(texts: Sequence[str]) -> Ngrams:
    """Characters, and whole words: a loanword has many letters, the words around it tell the language."""
    words = hash_words([_WORD.findall(text) for text in texts], paired=0)
    return Ngrams.join([hash_characters(texts, _SHORTEST, _LONGEST), words, words, words])


def _spread(texts: Sequence[str]) -> Sequence[str]:
    """At most ``_MOST_TEXTS`` of a language's texts, evenly over all."""
    places = np.linspace(0, len(texts) - 1, min(len(texts), _MOST_TEXTS)).astype(int)
    return [texts[place] for place in places]


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
    shares = _script_shares("".join(texts))
    return frozenset(script for script, share in shares.items() if share >= _RARE_SCRIPT)


def _vocabulary(texts: Sequence[str]) -> dict[str, int]:
    """How many texts have a word, of those that more than one has."""
    counts = collections.Counter(word for text in texts for word in set(_WORD.findall(text)))
    return {word: count for word, count in sorted(counts.items()) if count >= 2}


def _logsumexp(scores: Floats) -> float:
    top = float(np.max(scores))
    return top + math.log(float(np.exp(scores - top).sum()))
