"""A shop's own instructions: what to try, step by step, when a product does not do what it should, or how it is used."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence

from pasar.commerce.model import Product, Text

_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")


@dataclasses.dataclass(frozen=True)
class Guide:
    """Instructions for one problem with one or more products."""

    guide_id: str
    skus: tuple[str, ...]
    kinds: tuple[str, ...]  #: all products of these kinds, beside ``skus``
    whole: bool  #: told at once (how something is used); else step by step, until one has helped
    problem: Text  #: in a few words, as a choice
    signs: Text  #: what buyers write who have it, comma separated, by language
    steps: tuple[Text, ...]

    def fits(self, product: Product) -> bool:
        """Whether it is meant for this product."""
        return product.sku in self.skus or product.kind in self.kinds


def list_guides(guides: Sequence[Guide], product: Product) -> list[Guide]:
    """Those for a product, in the shop's order."""
    return [guide for guide in guides if guide.fits(product)]


def match_guide(guides: Sequence[Guide], message: str) -> Guide | None:
    """The guide whose signs, in any language, a buyer's message has; the longest sign wins. None where there is none."""
    plain = _simplify(message)
    found = [(len(sign), guide) for guide in guides for sign in _list_signs(guide) if sign in plain]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _list_signs(guide: Guide) -> list[str]:
    signs = [_simplify(sign) for words in guide.signs.values() for sign in words.split(",")]
    return [sign for sign in signs if sign]


def _simplify(text: str) -> str:
    """Lower case, one blank between words, no apostrophes and no Latin accents: many leave them out."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = re.sub("[\u0300-\u036f]", "", decomposed).translate(_APOSTROPHES)
    return " ".join(unicodedata.normalize("NFC", plain).split())
