"""What no record could answer is counted for the shop."""

from __future__ import annotations

import concurrent.futures
import pathlib
from collections.abc import Iterator

import pytest

from pasar.commerce.questions import QuestionBook


@pytest.fixture
def book(tmp_path: pathlib.Path) -> Iterator[QuestionBook]:
    """An empty one."""
    book = QuestionBook(f"sqlite:///{tmp_path}/pasar.db")
    yield book
    book.dispose()


def test_list_counts_the_same_question_once_with_its_times(book: QuestionBook) -> None:
    """Asked three times in one language, once in another: the most asked first, each with its first and last time."""
    for language in ("en", "th", "en", "en"):
        book.note("stylehub", "DRESS-01", "waterproof", language)
    found = book.list("stylehub")
    assert [("DRESS-01", "waterproof", "en", 3), ("DRESS-01", "waterproof", "th", 1)] == [
        (question.sku, question.attribute, question.language, question.times) for question in found
    ]
    assert found[0].first_at < found[0].last_at
    assert found[0].last_at.tzinfo is not None


def test_list_shows_a_shop_its_own_only(book: QuestionBook) -> None:
    """Another shop's questions are not seen."""
    book.note("stylehub", "DRESS-01", "waterproof", "en")
    assert [] == book.list("another")


def test_note_at_once_loses_none(book: QuestionBook) -> None:
    """Eight threads note the same new question: all are counted."""
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: book.note("stylehub", "BAG-11", "lining", "id"), range(24)))
    assert [24] == [question.times for question in book.list("stylehub")]
