"""What buyers send: fetched from each platform's server, kept, and given out at the desk."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from channels import collector
from channels.collector import Collector, list_wishes
from channels.connector import Account, SendError
from channels.instagram import InstagramConnector
from channels.line import LineConnector
from channels.messenger import MessengerConnector
from channels.telegram import TelegramConnector
from channels.whatsapp import WhatsAppConnector
from channels.words import list_languages, load_words
from pasar.media.limits import load_limits
from pasar.media.model import RefusedError, State, Wish
from pasar.media.store import MediaStore
from pasar.messages.model import Kind, Received
from tests.channels import line_server, telegram_server, test_line, test_telegram
from tests.channels.contract import NOW
from tests.channels.line_server import LineServer
from tests.channels.messenger_server import INSTAGRAM_ID, PAGE
from tests.channels.meta_contract import SETTINGS
from tests.channels.telegram_server import TelegramServer
from tests.channels.test_exchange import talk
from tests.channels.whatsapp_server import NUMBER, WhatsAppServer
from tests.commerce.platforms.server import PlatformServer
from tests.media.test_limits import JPEG

__all__ = ["talk"]

DESK = "/desk/conversations"
TALK = "line:main:U1"


class Cdn(PlatformServer):
    """Addresses that came with a message: no key, no fresh one."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/{name}", self.serve)

    async def serve(self, request: web.Request) -> web.Response:
        # Meta's own addresses have their end in them, and answer 403 after it.
        return web.Response(body=JPEG) if request.match_info["name"] == "shirt.jpg" else web.Response(status=403)


def wish(channel="line", kind=Kind.IMAGE, **facts):
    return Wish("stylehub", channel, "main", f"{channel}:main:U1", "m-1", kind, facts=facts)


@pytest_asyncio.fixture
async def client():
    async with httpx.AsyncClient() as client:
        yield client


@pytest_asyncio.fixture
async def line(client):
    async with LineServer() as server:
        settings = {"secret": test_line.SECRET, "token": line_server.TOKEN, "url": server.base_url}
        yield server, LineConnector(Account("main", "stylehub", settings), client)


@pytest_asyncio.fixture
async def whatsapp(client):
    async with WhatsAppServer() as server:
        settings = {**SETTINGS, "number": NUMBER, "url": server.base_url}
        yield server, WhatsAppConnector(Account("main", "stylehub", settings), client)


@pytest_asyncio.fixture
async def telegram(client):
    async with TelegramServer() as server:
        settings = {"token": telegram_server.TOKEN, "secret": test_telegram.SECRET, "url": server.base_url}
        yield server, TelegramConnector(Account("main", "stylehub", settings), client)


@pytest_asyncio.fixture(
    params=[(MessengerConnector, "page", PAGE), (InstagramConnector, "id", INSTAGRAM_ID)],
    ids=["messenger", "instagram"],
)
async def meta(client, request):
    kind, setting, number = request.param
    async with Cdn() as server:
        settings = {**SETTINGS, setting: number, "url": server.base_url}
        yield server, kind(Account("main", "stylehub", settings), client)


def spoil(connector):
    """The same with a token that does not serve."""
    settings = {**connector.account.settings, "token": "999:wrong"}
    return type(connector)(dataclasses.replace(connector.account, settings=settings), connector.client)


# --- by platform ----------------------------------------------------------------------------------------------


async def test_line_gives_contents_by_the_messages_id(line):
    server, connector = line
    server.contents["325708"] = JPEG
    server.preparing = 1
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish(media_id="325708"))
    assert not caught.value.permanent
    assert JPEG == (await connector.fetch_media(wish(media_id="325708"))).data
    for gone in ("deleted", "unknown"):
        server.deleted.add("deleted")
        with pytest.raises(SendError) as caught:
            await connector.fetch_media(wish(media_id=gone))
        assert caught.value.permanent
    with pytest.raises(SendError) as caught:
        await spoil(connector).fetch_media(wish(media_id="325708"))
    assert not caught.value.permanent and 1 == server.forged


async def test_line_has_not_got_what_was_sent_from_elsewhere(line):
    """https://developers.line.biz/en/reference/messaging-api/#wh-image"""
    _, connector = line
    provider = {"type": "external", "originalContentUrl": "https://images.example/shirt.jpg"}
    body = test_line.write(test_line.make_message(type="image", contentProvider=provider))
    (received,) = test_line.TestLine().read(connector, body)
    assert {"media_id": "1", "url": "https://images.example/shirt.jpg"}.items() <= received.facts.items()
    with pytest.raises(RefusedError):
        await connector.fetch_media(wish(media_id="1", url="https://127.0.0.1/shirt.jpg"))


