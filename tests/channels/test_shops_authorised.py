"""Sellers who come back from their platform, over HTTP: with an invitation that was not used before, or not at all."""

from __future__ import annotations

import asyncio
import datetime

import httpx
import pytest
import time_machine

from launch import __main__ as launch
from launch import connection as command
from launch.checks import LaunchError
from pasar.commerce.platforms.connection import find_callback, invite
from pasar.commerce.platforms.invitations import LASTS
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.platforms.tokens import TokenExpiredError
from pasar.commerce.registry import find_profile
from tests.channels.platform_shops import PUBLIC_URL, SECRET, ShopsServer, folder, logged, write_shop
from tests.commerce.platforms import lazada_server, shopee_server
from tests.commerce.platforms.consent import SERVICE_ID, ConsentLazada, ConsentShopee, ConsentTikTok
from tests.commerce.platforms.tiktokshop import server as tiktok_server

__all__ = ["folder", "logged"]

CALLBACK = f"{PUBLIC_URL}/webhooks/shops/authorised"


@pytest.fixture
def server(folder, tmp_path):
    running = ShopsServer(tmp_path)
    yield running
    running.stop()
    running.store.dispose()


@pytest.fixture(params=["shopee", "lazada", "tiktokshop"])
async def platform(request, folder, monkeypatch):
    """A platform on this machine, and a shop there of which is set what can be known before."""
    made = {
        "shopee": ConsentShopee,
        "lazada": lambda: ConsentLazada(CALLBACK),
        "tiktokshop": lambda: ConsentTikTok(CALLBACK),
    }[request.param]()
    async with made as running:
        keys, settings = {
            "shopee": (
                {"partner_id": str(shopee_server.PARTNER_ID), "partner_key": shopee_server.PARTNER_KEY, "shop_id": ""},
                "{}",
            ),
            "lazada": ({"app_key": lazada_server.APP_KEY, "app_secret": lazada_server.APP_SECRET}, "{}"),
            "tiktokshop": (
                {"app_secret": tiktok_server.APP_SECRET, "shop_id": "", "shop_cipher": "", "region": ""},
                f'{{authorization_link: "{running.base_url}/open/authorize?service_id={SERVICE_ID}"}}',
            ),
        }[request.param]
        path = "/rest" if request.param == "lazada" else ""
        write_shop(folder, monkeypatch, request.param, base_url=running.base_url + path, settings=settings, **keys)
        running.name = request.param
        yield running


async def consent(link):
    """Follow the link as the seller does; where the platform leads her, path and query."""
    async with httpx.AsyncClient() as client:
        reply = await client.get(link)
    assert reply.status_code == 302, reply.text
    back = reply.headers["location"]
    assert back.startswith(CALLBACK)
    return back.removeprefix(PUBLIC_URL)


async def come_back(server, path):
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.get(server.url + path)


def list_events(logged):
    # At the start the log also has which keys are not set yet.
    return [event for event, _facts in logged if event.startswith("shop.")]


async def find_token(platform):
    async def refuse(_token):
        raise AssertionError

    return await open_tokens().get("batikhaus", platform.name, refuse)


async def test_a_seller_connects_her_shop(platform, server, logged):
    link = await invite(find_profile("batikhaus"), find_callback())
    path = await consent(link)
    reply = await come_back(server, path)
    assert 200 == reply.status_code
    assert "batikhaus is connected" in reply.text
    assert {"no-store", "no-referrer"} == {reply.headers["cache-control"], reply.headers["referrer-policy"]}
    token = await find_token(platform)
    assert token.refresh
    for secret in (token.access, token.refresh, SECRET):
        assert secret not in reply.text
    if platform.name == "tiktokshop":
        assert f"shop_cipher: {tiktok_server.CIPHER}" in reply.text


async def test_an_invitation_is_used_once(platform, server, logged):
    path = await consent(await invite(find_profile("batikhaus"), find_callback()))
    replies = await asyncio.gather(*(come_back(server, path) for _ in range(4)))
    assert [200, 403, 403, 403] == sorted(reply.status_code for reply in replies)
    assert 1 == len(platform.calls("token/get") + platform.calls("token/create"))
    assert ["shop.authorisation.refused"] * 3 == list_events(logged)


async def test_who_was_not_invited_connects_nothing(platform, server):
    """A code of somebody else's shop, with a state that was made up or with none."""
    link = await invite(find_profile("batikhaus"), find_callback())
    path = await consent(link)
    forged = [path.partition("?")[0].replace("authorised/", "authorised/x") + "?code=c&state=made-up&shop_id=1"]
    forged += ["/webhooks/shops/authorised?code=c", "/webhooks/shops/authorised?code=c&state="]
    assert [403] * 3 == [(await come_back(server, one)).status_code for one in forged]
    with pytest.raises(TokenExpiredError, match="there is no token"):
        await find_token(platform)
    assert 200 == (await come_back(server, path)).status_code


