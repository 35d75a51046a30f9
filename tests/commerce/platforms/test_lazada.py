"""Lazada's module against a server made from Lazada's documentation, see :mod:`.lazada_server`."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import time
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.model import Buyer, OrderState
from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError, NoticeKind, PlatformApi
from pasar.commerce.platforms.lazada import LazadaApi
from pasar.commerce.platforms.lazada.signature import sign_call, sign_notice
from pasar.commerce.platforms.lazada.ventures import VENTURES
from tests.commerce.platforms.contract import NOW, PlatformContract
from tests.commerce.platforms.lazada_records import (
    add_order,
    make_item,
    make_package,
    make_product,
    make_sent,
)
from tests.commerce.platforms.lazada_server import APP_KEY, APP_SECRET, LazadaServer, make_shop, make_tokens, open_api

PUSHED_BODY = b'{"seller_id":"1234567", "message_type":0, "data":{...}..}'
PUSHED_DIGEST = "f3d2ca947f16a50b577c036adecd18bec126ea19cadedd59816e255d3b6104ab"


def fill_server() -> LazadaServer:
    """A shop with a shipped and a paid order and 120 products, two of them sold out."""
    server = LazadaServer()
    add_order(server, "57244869716603", make_sent(98108, "shipped", "NLXSG20300914"))
    server.traces["57244869716603"] = [make_package("NLXSG20300914", "ready_to", "shipped", "ship_info")]
    add_order(server, "57244869716604", make_item(98109, "pending"), make_item(98110, "packed"))
    for number in range(1000, 1120):
        server.products[str(number)] = make_product(number)
    server.sold_out |= {"1003", "1077"}
    return server


@pytest.fixture
async def server() -> AsyncIterator[LazadaServer]:
    """The running server."""
    async with fill_server() as running:
        yield running


@pytest.fixture
async def api(server: LazadaServer) -> AsyncIterator[LazadaApi]:
    """The module, asking ``server``."""
    api = open_api(server)
    yield api
    await api.close()


class TestLazada(PlatformContract):
    """What every platform's module keeps."""

    order_id = "57244869716603"
    cancellable_order_id = "57244869716604"
    shipped_order_id = "57244869716603"
    owner = Buyer(account="1001")
    product_reference = "1042"
    products = 120

    @pytest.fixture
    async def server(self) -> AsyncIterator[LazadaServer]:
        async with fill_server() as running:
            yield running

    @pytest.fixture
    async def api(self, server: LazadaServer) -> AsyncIterator[PlatformApi]:
        api = open_api(server)
        yield api
        await api.close()

    def sign_notice(self, body: bytes) -> dict[str, str]:
        return {"authorization": sign_notice(APP_KEY, APP_SECRET, body)}

    def product_notice(self) -> bytes:
        data = {"item_id": 1042, "sku_list": [], "action": "EDITED_UPDATED", "status_update_time": 1623232569146}
        message = {"seller_id": "100072361", "message_type": 4, "data": data, "timestamp": 1623232569}
        return json.dumps({**message, "site": "LAZADA_SG"}).encode()

    async def test_a_change_whose_answer_is_lost_is_not_sent_again(
        self, api: PlatformApi, server: LazadaServer
    ) -> None:
        """As for the others, but here what changes something is a GET, and other calls come before it."""
        order = await api.read_order(self.cancellable_order_id)
        assert order is not None
        server.lose_cancel = True
        with pytest.raises(ShopUnavailableError, match="lost"):
            await api.cancel_order(order, "changed_mind")
        assert 1 == len(server.calls("/cancel/create")) == len(server.cancelled)


def test_published_signature_of_a_call() -> None:
    """The digest of https://open.lazada.com/apps/doc/doc?nodeId=10400&docId=108069."""
    params = {
        "app_key": "123456",
        "access_token": "test",
        "timestamp": "1517820392000",
        "sign_method": "sha256",
        "order_id": "1234",
    }
    expected = "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"
    assert expected == sign_call("helloworld", "/order/get", params)
    assert expected == sign_call("helloworld", "/order/get", {**params, "sign": "old", "locale": ""})


def test_published_signature_of_a_webhook() -> None:
    """The digest in the sample of docId=120168, made over a body with its dots: good, but not readable."""
    settings = {"app_key": "123456", "app_secret": "3412gyo124goi3124"}
    api = LazadaApi.open(make_shop(), settings, make_tokens())
    assert PUSHED_DIGEST == sign_notice("123456", "3412gyo124goi3124", PUSHED_BODY)
    with pytest.raises(MalformedNoticeError):
        api.read_notice({"authorization": PUSHED_DIGEST}, PUSHED_BODY, "", NOW)
    with pytest.raises(ForgedNoticeError):
        api.read_notice({"authorization": PUSHED_DIGEST.upper()}, PUSHED_BODY, "", NOW)


