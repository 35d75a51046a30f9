"""Plays the conversations of ``tests/conversations/<topic>/<scenario>.yml`` with the trained assistant and the demo shop.

How such a file is written stands in ``docs/write-a-conversation.md``.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import pathlib
import re
import shutil
import uuid
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import time_machine
import yaml

from pasar.languages import formatting
from pasar.languages.pack import list_codes, load_pack

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]

#: The shop's time in every conversation, so that a week's day and Christmas are always equally far: a Tuesday.
NOW = datetime.datetime(2026, 12, 8, 10, 0, tzinfo=zoneinfo.ZoneInfo("Asia/Jakarta"))
TODAY = NOW.date()

SCENARIO_KEYS = {"scenario": str, "shop": str, "product": str, "buyer": dict, "clock": str, "languages": dict}
BUYER_KEYS = {"email": str, "phone": str}
MOVES = ("buyer", "button", "command", "desk")
STEP_KEYS = {
    "buyer": str,
    "button": str,
    "command": str,
    "desk": str,
    "intent": str,
    "needs": list,
    "says": list,
    "language": str,
    "has": list,
    "lacks": list,
    "same_as": int,
    "slots": dict,
    "state": str,
    "cards": list,
    "silent": bool,
}
DESK_MOVES = ("take", "hand_back")
STATES = ("bot", "waiting", "person", "closed")
TROUBLE = "utter_service_problem"

_DAY = re.compile(r"\{today([+-]\d+)?\}")
_BRACES = re.compile(r"\{[^{}]*\}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class ScenarioError(ValueError):
    """A scenario's file is not written as agreed; names file and key."""


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing that happens, and what must come of it."""

    move: str  #: buyer, button, command or desk
    text: str
    language: str  #: of the reply
    expects: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One file."""

    name: str  #: ``<topic>/<scenario>``
    proves: str
    shop: str
    product: str
    buyer: Mapping[str, str]
    clock: datetime.time | None  #: the shop's time, where it matters
    languages: Mapping[str, Sequence[Step]]


# ---- reading -----------------------------------------------------------------------------------------------------


def find_files(folder: pathlib.Path = HERE) -> list[pathlib.Path]:
    """All scenarios of a folder."""
    return sorted(folder.glob("*/*.yml"))


