"""Access tokens end, are renewed once, and are told to nobody."""

from __future__ import annotations

import asyncio
import datetime
import time
import types

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Outcome
from pasar.commerce.platforms.tiktokshop import TikTokShopApi, signing
from pasar.commerce.platforms.tokens import Token, TokenExpiredError
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.tiktokshop.samples import HER, ORDER_ID, PAID_ID, open_api
from tests.commerce.platforms.tiktokshop.server import APP_SECRET, TikTokShopServer

UTC = datetime.timezone.utc


@pytest.mark.parametrize("status", [200, 401])
async def test_an_expired_token_is_renewed_and_the_call_repeated(
    api: TikTokShopApi, server: TikTokShopServer, tokens: MemoryTokens, status: int
) -> None:
    """Whatever HTTP status TikTok says it with."""
    server.error_status = status
    server.tokens["TTP_access_1"] = time.time() - 1
    assert await api.read_order(ORDER_ID) is not None
    kept = tokens.tokens["testshop", "tiktokshop"]
    assert ("TTP_access_2", "TTP_refresh_2") == (kept.access, kept.refresh)
    assert datetime.timedelta(days=6) < kept.access_until - datetime.datetime.now(UTC) < datetime.timedelta(days=8)
    assert datetime.timedelta(days=300) < kept.refresh_until - datetime.datetime.now(UTC)


async def test_a_token_that_the_platform_does_not_know_is_renewed(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """36009004 is said of many things; of the token it is worth a renewal."""
    del server.tokens["TTP_access_1"]
    assert await api.read_order(ORDER_ID) is not None
    assert 1 == server.refreshes


async def test_other_bad_credentials_are_no_reason_to_renew(server: TikTokShopServer, tokens: MemoryTokens) -> None:
    """A wrong app or cipher spends no token; the error has TikTok's code and the request's id."""
    for settings, code in (
        ({"app_key": "x"}, "36009004"),
        ({"app_secret": "x"}, "106001"),
        ({"shop_cipher": "x"}, "101000"),
    ):
        api = open_api(server, tokens, **settings)
        with pytest.raises(ShopError, match=rf"{code} .*request 202203070749000101890810281E8C70B7"):
            await api.read_order(ORDER_ID)
        await api.close()
    assert 0 == tokens.renewals


@pytest.mark.parametrize(("ahead", "taken"), [(-290, True), (-310, False), (25, True), (40, False)])
async def test_a_clock_that_is_wrong_is_no_reason_to_renew(
    api: TikTokShopApi, server: TikTokShopServer, monkeypatch: pytest.MonkeyPatch, ahead: int, taken: bool
) -> None:
    """TikTok takes five minutes too late and half a minute too early."""
    clock = types.SimpleNamespace(time=lambda: time.time() + ahead)
    monkeypatch.setattr(signing, "time", clock)
    if taken:
        assert await api.read_order(ORDER_ID) is not None
    else:
        with pytest.raises(ShopError, match="36009004 Invalid timestamp"):
            await api.read_order(ORDER_ID)
    assert 0 == server.refreshes


async def test_a_refresh_token_is_spent_once(
    api: TikTokShopApi, server: TikTokShopServer, tokens: MemoryTokens
) -> None:
    """However many calls find the token expired at the same time."""
    server.tokens["TTP_access_1"] = time.time() - 1
    server.refresh_seconds = 0.1
    found = await asyncio.gather(*(api.read_order(ORDER_ID) for _ in range(8)))
    assert all(found)
    assert (1, 1) == (server.refreshes, tokens.renewals)


async def test_a_change_is_repeated_after_a_renewal_only(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """TikTok refuses the token before it does anything: the second sending is the first that counts."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    server.tokens["TTP_access_1"] = time.time() - 1
    assert Outcome.DONE is (await api.cancel_order(order, "changed_mind")).outcome
    assert 1 == len(server.cancellations)


async def test_a_renewal_outlives_the_call_that_began_it(
    api: TikTokShopApi, server: TikTokShopServer, tokens: MemoryTokens
) -> None:
    """The spent token's successor is kept, also where the buyer's call has given up."""
    server.tokens["TTP_access_1"] = time.time() - 1
    server.refresh_seconds = 0.3
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(api.read_order(ORDER_ID), 0.15)
    await api.close()
    assert "TTP_access_2" == tokens.tokens["testshop", "tiktokshop"].access


async def test_a_refused_renewal_names_the_seller_and_no_secret(
    api: TikTokShopApi, server: TikTokShopServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in the error nor in anybody's log; an old refresh token is not tried twice by one call."""
    caplog.set_level("DEBUG")
    server.tokens["TTP_access_1"] = time.time() - 1
    server.refresh_tokens.clear()
    with pytest.raises(ShopError, match="testshop: refresh_token: tiktokshop: 36004004") as caught:
        await api.read_order(ORDER_ID)
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]  # the server's own
    printed = str((ours, capsys.readouterr(), caught.value, caught.value.__cause__))
    assert all(secret not in printed for secret in (APP_SECRET, "TTP_refresh_1", "TTP_access_1"))
    assert 1 == len(server.calls("/token/refresh"))


@pytest.mark.parametrize(
    "fault",
    [{"status": 503, "body": b'{"code": 1}'}, {"status": 429}, {"body": b"<html>"}, {"body": b"[]"}, {"drop": True}],
)
async def test_a_renewal_without_an_answer_may_be_tried_later(
    api: TikTokShopApi, server: TikTokShopServer, tokens: MemoryTokens, fault: dict[str, object]
) -> None:
    """The token that there is stays."""
    ended = Token("TTP_access_1", "TTP_refresh_1", datetime.datetime.now(UTC))
    tokens.tokens["testshop", "tiktokshop"] = ended
    server.break_next(**fault)
    with pytest.raises(ShopUnavailableError, match="testshop: refresh_token"):
        await api.read_order(ORDER_ID)
    assert ended == tokens.tokens["testshop", "tiktokshop"]


async def test_a_seller_who_must_authorise_again_is_an_error_of_ours(server: TikTokShopServer) -> None:
    """What the token store says keeps its words and gets the names of shop and call."""

    class NoTokens:
        async def get(self, shop_id, platform, renew, *, refused=""):
            raise TokenExpiredError(f"{shop_id} must authorise {platform} again")

    api = open_api(server, NoTokens())
    with pytest.raises(ShopError, match=r"testshop: find_orders: .*must authorise tiktokshop again"):
        await api.find_orders(HER)
    await api.close()
