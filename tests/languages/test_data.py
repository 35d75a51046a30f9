"""The language packs' data: enough of it, consistent, and never judged by what was trained on."""

from __future__ import annotations

import collections
import functools

import pytest
import yaml

from pasar.languages.text import normalize
from tests.languages.samples import DATA, EVALUATION, LIVE, PROJECT, evaluation, load, training

#: Of any intent, of the twenty most asked, of what is none of the shop's.
LEAST_EXAMPLES = (300, 500, 1500)
LEAST_EVALUATION = (12, 25, 120)
MOST_ASKED = frozenset({
    "order_status", "delivery_time", "shipping_cost", "shipping_options", "product_info", "product_availability",
    "price_inquiry", "promotion_inquiry", "size_help", "payment_methods", "how_to_order", "return_item", "refund_request",
    "refund_status", "damaged_item", "wrong_item", "missing_item", "cancel_order", "complaint", "recommend_product",
})  # fmt: skip
NEAR = 0.75
LEAST_LETTERS = 12  # shorter texts are equal or different
NEVER_TRAINED = frozenset({"nlu_fallback", "unknown_language", "send_media"})
#: What every language writes alike: nothing but a link, a sign or placeholders.
ALIKE_LETTERS = 4
#: Words of an answer that a language has taken over from English: Total, Status, Invoice.
LOANWORDS = {"id": {"card_total", "card_state", "intent_invoice_request"}}


@functools.lru_cache(maxsize=1)
def domain() -> dict:
    """The project's domain file."""
    return yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))


def intents() -> set[str]:
    """Intents that a buyer's message may have."""
    return {intent if isinstance(intent, str) else next(iter(intent)) for intent in domain()["intents"]} - NEVER_TRAINED


def too_few(counts: collections.Counter[str], least: tuple[int, int, int]) -> dict[str, int]:
    """Intents that have fewer than they should."""
    usual, asked, outside = least
    needed = {
        intent: outside if intent == "out_of_scope" else asked if intent in MOST_ASKED else usual
        for intent in intents()
    }
    return {intent: counts[intent] for intent in sorted(needed) if counts[intent] < needed[intent]}


def letters_of(text: str) -> str:
    """What two texts must share to be the same: letters (with Thai vowels) and digits of the normalised text."""
    kept = normalize(text).text
    return "".join(sign for sign in kept if sign.isalnum() or "\u0e00" <= sign <= "\u0e7f")


def grams(letters: str) -> frozenset[str]:
    """All runs of four characters."""
    return frozenset(letters[start : start + 4] for start in range(len(letters) - 3))


def find_near(texts: set[str], trained: set[str]) -> list[tuple[str, str, float]]:
    """Pairs of a text and a trained one that are equal or nearly so; all as :func:`letters_of` gives them."""
    found = [(text, text, 1.0) for text in sorted(texts & trained)]
    index: dict[str, list[int]] = collections.defaultdict(list)
    known = [(text, grams(text)) for text in sorted(trained) if len(text) >= LEAST_LETTERS]
    for place, (_, own) in enumerate(known):
        for gram in own:
            index[gram].append(place)
    for text in sorted(texts - trained):
        if len(text) < LEAST_LETTERS:
            continue
        wanted = grams(text)
        shared = collections.Counter(place for gram in wanted for place in index.get(gram, ()))
        for place, common in shared.items():
            share = common / (len(wanted) + len(known[place][1]) - common)
            if share >= NEAR:
                found.append((text, known[place][0], round(share, 2)))
    return found


def test_live_packs_are_those_promised() -> None:
    """The tests below see all of the languages that are promised."""
    assert {"en", "id", "th", "vi", "ms", "fil", "zh", "es"} <= set(LIVE)


def test_find_near_sees_copies_and_small_changes() -> None:
    """The comparison finds the same sentence spelt otherwise and one with a letter more, and lets another be."""
    trained = {letters_of("Where is my parcel, please?")}
    same = {letters_of("where is my PARCEL please")}
    close = {letters_of("where is my parcel pleased?")}
    other = {letters_of("where is the money for my parcel")}
    assert [1.0] == [share for *_, share in find_near(same, trained)]
    assert 1 == len(find_near(close, trained))
    assert [] == find_near(other, trained)


@pytest.mark.parametrize("code", LIVE)
def test_pack_trains_every_intent_enough(code: str) -> None:
    """Every intent of the domain has enough different examples in every live language, and no other has any."""
    counts: collections.Counter[str] = collections.Counter()
    for intent, _ in {(sample.intent, sample.text) for sample in training(code)}:
        counts[intent] += 1
    assert {} == too_few(counts, LEAST_EXAMPLES)
    assert set() == set(counts) - intents()


