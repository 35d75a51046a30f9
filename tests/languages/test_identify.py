"""Which language a message is in: kept where nothing tells, switched where something does."""

from __future__ import annotations

import pathlib

import pytest

from pasar.languages.identify import LanguageGuess, LanguageIdentifier
from tests.languages.samples import training

LANGUAGES = ("en", "id", "th")
OF_EACH_INTENT = 12


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    """Fitted on a dozen sentences of every intent in each language."""
    texts: dict[str, list[str]] = {}
    for code in LANGUAGES:
        taken: dict[str, int] = {}
        texts[code] = []
        for sample in training(code):
            taken[sample.intent] = taken.get(sample.intent, 0) + 1
            if taken[sample.intent] <= OF_EACH_INTENT:
                texts[code].append(sample.text)
    return LanguageIdentifier.fit(texts)


@pytest.mark.parametrize("current", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["ok", "OK!", "SH1001", "😡", "👍👍", "cod?", "123", "2", "XL", "SH1001 SH1002", "https://toko.example/a"]
)
def test_identify_keeps_the_language_where_nothing_tells(
    identifier: LanguageIdentifier, current: str, text: str
) -> None:
    """A number, an emoji or an international word leaves the conversation in its language."""
    assert (current, True) == as_pair(identifier.identify(text, current=current))


@pytest.mark.parametrize("current", ["en", "th"])
@pytest.mark.parametrize("text", ["berapa?", "berapa ya kak", "ongkirnya berapa kak"])
def test_identify_switches_at_one_telling_word(identifier: LanguageIdentifier, current: str, text: str) -> None:
    """One word that only one language has is enough evidence."""
    assert ("id", True) == as_pair(identifier.identify(text, current=current))


@pytest.mark.parametrize(
    ("current", "text", "expected"),
    [
        ("en", "kak pesanan saya kapan dikirim ya", "id"),
        ("en", "ของถึงไหนแล้วคะ", "th"),
        ("id", "where is my parcel please", "en"),
        ("id", "ส่งของหรือยังครับ", "th"),
        ("th", "can i return this dress, it does not fit", "en"),
        ("th", "barangnya belum sampai juga nih min", "id"),
        ("en", "powerbank สีดำ fast charging ส่งกี่วันคะ", "th"),
    ],
)
def test_identify_follows_a_switch(identifier: LanguageIdentifier, current: str, text: str, expected: str) -> None:
    """A sentence in another of the shop's languages changes the language, from each to each."""
    assert (expected, True) == as_pair(identifier.identify(text, current=current))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi", "en"),
        ("halo kak", "id"),
        ("สวัสดีค่ะ", "th"),
        ("how much is shipping to singapore", "en"),
        ("bisa cod ga kak", "id"),
        ("มีไซส์ m มั้ยคะ", "th"),
        ("iphone case สีดำ มีของมั้ย", "th"),
    ],
)
def test_identify_finds_the_first_language(identifier: LanguageIdentifier, text: str, expected: str) -> None:
    """Without a conversation so far, the message alone tells, also where it is mixed."""
    assert (expected, True) == as_pair(identifier.identify(text))


@pytest.mark.parametrize("current", [None, *LANGUAGES])
@pytest.mark.parametrize(
    "text",
    [
        "¿Dónde está mi pedido? No ha llegado todavía",
        "Где моя посылка?",
        "Đơn hàng của tôi bao giờ giao vậy shop ơi",
        "我的包裹在哪里？",
        "送料はいくらですか",
    ],
)
def test_identify_says_what_is_unknown(identifier: LanguageIdentifier, current: str | None, text: str) -> None:
    """A sentence in none of the shop's languages is unknown, and the conversation's language stays."""
    assert (current or LANGUAGES[0], False) == as_pair(identifier.identify(text, current=current))


@pytest.mark.parametrize("text", ["", "   ", "😀", "!!!", "\u200b", "12345", "12.50"])
def test_identify_gives_no_confidence_to_a_text_without_letters(identifier: LanguageIdentifier, text: str) -> None:
    """A text without a letter tells nothing, and that is said."""
    assert LanguageGuess("th", known=True, confidence=0.0) == identifier.identify(text, current="th")


@pytest.mark.parametrize("current", ["xx", None])
def test_identify_takes_the_first_language_where_none_is_known(
    identifier: LanguageIdentifier, current: str | None
) -> None:
    """A conversation in a language that the shop no longer has counts as a new one."""
    assert "en" == identifier.identify("99", current=current).language


def test_load_gives_the_same_guesses(identifier: LanguageIdentifier, tmp_path: pathlib.Path) -> None:
    """What was saved and loaded guesses the same languages of sentences it was not fitted on."""
    identifier.save(tmp_path)
    loaded = LanguageIdentifier.load(tmp_path)
    texts = [sample.text for code in LANGUAGES for sample in training(code)[::97]]
    texts += ["ok", "berapa?", "我的包裹在哪里？", "😡", "SH1001"]
    for current in (None, *LANGUAGES):
        before = [identifier.identify(text, current=current) for text in texts]
        after = [loaded.identify(text, current=current) for text in texts]
        assert [as_pair(guess) for guess in before] == [as_pair(guess) for guess in after]
        assert [guess.confidence for guess in before] == pytest.approx([guess.confidence for guess in after], abs=0.02)
    assert LANGUAGES == loaded.languages


def test_fit_knows_its_own_sentences(identifier: LanguageIdentifier) -> None:
    """Nearly all sentences that were not fitted on are found in their own language when nothing was said before."""
    right = total = 0
    for code in LANGUAGES:
        for sample in training(code)[OF_EACH_INTENT + 3 :: 41]:
            guess = identifier.identify(sample.text)
            right += guess.language == code and guess.known
            total += 1
    assert 0.93 <= right / total


def test_fit_of_two_languages_tells_them() -> None:
    """Two languages have one column of weights in scikit-learn; both are told all the same."""
    two = LanguageIdentifier.fit({code: [sample.text for sample in training(code)[::40]] for code in ("en", "id")})
    assert ["id", "en"] == [
        two.identify(text).language for text in ("kapan pesanan saya dikirim kak", "when will my order be shipped")
    ]


def test_fit_of_one_language_knows_nothing_else() -> None:
    """A shop of one language answers in it, and sees that another script is none of it."""
    one = LanguageIdentifier.fit({"en": [sample.text for sample in training("en")[::40]], "id": []})
    assert ("en", True) == as_pair(one.identify("where is my order"))
    assert ("en", False) == as_pair(one.identify("ของถึงไหนแล้วคะ"))


@pytest.mark.parametrize("texts", [{}, {"en": []}])
def test_fit_without_examples_says_what_is_missing(texts: dict[str, list[str]]) -> None:
    """A project without packs is told where they belong."""
    with pytest.raises(ValueError, match="data/"):
        LanguageIdentifier.fit(texts)


def as_pair(guess: LanguageGuess) -> tuple[str, bool]:
    """The parts of a guess that lead to an answer."""
    return guess.language, guess.known
