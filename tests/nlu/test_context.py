"""What a message's place makes likelier, and what it must leave alone."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from pasar.nlu.context import MOST, PLACES, SURE, find_places, weigh
from tests.nlu.small_project import CHECKOUT

#: What a model trained on 200,000 examples gave for "the blue one?", its five likeliest.
BLUE = {
    "id": ("yang biru?", {"inform": 0.446, "product_availability": 0.371, "authenticity": 0.067, "price_inquiry": 0.032,
                          "compare_product": 0.02}),
    "th": ("ตัวฟ้าล่ะคะ", {"missing_item": 0.309, "product_availability": 0.253, "inform": 0.102, "recommend_product": 0.053,
                         "price_inquiry": 0.032}),
    "zh": ("蓝的这件", {"out_of_scope": 0.246, "inform": 0.152, "product_info": 0.151, "wrong_item": 0.099,
                      "exchange_item": 0.05}),
}  # fmt: skip
INTENTS = sorted(
    {intent for place in PLACES.values() for intent in place.intents} | {"greet", "out_of_scope", "chitchat"}
)


@st.composite
def rankings(draw: st.DrawFn, best: float = 0.0) -> list[tuple[str, float]]:
    """Probabilities of all intents, best first; the best at least so much."""
    order = draw(st.permutations(INTENTS))
    top = draw(st.floats(best, 1.0))
    rest = draw(st.lists(st.floats(0.001, 1.0), min_size=len(order) - 1, max_size=len(order) - 1))
    scores = [top, *(share * (1 - top) / sum(rest) for share in rest)]
    return sorted(zip(order, scores, strict=True), key=lambda entry: -entry[1])


def tracker(**slots: Any) -> DialogueStateTracker:
    """A conversation whose slots have values."""
    made = DialogueStateTracker(
        "buyer", [AnySlot("checked", []), TextSlot("order_id", []), TextSlot("requested_slot", [])]
    )
    for name, value in slots.items():
        made.slots[name].value = value
    return made


# ---- which places


@pytest.mark.parametrize(
    ("metadata", "slots", "places"),
    [
        (None, None, ()),
        ({}, {}, ()),
        ({"shop": "stylehub", "product": ""}, {}, ()),
        ({"product": "DRESS-01"}, None, ("product_page",)),
        ({"product": "DRESS-01", "live": True}, {}, ("product_page", "live_stream")),
        (None, {"requested_slot": "order_id"}, ("asked",)),
        (None, {"order_id": "SH1001"}, ("order_known",)),
        ({}, {"checked": "SH1001"}, ("order_known",)),
        (
            {"product": "DRESS-01"},
            {"requested_slot": "photo", "order_id": "SH1001"},
            ("product_page", "asked", "order_known"),
        ),
    ],
)
def test_places_are_told_by_metadata_and_slots(metadata: Any, slots: Any, places: tuple[str, ...]) -> None:
    """A page and a live stream by the message, a question and an order by the conversation."""
    assert places == find_places(metadata, None if slots is None else tracker(**slots))


def test_places_of_a_conversation_without_such_slots() -> None:
    """A project of somebody else has neither forms nor orders."""
    assert () == find_places({}, DialogueStateTracker("buyer", []))


# ---- what they do


@pytest.mark.parametrize("language", BLUE)
def test_the_blue_one_on_a_product_page_is_about_the_product(language: str) -> None:
    """Words alone are read as something else, the page that is open decides."""
    ranking = list(BLUE[language][1].items())
    assert ranking[0][0] not in PLACES["product_page"].intents
    assert weigh(ranking, ["product_page"])[0][0] in PLACES["product_page"].intents


@pytest.mark.parametrize("language", BLUE)
def test_the_blue_one_after_a_question_is_an_answer_likelier(language: str) -> None:
    """The same words where a form asks: "inform" rises against everything that is no answer."""
    before = BLUE[language][1]
    after = dict(weigh(list(before.items()), ["asked"]))
    for other in set(before) - PLACES["asked"].intents:
        assert after["inform"] / after[other] == pytest.approx(math.e * before["inform"] / before[other])


@given(rankings(best=SURE), st.sets(st.sampled_from(sorted(PLACES))))
def test_a_sure_reading_stays_as_it_is(ranking: list[tuple[str, float]], places: set[str]) -> None:
    """Whatever speaks for something else, and however many places do."""
    assert ranking == weigh(ranking, places)


@given(rankings(best=math.exp(MOST) / (1 + math.exp(MOST)) + 1e-6), st.sets(st.sampled_from(sorted(PLACES))))
def test_nothing_jumps_where_sureness_begins(ranking: list[tuple[str, float]], places: set[str]) -> None:
    """A reading that is nearly sure may lose confidence, but not its place."""
    assert ranking[0][0] == weigh(ranking, places)[0][0]


@given(rankings(), st.sets(st.sampled_from(sorted(PLACES))))
def test_what_comes_out_is_a_ranking(ranking: list[tuple[str, float]], places: set[str]) -> None:
    """Probabilities of the same intents, best first; where no place speaks, they are the same."""
    weighed = weigh(ranking, places)
    assert {name for name, _ in ranking} == {name for name, _ in weighed}
    assert 1.0 == pytest.approx(sum(score for _, score in weighed))
    assert sorted((score for _, score in weighed), reverse=True) == [score for _, score in weighed]
    if not places:
        assert ranking == weighed


def test_what_two_places_say_adds_up() -> None:
    """To log-odds, and no further than the most."""
    before = dict.fromkeys(("price_inquiry", "warranty", "greet"), 1 / 3)
    after = dict(weigh(list(before.items()), ["product_page", "live_stream"]))
    assert after["price_inquiry"] / after["greet"] == pytest.approx(math.exp(2.0))
    assert after["warranty"] / after["greet"] == pytest.approx(math.exp(1.0))
    assert MOST < math.log(SURE / (1 - SURE))


# ---- what they rest on


def test_places_name_intents_of_the_domain() -> None:
    """None that buyers' messages cannot have."""
    domain = yaml.safe_load((CHECKOUT / "domain.yml").read_text(encoding="utf-8"))
    assert {intent for place in PLACES.values() for intent in place.intents} <= set(domain["intents"])


def test_conversations_written_on_a_product_page_speak_for_its_intents() -> None:
    """In them, those intents are more frequent than in conversations that begin nowhere."""
    counts = {True: [0, 0], False: [0, 0]}
    for path in sorted((CHECKOUT / "tests" / "conversations").glob("*/*.yml")):
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
        for steps in scenario["languages"].values():
            for step in steps:
                if "buyer" in step and step.get("intent"):
                    counts[bool(scenario.get("product"))][step["intent"] in PLACES["product_page"].intents] += 1
    (others_there, own_there), (others_elsewhere, own_elsewhere) = counts[True], counts[False]
    assert own_there / (own_there + others_there) > 2 * own_elsewhere / (own_elsewhere + others_elsewhere)
