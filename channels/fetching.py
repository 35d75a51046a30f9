"""Connectors that ask instead of being called: a mailbox tells nobody that something has come.

What is fetched goes the way of what is delivered: read, kept in the inbox, and only then marked at the platform as taken.
What dies in between is fetched again, and the inbox knows it by its id.
"""

from __future__ import annotations

import abc
import asyncio

import structlog

from channels.connector import Accept, Call, Connector, ForgedError
from channels.faults import describe_fault

LONGEST_PAUSE = 300.0  # seconds, while the platform cannot be asked

log = structlog.get_logger()


class FetchingConnector(Connector):
    """A platform that is asked at times for what has come."""

    listens = False
    every: float = 20.0  #: seconds between two questions

    def verify(self, call: Call) -> None:
        """Nobody calls here: its webhook is none."""
        raise ForgedError("nobody calls this connector", 404)

    @abc.abstractmethod
    async def fetch(self, accept: Accept) -> None:
        """Give ``accept`` what has come since, then mark it as taken; SendError where the platform cannot be asked."""


async def keep_fetching(connector: FetchingConnector, accept: Accept) -> None:
    """Ask until cancelled; more and more seldom where it fails."""
    failures = 0
    while True:
        try:
            await connector.fetch(accept)
            failures = 0
        except Exception as error:
            failures += 1
            fault = describe_fault(error)
            log.error("channel.fetch.failed", channel=connector.name, account=connector.account.name, **fault)
        await asyncio.sleep(min(connector.every * 2 ** min(failures, 10), max(LONGEST_PAUSE, connector.every)))
