"""Actions run through the SDK, against a demo shop in a database of the test's own."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import pathlib
import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.turn
import pasar.commerce.demo.backend
from pasar.commerce import registry
from pasar.commerce.backend import ShopBackend, ShopUnavailableError
from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.seed import seed
from pasar.commerce.ledger import open_ledger
from pasar.conversations.store import open_store
from pasar.settings import load_settings
from tests.commerce.ten_shops import write_database, write_profiles

#: What a process opens once.
CACHES = (load_settings, open_store, open_ledger)
PROJECT = pathlib.Path(__file__).resolve().parents[2]


@functools.lru_cache(maxsize=1)
def domain() -> dict[str, Any]:
    """The project's domain, as Rasa sends it along."""
    return yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))


@dataclasses.dataclass
class Outcome:
    """What an action did."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def said(self) -> list[str]:
        """Names of the responses, in order."""
        return [message["response"] for message in self.messages if message.get("response")]

    @property
    def slots(self) -> dict[str, Any]:
        """Slots as they are set in the end."""
        return {event["name"]: event["value"] for event in self.events if event.get("event") == "slot"}

    @property
    def titles(self) -> list[str]:
        """Titles of all buttons."""
        return [button["title"] for message in self.messages for button in message.get("buttons") or ()]

    @property
    def payloads(self) -> list[str]:
        """Payloads of all buttons."""
        return [button["payload"] for message in self.messages for button in message.get("buttons") or ()]

    @property
    def unsourced(self) -> list[str]:
        """Responses that tell a fact without the record it comes from."""
        told = [message for message in self.messages if message.get("told")]
        return [message["response"] for message in told if not message["told"]["sources"]]

    @property
    def sources(self) -> set[str]:
        """All records that what was told comes from."""
        told = [message["told"] for message in self.messages if message.get("told")]
        return {source["record"] for facts in told for source in facts["sources"]}

    def fact(self, name: str) -> Any:
        """A fact told with the first response that has it."""
        return next(message[name] for message in self.messages if name in message)


class Buyer:
    """Speaks to actions: a conversation of one message, with what is known before it."""

    def __init__(self, **slots: Any) -> None:
        """With slots from before."""
        self.slots: dict[str, Any] = {
            **dict.fromkeys(domain()["slots"]),
            "language": "en",
            "requested_slot": None,
            **slots,
        }
        self.metadata: dict[str, Any] = {"shop": "stylehub"}
        self.form: str | None = None
        self.past: list[dict[str, Any]] = []
        self.conversation_id = "buyer"

    def known_as(self, email: str = "", phone: str = "") -> Buyer:
        """Authenticated by the channel."""
        self.metadata["buyer"] = {"email": email, "phone": phone}
        return self

    def inside(self, form: str) -> Buyer:
        """In the middle of a form."""
        self.form = form
        return self

    def who(self, intent: str = "", **slots: Any) -> Buyer:
        """After a message of an intent that filled these slots, earlier in this session."""
        if intent:
            self.past.append({"event": "user", "parse_data": {"intent": {"name": intent}}})
        self.past += [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
        return self

    async def hear(self, action: Action, said: dict[str, Any]) -> Outcome:
        """Run an action after a message that was understood so."""
        return await self.run(action, **said)

    async def run(
        self,
        action: Action,
        intent: str = "inform",
        text: str = "",
        fills: dict[str, Any] | None = None,
        **message: Any,
    ) -> Outcome:
        """Run an action after a message that filled these slots; remembers what it sets."""
        said = {
            "intent": {"name": intent, "confidence": 0.9},
            "text": text,
            "entities": [],
            "metadata": self.metadata,
            **message,
        }
        self.slots.update(fills or {})
        events = [
            *self.past,
            {"event": "user", "text": text, "parse_data": said, "metadata": self.metadata},
            *({"event": "slot", "name": name, "value": value} for name, value in (fills or {}).items()),
        ]
        loop = {"name": self.form} if self.form else {}
        tracker = Tracker(self.conversation_id, dict(self.slots), said, events, False, None, loop, "action_listen")
        dispatcher = CollectingDispatcher()
        done = await action.run(dispatcher, tracker, domain())
        outcome = Outcome(list(dispatcher.messages), [dict(event) for event in done])
        self.slots.update(outcome.slots)
        return outcome


def next_slot(form: str, buyer: Buyer, outcome: Outcome) -> str | None:
    """What the form asks next: what the action said, else the first of its slots that is empty, as Rasa does it."""
    if "requested_slot" in outcome.slots:
        return outcome.slots["requested_slot"]
    return next((slot for slot in domain()["forms"][form]["required_slots"] if buyer.slots[slot] is None), None)


class AlteredShop:
    """The demo shop with some of its calls, or what it can do, replaced; remembers what it was asked to change."""

    def __init__(self, backend: ShopBackend, **replaced: Any) -> None:
        """``replaced``: values by name; functions are called with the backend before what the action gives."""
        self._backend, self._replaced = backend, replaced
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """The replaced value or call, else the demo shop's."""
        found = self._replaced.get(name, getattr(self._backend, name))
        if not callable(found):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            if not name.startswith(("get_", "find_", "list_", "search_")):
                self.asked.append(name)
            given = (self._backend, *arguments) if name in self._replaced else arguments
            return await found(*given, **named)

        return call


