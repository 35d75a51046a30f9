"""What every platform's module must keep. Inherit it, and give the fixtures ``server`` and ``api``."""

from __future__ import annotations

import datetime
import json
import time

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability, Outcome
from pasar.commerce.model import Buyer
from pasar.commerce.platforms.api import (
    ForgedNoticeError,
    MalformedNoticeError,
    NoticeKind,
    NotSupportedError,
    PlatformApi,
)
from tests.commerce.platforms.server import PlatformServer

NOW = datetime.datetime.now(datetime.timezone.utc)


class PlatformContract:
    """Names in the class attributes what the server holds."""

    order_id: str  #: of a shipped order of ``owner``, with a parcel
    cancellable_order_id: str = ""  #: of a paid order; "" where the platform lets nobody cancel
    shipped_order_id: str = ""  #: of one that cannot be cancelled any more
    owner: Buyer
    stranger = Buyer(email="nobody@example.com", account="nobody")
    product_reference: str
    products: int  #: how many the server has for sale; more than one page
    notice_url = "https://pasar.example/shops/callback"

    @pytest.fixture
    def server(self) -> PlatformServer:
        """The running server."""
        raise NotImplementedError

    @pytest.fixture
    def api(self, server: PlatformServer) -> PlatformApi:
        """The module under test, asking ``server``."""
        raise NotImplementedError

    def sign_notice(self, body: bytes) -> dict[str, str]:
        """Headers of a webhook as the platform sends it, in lower case."""
        raise NotImplementedError

    def product_notice(self) -> bytes:
        """A webhook's body as in the specification: ``product_reference`` has changed."""
        raise NotImplementedError

    async def test_order_is_read_whole(self, api: PlatformApi, server: PlatformServer) -> None:
        """Number, lines, exact money, aware times, parcel."""
        order = await api.read_order(self.order_id)
        assert order is not None
        assert self.order_id == order.order_id
        assert order.lines
        assert datetime.timedelta(0) == order.placed_at.utcoffset()
        assert order.total.amount == order.total.amount.normalize() or order.total.amount.as_tuple()
        assert 3 == len(order.total.currency)
        assert order.parcel is not None
        assert order.parcel.tracking_number
        assert 0 == server.forged

    async def test_unknown_order_is_none(self, api: PlatformApi) -> None:
        """An order that the platform does not know is None, not an error."""
        assert await api.read_order("999999999999") is None

    async def test_orders_of_a_buyer_are_hers(self, api: PlatformApi) -> None:
        """Hers, newest first; a stranger and nobody have none."""
        if Ability.FIND_ORDERS not in api.abilities:
            assert [] == list(await api.find_orders(self.owner))
            return
        orders = await api.find_orders(self.owner)
        assert self.order_id in [order.order_id for order in orders]
        assert sorted((order.placed_at for order in orders), reverse=True) == [order.placed_at for order in orders]
        assert [] == list(await api.find_orders(self.stranger))
        assert [] == list(await api.find_orders(Buyer()))

    async def test_products_come_page_by_page(self, api: PlatformApi) -> None:
        """All of them, each once, with variants and prices."""
        products = [product async for page in api.read_products() for product in page]
        assert self.products == len({product.sku for product in products}) == len(products)
        assert all(product.variants and product.prices and product.name for product in products)

    async def test_only_changed_products_where_the_platform_can(self, api: PlatformApi) -> None:
        """Nothing has changed since tomorrow."""
        if Ability.SYNC_CHANGES in api.abilities:
            tomorrow = NOW + datetime.timedelta(days=1)
            assert [] == [product async for page in api.read_products(tomorrow) for product in page]

    async def test_one_product_is_read(self, api: PlatformApi) -> None:
        """By the platform's own id; an unknown one is None."""
        product = await api.read_product(self.product_reference)
        assert product is not None
        assert self.product_reference == product.reference
        assert await api.read_product("999999999999") is None

    async def test_too_many_calls_are_waited_out(self, api: PlatformApi, server: PlatformServer) -> None:
        """After 429 the same is asked again."""
        server.break_next(status=429, headers={"Retry-After": "0"})
        assert await api.read_order(self.order_id) is not None

    async def test_a_failing_platform_is_asked_again(self, api: PlatformApi, server: PlatformServer) -> None:
        """A 500 now and then is not noticed."""
        server.break_next(status=500)
        assert await api.read_order(self.order_id) is not None

    async def test_a_platform_that_is_down_is_an_error_in_time(self, api: PlatformApi, server: PlatformServer) -> None:
        """It names the shop and the call, within the time a buyer waits."""
        server.break_next(times=100, status=503)
        begun = time.monotonic()
        with pytest.raises(ShopUnavailableError, match="testshop"):
            await api.read_order(self.order_id)
        assert time.monotonic() - begun < 8  # three, and the pauses of a busy machine

    async def test_a_slow_platform_is_an_error_in_time(self, api: PlatformApi, server: PlatformServer) -> None:
        """Nobody waits for it longer than three seconds."""
        server.break_next(times=100, seconds=6)
        begun = time.monotonic()
        with pytest.raises(ShopUnavailableError):
            await api.read_order(self.order_id)
        assert time.monotonic() - begun < 5.8  # three, and the pauses of a busy machine

    @pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"half": ', b"[]", b"null", b'"text"'])
    async def test_a_malformed_answer_is_an_error(self, api: PlatformApi, server: PlatformServer, body: bytes) -> None:
        """Never anything else than the shop's own errors."""
        server.break_next(times=100, body=body)
        with pytest.raises(ShopError):
            await api.read_order(self.order_id)

    async def test_a_platform_in_trouble_is_left_alone(self, api: PlatformApi, server: PlatformServer) -> None:
        """After five failures the next call fails without being sent."""
        server.break_next(times=1000, body=b"<html>")
        for _ in range(5):
            with pytest.raises(ShopUnavailableError):
                await api.read_order(self.order_id)
        sent = len(server.seen)
        with pytest.raises(ShopUnavailableError):
            await api.read_order(self.order_id)
        assert sent == len(server.seen)

    async def test_an_order_is_cancelled_once(self, api: PlatformApi, server: PlatformServer) -> None:
        """The platform takes it; an order on its way is refused with a reason."""
        if Ability.CANCEL not in api.abilities:
            order = await api.read_order(self.order_id)
            assert order is not None
            with pytest.raises(NotSupportedError):
                await api.cancel_order(order, "changed_mind")
            return
        order = await api.read_order(self.cancellable_order_id)
        assert order is not None
        change = await api.cancel_order(order, "changed_mind")
        assert change.outcome in (Outcome.DONE, Outcome.REQUESTED)
        shipped = await api.read_order(self.shipped_order_id)
        assert shipped is not None
        refused = await api.cancel_order(shipped, "changed_mind")
        assert (Outcome.REFUSED, True) == (refused.outcome, bool(refused.reason))

    async def test_a_change_whose_answer_is_lost_is_not_sent_again(
        self, api: PlatformApi, server: PlatformServer
    ) -> None:
        """It is not known whether it was done: the error says so, and the platform saw it once."""
        if Ability.CANCEL not in api.abilities:
            return
        order = await api.read_order(self.cancellable_order_id)
        assert order is not None
        before = len([call for call in server.seen if call.method != "GET"])
        server.break_next(times=1, drop=True, changing=True)
        with pytest.raises(ShopUnavailableError):
            await api.cancel_order(order, "changed_mind")
        assert 1 == len([call for call in server.seen if call.method != "GET"]) - before

    def test_a_notice_is_read(self, api: PlatformApi) -> None:
        """What the platform tells of a product leads to it."""
        body = self.product_notice()
        notice = api.read_notice(self.sign_notice(body), body, self.notice_url, NOW)
        assert (NoticeKind.PRODUCT_CHANGED, self.product_reference) == (notice.kind, notice.reference)

    def test_a_forged_notice_is_refused(self, api: PlatformApi) -> None:
        """A wrong signature, none at all, or a changed body."""
        body = self.product_notice()
        headers = self.sign_notice(body)
        with pytest.raises(ForgedNoticeError):
            api.read_notice({}, body, self.notice_url, NOW)
        with pytest.raises(ForgedNoticeError):
            api.read_notice(headers, body + b" ", self.notice_url, NOW)
        forged = {name: "A" * len(value) for name, value in headers.items()}
        with pytest.raises(ForgedNoticeError):
            api.read_notice(forged, body, self.notice_url, NOW)

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b"{}", b'{"type": "x"}', json.dumps({"a": [1] * 9}).encode()]
    )
    def test_an_unreadable_notice_is_an_error_of_ours(self, api: PlatformApi, body: bytes) -> None:
        """Signed or not, no other error than the two comes out; what is only unknown is recorded."""
        try:
            notice = api.read_notice(self.sign_notice(body), body, self.notice_url, NOW)
        except (ForgedNoticeError, MalformedNoticeError):
            return
        assert NoticeKind.UNKNOWN is notice.kind
