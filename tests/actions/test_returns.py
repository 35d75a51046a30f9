"""Returns: by the shop's rules, and never promised beyond its limit."""

from __future__ import annotations

import pytest

from actions.returns import NO_PHOTO, ActionTakeReturn, ValidateReturnOrderForm
from actions.tickets import ActionAskReturnOrderFormReturnConfirmed, ActionOpenReturn, ActionTellReturnPolicy
from tests.actions.conftest import BrokenShop, Buyer, next_slot


def ready(number: str, contact: str, **slots: object) -> Buyer:
    """A buyer who has answered everything."""
    return Buyer(**{"checked": number, "contact": contact, "return_reason": "size", "return_confirmed": True, **slots})


async def test_open_return_below_the_limit_is_opened() -> None:
    """A return within the rules and the limit is opened at once."""
    outcome = await ready("SH1003", "nok@example.com").run(ActionOpenReturn())
    assert ["utter_return_opened"] == outcome.said
    assert "5–7" == outcome.fact("days")


async def test_open_return_above_the_limit_goes_to_review() -> None:
    """More money than the shop lets the bot approve is decided by a person, and nothing is promised."""
    outcome = await ready("SH1009", "siti@example.com").run(ActionOpenReturn())
    assert ["utter_return_in_review"] == outcome.said


async def test_open_return_without_a_photo_goes_to_review() -> None:
    """A photo that the rules want and the buyer has not got: a person decides."""
    outcome = await ready("SH1003", "nok@example.com", return_reason="damaged", photo=NO_PHOTO).run(ActionOpenReturn())
    assert ["utter_return_in_review"] == outcome.said


async def test_open_return_twice_gives_the_same_ticket() -> None:
    """Asking again makes no second return."""
    first = await ready("SH1003", "nok@example.com").run(ActionOpenReturn())
    second = await ready("SH1003", "nok@example.com").run(ActionOpenReturn())
    assert first.fact("ticket") == second.fact("ticket")


async def test_open_return_not_confirmed_sends_nothing() -> None:
    """Without the buyer's yes to the summary nothing is sent."""
    outcome = await ready("SH1003", "nok@example.com", return_confirmed=False).run(ActionOpenReturn())
    assert ["utter_return_not_sent"] == outcome.said


async def test_open_return_of_somebody_elses_order_does_nothing() -> None:
    """The slot alone is no proof."""
    outcome = await ready("SH1003", "tom@example.com").run(ActionOpenReturn())
    assert (["utter_form_gave_up"], "person") == (outcome.said, outcome.slots["offer"])


@pytest.mark.parametrize(
    ("number", "contact", "expected", "offer"),
    [
        ("SH1001", "siti@example.com", "utter_return_not_delivered", "person"),
        ("SH1002", "siti@example.com", "utter_return_unpaid", None),
        ("SH1004", "nok@example.com", "utter_return_already", None),
        ("SH1008", "tom@example.com", "utter_return_cancelled", None),
        ("SH1010", "tom@example.com", "utter_return_too_late", "person"),
    ],
)
async def test_open_return_refused_by_the_rules(number: str, contact: str, expected: str, offer: str | None) -> None:
    """Every obstacle has its own answer; where a person could decide otherwise, one is offered."""
    outcome = await ready(number, contact).run(ActionOpenReturn())
    assert ([expected], offer) == (outcome.said, outcome.slots.get("offer"))


async def test_open_return_forgets_its_answers() -> None:
    """The next return begins without the answers of this one."""
    buyer = ready("SH1003", "nok@example.com", photo="https://a.example/p.jpg")
    await buyer.run(ActionOpenReturn())
    assert [None] * 3 == [buyer.slots[name] for name in ("return_reason", "photo", "return_confirmed")]


async def test_open_return_with_the_shop_down_says_so(broken_shop: BrokenShop) -> None:
    """Nothing is said to be opened while the system is down."""
    outcome = await ready("SH1003", "nok@example.com").run(ActionOpenReturn())
    assert ["utter_service_problem"] == outcome.said


@pytest.mark.parametrize(
    ("reason", "requested"), [("size", "return_confirmed"), ("damaged", "photo"), (None, "return_reason")]
)
async def test_form_asks_only_what_the_rules_need(reason: str | None, requested: str) -> None:
    """A photo only for what is damaged, wrong or missing; first of all the reason."""
    buyer = Buyer(requested_slot="contact", order_id="SH1003", return_reason=reason).inside("return_order_form")
    outcome = await buyer.run(ValidateReturnOrderForm(), fills={"contact": "nok@example.com"})
    assert ("SH1003", requested) == (buyer.slots["checked"], next_slot("return_order_form", buyer, outcome))


async def test_form_asks_nothing_more_once_the_rules_say_no() -> None:
    """Too late is too late, whatever the reason."""
    buyer = Buyer(requested_slot="contact", order_id="SH1010", return_reason="size").inside("return_order_form")
    outcome = await buyer.run(ValidateReturnOrderForm(), fills={"contact": "tom@example.com"})
    assert outcome.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "here https://a.example/p.jpg"}, "https://a.example/p.jpg"),
        ({"text": "no", "intent": "deny"}, NO_PHOTO),
        ({"text": "gak ada fotonya", "entities": [{"entity": "no_photo", "value": "none"}]}, NO_PHOTO),
    ],
)
async def test_form_takes_a_photo_or_the_word_that_there_is_none(message: dict, expected: str) -> None:
    """A link is a photo; "no" is an answer too."""
    slots = {"order_id": "SH1003", "contact": "nok@example.com", "checked": "SH1003", "return_reason": "damaged"}
    buyer = Buyer(requested_slot="photo", **slots).inside("return_order_form")
    await buyer.run(ValidateReturnOrderForm(), **message)
    assert expected == buyer.slots["photo"]


async def test_take_return_keeps_only_what_is_said_now() -> None:
    """The reason of this message counts, an earlier return's answers do not."""
    buyer = Buyer(return_reason="size", photo="x", return_confirmed=True)
    outcome = await buyer.run(ActionTakeReturn(), intent="damaged_item")
    assert {"return_reason": "damaged", "photo": None, "return_confirmed": None}.items() <= outcome.slots.items()
    again = await buyer.run(ActionTakeReturn(), intent="return_item")
    assert again.slots["return_reason"] is None


@pytest.mark.parametrize(("reason", "side"), [("size", "buyer_pays"), ("damaged", "shop_pays")])
async def test_summary_tells_who_pays(reason: str, side: str) -> None:
    """Before her yes, the buyer hears who pays for sending it back."""
    buyer = ready("SH1003", "nok@example.com", return_reason=reason)
    outcome = await buyer.run(ActionAskReturnOrderFormReturnConfirmed())
    from pasar.languages.pack import load_pack

    assert load_pack("en").words[side] == outcome.fact("shipping_side")


async def test_tell_return_policy_tells_the_shops_days() -> None:
    """The rules are the shop's, not the text's."""
    outcome = await Buyer().run(ActionTellReturnPolicy())
    assert (15, 5, 7) == tuple(outcome.fact(name) for name in ("days", "refund_from", "refund_to"))
