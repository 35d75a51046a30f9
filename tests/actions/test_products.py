"""Answers about products: by their records, with what is not known noted, and nothing sold where it is not decent."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy.exc

import actions.questions
from actions.products import ActionAnswerProduct
from actions.suggestions import ActionCompareProducts, ActionRecommendProducts
from actions.warranty import ActionAnswerWarranty
from pasar.commerce.questions import QuestionBook
from tests.actions.conftest import Buyer, Outcome


@pytest.fixture(autouse=True)
def book(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuestionBook]:
    """The open questions of this test."""
    book = QuestionBook(f"sqlite:///{tmp_path}/questions.db")
    monkeypatch.setattr(actions.questions, "open_questions", lambda: book)
    yield book
    book.dispose()


def cards(outcome: Outcome) -> list[str]:
    """SKUs of all cards."""
    return [card["sku"] for message in outcome.messages for card in (message.get("custom") or {}).get("cards", ())]


def entities(**values: Any) -> list[dict[str, Any]]:
    """As the message's understanding has them."""
    return [{"entity": kind, "value": value} for kind, value in values.items()]


async def test_what_the_record_does_not_say_is_noted_once_asked(book: QuestionBook) -> None:
    """The buyer is told so, and the shop can read it."""
    buyer = Buyer(product="DRESS-01", language="th")
    outcome = await buyer.run(ActionAnswerProduct(), "product_info", entities=entities(attribute="waterproof"))
    assert ["utter_product_fact_unknown"] == outcome.said
    assert "" != outcome.fact("noted")
    assert [("DRESS-01", "waterproof", "th", 1)] == [
        (q.sku, q.attribute, q.language, q.times) for q in book.list("stylehub")
    ]


async def test_what_is_known_is_told_beside_what_is_not(book: QuestionBook) -> None:
    """Of two questions neither is passed over."""
    asked = [*entities(attribute="material"), *entities(attribute="waterproof")]
    outcome = await Buyer(product="DRESS-01").run(ActionAnswerProduct(), "product_info", entities=asked)
    assert ["utter_product_fact", "utter_product_fact_unknown"] == outcome.said[:2]
    assert ["waterproof"] == [question.attribute for question in book.list("stylehub")]


async def test_a_question_that_could_not_be_noted_is_not_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is given all the same."""

    class Broken:
        def note(self, *_: Any) -> None:
            raise sqlalchemy.exc.OperationalError("note", {}, OSError("disk"))

    monkeypatch.setattr(actions.questions, "open_questions", Broken)
    outcome = await Buyer(product="DRESS-01").run(ActionAnswerWarranty(), "warranty")
    assert (["utter_warranty_unknown"], "") == (outcome.said, outcome.fact("noted"))


async def test_what_goes_with_it_comes_after_the_answer_and_never_itself() -> None:
    """At most three, in stock."""
    outcome = await Buyer(product="BOOT-07").run(
        ActionAnswerProduct(), "product_info", entities=entities(attribute="waterproof")
    )
    assert ["utter_product_fact", "utter_also_interesting", "utter_ask_which_variant"] == outcome.said
    assert ["BAG-11", "JACK-03", "POLE-03"] == cards(outcome)


@pytest.mark.parametrize("action", [ActionAnswerProduct, ActionRecommendProducts])
async def test_nothing_is_offered_to_an_unhappy_buyer(action: type) -> None:
    """The answer is given, but nothing sold."""
    outcome = await Buyer(product="BOOT-07").run(
        action(), "product_info", entities=entities(attribute="waterproof"), sentiment={"label": "negative"}
    )
    assert [] == cards(outcome)
    assert "utter_also_interesting" not in outcome.said
    assert [] != outcome.said


async def test_every_answer_has_a_next_step() -> None:
    """A product without variants shows its page, one with sizes only its sizes."""
    outcome = await Buyer(product="GLASS-05").run(ActionAnswerProduct(), "product_info")
    assert ["GLASS-05"] == cards(outcome)
    outcome = await Buyer(product="BOOT-07").run(ActionAnswerProduct(), "product_info")
    assert ['/inform{"color": "brown"}', '/inform{"color": "black"}', '/inform{"color": "grey"}'] == outcome.payloads


@pytest.mark.parametrize(
    ("text", "wish", "expected"),
    [
        ("any dress under $20", {"price": 20, "currency": "USD"}, ["DRESS-01"]),
        ("a phone", {}, ["PHONE-02", "PHONE-01", "PHONE-03"]),
        ("a phone under $150", {"price": 150, "currency": "USD"}, ["PHONE-01"]),
        ("a phone under $300, black", {"price": 300, "currency": "USD", "color": "black"}, ["PHONE-02", "PHONE-01"]),
        ("a phone under $100", {"price": 100, "currency": "USD"}, []),
    ],
)
async def test_recommended_is_within_the_wish(text: str, wish: dict[str, Any], expected: list[str]) -> None:
    """Kind, budget and colour; where nothing fits it is said so."""
    outcome = await Buyer().run(ActionRecommendProducts(), "recommend_product", text, entities=entities(**wish))
    assert expected == cards(outcome)
    assert ("utter_recommended" if expected else "utter_recommended_none") == outcome.said[0]


async def test_recommended_beside_a_product_is_never_itself() -> None:
    """What the shop relates to it."""
    outcome = await Buyer(product="BOOT-07").run(
        ActionRecommendProducts(), "recommend_product", "something to go with it"
    )
    assert ["BAG-11", "JACK-03", "POLE-03"] == cards(outcome)


async def test_two_products_are_compared_by_what_both_records_say() -> None:
    """Price, stock and common facts of both; what one alone has is left out."""
    outcome = await Buyer().run(
        ActionCompareProducts(), "compare_product", "ridge trail hiking boots or stride running shoes"
    )
    assert ["utter_compared"] == outcome.said
    assert {"BOOT-07", "SNEAK-01"} == set(cards(outcome))
    first, second = outcome.fact("first"), outcome.fact("second")
    assert ("$85" in first) and ("$39.90" in second)
    assert "rubber" in first.lower()
    assert "lining" not in first.lower()  # of it only the boots' record speaks


@pytest.mark.parametrize(
    ("slots", "text", "brand", "expected"),
    [
        ({"product": "BOOT-07"}, "is it better than Timberland", "Timberland", "utter_compare_other_brand"),
        ({}, "why buy from you and not Zara", "Zara", "utter_compare_other_shop"),
        ({"product": "BOOT-07"}, "which is better", None, "utter_compare_one_known"),
        ({}, "which is better", None, "utter_compare_by_person"),
    ],
)
async def test_other_brands_are_not_judged(slots: dict[str, str], text: str, brand: str | None, expected: str) -> None:
    """Ours is told by its record; of the other nothing but its name."""
    named = entities(brand=brand) if brand else []
    outcome = await Buyer(**slots).run(ActionCompareProducts(), "compare_product", text, entities=named)
    assert [expected] == outcome.said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what are these shoes made of", "BOOT-07"),
        ("what are the stride running shoes made of", "SNEAK-01"),
        ("what is the dress made of", "DRESS-01"),
        ("what is it made of", "BOOT-07"),
    ],
)
async def test_a_word_that_both_go_by_means_the_product_on_the_screen(text: str, expected: str) -> None:
    """ "These shoes" are the boots that she looks at, whatever else is called shoes."""
    outcome = await Buyer(product="BOOT-07").run(
        ActionAnswerProduct(), "product_info", text, entities=entities(attribute="material")
    )
    assert expected == outcome.slots["product"]
