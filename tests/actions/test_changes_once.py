"""Changes to an order are made once, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import actions.turn
from actions.changes import ActionChangeOrder
from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Change
from pasar.commerce.ledger import open_ledger
from pasar.commerce.model import OrderState
from pasar.commerce.registry import open_shop
from tests.actions.changes import ADDRESS, ready
from tests.actions.conftest import AlteredShop


async def test_a_confirmation_delivered_twice_changes_nothing_twice(alter_shop: Callable[..., AlteredShop]) -> None:
    """The same message again, with the slots as they were: told again, not made again."""
    shop = alter_shop()
    for _ in range(2):
        buyer = ready("SH1005", "address", new_address=ADDRESS)
        outcome = await buyer.run(ActionChangeOrder(), message_id="m-1")
        assert ["utter_address_changed"] == outcome.said
    assert ["change_address"] == shop.asked
    assert 1 == len(open_ledger().list_of_order("stylehub", "SH1005"))


async def test_a_cancellation_delivered_twice_is_told_as_done_before(alter_shop: Callable[..., AlteredShop]) -> None:
    """The order itself says so."""
    shop = alter_shop()
    said = [(await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")).said for _ in range(2)]
    assert ["utter_change_cancelled_before"] == said[1]
    assert ["cancel_order"] == shop.asked


async def lose(_shop: Any, *_arguments: Any) -> Change:
    """A change whose answer never comes."""
    raise ShopUnavailableError("stylehub", "change", "no answer")


@pytest.mark.parametrize(
    ("change", "call", "slots"),
    [
        ("cancel", "cancel_order", {}),
        ("address", "change_address", {"new_address": ADDRESS}),
        ("edit", "edit_order", {"new_variant": "BOOT-07-BRN-39"}),
    ],
)
async def test_a_lost_answer_is_told_as_unclear_and_never_asked_again(
    change: str, call: str, slots: dict[str, Any], alter_shop: Callable[..., AlteredShop]
) -> None:
    """Not by the same message, and not by another with the same wish: a person looks."""
    shop = alter_shop(**{call: lose})
    for message in ("m-1", "m-1", "m-2"):
        outcome = await ready("SH1005", change, **slots).run(ActionChangeOrder(), message_id=message)
        assert (["utter_change_unclear"], "person") == (outcome.said, outcome.slots["offer"])
        assert [] == outcome.unsourced
    assert [call] == shop.asked


async def test_a_lost_answer_of_a_change_that_was_made_is_seen_in_the_order(
    alter_shop: Callable[..., AlteredShop],
) -> None:
    """The order has the new address: done, and the ledger knows."""

    async def change(shop: Any, wanted: Any) -> Change:
        await shop.change_address(wanted)
        return await lose(shop)

    shop = alter_shop(change_address=change)
    for message in ("m-1", "m-2"):
        outcome = await ready("SH1005", "address", new_address=ADDRESS).run(ActionChangeOrder(), message_id=message)
        assert ["utter_address_changed"] == outcome.said
    assert ["change_address"] == shop.asked
    assert ["done"] == [row["outcome"] for row in open_ledger().list_of_order("stylehub", "SH1005")]


async def test_a_slow_change_goes_on_while_she_is_told_that_it_is_unclear(
    alter_shop: Callable[..., AlteredShop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """She does not wait, nothing is broken off, and the ledger learns how it ends."""
    may_end = asyncio.Event()

    async def cancel(shop: Any, order_id: str, reason: str) -> Change:
        await may_end.wait()
        return await shop.cancel_order(order_id, reason)

    alter_shop(cancel_order=cancel)
    monkeypatch.setattr("actions.execution._SHARE", 0.3 / actions.turn.SHOP_SECONDS)
    open_ledger()  # made once, at the start
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_change_unclear"] == outcome.said
    may_end.set()
    for _ in range(200):
        if [row["outcome"] for row in open_ledger().list_of_order("stylehub", "SH1005")] == ["done"]:
            break
        await asyncio.sleep(0.05)
    order = await open_shop("stylehub").get_order("SH1005")
    assert order is not None
    assert OrderState.CANCELLED is order.state


async def test_trouble_that_changed_nothing_may_be_tried_again(alter_shop: Callable[..., AlteredShop]) -> None:
    """The shop's system says that it did nothing: she is told of the trouble, and the next try is made."""

    async def fail(_shop: Any, *_arguments: Any) -> Change:
        raise ShopError("stylehub", "cancel_order", "a field is missing")

    alter_shop(cancel_order=fail)
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_service_problem"] == outcome.said
    shop = alter_shop()
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-2")
    assert ("utter_order_cancelled_now", ["cancel_order"]) == (outcome.said[0], shop.asked)
