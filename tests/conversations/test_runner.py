"""The runner itself: files are checked, and what goes wrong is reported. Without a model."""

from __future__ import annotations

import datetime
import pathlib

import pytest

from pasar.languages.pack import list_codes, load_pack
from tests.conversations.judgement import Outcome, Said, Transcript, judge
from tests.conversations.scenario import (
    Scenario,
    ScenarioError,
    Step,
    missing_languages,
    read_scenario,
    read_while,
    render_days,
)

GOOD = """
scenario: A sample
languages:
  en:
  - buyer: "hello"
    says: [utter_greet]
"""


def write(folder: pathlib.Path, text: str) -> pathlib.Path:
    """A scenario's file."""
    (folder / "topic").mkdir(exist_ok=True)
    path = folder / "topic" / "sample.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "producct: DRESS-01\n", "sample.yml: producct: is no key here"),
        (GOOD + "    sais: [utter_greet]\n", "sample.yml: languages: en: step 1: sais: is no key here"),
        (GOOD + "buyer: {mail: a@example.com}\n", "sample.yml: buyer: mail: is no key here"),
        (GOOD + "    has: [12]\n", "step 1: has: 12 is no text"),
        (GOOD + '    has: ["{tomorrow}"]\n', r"step 1: has: \{tomorrow\} is not known"),
        (GOOD + "    silent: 1\n", "step 1: silent: must be a bool"),
        (GOOD + "    state: asleep\n", "step 1: state: must be one of"),
        (GOOD + '    button: "/affirm"\n', "step 1: must have one of: buyer, button, command, desk"),
        (GOOD + "    language: xx\n", "step 1: language: there is no pack 'xx'"),
        (GOOD + "  - desk: leave\n", "step 2: desk: must be one of: take, hand_back"),
        (GOOD + "  - later: soon\n", 'step 2: later: must be a time like "26h"'),
        (GOOD + "  - order: SH1005\n", "step 2: becomes: goes with an order"),
        (GOOD + "  xx: []\n", "languages: xx: there is no such pack"),
        (GOOD + "  th: []\n", "languages: th: must be a list of steps"),
        (GOOD + 'clock: "25:00"\n', "clock: must be a time"),
        ("languages: {}\n", "sample.yml: scenario: is missing"),
        ("- a list\n", "sample.yml: must hold keys and values"),
        ("scenario: [\n", "sample.yml: "),
    ],
)
def test_wrong_file_names_file_and_key(tmp_path: pathlib.Path, text: str, message: str) -> None:
    """Whoever wrote it sees where."""
    with pytest.raises(ScenarioError, match=message):
        read_scenario(write(tmp_path, text))


def test_missing_languages_are_told(tmp_path: pathlib.Path) -> None:
    """A scenario has all live languages."""
    live = [code for code in list_codes() if load_pack(code).live]
    missing = missing_languages(read_scenario(write(tmp_path, GOOD)))
    assert sorted(set(live) - {"en"}) == sorted(missing)
    assert {"id", "th", "zh"} <= set(missing)


def test_name_is_topic_and_file(tmp_path: pathlib.Path) -> None:
    """As it is called in pytest's output and by ``-k``."""
    assert "topic/sample" == read_scenario(write(tmp_path, GOOD)).name


def test_days_are_written_as_the_language_does() -> None:
    """By the formatter that the assistant itself uses."""
    today = datetime.date(2026, 12, 8)
    assert "by Dec 10" == render_days("by {today+2}", "en", today)
    assert "10 Des" == render_days("{today+2}", "id", today)
    assert "7 ธ.ค. (เมื่อวาน)" == render_days("{today-1}", "th", today)


def test_while_is_a_length_of_time() -> None:
    """Seconds, minutes, hours and days."""
    lengths = [read_while(text).total_seconds() for text in ("5s", "2m", "26h", "3d")]
    assert [5, 120, 93600, 259200] == lengths


def step(move: str = "buyer", text: str = "hello", language: str = "en", **expects: object) -> Step:
    """A step of a conversation in English."""
    return Step(move, text, language, expects)


BUTTON = {"title": "Yes", "payload": "/affirm"}
CARD = {
    "type": "product",
    "sku": "BAG-11",
    "title": "Backpack",
    "buttons": [{"title": "Size?", "payload": "/size_help"}],
}
REPLY = Outcome(
    said=[
        Said("utter_greet", "en", "Hi, SH1006 is due."),
        Said("utter_ask", "en", "Ok?", [BUTTON]),
        Said("", "", "", (), [CARD]),
    ],
    intent="greet",
    needs=["greet"],
    slots={"order_id": "SH1006"},
)


