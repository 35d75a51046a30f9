"""Invoices: the number and where to get it, and never the whole e-mail address."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from actions.invoices import ActionTellInvoice, ValidateGetInvoiceForm
from pasar.commerce.changes import Ability, Invoice
from tests.actions.conftest import AlteredShop, BrokenShop, Buyer, next_slot

FORM = "get_invoice_form"


def ready(number: str, contact: str) -> Buyer:
    """A buyer whose order is checked."""
    return Buyer(checked=number, contact=contact)


async def test_invoice_goes_to_the_orders_masked_address() -> None:
    """She knows it again; who looks over her shoulder does not learn it."""
    outcome = await ready("SH1003", "nok@example.com").run(ActionTellInvoice())
    assert (["utter_invoice_by_email"], []) == (outcome.said, outcome.unsourced)
    assert ("INV-SH1003", "n•••@example.com") == (outcome.fact("invoice"), outcome.fact("email"))
    assert {"order SH1003", "invoice INV-SH1003"} <= outcome.sources
    assert "nok@example.com" not in str(outcome.messages)


async def test_invoice_with_a_link_is_told_with_it(alter_shop: Callable[..., AlteredShop]) -> None:
    """Then nothing needs to be sent."""

    async def get_invoice(_shop: Any, order_id: str) -> Invoice:
        return Invoice(f"R-{order_id}", "https://shop.example/r.pdf")

    alter_shop(get_invoice=get_invoice)
    outcome = await ready("SH1003", "nok@example.com").run(ActionTellInvoice())
    assert (["utter_invoice_link"], "https://shop.example/r.pdf") == (outcome.said, outcome.fact("url"))


async def test_unpaid_order_has_no_invoice_yet(alter_shop: Callable[..., AlteredShop]) -> None:
    """She is told why; nothing is asked of a person."""
    outcome = await ready("SH1002", "siti@example.com").run(ActionTellInvoice())
    assert (["utter_invoice_unpaid"], None) == (outcome.said, outcome.slots.get("offer"))


async def test_where_the_shop_makes_invoices_out_by_hand_a_person_is_offered() -> None:
    """In the United States, by its rules; in Thailand everybody gets one."""
    outcome = await ready("SH1007", "anna@example.com").run(ActionTellInvoice())
    assert (["utter_invoice_by_person"], "person") == (outcome.said, outcome.slots["offer"])


async def test_missing_invoice_is_offered_to_a_person(alter_shop: Callable[..., AlteredShop]) -> None:
    """The shop's system has none yet."""

    async def get_invoice(_shop: Any, _order_id: str) -> None:
        return None

    alter_shop(get_invoice=get_invoice)
    outcome = await ready("SH1003", "nok@example.com").run(ActionTellInvoice())
    assert (["utter_invoice_none_yet"], "person") == (outcome.said, outcome.slots["offer"])


@pytest.mark.parametrize("email", ["", "hidden-by-the-platform"])
async def test_invoice_that_can_be_sent_nowhere_is_a_persons(
    email: str, alter_shop: Callable[..., AlteredShop]
) -> None:
    """Platforms keep the buyer's address to themselves."""

    async def get_order(shop: Any, number: str) -> Any:
        order = await shop.get_order(number)
        return order and dataclasses.replace(order, email=email)

    alter_shop(get_order=get_order)
    outcome = await ready("SH1003", "+66810001003").run(ActionTellInvoice())
    assert (["utter_invoice_none_yet"], "person") == (outcome.said, outcome.slots["offer"])


async def test_shop_without_invoices_asks_nothing_and_offers_a_person(alter_shop: Callable[..., AlteredShop]) -> None:
    """Not even which order."""
    alter_shop(abilities=frozenset(Ability) - {Ability.INVOICE})
    buyer = Buyer().inside(FORM)
    outcome = await buyer.run(ValidateGetInvoiceForm(), intent="invoice_request")
    assert outcome.slots["requested_slot"] is None
    ended = await buyer.run(ActionTellInvoice())
    assert (["utter_invoice_by_person"], "person") == (ended.said, ended.slots["offer"])


async def test_form_asks_for_order_and_proof() -> None:
    """As every form about an order."""
    buyer = Buyer().inside(FORM)
    outcome = await buyer.run(ValidateGetInvoiceForm(), intent="invoice_request")
    assert "order_id" == next_slot(FORM, buyer, outcome)
    outcome = await buyer.run(ValidateGetInvoiceForm(), fills={"order_id": "SH1003"})
    assert "contact" == next_slot(FORM, buyer, outcome)


async def test_somebody_elses_invoice_is_not_told() -> None:
    """The slot alone is no proof."""
    outcome = await ready("SH1003", "tom@example.com").run(ActionTellInvoice())
    assert ["utter_form_gave_up"] == outcome.said


async def test_with_the_shop_down_it_says_so_only(broken_shop: BrokenShop) -> None:
    """Trouble is no missing invoice."""
    outcome = await ready("SH1003", "nok@example.com").run(ActionTellInvoice())
    assert ["utter_service_problem"] == outcome.said