@pytest.mark.parametrize(
    ("kind", "data", "expected", "reference"),
    [
        (
            0,
            {"order_status": "unpaid", "trade_order_id": "260422900198363"},
            NoticeKind.ORDER_CHANGED,
            "260422900198363",
        ),
        (10, {"reverse_order_id": 658960600102006, "trade_order_id": 1}, NoticeKind.RETURN_CHANGED, "658960600102006"),
        (1, {"itemId": 2202832065, "status": "Lock"}, NoticeKind.PRODUCT_CHANGED, "2202832065"),
        (3, {"item_id": "232611001"}, NoticeKind.PRODUCT_CHANGED, "232611001"),
        (5, {"item_id": 1807508328, "action": "DELETED"}, NoticeKind.PRODUCT_DELETED, "1807508328"),
        (5, {"item_id": 1807508328, "action": "EDITED_DELETED"}, NoticeKind.PRODUCT_CHANGED, "1807508328"),
        (8, {"app_key": "115527", "seller_id": "1000165972"}, NoticeKind.DEAUTHORISED, ""),
        (14, {"trade_order_id": "57244869716603", "status": "DELIVERED"}, NoticeKind.ORDER_CHANGED, "57244869716603"),
        (2, {"session_id": "100094063_2"}, NoticeKind.UNKNOWN, ""),
        (99, {}, NoticeKind.UNKNOWN, ""),
    ],
)
def test_notices_of_the_documentation(kind: int, data: dict[str, object], expected: NoticeKind, reference: str) -> None:
    """Each leads to what has changed."""
    api = LazadaApi.open(make_shop(), {"app_key": APP_KEY, "app_secret": APP_SECRET}, make_tokens())
    body = json.dumps({"seller_id": "1", "message_type": kind, "data": data, "site": "lazada_sg"}).encode()
    notice = api.read_notice({"authorization": sign_notice(APP_KEY, APP_SECRET, body)}, body, "", NOW)
    assert (expected, reference, str(kind)) == (notice.kind, notice.reference, notice.raw_kind)


async def test_notice_names_what_is_missing(api: LazadaApi) -> None:
    """A signed notice of a known kind without its id."""
    body = b'{"message_type": 10, "data": {"trade_order_id": 1}}'
    with pytest.raises(MalformedNoticeError, match=r"body\.data\.reverse_order_id"):
        api.read_notice({"authorization": sign_notice(APP_KEY, APP_SECRET, body)}, body, "", NOW)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"app_secret": "s"}, "app_key"),
        ({"app_key": "k", "app_secret": ""}, "app_secret"),
        ({"app_key": "k", "app_secret": "s", "country": "us"}, "'US'"),
    ],
)
def test_a_missing_key_is_named(settings: dict[str, str], named: str) -> None:
    """With the shop."""
    with pytest.raises(ShopError, match=f"testshop.*{named}"):
        LazadaApi.open(make_shop(), settings, make_tokens())


def test_every_country_has_its_own_host() -> None:
    """As docId=108065 lists them."""
    hosts = {country: venture.url for country, venture in VENTURES.items()}
    assert {
        "SG": "https://api.lazada.sg/rest",
        "TH": "https://api.lazada.co.th/rest",
        "MY": "https://api.lazada.com.my/rest",
        "VN": "https://api.lazada.vn/rest",
        "PH": "https://api.lazada.com.ph/rest",
        "ID": "https://api.lazada.co.id/rest",
    } == hosts


async def test_a_token_that_ends_soon_is_renewed_first(server: LazadaServer) -> None:
    """Without a call that fails, and what Lazada says of its life is kept."""
    tokens = make_tokens(minutes=3)
    api = open_api(server, tokens)
    assert await api.read_order("57244869716603") is not None
    token = tokens.tokens["testshop", "lazada"]
    days = [(until - NOW).days for until in (token.access_until, token.refresh_until)]
    assert ("access-2", "refresh-2", [10, 50]) == (token.access, token.refresh, days)
    assert "/rest/auth/token/refresh" == server.seen[0].path
    await api.close()


async def test_a_refused_token_is_renewed_once_under_concurrency(server: LazadaServer) -> None:
    """The platform has ended it before its time: all calls get through with one renewal."""
    server.tokens["access-1"] = time.time() - 1
    api = open_api(server)
    orders = await asyncio.gather(*(api.read_order("57244869716604") for _ in range(5)))
    assert [OrderState.PAID] * 5 == [order.state for order in orders if order]
    assert 1 == server.refreshes
    await api.close()


