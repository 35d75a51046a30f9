"""Every form, at every slot it asks for, in every language: questions in between, never mind, a person, another form.

All cells are generated from ``domain.yml`` and ``data/core/rules`` (``forms.py``, ``cells.py``). Needs are pressed as
buttons are, so that the dialogue is tested and not the understanding. Each form is begun by each intent that begins it,
with the order of the demo shop that makes it ask the most.

All cells in all languages would take some minutes. So every form is gone through in every language, and each cell is
played in two of them, by turns; ``--language th`` plays all cells in one.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from pasar.languages.pack import list_codes, load_pack
from tests.conversations import cells
from tests.conversations.forms import Form, Purchase, read_digressions, read_forms
from tests.conversations.runner import World

FORMS = {form.name: form for form in read_forms()}
#: Moves of a cell that may end with something changed in the shop.
_CHANGING = {f"/{form.openers[0]}" for form in FORMS.values() if form.openers}
LANGUAGES = [code for code in list_codes() if load_pack(code).live]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each form and language."""
    if "language" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--language", default=None)
        metafunc.parametrize("language", [code for code in LANGUAGES if wanted in (None, code)])


@pytest.mark.parametrize("name", FORMS)
def test_form_is_begun_by_an_intent(name: str) -> None:
    """Else no buyer can come to it."""
    assert FORMS[name].openers


def test_digressions_are_found() -> None:
    """Those that buyers tell most are among them."""
    intents = {digression.intent for digression in read_digressions()}
    assert {"price_inquiry", "shipping_cost", "thank", "chitchat", "out_of_scope", "nlu_fallback"} <= intents


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """Rasa logs every slot at every turn, which takes longer than the turns."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str, language: str, world: World, request: pytest.FixtureRequest) -> None:
    """It is answered in between, left, handed over and interrupted, wherever it asks."""
    every = request.config.getoption("--language", default=None) is not None
    with world.begin("stylehub"):
        faults = list(_play(world, language, FORMS[name], every=every))
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@functools.lru_cache(maxsize=64)
def _purchase(world: World, name: str) -> Purchase:
    """Found in one language, with the first intent that begins the form, for all."""
    return cells.find_purchase(world, LANGUAGES[0], FORMS[name], FORMS[name].openers[0])


def _play(world: World, language: str, form: Form, *, every: bool) -> Iterator[str]:
    """What is wrong, with where; a slot's cells are played after the first opener that comes to it."""
    seen: set[str] = set()
    purchase = _purchase(world, form.name)
    for opener in form.openers:
        path = cells.walk(world, language, form, opener, purchase)
        world.restore()  # the walk went to the end: a place is to be found as it was
        yield from (f"{opener}: {fault}" for fault in path.faults)
        for place in path.places:
            if place.slot not in seen:
                seen.add(place.slot)
                for move, play in list_cells(place, language, purchase, every=every):
                    yield from (f"{opener}, asked for {place.slot}, {move}: {fault}" for fault in play())
                    if move in _CHANGING:
                        world.restore()


def list_cells(
    place: cells.Place, language: str, purchase: Purchase, *, every: bool
) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """The cells of a place that are this language's: all, or its turn's."""
    other = next(code for code in LANGUAGES if code != language)
    found: list[tuple[str, Callable[[], list[str]]]] = [
        ("/deny", functools.partial(cells.leave, place)),
        ("/talk_to_human", functools.partial(cells.call_person, place)),
    ]
    for form in cells.other_forms(place.form):
        found.append((f"/{form.openers[0]}", functools.partial(cells.switch, place, form, form.openers[0], purchase)))
    for digression in read_digressions():
        found.append((f"/{digression.intent}", functools.partial(cells.digress, place, digression, other)))
    first = place.form.slots.index(place.slot) + LANGUAGES.index(language)
    for number, cell in enumerate(found, first):
        if every or number % len(LANGUAGES) in (0, len(LANGUAGES) // 2):
            yield cell
