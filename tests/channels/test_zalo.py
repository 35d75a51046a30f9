"""Zalo: its signature without a key, its tokens that serve once, and a server that behaves as its documentation says."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import hashlib
import json
import types

import httpx
import pytest
import pytest_asyncio

from channels.connector import Account, Call, ForgedError, SendError, TokenRefusedError
from channels.zalo import ZaloConnector
from pasar.commerce.platforms.schema import upgrade
from pasar.commerce.platforms.token_store import SqlTokenStore
from pasar.commerce.platforms.tokens import Token, TokenExpiredError
from pasar.database import create_engine
from pasar.messages.model import Author, Button, Kind, Reply, ReplyKind
from tests.channels.contract import NOW, ConnectorContract
from tests.channels.zalo_server import APP, APP_SECRET, ZaloServer
from tests.commerce.platforms.server import MemoryTokens

SECRET = "zalo-oa-secret-of-the-tests"
USER, OA = "246845883529197922", "388613280878808645"
STAMP = str(int(NOW.timestamp() * 1000))
# https://docs.zaloplatforms.com/docs/OA/webhook: the envelope of a text
EVENT = {
    "app_id": APP,
    "sender": {"id": USER},
    "recipient": {"id": OA},
    "user_id_by_app": "552177279717587730",
    "event_name": "user_send_text",
    "message": {"text": "message", "msg_id": "96d3cdf3af150460909"},
    "timestamp": STAMP,
}
ECHO = {**EVENT, "event_name": "oa_send_text", "sender": {"id": OA}, "recipient": {"id": USER}}


def write(base=EVENT, **fields):
    event = {**base, **fields}
    return json.dumps({name: value for name, value in event.items() if value is not None}, ensure_ascii=False).encode()


def write_media(name, payload, **message):
    kind = name.removeprefix("user_send_")
    return write(
        event_name=name, message={"msg_id": "1", "attachments": [{"type": kind, "payload": payload}], **message}
    )


def digest(body, stamp, secret=SECRET):
    return hashlib.sha256(APP.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def sign_as_documented(body, stamp=STAMP):
    """With the timestamp that stands in the body, and nowhere else."""
    return Call("POST", "", {"x-zevent-signature": f"mac={digest(body, stamp)}"}, body)


def answer(code, message):
    return {"status": 200, "body": json.dumps({"error": code, "message": message}).encode()}


def make_token(access="zalo-access-0", refresh="zalo-refresh-0", lasts=datetime.timedelta(hours=25)):
    return Token(access, refresh, datetime.datetime.now(datetime.timezone.utc) + lasts)


class EmptyTokens(MemoryTokens):
    """A store where the seller's authorisation has not been put."""

    async def get(self, shop_id, platform, renew, *, refused=""):
        if (shop_id, platform) not in self.tokens:
            raise TokenExpiredError("there is no token")
        return await super().get(shop_id, platform, renew, refused=refused)


