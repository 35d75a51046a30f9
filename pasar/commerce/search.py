"""Which products a buyer's message names."""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from pasar.commerce.model import Product

#: Scripts written without spaces between words: Thai, Lao, Khmer, Burmese, kana, Chinese.
UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
#: Vowels written before their consonant, and signs and vowels that never begin a syllable.
LEADING_VOWELS = "เแโใไ"
TRAILING_SIGNS = "ะาำๅ"

LONGEST_MESSAGE = 1000
#: A misspelt phrase counts from this likeness (0 to 100), and only when it is long enough to be told from other words.
LIKENESS = 86
SHORTEST_MISSPELT = 5
#: A word of another language counts only from this length: "son" is a lipstick in Vietnam and a verb in Spain.
SHORTEST_FOREIGN = 5
#: Names in such a script are also known by their own words alone ("屏障霜" of "Calm 屏障霜 50 ml"), from this many Chinese
#: characters, or twice as many letters: shorter ones may be a measure ("นิ้ว").
SHORTEST_UNSPACED = 3
_LENT = "en"
_LANGUAGES_OF_A_PROPER_NAME = 3
#: What a phrase at the message's very beginning counts more than one at its end, in letters: in "is the gown
#: fine with a hijab" the gown is asked about.
FIRST_NAMED = 3.0


@dataclasses.dataclass(frozen=True)
class Phrase:
    """A name or alias, prepared."""

    text: str
    place: int  #: of its product among all
    exact: bool = False  #: counts before all names: an SKU
    languages: frozenset[str] = frozenset()  #: those that call it so; empty for SKUs and proper names

    @property
    def proper(self) -> bool:
        """Whether it is the product's own name in all languages."""
        return not self.languages and not self.exact

    @functools.cached_property
    def parts(self) -> tuple[str, ...]:
        """Its words."""
        return tuple(self.text.split())

    @functools.cached_property
    def unspaced(self) -> str:
        """It without blanks where its script has none; "" for other scripts."""
        return self.text.replace(" ", "") if UNSPACED.search(self.text) and not self.exact else ""

    def is_known_in(self, language: str) -> bool:
        """Whether buyers of a language say it; "" is no language in particular. English words are said in all."""
        return not (language and self.languages) or not self.languages.isdisjoint((language, _LENT))


class ProductIndex:
    """Finds products by names and aliases in all languages."""

    def __init__(self, products: Iterable[Product]) -> None:
        """Prepare the phrases of ``products``, in the shop's order."""
        self._products = tuple(products)
        phrases = [phrase for place, product in enumerate(self._products) for phrase in _list_phrases(product, place)]
        self._unspaced = [phrase for phrase in phrases if phrase.unspaced]
        self._by_word: dict[str, list[Phrase]] = {}
        self._by_letter: dict[tuple[str, int], list[Phrase]] = {}
        for phrase in phrases:
            if not phrase.unspaced:
                self._by_word.setdefault(phrase.parts[0], []).append(phrase)
                if not phrase.exact and len(phrase.text) >= SHORTEST_MISSPELT:
                    # Another first letter is mostly another word: "boot" and "foot".
                    self._by_letter.setdefault((phrase.text[0], len(phrase.parts)), []).append(phrase)
        self._most_words = max((length for _, length in self._by_letter), default=0)

    def find(self, message: str, limit: int, language: str = "") -> Sequence[Product]:
        """Products that ``message`` names, best first: the longer and the earlier phrase wins, then the shop's order.

        A phrase also counts with its words in another order, in the plural or slightly misspelt, but for less; a proper
        name ("Hush") counts beside it. Where the message's ``language`` is known, short or misspelt words of other
        languages do not count.
        """
        text = normalise(message[:LONGEST_MESSAGE])
        words = [_cut_plural(word) for word in text.split()]
        best: dict[tuple[int, bool], float] = {}  # by product, and whether its proper name
        named = (
            (phrase, score)
            for phrase, score in self._score_named(text, words)
            if phrase.unspaced or len(phrase.text) >= SHORTEST_FOREIGN or phrase.is_known_in(language)
        )
        misspelt = (found for found in self._score_misspelt(words) if found[0].is_known_in(language))
        for phrase, score in (*named, *misspelt):
            if score > best.get((phrase.place, phrase.proper), 0):
                best[phrase.place, phrase.proper] = score
        scores: dict[int, float] = {}
        for (place, _), score in best.items():
            scores[place] = scores.get(place, 0) + score
        ranked = sorted(scores, key=lambda place: (-scores[place], place))
        return [self._products[place] for place in ranked[:limit]]

    def _score_named(self, text: str, words: list[str]) -> Iterable[tuple[Phrase, float]]:
        """Phrases whose words all stand in the message."""
        present = {*words, *text.split()}
        joined = f" {' '.join(words)} "
        for word in present:
            for phrase in self._by_word.get(word, ()):
                if present.issuperset(phrase.parts):
                    yield phrase, _score_phrase(phrase, f" {text} ", joined)
        squeezed = text.replace(" ", "")
        for phrase in self._unspaced:
            start = _find_unspaced(squeezed, phrase.unspaced)
            # A Thai letter says about as much as one and a half of the Latin alphabet.
            yield phrase, _score_found(len(phrase.text) * 1.5, start, len(text))

    def _score_misspelt(self, words: list[str]) -> Iterable[tuple[Phrase, float]]:
        """Phrases that runs of the message's words are nearly."""
        for length in range(1, min(self._most_words, len(words)) + 1):
            for run in {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}:
                near = self._by_letter.get((run[0], length), ())
                choices = [phrase.text for phrase in near]
                for _, likeness, place in process.extract(
                    run, choices, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=None
                ):
                    yield near[place], len(near[place].text) * 0.7 * likeness / 100