def read_scenario(path: pathlib.Path) -> Scenario:
    """Read one file; :class:`ScenarioError` names file and key of what is wrong in it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    _check_keys(path, "", content, SCENARIO_KEYS, required=("scenario", "languages"))
    _check_keys(path, "buyer", content.get("buyer", {}), BUYER_KEYS)
    clock = _CLOCK.fullmatch(content.get("clock", "10:00"))
    if clock is None:
        raise ScenarioError(f'{path}: clock: must be a time like "22:30"')
    languages = {}
    for code, steps in content["languages"].items():
        if code not in list_codes():
            raise ScenarioError(f"{path}: languages: {code}: there is no such pack under data/")
        if not isinstance(steps, list) or not steps:
            raise ScenarioError(f"{path}: languages: {code}: must be a list of steps")
        languages[code] = [
            _read_step(path, f"languages: {code}: step {n}", step, code) for n, step in enumerate(steps, 1)
        ]
    return Scenario(
        name=f"{path.parent.name}/{path.stem}",
        proves=content["scenario"],
        shop=content.get("shop", "stylehub"),
        product=content.get("product", ""),
        buyer=content.get("buyer", {}),
        clock=datetime.time(int(clock[1]), int(clock[2])),
        languages=languages,
    )


def _read_step(path: pathlib.Path, place: str, content: Any, code: str) -> Step:
    _check_keys(path, place, content, STEP_KEYS)
    moves = [move for move in MOVES if move in content]
    if len(moves) != 1:
        raise ScenarioError(f"{path}: {place}: must have one of: {', '.join(MOVES)}")
    language = content.get("language", code)
    if language not in list_codes():
        raise ScenarioError(f"{path}: {place}: language: there is no pack {language!r} under data/")
    if moves[0] == "desk" and content["desk"] not in DESK_MOVES:
        raise ScenarioError(f"{path}: {place}: desk: must be one of: {', '.join(DESK_MOVES)}")
    if content.get("state", "bot") not in STATES:
        raise ScenarioError(f"{path}: {place}: state: must be one of: {', '.join(STATES)}")
    for key in ("says", "has", "lacks", "needs", "cards"):
        for entry in content.get(key, ()):
            if not isinstance(entry, str):
                raise ScenarioError(f"{path}: {place}: {key}: {entry!r} is no text; put it in quotes")
            if key in ("has", "lacks") and (strange := _BRACES.search(_DAY.sub("", entry))):
                raise ScenarioError(f"{path}: {place}: {key}: {strange[0]} is not known; only {{today+2}} and the like")
    expects = {key: value for key, value in content.items() if key not in (*MOVES, "language")}
    return Step(moves[0], content[moves[0]], language, expects)


def _check_keys(
    path: pathlib.Path, place: str, content: Any, known: Mapping[str, type], required: Sequence[str] = ()
) -> None:
    where = f"{path}: {place}: " if place else f"{path}: "
    if not isinstance(content, dict):
        raise ScenarioError(f"{where}must hold keys and values")
    for key, value in content.items():
        if key not in known:
            raise ScenarioError(f"{where}{key}: is no key here; known: {', '.join(known)}")
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            raise ScenarioError(f"{where}{key}: must be a {known[key].__name__}, is {value!r}")
    for key in required:
        if key not in content:
            raise ScenarioError(f"{where}{key}: is missing")


def missing_languages(scenario: Scenario) -> list[str]:
    """Live languages that a scenario is not written in."""
    return [code for code in list_codes() if load_pack(code).live and code not in scenario.languages]


def render_days(text: str, language: str, today: datetime.date = TODAY) -> str:
    """``{today+2}`` as the language writes that day."""

    def write(match: re.Match[str]) -> str:
        day = today + datetime.timedelta(days=int(match[1] or 0))
        return formatting.format_date(day, load_pack(language), today)

    return _DAY.sub(write, text)


# ---- judging -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Said:
    """One message of the bot."""

    response: str  #: its key; "" for cards
    language: str  #: of the text that was chosen; "" where it has no language
    text: str
    buttons: Sequence[Mapping[str, str]] = ()
    cards: Sequence[Mapping[str, Any]] = ()

    @property
    def payloads(self) -> list[str]:
        """What can be pressed."""
        offered = [*self.buttons, *(button for card in self.cards for button in card.get("buttons") or ())]
        return [button["payload"] for button in offered]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one step."""

    said: Sequence[Said] = ()
    intent: str = ""
    needs: Sequence[str] = ()
    slots: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    state: str = "bot"

    @property
    def text(self) -> str:
        """All texts that were said."""
        return "\n".join(said.text for said in self.said if said.text)


def judge(step: Step, outcome: Outcome, before: Sequence[Outcome] = ()) -> list[str]:
    """What is wrong with an outcome; nothing where all is as expected. ``before`` are the outcomes of earlier steps."""
    expects, faults = step.expects, []
    responses = [said.response for said in outcome.said if said.response]
    if step.move == "button" and before and step.text not in [p for said in before[-1].said for p in said.payloads]:
        faults.append(f"button: {step.text} was not offered in the turn before")
    if expects.get("silent"):
        if outcome.said:
            faults.append("silent: the bot spoke")
    elif not outcome.said and step.move != "desk":
        faults.append("the bot said nothing")
    for said in outcome.said:
        if said.language and said.language != step.language:
            faults.append(f"language: {said.response} is in {said.language!r}, not in {step.language!r}")
        if strange := re.search(r"\{\w+\}|\bNone\b", said.text):
            faults.append(f"{said.response}: {strange[0]!r} is told to the buyer")
    if TROUBLE in responses and TROUBLE not in expects.get("says", ()):
        faults.append("something failed and the buyer was told so")
    faults += _judge_reply(step, outcome, responses, before)
    for key, got in (("intent", outcome.intent), ("state", outcome.state), ("needs", list(outcome.needs))):
        if key in expects and expects[key] != got:
            faults.append(f"{key}: must be {expects[key]}, is {got}")
    for slot, value in expects.get("slots", {}).items():
        if outcome.slots.get(slot) != value:
            faults.append(f"slots: {slot}: must be {value!r}, is {outcome.slots.get(slot)!r}")
    return faults


