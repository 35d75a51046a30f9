"""What the bot says: the packs' texts, with the shop's name and persona filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from pasar.commerce.backend import ShopError
from pasar.commerce.registry import default_shop, list_shops, open_shop
from pasar.commerce.rules import Shop
from pasar.languages.pack import DATA, list_codes, load_pack
from pasar.languages.responses import Responses, merge_packs, read_responses, reword
from pasar.languages.text import is_emoji
from pasar.nlu.inprocess import serve_commands

_PLACEHOLDER = re.compile(r"{(\w+)}")
#: Answers that a persona with an emoji ends with it.
_GLAD = frozenset({
    "utter_greet", "utter_goodbye", "utter_thanked", "utter_feedback_thanks", "utter_recommended", "utter_size_in_stock",
    "utter_size_in_stock_plain", "utter_available", "utter_available_variant", "utter_language_switched",
})  # fmt: skip
_REMEMBERED = 3  #: messages for which a buyer stays unhappy
_BLANKS = re.compile(r" {2,}")  # where a part of a text stays empty

log = structlog.get_logger()


class PackResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's templates; besides slots and an action's facts, texts may name what belongs to the shop.

    ``{shop_name}``, ``{shop_email}``, ``{persona}``, ``{languages}``, and the pack's particles (Thai: ``{particle}``)
    by the gender of the shop's persona. Her formality chooses a wording of the pack (Indonesian: kak or Bapak/Ibu), and
    where she has an emoji, glad answers end with it, but never to an unhappy buyer.
    """

    def __init__(self, endpoint_config: EndpointConfig | None, domain: Domain) -> None:
        """As Rasa makes it from ``endpoints.yml``."""
        super().__init__(domain.responses)
        serve_commands()
        self._shops: dict[str, Shop] = {}

    @property
    def responses(self) -> Responses:
        """The texts of all packs; those of the domain, in the default language, where a pack has none."""
        return self._texts

    @responses.setter
    def responses(self, texts: Responses) -> None:
        # Rasa sets them whenever it has loaded a model.
        self._texts = merge_packs({code: read_responses(DATA / code) for code in list_codes()}, texts)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """A text in the conversation's language; an action may ask for another by ``language``."""
        slots = tracker.current_slot_values()
        shop = await self._find_shop(tracker)
        language = kwargs.get("language") or slots.get("language") or (shop.default_language if shop else "")
        facts = {**_describe(shop, str(language)), **kwargs}
        response: dict[str, Any] | None = self.generate_from_slots(
            utter_action, {**slots, "language": language}, output_channel, **facts
        )
        if response is not None:
            # what was chosen by the language, and where facts came from, stays known to whoever reads the conversation
            response.setdefault("language", language)
            if "told" in kwargs:
                response["told"] = kwargs["told"]
            if kwargs.get("console") and str(language) in list_codes():
                _console(response, str(language), facts)
            elif utter_action in _GLAD and response.get("text") and facts["emoji"] and not _is_unhappy(tracker):
                response["text"] += f" {facts['emoji']}"
        return response

    def _fill_response(
        self, response: dict[str, Any], filled_slots: dict[str, Any] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Fill texts and button titles. Rasa would look for placeholders in payloads too, and log all values."""
        values = {**(filled_slots or {}), **kwargs}
        wording = values.pop("wording", {})

        def fill(text: str) -> str:
            return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), text)

        if response.get("text"):
            response["text"] = _BLANKS.sub(" ", fill(reword(response["text"], wording))).strip()
            if missing := _PLACEHOLDER.search(response["text"]):
                log.error("responses.placeholder.empty", placeholder=missing[1])
        for button in response.get("buttons") or ():
            button["title"] = fill(button["title"])
        return response

    async def _find_shop(self, tracker: DialogueStateTracker) -> Shop | None:
        """The conversation's shop; as it was last known while its system is down."""
        message = tracker.latest_message
        name = (message.metadata or {}).get("shop") if message else None
        name = name or tracker.get_slot("shop")
        name = name if name in list_shops() else default_shop()
        try:
            self._shops[name] = await open_shop(name).get_shop()
        except ShopError as error:
            log.warning("responses.shop.failed", shop=name, error=str(error))
        return self._shops.get(name)


def _console(response: dict[str, Any], language: str, facts: Mapping[str, Any]) -> None:
    """Begin with a word for an unhappy buyer, unless the answer is sorry itself; and no pictures."""
    text, words = response.get("text") or "", load_pack(language).words
    marks = [mark.strip().lower() for mark in words.get("sorry_marks", "").split(",") if mark.strip()]
    text = "".join(sign for sign in text if not is_emoji(sign))
    if words.get("empathy") and not any(mark in text.lower() for mark in marks):
        empathy = reword(words["empathy"], facts["wording"])
        empathy = _PLACEHOLDER.sub(lambda found: str(facts.get(found[1], "")), empathy)
        text = f"{empathy.strip()} {text}"
    response["text"] = _BLANKS.sub(" ", text).strip()


def _is_unhappy(tracker: DialogueStateTracker) -> bool:
    """Whether one of the buyer's last messages sounded so."""
    messages = [event.parse_data or {} for event in tracker.events if isinstance(event, UserUttered)]
    return any((data.get("sentiment") or {}).get("label") == "negative" for data in messages[-_REMEMBERED:])


def _describe(shop: Shop | None, language: str) -> dict[str, Any]:
    """What texts may say about a shop, and how its persona says it."""
    persona = (shop.personas.get(language) or {}) if shop else {}
    pack = load_pack(language) if language in list_codes() else None
    particles = pack.particles if pack else {}
    facts: dict[str, Any] = dict(particles.get(persona.get("gender", ""), next(iter(particles.values()), {})))
    facts["wording"] = pack.wordings.get(persona.get("formality", ""), {}) if pack else {}
    facts["emoji"] = persona.get("emoji", "")
    if shop:
        facts |= {
            "shop_name": shop.name,
            "shop_email": shop.email,
            "persona": persona.get("name") or shop.name,
            "languages": ", ".join(load_pack(code).name for code in shop.languages if code in list_codes()),
        }
    return facts
