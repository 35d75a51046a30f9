"""One turn of a conversation: who asks, in which shop, in which language, with what proof."""

from __future__ import annotations

import abc
import asyncio
import dataclasses
import datetime
import zoneinfo
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from pasar.commerce.access import Proof
from pasar.commerce.backend import ShopBackend, ShopError
from pasar.commerce.model import Buyer, Money, Product
from pasar.commerce.policies import ResolvedPolicy, find_policy
from pasar.commerce.registry import default_shop, list_shops, open_shop
from pasar.commerce.rules import Shop
from pasar.commerce.witness import Witness
from pasar.languages import formatting
from pasar.languages.pack import Pack, list_codes, load_pack

#: A buyer hears something within five seconds; the shop's systems get three of them.
SHOP_SECONDS = 3.0

#: After one of these, within a few messages, nothing is offered for sale.
_TROUBLE = frozenset({
    "complaint", "damaged_item", "wrong_item", "missing_item", "refund_request", "return_item", "payment_problem",
})  # fmt: skip
_REMEMBERED = 3

log = structlog.get_logger()


class Turn:
    """What an action may know and do in one turn."""

    backend: ShopBackend
    shop: Shop

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Reads the tracker; :meth:`enter` asks the shop."""
        self._dispatcher = dispatcher
        self._witness: Witness | None = None
        self.tracker = tracker
        message = tracker.latest_message or {}
        self.metadata: Mapping[str, Any] = message.get("metadata") or {}
        self.intent: str = (message.get("intent") or {}).get("name") or ""
        self.text: str = message.get("text") or ""
        self.entities: list[dict[str, Any]] = message.get("entities") or []

    async def enter(self) -> Turn:
        """Open the shop of this conversation."""
        shop_id = self.metadata.get("shop") or self.slot("shop")
        # a form validates in several steps, all with the tracker of one run: they read the shop once
        run = vars(self.tracker)
        if "witness" not in run:
            run["witness"] = Witness(open_shop(shop_id if shop_id in list_shops() else default_shop()))
        self._witness = run["witness"]
        self.backend = cast(ShopBackend, self._witness)
        self.shop = await self.backend.get_shop()
        return self

    def slot(self, name: str) -> Any:
        """A slot's value, None where it is not set."""
        return self.tracker.slots.get(name)

    def text_slot(self, name: str) -> str:
        """A slot's value as a text, "" where it is not set; what fills a slot from a payload need not be one."""
        value = self.slot(name)
        return "" if value is None else str(value)

    @property
    def deadline(self) -> datetime.date | None:
        """The day by which she needs it; None where she named none."""
        try:
            return datetime.date.fromisoformat(self.text_slot("deadline"))
        except ValueError:
            return None

    @property
    def language(self) -> str:
        """The language to answer in."""
        language = self.slot("language")
        return language if language in list_codes() else self.shop.default_language

    @property
    def pack(self) -> Pack:
        """The pack of that language."""
        return load_pack(self.language)

    @property
    def time_zone(self) -> zoneinfo.ZoneInfo:
        """Where the shop counts its days."""
        return zoneinfo.ZoneInfo(self.shop.time_zone)

    @property
    def now(self) -> datetime.datetime:
        """The time at the shop."""
        return datetime.datetime.now(self.time_zone)

    @property
    def today(self) -> datetime.date:
        """The day at the shop."""
        return self.now.date()

    @property
    def buyer(self) -> Buyer | None:
        """Who the channel says the buyer is; None where it has not made sure."""
        known = self.metadata.get("buyer") or {}
        return Buyer(**{key: str(known.get(key) or "") for key in ("email", "phone", "account")}) if known else None

    @property
    def proof(self) -> Proof:
        """What the buyer can show to see an order."""
        contact = self.text_slot("contact")
        return Proof(self.buyer, (contact,) if contact else ())

    @property
    def unhappy(self) -> bool:
        """Whether the buyer's latest message sounds so."""
        return ((self.tracker.latest_message or {}).get("sentiment") or {}).get("label") == "negative"

    @property
    def may_sell(self) -> bool:
        """Whether it is decent to show her something to buy: not to an unhappy buyer, nor while something went wrong."""
        return not self.unhappy and not _TROUBLE.intersection(self.intents[-_REMEMBERED:])

    @property
    def intents(self) -> list[str]:
        """What the buyer wanted so far, oldest first."""
        users = [event for event in self.tracker.events if event.get("event") == "user"]
        return [((event.get("parse_data") or {}).get("intent") or {}).get("name") or "" for event in users]

    @property
    def country(self) -> str:
        """Where the buyer is: as she said, else where her language is at home."""
        return self.text_slot("country") or self.pack.country

    @property
    def currency(self) -> str:
        """What she pays in."""
        return self.shop.currencies.get(self.country, self.shop.currency)

    def policy_for(self, country: str) -> ResolvedPolicy:
        """The shop's rules for a country today; ``country`` is "" where it is not known."""
        return find_policy(self.shop, country, self.today)

    def named(self, *kinds: str) -> list[Any]:
        """Values of entities of these kinds in the buyer's latest message, in order."""
        return [entity["value"] for entity in self.entities if entity.get("entity") in kinds]

    def set_now(self, slot: str) -> bool:
        """Whether the buyer's latest message filled a slot."""
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "slot" and event.get("name") == slot and event.get("value") is not None:
                return True
        return False

    def said(self, *responses: str) -> bool:
        """Whether the bot has said one of these since the buyer's latest message."""
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                break
            if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") in responses:
                return True
        return any(message.get("response") in responses for message in self._dispatcher.messages)

    def say(self, response: str, **facts: Any) -> None:
        """Say a response of the language pack, with facts already in the buyer's language.

        What was told, and which records it came from, stays with the message in the conversation's events.
        """
        self._dispatcher.utter_message(response=response, **facts, **self._tell_beside(facts))

    def forget_said(self) -> None:
        """Take back what this action has said so far."""
        self._dispatcher.messages.clear()

    def offer(self, response: str, choices: Iterable[tuple[str, str]], **facts: Any) -> None:
        """Say a response with choices: titles and payloads."""
        buttons = [{"title": title, "payload": payload} for title, payload in choices]
        self._dispatcher.utter_message(response=response, buttons=buttons, **facts, **self._tell_beside(facts))

    def _tell_beside(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What the words are to be chosen by, and what stays with them: whether to console her first, the sources."""
        beside: dict[str, Any] = {"console": True} if self.unhappy and not self._has_spoken() else {}
        if facts:
            sources = [dataclasses.asdict(source) for source in self._witness.sources] if self._witness else []
            beside["told"] = {"facts": dict(facts), "sources": sources}
        return beside

    def _has_spoken(self) -> bool:
        """Whether the bot has said anything since the buyer's latest message."""
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                break
            if event.get("event") == "bot":
                return True
        return bool(self._dispatcher.messages)

    def show(self, *cards: Mapping[str, Any]) -> None:
        """Show cards where the channel can."""
        if cards:
            self._dispatcher.utter_message(json_message={"cards": list(cards)})

    def word(self, key: str, **facts: Any) -> str:
        """A word of the pack that stands inside an answer."""
        return self.pack.words[key].format(**facts)

    def label(self, kind: str, value: str) -> str:
        """A code in the buyer's language."""
        return formatting.label(kind, value, self.pack)

    def date(self, day: datetime.date | datetime.datetime) -> str:
        """A day in the buyer's language, as it is at the shop."""
        if isinstance(day, datetime.datetime):
            day = day.astimezone(self.time_zone).date()
        return formatting.format_date(day, self.pack, self.today)

    def time(self, moment: datetime.datetime) -> str:
        """A time of day at the shop, with the shop's time zone beside it: no other one is known for sure."""
        return f"{moment.astimezone(self.time_zone):%H:%M} ({self.shop.time_zone})"

    def money(self, amount: Money) -> str:
        """An amount as it is written in the buyer's language."""
        return formatting.format_money(amount, self.pack)

    def number(self, value: float) -> str:
        """A number as it is written in the buyer's language."""
        return formatting.format_number(value, self.pack)

    def names(self, names: Iterable[str]) -> str:
        """Names as a list in a sentence."""
        return formatting.join_names(list(names), self.pack)

    def country_name(self, code: str) -> str:
        """A country in the buyer's language."""
        return formatting.format_country(code, self.pack)

    def product_name(self, product: Product) -> str:
        """A product's name in the buyer's language."""
        return product.name.to(self.language, self.shop.default_language)

    def hours(self) -> str:
        """When people are there."""
        return self.word(
            "hours",
            days=formatting.weekday_names(self.shop.open_days, self.pack),
            opens=self.shop.opens_at.strftime("%H:%M"),
            closes=self.shop.closes_at.strftime("%H:%M"),
        )


async def ask_shop(name: str, turn: Turn, answer: Callable[[], Awaitable[list[EventType]]]) -> list[EventType] | None:
    """Run what asks the shop, within its time. None where the shop failed: then the buyer was told, nothing else said."""
    try:
        return await asyncio.wait_for(answer(), SHOP_SECONDS)
    except (ShopError, asyncio.TimeoutError) as error:
        log.error("action.shop.failed", action=name, error=type(error).__name__, detail=str(error))
        turn.forget_said()
        turn.say("utter_service_problem")
        return None


class ShopAction(Action, abc.ABC):
    """An action that asks the shop. Trouble there is told to the buyer, who is offered a person."""

    @abc.abstractmethod
    async def answer(self, turn: Turn) -> list[EventType]:
        """Do it; the events to be remembered."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Called by Rasa."""
        turn = Turn(dispatcher, tracker)

        async def enter_and_answer() -> list[EventType]:
            return await self.answer(await turn.enter())

        events = await ask_shop(self.name(), turn, enter_and_answer) or []
        # what was offered before this turn is no longer on the table, what it pointed at has been looked up
        for slot in ("offer", "reference"):
            if turn.slot(slot) and not any(event.get("name") == slot for event in events):
                events = [*events, SlotSet(slot, None)]
        return events