@pytest.mark.parametrize("code", LIVE)
def test_pack_judges_every_intent(code: str) -> None:
    """Every intent has enough evaluation sentences in every live language."""
    folder = EVALUATION / code / "nlu"
    counts = collections.Counter(sample.intent for sample in evaluation(code) if sample.path.parent == folder)
    assert {} == too_few(counts, LEAST_EVALUATION)
    assert set() == set(counts) - intents()


@pytest.mark.parametrize("code", LIVE)
def test_pack_is_not_judged_by_what_it_was_trained_on(code: str) -> None:
    """No evaluation sentence, nor one nearly the same, is among the training examples of its language."""
    judged = {letters_of(sample.text) for sample in evaluation(code)} - {""}
    trained = {letters_of(sample.text) for sample in training(code)} - {""}
    assert [] == find_near(judged, trained)


@pytest.mark.parametrize("code", LIVE)
def test_pack_emoji_evaluation_is_not_trained(code: str) -> None:
    """Evaluation sentences without a letter, as emoji, are not among the training examples as they stand either."""
    judged = {sample.text for sample in evaluation(code) if not letters_of(sample.text)}
    trained = {sample.text for sample in training(code) if not letters_of(sample.text)}
    assert set() == judged & trained


@pytest.mark.parametrize("code", LIVE)
def test_pack_entities_are_in_the_domain(code: str) -> None:
    """Whatever an example marks is an entity of the domain."""
    known = set(domain()["entities"])
    strange = {
        (sample.path.relative_to(PROJECT).as_posix(), name)
        for sample in (*training(code), *evaluation(code))
        for name in sample.entities
        if name not in known
    }
    assert set() == strange


@pytest.mark.parametrize("code", LIVE)
def test_pack_marks_are_complete(code: str) -> None:
    """No example has a bracket left open by a slip of the annotation."""
    broken = [
        (sample.path.relative_to(PROJECT).as_posix(), sample.text)
        for sample in (*training(code), *evaluation(code))
        if "](" in sample.text or "]{" in sample.text
    ]
    assert [] == broken


@pytest.mark.parametrize("code", LIVE)
def test_pack_example_has_one_intent(code: str) -> None:
    """No sentence is trained as two intents."""
    intents_of: dict[str, set[str]] = collections.defaultdict(set)
    for sample in training(code):
        intents_of[normalize(sample.text).text].add(sample.intent)
    assert {} == {text: sorted(of) for text, of in sorted(intents_of.items()) if len(of) > 1}


@pytest.mark.parametrize("code", LIVE)
def test_pack_files_name_their_language(code: str) -> None:
    """Every file states the language of its folder."""
    paths = [
        *(path for path in (DATA / code).glob("*.yml") if path.name in ("pack.yml", "responses.yml", "config.yml")),
        *(DATA / code / "nlu").glob("*.yml"),
        *(EVALUATION / code).rglob("*.yml"),
    ]
    wrong = {path.relative_to(PROJECT).as_posix(): load(path).get("language") for path in paths}
    assert {} == {path: language for path, language in wrong.items() if language != code}


@pytest.mark.parametrize("code", LIVE)
def test_pack_files_hold_one_intent_named_so(code: str) -> None:
    """A file of examples is named by its intent, so that a writer finds it."""
    wrong = {
        sample.path.relative_to(PROJECT).as_posix(): sample.intent
        for sample in training(code)
        if sample.path.stem != sample.intent
    }
    assert {} == wrong


def test_domain_holds_no_texts() -> None:
    """What a buyer is told stands in the language packs only."""
    assert [] == list(domain().get("responses") or ())


@pytest.mark.parametrize("code", [code for code in LIVE if code != "en"])
def test_pack_texts_are_not_english(code: str) -> None:
    """Every text of another language differs from the English one of the same key."""
    english = load(DATA / "en" / "responses.yml")["responses"]
    own = load(DATA / code / "responses.yml")["responses"]
    alike = []
    for key, variations in own.items():
        texts = {entry.get("text", "").strip() for entry in english.get(key, ())}
        alike += [
            key
            for entry in variations
            if entry.get("text", "").strip() in texts and count_letters(entry.get("text", "")) >= ALIKE_LETTERS
        ]
    assert [] == alike


def count_letters(text: str) -> int:
    """Letters of a text outside its placeholders."""
    outside = "".join(part.rpartition("}")[2] for part in text.split("{"))
    return sum(sign.isalpha() for sign in outside)


@pytest.mark.parametrize("code", [code for code in LIVE if code != "en"])
def test_pack_words_are_not_english(code: str) -> None:
    """Every word that stands inside an answer is translated, but for what all languages write alike."""
    english = load(DATA / "en" / "words.yml")["words"]
    own = load(DATA / code / "words.yml")["words"]
    same = {key for key, text in own.items() if text == english.get(key) and count_letters(text) >= ALIKE_LETTERS}
    assert LOANWORDS.get(code, set()) == same
