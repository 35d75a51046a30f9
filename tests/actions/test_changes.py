"""Changes to an order: by the rules, after a yes to what was summed up, and made once whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import actions.turn
from actions.changes import ActionChangeOrder
from actions.forms import REQUESTED
from actions.variants import ActionAskNewVariant
from actions.wishes import ActionAskChangeConfirmed, ActionTakeChange, ValidateChangeOrderForm
from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.ledger import open_ledger
from pasar.commerce.model import OrderState
from pasar.commerce.registry import open_shop
from tests.actions.conftest import AlteredShop, Buyer, next_slot

FORM = "change_order_form"
ADDRESS = "48 Maple Avenue, Portland OR 97205"
OWNERS = {
    "SH1001": "siti",
    "SH1002": "siti",
    "SH1003": "nok",
    "SH1004": "nok",
    "SH1005": "anna",
    "SH1008": "tom",
    "SH1021": "linh",
}


def ready(number: str, change: str, **slots: Any) -> Buyer:
    """A buyer who has answered everything, and said yes."""
    slots = {"change": change, "change_confirmed": True, **slots}
    return Buyer(**{"order_id": number, "checked": number, "contact": f"{OWNERS[number]}@example.com", **slots})


def asked(number: str, change: str, requested: str, **slots: Any) -> Buyer:
    """A buyer in the form, who was asked for a slot."""
    slots = {"change_confirmed": None, REQUESTED: requested, **slots}
    return ready(number, change, **slots).inside(FORM)


def named(**values: str) -> list[dict[str, Any]]:
    """Entities of a message."""
    return [{"entity": kind, "value": value} for kind, value in values.items()]


def marked(text: str, **words: str) -> dict[str, Any]:
    """A message with entities at their words."""
    places = {kind: text.index(part) for kind, part in words.items()}
    entities = [
        {"entity": kind, "value": part, "start": places[kind], "end": places[kind] + len(part)}
        for kind, part in words.items()
    ]
    return {"text": text, "entities": entities}


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


# ---- once


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


# ---- what is asked


@pytest.mark.parametrize(
    ("change", "slots", "requested"),
    [
        ("cancel", {}, "change_confirmed"),
        ("address", {}, "new_address"),
        ("address", {"new_address": ADDRESS}, "change_confirmed"),
        ("edit", {}, "new_variant"),
        ("edit", {"wish": {"size": "39"}}, "change_confirmed"),
        ("edit", {"wish": {"size": "SIZE 39"}}, "change_confirmed"),
        ("edit", {"wish": {"color": "black", "size": "42"}}, "new_variant"),
    ],
)
async def test_form_asks_only_what_the_change_needs(change: str, slots: dict[str, Any], requested: str) -> None:
    """What she has said already is not asked again; what is sold out is."""
    buyer = Buyer(requested_slot="contact", order_id="SH1005", change=change, **slots).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": "anna@example.com"})
    assert ("SH1005", requested) == (buyer.slots["checked"], next_slot(FORM, buyer, outcome))


@pytest.mark.parametrize("number", ["SH1001", "SH1003", "SH1008"])
@pytest.mark.parametrize("change", ["cancel", "address", "edit", "other"])
async def test_form_asks_nothing_more_once_the_rules_say_no(number: str, change: str) -> None:
    """An address for an order that has left would be asked in vain."""
    buyer = Buyer(requested_slot="contact", order_id=number, change=change).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": f"{OWNERS[number]}@example.com"})
    assert outcome.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("intent", "said", "expected"),
    [
        ("cancel_order", {}, ("cancel", None)),
        ("change_address", {}, ("address", None)),
        ("edit_order", {}, ("edit", None)),
        ("edit_order", {"entities": named(color="black", size="39")}, ("edit", {"color": "black", "size": "39"})),
        ("edit_order", {"entities": named(quantity="2")}, ("edit", {"size": "2", "pieces": True})),
        ("affirm", {}, ("cancel", None)),
    ],
)
async def test_take_change_keeps_only_what_is_said_now(intent: str, said: dict[str, Any], expected: Any) -> None:
    """An earlier change's answers do not count."""
    old = {"new_address": "x", "new_variant": "y", "wish": {"size": "1"}, "change_confirmed": True, "summed_up": "z"}
    buyer = Buyer(**old)
    outcome = await buyer.run(ActionTakeChange(), intent=intent, **said)
    assert expected == (outcome.slots["change"], outcome.slots["wish"])
    assert [None] * 4 == [buyer.slots[name] for name in old if name != "wish"]


@pytest.mark.parametrize(("number", "requested"), [("2", None), ("40", "change_confirmed")])
async def test_a_bare_number_is_a_size_or_pieces_as_what_she_ordered_tells(number: str, requested: str | None) -> None:
    """Boots come in 40; two of them a person puts into the order."""
    wish = {"size": number, "pieces": True}
    buyer = Buyer(requested_slot="contact", order_id="SH1005", change="edit", wish=wish).inside(FORM)
    outcome = await buyer.run(ValidateChangeOrderForm(), fills={"contact": "anna@example.com"})
    assert requested == next_slot(FORM, buyer, outcome)


