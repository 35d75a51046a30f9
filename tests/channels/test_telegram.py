"""Telegram: its secret header, its updates, and a server that behaves as the Bot API says."""

from __future__ import annotations

import dataclasses
import json
import types

import pytest

from channels.base import MessageError
from channels.connector import Call, ConnectorSettingsError, ForgedError, SendError, TokenRefusedError
from channels.fitting import fit
from channels.telegram import TelegramConnector
from pasar.messages.model import Author, Button, Kind, Reply, ReplyKind
from tests.channels.contract import NOW, ConnectorContract
from tests.channels.telegram_server import TOKEN, TelegramServer

SECRET = "telegram-secret_of-the-tests"
HEADER = "x-telegram-bot-api-secret-token"
# As in "Testing your bot with updates" of https://core.telegram.org/bots/webhooks
USER = {"last_name": "Test Lastname", "id": 1111111, "first_name": "Test", "username": "Test", "is_bot": False}
CHAT = {"last_name": "Test Lastname", "id": 1111111, "first_name": "Test", "username": "Test", "type": "private"}
MESSAGE = {"date": 1441645532, "chat": CHAT, "message_id": 1365, "from": USER, "text": "hello"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Fans of the shop"}


def write(**fields):
    return json.dumps({"update_id": 10000, **fields}, ensure_ascii=False).encode()


def write_message(**fields):
    message = {name: value for name, value in MESSAGE.items() if name != "text"}
    return write(message={**message, **fields})


def write_query(**fields):
    query = {"id": "4382bfdwdsb323b2d9", "from": USER, "message": MESSAGE, "chat_instance": "1", "data": "/track_order"}
    return write(callback_query={**query, **fields})


class TestTelegram(ConnectorContract):
    connector_class = TelegramConnector
    settings = types.MappingProxyType({"token": TOKEN, "secret": SECRET})
    errors = (
        *ConnectorContract.errors,
        ({"status": 400}, {"permanent": True}),
        ({"status": 403}, {"permanent": True}),
        (
            {
                "status": 429,
                "body": b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35",'
                b'"parameters":{"retry_after":35}}',
            },
            {"permanent": False, "after": 35.0, "uncertain": False},
        ),
    )

    def make_server(self):
        return TelegramServer()

    def sign(self, body, sent_at):
        return Call("POST", self.url, {HEADER: SECRET}, body, received_at=sent_at)

    def write_text(self, text, message_id):
        number = int(message_id.removeprefix("m-"))
        return write(update_id=number, message={**MESSAGE, "message_id": number, "text": text})

    @pytest.mark.parametrize(
        ("status", "given", "purposes"),
        [("kicked", False, ["promotion", "review", "service"]), ("member", True, ["service"])],
    )
    def test_who_blocks_the_bot_wants_nothing_sent(self, connector, status, given, purposes):
        """https://core.telegram.org/bots/api#update, my_chat_member"""
        old = {"user": {"id": 1, "is_bot": True, "first_name": "Bot"}, "status": "member"}
        new = {**old, "status": status}
        member = {"chat": CHAT, "from": USER, "date": 1441645532, "old_chat_member": old, "new_chat_member": new}
        (received,) = self.read(connector, write(my_chat_member=member))
        assert (Kind.CONSENT, Author.SYSTEM, str(USER["id"])) == (received.kind, received.author, received.buyer)
        assert (given, purposes) == (received.facts["given"], received.facts["purposes"])

    def test_in_a_group_it_is_nobodys_wish(self, connector):
        group = {"id": -1, "type": "group"}
        member = {"chat": group, "from": USER, "date": 1441645532, "new_chat_member": {"status": "kicked"}}
        (received,) = self.read(connector, write(my_chat_member=member))
        assert Kind.OTHER is received.kind

    def write_ignored(self):
        return {
            "group": write_message(chat=GROUP, text="hello"),
            "channel": write(channel_post={**MESSAGE, "chat": {"id": -1, "type": "channel"}}),
            "edit": write(edited_message={**MESSAGE, "edit_date": 1441646600}),
            "another bot": write_message(**{"from": {**USER, "is_bot": True}}, text="hello"),
            "blocked": write(my_chat_member={"chat": CHAT, "from": USER, "date": 1441645532}),
            "business": write(business_message=MESSAGE),
            "inline query": write(inline_query={"id": "1", "from": USER, "query": "shirts", "offset": ""}),
            "poll": write(poll={"id": "1", "question": "Which?"}),
            "unknown update": write(hologram={"depth": 3}),
            "update of another shape": write(hologram=[1]),
            "nothing": write(),
            "service message": write_message(pinned_message=MESSAGE),
            "unknown message": write_message(hologram={"depth": 3}),
            "button in a group": write_query(message={**MESSAGE, "chat": GROUP}),
            "game": write_query(data=None, game_short_name="snake"),
        }

    # --- what Telegram has not: a signature over the body ------------------------------------------------------

    async def test_published_signatures(self):
        """There are none: the header is the secret itself. What is no secret for Telegram is refused at the start."""
        for secret in ("with blank", "ä", "a" * 257):
            with pytest.raises(ConnectorSettingsError, match="testshop: secret"):
                self.open(None, secret=secret)

    @pytest.mark.parametrize("spoil", ["none", "wrong", "longer", "key"])
    async def test_a_forged_call_is_refused(self, connector, spoil):
        call = self.sign(self.write_text("hello", "m-1"), NOW)
        headers = {"none": {}, "wrong": {HEADER: "A" * len(SECRET)}, "longer": {HEADER: f"{SECRET}0"}}
        if spoil == "key":
            connector = self.open(connector.client, secret=f"{SECRET}0")
        with pytest.raises(ForgedError):
            connector.verify(dataclasses.replace(call, headers=headers.get(spoil, call.headers)))

    def test_a_token_of_another_shape_is_named(self, connector):
        for token in ("abc", "123:with/slash", "123:"):
            with pytest.raises(ConnectorSettingsError, match="testshop: token") as caught:
                self.open(connector.client, token=token)
            assert token not in str(caught.value)

    # --- coming in ------------------------------------------------------------------------------------------

    def test_the_documented_update_is_read(self, connector):
        (received,) = self.read(connector, write(message=MESSAGE))
        assert ("10000", "1111111", "1111111") == (received.message_id, received.thread, received.buyer)
        assert ("Test Test Lastname", 1441645532) == (received.name, received.sent_at.timestamp())

    @pytest.mark.parametrize(
        ("content", "kind", "text", "facts"),
        [
            (
                {
                    "photo": [
                        {"file_id": "big", "file_unique_id": "b", "width": 800, "height": 600},
                        {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 67},
                    ],
                    "caption": "Is it this one?",
                },
                Kind.IMAGE,
                "Is it this one?",
                {"media_id": "big"},
            ),
            ({"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}}, Kind.VOICE, "", {"media_id": "v"}),
            ({"audio": {"file_id": "a", "file_unique_id": "u", "duration": 3}}, Kind.VOICE, "", {"media_id": "a"}),
            ({"video": {"file_id": "v", "file_unique_id": "u"}}, Kind.VIDEO, "", {"media_id": "v"}),
            (
                {
                    "animation": {"file_id": "g", "file_unique_id": "u"},
                    "document": {"file_id": "d", "file_unique_id": "u"},
                },
                Kind.VIDEO,
                "",
                {"media_id": "g"},
            ),
            (
                {"document": {"file_id": "d", "file_unique_id": "u", "file_name": "bill.pdf"}},
                Kind.FILE,
                "",
                {"media_id": "d", "file": "bill.pdf"},
            ),
            (
                {"sticker": {"file_id": "s", "file_unique_id": "AgADBQ", "type": "regular", "emoji": "😡"}},
                Kind.STICKER,
                "",
                {"media_id": "s", "sticker": "AgADBQ", "keywords": ["😡"]},
            ),
            (
                {
                    "venue": {"title": "Warehouse", "location": {"latitude": 1.5, "longitude": 2}},
                    "location": {"latitude": 1.5, "longitude": 2},
                },
                Kind.LOCATION,
                "",
                {"latitude": 1.5, "longitude": 2},
            ),
            (
                {"contact": {"phone_number": "+6281234567", "first_name": "Test"}},
                Kind.TEXT,
                "+6281234567",
                {"phone": "+6281234567"},
            ),
        ],
    )
    def test_what_is_no_text_is_read_as_such(self, connector, content, kind, text, facts):
        (received,) = self.read(connector, write_message(**content))
        assert (kind, text, facts, True) == (received.kind, received.text, received.facts, received.is_answered)

    @pytest.mark.parametrize("text", ["/start", "/start@shop_bot"])
    def test_the_start_button_greets(self, connector, text):
        (received,) = self.read(connector, write_message(text=text))
        assert (Kind.BUTTON, "/greet", {}) == (received.kind, received.payload, received.facts)

    def test_a_link_may_name_a_product(self, connector):
        (received,) = self.read(connector, write_message(text="/start DRESS-01"))
        assert (Kind.PRODUCT, {"product": "DRESS-01"}) == (received.kind, received.facts)

    def test_other_commands_are_text(self, connector):
        for text in ("/startle", "/start DRESS 01", "/deny"):
            (received,) = self.read(connector, write_message(text=text))
            assert (Kind.TEXT, text) == (received.kind, received.text)

    def test_a_pressed_button_is_read_and_answered_at_once(self, connector, server):
        call = self.sign(write_query(), NOW)
        (received,) = connector.parse(call)
        assert (Kind.BUTTON, "/track_order", True) == (received.kind, received.payload, received.is_answered)
        # When it was pressed, not when the message with the button was sent.
        assert (NOW, "1111111") == (received.sent_at, received.thread)
        server.queries.add("4382bfdwdsb323b2d9")
        assert 200 == server.perform(connector.acknowledge(call)).status
        assert not server.queries

    @pytest.mark.parametrize("fields", [{"message": {**MESSAGE, "chat": GROUP}}, {"data": None}, {"message": None}])
    def test_every_query_is_answered(self, connector, server, fields):
        """Also one that the bot does not read, or the buyer's app waits on."""
        server.queries.add("4382bfdwdsb323b2d9")
        server.perform(connector.acknowledge(self.sign(write_query(**fields), NOW)))
        assert not server.queries

    def test_other_updates_ask_for_nothing(self, connector, server):
        for body in (write(message=MESSAGE), write(), b"", b"{", write(callback_query={})):
            assert server.perform(connector.acknowledge(self.sign(body, NOW))) is None

    def test_an_update_without_number_cannot_be_read(self, connector):
        with pytest.raises(MessageError, match="update_id"):
            self.read(connector, json.dumps({"message": MESSAGE}).encode())

    def test_authors(self, connector):
        bodies = {
            Author.BOT: write_message(**{"from": {**USER, "is_bot": True}}, text="hello"),
            Author.SYSTEM: write_message(chat=GROUP, text="hello"),
        }
        for author, body in bodies.items():
            (received,) = self.read(connector, body)
            assert author is received.author

    # --- going out ------------------------------------------------------------------------------------------

    async def test_the_platforms_id_is_returned(self, connector, server):
        assert ["1"] == await connector.send(self.make_sending(Reply("a")))

    async def test_a_long_text_fits_in_parts(self, connector, server):
        """4,096 UTF-16 code units, of which an emoji takes two."""
        for call in fit([Reply("🚚 dikirim " * 1000)], connector.capabilities).calls:
            await connector.send(self.make_sending(*call))
        assert len(server.shown) == 3

    async def test_a_long_payload_becomes_a_number(self, connector, server):
        long = Button("This one", "/inform" + json.dumps({"order_id": "9" * 64}))
        fitted = fit([Reply("Which?", ReplyKind.BUTTONS, (long,))], connector.capabilities)
        await connector.send(self.make_sending(*fitted.calls[0]))
        assert [("Which?\n1. This one", ())] == [(shown.text, shown.buttons) for shown in server.shown]
        assert long.payload == fitted.choices["1"]

    async def test_a_picture_carries_its_description(self, connector, server):
        reply = Reply("ก" * 2000, ReplyKind.IMAGE, facts={"url": "https://shop.example/shirt.jpg"})
        await connector.send(self.make_sending(reply))
        assert 1024 == len(server.shown[0].text)

    async def test_who_blocked_the_bot_is_not_asked_again(self, connector, server):
        server.blocked.add("buyer-1")
        with pytest.raises(SendError, match="blocked by the user") as caught:
            await connector.send(self.make_sending(Reply("a")))
        assert caught.value.permanent

    async def test_a_wrong_token_is_told(self, connector, server):
        wrong = self.open(connector.client, url=server.base_url, token="123456:another")
        with pytest.raises(TokenRefusedError) as caught:
            await wrong.send(self.make_sending(Reply("a")))
        assert "another" not in str(caught.value)

    async def test_an_answer_that_says_nothing_is_uncertain(self, connector, server):
        server.break_next(status=200, body=b"[]")
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("a")))
        assert caught.value.uncertain
