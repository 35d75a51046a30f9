"""Changes to an order: by the rules, after a yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.changes import ActionChangeOrder
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.model import OrderState
from pasar.commerce.registry import open_shop
from tests.actions.changes import ADDRESS, ready
from tests.actions.conftest import AlteredShop

# ---- making it


async def test_cancel_cancels_and_tells_the_refund() -> None:
    """The order is cancelled in the shop's system, and everything that is told names its record."""
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_order_cancelled_now", "utter_cancel_refund"] == outcome.said
    assert ("$85", 5, 7) == tuple(outcome.fact(name) for name in ("amount", "from_days", "to_days"))
    assert [] == outcome.unsourced
    assert {"order SH1005", "change CAN-SH1005"} <= outcome.sources
    order = await open_shop("stylehub").get_order("SH1005")
    assert order is not None
    assert OrderState.CANCELLED is order.state


async def test_cancel_unpaid_tells_no_refund() -> None:
    """What was not paid does not go back."""
    outcome = await ready("SH1002", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_order_cancelled_now"] == outcome.said


async def test_cancel_tells_no_days_that_nobody_has_recorded(alter_shop: Callable[..., AlteredShop]) -> None:
    """A shop's system that shows the refund later: she is told that, and no date."""

    async def cancel(_shop: Any, order_id: str, _reason: str) -> Change:
        return Change(Outcome.DONE, reference=f"CAN-{order_id}")

    alter_shop(cancel_order=cancel)
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_order_cancelled_now", "utter_cancel_refund_later"] == outcome.said


async def test_address_is_changed_as_she_wrote_it() -> None:
    """Line by line, in the order's country."""
    buyer = ready("SH1005", "address", new_address="Anna Miller\n48 Maple Avenue\nPortland OR 97205")
    outcome = await buyer.run(ActionChangeOrder(), message_id="m-1")
    assert (["utter_address_changed"], []) == (outcome.said, outcome.unsourced)
    order = await open_shop("stylehub").get_order("SH1005")
    assert order is not None
    assert order.address is not None
    assert (("Anna Miller", "48 Maple Avenue", "Portland OR 97205"), "US") == (
        order.address.lines,
        order.address.country,
    )


async def test_edit_puts_the_other_variant_into_the_order() -> None:
    """With the pieces she ordered."""
    outcome = await ready("SH1005", "edit", new_variant="BOOT-07-BRN-39").run(ActionChangeOrder(), message_id="m-1")
    assert (["utter_order_edited"], "brown 39", []) == (outcome.said, outcome.fact("new"), outcome.unsourced)
    order = await open_shop("stylehub").get_order("SH1005")
    assert order is not None
    assert ["BOOT-07-BRN-39"] == [line.variant_sku for line in order.lines]


async def test_what_a_platform_only_takes_as_a_wish_is_told_as_one(alter_shop: Callable[..., AlteredShop]) -> None:
    """Requested is not done."""

    async def cancel(_shop: Any, _order_id: str, _reason: str) -> Change:
        return Change(Outcome.REQUESTED)

    alter_shop(cancel_order=cancel)
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_change_requested"] == outcome.said


@pytest.mark.parametrize(
    ("change", "slots"),
    [("cancel", {}), ("address", {"new_address": ADDRESS}), ("edit", {"new_variant": "BOOT-07-BRN-39"})],
)
async def test_without_her_yes_nothing_is_changed(
    change: str, slots: dict[str, Any], alter_shop: Callable[..., AlteredShop]
) -> None:
    """And she hears that the order stays as it is."""
    shop = alter_shop()
    outcome = await ready("SH1005", change, change_confirmed=False, **slots).run(ActionChangeOrder())
    assert (["utter_change_not_made"], []) == (outcome.said, shop.asked)


async def test_somebody_elses_order_is_not_changed(alter_shop: Callable[..., AlteredShop]) -> None:
    """The slot alone is no proof."""
    shop = alter_shop()
    outcome = await ready("SH1005", "cancel", contact="tom@example.com").run(ActionChangeOrder())
    assert (["utter_form_gave_up"], "person", []) == (outcome.said, outcome.slots["offer"], shop.asked)


# ---- refused


@pytest.mark.parametrize("change", ["cancel", "address", "edit"])
@pytest.mark.parametrize(
    ("number", "expected", "offer"),
    [
        ("SH1001", "utter_change_too_late_shipped", "person"),
        ("SH1003", "utter_change_too_late_delivered", "return"),
        ("SH1004", "utter_order_returned", None),
        ("SH1008", "utter_change_cancelled_before", None),
    ],
)
async def test_what_has_left_is_not_changed(
    change: str, number: str, expected: str, offer: str | None, alter_shop: Callable[..., AlteredShop]
) -> None:
    """Every state has its own reason and its own way on; the shop's system is not even asked."""
    shop = alter_shop()
    outcome = await ready(number, change).run(ActionChangeOrder())
    assert ([expected], offer, []) == (outcome.said, outcome.slots.get("offer"), shop.asked)
    assert [] == outcome.unsourced


@pytest.mark.parametrize(
    ("change", "lacking"),
    [("cancel", Ability.CANCEL), ("address", Ability.CHANGE_ADDRESS), ("edit", Ability.EDIT_ORDER)],
)
async def test_what_the_shops_system_cannot_do_goes_to_a_person(
    change: str, lacking: Ability, alter_shop: Callable[..., AlteredShop]
) -> None:
    """With what she wants kept for the person."""
    shop = alter_shop(abilities=frozenset(Ability) - {lacking})
    buyer = ready("SH1005", change, new_address=ADDRESS)
    outcome = await buyer.run(ActionChangeOrder())
    assert (["utter_order_change_by_person"], "person", []) == (outcome.said, outcome.slots["offer"], shop.asked)
    assert ADDRESS == buyer.slots["new_address"]


async def test_above_the_shops_limit_a_person_cancels(alter_shop: Callable[..., AlteredShop]) -> None:
    """VND 7,341,000 is more than a buyer cancels herself."""
    shop = alter_shop()
    outcome = await ready("SH1021", "cancel").run(ActionChangeOrder())
    assert (["utter_order_change_by_person"], "person", []) == (outcome.said, outcome.slots["offer"], shop.asked)


async def test_another_country_is_a_persons_business(alter_shop: Callable[..., AlteredShop]) -> None:
    """Prices, duties and delivery are the order's country's."""
    shop = alter_shop()
    buyer = ready("SH1005", "address", new_address="12 Jalan Ampang, Kuala Lumpur", address_countries=["MY"])
    outcome = await buyer.run(ActionChangeOrder())
    assert (["utter_order_change_by_person"], []) == (outcome.said, shop.asked)


async def test_sold_since_she_was_asked_is_told_with_what_is_there(alter_shop: Callable[..., AlteredShop]) -> None:
    """The shop's system has the last word about stock."""

    async def edit(_shop: Any, _change: Any) -> Change:
        return Change(Outcome.REFUSED, "no_stock")

    alter_shop(edit_order=edit)
    buyer = ready("SH1005", "edit", new_variant="BOOT-07-BRN-39")
    outcome = await buyer.run(ActionChangeOrder(), message_id="m-1")
    assert ["utter_change_no_stock", "utter_change_not_made"] == outcome.said
    assert ("brown 39", "Ridge Trail Hiking Boots") == (outcome.fact("variant"), outcome.fact("product"))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("shipped", "utter_change_too_late_shipped"),
        ("cancelled", "utter_change_cancelled_before"),
        ("not_allowed", "utter_order_change_by_person"),
        ("other", "utter_order_change_by_person"),
    ],
)
async def test_what_the_shops_system_refuses_is_told(
    reason: str, expected: str, alter_shop: Callable[..., AlteredShop]
) -> None:
    """It may know more than the order that was read a moment ago."""

    async def cancel(_shop: Any, _order_id: str, _reason: str) -> Change:
        return Change(Outcome.REFUSED, reason)

    alter_shop(cancel_order=cancel)
    outcome = await ready("SH1005", "cancel").run(ActionChangeOrder(), message_id="m-1")
    assert [expected] == outcome.said
