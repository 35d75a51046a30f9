"""What is recommended can be bought and is what the buyer wished; comparisons have only what both records say."""

from __future__ import annotations

import dataclasses

import pytest

from pasar.commerce.model import Attribute, Money, Product, Text, Variant
from pasar.commerce.recommendation import Wish, choose_products, list_common
from tests.commerce.carts import money
from tests.commerce.samples import make_product


def make(sku: str, *variants: tuple[str | None, str | None, int], attributes: tuple[str, ...] = ()) -> Product:
    """A product with variants of colour, size and stock."""
    made = tuple(Variant(f"{sku}-{n}", color, size, stock) for n, (color, size, stock) in enumerate(variants))
    facts = {name: Attribute(name, "yes", Text(en=f"{sku} {name}")) for name in attributes}
    return dataclasses.replace(make_product(), sku=sku, variants=made, attributes=facts)


DRESS = make("DRESS", ("black", "M", 0), ("black", "L", 2), ("red", "M", 1))
BAG = make("BAG", ("black", None, 4))
GONE = make("GONE", ("black", "M", 0))


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), ["DRESS", "BAG"]),
        (Wish(color="black"), ["DRESS", "BAG"]),
        (Wish(color="red"), ["DRESS"]),
        (Wish(color="black", size="m"), []),
        (Wish(color="black", size="l"), ["DRESS"]),
        (Wish(size="M"), ["DRESS"]),
        (Wish(budget=money("100")), ["DRESS", "BAG"]),
        (Wish(budget=money("99.99")), ["BAG"]),
        (Wish(budget=money("49.99")), []),
        (Wish(budget=money("1000000", "IDR")), []),
        (Wish(budget=money("100"), color="red", size="M"), ["DRESS"]),
    ],
)
def test_choose_products_keeps_to_the_wish(wish: Wish, expected: list[str]) -> None:
    """Colour and size are of one variant that is in stock; the budget is the most she pays."""
    candidates = [(DRESS, money("100")), (GONE, money("1")), (BAG, money("50"))]
    assert expected == [product.sku for product in choose_products(candidates, wish)]


def test_choose_products_never_the_same_nor_more_than_three() -> None:
    """What she talks about is left out, a product that is related twice comes once."""
    many = [make(sku, (None, None, 1)) for sku in ("A", "B", "A", "C", "D", "E")]
    chosen = choose_products([(product, None) for product in many], Wish(), without=["B"])
    assert ["A", "C", "D"] == [product.sku for product in chosen]


@pytest.mark.parametrize("price", [None, money("5", "IDR")])
def test_choose_products_without_a_price_is_in_no_budget(price: Money | None) -> None:
    """What it costs in her money is not known, so it is not said to be affordable."""
    assert [] == choose_products([(BAG, price)], Wish(budget=money("100")))


def test_list_common_has_only_what_both_records_say() -> None:
    """Facts in pairs, in the first product's order."""
    first = make("A", attributes=("weight", "material", "origin"))
    second = make("B", attributes=("material", "capacity", "weight"))
    pairs = [(one.text["en"], other.text["en"]) for one, other in list_common(first, second)]
    assert [("A weight", "B weight"), ("A material", "B material")] == pairs
