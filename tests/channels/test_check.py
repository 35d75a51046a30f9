"""`make check-channel`: a green for every platform, and a reason for everything that may be wrong."""

from __future__ import annotations

import asyncio
import io
import ssl

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from channels import check
from channels.findings import Level
from channels.platforms import PLATFORMS, load_class
from tests.channels.certificates import write_certificate
from tests.channels.checking import CONTRACTS, PUBLIC, connect


def test_every_platform_is_checked_here():
    """Those that are asked, in test_check_asked.py."""
    asked = {name for name in PLATFORMS if not load_class(name).listens}
    assert asked == {"amazon", "email", "facebooklive", "shopeelive"}
    assert CONTRACTS.keys() == PLATFORMS.keys() - asked


@pytest.mark.parametrize("platform", sorted(CONTRACTS))
async def test_what_is_connected_is_green(settings, tmp_path, platform):
    async with connect(tmp_path, platform) as stage:
        found = await stage.check()
        slow = "the platform waits"  # as Lazada half a second, and this machine may not make it
        unsure = [finding for finding in found if finding.level is not Level.GOOD and slow not in finding.words]
        # Only eBay can sign its calls.
        assert [("signature", Level.DOUBTFUL)] * (platform == "ebay") == [(one.subject, one.level) for one in unsure]
        assert {"settings", "keys", "signature"} <= {finding.subject for finding in found}
        named = " ".join(f"{finding.words} {finding.advice}" for finding in found)
        hidden = [value for name, value in stage.settings.items() if "secret" in name or "token" in name]
        assert not [value for value in hidden if value in named]
        assert [] == stage.chat.shown
        assert stage.bot.bot.heard == []
        # Nothing was asked that changes anything, but LINE's own test and renewals of tokens.
        changing = [seen.path for seen in stage.chat.seen if seen.method != "GET"]
        assert not [path for path in changing if "token" not in path and "webhook/test" not in path]


@pytest.mark.parametrize("platform", sorted(CONTRACTS))
async def test_what_the_platform_and_the_settings_may_lack(settings, tmp_path, platform):
    """A token that is refused, a platform that is down, answers of another shape, a setting that is missing."""
    contract = CONTRACTS[platform]
    async with connect(tmp_path, platform) as stage:
        stage.chat.break_next(times=9, **contract.token_refusal)
        ((subject, words),) = await stage.find_faults()  # and the callback is as good as before
        assert subject == "keys" and "refuses the token" in words

        stage.chat.faults.clear()
        stage.chat.break_next(times=9, status=503)
        ((subject, words),) = await stage.find_faults()
        assert subject == "keys" and "503" in words

        for body in (b"<html>busy</html>", b"[]", b"null", b'{"data": 5, "result": [], "response": 1}'):
            stage.chat.faults.clear()
            stage.chat.break_next(times=9, body=body)
            found = await stage.check()
            assert [] != [finding for finding in found if finding.level is not Level.GOOD and finding.advice]

        name = next(iter(contract.settings))
        for value, problem in ((None, f"main: {name}"), ("${NOT_SET}", "environment variable")):
            ((subject, words),) = await stage.find_faults(**{name: value})
            assert subject == "settings" and problem in words


@pytest.mark.parametrize("platform", sorted(CONTRACTS.keys() - {"ebay"}))
async def test_a_bot_with_another_secret_is_told(settings, tmp_path, platform):
    """It was started before the secret was changed: what is signed with the new one is refused."""
    name = {"zalo": "oa_secret", "shopee": "push_key"}.get(platform)
    async with connect(tmp_path, platform) as stage:
        name = name or next(key for key in ("secret", "app_secret") if key in stage.settings)
        (fault, *_) = [fault for fault in await stage.find_faults(**{name: "quite_another"}) if fault[0] == "signature"]
        assert "signed with our keys is refused (401)" in fault[1]


@pytest.mark.parametrize("platform", ["whatsapp", "messenger", "instagram", "ebay"])
async def test_a_bot_with_another_verify_token_is_told(settings, tmp_path, platform):
    name = "verification_token" if platform == "ebay" else "verify_token"
    async with connect(tmp_path, platform) as stage:
        ((subject, _),) = await stage.find_faults(**{name: "quite_another" * 4})
        assert subject in ("signature", "callback")


