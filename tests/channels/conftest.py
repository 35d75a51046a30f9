"""A real server with the three channels and a bot that follows a small script, on a port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import decimal
import pathlib
import socket
import threading
import types
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest
from rasa.core.channels.channel import InputChannel, UserMessage, register
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    UserUttered,
)
from sanic import Sanic
from sanic.touchup import TouchUp

from channels.desk import DeskInput
from channels.rest import RestInput
from channels.webchat import WebChatInput
from channels.words import forget_words
from pasar.commerce.model import Money, Text
from pasar.conversations.store import ConversationStore, open_store
from pasar.settings import Settings, load_settings

DESK_TOKEN = "desk-token-for-the-tests-0123456789abcdef"

SHIRT = {
    "type": "product",
    "title": "Linen shirt <b>Bali</b>",
    "subtitle": "Light, washable",
    "price": "Rp 249.000",
    "image": "data:image/png;base64,AAAA",
    "url": "https://shop.example/linen-shirt",
    "sku": "SHIRT-01",
    "facts": [["Stock", "12"]],
    "buttons": [{"title": "Which size?", "payload": "/size_help"}],
}
ORDER = {
    "type": "order",
    "title": "Order SH1024",
    "subtitle": "On its way",
    "facts": [["Parcel", "JNE 0042"], ["Expected", "Friday"]],
    "buttons": [],
    "url": "javascript:alert(1)",
}


class FakeShop:
    """A shop with a few products, without a database."""

    async def get_shop(self) -> Any:
        """Return who sells."""
        return types.SimpleNamespace(shop_id="stylehub", name="StyleHub", default_language="en", currency="IDR")

    async def list_products(self) -> list[Any]:
        """Return what is sold."""
        named = (
            ("SHIRT-01", "Linen shirt Bali", "249000"),
            ("DRESS-01", "Batik wrap dress", "389000"),
        )
        others = (
            ("BAG-01", "Rattan bag", "199000"),
            ("SHOE-01", "Canvas sneakers", "459000"),
        )
        return [
            types.SimpleNamespace(
                sku=sku,
                name=Text(en=name),
                kind=sku[:4],
                image="",
                prices={"IDR": Money(decimal.Decimal(price), "IDR")},
            )
            for sku, name, price in named + others
        ]


class ScriptedBot:
    """Stands in for Rasa's agent: keeps its promises about locks, trackers and output channels."""

    processor = None
    action_endpoint = None

    def __init__(self, database: pathlib.Path, store: ConversationStore) -> None:
        self.domain = Domain.empty()
        self.tracker_store = SQLTrackerStore(self.domain, dialect="sqlite", db=str(database))
        self.lock_store = InMemoryLockStore()
        self.store = store
        self.heard: list[UserMessage] = []
        self.scripts: dict[str, Callable[[UserMessage], Awaitable[None]]] = {}

    async def handle_message(self, message: UserMessage) -> None:
        """Do what Rasa does with a message."""
        self.heard.append(message)
        async with self.lock_store.lock(message.sender_id):
            tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
            tracker.update(
                UserUttered(
                    message.text,
                    message_id=message.message_id,
                    metadata=message.metadata,
                )
            )
            if not tracker.is_paused():
                if message.text in self.scripts:
                    await self.scripts[message.text](message)
                for said in self.reply(message.text):
                    tracker.update(said)
                    if isinstance(said, BotUttered):
                        await message.output_channel.send_response(message.sender_id, said.message())
                if message.text == "person please":
                    self.store.request_person(
                        message.sender_id,
                        "asked",
                        {"asks": "a person"},
                        "stylehub",
                        message.input_channel,
                        "en",
                    )
                    said = BotUttered("Someone will be with you")
                    tracker.update(said)
                    await message.output_channel.send_response(message.sender_id, said.message())
                    tracker.update(ConversationPaused())
            tracker.update(ActionExecuted("action_listen"))
            await self.tracker_store.save(tracker)

    def reply(self, text: str) -> list[BotUttered]:
        """Return what the script says to a text."""
        if text in ("silence", "person please"):
            return []
        if text == "crash":
            raise RuntimeError("as the script says")
        if text == "choose":
            buttons = [
                {"title": "Order status", "payload": "/order_status"},
                {"title": "Returns", "payload": "/return_item"},
            ]
            return [BotUttered("What is it about?", {"buttons": buttons})]
        if text == "products":
            return [
                BotUttered(
                    "Have a look:",
                    {"custom": {"cards": [SHIRT, {**SHIRT, "title": "Batik dress"}]}},
                )
            ]
        if text == "order":
            return [BotUttered(None, {"custom": {"cards": [ORDER]}})]
        if text == "bahasa":
            condition = [{"type": "slot", "name": "language", "value": "id"}]
            return [BotUttered("Baik, Kak.", metadata={"condition": condition})]
        return [BotUttered(f"You said: {text}")]


