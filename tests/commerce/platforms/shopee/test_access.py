"""Signing, tokens and errors of calls to Shopee."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability
from pasar.commerce.model import Buyer
from pasar.commerce.platforms.api import NotSupportedError
from pasar.commerce.platforms.shopee import ShopeeApi
from pasar.commerce.platforms.shopee.auth import sign
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopee_samples import BUYER, PAID, SHOP, open_api
from tests.commerce.platforms.shopee_server import PARTNER_KEY, ShopeeServer

EXPIRED_TOKEN = ("invalid_acceess_token", "Invalid access_token, please have a check.")


@pytest.fixture
async def tokens() -> MemoryTokens:
    """Where the shop's tokens are."""
    return MemoryTokens()


@pytest.fixture
async def api(server: ShopeeServer, tokens: MemoryTokens) -> AsyncIterator[ShopeeApi]:
    """The module, authorised for four hours."""
    opened = open_api(server, tokens)
    yield opened
    await opened.close()


def test_published_digest() -> None:
    """HMAC and hex as in congminh1254/shopee-sdk, src/__tests__/utils/signature.test.ts (its parts are in no real order)."""
    parts = ("/api/v2/auth/token/get", "123456", "test_partner_id", "test_shop_id", "test_main_account_id")
    digest = "37c864bd9821ff5f2c2f46b2faca14eb1811a718d1fdc6dcf383cba7c74bf9e9"
    assert digest == sign("test_partner_key", *parts)


@pytest.mark.parametrize(
    ("parts", "base"),
    [
        (
            (2001887, "/api/v2/shop/get_shop_info", 1655714431, "59777174636562737266615546704c6d", 14701711),
            "2001887/api/v2/shop/get_shop_info165571443159777174636562737266615546704c6d14701711",
        ),
        (
            (2001887, "/api/v2/public/get_shops_by_partner", 1655714431),
            "2001887/api/v2/public/get_shops_by_partner1655714431",
        ),
    ],
)
def test_published_base_strings(parts: tuple[object, ...], base: str) -> None:
    """What is signed for a shop's and a public call, as https://open.shopee.com/developer-guide/16 writes it out."""
    assert hmac.new(b"key", base.encode(), hashlib.sha256).hexdigest() == sign("key", *parts)


async def test_a_call_carries_what_is_specified(api: ShopeeApi, server: ShopeeServer) -> None:
    """Partner, shop, time, token and signature in the query, and nothing of it elsewhere."""
    await api.read_order(PAID)
    call = server.calls("get_order_detail")[0]
    common = {"partner_id", "timestamp", "access_token", "shop_id", "sign"}
    assert common | {"order_sn_list", "response_optional_fields"} == set(call.query)
    assert "authorization" not in call.headers


async def test_a_token_that_ends_is_renewed_first(server: ShopeeServer) -> None:
    """Within five minutes of its end, before it is used."""
    tokens = MemoryTokens()
    api = open_api(server, tokens, seconds=200)
    before = tokens.tokens["testshop", "shopee"]
    assert await api.read_order(PAID) is not None
    after = tokens.tokens["testshop", "shopee"]
    assert (1, 1) == (server.renewals, len(server.calls("get_order_detail")))
    assert before.refresh != after.refresh
    assert datetime.timedelta(hours=3, minutes=59) < after.access_until - datetime.datetime.now(datetime.timezone.utc)
    await api.close()


@pytest.mark.parametrize("status", [200, 403])
async def test_a_refused_token_is_renewed_once_and_the_call_repeated(
    api: ShopeeApi, server: ShopeeServer, status: int
) -> None:
    """Whatever the status that Shopee says it with."""
    server.error_status = status
    server.access.clear()
    assert await api.read_order(PAID) is not None
    assert (1, 2) == (server.renewals, len(server.calls("get_order_detail")))


async def test_a_change_with_a_refused_token_is_made_once(api: ShopeeApi, server: ShopeeServer) -> None:
    """Shopee has done nothing with the first attempt, so the second is the only one that counts."""
    order = await api.read_order(PAID)
    assert order is not None
    server.access.clear()
    await api.cancel_order(order, "changed_mind")
    assert (1, "CANCELLED") == (server.renewals, server.orders[PAID]["order_status"])