class BrokenShop:
    """A shop's system that is down: every call fails."""

    def __init__(self) -> None:
        """Counts what it was asked."""
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Whatever is asked."""
        if name.startswith("_"):
            raise AttributeError(name)

        async def fail(*_args: Any, **_kwargs: Any) -> None:
            self.calls.append(name)
            raise ShopUnavailableError("stylehub", name, "is down in this test")

        return fail


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A demo shop seeded for today, that tests copy."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    upgrade(f"sqlite:///{path}")
    seed(f"sqlite:///{path}", datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date())
    return path


@pytest.fixture(autouse=True)
def shop(shop_file: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The demo shop of this test; the process's open shops are closed before and after."""
    path = tmp_path / "shop.db"
    shutil.copy(shop_file, path)
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("PASAR_DEMO_DATABASE", f"sqlite:///{path}")
    monkeypatch.setenv("PASAR_DATABASE", f"sqlite:///{tmp_path}/pasar.db")
    # this machine may be busy; how long a shop may take is not what these tests are about
    monkeypatch.setattr(actions.turn, "SHOP_SECONDS", 60.0)
    monkeypatch.setattr(pasar.commerce.demo.backend, "CALL_SECONDS", 30.0)
    forget()
    yield
    forget()


def forget() -> None:
    """What a process keeps open: shops, the ledger, settings."""
    registry.close_shops()
    for cached in CACHES:
        cached.cache_clear()


@pytest.fixture
def broken_shop(monkeypatch: pytest.MonkeyPatch) -> BrokenShop:
    """The shop's system is down."""
    broken = BrokenShop()
    monkeypatch.setattr(actions.turn, "open_shop", lambda _shop_id: broken)
    return broken


@pytest.fixture
def alter_shop(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AlteredShop]:
    """Put another shop in the place of the demo shop: it, with something replaced."""

    def alter(**replaced: Any) -> AlteredShop:
        altered = AlteredShop(registry.open_shop("stylehub"), **replaced)
        monkeypatch.setattr(actions.turn, "open_shop", lambda _shop_id: altered)
        return altered

    return alter


@pytest.fixture
def new_buyer() -> type[Buyer]:
    """Makes buyers."""
    return Buyer


@pytest.fixture
def ten(shop: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ten shops' database, open for actions; Pasar's own is new."""
    url = f"sqlite:///{tmp_path / 'ten.db'}"
    write_database(url, datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date())
    folder = tmp_path / "shops"
    folder.mkdir()
    write_profiles(folder, url)
    monkeypatch.setattr(registry, "SHOPS", folder)
    monkeypatch.setenv("PASAR_DEMO_DATABASE", url)
    monkeypatch.setenv("PASAR_DATABASE", f"sqlite:///{tmp_path / 'pasar.db'}")
    for cached in CACHES:
        cached.cache_clear()
    registry.close_shops()
    yield url
    for cached in CACHES:
        cached.cache_clear()