async def test_whatsapp_is_asked_for_a_fresh_address_each_time(whatsapp):
    server, connector = whatsapp
    server.media["2621233374848975"], server.expired = JPEG, 1
    with pytest.raises(SendError, match="404") as caught:
        await connector.fetch_media(wish("whatsapp", media_id="2621233374848975"))
    assert not caught.value.permanent
    assert JPEG == (await connector.fetch_media(wish("whatsapp", media_id="2621233374848975"))).data
    assert 0 == server.forged
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish("whatsapp", media_id="404"))
    assert caught.value.permanent
    with pytest.raises(SendError) as caught:
        await spoil(connector).fetch_media(wish("whatsapp", media_id="2621233374848975"))
    assert not caught.value.permanent


@pytest.mark.parametrize("url", ["https://evil.example/a", "https://127.0.0.1/a", "http://lookaside.fbsbx.com/a"])
async def test_whatsapps_token_goes_to_meta_only(whatsapp, url):
    server, connector = whatsapp
    server.media["1"], server.elsewhere = JPEG, url
    with pytest.raises(RefusedError):
        await connector.fetch_media(wish("whatsapp", media_id="1"))


async def test_whatsapp_says_how_large_it_is(whatsapp):
    server, connector = whatsapp
    server.media["1"] = bytes(load_limits().most_bytes + 1)
    with pytest.raises(RefusedError):
        await connector.fetch_media(wish("whatsapp", media_id="1"))
    assert [] == server.calls("attachments")


async def test_telegram_is_asked_where_a_file_is_each_time(telegram):
    server, connector = telegram
    server.files["AgAC"], server.expired = JPEG, 1
    with pytest.raises(SendError, match="404") as caught:
        await connector.fetch_media(wish("telegram", media_id="AgAC"))
    assert not caught.value.permanent
    assert JPEG == (await connector.fetch_media(wish("telegram", media_id="AgAC"))).data
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish("telegram", media_id="unknown"))
    assert caught.value.permanent
    server.files["film"] = bytes(20 * 2**20 + 1)
    with pytest.raises(RefusedError, match="20 MB"):
        await connector.fetch_media(wish("telegram", media_id="film"))
    with pytest.raises(SendError):
        await spoil(connector).fetch_media(wish("telegram", media_id="AgAC"))
    assert 1 == server.forged


async def test_an_address_that_came_with_the_message_is_asked(meta):
    """As Messenger, Instagram, Zalo, TikTok Shop, Shopee, Lazada and eBay give it."""
    server, connector = meta
    assert JPEG == (await connector.fetch_media(wish(connector.name, url=f"{server.base_url}/shirt.jpg"))).data
    assert "authorization" not in server.seen[0].headers  # nobody's key goes there
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish(connector.name, url=f"{server.base_url}/ended.jpg"))
    assert caught.value.permanent
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish(connector.name))
    assert caught.value.permanent
    server.break_next(status=502)
    with pytest.raises(SendError) as caught:
        await connector.fetch_media(wish(connector.name, url=f"{server.base_url}/shirt.jpg"))
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (LineConnector, {"secret": test_line.SECRET, "token": line_server.TOKEN}),
        (WhatsAppConnector, {**SETTINGS, "number": NUMBER}),
        (TelegramConnector, {"token": telegram_server.TOKEN, "secret": test_telegram.SECRET}),
        (MessengerConnector, {**SETTINGS, "page": PAGE}),
    ],
    ids=["line", "whatsapp", "telegram", "messenger"],
)
async def test_a_platform_that_is_down_is_asked_again(client, kind, settings):
    down = kind(Account("main", "stylehub", {**settings, "url": "http://127.0.0.1:1"}), client)
    with pytest.raises(SendError) as caught:
        await down.fetch_media(wish(kind.name, media_id="1", url="http://127.0.0.1:1/a.jpg"))
    assert not caught.value.permanent


