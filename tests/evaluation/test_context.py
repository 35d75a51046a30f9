"""What a message's place is worth."""

from __future__ import annotations

import pytest

from evaluation.context import measure

SURE = [("order_status", 0.95), ("price_inquiry", 0.05)]
HALF = [("order_status", 0.55), ("price_inquiry", 0.45)]


def test_measure_counts_what_becomes_right_and_what_becomes_wrong() -> None:
    """On a product page half a reading turns to the price: of two such questions one is helped, of four others one spoilt."""
    judged = [("price_inquiry", HALF), ("price_inquiry", SURE)]
    judged += [("order_status", HALF), ("order_status", SURE), ("greet", HALF), ("greet", SURE)]
    worth = measure(judged, "product_page")
    assert (0.5, 0.25) == (worth.helped, worth.spoilt)
    assert 1 / 3 == pytest.approx(worth.pays_from)


def test_measure_of_nothing_is_nothing() -> None:
    assert (0.0, 0.0, 0.0) == ((worth := measure([], "asked")).helped, worth.spoilt, worth.pays_from)