@pytest.mark.parametrize("platform", ["line", "telegram", "whatsapp", "shopee", "ebay"])
async def test_another_address_at_the_platform_is_told(settings, tmp_path, platform):
    """Where the platform tells which address it calls."""
    async with connect(tmp_path, platform) as stage:
        for told in ("", "https://elsewhere.example/webhooks"):
            stage.chat.callback = told
            ((subject, words),) = await stage.find_faults()
            assert subject == "webhook" and (told in words)


# --- what only one platform tells -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "spoil", "words"),
    [
        ("line", lambda chat: setattr(chat, "active", False), "switched off"),
        (
            "line",
            lambda chat: chat.test.update(success=False, reason="COULD_NOT_CONNECT", detail="TLS handshake failure"),
            "COULD_NOT_CONNECT TLS handshake failure",
        ),
        ("telegram", lambda chat: chat.webhook.update(allowed_updates=["message"]), "leave out callback_query"),
        (
            "telegram",
            lambda chat: chat.webhook.update(pending_update_count=3, last_error_message="Wrong response: 401"),
            "3 updates wait; the last one failed: Wrong response: 401",
        ),
        ("messenger", lambda chat: setattr(chat, "owner", "1"), "not for page"),
        ("messenger", lambda chat: chat.subscribed.remove("message_echoes"), "not subscribed to message_echoes"),
        ("messenger", lambda chat: chat.subscribed.clear(), "not subscribed to message_echoes, messages"),
        ("instagram", lambda chat: setattr(chat, "owner", "1"), "the token is for stylehub (1)"),
        ("instagram", lambda chat: chat.subscribed.remove("messages"), "not subscribed to messages"),
        ("lazada", lambda chat: setattr(chat, "seller", "1"), "the token is for StyleHub (1)"),
        ("shopee", lambda chat: chat.pushes.update(push_config_on_list=[1, 3]), "webchat_push (code 10) is off"),
        ("shopee", lambda chat: chat.pushes.update(live_push_status="Suspended"), "suspended"),
        ("ebay", lambda chat: setattr(chat, "status", "MARKED_DOWN"), "MARKED_DOWN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_the_platform_tells(settings, tmp_path, platform, spoil, words):
    async with connect(tmp_path, platform) as stage:
        spoil(stage.chat)
        ((_, told),) = await stage.find_faults()
        assert words in told


async def test_live_comments_are_looked_for_where_they_are_wanted(settings, tmp_path):
    async with connect(tmp_path, "instagram") as stage:
        ((_, words),) = await stage.find_faults(username="stylehub.official")
        assert "not subscribed to live_comments" in words
        stage.chat.subscribed.append("live_comments")
        assert [] == await stage.find_faults(username="stylehub.official")


async def test_doubts_are_no_faults(settings, tmp_path):
    async with connect(tmp_path, "whatsapp") as stage:
        stage.chat.quality = "RED"
        found = await stage.check()
        assert [Level.DOUBTFUL] == [finding.level for finding in found if finding.level is not Level.GOOD]


# --- the way to us --------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def stage(settings, tmp_path):
    async with connect(tmp_path, "line") as stage:
        yield stage


async def test_without_a_public_address(stage):
    stage.public = ""
    ((subject, words),) = await stage.find_faults()
    assert subject == "callback" and "PASAR_PUBLIC_URL is not set" in words


async def test_an_address_without_tls(stage):
    stage.public = stage.bot.url
    stage.chat.callback = f"{stage.bot.url}/webhooks/line/main"
    ((subject, words),) = await stage.find_faults()
    assert subject == "callback" and "is not https" in words


async def test_a_name_that_nobody_knows(stage):
    stage.public = "https://bot.pasar.invalid"
    stage.chat.callback = f"{stage.public}/webhooks/line/main"
    ((subject, words),) = await stage.find_faults()
    assert subject == "callback" and "nobody knows the name bot.pasar.invalid" in words


async def test_a_bot_that_is_off(stage):
    await asyncio.to_thread(stage.bot.stop)
    found = await stage.check()
    (fault,) = [finding for finding in found if finding.level is Level.BAD]
    assert "start the bot" in fault.advice
    assert "LINE takes the token" in " ".join(finding.words for finding in found)
    await asyncio.to_thread(stage.bot.start)


async def test_a_bot_that_is_on_behind_a_proxy_that_is_off(stage):
    stage.proxy.port = 1
    (fault,) = [finding for finding in await stage.check() if finding.level is Level.BAD]
    assert f"the bot runs at {stage.bot.url}" in fault.advice


async def test_an_account_that_the_bot_does_not_know(stage):
    """It was started before credentials.yml was changed."""
    (fault,) = [
        finding
        for finding in await check.check_account(
            "line", "other", stage.settings, stage.client, stage.tokens, PUBLIC, stage.bot.url
        )
        if finding.level is Level.BAD and finding.subject == "callback"
    ]
    assert "404" in fault.words and "restart the bot" in fault.advice


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(502), "the bot behind it is not (502)"),
        (httpx.Response(301, headers={"location": "https://bot.example/"}), "leads elsewhere (301)"),
        (httpx.Response(200, text="<html>It works!</html>"), "not as Pasar does"),
        (httpx.Response(200), "a call that nobody has signed is answered 200"),
        (httpx.Response(403), "is refused (403)"),
        (httpx.Response(500), "it answers 500"),
    ],
    ids=["502", "301", "another", "200", "403", "500"],
)
async def test_what_answers_in_the_bots_place(stage, answer, words):
    stage.proxy.instead = answer
    ((_, told),) = await stage.find_faults()
    assert words in told


