"""The conversation itself: beginnings, languages, what was not understood, the second need."""

from __future__ import annotations

import pytest

from actions.session import (
    ActionAskBack,
    ActionNextNeed,
    ActionSessionStart,
    ActionStopForm,
    ActionSwitchLanguage,
    ActionTellLanguages,
)
from tests.actions.conftest import BrokenShop, Buyer

RANKING = [
    {"name": "chitchat", "confidence": 0.26},
    {"name": "order_status", "confidence": 0.2},
    {"name": "delivery_time", "confidence": 0.15},
    {"name": "return_item", "confidence": 0.1},
    {"name": "warranty", "confidence": 0.09},
    {"name": "size_help", "confidence": 0.01},
]


async def test_ask_back_offers_the_likeliest_needs() -> None:
    """Two or three choices by likelihood, none of small talk."""
    outcome = await Buyer().run(ActionAskBack(), intent="nlu_fallback", intent_ranking=RANKING)
    assert ["utter_ask_back"] == outcome.said
    assert ["/order_status", "/delivery_time", "/return_item"] == outcome.payloads
    assert 1 == outcome.slots["attempts"]


async def test_ask_back_the_second_time_adds_a_person() -> None:
    """Not understood again: a person stands beside the choices."""
    outcome = await Buyer(attempts=1).run(ActionAskBack(), intent="nlu_fallback", intent_ranking=RANKING)
    assert "/talk_to_human" == outcome.payloads[-1]
    assert 2 == outcome.slots["attempts"]


async def test_ask_back_the_third_time_offers_a_person_only() -> None:
    """After two tries the bot no longer guesses."""
    outcome = await Buyer(attempts=2).run(ActionAskBack(), intent="nlu_fallback", intent_ranking=RANKING)
    assert (["utter_still_not_understood"], "person", None) == (
        outcome.said,
        outcome.slots["offer"],
        outcome.slots["attempts"],
    )


@pytest.mark.parametrize("count", [0, 1])
async def test_ask_back_with_less_than_two_choices_asks_to_rephrase(count: int) -> None:
    """One guess is no choice: the buyer says it otherwise, or takes a person."""
    ranking = RANKING[1 : 1 + count]
    outcome = await Buyer().run(ActionAskBack(), intent="nlu_fallback", intent_ranking=ranking)
    assert (["utter_ask_rephrase"], ["/talk_to_human"]) == (outcome.said, outcome.payloads)


@pytest.mark.parametrize("language", ["en", "id", "th"])
async def test_ask_back_titles_are_in_the_buyers_language(language: str) -> None:
    """Choices are named in the language of the conversation."""
    from pasar.languages.pack import load_pack

    outcome = await Buyer(language=language).run(ActionAskBack(), intent="nlu_fallback", intent_ranking=RANKING)
    words = load_pack(language).words
    assert [words[f"intent_{name}"] for name in ("order_status", "delivery_time", "return_item")] == outcome.titles


async def test_session_start_keeps_who_she_is_and_forgets_the_business() -> None:
    """Language, country and measures stay; order, proof and tries do not."""
    buyer = Buyer(
        language="th", country="TH", height=160, order_id="SH1001", checked="SH1001", contact="a@b.co", failed_checks=2
    )
    outcome = await buyer.run(ActionSessionStart())
    assert {"language": "th", "country": "TH", "height": 160} == outcome.slots
    assert ["session_started", "action"] == [outcome.events[0]["event"], outcome.events[-1]["event"]]


async def test_session_start_works_with_the_shop_down(broken_shop: BrokenShop) -> None:
    """A session begins without the shop's system."""
    outcome = await Buyer().run(ActionSessionStart())
    assert ([], []) == (outcome.said, broken_shop.calls)


async def test_next_need_makes_the_second_need_a_message() -> None:
    """The second need is answered as if said after the first answer, with what the message named."""
    entities = [{"entity": "color", "value": "red"}]
    outcome = await Buyer().run(
        ActionNextNeed(),
        intent="return_policy",
        text="rules? and tax",
        needs=["return_policy", "customs_duty"],
        entities=entities,
    )
    listen, said = outcome.events
    assert ("action", "action_listen") == (listen["event"], listen["name"])
    assert ("user", "customs_duty") == (said["event"], said["parse_data"]["intent"]["name"])
    assert (["customs_duty"], entities) == (said["parse_data"]["needs"], said["parse_data"]["entities"])
    assert {"shop": "stylehub"} == said["metadata"]


@pytest.mark.parametrize("needs", [[], ["return_policy"]])
async def test_next_need_without_one_does_nothing(needs: list[str]) -> None:
    """One need has no second."""
    outcome = await Buyer().run(ActionNextNeed(), intent="return_policy", needs=needs)
    assert ([], []) == (outcome.events, outcome.messages)


@pytest.mark.parametrize(
    ("wanted", "said", "language"),
    [
        ("th", "utter_language_switched", "th"),
        ("ru", "utter_language_not_spoken", "en"),
        (None, "utter_ask_which_language", "en"),
    ],
)
async def test_switch_language(wanted: str | None, said: str, language: str) -> None:
    """Gone on in where it is spoken, else told which ones are."""
    entities = [{"entity": "language", "value": wanted}] if wanted else []
    buyer = Buyer()
    outcome = await buyer.run(ActionSwitchLanguage(), intent="switch_language", entities=entities)
    assert ([said], language) == (outcome.said, buyer.slots["language"])


async def test_tell_languages_answers_in_the_shops_language() -> None:
    """A message in an unknown language is answered in the shop's first one, naming all in themselves."""
    buyer = Buyer(language=None)
    outcome = await buyer.run(ActionTellLanguages(), intent="unknown_language")
    languages = "Bahasa Indonesia, ภาษาไทย, English, Tiếng Việt, Bahasa Melayu, Filipino, 中文, Español"
    assert ("en", languages) == (outcome.fact("language"), outcome.fact("languages"))
    assert "en" == buyer.slots["language"]


async def test_stop_form_leaves_it() -> None:
    """The form is over, with what it had checked."""
    buyer = Buyer(checked="SH1001", requested_slot="photo", open_form="track_order_form").inside("return_order_form")
    outcome = await buyer.run(ActionStopForm(), intent="deny")
    assert ["utter_form_stopped"] == outcome.said
    assert [None] * 3 == [buyer.slots[name] for name in ("checked", "requested_slot", "open_form")]
    assert [None] == [event["name"] for event in outcome.events if event["event"] == "active_loop"]