@pytest.mark.parametrize(
    "expects",
    [
        {"says": ["utter_greet", "utter_ask"]},
        {"says": ["utter_ask"]},
        {"has": ["SH1006", "due"], "lacks": ["SH1007"]},
        {"intent": "greet", "needs": ["greet"], "slots": {"order_id": "SH1006", "contact": None}},
        {"state": "bot", "cards": ["BAG-11"]},
    ],
)
def test_right_reply_has_no_faults(expects: dict[str, object]) -> None:
    """What is as expected is silent."""
    assert [] == judge(step(**expects), REPLY)


@pytest.mark.parametrize(
    ("expects", "fault"),
    [
        ({"says": ["utter_ask", "utter_greet"]}, "says: utter_greet was not said"),
        ({"says": ["utter_goodbye"]}, "says: utter_goodbye was not said"),
        ({"has": ["SH1007"]}, "has: 'SH1007' was not told"),
        ({"has": ["{today+2}"]}, "has: 'Dec 10' was not told"),
        ({"lacks": ["SH1006"]}, "lacks: 'SH1006' was told"),
        ({"lacks": ["Backpack"]}, "lacks: 'Backpack' was told"),
        ({"intent": "goodbye"}, "intent: must be goodbye, is greet"),
        ({"needs": ["greet", "thank"]}, "needs: must be"),
        ({"slots": {"order_id": "SH1"}}, "slots: order_id: must be 'SH1', is 'SH1006'"),
        ({"state": "waiting"}, "state: must be waiting, is bot"),
        ({"cards": []}, "cards: must be [], are ['BAG-11']"),
        ({"silent": True}, "silent: the bot spoke"),
        ({"same_as": 1}, "same_as: there is no step 1"),
    ],
)
def test_wrong_reply_is_reported(expects: dict[str, object], fault: str) -> None:
    """Each expectation that fails is one fault."""
    faults = judge(step(**expects), REPLY)
    assert 1 == len(faults)
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said("utter_greet", "id", "Halo kak"), "language: utter_greet is in 'id', not in 'en'"),
        (Said("utter_greet", "en", "Hi {persona}"), "'{persona}' is told to the buyer"),
        (Said("utter_greet", "en", "Hi None"), "'None' is told to the buyer"),
        (Said("utter_service_problem", "en", "Sorry"), "something failed"),
    ],
)
def test_what_is_never_right_is_a_fault(said: Said, fault: str) -> None:
    """Nobody has to ask for these."""
    assert fault in judge(step(), Outcome(said=[said]))[0]


def test_silence_is_a_fault_unless_wanted() -> None:
    """A buyer is always answered."""
    assert ["the bot said nothing"] == judge(step(), Outcome())
    assert [] == judge(step(silent=True), Outcome())
    assert [] == judge(step("desk", "hand_back"), Outcome())
    assert [] == judge(step("later", "26h"), Outcome())
    assert [] == judge(step("order", "SH1005", becomes={"state": "shipped"}), Outcome())


def test_button_must_have_been_offered() -> None:
    """By a message or a card of the turn before, not earlier."""
    assert [] == judge(step("button", "/affirm"), REPLY, [REPLY])
    assert [] == judge(step("button", "/size_help"), REPLY, [REPLY])
    assert "was not offered" in judge(step("button", "/affirm"), REPLY, [REPLY, Outcome()])[0]


def test_same_reply_word_for_word() -> None:
    """As the reply to an earlier step."""
    other = Outcome(said=[Said("utter_greet", "en", "Hi!")])
    assert [] == judge(step(same_as=1), REPLY, [REPLY, other])
    assert "same_as: the reply is not word for word" in judge(step(same_as=2), REPLY, [REPLY, other])[0]


def test_report_shows_the_whole_conversation() -> None:
    """What was said, by which response, what was understood, and what is wrong."""
    transcript = Transcript(Scenario("topic/sample", "A sample", "stylehub", "", [], {}, None, {}), "en")
    transcript.steps.append((step(), REPLY, []))
    transcript.steps.append((step(text="bye"), REPLY, ["has: 'x' was not told"]))
    report = str(transcript)
    for part in (
        "topic/sample in en",
        "hello   [greet]",
        "en utter_greet: Hi, SH1006",
        "[Yes /affirm]",
        "<BAG-11>",
        "bye",
        "✗ has: 'x'",
    ):
        assert part in report
    assert ["has: 'x' was not told"] == transcript.faults
