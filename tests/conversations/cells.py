"""The cells of the matrix: at each slot that a form asks for, everything a buyer may do instead of answering.

Each function plays one cell in a copy of the conversation and gives back what is wrong; nothing where all is right.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from tests.conversations.forms import (
    PAGE,
    Digression,
    Form,
    Purchase,
    find_answers,
    read_answers,
    read_forms,
    read_purchases,
    write_payload,
)
from tests.conversations.runner import World
from tests.conversations.talk import Talk

_LONGEST = 12  # turns a form may take

#: These count as answers that were not clear: the form itself asks again, in whichever words.
_UNCLEAR = frozenset({"nlu_fallback", "out_of_scope"})

#: Openers of a form that are a no where a yes is asked for.
_NOS = frozenset({"cancel_order"})


@dataclasses.dataclass(frozen=True)
class Place:
    """A form that has just asked for a slot."""

    form: Form
    slot: str
    talk: Talk
    asks: tuple[str, ...]  #: the keys of its question

    @property
    def page(self) -> str:
        """The page a buyer is on; none where the form asks for the product, which a page would tell."""
        return "" if self.slot in ("product", "helped") else PAGE


@dataclasses.dataclass(frozen=True)
class Path:
    """A form from its first question to its end, with an order that lets it ask the most."""

    places: tuple[Place, ...]
    faults: tuple[str, ...]


def walk(world: World, language: str, form: Form, opener: str, purchase: Purchase) -> Path:
    """Begin a form with an intent and answer all it asks."""
    talk, places = Talk(world, language), []
    faults = talk.press(write_payload("switch_language", {"language": language}))
    faults += talk.press(form.begin(opener, purchase))
    for _ in range(_LONGEST):
        slot = talk.slot
        if talk.outcome.form != form.name or not slot:
            break
        if any(place.slot == slot for place in places):
            faults.append(f"{slot} is asked for again after {talk.pressed[-1]}")
            break
        places.append(Place(form, slot, talk, tuple(talk.asked)))
        talk, wrong = _answer(talk, slot, form.name, purchase)
        faults += wrong
    return Path(tuple(places), tuple(faults))


def _answer(talk: Talk, slot: str, form: str, purchase: Purchase) -> tuple[Talk, list[str]]:
    """Go on with the first answer that fills the slot; all of them failing is told."""
    payloads = [payload for said in talk.outcome.said for payload in said.payloads]
    answers = find_answers(slot, form, purchase, payloads, talk.language)
    faults: list[str] = []
    for payload, page in answers:
        tried = talk.fork()
        faults = tried.press(payload, page)
        if tried.slot != slot:
            return tried, faults
    return tried, [*faults, f"{slot}: is filled by none of {answers}; see find_answers in tests/conversations/forms.py"]


def find_purchase(world: World, language: str, form: Form, opener: str) -> Purchase:
    """The order of the demo shop with which a form asks the most."""
    purchases = read_purchases()
    if "order_id" not in form.slots:
        return purchases[0]

    def count_places(purchase: Purchase) -> int:
        world.restore()
        return len(walk(world, language, form, opener, purchase).places)

    return max(purchases, key=count_places)


def digress(place: Place, digression: Digression, other: str) -> list[str]:
    """A need that leads away is answered, and the form asks the same again; in the new language after a switch."""
    talk = place.talk.fork()
    language = other if digression.intent == "switch_language" else ""
    faults = talk.press(digression.write(other), place.page, language)
    if talk.outcome.slots.get(place.slot) is not None:  # it told what was asked for
        return faults
    return [*faults, *_judge_digression(talk, place, digression)]


def _judge_digression(talk: Talk, place: Place, digression: Digression) -> Iterator[str]:
    if (talk.outcome.form, talk.slot) != (place.form.name, place.slot):
        yield f"left {place.form.name} and {place.slot}; now {talk.outcome.form or 'no form'} {talk.slot}"
    elif digression.intent in _UNCLEAR:
        return
    elif digression.action not in talk.outcome.did:
        yield f"{digression.action} was not done; done: {', '.join(talk.outcome.did)}"
    elif tuple(talk.asked[-len(place.asks) :]) != place.asks:
        yield f"does not ask again by {', '.join(place.asks)}; said: {', '.join(talk.asked)}"
    elif len(talk.asked) == len(place.asks):
        yield "asks again without an answer"


def leave(place: Place) -> list[str]:
    """After "never mind" the form is over and nothing is asked again; where a no is an answer, the form goes on with it."""
    return _say_no(place.talk.fork())


def _say_no(talk: Talk) -> list[str]:
    faults: list[str] = []
    for _ in range(_LONGEST):
        slot = talk.slot
        faults += talk.press("/deny")
        if not talk.outcome.form:
            break
        if talk.slot == slot:
            return [*faults, f"still asks for {slot} after a no"]
    faults += talk.press("/thank")
    if talk.outcome.form or talk.asked != ["utter_thanked"]:
        faults.append(f"asks after its end; said: {', '.join(talk.asked)}")
    return faults


def call_person(place: Place) -> list[str]:
    """A person who is asked for is waited for, in silence."""
    talk = place.talk.fork()
    faults = talk.press("/talk_to_human", state="waiting")
    if talk.outcome.form:
        faults.append(f"{talk.outcome.form} is still active")
    return faults + talk.press("/price_inquiry", PAGE, silent=True, state="waiting")


def switch(place: Place, other: Form, opener: str, purchase: Purchase) -> list[str]:
    """Another form runs at once, and when it is over, the first one goes on; a no to the other one ends both."""
    talk = place.talk.fork()
    faults = talk.press(other.begin(opener, purchase), place.page)
    if other.name not in talk.outcome.did and opener in _NOS and talk.slot != place.slot:
        return faults  # "cancel it" is a no to a summary
    if other.name not in talk.outcome.did:
        return [*faults, f"{other.name} did not begin; done: {', '.join(talk.outcome.did)}"]
    if talk.outcome.form == other.name:
        faults += _say_no(talk.fork())
    for _ in range(_LONGEST):
        if talk.outcome.form != other.name:
            break
        talk, wrong = _answer(talk, talk.slot, other.name, purchase)
        faults += wrong
        if wrong:
            break
    if talk.outcome.form == other.name:
        faults.append(f"{other.name} does not end; asks for {talk.slot}")
    elif place.form.name not in _after(talk.outcome.did, other.name):
        faults.append(f"{place.form.name} does not go on after {other.name}; done: {', '.join(talk.outcome.did)}")
    return faults


def _after(did: Iterable[str], name: str) -> list[str]:
    """What was done after the last time of something."""
    done = list(did)
    return done[len(done) - done[::-1].index(name) :] if name in done else done


def other_forms(form: Form) -> list[Form]:
    """Forms that a buyer may begin in the middle of this one; those that an action begins wait for its end."""
    begun = {action for actions in read_answers().values() for action in actions}
    return [other for other in read_forms() if other.name != form.name and other.name in begun]
