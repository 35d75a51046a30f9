"""What a message names, told by the words around it."""

from __future__ import annotations

import pytest

from pasar.languages.entities import Entity
from pasar.languages.tagger import EntityTagger, Marked, Span
from pasar.languages.words import WordCutter

CUTTER = WordCutter("en", "spaced", {})


def marked(*parts: str | tuple[str, str], found: tuple[Entity, ...] = ()) -> Marked:
    """An example from plain parts and (text, kind) parts."""
    source, spans = "", []
    for part in parts:
        text, kind = (part, None) if isinstance(part, str) else part
        if kind:
            spans.append(Span(kind, len(source), len(source) + len(text)))
        source += text
    return Marked(source, CUTTER.cut(source), found, spans)


EXAMPLES = [
    marked("deliver to ", ("Bandung", "city"), " please"),
    marked("shipping to ", ("Makassar", "city"), " how much"),
    marked("how much to ", ("Chiang Mai", "city")),
    marked("send it to ", ("Da Nang", "city"), " today"),
    marked("is the ", ("denim jacket", "product_name"), " in stock"),
    marked("is the ", ("rice cooker", "product_name"), " in stock"),
    marked("do you have the ", ("hair dryer", "product_name"), " in stock"),
    marked("price of the ", ("phone case", "product_name")),
] * 3


@pytest.fixture(scope="module")
def tagger() -> EntityTagger:
    return EntityTagger.fit(EXAMPLES)


def tags(tagger: EntityTagger, source: str) -> list[tuple[str, str]]:
    return [(span.kind, source[span.start : span.end]) for span in tagger.tag(source, CUTTER.cut(source), ())]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("shipping to Surabaya how much", [("city", "Surabaya")]),
        ("is the wool scarf in stock", [("product_name", "wool scarf")]),
        ("in stock", []),
    ],
)
def test_words_never_seen_are_told_by_those_around_them(
    tagger: EntityTagger, source: str, expected: list[tuple[str, str]]
) -> None:
    """Whole spans come out, in order, as they stand in the source."""
    assert expected == tags(tagger, source)


def test_a_saved_tagger_marks_the_same(tagger: EntityTagger) -> None:
    """The bytes are all there is to keep."""
    source = "shipping to Surabaya, is the wool scarf in stock"
    assert tags(EntityTagger(tagger.model), source) == tags(tagger, source) != []


def test_fit_learns_the_same_twice() -> None:
    """Training has no chance in it."""
    assert EntityTagger.fit(EXAMPLES).model == EntityTagger.fit(EXAMPLES).model


@pytest.mark.parametrize("examples", [[], [Marked("", [], (), ())]])
def test_a_tagger_of_no_examples_marks_nothing(examples: list[Marked]) -> None:
    """A language without annotations is no error."""
    empty = EntityTagger.fit(examples)
    assert [] == empty.tag("deliver to Bandung", CUTTER.cut("deliver to Bandung"), ())
    assert [] == EntityTagger(empty.model).tag("hello", CUTTER.cut("hello"), ())


def test_nothing_is_marked_where_there_are_no_words(tagger: EntityTagger) -> None:
    assert [] == tagger.tag("", [], ())


def test_two_things_of_a_kind_beside_each_other_stay_two() -> None:
    """A word that begins a thing does not belong to the one before it."""
    both = marked(("red", "color"), " ", ("blue", "color"), " or ", ("green", "color"))
    learnt = EntityTagger.fit([both] * 5)
    assert [("color", "red"), ("color", "blue"), ("color", "green")] == tags(learnt, both.source)
