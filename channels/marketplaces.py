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

import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.connector import Account
from channels.exchange import Exchange
from channels.faults import describe_fault
from channels.health import describe
from channels.live.desk import add_live_desk
from channels.live.stage import Stage
from channels.live.understanding import AgentUnderstanding, Understanding
from channels.platforms import read_accounts
from channels.receiver import add_webhook
from channels.records import TrackerRecords
from channels.turn import Handler
from pasar.commerce.platforms.opening import open_tokens
from pasar.conversations.store import ConversationStore, open_store
from pasar.nlu.inprocess import attach
from pasar.settings import load_settings

log = structlog.get_logger()


class PlatformInput(InputChannel):
    """Receives, answers and sends for all accounts of all platforms."""

    def __init__(
        self,
        accounts: Mapping[str, list[Account]],
        store: Callable[[], ConversationStore] = open_store,
        understanding: Understanding | None = None,
    ) -> None:
        """Use the installation's store and Rasa's understanding of comments, or a test's."""
        self._accounts = accounts
        self._open_store = store
        self._understanding = understanding
        self.exchange: Exchange | None = None
        self.stage: Stage | None = None

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
            settings = load_settings()
            self.exchange = Exchange(
                self._accounts,
                on_new_message,
                self._open_store,
                records,
                settings.database,
                open_tokens(),
                settings.inbox,
            )
            self.exchange.start()
            exchange, understanding = self.exchange, self._understanding or AgentUnderstanding(lambda: app.ctx.agent)
            self.stage = Stage(
                exchange.connectors, exchange.comments, exchange.outbox, on_new_message, understanding, self._open_store
            )
            self.stage.start()
            app.ctx.exchange = self.exchange  # by it people at the desk speak

        @routes.listener("before_server_stop")
        async def end(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            if self.exchange is not None:
                app.ctx.exchange = None
                if self.stage is not None:
                    await self.stage.stop()
                await self.exchange.stop()
                self.exchange = None

        @routes.get("/platforms")
        async def health(_: Request) -> HTTPResponse:
            if self.exchange is None:
                return response.json({"status": "starting"}, status=503)
            try:
                depth, stock = await self.exchange.inbox.measure(), await self.exchange.outbox.measure()
            except Exception as error:
                log.error("inbox.measure.failed", **describe_fault(error))
                return response.json({"status": "the inbox does not answer"}, status=503)
            waits = {"waiting": depth.conversations, "oldest": round(depth.oldest, 3)}
            return response.json(describe(self._accounts, stock, **waits))

        add_live_desk(routes, self._find_stage, lambda: self._find_exchange().comments)
        for platform in self._accounts:
            add_webhook(routes, platform, self._find_exchange)
        return routes

    def _find_exchange(self) -> Exchange:
        assert self.exchange is not None
        return self.exchange

    def _find_stage(self) -> Stage:
        assert self.stage is not None
        return self.stage
