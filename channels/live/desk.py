"""What the host of a live stream sees and says: which questions there are, what was answered, and what is left to her.

Platforms let no programme pin a comment, and Instagram none comment at all: the host reads the answer here, and pins or
says it. Where a platform does not tell what is shown or which stream is on, she says that here too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.base import MessageError, check_product
from channels.desk import require_token
from channels.live.stage import Stage
from channels.requests import read_body
from channels.rest import parse_object
from pasar.live.comment import Stream
from pasar.live.store import Cluster, Followed, LiveStore
from pasar.messages.model import MAX_FIELD

PATH = "/live/<channel>/<account>/<stream>"


class UnknownStreamError(MessageError):
    """No such stream, or no account that could have one."""

    status = 404

    def __init__(self) -> None:
        """Say so."""
        super().__init__("stream", "is not known here")


def add_live_desk(routes: Blueprint, find_stage: Callable[[], Stage], find_store: Callable[[], LiveStore]) -> None:
    """Serve ``/live``, for whoever shows the desk's token; both are there once the server has started."""

    @routes.get("/live")
    @require_token
    async def list_streams(_: Request) -> HTTPResponse:
        return response.json([_describe_stream(followed) for followed in await find_store().list_streams()])

    @routes.get(PATH)
    @require_token
    async def show(_: Request, channel: str, account: str, stream: str) -> HTTPResponse:
        where, store = Stream(channel, account, stream), find_store()
        followed = await store.find_stream(where)
        if followed is None:
            raise UnknownStreamError
        counted = await store.count(where)
        comments = {state: {"comments": number, "served": served} for state, (number, served) in counted.items()}
        questions = [_describe_question(cluster) for cluster in await store.list_clusters(where)]
        return response.json({**_describe_stream(followed), "comments": comments, "questions": questions})

    @routes.put(PATH, stream=True)
    @require_token
    async def follow(request: Request, channel: str, account: str, stream: str) -> HTTPResponse:
        where = Stream(channel, account, stream)
        connector = find_stage().find(where)
        if connector is None or len(stream) > MAX_FIELD or not stream.isprintable():
            raise UnknownStreamError
        body = parse_object(await read_body(request) or b"{}")
        product = check_product(body["product"]) if "product" in body else None
        await find_store().open_stream(where, connector.account.shop, again=True)
        if product is not None:
            await find_store().show_product(where, product)
        return response.empty()

    @routes.delete(PATH)
    @require_token
    async def leave(_: Request, channel: str, account: str, stream: str) -> HTTPResponse:
        if not await find_store().end_stream(Stream(channel, account, stream)):
            raise UnknownStreamError
        return response.empty()


def _describe_stream(followed: Followed) -> dict[str, Any]:
    where = followed.where
    named = {"channel": where.channel, "account": where.account, "stream": where.stream}
    return {**named, "shop": followed.shop, "product": followed.product}


def _describe_question(cluster: Cluster) -> dict[str, Any]:
    """A question without who asked it; ``left`` says why it is the host's, "" where it was answered."""
    return {
        "question": cluster.question,
        "intent": cluster.intent,
        "product": cluster.product,
        "language": cluster.language,
        "asked": cluster.asked,
        "answer": cluster.answer,
        "answered_at": cluster.answered_at,
        "open": cluster.open_since is not None,
        "left": cluster.left_reason,
    }