def normalise(text: str) -> str:
    """Lower case; everything but letters, their signs and digits is one space."""
    folded = unicodedata.normalize("NFKC", text).lower()
    # Not \w: it leaves out Thai vowel and tone signs.
    kept = "".join(character if unicodedata.category(character)[0] in "LMN" else " " for character in folded)
    return " ".join(kept.split())


def find_phrase(product: Product, message: str) -> str:
    """The longest of a product's names and aliases that stands in a message, as phrases are prepared; "" for none."""
    text = normalise(message[:LONGEST_MESSAGE])
    joined, squeezed = f" {' '.join(_cut_plural(word) for word in text.split())} ", text.replace(" ", "")
    named = (
        phrase.text
        for phrase in _list_phrases(product, 0)
        if (phrase.unspaced and _find_unspaced(squeezed, phrase.unspaced) >= 0) or f" {phrase.text} " in joined
    )
    return max(named, key=len, default="")


def _list_phrases(product: Product, place: int) -> Iterable[Phrase]:
    languages: dict[str, set[str]] = {}
    for language, name in product.name.items():
        for phrase in (name, *_own_words(name)):
            languages.setdefault(_prepare(phrase), set()).add(language)
    for language, aliases in product.aliases.items():
        for alias in aliases.split(","):
            languages.setdefault(_prepare(alias), set()).add(language)
    for text, known in languages.items():
        if text:
            yield Phrase(text, place, languages=frozenset(known))
    for word in _proper_words(product):
        yield Phrase(word, place)
    for sku in (product.sku, *(variant.sku for variant in product.variants)):
        yield Phrase(normalise(sku), place, exact=True)


def _prepare(phrase: str) -> str:
    text = normalise(phrase)
    return text if UNSPACED.search(text) else " ".join(_cut_plural(word) for word in text.split())


def _own_words(name: str) -> Iterable[str]:
    """The parts of a name that are written without blanks between words, without the Latin around them."""
    parts = [part for part in normalise(name).split() if UNSPACED.search(part)]
    return (part for part in parts if _count_syllables(part) >= SHORTEST_UNSPACED)


def _count_syllables(text: str) -> float:
    letters = [character for character in text if unicodedata.category(character) == "Lo"]
    return sum(1.0 if character >= "\u3040" else 0.5 for character in letters)


def _proper_words(product: Product) -> Iterable[str]:
    """What a product is called in every language is its own name: "Hush" of "Tai Nghe Không Dây Hush"."""
    names = [set(_prepare(name).split()) for name in product.name.values()]
    if len(names) < _LANGUAGES_OF_A_PROPER_NAME:
        return ()
    return sorted(word for word in set.intersection(*names) if len(word) >= SHORTEST_UNSPACED and word.isalpha())


def _cut_plural(word: str) -> str:
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _score_phrase(phrase: Phrase, text: str, joined: str) -> float:
    """What a phrase counts of which all words stand in the message; ``joined`` has them in the singular."""
    if phrase.exact:
        return 1000 + len(phrase.text) if f" {phrase.text} " in text else 0
    start = joined.find(f" {phrase.text} ")
    if start >= 0:
        return _score_found(len(phrase.text), start, len(joined))
    return len(phrase.text) * 0.8 if len(phrase.parts) > 1 else 0


def _score_found(length: float, start: int, whole: int) -> float:
    return length + FIRST_NAMED * (1 - start / whole) if start >= 0 else 0


def _find_unspaced(text: str, phrase: str) -> int:
    """Where ``phrase`` begins in ``text`` without cutting a Thai syllable in two; else -1. Neither has blanks."""
    start = text.find(phrase)
    while start >= 0:
        before, after = text[:start][-1:], text[start + len(phrase) :][:1]
        cut = (after and (after in TRAILING_SIGNS or unicodedata.category(after) == "Mn")) or (
            before and before in LEADING_VOWELS
        )
        if not cut:
            return start
        start = text.find(phrase, start + 1)
    return -1
