"""What came of a step, and whether that is what its scenario expects."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.conversations.scenario import QUIET_MOVES, Scenario, Step, render_days

TROUBLE = "utter_service_problem"


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
    form: str = ""  #: the one that is active afterwards
    did: Sequence[str] = ()  #: actions and forms, in order

    @property
    def text(self) -> str:
        """All texts that were said."""
        return "\n".join(said.text for said in self.said if said.text)


def judge(step: Step, outcome: Outcome, before: Sequence[Outcome] = ()) -> list[str]:
    """What is wrong with an outcome; nothing where all is as expected. ``before`` are the outcomes of earlier steps."""
    expects, faults = step.expects, []
    responses = [said.response for said in outcome.said if said.response]
    if step.move in QUIET_MOVES - {"desk"}:
        return []
    if step.move == "button" and before and step.text not in [p for said in before[-1].said for p in said.payloads]:
        faults.append(f"button: {step.text} was not offered in the turn before")
    if expects.get("silent"):
        if outcome.said:
            faults.append("silent: the bot spoke")
    elif not outcome.said and step.move not in QUIET_MOVES:
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