class TestZalo(ConnectorContract):
    connector_class = ZaloConnector
    settings = types.MappingProxyType({"app_id": APP, "app_secret": APP_SECRET, "oa_secret": SECRET})
    replay_window = datetime.timedelta(hours=24)
    errors = (
        *ConnectorContract.errors,
        (answer(-32, "Your OA reached limit call api"), {"permanent": False, "after": 60.0, "uncertain": False}),
        (answer(-200, "Send message failed"), {"permanent": False, "after": None}),
        (answer(-211, "Out of quota"), {"permanent": False, "after": 3600.0}),
        (answer(-213, "User has not followed OA"), {"permanent": True}),
        (answer(-230, "User has not interacted with the OA in the past 7 days"), {"permanent": True}),
        (answer(-9999, "nobody knows"), {"permanent": True}),
        ({"status": 200, "body": b"[]"}, {"permanent": False, "uncertain": True}),
    )
    token_refusal = types.MappingProxyType(answer(-216, "Access token is invalid"))

    def make_server(self):
        return ZaloServer()

    def open(self, client, **settings):
        tokens = MemoryTokens()
        tokens.tokens["testshop", "zalo"] = make_token()
        return self.open_with(client, tokens, **settings)

    def open_with(self, client, tokens, **settings):
        if "url" in settings:
            settings["oauth_url"] = settings["url"]
        return ZaloConnector(Account("testshop", "stylehub", {**self.settings, **settings}), client, tokens)

    def sign(self, body, sent_at):
        stamp = str(int(sent_at.timestamp() * 1000))
        headers = {"x-zevent-signature": f"mac={digest(body, stamp)}", "x-zevent-timestamp": stamp}
        return Call("POST", self.url, headers, body)

    def write_text(self, text, message_id):
        return write(message={"text": text, "msg_id": message_id})

    @pytest.mark.parametrize(
        ("name", "given", "purposes"),
        [("unfollow", False, ["promotion", "review", "service"]), ("follow", True, ["service"])],
    )
    def test_who_unfollows_wants_nothing_sent(self, connector, name, given, purposes):
        event = write(event_name=name, follower={"id": USER}, sender=None, recipient=None, message=None)
        (received,) = self.read(connector, event)
        assert (Kind.CONSENT, Author.SYSTEM, USER) == (received.kind, received.author, received.buyer)
        assert {"event": name, "given": given, "purposes": purposes} == received.facts

    def write_ignored(self):
        return {
            "echo": write(ECHO),
            "person": write(ECHO, sender={"id": OA, "admin_id": "3927838362"}),
            "follow": write(event_name="follow", follower={"id": USER}, sender=None, recipient=None, message=None),
            "received": write(ECHO, event_name="user_received_message"),
            "seen": write(ECHO, event_name="user_seen_message", message={"msg_ids": ["1"]}),
            "group": write(event_name="user_send_group_text"),
            "group echo": write(ECHO, event_name="oa_send_group_text"),
            "anonymous": write(event_name="anonymous_send_text"),
            "business card": write(event_name="user_send_business_card"),
            "template": write(ECHO, event_name="oa_send_template"),
            "unknown": write(event_name="hologram", message=None),
            "of a program": write(event_name="change_oa_daily_quota", sender=OA, recipient=None, message=None),
            "probe": b"",
        }

    # --- the signature ----------------------------------------------------------------------------------------

    async def test_published_signatures(self):
        """Zalo publishes none. The documented words, put together by hand; the digest was computed by us."""
        body = b'{"app_id":"1","event_name":"user_send_text","timestamp":"1540368141908"}'
        mac = "45860a197865fc8917b84172705fd75281710501a979a541f41da5efb5f042c7"
        async with httpx.AsyncClient() as client:
            connector = self.open(client, app_id="1", oa_secret="secret")
            at = datetime.datetime.fromtimestamp(1540368141.908, datetime.timezone.utc)
            call = Call("POST", "", {"x-zevent-signature": f"mac={mac}"}, body, received_at=at)
            connector.verify(call)
            with pytest.raises(ForgedError):
                connector.verify(dataclasses.replace(call, body=body + b" "))

    def test_the_timestamp_of_the_body_signs_too(self, connector):
        connector.verify(sign_as_documented(write()))
        for call in (sign_as_documented(write(timestamp=None)), sign_as_documented(write(), "1")):
            with pytest.raises(ForgedError):
                connector.verify(call)

    def test_what_is_signed_with_another_time_is_refused(self, connector):
        """Not even where the body's own is fresh."""
        call = sign_as_documented(write(), str(int(STAMP) - 90_000_000))
        with pytest.raises(ForgedError):
            connector.verify(call)
        old = dataclasses.replace(call, headers={**call.headers, "x-zevent-timestamp": str(int(STAMP) - 90_000_000)})
        with pytest.raises(ForgedError, match="too old"):
            connector.verify(old)

    @pytest.mark.parametrize("body", [b"", b"{}", b" \n"])
    def test_the_consoles_probe_is_believed_in_nothing(self, connector, body):
        call = Call("POST", "", {}, body)
        connector.verify(call)
        assert [] == connector.parse(call)
        assert 200 == connector.acknowledge(call).status == connector.challenge(call).status

    async def test_who_only_receives_needs_no_tokens(self, connector, server):
        gate = self.open_with(connector.client, None, url=server.base_url)
        assert 1 == len(self.read(gate, write()))
        with pytest.raises(SendError, match="no store of tokens"):
            await gate.send(self.make_sending(Reply("a")))

    # --- coming in --------------------------------------------------------------------------------------------

    def test_the_documented_event_is_read(self, connector):
        (received,) = self.read(connector, write())
        assert ("96d3cdf3af150460909", USER, USER) == (received.message_id, received.thread, received.buyer)
        assert abs(received.sent_at - NOW) < datetime.timedelta(milliseconds=2)

    @pytest.mark.parametrize(
        ("body", "kind", "text", "facts"),
        [
            (
                write_media("user_send_image", {"thumbnail": "https://t", "url": "https://u"}, text="Is it this?"),
                Kind.IMAGE,
                "Is it this?",
                {"url": "https://u"},
            ),
            (write_media("user_send_gif", {"url": "https://u"}), Kind.IMAGE, "", {"url": "https://u"}),
            (write_media("user_send_audio", {"url": "https://u"}), Kind.VOICE, "", {"url": "https://u"}),
            (write_media("user_send_video", {"url": "https://u"}), Kind.VIDEO, "", {"url": "https://u"}),
            (
                write_media("user_send_file", {"url": "https://u", "size": "1024", "name": "bill.pdf", "type": "pdf"}),
                Kind.FILE,
                "",
                {"url": "https://u", "file": "bill.pdf"},
            ),
            (
                write_media("user_send_sticker", {"id": "c8abb3e4f5a81cf645b9", "url": "https://u"}),
                Kind.STICKER,
                "",
                {"url": "https://u", "sticker": "c8abb3e4f5a81cf645b9", "keywords": []},
            ),
            (
                write_media("user_send_location", {"coordinates": {"latitude": "10.76", "longitude": "106.68"}}),
                Kind.LOCATION,
                "",
                {"latitude": 10.76, "longitude": 106.68},
            ),
            (
                write_media("user_send_location", {"coordinates": {"latitude": 10.76, "longitude": 106.68}}),
                Kind.LOCATION,
                "",
                {"latitude": 10.76, "longitude": 106.68},
            ),
            (write_media("user_send_link", {"url": "https://u"}), Kind.TEXT, "https://u", {"url": "https://u"}),
        ],
        ids=lambda value: value.name if isinstance(value, Kind) else "",
    )
    def test_what_is_no_text_is_read_as_such(self, connector, body, kind, text, facts):
        (received,) = self.read(connector, body)
        assert (kind, text, facts, True) == (received.kind, received.text, received.facts, received.is_answered)

    @pytest.mark.parametrize("place", [{"latitude": "north", "longitude": 1}, {"latitude": "nan", "longitude": 1}, {}])
    def test_a_place_that_is_none_is_an_error(self, connector, place):
        with pytest.raises(ValueError, match="latitude"):
            self.read(connector, write_media("user_send_location", {"coordinates": place}))

    def test_who_wrote(self, connector):
        """A person at the OA's own console takes the conversation; our own words come back too."""
        for sender, author in (({"id": OA}, Author.BOT), ({"id": OA, "admin_id": "3927838362"}, Author.AGENT)):
            (received,) = self.read(connector, write(ECHO, sender=sender))
            assert (author, USER, "message") == (received.author, received.thread, received.text)

    def test_a_receipt_is_not_the_message_it_is_of(self, connector):
        """Else what was sent would seem to have come already."""
        bodies = [
            write(ECHO),
            write(ECHO, event_name="user_received_message"),
            write(ECHO, event_name="user_seen_message"),
        ]
        received = [self.read(connector, body)[0] for body in bodies]
        assert 3 == len({message.message_id for message in received})
        assert {USER} == {message.thread for message in received}

    # --- going out --------------------------------------------------------------------------------------------

    async def test_buttons_are_shown_and_come_back(self, connector, server):
        """As a text that the buyer does not see."""
        buttons = tuple(Button(f"Choice {n}", f'/inform{{"size": "{n}"}}') for n in range(5))
        await connector.send(self.make_sending(Reply("Which one?", ReplyKind.BUTTONS, buttons)))
        assert [button.title for button in buttons] == [shown.title for shown in server.shown[0].buttons]
        for button, shown in zip(buttons, server.shown[0].buttons, strict=True):
            (received,) = self.read(connector, self.write_text(shown.payload, "m-1"))
            assert (Kind.BUTTON, button.payload) == (received.kind, received.payload)

    @pytest.mark.parametrize("text", ["/inform", "# /inform", "#sale", "#"])
    def test_other_texts_are_texts(self, connector, text):
        (received,) = self.read(connector, self.write_text(text, "m-1"))
        assert (Kind.TEXT, text) == (received.kind, received.text)

    async def test_the_platforms_id_is_returned(self, connector, server):
        assert ["63ecf43f0df7dba80001"] == await connector.send(self.make_sending(Reply("a")))

    async def test_who_was_silent_for_a_week_is_not_asked_again(self, connector, server):
        server.silent.add("buyer-1")
        with pytest.raises(SendError, match="-230") as caught:
            await connector.send(self.make_sending(Reply("a")))
        assert caught.value.permanent

    # --- tokens -----------------------------------------------------------------------------------------------

    @pytest_asyncio.fixture
    async def store(self, tmp_path):
        url = f"sqlite:///{tmp_path}/tokens.db"
        upgrade(url)
        engine = create_engine(url)
        yield SqlTokenStore(engine, "the key of the tests of Zalo's tokens")
        engine.dispose()

    async def test_an_ended_token_is_renewed_once_for_all(self, connector, server, store):
        """Two processes, ten messages each, one refresh token that serves once."""
        await store.put("testshop", "zalo", make_token(access="ended", lasts=datetime.timedelta(minutes=-1)))
        pair = [self.open_with(connector.client, store, url=server.base_url) for _ in range(2)]
        sending = [self.make_sending(Reply(str(number))) for number in range(10)]
        await asyncio.gather(*(one.send(each) for one in pair for each in sending))
        assert (20, {"zalo-refresh-0"}) == (len(server.shown), server.spent)

    async def test_a_refused_token_is_renewed_and_the_message_sent_once(self, connector, server, store):
        await store.put("testshop", "zalo", make_token(access="taken back"))
        connector = self.open_with(connector.client, store, url=server.base_url)
        await connector.send(self.make_sending(Reply("a")))
        assert (1, {"zalo-refresh-0"}) == (len(server.shown), server.spent)
        kept = await store.get("testshop", "zalo", connector._grants._renew)
        assert ("zalo-access-1", "zalo-refresh-1") == (kept.access, kept.refresh)

    async def test_the_first_token_is_that_of_the_settings(self, connector, server, store):
        connector = self.open_with(connector.client, store, url=server.base_url, refresh_token="zalo-refresh-0")
        await asyncio.gather(*(connector.send(self.make_sending(Reply(str(number)))) for number in range(5)))
        assert (5, {"zalo-refresh-0"}) == (len(server.shown), server.spent)
        # After a restart the settings still name it; it is spent, and not asked for again.
        again = self.open_with(connector.client, store, url=server.base_url, refresh_token="zalo-refresh-0")
        await again.send(self.make_sending(Reply("a")))
        assert (6, {"zalo-refresh-0"}) == (len(server.shown), server.spent)

    @pytest.mark.parametrize("first", ["", "spent long ago"])
    async def test_without_a_token_the_seller_must_authorise_us(self, connector, server, first):
        connector = self.open_with(connector.client, EmptyTokens(), url=server.base_url, refresh_token=first)
        with pytest.raises(TokenRefusedError):
            await connector.send(self.make_sending(Reply("a")))
        assert not server.shown

    async def test_a_sender_that_is_cut_off_loses_no_token(self, connector, server, store):
        connector = self.open_with(connector.client, store, url=server.base_url, refresh_token="zalo-refresh-0")
        server.break_next(seconds=0.3)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(connector.send(self.make_sending(Reply("a"))), 0.1)
        await asyncio.gather(*connector._grants._running)
        await connector.send(self.make_sending(Reply("b")))
        assert (["b"], {"zalo-refresh-0"}) == ([shown.text for shown in server.shown], server.spent)

    async def test_a_renewal_that_was_not_heard_is_tried_again(self, connector, server, store):
        await store.put("testshop", "zalo", make_token(access="ended", lasts=datetime.timedelta(minutes=-1)))
        connector = self.open_with(connector.client, store, url=server.base_url)
        connector._grants._url = "http://127.0.0.1:1"
        with pytest.raises(SendError, match="no connection"):
            await connector.send(self.make_sending(Reply("a")))
        connector._grants._url = f"{server.base_url}/v4/oa/access_token"
        await connector.send(self.make_sending(Reply("a")))
        assert 1 == len(server.shown)
