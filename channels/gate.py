"""The gate: a small server that only receives what platforms send, in a process of its own.

    python -m channels.gate --port 5006

It reads the accounts of ``credentials.yml``, keeps messages in a file of its own and carries them on to the inbox
(PASAR_INBOX, else PASAR_DATABASE), where the bot's worker finds them. It loads no Rasa and no model and waits for no database, so
platforms have their acknowledgement in time while the bot is busy, loads another model or is down, and while the database
is. Its addresses are the bot's own, ``/webhooks/<platform>/<account>``: a proxy sends them here.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import logging
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import structlog
import yaml
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.connector import Account, Connector
from channels.health import describe
from channels.platforms import Connectors, open_connectors, read_accounts
from channels.receiver import add_webhook
from pasar.commerce.platforms.client import load_trust
from pasar.live.comment import Comment
from pasar.live.store import LiveStore
from pasar.messages.inbox import Reception
from pasar.messages.opening import open_reception
from pasar.messages.spool import Spool
from pasar.messages.sql import SqlDatabase
from pasar.settings import load_settings

HOST = "127.0.0.1"
CHANNEL = "channels.marketplaces.PlatformInput"


class StreamComments:
    """Comments under live streams, straight to the database: where it is away, the platform sends them again."""

    def __init__(self, url: str) -> None:
        """Opened with the first comment."""
        self._url = url
        self._database: SqlDatabase | None = None
        self._store: LiveStore | None = None

    async def accept(self, comments: Sequence[Comment]) -> int:
        """Keep them; how many are new."""
        if self._store is None:
            self._store = await asyncio.to_thread(self._open)
        return await self._store.accept(comments)

    def _open(self) -> LiveStore:
        self._database = SqlDatabase(self._url)
        return LiveStore(self._database)

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()


class Gate:
    """Connectors that verify and read, and the spool before the inbox."""

    def __init__(self, accounts: Mapping[str, list[Account]], spool: Spool, comments: StreamComments) -> None:
        """ConnectorSettingsError where an account lacks a setting."""
        self._client = httpx.AsyncClient(verify=load_trust())
        self._connectors: Connectors = open_connectors(accounts, self._client)
        self._spool = spool
        self.comments = comments

    @property
    def intake(self) -> Spool:
        """Where messages come in."""
        return self._spool

    def find(self, channel: str, account: str) -> Connector | None:
        """The connector of an account; None where there is none."""
        return self._connectors.get((channel, account))

    async def close(self) -> None:
        """Keep what has come, then close everything."""
        await self._client.aclose()
        await self._spool.close()
        await asyncio.to_thread(self.comments.close)


def make_app(
    accounts: Mapping[str, list[Account]], spool: pathlib.Path, open_inbox: Callable[[], Reception], url: str
) -> Sanic:
    """The server; ``url`` is the database's, for comments."""
    app = Sanic("pasar-gate", configure_logging=False)
    routes = Blueprint("platforms", url_prefix="/webhooks")

    @routes.listener("after_server_start")
    async def begin(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        app.ctx.gate = Gate(accounts, Spool(spool, open_inbox), StreamComments(url))
        app.ctx.gate.intake.start()

    @routes.listener("before_server_stop")
    async def end(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await app.ctx.gate.close()

    @routes.get("/platforms")
    async def health(_: Request) -> HTTPResponse:
        spooled = await app.ctx.gate.intake.measure()
        return response.json(describe(accounts, spooled=spooled))

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
    parser.add_argument("--spool", type=pathlib.Path, help="file of this gate alone, by default var/spool/<port>.db")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    settings = load_settings()
    spool = arguments.spool or settings.var / "spool" / f"{arguments.port}.db"
    open_inbox = functools.partial(open_reception, settings.inbox, settings.database)
    app = make_app(read_credentials(arguments.credentials), spool, open_inbox, settings.database)
    app.run(host=HOST, port=arguments.port, access_log=False)


if __name__ == "__main__":
    main()
