"""A witness notes what was read, and reads it once."""

from __future__ import annotations

import pytest

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import Change, Invoice, Outcome
from pasar.commerce.model import ReturnTicket
from pasar.commerce.witness import Witness
from tests.commerce.samples import make_order, make_product


class Shop:
    """Counts what it is asked."""

    abilities = frozenset()

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get_order(self, order_id):
        self.asked.append("get_order")
        return make_order() if order_id == "SH2001" else None

    async def search_products(self, query, limit=5, language=""):
        self.asked.append("search_products")
        return [make_product()] * limit

    async def cancel_order(self, order_id, reason):
        self.asked.append("cancel_order")
        return Change(Outcome.DONE, reference="CAN-SH2001")

    async def change_address(self, change):
        self.asked.append("change_address")
        raise ShopUnavailableError("stylehub", "change_address", "no answer")

    async def open_return(self, request):
        return ReturnTicket("RET-1", "approved")

    async def get_invoice(self, order_id):
        return Invoice("INV-1")


async def test_what_was_read_is_read_once() -> None:
    """Also that there is none; another order is another question."""
    shop = Shop()
    witness = Witness(shop)
    for _ in range(3):
        await witness.get_order("SH2001")
        assert await witness.get_order("SH9999") is None
    assert ["get_order"] * 2 == shop.asked


async def test_after_a_change_it_is_read_again() -> None:
    """Whether the change came to an answer or not."""
    shop = Shop()
    witness = Witness(shop)
    await witness.get_order("SH2001")
    await witness.cancel_order("SH2001", "changed_mind")
    await witness.get_order("SH2001")
    with pytest.raises(ShopUnavailableError):
        await witness.change_address(None)
    await witness.get_order("SH2001")
    assert 3 == shop.asked.count("get_order")


async def test_a_change_is_never_taken_for_one_that_was_made() -> None:
    shop = Shop()
    witness = Witness(shop)
    for _ in range(2):
        await witness.cancel_order("SH2001", "changed_mind")
    assert 2 == shop.asked.count("cancel_order")


async def test_what_came_back_is_noted_with_its_time_once() -> None:
    witness = Witness(Shop())
    await witness.get_order("SH2001")
    await witness.search_products("thing", 2)
    await witness.search_products("thing", 3)
    await witness.cancel_order("SH2001", "changed_mind")
    await witness.open_return(None)
    await witness.get_invoice("SH2001")
    noted = [source.record for source in witness.sources]
    assert ["order SH2001", "product THING-01", "change CAN-SH2001", "return RET-1", "invoice INV-1"] == noted
    assert all(source.at.endswith("+00:00") for source in witness.sources)


def test_what_a_shop_can_do_is_no_call() -> None:
    assert frozenset() == Witness(Shop()).abilities