async def test_two_calls_with_an_expired_token_spend_one_refresh_token(api: ShopeeApi, server: ShopeeServer) -> None:
    """The second one finds what the first has fetched."""
    server.access.clear()
    orders = await asyncio.gather(api.read_order(PAID), api.read_order(PAID))
    assert all(orders)
    assert 1 == server.renewals


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("error_auth", "No permission to current api."),
        ("error_api_permission", "This app type has no permission to this API."),
        ("error_auth", "Invalid partner_id or shopid."),
    ],
)
async def test_a_lack_of_permission_spends_no_refresh_token(
    api: ShopeeApi, server: ShopeeServer, code: str, message: str
) -> None:
    """Not every error_auth is about the token."""
    server.refuse_next("order/get_order_detail", code, message)
    with pytest.raises(ShopError, match=code):
        await api.read_order(PAID)
    assert (0, 1) == (server.renewals, len(server.calls("get_order_detail")))


async def test_the_older_spelling_of_a_refused_token_is_known(api: ShopeeApi, server: ShopeeServer) -> None:
    """``error_auth`` with these words, as the lists of errors have it too."""
    server.refuse_next("order/get_order_detail", "common.error_auth", "Invalid access_token.")
    assert await api.read_order(PAID) is not None
    assert 1 == server.renewals


async def test_a_token_that_is_refused_again_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """One renewal a call, not one after the other."""
    for _ in range(2):
        server.refuse_next("order/get_order_detail", *EXPIRED_TOKEN)
    with pytest.raises(ShopError, match="shop testshop: read_order: shopee: invalid_acceess_token"):
        await api.read_order(PAID)
    assert 1 == server.renewals


async def test_a_spent_refresh_token_asks_for_the_seller(
    api: ShopeeApi, server: ShopeeServer, tokens: MemoryTokens
) -> None:
    """The error says so; it is not one that passes."""
    server.access.clear()
    server.refresh.clear()
    with pytest.raises(ShopError, match=r"renew_token: .*error_shop_refresh_token") as caught:
        await api.read_order(PAID)
    assert not isinstance(caught.value, ShopUnavailableError)


@pytest.mark.parametrize("fault", [{"status": 502}, {"body": b"<html>"}, {"drop": True}])
async def test_a_renewal_without_an_answer_is_unavailable(
    api: ShopeeApi, server: ShopeeServer, fault: dict[str, object]
) -> None:
    """Whether the refresh token is spent is not known then: it is not sent again by itself."""
    server.break_next(times=1)  # the call itself
    server.break_next(times=1, **fault)
    server.access.clear()
    with pytest.raises(ShopUnavailableError, match="renew_token"):
        await api.read_order(PAID)
    assert 1 == len(server.calls("access_token/get"))


async def test_a_renewal_outlives_whoever_waits_for_it(
    api: ShopeeApi, server: ShopeeServer, tokens: MemoryTokens
) -> None:
    """The buyer's call is given up; the only refresh token that works is kept nevertheless."""
    server.access.clear()
    server.break_next(times=1)
    server.break_next(times=1, seconds=0.3)  # the renewal
    call = asyncio.create_task(api.read_order(PAID))
    await asyncio.sleep(0.15)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.sleep(0.4)
    assert 1 == server.renewals
    assert tokens.tokens["testshop", "shopee"].refresh in server.refresh


async def test_a_clock_that_is_wrong_is_an_error(api: ShopeeApi, server: ShopeeServer) -> None:
    """Signatures are good for five minutes; Shopee's own words are in the error."""
    server.clock = 299
    assert await api.read_order(PAID) is not None
    server.clock = 301
    with pytest.raises(ShopError, match=r"error_param: Timestamp is expired\. \(request [0-9a-f]{32}\)"):
        await api.read_order(PAID)


async def test_a_wrong_key_is_an_error(server: ShopeeServer) -> None:
    """It names shop, call, Shopee's code and the request."""
    api = open_api(server, partner_key="wrong")
    with pytest.raises(ShopError, match=r"shop testshop: read_order: shopee: error_sign: Wrong sign\. \(request 0"):
        await api.read_order(PAID)
    assert 1 == server.forged
    await api.close()


