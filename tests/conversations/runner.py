"""Plays scenarios with the trained assistant and the demo shop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import pathlib
import shutil
import types
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
import time_machine
import yaml

from tests.conversations.judgement import Outcome, Said, Transcript, judge
from tests.conversations.scenario import NOW, PROJECT, TODAY, Scenario, Step, read_while, render_days

Answer = TypeVar("Answer")


class World:
    """The newest model, loaded once, and a demo shop that is as new in every conversation."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Seed the shop and load the model; the environment must already name this folder's databases."""
        from pasar.commerce.demo.database import upgrade
        from pasar.commerce.demo.seed import seed

        self._seeded, self._shop = folder / "seeded.db", folder / "shop.db"
        upgrade(f"sqlite:///{self._seeded}")
        seed(f"sqlite:///{self._seeded}", TODAY)
        self._restored: list[tuple[str, int]] | None = None
        self._loop = asyncio.new_event_loop()
        self.agent = self._loop.run_until_complete(_load_agent(find_model()))

    def play(self, scenario: Scenario, language: str) -> Transcript:
        """Let one conversation happen."""
        moment = datetime.datetime.combine(TODAY, scenario.clock, NOW.tzinfo) if scenario.clock else NOW
        with self.begin(scenario.shop, moment) as clock:
            return self.wait(self._play(scenario, language, clock))

    @contextlib.contextmanager
    def begin(self, shop: str, moment: datetime.datetime = NOW) -> Iterator[Any]:
        """Have the shop as it was seeded, at this time; gives the clock, which can be set on."""
        self.restore()
        with time_machine.travel(moment.astimezone(datetime.timezone.utc), tick=True) as clock:
            self.wait(_warm_up(shop))
            yield clock

    def restore(self) -> None:
        """What conversations changed in the shop is as it was seeded, and nobody remembers it."""
        from pasar.commerce.registry import close_shops

        _forget_changes()  # what is only told, as a code, is written there and nowhere in the shop
        if self._restored == self._stamp():
            return
        close_shops()
        shutil.copy(self._seeded, self._shop)
        self._restored = self._stamp()

    def _stamp(self) -> list[tuple[str, int]]:
        """Tells whether anything was written into the shop since."""
        return [(path.name, path.stat().st_mtime_ns) for path in sorted(self._shop.parent.glob(f"{self._shop.name}*"))]

    def wait(self, happening: Coroutine[Any, Any, Answer]) -> Answer:
        """What comes of something that takes time."""
        return self._loop.run_until_complete(happening)

    async def _play(self, scenario: Scenario, language: str, clock: Any) -> Transcript:
        conversation_id = f"{scenario.name}-{language}-{uuid.uuid4().hex[:8]}"
        transcript = Transcript(scenario, language)
        before: list[Outcome] = []
        for step in scenario.languages[language]:
            if step.move == "later":
                clock.shift(read_while(step.text))
                outcome = Outcome()
            elif step.move == "order":
                _change_order(f"sqlite:///{self._shop}", scenario.shop, step.text, step.expects["becomes"])
                outcome = Outcome()
            else:
                outcome = await take(self.agent, scenario, conversation_id, step)
            transcript.steps.append((step, outcome, judge(step, outcome, before)))
            before.append(outcome)
        return transcript

    def close(self) -> None:
        """Give everything back."""
        from pasar.commerce.registry import close_shops

        close_shops()
        self._loop.close()


def _forget_changes() -> None:
    """What another conversation has changed was never changed."""
    from pasar.commerce.ledger import open_ledger
    from pasar.conversations.schema import change
    from pasar.database import create_engine
    from pasar.settings import load_settings

    open_ledger()  # makes the tables
    engine = create_engine(load_settings().database)
    with engine.begin() as connection:
        connection.execute(sa.delete(change))
    engine.dispose()


