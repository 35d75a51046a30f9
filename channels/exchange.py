"""The exchange: connectors, inbox, outbox, worker and sender of one process, started and ended with its server."""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

import httpx
import structlog

from channels.buyers import Buyers
from channels.collector import Collector
from channels.connector import Account, Connector
from channels.faults import describe_fault
from channels.fetching import FetchingConnector, keep_fetching
from channels.fitting import fit
from channels.platforms import open_connectors
from channels.receiver import read_waiting
from channels.records import Records
from channels.sender import Sender
from channels.turn import Handler
from channels.words import DEFAULT_LANGUAGE, load_words
from channels.worker import Worker
from pasar.commerce.platforms.client import load_trust
from pasar.commerce.platforms.tokens import TokenStore
from pasar.conversations.store import ConversationStore
from pasar.live.store import LiveStore
from pasar.media.model import Medium
from pasar.media.store import open_media
from pasar.messages.inbox import Intake
from pasar.messages.model import Received, Reply
from pasar.messages.opening import open_inbox
from pasar.messages.outbox import Outgoing
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_outbox import SqlOutbox
from pasar.settings import load_settings

DRAIN_SECONDS = 10.0
TIDY_SECONDS = 600.0
RECOVER_SECONDS = 300.0
KEPT_SECONDS = 30 * 24 * 3600.0  # what was sent, and dead letters
CONNECTIONS = 200
NOT_KEPT = "media_not_kept"

log = structlog.get_logger()


class Exchange:
    """Everything between platforms and Rasa."""

    def __init__(
        self,
        accounts: Mapping[str, Iterable[Account]],
        handle: Handler,
        store: Callable[[], ConversationStore],
        records: Records,
        url: str,
        tokens: TokenStore | None = None,
        inbox: str = "",
    ) -> None:
        """``url`` is the database's, ``inbox`` that of Redis where it is there; ``tokens`` are those of sellers.

        ConnectorSettingsError where an account lacks a setting.
        """
        self._client = httpx.AsyncClient(
            verify=load_trust(), limits=httpx.Limits(max_connections=CONNECTIONS), follow_redirects=False
        )
        self.connectors: Mapping[tuple[str, str], Connector] = open_connectors(accounts, self._client, tokens)
        self._database = SqlDatabase(url)
        self.outbox = SqlOutbox(self._database)
        self.inbox = open_inbox(inbox, self._database, self.outbox)
        self.comments = LiveStore(self._database)
        buyers = Buyers(url)
        self._open_store = store
        self._media = open_media(url, load_settings().var / "media")
        self._collector = Collector(self._media, self.connectors, self._tell_not_kept)
        self._worker = Worker(self.inbox, self.outbox, self.connectors, handle, store, records, buyers, self._media)
        self._sender = Sender(self.outbox, self.connectors, store, buyers.find_standing)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def intake(self) -> Intake:
        """Where messages come in."""
        return self.inbox

    def find(self, channel: str, account: str) -> Connector | None:
        """The connector of an account; None where there is none."""
        return self.connectors.get((channel, account))

    async def speak(self, conversation_id: str, reply: Reply) -> bool:
        """Say something to a buyer beside the bot's turns; False where the conversation is on no platform of ours."""
        channel, _, rest = conversation_id.partition(":")
        connector = self.find(channel, rest.partition(":")[0])
        to = await self.inbox.find_address(conversation_id) if connector is not None else None
        if connector is None or to is None:
            return False
        fitted = fit([reply], connector.capabilities)
        await self.outbox.put(
            [Outgoing(uuid.uuid4().hex, conversation_id, channel, to, call, fitted.choices) for call in fitted.calls]
        )
        return True

    def start(self) -> None:
        """Begin to answer and to send, in the running loop."""
        work = (self._worker.run, self._sender.run, self._collector.run, self._tidy, self._recover)
        self._tasks = [asyncio.ensure_future(run()) for run in work]
        for connector in self.connectors.values():
            if isinstance(connector, FetchingConnector):
                accept = functools.partial(self._accept, connector)
                self._tasks.append(asyncio.ensure_future(keep_fetching(connector, accept)))

    async def stop(self) -> None:
        """Claim nothing more, end what was begun, close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._worker.drain(DRAIN_SECONDS)
        await self._sender.drain(DRAIN_SECONDS)
        await self._client.aclose()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.inbox.close()
        self.outbox.close()
        self._database.close()

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                await self.inbox.forget()
                await self.outbox.forget(self._database.clock() - KEPT_SECONDS)
                days = load_settings().media_days * 24 * 3600.0
                await asyncio.to_thread(self._media.tidy, self._media.clock() - days)
                await self.comments.forget(self._database.clock() - KEPT_SECONDS)
            except Exception as error:
                log.error("messages.tidy.failed", **describe_fault(error))

    async def _tell_not_kept(self, medium: Medium) -> None:
        """The bot had said that it is kept; so she hears that it is not. Once an hour, however many there are."""
        wish = medium.wish
        connector, to = self.find(wish.channel, wish.account), await self.inbox.find_address(wish.conversation_id)
        if connector is None or to is None:
            return
        known = self._open_store().get(wish.conversation_id)
        text = load_words(known.language if known is not None else DEFAULT_LANGUAGE, NOT_KEPT)
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"media:{wish.conversation_id}:{medium.asked_at:%Y%m%d%H}").hex
        (call,) = fit([Reply(text)], connector.capabilities).calls
        await self.outbox.put([Outgoing(key, wish.conversation_id, wish.channel, to, call)])

    async def _recover(self) -> None:
        """What was lost while we were away is asked for at once, and then at times."""
        while True:
            for connector in self.connectors.values():
                try:
                    await connector.recover(functools.partial(self._accept, connector))
                except Exception as error:
                    log.error("channel.recovery.failed", channel=connector.name, **describe_fault(error))
            await asyncio.sleep(RECOVER_SECONDS)

    async def _accept(self, connector: Connector, messages: Sequence[Received]) -> None:
        await self.inbox.accept(messages, read_waiting(connector.capabilities))