async def test_an_invitation_ends(platform, server, monkeypatch):
    with time_machine.travel(datetime.datetime.now(datetime.timezone.utc) - LASTS):
        state = await invite_state()
    reply = await come_back(server, f"/webhooks/shops/authorised/{state}?code=c&shop_id=1")
    assert 403 == reply.status_code
    assert [] == platform.seen


async def invite_state():
    from pasar.commerce.platforms.opening import open_invitations

    return await open_invitations().issue("batikhaus")


@pytest.mark.parametrize("query", ["", "code=null&error=auth_denied", "code=", "error=access_denied"])
async def test_a_refusal_spends_nothing(platform, server, query):
    """Nor does a program that only looks at the address."""
    state = await invite_state()
    assert 400 == (await come_back(server, f"/webhooks/shops/authorised?state={state}&{query}")).status_code
    path = await consent(await invite(find_profile("batikhaus"), find_callback()))
    assert 200 == (await come_back(server, path)).status_code


async def test_a_code_that_the_platform_refuses_is_told(platform, server, logged):
    state = await invite_state()
    reply = await come_back(
        server, f"/webhooks/shops/authorised/{state}?code=wrong-code&shop_id={shopee_server.SHOP_ID}"
    )
    assert 400 == reply.status_code
    assert "wrong-code" not in reply.text
    assert "wrong-code" not in repr(logged)
    assert ["shop.authorisation.failed"] == list_events(logged)


async def test_a_platform_that_is_down_is_told(platform, server):
    path = await consent(await invite(find_profile("batikhaus"), find_callback()))
    platform.break_next(5, status=503)
    assert 503 == (await come_back(server, path)).status_code


async def test_an_endless_address_is_refused(server):
    for path in ("authorised?code=" + "x" * 2000, "authorised/" + "x" * 2000 + "?code=c"):
        assert 400 == (await come_back(server, f"/webhooks/shops/{path}")).status_code


async def test_only_a_get_comes_back(server):
    async with httpx.AsyncClient() as client:
        assert 405 == (await client.post(f"{server.url}/webhooks/shops/authorised?code=c&state=s")).status_code


@pytest.fixture
def cli(folder, monkeypatch):
    """The command, which sees the folder's shops."""
    monkeypatch.setattr(command, "SHOPS", folder)
    monkeypatch.setattr(launch, "listen_for_stop", lambda: None)

    async def run(*arguments):
        return await asyncio.to_thread(launch.main, ["connect-shop", *arguments])

    return run


async def test_the_command_prints_the_link(platform, server, cli, capsys):
    assert 0 == await cli("batikhaus")
    printed = capsys.readouterr()
    assert "within 30 minutes" in printed.err
    assert 200 == (await come_back(server, await consent(printed.out.splitlines()[-1]))).status_code


@pytest.mark.parametrize("whole", [True, False])
async def test_a_code_may_be_given_by_hand(platform, cli, capsys, monkeypatch, whole):
    """Where no platform can reach this server: the code alone, or the address that the browser shows."""
    assert 0 == await cli("batikhaus", "--callback", CALLBACK)
    path = await consent(capsys.readouterr().out.splitlines()[-1])
    code = httpx.URL(path).params["code"]
    if platform.name == "shopee" and not whole:
        assert 1 == await cli("batikhaus", "--code", code)
        assert "shop_id is missing" in capsys.readouterr().err
        monkeypatch.setenv("BATIKHAUS_SHOP_ID", str(shopee_server.SHOP_ID))
    assert 0 == await cli("batikhaus", "--code", PUBLIC_URL + path if whole else code)
    printed = capsys.readouterr()
    assert "batikhaus is connected" in printed.err
    assert (await find_token(platform)).access
    if platform.name == "tiktokshop":
        assert (
            f"shop_id: {tiktok_server.SHOP_ID}, shop_cipher: {tiktok_server.CIPHER}, region: US"
            == printed.out.splitlines()[-1]
        )
    assert 1 == await cli("batikhaus", "--code", code)


def test_without_an_address_there_is_no_link(folder, monkeypatch):
    from pasar.settings import load_settings

    monkeypatch.setattr(command, "SHOPS", folder)
    monkeypatch.delenv("PASAR_PUBLIC_URL")
    load_settings.cache_clear()
    write_shop(folder, monkeypatch, "lazada")
    with pytest.raises(LaunchError, match="PASAR_PUBLIC_URL is not set"):
        command.connect_shop("batikhaus", "", "")


@pytest.mark.parametrize("platform_name", ["shopify", "woocommerce"])
def test_where_the_seller_makes_keys_the_command_says_so(folder, monkeypatch, platform_name):
    monkeypatch.setattr(command, "SHOPS", folder)
    write_shop(folder, monkeypatch, platform_name)
    with pytest.raises(LaunchError, match=f"{platform_name} has no link to follow: its keys stand in the environment"):
        command.connect_shop("batikhaus", "", "")
    with pytest.raises(LaunchError, match="There is no shop nobody"):
        command.connect_shop("nobody", "", "")