def test_every_address_of_a_message_is_wanted():
    def receive(kind, **facts):
        return Received("messenger", "main", "stylehub", "9", f"m-{kind.value}", "9", NOW, kind, facts=facts)

    many = receive(Kind.IMAGE, url="https://a.example/1", urls=["https://a.example/1", "https://a.example/2"])
    file = receive(Kind.FILE, media_id="7", file="invoice.pdf", reply_token="secret")
    others = [receive(kind) for kind in (Kind.TEXT, Kind.STICKER, Kind.LOCATION, Kind.PRODUCT)]
    wishes = list_wishes([many, file, *others])
    assert [(0, "https://a.example/1"), (1, "https://a.example/2")] == [(w.place, w.facts["url"]) for w in wishes[:2]]
    assert [("invoice.pdf", {"media_id": "7"})] == [(w.name, w.facts) for w in wishes[2:]]


# --- the collector --------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    store = MediaStore(f"sqlite:///{tmp_path / 'media.db'}", tmp_path / "media")
    yield store
    store.dispose()


@pytest_asyncio.fixture
async def collecting(store, line, monkeypatch):
    """A collector that runs; whom it has told."""
    monkeypatch.setattr(collector, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(collector, "PAUSE", 0.05)
    told = []

    async def tell(medium):
        told.append(medium.number)

    task = asyncio.ensure_future(Collector(store, {("line", "main"): line[1]}, tell).run())
    yield told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settle(store, conversation_id=TALK, seconds=60):
    """The conversation's media, once nothing waits."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = store.list_media(conversation_id)
        if found and all(medium.state is not State.WAITING for medium in found):
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_it_is_fetched_until_it_is_there(store, line, collecting):
    server, _ = line
    server.contents["1"], server.preparing = JPEG, 2
    server.break_next(times=2, status=503)
    store.want([wish(media_id="1")])
    (kept,) = await settle(store)
    assert (State.KEPT, 5, JPEG, []) == (kept.state, kept.attempts, store.read(kept), collecting)


@pytest.mark.parametrize(
    ("content", "state"), [(None, State.LOST), (b"MZ\x90", State.REFUSED), (b"<html>", State.REFUSED)],
    ids=["gone", "program", "page"],
)  # fmt: skip
async def test_who_has_sent_what_is_not_kept_is_told(store, line, collecting, content, state):
    server, _ = line
    if content is not None:
        server.contents["1"] = content
    store.want([wish(media_id="1")])
    (ended,) = await settle(store)
    assert (state, [ended.number]) == (ended.state, collecting)
    assert ended.reason


async def test_an_account_that_is_away_is_waited_for(store, collecting):
    store.want([wish("telegram", media_id="1")])
    deadline = time.monotonic() + 60
    while store.list_media("telegram:main:U1")[0].attempts < 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    (medium,) = store.list_media("telegram:main:U1")
    assert (State.WAITING, "no such account") == (medium.state, medium.reason)
    assert [] == collecting


async def test_one_day_it_is_given_up(store, line, collecting):
    line[0].break_next(times=1000, status=503)
    store.want([wish(media_id="1")])
    store.clock = lambda: time.time() + collector.KEEP_TRYING.total_seconds() + 60
    (ended,) = await settle(store)
    assert State.LOST is ended.state


# --- from the platform to the desk ----------------------------------------------------------------------------


async def send_media(talk, content, **message):
    talk.line.contents[str(message["id"])] = content
    await talk.say("", message=message)


async def look(talk, desk_headers, path=""):
    return await talk.client.get(f"{DESK}/{TALK}/media{path}", headers=dict(desk_headers))


async def wait_media(talk, desk_headers, count=1):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = (await look(talk, desk_headers)).json() if talk.server.store.get(TALK, fresh=True) else []
        if len(found) >= count and all(medium["state"] != "waiting" for medium in found):
            return found
        await asyncio.sleep(0.1)
    raise TimeoutError


async def test_a_picture_is_kept_and_given_out(talk, desk_headers):
    await send_media(talk, JPEG, type="image", id="77")
    assert ["You said: /send_media"] == await talk.wait(1)
    (medium,) = await wait_media(talk, desk_headers)
    assert ("image", "kept", "image/jpeg", len(JPEG)) == tuple(medium[n] for n in ("kind", "state", "type", "size"))

    given = await look(talk, desk_headers, f"/{medium['number']}")
    assert (200, JPEG, "image/jpeg") == (given.status_code, given.content, given.headers["content-type"])
    assert given.headers["content-disposition"].startswith("attachment; ")
    assert "nosniff" == given.headers["x-content-type-options"]
    assert "sandbox; default-src 'none'" == given.headers["content-security-policy"]
    shown = (await talk.client.get(f"{DESK}/{TALK}", headers=dict(desk_headers))).json()
    assert [medium] == shown["media"]
    assert [{"kind": "image", "message_id": medium["message_id"]}] == shown["history"][0]["media"]


async def test_a_page_is_a_file_to_be_saved(talk, desk_headers):
    page = b"<!doctype html><script>alert(document.cookie)</script>"
    await send_media(talk, page, type="file", id="78", fileName='คืน"สินค้า".html', fileSize=len(page))
    (medium,) = await wait_media(talk, desk_headers)
    given = await look(talk, desk_headers, f"/{medium['number']}")
    assert (page, "application/octet-stream") == (given.content, given.headers["content-type"])
    disposition = given.headers["content-disposition"]
    assert disposition.startswith("attachment; ") and disposition.isascii() and 2 == disposition.count('"')
    assert "filename*=UTF-8''%E0%B8%84" in disposition


async def test_only_the_desk_gets_it_and_only_of_its_conversation(talk, desk_headers):
    await send_media(talk, JPEG, type="image", id="77")
    (medium,) = await wait_media(talk, desk_headers)
    await talk.say("hello", "U2")
    await talk.wait(1, "U2")
    path = f"/media/{medium['number']}"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        for resource in ("/media", path):
            assert 401 == (await talk.client.get(f"{DESK}/{TALK}{resource}", headers=headers)).status_code
    for conversation, number in (("line:main:U2", medium["number"]), ("nobody", medium["number"]), (TALK, 999)):
        answer = await talk.client.get(f"{DESK}/{conversation}/media/{number}", headers=dict(desk_headers))
        assert 404 == answer.status_code
    assert 404 == (await talk.client.get(f"{DESK}/{TALK}/media/..%2F..", headers=dict(desk_headers))).status_code


async def test_the_buyer_hears_once_what_is_not_kept(talk, desk_headers):
    for number in ("81", "82"):
        await send_media(talk, b"MZ\x90\x00", type="file", id=number, fileName="a.exe", fileSize=4)
        await wait_media(talk, desk_headers, int(number) - 80)
    told = load_words("en", "media_not_kept")
    deadline = time.monotonic() + 60
    while told not in talk.shown() and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    assert {"refused"} == {medium["state"] for medium in await wait_media(talk, desk_headers, 2)}
    assert 1 <= talk.shown().count(told) <= 2  # two where the hour has changed in between


async def test_what_she_sent_is_deleted_when_she_is_forgotten(talk, desk_headers, tmp_path):
    await send_media(talk, JPEG, type="image", id="77")
    await wait_media(talk, desk_headers)
    assert list((tmp_path / "var" / "media").glob("*/*"))
    answer = await talk.client.request(
        "DELETE", f"{DESK}/{TALK}/buyer", headers=dict(desk_headers), json={"person": "Sari"}
    )
    assert {"accounts": 1, "media": 1} == answer.json()
    assert [] == (await look(talk, desk_headers)).json()
    assert not list((tmp_path / "var" / "media").glob("*/*"))


async def test_the_turn_does_not_wait_for_it(talk, desk_headers):
    talk.line.contents["77"] = JPEG
    talk.line.preparing = 10**6
    await send_media(talk, JPEG, type="image", id="77")
    assert ["You said: /send_media"] == await talk.wait(1)
    (medium,) = (await look(talk, desk_headers)).json()
    assert "waiting" == medium["state"]
    assert 404 == (await look(talk, desk_headers, f"/{medium['number']}")).status_code


async def test_a_turn_whose_wish_cannot_be_kept_is_tried_again(talk, desk_headers, monkeypatch):
    """Nothing is said to be kept before that is committed."""
    monkeypatch.setattr("channels.worker.FIRST_PAUSE", 0.01)
    original, failures = MediaStore.want, []

    def want(self, wishes):
        if not failures:
            failures.append(list(talk.heard))
            raise OSError("the database is away")
        return original(self, wishes)

    monkeypatch.setattr(MediaStore, "want", want)
    await send_media(talk, JPEG, type="image", id="77")
    assert ["You said: /send_media"] == await talk.wait(1)
    assert [[]] == failures
    assert ["kept"] == [medium["state"] for medium in await wait_media(talk, desk_headers)]


@pytest.mark.parametrize("language", ["en", "es", "fil", "fr", "id", "ms", "th", "vi", "zh"])
def test_every_language_says_it(language):
    text = load_words(language, "media_not_kept")
    assert text and "{" not in text and language in list_languages()
    assert "en" == language or text != load_words("en", "media_not_kept")
