"""Where platforms tell that a shop has changed, and where sellers come back to who have let us in.

No buyer writes here: it is a channel because that is how Rasa's server gets routes.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import html
from collections.abc import Callable, Mapping, Sequence

import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from channels.base import MessageError
from channels.faults import describe_fault
from channels.requests import read_body
from channels.rest import explain_errors, refuse
from channels.turn import Handler
from pasar.commerce.backend import ShopError, ShopUnavailableError, UnknownShopError
from pasar.commerce.changes import Ability
from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, Notice, NoticeKind
from pasar.commerce.platforms.authorisation import find_code
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.connection import NOTICE_PATH, connect
from pasar.commerce.platforms.inbox import MOST_TOPIC, Inbox
from pasar.commerce.platforms.opening import open_inbox, open_invitations
from pasar.commerce.platforms.worker import NoticeWorker
from pasar.commerce.profiles.profile import DemoProfile, Profile
from pasar.commerce.registry import find_profile, list_shops, open_shop
from pasar.settings import load_settings

MAX_BODY = 4 * 1024 * 1024  # Shopify tells a whole product, with all of its variants
MAX_ANSWER = 1024  # characters of a code, or of whatever else comes back with the seller

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class _Delivery:
    """A webhook as it came."""

    headers: Mapping[str, str]  #: lower case
    body: bytes
    url: str  #: as it was registered

    def read(self, shop: PlatformBackend) -> Notice:
        """What it tells a shop, see :meth:`pasar.commerce.platforms.api.PlatformApi.read_notice`."""
        return shop.read_notice(self.headers, self.body, self.url, datetime.datetime.now(datetime.timezone.utc))


class NoShopHereError(MessageError):
    """No shop of that name takes webhooks here."""

    status = 404


class ShopsInput(InputChannel):
    """POST /webhooks/shops/<shop id> for platforms, GET /webhooks/shops/authorised for sellers."""

    def __init__(self, inbox: Callable[[], Inbox] = open_inbox) -> None:
        """Use the installation's inbox, or a test's."""
        self._open_inbox = inbox
        self._forged: collections.Counter[str] = collections.Counter()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in its address too."""
        return "shops"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes; the worker runs as long as their server."""
        routes = Blueprint("shops_channel")

        @routes.listener("after_server_start")
        async def begin(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._inbox = await asyncio.to_thread(self._open_inbox)
            self._worker = NoticeWorker(self._inbox, open_shop)
            self._worker.start()
            self._opening = asyncio.ensure_future(_open_all())

        @routes.listener("before_server_stop")
        async def end(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._opening.cancel()
            await self._worker.stop()

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/<shop_id>", stream=True)
        @explain_errors
        async def receive(request: Request, shop_id: str) -> HTTPResponse:
            return await self._receive(request, shop_id)

        @routes.get("/authorised")
        async def come_back(request: Request) -> HTTPResponse:
            return await _welcome(request, request.args.get("state", ""))

        @routes.get("/authorised/<state>")
        async def come_back_with(request: Request, state: str) -> HTTPResponse:
            return await _welcome(request, state)

        return routes

    async def _receive(self, request: Request, shop_id: str) -> HTTPResponse:
        shop = await _find_shop(shop_id)
        body = await read_body(request, MAX_BODY)
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = _Delivery(headers, body, f"{load_settings().public_url}{NOTICE_PATH}/{shop_id}")
        try:
            told = await _read_all(shop, delivery)
        except ForgedNoticeError as error:
            self._forged[shop_id] += 1
            log.warning("notice.forged", shop=shop_id, reason=str(error), count=self._forged[shop_id])
            return refuse(401, "signature", str(error))
        except MalformedNoticeError as error:
            log.warning("notice.malformed", shop=shop_id, reason=str(error))
            return refuse(400, "body", str(error))
        try:
            for concerned, notice in told.items():
                await self._keep(concerned, notice)
        except ShopUnavailableError as error:
            log.error("notice.inbox.failed", shop=shop_id, reason=error.reason)
            return refuse(503, "server", "cannot keep it now; send it again")
        self._worker.wake()
        # Shopee and TikTok Shop ask for an empty body; the others take any.
        return response.empty(status=200)

    async def _keep(self, shop_id: str, notice: Notice) -> None:
        topic = "".join(filter(str.isprintable, notice.raw_kind))[:MOST_TOPIC]
        told = {"shop": shop_id, "kind": notice.kind.value, "topic": topic}
        if notice.kind is NoticeKind.UNKNOWN:
            # Not in the database: WooCommerce's first call has no signature, so anybody can send it.
            log.info("notice.unknown", **told)
            return
        new = await self._inbox.put(shop_id, notice)
        log.info("notice.accepted" if new else "notice.repeated", **told)
        if new and notice.kind is NoticeKind.DEAUTHORISED:
            log.warning("shop.deauthorised", **told)


async def _find_shop(shop_id: str) -> PlatformBackend:
    """The shop of that name, if it is on a platform; others are not even opened."""
    profile = find_profile(shop_id)
    if profile is None:
        raise NoShopHereError("shop", "is not known here")
    if isinstance(profile, DemoProfile):
        raise NoShopHereError("shop", "takes no webhooks")
    try:
        # The first time it is opened, tables are made and certificates read.
        shop = await asyncio.to_thread(open_shop, shop_id)
    except UnknownShopError as error:
        log.error("notice.shop.failed", shop=shop_id, reason=error.reason)
        raise NoShopHereError("shop", "is not known here") from error
    if not isinstance(shop, PlatformBackend) or Ability.NOTICES not in shop.abilities:
        raise NoShopHereError("shop", "takes no webhooks")
    return shop


async def _read_all(first: PlatformBackend, delivery: _Delivery) -> Mapping[str, Notice]:
    """What a delivery tells ``first`` and, since an app has one address for all its shops, our others of that platform.

    ForgedNoticeError; MalformedNoticeError where none can read it.
    """
    told, trouble = {}, None
    try:
        told[first.shop_id] = delivery.read(first)
    except MalformedNoticeError as error:
        trouble = error
    for shop_id in _list_siblings(first):
        try:
            notice = delivery.read(await _find_shop(shop_id))
        except (MessageError, ForgedNoticeError, MalformedNoticeError):  # another app's, or of a shop that is not here
            continue
        if notice.kind is not NoticeKind.UNKNOWN:
            told[shop_id] = notice
    if trouble is not None and not told:
        raise trouble
    return told


def _list_siblings(shop: PlatformBackend) -> Sequence[str]:
    others = [find_profile(shop_id) for shop_id in list_shops() if shop_id != shop.shop_id]
    return [other.shop_id for other in others if isinstance(other, Profile) and other.platform == shop.platform]


async def _open_all() -> None:
    """Open the shops that may be told something, so that the first webhook is answered as fast as the next."""
    for shop_id in list_shops():
        try:
            await _find_shop(shop_id)
        except MessageError:
            continue
        except Exception as error:
            log.error("notice.shop.failed", shop=shop_id, **describe_fault(error))


async def _welcome(request: Request, state: str) -> HTTPResponse:
    """Exchange what a seller came back with for tokens, if we have invited her."""
    answer = {name: request.args.get(name) for name in request.args}
    if any(len(value) > MAX_ANSWER for value in (state, *answer.values())):
        return _show(400, "This address is too long.")
    if not find_code(answer):
        # Before the state is spent: whoever only looks at the address must not spend it.
        return _show(400, "No access was granted. Follow the link again to grant it.")
    try:
        shop_id = await open_invitations().redeem(state)
        profile = find_profile(shop_id)
        if profile is None:
            log.warning("shop.authorisation.refused", reason="the state is unknown, used or over")
            return _show(403, "This link was used, or is too old. Ask for a new one.")
        grant = await connect(profile, answer)
    except ShopUnavailableError as error:
        log.error("shop.authorisation.failed", shop=error.shop_id, reason=error.reason)
        return _show(503, "The platform did not answer. Ask for a new link.")
    except ShopError as error:
        log.error("shop.authorisation.failed", shop=error.shop_id, reason=error.reason)
        return _show(400, "The shop could not be connected. Its server's log says why.")
    found = [f"{name}: {value}" for shop in grant.shops for name, value in shop.items()]
    return _show(200, f"{profile.shop_id} is connected. You may close this window.", found)


def _show(status: int, words: str, facts: Sequence[str] = ()) -> HTTPResponse:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in (words, *facts))
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pasar</title>{lines}</html>'
    # The address of this page has the code in it.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    return response.html(page, status=status, headers=headers)
