"""The platforms' own chats as Rasa sees them: one input channel for all connectors, POST /webhooks/<platform>/<account>.

Named in ``credentials.yml``::

    channels.marketplaces.PlatformInput:
      line:
        stylehub: {shop: stylehub, country: TH, secret: "${LINE_SECRET}", token: "${LINE_TOKEN}"}
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.connector import Account
from channels.exchange import Exchange
from channels.health import describe
from channels.platforms import read_accounts
from channels.receiver import add_webhook
from channels.turn import Handler
from channels.worker import TrackerRecords
from pasar.commerce.platforms.opening import open_tokens
from pasar.conversations.store import ConversationStore, open_store
from pasar.nlu.inprocess import attach
from pasar.settings import load_settings


class PlatformInput(InputChannel):
    """Receives, answers and sends for all accounts of all platforms."""

    def __init__(
        self, accounts: Mapping[str, list[Account]], store: Callable[[], ConversationStore] = open_store
    ) -> None:
        """Use the installation's store, or a test's."""
        self._accounts = accounts
        self._open_store = store
        self.exchange: Exchange | None = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "platforms"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> PlatformInput:
        """Read the accounts; ConnectorSettingsError names what is wrong."""
        return cls(read_accounts(credentials))

    def url_prefix(self) -> str:
        """Return an absolute path: each platform has its own below it."""
        return "/webhooks"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("platforms")
        attach(routes)

        @routes.listener("after_server_start")
        async def begin(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            records = TrackerRecords(lambda: app.ctx.agent, self._open_store)
            url, tokens = load_settings().database, open_tokens()
            self.exchange = Exchange(self._accounts, on_new_message, self._open_store, records, url, tokens)
            self.exchange.start()
            app.ctx.exchange = self.exchange  # by it people at the desk speak

        @routes.listener("before_server_stop")
        async def end(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            if self.exchange is not None:
                app.ctx.exchange = None
                await self.exchange.stop()
                self.exchange = None

        @routes.get("/platforms")
        async def health(_: Request) -> HTTPResponse:
            if self.exchange is None:
                return response.json({"status": "starting"}, status=503)
            depth = await self.exchange.inbox.measure()
            return response.json(describe(depth, self._accounts, await self.exchange.outbox.measure()))

        for platform in self._accounts:
            add_webhook(routes, platform, self._find_exchange)
        return routes

    def _find_exchange(self) -> Exchange:
        assert self.exchange is not None
        return self.exchange
