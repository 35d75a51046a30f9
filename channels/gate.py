"""The gate: a small server that only receives what platforms send, in a process of its own.

    python -m channels.gate --port 5006

It reads the accounts of ``credentials.yml`` and keeps messages in the database of PASAR_DATABASE, where the bot's worker
finds them. It loads no Rasa and no model, so platforms have their acknowledgement in time while the bot is busy, loads
another model or is down. Its addresses are the bot's own, ``/webhooks/<platform>/<account>``: a proxy sends them here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import httpx
import yaml
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.connector import Account, Connector
from channels.health import describe
from channels.platforms import Connectors, open_connectors, read_accounts
from channels.receiver import add_webhook
from pasar.commerce.platforms.client import load_trust
from pasar.messages.inbox import Inbox
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_inbox import SqlInbox
from pasar.settings import load_settings

HOST = "127.0.0.1"
CHANNEL = "channels.marketplaces.PlatformInput"


class Gate:
    """Connectors that verify and read, and the inbox."""

    def __init__(self, accounts: Mapping[str, list[Account]], url: str) -> None:
        """Open the database; ConnectorSettingsError where an account lacks a setting."""
        self._client = httpx.AsyncClient(verify=load_trust())
        self._connectors: Connectors = open_connectors(accounts, self._client)
        self._database = SqlDatabase(url)
        self._inbox = SqlInbox(self._database)

    @property
    def inbox(self) -> Inbox:
        """Where messages wait for the bot."""
        return self._inbox

    def find(self, channel: str, account: str) -> Connector | None:
        """The connector of an account; None where there is none."""
        return self._connectors.get((channel, account))

    async def close(self) -> None:
        """Keep what has come, then close the database."""
        await self._client.aclose()
        await asyncio.to_thread(self._inbox.close)
        await asyncio.to_thread(self._database.close)


def make_app(accounts: Mapping[str, list[Account]], url: str) -> Sanic:
    """The server."""
    app = Sanic("pasar-gate", configure_logging=False)
    routes = Blueprint("platforms", url_prefix="/webhooks")

    @routes.listener("after_server_start")
    async def begin(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        app.ctx.gate = Gate(accounts, url)

    @routes.listener("before_server_stop")
    async def end(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await app.ctx.gate.close()

    @routes.get("/platforms")
    async def health(_: Request) -> HTTPResponse:
        depth = await app.ctx.gate.inbox.measure()
        return response.json(describe(depth, accounts))

    for platform in accounts:
        add_webhook(routes, platform, lambda: app.ctx.gate)
    app.blueprint(routes)
    return app


def read_credentials(path: pathlib.Path) -> dict[str, list[Account]]:
    """The accounts in ``credentials.yml``; ConnectorSettingsError."""
    return read_accounts(read_block(path))


def read_block(path: pathlib.Path) -> Any:
    """What ``credentials.yml`` says of platforms' chats, with ``${NAME}`` from the environment as Rasa reads it."""
    credentials = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return _expand(credentials.get(CHANNEL))


def _expand(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _expand(item) for key, item in value.items()}
    return os.path.expandvars(value) if isinstance(value, str) else value


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m channels.gate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--credentials", type=pathlib.Path, default=load_settings().home / "credentials.yml")
    arguments = parser.parse_args()
    app = make_app(read_credentials(arguments.credentials), load_settings().database)
    app.run(host=HOST, port=arguments.port, access_log=False)


if __name__ == "__main__":
    main()