async def test_a_certificate_that_nobody_believes(stage, tmp_path):
    """A real TLS server, with a certificate of its own making."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_certificate(tmp_path))
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        stage.public = f"https://127.0.0.1:{runner.addresses[0][1]}"
        stage.chat.callback = f"{stage.public}/webhooks/line/main"
        ((subject, words),) = await stage.find_faults()
        assert subject == "callback" and "not believed: self" in words
    finally:
        await runner.cleanup()


async def test_what_speaks_no_tls(stage):
    stage.public = stage.bot.url.replace("http:", "https:")
    stage.chat.callback = f"{stage.public}/webhooks/line/main"
    ((subject, words),) = await stage.find_faults()
    assert subject == "callback" and "does not speak TLS" in words


# --- the command ----------------------------------------------------------------------------------------------

CREDENTIALS = """
channels.rest.RestInput:
channels.marketplaces.PlatformInput:
  line:
    stylehub: {shop: stylehub, secret: "${CHECK_SECRET}", token: "${CHECK_TOKEN}", url: "http://127.0.0.1:1"}
"""


@pytest.mark.parametrize(
    ("name", "block", "words"),
    [
        ("fax", CREDENTIALS, "there is no platform fax"),
        ("line/other", CREDENTIALS, "there are: line/stylehub"),
        ("zalo", CREDENTIALS, "docs/channels/zalo.md"),
        ("line", "channels.rest.RestInput:\n", "has no account of line"),
        ("line", CREDENTIALS, "names an environment variable that is not set"),
        ("", CREDENTIALS, "there is no platform"),
    ],
)
def test_what_is_not_in_the_file(settings, tmp_path, name, block, words):
    file = tmp_path / "credentials.yml"
    file.write_text(block)
    output = io.StringIO()
    assert check.run(name, file, PUBLIC, "http://127.0.0.1:1", output) == 1
    assert words in output.getvalue()
    assert "not connected" in output.getvalue().splitlines()[-1]


def test_the_command_shows_all_and_ends_in_a_reason(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("CHECK_SECRET", "a secret of the check")
    monkeypatch.setenv("CHECK_TOKEN", "a token of the check")
    file = tmp_path / "credentials.yml"
    file.write_text(CREDENTIALS)
    output = io.StringIO()
    assert check.run("line/stylehub", file, "", "http://127.0.0.1:1", output) == 1
    shown = output.getvalue()
    assert "complete: secret, shop, token, url" in shown and "of the check" not in shown
    assert "line/stylehub: not connected: keys: the platform could not be asked" in shown.splitlines()[-1]
