"""The receiver: a platform's call is verified, read and kept before it is acknowledged; nothing else happens then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from sanic import Blueprint, Request
from sanic.exceptions import PayloadTooLarge
from sanic.response import HTTPResponse

from channels.base import MessageError
from channels.connector import Answer, Call, Capabilities, Connector, ForgedError
from channels.counters import Event, counters
from channels.faults import describe_fault
from channels.requests import read_body
from pasar.live.comment import Comment
from pasar.messages.inbox import Intake, Waiting

MOST_PAUSES = 5  # a buyer who goes on writing is answered after so many pauses

log = structlog.get_logger()


class Comments(Protocol):
    """Where comments under live streams come in."""

    async def accept(self, comments: Sequence[Comment]) -> int:
        """Keep them; how many are new."""


async def receive(connector: Connector, intake: Intake, call: Call, comments: Comments | None = None) -> Answer:
    """What a platform's call is answered. 503 where it could not be kept, so that the platform sends it again.

    ``comments``: where those under live streams are kept; None where nobody looks at them.
    """
    place = {"channel": connector.name, "account": connector.account.name}
    try:
        if call.method == "GET":
            return connector.challenge(call)
        await connector.prepare(call)
        connector.verify(call)
        messages = connector.parse(call)
        remarks = connector.parse_comments(call) if comments is not None else []
    except ForgedError as error:
        counters.add(connector.name, Event.FORGED)
        log.warning("channel.call.forged", reason=str(error), **place)
        return Answer(error.status)
    except MessageError as error:
        counters.add(connector.name, Event.UNREADABLE)
        log.warning("channel.call.unreadable", field=error.field, problem=error.message, **place)
        return Answer(connector.unreadable)
    except Exception as error:
        counters.add(connector.name, Event.FAILED)
        log.error("channel.call.failed", **place, **describe_fault(error))
        return Answer(500)
    if messages:
        try:
            fresh = await intake.accept(messages, read_waiting(connector.capabilities))
        except Exception as error:
            counters.add(connector.name, Event.FAILED)
            log.error("inbox.accept.failed", **place, **describe_fault(error))
            return Answer(503)
        counters.add(connector.name, Event.MESSAGES, sum(fresh))
        counters.add(connector.name, Event.DUPLICATES, len(fresh) - sum(fresh))
        log.debug("channel.call.accepted", messages=len(messages), fresh=sum(fresh), **place)
    if remarks and comments is not None:
        try:
            await comments.accept(remarks)
        except Exception as error:
            counters.add(connector.name, Event.FAILED)
            log.error("live.accept.failed", **place, **describe_fault(error))
            return Answer(503)
    counters.add(connector.name, Event.ACCEPTED)
    return connector.acknowledge(call)


def read_waiting(capabilities: Capabilities) -> Waiting:
    """How long a platform's messages wait for more, and are remembered."""
    pause = capabilities.pause.total_seconds()
    return Waiting(pause, pause * MOST_PAUSES, capabilities.redelivery.total_seconds())


class Connected(Protocol):
    """Who knows the accounts, and keeps what comes in."""

    @property
    def intake(self) -> Intake:
        """Where messages come in."""

    @property
    def comments(self) -> Comments:
        """Where comments under live streams wait."""

    def find(self, channel: str, account: str) -> Connector | None:
        """The connector of an account; None where there is none."""


def add_webhook(routes: Blueprint, platform: str, find_exchange: Callable[[], Connected]) -> None:
    """Serve ``/<platform>/<account>``; the exchange is there once the server has started."""

    async def handle(request: Request, account: str) -> HTTPResponse:
        exchange = find_exchange()
        connector = exchange.find(platform, account)
        if connector is None:
            return HTTPResponse(status=404)
        try:
            body = await read_body(request)
        except PayloadTooLarge:
            return HTTPResponse(status=413)
        call = Call(
            method=request.method,
            url=connector.account.settings.get("callback", request.url),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            query={name: values[0] for name, values in request.args.items()},
        )
        answer = await receive(connector, exchange.intake, call, exchange.comments if connector.comments else None)
        return HTTPResponse(answer.body, status=answer.status, content_type=answer.content_type)

    routes.add_route(handle, f"/{platform}/<account>", methods=["GET", "POST"], name=f"{platform}_webhook", stream=True)
