"""What the bot says: the packs' texts with the shop and its persona filled in."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

import pasar.nlu.responses as pack_responses
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.demo.files import read_shop
from pasar.languages.pack import load_pack
from pasar.nlu.responses import PackResponses

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHOP_FILES = PROJECT / "pasar" / "commerce" / "demo" / "stylehub"
PAYLOAD = '/inform{"order_id": "SH1001"}'
PACKS = {
    "en": {
        "utter_hello": [{"text": "I am {persona} of {shop_name}, {shop_email}. {order_id}"}],
        "utter_choose": [{"text": "Which?", "buttons": [{"title": "{order_id} at {shop_name}", "payload": PAYLOAD}]}],
        "utter_spoken": [{"text": "We speak {languages}"}],
    },
    "th": {"utter_hello": [{"text": "{persona} {shop_name}{particle}"}]},
    "id": {"utter_hello": [{"text": "Saya {persona}"}]},
}


class FakeShop:
    """A shop's system that knows the shop, or is down."""

    def __init__(self, shop: Any) -> None:
        """With the shop; None is down."""
        self.shop = shop

    async def get_shop(self) -> Any:
        """The shop."""
        if self.shop is None:
            raise ShopUnavailableError("stylehub", "get_shop", "is down in this test")
        return self.shop


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeShop:
    """The demo shop's record without a database."""
    monkeypatch.chdir(PROJECT)
    fake = FakeShop(read_demo_shop())
    monkeypatch.setattr(pack_responses, "open_shop", lambda _name: fake)
    return fake


@pytest.fixture
def generator(backend: FakeShop, monkeypatch: pytest.MonkeyPatch) -> PackResponses:
    """As Rasa makes it, with a few texts."""
    monkeypatch.setattr(pack_responses, "read_responses", lambda folder: PACKS.get(folder.name, {}))
    return PackResponses(None, Domain.from_dict({"responses": PACKS["en"]}))


def tracker(**slots: str) -> DialogueStateTracker:
    """A conversation with these slots."""
    made = DialogueStateTracker("buyer", [TextSlot(name, []) for name in ("language", "shop", "order_id")])
    made.update(UserUttered("hi"))
    for name, value in slots.items():
        made.update(SlotSet(name, value))
    return made


async def test_generate_fills_persona_shop_and_slots(generator: PackResponses) -> None:
    """Shop, persona and slots are filled in."""
    said = await generator.generate("utter_hello", tracker(language="en", order_id="SH1001"), "rest")
    assert "I am Stella of StyleHub, care@stylehub.example. SH1001" == said["text"]


@pytest.mark.parametrize(("gender", "particle"), [("female", "ค่ะ"), ("male", "ครับ")])
async def test_generate_thai_particle_by_the_personas_gender(
    generator: PackResponses, backend: FakeShop, gender: str, particle: str
) -> None:
    """A Thai woman ends her sentences with ค่ะ, a man with ครับ."""
    backend.shop = with_gender(backend.shop, gender)
    said = await generator.generate("utter_hello", tracker(language="th"), "rest")
    assert said["text"].endswith(f"StyleHub{particle}")


SPOKEN = [
    ("th", "utter_goodbye", {"gender": "female"}, "ค่ะ", {"gender": "male"}, "ครับ"),
    ("id", "utter_goodbye", {}, "kak", {"formality": "formal"}, "Bapak/Ibu"),
    ("zh", "utter_ask_weight", {}, "您", {"formality": "casual"}, "你"),
]


@pytest.mark.parametrize(("code", "response", "first", "first_word", "second", "second_word"), SPOKEN)
async def test_generate_two_shops_speak_differently(
    backend: FakeShop, code: str, response: str, first: Any, first_word: str, second: Any, second_word: str
) -> None:
    """The project's own texts, said by two personas: each has its word and not the other's."""
    generator = PackResponses(None, Domain.from_dict({}))
    said = {}
    for persona, own, other in ((first, first_word, second_word), (second, second_word, first_word)):
        backend.shop = with_persona(backend.shop, code, name="Nok", **persona)
        answer = await generator.generate(response, tracker(language=code), "rest")
        assert own in answer["text"]
        assert other not in answer["text"]
        said[own] = answer["text"]
    assert len(set(said.values())) == 2


@pytest.mark.parametrize("code", ["th", "id", "zh"])
async def test_generate_emoji_at_the_end_of_glad_answers(backend: FakeShop, code: str) -> None:
    """Where the persona has one, and only after glad answers."""
    generator = PackResponses(None, Domain.from_dict({}))
    for emoji in ("😊", ""):
        backend.shop = with_persona(backend.shop, code, name="Nok", **({"emoji": emoji} if emoji else {}))
        glad = await generator.generate("utter_thanked", tracker(language=code), "rest")
        plain = await generator.generate("utter_order_check_failed", tracker(language=code), "rest")
        assert glad["text"].endswith(" 😊") is bool(emoji)
        assert "😊" not in plain["text"]


async def test_generate_no_emoji_for_an_unhappy_buyer(backend: FakeShop) -> None:
    """Neither in the answer to what she was angry about, nor soon after; later on again."""
    generator = PackResponses(None, Domain.from_dict({}))
    backend.shop = with_persona(backend.shop, "id", name="Nok", emoji="😊")
    made = tracker(language="id")
    made.update(UserUttered("!!!", parse_data={"sentiment": {"label": "negative"}}))
    assert "😊" not in (await generator.generate("utter_thanked", made, "rest", console=True))["text"]
    for number in range(3):
        made.update(UserUttered("ok"))
        said = await generator.generate("utter_thanked", made, "rest")
        assert said["text"].endswith("😊") is (number == 2)


