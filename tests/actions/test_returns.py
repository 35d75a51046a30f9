"""Returns: by the shop's rules, and never promised beyond its limit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from actions.returns import NO_PHOTO, ActionTakeReturn, ValidateReturnOrderForm
from actions.tickets import ActionAskReturnOrderFormReturnConfirmed, ActionOpenReturn, ActionTellReturnPolicy
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.model import ReturnRequest, ReturnTicket, Text
from pasar.languages.pack import load_pack
from tests.actions.conftest import AlteredShop, BrokenShop, Buyer, next_slot
from tests.actions.returns import FORM, ready, summarise


async def test_open_return_below_the_limit_is_opened() -> None:
    """A return within the rules and the limit is opened at once."""
    outcome = await ready("SH1003", "nok@example.com").run(ActionOpenReturn())
    assert (["utter_return_opened"], []) == (outcome.said, outcome.unsourced)
    assert {"order SH1003", "return RET-SH1003"} <= outcome.sources
    assert "StyleHub Returns, 22 Orchid Lane" in outcome.fact("next")
    assert "5–7" in outcome.fact("next")


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
    assert load_pack("en").words[side] == outcome.fact("shipping_side")


async def test_tell_return_policy_tells_the_shops_days() -> None:
    """The rules are the shop's, not the text's."""
    outcome = await Buyer().run(ActionTellReturnPolicy())
    assert (15, 5, 7) == tuple(outcome.fact(name) for name in ("days", "refund_from", "refund_to"))


# ---- the summary, and what happens next


async def test_summary_tells_all_of_it_in_one_message() -> None:
    """Order, reason, value, until when, who pays, where it goes and when the money comes."""
    outcome = await summarise()
    assert (["utter_ask_return_confirmed"], []) == (outcome.said, outcome.unsourced)
    assert ("SH1003", "doesn't fit", "฿690") == tuple(outcome.fact(name) for name in ("order_id", "reason", "total"))
    assert outcome.fact("deadline")
    assert "22 Orchid Lane" in outcome.fact("next")
    assert "5–7 working days" in outcome.fact("next")


@pytest.mark.parametrize("slots", [{"return_reason": "damaged", "photo": NO_PHOTO}])
async def test_summary_promises_nothing_that_a_person_decides(slots: dict[str, Any]) -> None:
    """Neither an address nor days."""
    outcome = await summarise(**slots)
    assert load_pack("en").words["return_then_person"] == outcome.fact("next")


async def test_summary_above_the_limit_promises_nothing() -> None:
    """A person decides."""
    buyer = ready("SH1009", "siti@example.com")
    outcome = await buyer.run(ActionAskReturnOrderFormReturnConfirmed())
    assert load_pack("en").words["return_then_person"] == outcome.fact("next")


async def test_payout_days_are_those_of_the_way_it_was_paid() -> None:
    """GCash is faster than a card."""
    buyer = ready("SH1022", "grace@example.com")
    outcome = await buyer.run(ActionAskReturnOrderFormReturnConfirmed())
    assert "1–3 working days" in outcome.fact("next")


async def test_opened_tells_the_label_where_there_is_one() -> None:
    """What the shop pays for comes with a label; else the address is told."""
    buyer = ready("SH1012", "budi@example.com", return_reason="damaged", photo="https://a.example/p.jpg")
    outcome = await buyer.run(ActionOpenReturn(), message_id="m-1")
    assert "https://stylehub.example/labels/RET-SH1012.pdf" in outcome.fact("next")


async def test_opened_promises_no_address_that_the_shop_has_not_got(alter_shop: Callable[..., AlteredShop]) -> None:
    """Nor days that it does not promise."""

    async def get_shop(shop: Any) -> Any:
        known = await shop.get_shop()
        silent = dataclasses.replace(known.returns, refund_days=(0, 0), payout_days={})
        return dataclasses.replace(known, return_address=Text(), returns=silent, policies=())

    alter_shop(get_shop=get_shop)
    outcome = await ready("SH1003", "nok@example.com").run(ActionOpenReturn(), message_id="m-1")
    words = load_pack("en").words
    assert f"{words['return_send_person']} {words['return_then_refund_later']}" == outcome.fact("next")


async def test_a_return_whose_answer_was_lost_goes_to_a_person(alter_shop: Callable[..., AlteredShop]) -> None:
    """And is not asked for again."""

    async def lose(_shop: Any, _request: ReturnRequest) -> ReturnTicket:
        raise ShopUnavailableError("stylehub", "open_return", "no answer")

    shop = alter_shop(open_return=lose)
    for message in ("m-1", "m-2"):
        outcome = await ready("SH1003", "nok@example.com").run(ActionOpenReturn(), message_id=message)
        assert (["utter_return_unclear"], "person") == (outcome.said, outcome.slots["offer"])
    assert ["open_return"] == shop.asked


async def test_a_shop_whose_system_opens_no_returns_leaves_it_to_a_person(
    alter_shop: Callable[..., AlteredShop],
) -> None:
    """She is asked nothing in vain."""
    alter_shop(abilities=frozenset(Ability) - {Ability.OPEN_RETURN})
    buyer = Buyer(requested_slot="contact", order_id="SH1003").inside(FORM)
    outcome = await buyer.run(ValidateReturnOrderForm(), fills={"contact": "nok@example.com"})
    assert outcome.slots["requested_slot"] is None
    ended = await buyer.run(ActionOpenReturn())
    assert (["utter_return_by_person"], "person") == (ended.said, ended.slots["offer"])


async def test_what_has_not_left_can_be_cancelled_instead() -> None:
    """Where the rules allow it; else a person looks."""
    outcome = await ready("SH1005", "anna@example.com").run(ActionOpenReturn())
    assert (["utter_return_cancel_instead"], "cancel") == (outcome.said, outcome.slots["offer"])
    outcome = await ready("SH1021", "linh@example.com").run(ActionOpenReturn())
    assert (["utter_return_not_delivered"], "person") == (outcome.said, outcome.slots["offer"])


# ---- a missing part


@pytest.mark.parametrize(
    ("intent", "text", "part"),
    [
        ("missing_item", "one of the pillow cases", "one of the pillow cases"),
        ("nlu_fallback", "the belt", "the belt"),
        ("order_status", "where is my order", None),
        ("deny", "no", None),
        ("product_info", "what should be in it?", None),
    ],
)
async def test_missing_part_is_kept_in_her_own_words(intent: str, text: str, part: str | None) -> None:
    """A question or another wish is no part."""
    slots = {"order_id": "SH1023", "checked": "SH1023", "contact": "lucia@example.com", "return_reason": "missing"}
    buyer = Buyer(requested_slot="missing_part", **slots).inside(FORM)
    outcome = await buyer.run(ValidateReturnOrderForm(), intent=intent, text=text)
    assert part == buyer.slots["missing_part"]
    assert ("photo" if part else "missing_part") == next_slot(FORM, buyer, outcome)


async def test_missing_part_goes_to_a_person_with_part_and_photo(alter_shop: Callable[..., AlteredShop]) -> None:
    """Nothing is sent back and no money is promised."""
    requests: list[ReturnRequest] = []

    async def open_return(shop: Any, request: ReturnRequest) -> ReturnTicket:
        requests.append(request)
        return await shop.open_return(request)

    alter_shop(open_return=open_return)
    slots = {"return_reason": "missing", "missing_part": "a pillow case", "photo": "https://a.example/p.jpg"}
    buyer = ready("SH1023", "lucia@example.com", **slots)
    summary = await buyer.run(ActionAskReturnOrderFormReturnConfirmed())
    assert (["utter_ask_missing_confirmed"], "a pillow case") == (summary.said, summary.fact("part"))
    outcome = await buyer.run(ActionOpenReturn(), message_id="m-1")
    assert (["utter_missing_recorded"], []) == (outcome.said, outcome.unsourced)
    assert [("missing", "a pillow case", "https://a.example/p.jpg")] == [
        (request.reason, request.note, request.photo) for request in requests
    ]