def find_model(folder: pathlib.Path = PROJECT / "models") -> pathlib.Path:
    """The newest trained model."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise FileNotFoundError(f"{folder}: there is no model; run `rasa train`")
    return models[-1]


@contextlib.contextmanager
def open_world(folder: pathlib.Path) -> Iterator[World]:
    """A world with databases in a folder of its own; what other tests have opened is opened anew afterwards."""
    from pasar.commerce.ledger import open_ledger
    from pasar.commerce.registry import close_shops
    from pasar.conversations.store import open_store
    from pasar.settings import load_settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASAR_DATABASE", f"sqlite:///{folder}/pasar.db")
        patch.setenv("PASAR_DEMO_DATABASE", f"sqlite:///{folder}/shop.db")
        patch.setenv("PASAR_REPLY_DEADLINE", "60")
        patch.setenv("PASAR_BUYER_SECRET", "buyers-of-the-conversation-tests-0123456789")
        patch.setenv("PASAR_DESK_TOKEN", "desk-of-the-conversation-tests-0123456789")
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        for deadline in ("actions.turn.SHOP_SECONDS", "pasar.commerce.demo.backend.CALL_SECONDS"):
            patch.setattr(deadline, 60.0)  # what is said is judged here, not how fast the machine is
        for cached in (load_settings, open_store, open_ledger):
            cached.cache_clear()
        close_shops()
        world = World(folder)
        try:
            yield world
        finally:
            world.close()
            for cached in (load_settings, open_store, open_ledger):
                cached.cache_clear()


async def _load_agent(model: pathlib.Path) -> Any:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    from pasar.nlu.inprocess import install

    endpoints = AvailableEndpoints.read_endpoints(str(PROJECT / "endpoints.yml"))
    endpoints.action.kwargs["seconds"] = 60
    agent = await load_agent(model_path=str(model), endpoints=endpoints)
    install(agent)
    return agent


async def _warm_up(shop: str) -> None:
    """Let the shop read its catalogue before the first message, as it has in a bot that runs."""
    from pasar.commerce.backend import ShopError
    from pasar.commerce.registry import list_shops, open_shop

    for _ in range(10):
        with contextlib.suppress(ShopError):
            await open_shop(shop if shop in list_shops() else list_shops()[0]).search_products("")
            return


def _change_order(database: str, shop: str, number: str, becomes: Mapping[str, Any]) -> None:
    """Somebody works in the shop's own system: fields of an order's record, as the system keeps it, are others now."""
    from pasar.commerce.demo import schema
    from pasar.commerce.demo.database import create_engine

    engine = create_engine(database)
    where = (schema.orders.c.shop_id == shop, schema.orders.c.order_id == number)
    with engine.begin() as connection:
        record = connection.execute(sa.select(schema.orders.c.record).where(*where)).scalar_one()
        connection.execute(schema.orders.update().where(*where).values(record={**record, **becomes}))
    engine.dispose()


async def take(agent: Any, scenario: Scenario, conversation_id: str, step: Step) -> Outcome:
    """Let one step happen."""
    from channels.base import Context, check_cart, check_payload, check_text, find_language
    from channels.desk import DeskInput
    from channels.turn import Incoming, answer
    from pasar.commerce.model import Buyer
    from pasar.conversations.store import State, open_store

    store = open_store()
    if step.move == "desk":
        desk = DeskInput()
        if step.text == "take":
            await desk._take(agent, conversation_id, "Maya")
        else:
            app = types.SimpleNamespace(ctx=types.SimpleNamespace(agent=agent))
            await desk._hand_back(app, conversation_id)
        return Outcome(state=store.get(conversation_id, fresh=True).state.value)

    tracker = await agent.tracker_store.retrieve(conversation_id)
    heard = len(tracker.events) if tracker else 0
    buyer = Buyer(scenario.buyer.get("email", ""), scenario.buyer.get("phone", "")) if scenario.buyer else None
    language = await find_language(conversation_id, scenario.shop, store)
    output = _make_output(conversation_id, language, store)
    is_payload = step.move in ("button", "command")
    text = check_payload(step.text) if is_payload else check_text(render_days(step.text, step.language))
    context = Context(scenario.shop, scenario.product, buyer, cart=check_cart(scenario.cart))
    await (await answer(agent.handle_message, Incoming(conversation_id, text, context, language), output, store))

    tracker = await agent.tracker_store.retrieve(conversation_id)
    happened = list(tracker.events)[heard:]
    new = [event for event in happened if event.type_name == "user"]
    parsed = (new[0].parse_data or {}) if new else {}
    known = store.get(conversation_id, fresh=True)
    return Outcome(
        said=output.said,
        intent=(parsed.get("intent") or {}).get("name") or "",
        needs=parsed.get("needs") or (),
        slots=tracker.current_slot_values(),
        state=(known.state if known else State.BOT).value,
        form=tracker.active_loop_name or "",
        did=[event.action_name for event in happened if event.type_name == "action"],
    )


def _make_output(conversation_id: str, language: str, store: Any) -> Any:
    from channels.turn import GuardedOutput

    class Output(GuardedOutput):
        """Keeps what the buyer hears, with the keys of the responses."""

        @classmethod
        def name(cls) -> str:
            return "rest"

        async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
            heard, said = len(self.messages), _describe(message)  # what it sends, Rasa takes out of the message
            await super().send_response(recipient_id, message)
            if len(self.messages) > heard:
                self.said.append(said)

        async def say(self, key: str) -> None:
            heard = len(self.messages)
            await super().say(key)
            if len(self.messages) > heard:
                self.said.append(Said(key, self.language, self.messages[-1].get("text", "")))

    output = Output(conversation_id, language, store)
    output.said = []
    return output


def _describe(message: Mapping[str, Any]) -> Said:
    chosen = [c["value"] for c in message.get("condition") or () if c.get("name") == "language"]
    response = message.get("utter_action") or ""
    text = message.get("text") or ""
    # a text without a condition is the default language's, for languages whose pack lacks it
    language = chosen[0] if chosen else load_default_language() if response and text else ""
    custom = message.get("custom") or {}
    return Said(response, language, text, message.get("buttons") or (), custom.get("cards") or ())


def load_default_language() -> str:
    """The language of texts that a pack has not got."""
    return str(yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["language"])
