"""The matrix of scenarios and languages."""

from __future__ import annotations

from tests.conversations.matrix import read_results


def test_languages_that_are_alike_have_no_fault() -> None:
    """Three points apart is near enough."""
    names = [f"orders/s{number}" for number in range(40)]
    matrix = read_results({"passed": [f"{name}-{code}" for name in names for code in ("th", "zh")]})
    assert [] == matrix.faults()
    matrix.played["orders/s0", "zh"] = False
    assert 97.5 == matrix.share("zh")
    assert [] == matrix.faults()


def test_language_that_is_behind_is_named() -> None:
    """More than three points below the best, and what is not written."""
    matrix = read_results({"passed": ["a/one-th", "a/two-id", "a/one-id"], "failed": ["a/two-th", "a/one-zh"]})
    assert [
        "th: 50.0 % went as written, the best language has 100.0 %",
        "zh: 0.0 % went as written, the best language has 100.0 %",
        "zh: not written: a/two",
    ] == matrix.faults()


def test_lines_are_a_table() -> None:
    """A row a scenario, a column a language, the share below."""
    matrix = read_results({"passed": ["a/one-th"], "failed": ["a/two-far-th"]})
    assert [
        "             th",
        "a/one        ok",
        "a/two-far  FAIL",
        "per cent   50.0",
    ] == matrix.lines()