@pytest.mark.parametrize("code", ["error_server", "common.error_server", "error_system_busy", "error_rate_limit"])
async def test_a_problem_that_passes_is_waited_out(api: ShopeeApi, server: ShopeeServer, code: str) -> None:
    """Also where it comes with status 200."""
    server.refuse_next("order/get_order_detail", code, "Something wrong. Please try later.")
    assert await api.read_order(PAID) is not None
    assert 2 == len(server.calls("get_order_detail"))


async def test_a_problem_that_passes_repeats_no_change(api: ShopeeApi, server: ShopeeServer) -> None:
    """It is not known what Shopee did."""
    order = await api.read_order(PAID)
    assert order is not None
    server.refuse_next("order/cancel_order", "error_server", "System error. Please try again later.")
    with pytest.raises(ShopUnavailableError):
        await api.cancel_order(order, "changed_mind")
    assert 1 == len(server.calls("cancel_order"))


async def test_the_daily_limit_is_no_reason_to_ask_again(api: ShopeeApi, server: ShopeeServer) -> None:
    """It lasts until midnight in Singapore."""
    server.refuse_next("order/get_order_detail", "error_limit", "The total API call number has reached the daily limit")
    with pytest.raises(ShopError, match="error_limit"):
        await api.read_order(PAID)
    assert 1 == len(server.calls("get_order_detail"))


async def test_neither_key_nor_token_is_in_logs_and_errors(
    api: ShopeeApi, server: ShopeeServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Although both are in the address of a call, at whatever level is logged."""
    caplog.set_level(logging.DEBUG)
    server.refuse_next("order/get_order_detail", "error_permission", "Sorry you don't have the permission")
    with pytest.raises(ShopError) as caught:
        await api.read_order(PAID)
    server.access.clear()
    assert await api.read_order(PAID) is not None
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")]
    said = "".join([*ours, *capsys.readouterr(), str(caught.value), repr(api._settings)])
    assert "platform.token.renewed" in said
    secrets = [call.query["access_token"] for call in server.calls("get_order_detail")]
    secrets += [json.loads(server.calls("access_token/get")[0].body)["refresh_token"], PARTNER_KEY]
    assert 5 == len(secrets)
    assert [] == [secret for secret in secrets if secret in said]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"partner_id": ""}, "partner_id is missing"),
        ({"partner_id": "12a"}, "partner_id is no whole number"),
        ({"partner_key": " "}, "partner_key is missing"),
        ({"shop_id": "-5"}, "shop_id is no whole number"),
        ({"app_type": "original"}, "app_type is none of"),
        ({"find_orders_days": "16"}, "find_orders_days is more than 15"),
    ],
)
async def test_a_wrong_setting_is_named(settings: dict[str, str], problem: str) -> None:
    """When the shop is opened."""
    good = {"partner_id": "1", "partner_key": "k", "shop_id": "2"}
    with pytest.raises(ShopError, match=f"shop testshop: open: shopee: setting {problem}"):
        ShopeeApi.open(SHOP, good | settings, MemoryTokens())


async def test_abilities_are_the_apps(server: ShopeeServer) -> None:
    """An app of the type Customer Service may neither cancel nor read vouchers."""
    own, service = open_api(server), open_api(server, app_type="customer_service")
    assert {Ability.CANCEL, Ability.COUPONS} == own.abilities - service.abilities
    assert Ability.FIND_ORDERS not in own.abilities
    assert await service.read_coupon("ANY") is None
    assert [] == list(await own.find_orders(Buyer(account=str(BUYER))))
    assert [] == server.seen
    for api in (own, service):
        assert not api.abilities & {Ability.CHANGE_ADDRESS, Ability.EDIT_ORDER, Ability.OPEN_RETURN, Ability.INVOICE}
        await api.close()


async def test_a_customer_service_app_sends_no_cancellation(server: ShopeeServer) -> None:
    """It would be refused."""
    api = open_api(server, app_type="customer_service")
    order = await api.read_order(PAID)
    assert order is not None
    with pytest.raises(NotSupportedError):
        await api.cancel_order(order, "changed_mind")
    assert [] == server.calls("cancel_order")
    await api.close()
