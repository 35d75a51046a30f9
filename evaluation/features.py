"""Words and kinds of texts as a language's pipeline makes them, without a model: for what is tried beside the chosen one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import yaml

from pasar.commerce.registry import order_formats
from pasar.languages.entities import EntityFinder
from pasar.languages.formatting import country_names
from pasar.languages.pack import DATA, load_pack
from pasar.languages.text import normalize
from pasar.languages.words import WordCutter

#: Texts → the words of each, and the kinds of things that each names by their form.
Reader = Callable[[Sequence[str]], "tuple[list[list[str]], list[list[str]]]"]


def open_reader(language: str) -> Reader:
    """A reader of a language's texts, by its pack's ``config.yml``."""
    pack = load_pack(language)
    steps = yaml.safe_load((DATA / language / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    cutter = WordCutter(language, next(step["tokenizer"] for step in steps if "tokenizer" in step), pack.slang)
    finder = EntityFinder(pack, cutter.cut, country_names(pack.locale))
    formats, today = order_formats(None), datetime.datetime.now().astimezone().date()

    def read(texts: Sequence[str]) -> tuple[list[list[str]], list[list[str]]]:
        words = [cutter.cut(text) for text in texts]
        found = [
            finder.find(text, normalize(text), own, formats, today) for text, own in zip(texts, words, strict=True)
        ]
        kinds = [[entity.kind for entity in own if entity.pattern] for own in found]
        return [[str(word) for word in own] for own in words], kinds

    return read
