"""One component for all languages: which pipeline a message goes through, and what it says of the language."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from pasar.nlu.context import SURE
from tests.nlu.small_project import SmallProject, trained_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """The small project's model, loaded as a server loads it."""
    project: SmallProject = trained_project(tmp_path_factory)
    assert project.first is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        yield Agent.load(project.first.model)


def parse(agent: Agent, text: str, tracker: DialogueStateTracker | None = None) -> dict[str, Any]:
    """What is understood, as the processor of a conversation does it."""
    assert agent.processor is not None
    return asyncio.run(agent.processor.parse_message(UserMessage(text, metadata={"shop": "stylehub"}), tracker))


def begin(agent: Agent, *events: Any) -> DialogueStateTracker:
    """A conversation that has begun."""
    assert agent.domain is not None
    tracker = DialogueStateTracker("buyer", agent.domain.slots)
    for event in (ActionExecuted("action_session_start"), ActionExecuted("action_listen"), *events):
        tracker.update(event, agent.domain)
    return tracker


def reply_languages(parsed: dict[str, Any]) -> list[str]:
    """Values of the entity that fills the slot."""
    return [entity["value"] for entity in parsed["entities"] if entity["entity"] == "reply_language"]


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("where is my order", "en", "order_status"),
        ("pesanan saya sampai mana ya kak", "id", "order_status"),
        ("พัสดุอยู่ไหน", "th", "order_status"),
        ("hello", "en", "greet"),
        ("สวัสดีค่ะ", "th", "greet"),
    ],
)
def test_parse_understands_each_language(agent: Agent, text: str, language: str, intent: str) -> None:
    """A message goes through its own language's pipeline, and says which that was."""
    parsed = parse(agent, text)
    assert (language, intent) == (parsed["language"], parsed["intent"]["name"])


@pytest.mark.parametrize("text", ["where is my order SH1001", "พัสดุ SH1001 อยู่ไหน"])
def test_parse_finds_entities_in_each_language(agent: Agent, text: str) -> None:
    """An order number is found whatever the language."""
    found = [(entity["entity"], entity["value"]) for entity in parse(agent, text)["entities"]]
    assert ("order_id", "SH1001") in found


def test_parse_outside_a_conversation_sets_no_reply_language(agent: Agent) -> None:
    """Evaluation and the parse endpoint see no entity that a buyer did not write."""
    assert [] == reply_languages(parse(agent, "where is my order"))


@pytest.mark.parametrize(("text", "language"), [("where is my order", "en"), ("พัสดุอยู่ไหน", "th")])
def test_parse_in_a_conversation_sets_the_reply_language(agent: Agent, text: str, language: str) -> None:
    """In a conversation the language comes as an entity, which fills the slot."""
    assert [language] == reply_languages(parse(agent, text, begin(agent)))


@pytest.mark.parametrize("current", ["en", "id", "th"])
def test_parse_keeps_the_conversations_language(agent: Agent, current: str) -> None:
    """A number alone is read in the language spoken so far."""
    tracker = begin(agent, UserUttered("hi"), SlotSet("language", current))
    parsed = parse(agent, "SH1001", tracker)
    assert (current, [current]) == (parsed["language"], reply_languages(parsed))


def test_parse_follows_a_switch(agent: Agent) -> None:
    """A sentence in another language goes through that one's pipeline."""
    tracker = begin(agent, UserUttered("hello"), SlotSet("language", "en"))
    parsed = parse(agent, "ขอทราบนโยบายการคืนสินค้าหน่อยค่ะ", tracker)
    assert ("th", ["th"], "return_policy") == (parsed["language"], reply_languages(parsed), parsed["intent"]["name"])


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [("/greet", "greet", []), ('/order_status{"order_id": "SH1002"}', "order_status", [("order_id", "SH1002")])],
)
def test_parse_leaves_payloads_to_rasa(agent: Agent, text: str, intent: str, entities: list[tuple[str, str]]) -> None:
    """A button's payload is what it says: no language, no other entity, full confidence."""
    parsed = parse(agent, text, begin(agent))
    assert (intent, 1.0) == (parsed["intent"]["name"], parsed["intent"]["confidence"])
    assert entities == [(entity["entity"], entity["value"]) for entity in parsed["entities"]]
    assert "language" not in parsed


@pytest.mark.parametrize("text", ["我的包裹在哪里？", "Где моя посылка?"])
def test_parse_unknown_language_is_an_intent(agent: Agent, text: str) -> None:
    """A message in none of the languages is told as such, asks for nothing, and switches nothing."""
    tracker = begin(agent, UserUttered("halo"), SlotSet("language", "id"))
    parsed = parse(agent, text, tracker)
    assert ("unknown_language", 1.0, []) == (parsed["intent"]["name"], parsed["intent"]["confidence"], parsed["needs"])
    assert ([], "id") == (reply_languages(parsed), parsed["language"])


def test_parse_tells_where_a_message_was_written(agent: Agent) -> None:
    """Rasa hands the conversation's tracker to the graph: an order known before, and the page that is open now."""
    known = begin(agent, UserUttered("hi"), SlotSet("order_id", "SH1001"))
    assert "places" not in parse(agent, "hello there", begin(agent))
    assert ["order_known"] == parse(agent, "hello there", known)["places"]
    on_a_page = UserMessage("hello there", metadata={"shop": "stylehub", "product": "DRESS-01"})
    assert agent.processor is not None
    assert ["product_page"] == asyncio.run(agent.processor.parse_message(on_a_page, begin(agent)))["places"]


def test_parse_is_led_by_the_place_where_words_say_little(agent: Agent) -> None:
    """One message, twice: where an order is known, what is done with orders is likelier; a sure reading stays."""
    known = begin(agent, UserUttered("hi"), SlotSet("order_id", "SH1001"))

    def chance(text: str, tracker: DialogueStateTracker) -> float:
        ranking = parse(agent, text, tracker)["intent_ranking"]
        return next(entry["confidence"] for entry in ranking if entry["name"] == "order_status")

    assert chance("order policy", begin(agent)) < chance("order policy", known)
    assert chance("where is my order", begin(agent)) == chance("where is my order", known) >= SURE


def test_parse_empty_message_is_no_error(agent: Agent) -> None:
    """Nothing said, nothing understood, nothing broken."""
    parsed = parse(agent, "", begin(agent))
    assert [] == reply_languages(parsed)
