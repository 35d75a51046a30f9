"""The interface's words."""

from __future__ import annotations

import pytest

from channels.words import choose_language, list_languages, load_interface, load_words


@pytest.mark.parametrize("code", ["id", "th"])
def test_packs_have_the_same_words(code):
    """Every pack has every word of the default pack, and says it in its own language."""
    default, own = load_interface("en"), load_interface(code)
    same = [key for key in default if key != "direction" and default[key] == own[key]]

    assert set(list_languages()) >= {"en", "id", "th"}
    assert same == []
    assert default["lines"].keys() == own["lines"].keys()


def test_unknown_language_falls_back():
    """A language without a pack speaks the default language, never nothing."""
    assert load_words("xx", "utter_slow_down") == load_words("en", "utter_slow_down") != ""


def test_choose_language_survives_nonsense():
    """A browser may claim to speak anything."""
    assert choose_language([None, 7, "../en", "x" * 99], "id") == "id"