def _judge_reply(step: Step, outcome: Outcome, responses: list[str], before: Sequence[Outcome]) -> list[str]:
    expects, faults = step.expects, []
    rest = iter(responses)
    for key in expects.get("says", ()):
        if key not in rest:
            faults.append(f"says: {key} was not said (in this order); said: {', '.join(responses) or 'nothing'}")
            break
    for fact in expects.get("has", ()):
        if (fact := render_days(fact, step.language)) not in outcome.text:
            faults.append(f"has: {fact!r} was not told")
    everything = outcome.text + "".join(str(said.buttons) + str(said.cards) for said in outcome.said)
    for fact in expects.get("lacks", ()):
        if (fact := render_days(fact, step.language)) in everything:
            faults.append(f"lacks: {fact!r} was told")
    if "same_as" in expects:
        place = expects["same_as"]
        if not 1 <= place <= len(before):
            faults.append(f"same_as: there is no step {place} before this one")
        elif before[place - 1].text != outcome.text:
            faults.append(f"same_as: the reply is not word for word that of step {place}")
    if "cards" in expects:
        shown = [card.get("sku") for said in outcome.said for card in said.cards if card.get("type") == "product"]
        if expects["cards"] != shown:
            faults.append(f"cards: must be {expects['cards']}, are {shown}")
    return faults


@dataclasses.dataclass
class Transcript:
    """A conversation as it went."""

    scenario: Scenario
    language: str
    steps: list[tuple[Step, Outcome, list[str]]] = dataclasses.field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that went wrong."""
        return [fault for *_, faults in self.steps for fault in faults]

    def __str__(self) -> str:
        lines = [f"{self.scenario.name} in {self.language}: {self.scenario.proves}"]
        for number, (step, outcome, faults) in enumerate(self.steps, 1):
            read = " + ".join(outcome.needs) or outcome.intent
            lines.append(f"{number:>3} {step.move:<6} {step.text}" + (f"   [{read}]" if read else ""))
            for said in outcome.said:
                shown = " ".join(f"<{card.get('sku') or card.get('type')}>" for card in said.cards)
                pressed = "".join(f" [{button['title']} {button['payload']}]" for button in said.buttons)
                lines.append(f"    bot {said.language or '--'} {said.response}: {said.text}{shown}{pressed}")
            lines += [f"    ✗ {fault}" for fault in faults]
        return "\n".join(lines)


# ---- playing -----------------------------------------------------------------------------------------------------


class World:
    """The newest model, loaded once, and a demo shop that is as new in every conversation."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Seed the shop and load the model; the environment must already name this folder's databases."""
        from pasar.commerce.demo.database import upgrade
        from pasar.commerce.demo.seed import seed

        self._seeded, self._shop = folder / "seeded.db", folder / "shop.db"
        upgrade(f"sqlite:///{self._seeded}")
        seed(f"sqlite:///{self._seeded}", TODAY)
        self._loop = asyncio.new_event_loop()
        self._agent = self._loop.run_until_complete(_load_agent(find_model()))

    def play(self, scenario: Scenario, language: str) -> Transcript:
        """Let one conversation happen."""
        from pasar.commerce.registry import close_shops

        close_shops()  # returns that another conversation opened are gone
        shutil.copy(self._seeded, self._shop)
        moment = datetime.datetime.combine(TODAY, scenario.clock, NOW.tzinfo) if scenario.clock else NOW
        with time_machine.travel(moment.astimezone(datetime.timezone.utc), tick=True):
            self._loop.run_until_complete(_warm_up(scenario.shop))
            return self._loop.run_until_complete(_play(self._agent, scenario, language))

    def close(self) -> None:
        """Give everything back."""
        from pasar.commerce.registry import close_shops

        close_shops()
        self._loop.close()


