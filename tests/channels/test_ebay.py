"""eBay: its published signature, its public keys, and a server that behaves as its documentation says."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import types

import httpx
import pytest

from channels.connector import Call, ForgedError, SendError, TokenRefusedError
from channels.ebay import EbayConnector
from channels.ebay.signatures import Key
from channels.receiver import receive
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Author, Kind, Reply, ReplyKind
from tests.channels.contract import NOW, ConnectorContract, Vector
from tests.channels.ebay_server import KEY_ID, KEYS, REFRESH, EbayServer, sign, write_key

HEADER = "x-ebay-signature"
SELLER = "Style_Hub-24"
TOKEN = "ebay-verification-token-of-the-tests"
CALLBACK = "https://pasar.example/webhooks/ebay/testshop"

# eBay/event-notification-nodejs-sdk@feaf337 test/test.json: eBay's own
VECTOR_KEY_ID = "9936261a-7d7b-4621-a0f1-96ccb428af49"
VECTOR_KEY = (
    "-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZhhxXKtR+TOvtDbgTPCkSof02qgBB7IsYOyf76ilExJ/upAa/vKI"
    "KheOoCyOpcLmi4t0b4uepb7LLjmMr90FUg==-----END PUBLIC KEY-----"
)
VECTOR_HEADER = (
    "eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FWUNJUUNmeGZJV3V4"
    "bVdjSUJRSjljNS9YN2lHREpxczJSQ0dzQkVhQWppbnlycmZBSWhBSVY2d0djVGlCdVY1S0pVaWYyaG9reXJMK1E5c3NIa2FkK214Mm5FRTI1dyIsImRp"
    "Z2VzdCI6IlNIQTEifQ=="
)
VECTOR_BODY = {
    "metadata": {"topic": "MARKETPLACE_ACCOUNT_DELETION", "schemaVersion": "1.0", "deprecated": False},
    "notification": {
        "notificationId": "49feeaeb-4982-42d9-a377-9645b8479411_33f7e043-fed8-442b-9d44-791923bd9a6d",
        "eventDate": "2021-03-19T20:43:59.462Z",
        "publishDate": "2021-03-19T20:43:59.679Z",
        "publishAttemptCount": 1,
        "data": {
            "username": "test_user",
            "userId": "ma8vp1jySJC",
            "eiasToken": "nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6wJnY+gAZGEpwmdj6x9nY+seQ==",
        },
    },
}
# The envelope is that of the vector; the data are the Message API's fields, as developers have captured them.
DATA = {
    "conversationId": "v1|286001234567|0",
    "conversationType": "FROM_MEMBERS",
    "createdDate": "2026-02-28T21:02:25.000Z",
    "messageBody": "Is there a size standard?",
    "messageId": "2781234567",
    "messageMedia": [{"mediaName": "", "mediaType": "", "mediaUrl": ""}],
    "readStatus": False,
    "recipientUserName": SELLER.lower(),
    "senderUserName": "a_buyer",
    "subject": "",
}


def write(topic="NEW_MESSAGE", **fields):
    data = {name: value for name, value in {**DATA, **fields}.items() if value is not None}
    notification = {
        "notificationId": "a0b1",
        "eventDate": "2026-02-28T21:02:25.657Z",
        "publishDate": "2026-02-28T21:02:25.849Z",
        "publishAttemptCount": 1,
        "data": data,
    }
    metadata = {"topic": topic, "schemaVersion": "1.0", "deprecated": False}
    return json.dumps({"metadata": metadata, "notification": notification}, ensure_ascii=False).encode()


def write_media(*media, **fields):
    names = ("mediaName", "mediaType", "mediaUrl")
    return write(messageMedia=[dict(zip(names, item, strict=True)) for item in media], **fields)


class Collector:
    """An inbox that keeps nothing."""

    def __init__(self):
        self.kept = []

    async def accept(self, messages, waiting):
        self.kept += messages
        return [True for _ in messages]


class TestEbay(ConnectorContract):
    connector_class = EbayConnector
    settings = types.MappingProxyType(
        {
            "client_id": KEYS[0],
            "client_secret": KEYS[1],
            "refresh_token": REFRESH,
            "verification_token": TOKEN,
            "callback": CALLBACK,
            "username": SELLER,
        }
    )
    vectors = (
        Vector({}, Call("POST", "", {HEADER: VECTOR_HEADER}, json.dumps(VECTOR_BODY, separators=(",", ":")).encode())),
    )
    errors = (
        *ConnectorContract.errors,
        ({"status": 400}, {"permanent": True}),
        ({"status": 403}, {"permanent": True}),
        ({"status": 200, "body": b"{}"}, {"permanent": False, "uncertain": True}),
    )

    def make_server(self):
        return EbayServer()

    def open(self, client, **settings):
        """With the tests' public keys and a seller's token, as after a first call of each kind."""
        connector = super().open(client, **settings)
        connector._signatures._keys = {KEY_ID: Key(write_key(), "SHA1"), VECTOR_KEY_ID: Key(VECTOR_KEY, "SHA1")}
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
        connector._grants._seller.token = Token("seller-0", "", until)
        return connector

    def open_new(self, connector, server):
        """One that has nothing yet."""
        return super().open(connector.client, url=server.base_url)

    def sign(self, body, sent_at):
        return Call("POST", CALLBACK, {HEADER: sign(body)}, body, received_at=sent_at)

    def write_text(self, text, message_id):
        return write(messageBody=text, messageId=message_id)

    def write_ignored(self):
        return {
            "the seller's own": write(senderUserName=SELLER, recipientUserName="a_buyer"),
            "from eBay": write(conversationType="FROM_EBAY", senderUserName="eBay"),
            "strangers, as in a test notification": write(recipientUserName="another"),
            "nobody": write(senderUserName="", recipientUserName=None),
            "to herself": write(senderUserName=SELLER),
            "account deletion": json.dumps(VECTOR_BODY).encode(),
            "buyer question": write("BUYER_QUESTION"),
            "unknown topic": write("HOLOGRAM"),
        }

    # --- signatures and keys ----------------------------------------------------------------------------------

    @pytest.mark.parametrize("spoil", ["none", "wrong", "body", "key"])
    async def test_a_forged_call_is_refused(self, connector, spoil):
        """No setting is in the signature; the key is eBay's."""
        call = self.sign(self.write_text("hello", "m-1"), NOW)
        shown = {"none": {}, "wrong": {HEADER: sign(b"another")}, "key": {HEADER: sign(call.body, VECTOR_KEY_ID)}}
        body = call.body + b" " if spoil == "body" else call.body
        with pytest.raises(ForgedError) as caught:
            connector.verify(dataclasses.replace(call, headers=shown.get(spoil, call.headers), body=body))
        assert 412 == caught.value.status

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            [],
            None,
            {"kid": KEY_ID},
            {"kid": 1, "signature": ""},
            {"kid": "../../oauth", "signature": ""},
            {"kid": "", "signature": ""},
            {"kid": KEY_ID, "signature": 7},
            {"kid": KEY_ID, "signature": "é"},
            {"kid": KEY_ID, "signature": "AAAA"},
            {"kid": [KEY_ID], "signature": "AAAA"},
        ],
    )
    async def test_a_header_of_another_shape_is_refused(self, connector, server, fields):
        header = base64.b64encode(json.dumps(fields).encode()).decode()
        call = Call("POST", "", {HEADER: header}, write())
        assert (412, []) == ((await receive(connector, Collector(), call)).status, server.seen)

    async def test_the_public_key_is_asked_for_once(self, connector, server):
        new, call = self.open_new(connector, server), self.sign(write(), NOW)
        with pytest.raises(ForgedError):
            new.verify(call)
        for _ in range(3):
            await new.prepare(call)
            new.verify(call)
        assert 1 == len(server.calls("public_key")) == len(server.calls("oauth2/token"))

    async def test_the_public_key_is_asked_for_again_after_an_hour(self, connector, server):
        new, call = self.open_new(connector, server), self.sign(write(), NOW)
        await new.prepare(call)
        new._signatures._keys[KEY_ID].until -= 3601
        with pytest.raises(ForgedError):
            new.verify(call)
        await new.prepare(call)
        new.verify(call)
        assert 2 == len(server.calls("public_key"))

    async def test_the_digest_is_the_keys_not_the_headers(self, connector, server):
        server.keys[KEY_ID]["digest"] = "SHA256"
        new, body = self.open_new(connector, server), write()
        good = Call("POST", "", {HEADER: sign(body, digest="SHA256")}, body)
        await new.prepare(good)
        new.verify(good)
        with pytest.raises(ForgedError):
            new.verify(self.sign(body, NOW))

    async def test_a_key_that_ebay_does_not_have_is_forged(self, connector, server):
        body = write()
        with pytest.raises(ForgedError) as caught:
            await connector.prepare(Call("POST", "", {HEADER: sign(body, "unknown")}, body))
        assert 412 == caught.value.status

    async def test_made_up_keys_do_not_make_us_ask_without_end(self, connector, server):
        new, body = self.open_new(connector, server), write()
        await new.prepare(self.sign(body, NOW))
        for number in range(30):
            with pytest.raises(ForgedError):
                await new.prepare(Call("POST", "", {HEADER: sign(body, f"unknown-{number}")}, body))
        assert 10 == len(server.calls("public_key"))
        await new.prepare(self.sign(body, NOW))  # what is known needs no asking

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 500},
            {"status": 200, "body": b"{}"},
            {"status": 200, "body": b"[]"},
            {"status": 200, "body": b'{"key": "AAAA", "digest": "SHA1"}'},
            {"drop": True},
        ],
    )
    async def test_where_the_key_cannot_be_had_ebay_sends_again(self, connector, server, fault):
        new, call = self.open_new(connector, server), self.sign(write(), NOW)
        await new._grants.find_application()
        server.break_next(times=9, **fault)
        with pytest.raises(ForgedError) as caught:
            await new.prepare(call)
        assert 500 == caught.value.status
        server.faults.clear()
        await new.prepare(call)
        new.verify(call)

    def test_the_published_challenge_is_answered(self, connector):
        """Inputs: eBay/event-notification-nodejs-sdk, its test; the digest was computed by us."""
        code = "71745723-d031-455c-bfa5-f90d11b4f20a"
        asked = self.open(connector.client, verification_token=code, callback="http://www.testendpoint.com/webhook")
        answer = asked.challenge(Call("GET", "", {}, query={"challenge_code": code}))
        digest = "048de9ffd0e35021fefc0388d5c52e0f475324f582f3778ca81a53354ccbbc97"
        assert (200, "application/json") == (answer.status, answer.content_type)
        assert {"challengeResponse": digest} == json.loads(answer.body)
        with pytest.raises(ForgedError) as caught:
            connector.challenge(Call("GET", "", {}))
        assert 400 == caught.value.status

    async def test_a_notification_is_received(self, connector, server):
        """With the key fetched on the way, and twice as eBay does: the inbox knows it by its id."""
        new, inbox = self.open_new(connector, server), Collector()
        for _ in range(2):
            assert 204 == (await receive(new, inbox, self.sign(write(), NOW))).status
        assert ["2781234567"] * 2 == [received.message_id for received in inbox.kept]
        assert 412 == (await receive(new, inbox, Call("POST", "", {}, write()))).status
        assert 2 == len(inbox.kept)

    # --- coming in --------------------------------------------------------------------------------------------

    def test_a_message_is_read(self, connector):
        (received,) = self.read(connector, write())
        assert ("2781234567", "v1|286001234567|0", "a_buyer") == (received.message_id, received.thread, received.buyer)
        assert datetime.datetime(2026, 2, 28, 21, 2, 25, tzinfo=datetime.timezone.utc) == received.sent_at
        assert (Kind.TEXT, {}) == (received.kind, received.facts)

    @pytest.mark.parametrize(
        ("body", "kind", "text", "facts"),
        [
            (
                write_media(("a.jpg", "IMAGE", "https://i.ebay/a"), messageBody="This one?"),
                Kind.IMAGE,
                "This one?",
                {"url": "https://i.ebay/a"},
            ),
            (
                write_media(("a.jpg", "IMAGE", "https://i/a"), ("b.jpg", "IMAGE", "https://i/b"), messageBody=""),
                Kind.IMAGE,
                "",
                {"url": "https://i/a", "urls": ["https://i/a", "https://i/b"]},
            ),
            (
                write_media(("bill.pdf", "PDF", "https://i/b"), messageBody=""),
                Kind.FILE,
                "",
                {"url": "https://i/b", "file": "bill.pdf"},
            ),
            (write_media(), Kind.TEXT, "Is there a size standard?", {}),
            (write(messageMedia=None), Kind.TEXT, "Is there a size standard?", {}),
        ],
    )
    def test_what_is_attached_is_read(self, connector, body, kind, text, facts):
        (received,) = self.read(connector, body)
        assert (kind, text, facts, True) == (received.kind, received.text, received.facts, received.is_answered)

    @pytest.mark.parametrize("date", ["2026-02-28T21:02:25.000", "yesterday", "0001-01-01T00:00:00+23:59", "Z", ""])
    def test_a_time_that_is_none_is_an_error(self, connector, date):
        with pytest.raises(ValueError, match="createdDate"):
            self.read(connector, write(createdDate=date))

    def test_without_a_time_of_its_own_the_notifications_counts(self, connector):
        (received,) = self.read(connector, write(createdDate=None))
        assert 657000 == received.sent_at.microsecond

    def test_who_wrote(self, connector):
        """The seller by any spelling of her name; who is neither side is not taken for a buyer."""
        expected = {
            Author.AGENT: write(senderUserName=SELLER.upper(), recipientUserName="a_buyer"),
            Author.SYSTEM: write(senderUserName="a_buyer", recipientUserName="immutable-id"),
        }
        for author, body in expected.items():
            (received,) = self.read(connector, body)
            assert author is received.author
            assert "a_buyer" == received.buyer

    # --- going out --------------------------------------------------------------------------------------------

    async def test_our_own_message_is_known_by_its_id(self, connector, server):
        (number,) = await connector.send(self.make_sending(Reply("a")))
        (received,) = self.read(connector, write(messageId=number, senderUserName=SELLER, recipientUserName="a_buyer"))
        assert number == received.message_id

    async def test_a_picture_without_words_has_its_name(self, connector, server):
        for url in ("https://shop.example/pictures/shirt.jpg?size=big", "https://shop.example"):
            await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": url})))
        assert ["shirt.jpg", "shop.example"] == [shown.text for shown in server.shown]

    async def test_an_ended_token_is_renewed_and_the_message_sent_once(self, connector, server):
        server.seller = "another"
        await connector.send(self.make_sending(Reply("a")))
        await connector.send(self.make_sending(Reply("b")))
        assert (["a", "b"], 1) == ([shown.text for shown in server.shown], len(server.calls("oauth2/token")))

    async def test_a_token_is_renewed_before_it_ends(self, connector, server):
        server.lasts = 240
        new = self.open_new(connector, server)
        for _ in range(2):
            await new.send(self.make_sending(Reply("a")))
        assert (2, 0) == (len(server.calls("oauth2/token")), server.forged)

    @pytest.mark.parametrize("body", [b"[]", b"{}", b'{"access_token": "", "expires_in": 7200}', b"<html>"])
    async def test_without_a_token_nothing_is_sent(self, connector, server, body):
        server.break_next(times=9, status=200, body=body)
        with pytest.raises(TokenRefusedError):
            await self.open_new(connector, server).send(self.make_sending(Reply("a")))

    async def test_a_refresh_token_that_has_ended_is_told(self, connector, server):
        ended = super().open(connector.client, url=server.base_url, refresh_token="ended")
        with pytest.raises(TokenRefusedError) as caught:
            await ended.send(self.make_sending(Reply("a")))
        assert "HTTP 400" in str(caught.value)

    @pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}])
    async def test_trouble_with_the_token_is_certain_for_the_message(self, connector, server, fault):
        """It was not on its way, so nobody can see it twice."""
        server.break_next(**fault)
        with pytest.raises(SendError) as caught:
            await self.open_new(connector, server).send(self.make_sending(Reply("a")))
        assert (False, False) == (caught.value.permanent, caught.value.uncertain)

    async def test_ebays_words_are_in_the_error(self, server):
        async with httpx.AsyncClient() as client:
            connector = self.open(client, url=server.base_url)
            with pytest.raises(SendError, match="HTTP 400 1 invalid") as caught:
                await connector.send(self.make_sending(Reply("a" * 2001)))
        assert caught.value.permanent