async def test_a_wish_that_names_nothing_twice_is_a_persons() -> None:
    """Who wants something else than a colour or size is not asked for one for ever."""
    buyer = asked("SH1005", "edit", "new_variant")
    outcome = await buyer.run(ActionTakeChange(), intent="edit_order", text="add a gift card")
    assert "other" == outcome.slots["change"]
    ended = await buyer.run(ActionChangeOrder())
    assert (["utter_order_change_by_person"], "person") == (ended.said, ended.slots["offer"])


# ---- the address


@pytest.mark.parametrize(
    ("intent", "message", "expected"),
    [
        ("inform", marked(ADDRESS, address="48 Maple Avenue"), ADDRESS),
        ("inform", marked(f"{ADDRESS} please", address="48 Maple Avenue", city="Portland"), ADDRESS),
        ("out_of_scope", {"text": "77 Sunset Blvd apt 4"}, "77 Sunset Blvd apt 4"),
        ("delivery_time", {"text": "can it come by 12 december"}, None),
        ("cancel_order", {"text": "no cancel it instead"}, None),
        ("inform", {"text": "my office"}, None),
        ("inform", {"text": "is it 48 Maple Avenue now?"}, None),
    ],
)
async def test_form_takes_the_whole_answer_as_the_address(intent: str, message: dict, expected: str | None) -> None:
    """Whatever was found in it; a question or another wish is none."""
    buyer = asked("SH1005", "address", "new_address")
    await buyer.run(ValidateChangeOrderForm(), intent=intent, **message)
    assert expected == buyer.slots["new_address"]


async def test_form_takes_order_contact_and_address_from_one_message() -> None:
    """Nothing is asked but her yes."""
    text = f"send SH1005 to {ADDRESS} instead, anna@example.com"
    message = marked(text, order_id="SH1005", address="48 Maple Avenue", city="Portland", email="anna@example.com")
    buyer = Buyer(change="address").inside(FORM)
    fills = {"order_id": "SH1005", "contact": "anna@example.com"}
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="change_address", fills=fills, **message)
    assert (ADDRESS, "change_confirmed") == (buyer.slots["new_address"], next_slot(FORM, buyer, outcome))


async def test_another_address_at_the_summary_is_summed_up_anew() -> None:
    """Also after a "no": it was no to the first one."""
    buyer = asked("SH1005", "address", "change_confirmed", new_address="12 Rose Street, Springfield")
    await buyer.run(ActionAskChangeConfirmed())
    message = marked(f"no, {ADDRESS}", address="48 Maple Avenue")
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="deny", fills={"change_confirmed": False}, **message)
    assert (ADDRESS, None) == (buyer.slots["new_address"], buyer.slots["change_confirmed"])
    assert "change_confirmed" == next_slot(FORM, buyer, outcome)


# ---- colour and size


@pytest.mark.parametrize(
    ("entities", "variant", "said"),
    [
        (named(size="39"), "BOOT-07-BRN-39", []),
        (named(color="black"), "BOOT-07-BLK-38", []),
        (named(color="black", size="SIZE 41"), "BOOT-07-BLK-41", []),
        (named(color="black", size="42"), None, ["utter_change_no_stock"]),
        (named(color="red"), None, ["utter_change_no_stock"]),
        (named(size="52"), None, ["utter_change_no_stock"]),
        (named(size="38"), None, ["utter_edit_same_variant"]),
        ([], None, []),
    ],
)
async def test_form_finds_the_variant_she_names(entities: list, variant: str | None, said: list[str]) -> None:
    """What she does not name stays as ordered; what is not there is told, with what is."""
    buyer = asked("SH1005", "edit", "new_variant")
    outcome = await buyer.run(ValidateChangeOrderForm(), entities=entities)
    assert (variant, said) == (buyer.slots["new_variant"], outcome.said)


@pytest.mark.parametrize(
    ("number", "text", "variant"),
    [
        ("SH1005", "那就43码", "BOOT-07-BRN-43"),
        ("SH1005", "39 please", "BOOT-07-BRN-39"),
        ("SH1005", "39 or 40", None),
        ("SH1005", "i take size 36 in shoes, and in boots, i'm not sure", None),
        ("SH1002", "xl", "DRESS-01-RED-XL"),
        ("SH1002", "L", "DRESS-01-RED-L"),
        ("SH1002", "i'm not sure", None),
    ],
)
async def test_a_size_in_a_short_answer_is_found_without_being_marked(
    number: str, text: str, variant: str | None
) -> None:
    """Only what she ordered tells that 43 is a size."""
    buyer = asked(number, "edit", "new_variant")
    await buyer.run(ValidateChangeOrderForm(), text=text)
    assert variant == buyer.slots["new_variant"]