class Server:
    """Rasa's channels on a real Sanic server, in a thread of its own; can be stopped and started again."""

    def __init__(self, folder: pathlib.Path, more: Callable[[Any], Sequence[Any]] = lambda _: ()) -> None:
        """``more`` gives other input channels, for the store."""
        self.folder = folder
        self.more = more
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.store = ConversationStore(f"sqlite:///{folder / 'pasar.db'}")
        self.start()

    def start(self) -> None:
        """Serve; a new bot on the same files."""
        self.bot = ScriptedBot(self.folder / "tracker.db", self.store)
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(8)

    def stop(self) -> None:
        """End the process, as far as its buyers can tell."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(20)

    def run(self, work: Awaitable[Any]) -> Any:
        """Do something in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve_until_stopped(started))
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def make_inputs(self) -> list[InputChannel]:
        """Return the channels that it serves."""
        stores = {"store": lambda: self.store}
        return [RestInput(**stores), WebChatInput(**stores), DeskInput(**stores), *self.more(lambda: self.store)]

    async def _serve_until_stopped(self, started: threading.Event) -> None:
        self._stopping = asyncio.Event()
        app = Sanic(f"channels-{uuid.uuid4().hex}", configure_logging=False)
        app.ctx.agent = self.bot
        register(self.make_inputs(), app, route="/webhooks/")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
        await server.startup()
        # Sanic rewrites its own source at each start, which works once in a process.
        TouchUp._registry.clear()
        await server.after_start()
        await server.start_serving()
        started.set()
        await self._stopping.wait()
        await server.before_stop()
        server.close()
        for connection in tuple(server.connections):
            connection.abort()
        await server.wait_closed()


@pytest.fixture
def settings(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of a test: its own database, known secrets, a short deadline."""
    monkeypatch.setenv("PASAR_DATABASE", f"sqlite:///{tmp_path / 'pasar.db'}")
    monkeypatch.setenv("PASAR_BUYER_SECRET", "buyer-secret-for-the-tests-0123456789abcdef")
    monkeypatch.setenv("PASAR_DESK_TOKEN", DESK_TOKEN)
    monkeypatch.setenv("PASAR_MARK_KEY", "mark-key-for-the-tests-0123456789abcdef")
    monkeypatch.setenv("PASAR_REPLY_DEADLINE", "0.8")
    monkeypatch.setattr(Settings, "var", property(lambda _: tmp_path / "var"))
    for module in ("channels.base", "channels.webchat.pages"):
        monkeypatch.setattr(f"{module}.open_shop", lambda _: FakeShop())
    load_settings.cache_clear()
    open_store.cache_clear()
    forget_words()
    yield
    load_settings.cache_clear()
    open_store.cache_clear()


@pytest.fixture
def server(settings: None, tmp_path: pathlib.Path) -> Iterator[Server]:
    """A server with the three channels and the scripted bot."""
    running = Server(tmp_path)
    yield running
    running.stop()
    running.store.dispose()


@pytest.fixture
def desk_headers() -> types.MappingProxyType[str, str]:
    """What the desk shows to be let in."""
    return types.MappingProxyType({"Authorization": f"Bearer {DESK_TOKEN}"})
