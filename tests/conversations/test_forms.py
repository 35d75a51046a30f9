"""Every form, at every slot it asks for, in every language: questions in between, never mind, a person, another form.

All cells are generated from ``domain.yml`` and ``data/core/rules`` (``forms.py``, ``cells.py``). Needs are pressed as
buttons are, so that the dialogue is tested and not the understanding. Each form is begun by each intent that begins it,
with the order of the demo shop that makes it ask the most.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator

import pytest
import structlog

from pasar.languages.pack import list_codes, load_pack
from tests.conversations import cells
from tests.conversations.forms import Form, Purchase, read_digressions, read_forms
from tests.conversations.runner import World

FORMS = {form.name: form for form in read_forms()}
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
def test_form(name: str, language: str, world: World) -> None:
    """It is answered in between, left, handed over and interrupted, wherever it asks."""
    with world.begin("stylehub"):
        faults = [fault for opener in FORMS[name].openers for fault in _play(world, language, FORMS[name], opener)]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@functools.lru_cache(maxsize=64)
def _purchase(world: World, name: str, opener: str) -> Purchase:
    """Found in one language for all."""
    return cells.find_purchase(world, LANGUAGES[0], FORMS[name], opener)


def _play(world: World, language: str, form: Form, opener: str) -> Iterator[str]:
    purchase = _purchase(world, form.name, opener)
    path = cells.walk(world, language, form, opener, purchase)
    yield from (f"{opener}: {fault}" for fault in path.faults)
    other_language = next(code for code in LANGUAGES if code != language)
    for place in path.places:
        played = {
            "/deny": cells.leave(place),
            "/talk_to_human": cells.call_person(place),
            **{
                f"/{digression.intent}": cells.digress(place, digression, other_language)
                for digression in read_digressions()
            },
            **{
                f"/{other.openers[0]}": cells.switch(place, other, other.openers[0], purchase)
                for other in cells.other_forms(form)
            },
        }
        for move, faults in played.items():
            yield from (f"{opener}, asked for {place.slot}, {move}: {fault}" for fault in faults)
