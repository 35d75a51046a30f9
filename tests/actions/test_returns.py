"""Returns: by the shop's rules, and never promised beyond its limit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from actions.forms import REQUESTED
from actions.returns import NO_PHOTO, WAITS, ActionTakeReturn, ValidateReturnOrderForm
from actions.tickets import ActionAskReturnOrderFormReturnConfirmed, ActionOpenReturn, ActionTellReturnPolicy
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.model import ReturnRequest, ReturnTicket, Text
from pasar.languages.pack import load_pack
from tests.actions.conftest import AlteredShop, BrokenShop, Buyer, next_slot

FORM = "return_order_form"


def ready(number: str, contact: str, **slots: object) -> Buyer:
    """A buyer who has answered everything."""
    return Buyer(**{"checked": number, "contact": contact, "return_reason": "size", "return_confirmed": True, **slots})


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


async def summarise(**slots: Any) -> Any:
    """What she reads before she says yes."""
    return await ready("SH1003", "nok@example.com", **slots).run(ActionAskReturnOrderFormReturnConfirmed())


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


# ---- exchange


def exchanging(number: str, contact: str, requested: str = "new_variant", **slots: Any) -> Buyer:
    """A buyer in the form who wants another one for it."""
    known = {
        "order_id": number,
        "checked": number,
        "contact": contact,
        "return_wants": "exchange",
        "return_reason": "size",
    }
    return Buyer(**{**known, REQUESTED: requested, **slots}).inside(FORM)


def named(**values: str) -> list[dict[str, Any]]:
    """Entities of a message."""
    return [{"entity": kind, "value": value} for kind, value in values.items()]


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