async def test_generate_buttons_speak_as_the_buyer(backend: FakeShop) -> None:
    """Formality changes what the shop says, not what the buyer may press."""
    generator = PackResponses(None, Domain.from_dict({}))
    backend.shop = with_persona(backend.shop, "id", name="Nok", formality="formal")
    said = await generator.generate("utter_sorry_for_trouble", tracker(language="id"), "rest")
    assert "Anda" in said["text"]
    assert "Cek pesananku" in [button["title"] for button in said["buttons"]]


async def test_generate_leaves_payloads_as_they_are(generator: PackResponses) -> None:
    """The braces of a payload are no placeholders; its title has some."""
    said = await generator.generate("utter_choose", tracker(language="en", order_id="SH1001"), "rest")
    assert [{"title": "SH1001 at StyleHub", "payload": PAYLOAD}] == said["buttons"]


async def test_generate_twice_fills_anew(generator: PackResponses) -> None:
    """One buyer's values do not stay in the text for the next."""
    for number in ("SH1001", "SH1002"):
        said = await generator.generate("utter_choose", tracker(language="en", order_id=number), "rest")
        assert f"{number} at StyleHub" == said["buttons"][0]["title"]


async def test_generate_takes_the_language_asked_for(generator: PackResponses) -> None:
    """An action may ask for another language than the conversation's."""
    said = await generator.generate("utter_hello", tracker(language="en"), "rest", language="id")
    assert ("Saya Stylehub", "id") == (said["text"], said["language"])


async def test_generate_without_a_language_takes_the_shops(generator: PackResponses) -> None:
    """Before a word was said, the shop's own language is spoken."""
    said = await generator.generate("utter_hello", tracker(), "rest", order_id="SH9")
    assert ("I am Stella of StyleHub, care@stylehub.example. SH9", "en") == (said["text"], said["language"])


async def test_generate_facts_outrank_slots(generator: PackResponses) -> None:
    """What an action tells counts more than what a slot holds."""
    said = await generator.generate("utter_hello", tracker(language="en", order_id="SH1001"), "rest", order_id="SH2")
    assert said["text"].endswith("SH2")


async def test_generate_names_the_languages_in_themselves(generator: PackResponses) -> None:
    """Languages are told as their speakers call them."""
    said = await generator.generate("utter_spoken", tracker(language="en"), "rest")
    assert (
        "We speak Bahasa Indonesia, ภาษาไทย, English, Tiếng Việt, Bahasa Melayu, Filipino, 中文, Español"
        == said["text"]
    )


async def test_generate_a_value_with_braces_is_not_filled_again(generator: PackResponses) -> None:
    """What a buyer typed is told as it is, whatever it looks like."""
    said = await generator.generate("utter_hello", tracker(language="en", order_id="{shop_email}"), "rest")
    assert said["text"].endswith(". {shop_email}")


async def test_generate_with_the_shop_down_uses_what_was_known(generator: PackResponses, backend: FakeShop) -> None:
    """A shop that was there a moment ago keeps its name while its system is down."""
    await generator.generate("utter_hello", tracker(language="en"), "rest")
    backend.shop = None
    said = await generator.generate("utter_hello", tracker(language="en", order_id="SH1"), "rest")
    assert "I am Stella of StyleHub, care@stylehub.example. SH1" == said["text"]


async def test_generate_with_the_shop_never_seen_still_answers(generator: PackResponses, backend: FakeShop) -> None:
    """A shop that has been down from the start is no reason for silence."""
    backend.shop = None
    said = await generator.generate("utter_choose", tracker(language="en"), "rest")
    assert "Which?" == said["text"]


async def test_generate_unknown_response_is_none(generator: PackResponses) -> None:
    """A name that no pack has gives nothing, as with Rasa's own."""
    assert await generator.generate("utter_nothing", tracker(language="en"), "rest") is None


def read_demo_shop() -> Any:
    """The demo shop's record."""
    return read_shop(SHOP_FILES, datetime.date(2026, 3, 10)).shop


def with_persona(shop: Any, code: str, **persona: str) -> Any:
    """The shop with another persona in a language."""
    return dataclasses.replace(shop, personas={**shop.personas, code: persona})


def with_gender(shop: Any, gender: str) -> Any:
    """The shop with a Thai persona of a gender."""
    return dataclasses.replace(shop, personas={**shop.personas, "th": {"name": "น้อง", "gender": gender}})


async def test_an_unhappy_buyer_is_consoled_once_and_without_pictures(generator: PackResponses) -> None:
    """Before an answer that is not sorry itself; a glad or calm buyer is told the answer alone."""
    empathy = load_pack("en").words["empathy"]
    generator.responses = {
        "utter_plain": [{"text": "Order {order_id} is on its way 🚚"}],
        "utter_sorry": [{"text": "I'm sorry, order {order_id} is late."}],
    }
    said = [
        await generator.generate(name, tracker(language="en"), "rest", order_id="SH1", console=console)
        for name, console in (("utter_plain", True), ("utter_plain", False), ("utter_sorry", True))
    ]
    assert [f"{empathy} Order SH1 is on its way", "Order SH1 is on its way 🚚", "I'm sorry, order SH1 is late."] == [
        response["text"] for response in said
    ]


async def test_facts_told_stay_with_the_message_and_their_sources(generator: PackResponses) -> None:
    """Every number told can be traced to the record and the time it came from."""
    told = {"facts": {"order_id": "SH1"}, "sources": [{"record": "order SH1", "at": "2026-11-22T10:00:00+00:00"}]}
    response = await generator.generate("utter_hello", tracker(language="en"), "rest", order_id="SH1", told=told)
    assert told == response["told"]