def find_model(folder: pathlib.Path = PROJECT / "models") -> pathlib.Path:
    """The newest trained model."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise FileNotFoundError(f"{folder}: there is no model; run `rasa train`")
    return models[-1]


@contextlib.contextmanager
def open_world(folder: pathlib.Path) -> Iterator[World]:
    """A world with databases in a folder of its own; what other tests have opened is opened anew afterwards."""
    from pasar.commerce.registry import close_shops
    from pasar.conversations.store import open_store
    from pasar.settings import load_settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASAR_DATABASE", f"sqlite:///{folder}/pasar.db")
        patch.setenv("PASAR_DEMO_DATABASE", f"sqlite:///{folder}/shop.db")
        patch.setenv("PASAR_REPLY_DEADLINE", "60")
        patch.setenv("PASAR_BUYER_SECRET", "buyers-of-the-conversation-tests-0123456789")
        patch.setenv("PASAR_DESK_TOKEN", "desk-of-the-conversation-tests-0123456789")
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        for cached in (load_settings, open_store):
            cached.cache_clear()
        close_shops()
        world = World(folder)
        try:
            yield world
        finally:
            world.close()
            for cached in (load_settings, open_store):
                cached.cache_clear()


async def _load_agent(model: pathlib.Path) -> Any:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    from pasar.nlu.inprocess import install

    endpoints = AvailableEndpoints.read_endpoints(str(PROJECT / "endpoints.yml"))
    agent = await load_agent(model_path=str(model), endpoints=endpoints)
    install(agent)
    return agent


async def _warm_up(shop: str) -> None:
    """Let the shop read its catalogue before the first message, as it has in a bot that runs."""
    from pasar.commerce.backend import ShopError
    from pasar.commerce.registry import list_shops, open_shop

    for _ in range(10):
        with contextlib.suppress(ShopError):
            await open_shop(shop if shop in list_shops() else list_shops()[0]).search_products("")
            return


async def _play(agent: Any, scenario: Scenario, language: str) -> Transcript:
    conversation_id = f"{scenario.name}-{language}-{uuid.uuid4().hex[:8]}"
    transcript = Transcript(scenario, language)
    before: list[Outcome] = []
    for step in scenario.languages[language]:
        outcome = await _take(agent, scenario, conversation_id, step)
        transcript.steps.append((step, outcome, judge(step, outcome, before)))
        before.append(outcome)
    return transcript


async def _take(agent: Any, scenario: Scenario, conversation_id: str, step: Step) -> Outcome:
    from channels.base import Context, check_payload, check_text, find_language
    from channels.desk import DeskInput
    from channels.turn import Incoming, answer
    from pasar.commerce.model import Buyer
    from pasar.conversations.store import State, open_store

    store = open_store()
    if step.move == "desk":
        desk = DeskInput()
        if step.text == "take":
            await desk._take(agent, conversation_id, "Maya")
        else:
            await desk._hand_back(agent, conversation_id)
        return Outcome(state=store.get(conversation_id, fresh=True).state.value)

    tracker = await agent.tracker_store.retrieve(conversation_id)
    heard = len(tracker.events) if tracker else 0
    buyer = Buyer(scenario.buyer.get("email", ""), scenario.buyer.get("phone", "")) if scenario.buyer else None
    language = await find_language(conversation_id, scenario.shop, store)
    output = _make_output(conversation_id, language, store)
    is_payload = step.move in ("button", "command")
    text = check_payload(step.text) if is_payload else check_text(render_days(step.text, step.language))
    context = Context(scenario.shop, scenario.product, buyer)
    await (await answer(agent.handle_message, Incoming(conversation_id, text, context, language), output, store))

    tracker = await agent.tracker_store.retrieve(conversation_id)
    new = [event for event in list(tracker.events)[heard:] if event.type_name == "user"]
    parsed = (new[0].parse_data or {}) if new else {}
    known = store.get(conversation_id, fresh=True)
    return Outcome(
        said=output.said,
        intent=(parsed.get("intent") or {}).get("name") or "",
        needs=parsed.get("needs") or (),
        slots=tracker.current_slot_values(),
        state=(known.state if known else State.BOT).value,
    )


def _make_output(conversation_id: str, language: str, store: Any) -> Any:
    from channels.turn import GuardedOutput

    class Output(GuardedOutput):
        """Keeps what the buyer hears, with the keys of the responses."""

        @classmethod
        def name(cls) -> str:
            return "rest"

        async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
            heard, said = len(self.messages), _describe(message)  # what it sends, Rasa takes out of the message
            await super().send_response(recipient_id, message)
            if len(self.messages) > heard:
                self.said.append(said)

        async def say(self, key: str) -> None:
            heard = len(self.messages)
            await super().say(key)
            if len(self.messages) > heard:
                self.said.append(Said(key, self.language, self.messages[-1].get("text", "")))

    output = Output(conversation_id, language, store)
    output.said = []
    return output


def _describe(message: Mapping[str, Any]) -> Said:
    chosen = [c["value"] for c in message.get("condition") or () if c.get("name") == "language"]
    response = message.get("utter_action") or ""
    text = message.get("text") or ""
    # a text without a condition is the default language's, for languages whose pack lacks it
    language = chosen[0] if chosen else load_default_language() if response and text else ""
    custom = message.get("custom") or {}
    return Said(response, language, text, message.get("buttons") or (), custom.get("cards") or ())


def load_default_language() -> str:
    """The language of texts that a pack has not got."""
    return str(yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["language"])
