"""LINE: its own signature, its own shapes, and a server that behaves as its specification says."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import hmac
import json
import types

import pytest

from channels.connector import Call, ConnectorSettingsError, SendError
from channels.line import LineConnector
from pasar.messages.model import Author, Button, Kind, Reply, ReplyKind
from tests.channels.contract import NOW, ConnectorContract, Vector
from tests.channels.line_server import TOKEN, LineServer

SECRET = "line-channel-secret-of-the-tests"
USER = "U4af4980629" + "0" * 22
EVENT = {
    "type": "message",
    "message": {"type": "text", "id": "14353798921116", "text": "Hello", "quoteToken": "q3Plxr4AgKd"},
    "timestamp": 1625665242211,
    "source": {"type": "user", "userId": USER},
    "replyToken": "757913772c4646b784d4b7ce46d12671",
    "mode": "active",
    "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
    "deliveryContext": {"isRedelivery": False},
}


def write(*events):
    return json.dumps({"destination": "U" + "0" * 32, "events": events}, ensure_ascii=False).encode()


def change(**fields):
    return {**EVENT, **fields}


def make_message(**fields):
    return change(message={"id": "1", **fields})


class TestLine(ConnectorContract):
    connector_class = LineConnector
    settings = types.MappingProxyType({"secret": SECRET, "token": TOKEN})
    vectors = (
        # line/line-bot-sdk-python@e1fa933 tests/v3/test_webhook.py: LINE's own
        Vector(
            {"secret": "channel_secret"},
            Call(
                "POST",
                "",
                {"x-line-signature": "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="},
                b"bodybodybodybody",
            ),
        ),
        # Yoctol/bottender@154d2b69 LineConnector.spec.ts
        Vector(
            {"secret": "FAKE_SECRET"},
            Call("POST", "", {"x-line-signature": "XtFE4w+/e5cw8ys6BSALGj3ZCYgRtBdCBxyEfrkgLPc="}, b"rawBody"),
        ),
    )
    errors = (
        *ConnectorContract.errors,
        ({"status": 400}, {"permanent": True}),
        ({"status": 403}, {"permanent": True}),
    )

    def make_server(self):
        return LineServer()

    def sign(self, body, sent_at):
        digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        return Call("POST", self.url, {"x-line-signature": digest}, body)

    def write_text(self, text, message_id):
        return write(change(webhookEventId=message_id, message={**EVENT["message"], "text": text}))

    @pytest.mark.parametrize(
        ("kind", "given", "purposes"),
        [("unfollow", False, ["promotion", "review", "service"]), ("follow", True, ["service"])],
    )
    def test_who_blocks_the_account_wants_nothing_sent(self, connector, kind, given, purposes):
        """https://developers.line.biz/en/reference/messaging-api/#unfollow-event"""
        (received,) = self.read(connector, write(change(type=kind, follow={"isUnblocked": True})))
        assert (Kind.CONSENT, Author.SYSTEM, USER) == (received.kind, received.author, received.buyer)
        assert {"event": kind, "given": given, "purposes": purposes} == received.facts

    def write_ignored(self):
        group = {"type": "group", "groupId": "C1", "userId": USER}
        return {
            "standby": write(change(mode="standby")),
            "follow": write(change(type="follow", follow={"isUnblocked": False})),
            "unsend": write(change(type="unsend", unsend={"messageId": "1"})),
            "unknown event": write(change(type="hologram")),
            "unknown message": write(make_message(type="hologram")),
            "group": write(change(source=group)),
            "no source": write({name: value for name, value in EVENT.items() if name != "source"}),
            "test of the console": write(),
        }

    # --- what only LINE has -----------------------------------------------------------------------------------

    def test_all_events_of_a_call_are_read(self, connector):
        """One that cannot be read costs the others nothing."""
        body = write(change(webhookEventId="a"), {"type": "message"}, change(webhookEventId="b"))
        assert ["a", "b"] == [received.message_id for received in self.read(connector, body)]

    @pytest.mark.parametrize(
        ("message", "kind", "facts"),
        [
            ({"type": "image", "contentProvider": {"type": "line"}}, Kind.IMAGE, {}),
            ({"type": "video", "duration": 60000}, Kind.VIDEO, {}),
            ({"type": "audio", "duration": 60000}, Kind.VOICE, {}),
            ({"type": "file", "fileName": "bill.pdf", "fileSize": 1}, Kind.FILE, {"file": "bill.pdf"}),
            (
                {"type": "sticker", "packageId": "446", "stickerId": "1988", "keywords": ["angry"]},
                Kind.STICKER,
                {"sticker": "1988", "keywords": ["angry"]},
            ),
            (
                {"type": "location", "latitude": 13.75, "longitude": 100.5},
                Kind.LOCATION,
                {"latitude": 13.75, "longitude": 100.5},
            ),
        ],
    )
    def test_what_is_no_text_is_read_as_such(self, connector, message, kind, facts):
        (received,) = self.read(connector, write(make_message(**message)))
        assert (kind, True) == (received.kind, received.is_answered)
        assert {"reply_token": EVENT["replyToken"], "media_id": "1", **facts} == received.facts

    def test_a_pressed_button_is_read(self, connector):
        body = write(change(type="postback", postback={"data": "/order_status"}))
        (received,) = self.read(connector, body)
        assert (Kind.BUTTON, "/order_status", True) == (received.kind, received.payload, received.is_answered)

    def answer(self, server, *replies, heard_at=None, **changes):
        """A sending that answers a message with a reply token."""
        server.tokens["token-1"] = USER
        to = dataclasses.replace(
            self.make_address(),
            thread=USER,
            heard_at=heard_at or datetime.datetime.now(datetime.timezone.utc),
            facts={"reply_token": "token-1"},
        )
        return self.make_sending(*replies, to=to, **changes)

    def paths(self, server):
        return [seen.path.rpartition("/")[2] for seen in server.seen]

    async def test_a_fresh_message_is_answered_free_of_charge(self, connector, server):
        await connector.send(self.answer(server, Reply("a"), Reply("b")))
        assert ["reply"] == self.paths(server)
        assert [(USER, "a"), (USER, "b")] == [(shown.thread, shown.text) for shown in server.shown]

    async def test_after_the_tokens_minute_it_is_pushed(self, connector, server):
        await connector.send(self.answer(server, Reply("a"), heard_at=NOW - datetime.timedelta(minutes=2)))
        assert ["push"] == self.paths(server)

    async def test_a_spent_token_is_followed_by_a_push(self, connector, server):
        """A second answer to the same message."""
        await connector.send(self.answer(server, Reply("a")))
        await connector.send(self.answer(server, Reply("b")))
        assert (["reply", "reply", "push"], ["a", "b"]) == (
            self.paths(server),
            [shown.text for shown in server.shown],
        )

    @pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}])
    async def test_a_reply_whose_answer_is_lost_is_shown_once(self, connector, server, fault):
        server.break_next(**fault)
        await connector.send(self.answer(server, Reply("a")))
        assert ["a"] == [shown.text for shown in server.shown]

    async def test_a_reply_that_was_taken_before_a_crash_is_shown_once(self, connector, server):
        sending = self.answer(server, Reply("a"))
        await connector.send(sending)
        await connector.send(dataclasses.replace(sending, attempt=2, uncertain=True))
        assert ["a"] == [shown.text for shown in server.shown]

    async def test_an_old_token_is_tried_where_it_may_not_have_been_used(self, connector, server):
        """After a crash: it works, so nothing had been sent; another message's would be pushed."""
        old = NOW - datetime.timedelta(minutes=5)
        await connector.send(self.answer(server, Reply("a"), heard_at=old, attempt=2, uncertain=True))
        assert (["reply"], ["a"]) == (self.paths(server), [shown.text for shown in server.shown])

    async def test_who_would_rather_pay_pushes(self, connector, server):
        """Once, whatever happens: the push has a key."""
        paying = self.open(connector.client, url=server.base_url, answers="push")
        sending = self.answer(server, Reply("a"))
        for attempt in (1, 2):
            await paying.send(dataclasses.replace(sending, attempt=attempt, uncertain=attempt > 1))
        assert (["push", "push"], ["a"]) == (self.paths(server), [shown.text for shown in server.shown])

    def test_another_way_to_answer_is_refused(self, connector):
        with pytest.raises(ConnectorSettingsError, match="answers"):
            self.open(connector.client, answers="fax")

    async def test_a_push_whose_answer_is_lost_is_shown_once(self, connector, server):
        sending = self.make_sending(Reply("a"))
        server.break_next(drop=True)
        with pytest.raises(SendError) as caught:
            await connector.send(sending)
        assert caught.value.uncertain
        await connector.send(dataclasses.replace(sending, attempt=2, uncertain=True))
        assert ["a"] == [shown.text for shown in server.shown]

    async def test_buttons_below_the_last_line_only(self, connector, server):
        button = Button("Returns", "/return_item")
        await connector.send(self.make_sending(Reply("a"), Reply("b", ReplyKind.BUTTONS, (button,))))
        assert [(), (button,)] == [shown.buttons for shown in server.shown]

    def test_authors(self, connector):
        (received,) = self.read(connector, write(change(mode="standby")))
        assert Author.SYSTEM is received.author