async def test_a_seller_who_must_authorise_again_is_told(server: LazadaServer) -> None:
    """The refresh token has ended: an error of the shop, without a token in it."""
    server.tokens.clear()
    server.refresh_tokens.clear()
    api = open_api(server)
    with pytest.raises(ShopError, match=r"testshop: read_order: .*authorise again \(IllegalRefreshToken\)") as caught:
        await api.read_order("57244869716603")
    assert not isinstance(caught.value, ShopUnavailableError)
    assert "access-1" not in str(caught.value) and "refresh-1" not in str(caught.value)
    await api.close()


async def test_a_token_refused_again_is_an_error(server: LazadaServer) -> None:
    """Also the new one is refused: no circle."""
    server.tokens.clear()
    server.token_seconds = -1
    api = open_api(server)
    with pytest.raises(ShopError, match="IllegalAccessToken"):
        await api.read_order("57244869716603")
    assert (1, 2) == (server.refreshes, len(server.calls("/order/get")))
    await api.close()


@pytest.mark.parametrize("code", ["ApiCallLimit", "SellerCallLimit", "901"])
async def test_a_ban_is_waited_out(api: LazadaApi, server: LazadaServer, code: str) -> None:
    """For the seconds that the answer names."""
    server.refuse = [(code, "Api access frequency exceeds the limit. this ban will last 1 seconds")]
    begun = time.monotonic()
    assert await api.read_order("57244869716604") is not None
    assert 1 <= time.monotonic() - begun < 6


async def test_a_long_ban_is_an_error_at_once(api: LazadaApi, server: LazadaServer) -> None:
    """No buyer waits for an hour."""
    server.refuse = [("AppCallLimit", "this ban will last 3600 seconds")]
    begun = time.monotonic()
    with pytest.raises(ShopUnavailableError, match="AppCallLimit"):
        await api.read_order("57244869716604")
    assert time.monotonic() - begun < 4


async def test_trouble_behind_the_platform_is_asked_again(api: LazadaApi, server: LazadaServer) -> None:
    """A 200 that says "system error"."""
    server.refuse = [("6", "E006: System Error"), ("ServiceTimeout", "timeout")]
    assert await api.read_order("57244869716604") is not None
    assert 3 == len(server.calls("/order/get"))


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"[" * 100_000 + b'"IllegalAccessToken"', b'{"code": ["0"]}', b"\xff"]
)
async def test_a_hostile_answer_is_an_error(api: LazadaApi, server: LazadaServer, body: bytes) -> None:
    """Too deep, with a code of another kind, or in no encoding."""
    server.break_next(times=9, body=body)
    with pytest.raises(ShopError):
        await api.read_order("57244869716604")


async def test_any_other_refusal_is_told_with_its_code(api: LazadaApi, server: LazadaServer) -> None:
    """With shop, call, code, type and the platform's number of the request."""
    server.refuse = [("InsufficientPermission", "no permission")]
    with pytest.raises(ShopError) as caught:
        await api.read_order("57244869716604")
    words = (
        "testshop: read_order: lazada: InsufficientPermission (ISV): no permission, request 0ba2887315178178017221014"
    )
    assert f"shop {words}" == str(caught.value)
    assert 1 == len(server.calls("/order/get"))


async def test_calls_are_signed_with_the_time_of_the_call(api: LazadaApi, server: LazadaServer) -> None:
    """Also when they are repeated."""
    server.break_next(times=2, status=500)
    await api.read_order("57244869716604")
    stamps = [call.query["timestamp"] for call in server.calls("/order/get")]
    assert 3 == len(set(stamps)) and sorted(stamps) == stamps
    assert 0 == server.forged


async def test_words_with_signs_are_signed(api: LazadaApi, server: LazadaServer) -> None:
    """Brackets, quotes and a plus reach the server as they were signed."""
    tomorrow = NOW + datetime.timedelta(days=1)
    assert [] == [page async for page in api.read_products(tomorrow)]
    order = await api.read_order("57244869716604")
    assert order is not None
    await api.cancel_order(order, "changed_mind")
    assert 0 == server.forged
    assert '["98109", "98110"]' == server.cancelled[0]["order_item_id_list"]


async def test_no_secret_is_logged(api: LazadaApi, caplog: pytest.LogCaptureFixture) -> None:
    """Access tokens stand in the addresses of calls, which the HTTP library would write."""
    with caplog.at_level(logging.INFO):
        await api.read_order("57244869716603")
    written = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")]
    assert not [words for words in written if "access-1" in words or APP_SECRET in words]
