"""Another one for what is sent back: which, whether it is there, and what is sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from actions.returns import WAITS, ActionTakeReturn, ValidateReturnOrderForm
from actions.tickets import ActionAskReturnOrderFormReturnConfirmed, ActionOpenReturn
from pasar.commerce.model import ReturnRequest, ReturnTicket
from tests.actions.conftest import AlteredShop, Buyer, next_slot
from tests.actions.entities import named
from tests.actions.returns import FORM, exchanging, ready, summarise


@pytest.mark.parametrize(
    ("entities", "variant", "said"),
    [
        (named(size="38"), "SNEAK-02-WHT-38", []),
        (named(color="black"), "SNEAK-02-BLK-37", []),
        (named(size="50"), None, ["utter_exchange_no_stock"]),
        ([], None, []),
    ],
)
async def test_exchange_finds_what_she_wants_for_it(entities: list, variant: str | None, said: list[str]) -> None:
    """By colour and size, of what she ordered."""
    buyer = exchanging("SH1003", "nok@example.com")
    outcome = await buyer.run(ValidateReturnOrderForm(), entities=entities)
    assert (variant, said) == (buyer.slots["new_variant"], outcome.said)


async def test_exchange_of_what_is_sold_out_tells_when_it_comes() -> None:
    """And until when she can decide; both other ways are offered as buttons of the text."""
    buyer = exchanging("SH1022", "grace@example.com")
    outcome = await buyer.run(ValidateReturnOrderForm(), entities=named(size="M"))
    assert (["utter_exchange_no_stock_until"], "black M", []) == (
        outcome.said,
        outcome.fact("variant"),
        outcome.unsourced,
    )
    assert outcome.fact("date")
    assert outcome.fact("deadline")
    texts = load_responses("en")
    for key in ("utter_exchange_no_stock", "utter_exchange_no_stock_until"):
        assert ["/refund_request", "/deny"] == [button["payload"] for button in texts[key][0]["buttons"]]


def load_responses(code: str) -> dict[str, Any]:
    """A pack's texts."""
    from tests.languages.samples import DATA, load

    return load(DATA / code / "responses.yml")["responses"]


async def test_who_rather_waits_is_asked_no_more() -> None:
    """Nothing is sent."""
    buyer = exchanging("SH1022", "grace@example.com", wish={"size": "M", "gone": True})
    outcome = await buyer.run(ValidateReturnOrderForm(), intent="affirm", text="ok i'll wait")
    assert (WAITS, None) == (buyer.slots["new_variant"], next_slot(FORM, buyer, outcome))
    ended = await buyer.run(ActionOpenReturn())
    assert ["utter_return_not_sent"] == ended.said


@pytest.mark.parametrize("reason", ["damaged", "wrong"])
async def test_what_the_shop_got_wrong_is_exchanged_for_the_same(reason: str) -> None:
    """She is not asked which, where she names none."""
    buyer = exchanging("SH1003", "nok@example.com", "return_reason", return_reason=reason)
    await buyer.run(ValidateReturnOrderForm())
    assert "SNEAK-02-WHT-37" == buyer.slots["new_variant"]


async def test_exchange_is_summed_up_and_sent_with_the_variant_in_its_note(
    alter_shop: Callable[..., AlteredShop],
) -> None:
    """The ticket says what she wants for it."""
    requests: list[ReturnRequest] = []

    async def open_return(shop: Any, request: ReturnRequest) -> ReturnTicket:
        requests.append(request)
        return await shop.open_return(request)

    alter_shop(open_return=open_return)
    slots = {"return_wants": "exchange", "new_variant": "SNEAK-02-WHT-38"}
    summary = await summarise(**slots)
    assert (["utter_ask_exchange_confirmed"], "white 38", []) == (summary.said, summary.fact("new"), summary.unsourced)
    outcome = await ready("SH1003", "nok@example.com", **slots).run(ActionOpenReturn(), message_id="m-1")
    assert (["utter_exchange_opened"], "white 38") == (outcome.said, outcome.fact("new"))
    assert [("exchange", "SNEAK-02-WHT-38")] == [(request.wants, request.note) for request in requests]


async def test_exchange_sold_since_she_was_asked_is_not_sent(alter_shop: Callable[..., AlteredShop]) -> None:
    """What is there is told instead."""

    async def get_product(shop: Any, sku: str) -> Any:
        product = await shop.get_product(sku)
        return product and dataclasses.replace(
            product, variants=tuple(dataclasses.replace(item, stock=0) for item in product.variants)
        )

    shop = alter_shop(get_product=get_product)
    buyer = ready("SH1003", "nok@example.com", return_wants="exchange", new_variant="SNEAK-02-WHT-38")
    outcome = await buyer.run(ActionOpenReturn(), message_id="m-1")
    assert (["utter_exchange_no_stock", "utter_return_not_sent"], []) == (outcome.said, shop.asked)


async def test_exchange_of_what_has_not_left_becomes_an_edit_with_the_same_wish() -> None:
    """Before it is sent another one is put into the order; she repeats nothing."""
    wish = {"size": "39"}
    buyer = exchanging("SH1005", "anna@example.com", "contact", wish=wish)
    outcome = await buyer.run(ValidateReturnOrderForm())
    assert ([], None) == (outcome.said, next_slot(FORM, buyer, outcome))
    ended = await buyer.run(ActionOpenReturn())
    assert ([], "edit", wish) == (ended.said, buyer.slots["change"], buyer.slots["wish"])
    assert ["change_order_form"] == [event["name"] for event in ended.events if event["event"] == "followup"]


async def test_take_return_infers_the_reason_of_another_size_only() -> None:
    """Another colour may have any reason."""
    for entities, reason in ((named(size="38"), "size"), (named(color="black"), None), ([], None)):
        outcome = await Buyer().run(ActionTakeReturn(), intent="exchange_item", entities=entities)
        assert ("exchange", reason) == (outcome.slots["return_wants"], outcome.slots["return_reason"])


async def test_take_return_within_the_form_keeps_what_she_has_answered() -> None:
    """Money back after all: reason and photo are not asked again, the variant is forgotten."""
    known = {"return_reason": "damaged", "photo": "https://a.example/p.jpg", "new_variant": "SNEAK-02-WHT-38"}
    buyer = exchanging("SH1003", "nok@example.com", **known)
    outcome = await buyer.run(ActionTakeReturn(), intent="refund_request")
    assert ("refund", "damaged", "https://a.example/p.jpg", None) == tuple(
        outcome.slots[name] for name in ("return_wants", "return_reason", "photo", "new_variant")
    )


async def test_a_yes_with_another_size_is_no_yes_to_the_old() -> None:
    """It is summed up anew."""
    buyer = exchanging(
        "SH1003", "nok@example.com", "return_confirmed", new_variant="SNEAK-02-WHT-38", wish={"size": "38"}
    )
    await buyer.run(ActionAskReturnOrderFormReturnConfirmed())
    await buyer.run(
        ValidateReturnOrderForm(), intent="affirm", fills={"return_confirmed": True}, entities=named(size="39")
    )
    assert ("SNEAK-02-WHT-39", None) == (buyer.slots["new_variant"], buyer.slots["return_confirmed"])