async def test_after_a_sold_out_one_the_rest_of_the_wish_still_counts() -> None:
    """ "42 in black" is not there; "43 then" is black."""
    buyer = asked("SH1005", "edit", "new_variant")
    await buyer.run(ValidateChangeOrderForm(), entities=named(color="black", size="42"))
    await buyer.run(ValidateChangeOrderForm(), entities=named(size="43"))
    assert "BOOT-07-BLK-43" == buyer.slots["new_variant"]


async def test_a_question_about_another_product_is_no_wish() -> None:
    """ "Is the dress there in red?" in between changes nothing."""
    buyer = asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"})
    said = {
        "intent": "product_availability",
        "text": "is the floral dress there in red",
        "entities": named(color="red"),
    }
    await buyer.run(ValidateChangeOrderForm(), **said)
    assert ("BOOT-07-BRN-39", {"size": "39"}) == (buyer.slots["new_variant"], buyer.slots["wish"])


async def test_ask_new_variant_tells_what_is_there_unless_just_told() -> None:
    """Once is enough."""
    outcome = await asked("SH1005", "edit", "new_variant").run(ActionAskNewVariant())
    assert (["utter_ask_new_variant"], []) == (outcome.said, outcome.unsourced)
    assert "black (36, 37, 38, 39, 40, 41, 43, 44)" in outcome.fact("variants")


# ---- her yes


async def sum_up(buyer: Buyer) -> Buyer:
    """She has read the summary."""
    outcome = await buyer.run(ActionAskChangeConfirmed())
    assert [] == outcome.unsourced
    return buyer


@pytest.mark.parametrize(
    ("change", "slots", "expected"),
    [
        ("cancel", {}, ("utter_ask_cancel_confirmed", {"items": "1 × Ridge Trail Hiking Boots", "total": "$85"})),
        ("address", {"new_address": ADDRESS}, ("utter_ask_address_confirmed", {"address": ADDRESS})),
        (
            "edit",
            {"new_variant": "BOOT-07-BLK-41"},
            ("utter_ask_edit_confirmed", {"old": "brown 38", "new": "black 41"}),
        ),
    ],
)
async def test_summary_tells_what_will_be_changed(change: str, slots: dict, expected: tuple[str, dict]) -> None:
    """From what to what, before anything is done."""
    outcome = await asked("SH1005", change, "change_confirmed", **slots).run(ActionAskChangeConfirmed())
    response, facts = expected
    assert [response] == outcome.said
    assert facts == {name: outcome.fact(name) for name in facts}


@pytest.mark.parametrize(
    ("text", "confirmed"),
    [("cancel it please", True), ("yes just cancel", True), ("don't cancel it", None), ("no don’t cancel", None)],
)
async def test_cancel_it_is_a_yes_to_cancelling_and_its_contrary_is_none(text: str, confirmed: bool | None) -> None:
    """What cannot be undone needs a yes that cannot be a no."""
    buyer = await sum_up(asked("SH1005", "cancel", "change_confirmed"))
    await buyer.run(ValidateChangeOrderForm(), intent="cancel_order", text=text)
    assert confirmed is buyer.slots["change_confirmed"]


async def test_cancel_it_is_no_yes_to_another_change() -> None:
    """It is a wish of its own."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39"))
    await buyer.run(ValidateChangeOrderForm(), intent="cancel_order", text="no, cancel it instead")
    assert buyer.slots["change_confirmed"] is None


@pytest.mark.parametrize(
    ("fills", "said"),
    [
        ({}, {"entities": named(size="40")}),
        ({"order_id": "SH1002"}, {}),
    ],
)
async def test_a_yes_with_something_new_is_no_yes_to_the_old(fills: dict[str, Any], said: dict[str, Any]) -> None:
    """ "Yes, but size 40", "yes, SH1002": summed up anew before anything is done."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"}))
    buyer.slots["contact"] = "siti@example.com" if fills else "anna@example.com"
    await buyer.run(ValidateChangeOrderForm(), intent="affirm", fills={"change_confirmed": True, **fills}, **said)
    assert buyer.slots["change_confirmed"] is None


async def test_a_yes_to_the_summary_counts() -> None:
    """And nothing more is asked."""
    buyer = await sum_up(asked("SH1005", "edit", "change_confirmed", new_variant="BOOT-07-BRN-39", wish={"size": "39"}))
    outcome = await buyer.run(ValidateChangeOrderForm(), intent="affirm", fills={"change_confirmed": True})
    assert (True, None) == (buyer.slots["change_confirmed"], next_slot(FORM, buyer, outcome))


async def test_a_no_to_the_summary_counts() -> None:
    """Whatever was asked."""
    buyer = await sum_up(asked("SH1005", "cancel", "change_confirmed"))
    await buyer.run(ValidateChangeOrderForm(), intent="deny", fills={"change_confirmed": False})
    assert buyer.slots["change_confirmed"] is False
