"""WhatsApp: examples of its own documentation, and a server that behaves as that says."""

from __future__ import annotations

import copy
import dataclasses
import json
import types

import httpx
import pytest

from channels.connector import SendError
from channels.fitting import fit
from channels.whatsapp import WhatsAppConnector
from pasar.messages.model import Author, Button, Kind, Reply, ReplyKind
from tests.channels.meta_contract import CAPTURED, SETTINGS, MetaContract, answer
from tests.channels.whatsapp_server import CATALOG, NUMBER, WhatsAppServer

USER, PHONE = "US.13491208655302741918", "16505551234"
# Shapes of https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
MESSAGE = {
    "from": PHONE,
    "from_user_id": USER,
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
    "timestamp": "1749416383",
    "type": "text",
    "text": {"body": "Does it come in another color?"},
}
CONTACT = {"profile": {"name": "Sheena Nelson"}, "wa_id": PHONE, "user_id": USER}
STATUS = {
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA",
    "status": "delivered",
    "timestamp": "1750263773",
    "recipient_id": PHONE,
}
ECHO = {
    "from": "15550783881",
    "to": PHONE,
    "to_user_id": USER,
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=",
    "timestamp": "1739321024",
    "type": "text",
    "text": {"body": "Here's the info you requested!"},
}


def write(field="messages", *, number=NUMBER, **lists):
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        **lists,
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": field}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, ensure_ascii=False).encode()


def make(kind, content, **fields):
    rest = {name: value for name, value in MESSAGE.items() if name != "text"}
    return {**rest, "type": kind, **({} if content is None else {kind: content}), **fields}


class TestWhatsApp(MetaContract):
    connector_class = WhatsAppConnector
    settings = types.MappingProxyType({**SETTINGS, "number": NUMBER})
    own_setting = "number"
    errors = (
        *MetaContract.errors,
        (answer(131047, "Re-engagement message"), {"permanent": True}),
        (answer(131026, "Message undeliverable"), {"permanent": True}),
        (answer(132001, "Template does not exist", status=404), {"permanent": True}),
        (answer(131056, "Pair rate limit hit"), {"permanent": False, "after": 1.0, "uncertain": False}),
        (answer(130429, "Rate limit hit", status=429), {"permanent": False, "uncertain": False}),
        (answer(131057, "Account in maintenance mode", status=500), {"permanent": False, "after": 60.0}),
        (answer(131000, "Something went wrong", status=500), {"permanent": False, "uncertain": True}),
        (answer(131016, "Service unavailable", status=500), {"permanent": False, "uncertain": True}),
    )

    def make_server(self):
        return WhatsAppServer()

    def make_address(self):
        return dataclasses.replace(super().make_address(), thread=USER, buyer=USER)

    def write_text(self, text, message_id):
        message = {**MESSAGE, "id": message_id, "text": {"body": text}}
        return write(contacts=[CONTACT], messages=[message])

    @pytest.mark.parametrize(("value", "given"), [("stop", False), ("resume", True)])
    @pytest.mark.parametrize(("contact", "buyer"), [(CONTACT, USER), ({"wa_id": PHONE}, PHONE)], ids=["user", "number"])
    def test_marketing_messages_are_stopped_and_resumed(self, connector, value, given, contact, buyer):
        """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_preferences"""
        preference = {
            "wa_id": PHONE,
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": 1731705721,
        }
        body = write("user_preferences", contacts=[contact], user_preferences=[preference])
        (received,) = self.read(connector, body)
        assert (Kind.CONSENT, Author.SYSTEM, buyer, PHONE) == (
            received.kind,
            received.author,
            received.buyer,
            received.phone,
        )
        assert (given, ["promotion"]) == (received.facts["given"], received.facts["purposes"])
        assert [received] == self.read(connector, body)

    def test_a_preference_of_another_kind_is_left_out(self, connector):
        preference = {"wa_id": PHONE, "category": "weather", "value": "stop", "timestamp": 1731705721}
        assert [] == self.read(connector, write("user_preferences", user_preferences=[preference]))

    def test_her_number_is_vouched_for_where_it_is_told(self, connector):
        """By her user id alone she has none; what she types is none."""
        (received,) = self.read(connector, write(messages=[MESSAGE]))
        (mark,) = connector.vouch(received)
        assert ("+16505551234", True) == (mark.value, mark.sole)
        hidden = {name: value for name, value in MESSAGE.items() if name != "from"}
        typed = {**hidden, "text": {"body": "+16505551234"}}
        (received,) = self.read(connector, write(messages=[typed]))
        assert ("", ()) == (received.phone, connector.vouch(received))

    def write_ignored(self):
        failed = {**STATUS, "status": "failed", "errors": [{"code": 131047, "title": "Re-engagement message"}]}
        system = {"body": "User A changed", "wa_id": "16505550000", "type": "user_changed_number"}
        changed = {"user_id": "MX.1", "previous_user_id": "CO.1", "type": "user_changed_user_id"}
        nameless = {key: value for key, value in MESSAGE.items() if key not in ("from", "from_user_id", "text")}
        return {
            "status": write(statuses=[STATUS]),
            "failed": write(statuses=[failed]),
            "echo of the business app": write("smb_message_echoes", message_echoes=[ECHO]),
            "standby": write("standby", contacts=[CONTACT], messages=[MESSAGE]),
            "echo of Meta's agent": write("standby", message_echoes=[ECHO]),
            "status on standby": write("standby", statuses=[STATUS]),
            "group": write(messages=[{**MESSAGE, "group_id": "HBgLMTIx"}]),
            "new number": write(messages=[make("system", system)]),
            "new user id": write(messages=[{**nameless, "type": "system", "system": changed}]),
            "reaction": write(messages=[make("reaction", {"message_id": "wamid.1", "emoji": "😮"})]),
            "unsupported": write(messages=[make("unsupported", None, errors=[{"code": 131051}])]),
            "flow": write(messages=[make("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}})]),
            "without content": write(messages=[make("interactive", None)], errors=[{"code": 131000}]),
            "unknown type": write(messages=[make("hologram", {"id": "1"})]),
            "unknown field": write("messaging_handovers", handover={"id": "1"}),
            "of the account": json.dumps(
                {
                    "object": "whatsapp_business_account",
                    "entry": [{"id": "1", "changes": [{"field": "account_update", "value": {"event": "X"}}]}],
                }
            ).encode(),
        }

    # --- coming in ------------------------------------------------------------------------------------------------

    def test_every_message_of_a_call_is_read(self, connector):
        """Several entries, changes and messages; one that cannot be read costs the others nothing."""
        one = json.loads(
            write(contacts=[CONTACT], messages=[{**MESSAGE, "id": "a"}, {"id": "x"}, {**MESSAGE, "id": "b"}])
        )
        two = json.loads(write(statuses=[STATUS]))
        body = {**one, "entry": [*one["entry"], *two["entry"]]}
        body["entry"][1]["changes"] += json.loads(write(messages=[{**MESSAGE, "id": "c"}]))["entry"][0]["changes"]
        body["entry"][1]["changes"].append({"field": "messages", "value": []})
        received = self.read(connector, json.dumps(body).encode())
        assert ["a", "b", f"{STATUS['id']}:delivered", "c"] == [message.message_id for message in received]

    def test_a_call_of_meta_is_read(self, connector):
        """As it was captured, before user ids: the number is who she is."""
        connector = self.open(connector.client, number="277321005464405")
        (received,) = connector.parse(CAPTURED.call)
        assert ("972544401243", "Hey there! I am using PyWa.") == (received.thread, received.text)
        assert ("PyWa Tests", "2024-10-29T19:58:23+00:00") == (received.name, received.sent_at.isoformat())

    def test_a_buyer_is_her_user_id(self, connector):
        """With her number or without; an older call knows the number only."""
        hidden = {name: value for name, value in MESSAGE.items() if name != "from"}
        contact = {"profile": {"name": "Sheena", "username": "@sheena"}, "user_id": USER}
        (received,) = self.read(connector, write(contacts=[contact], messages=[hidden]))
        assert (USER, USER, "Sheena") == (received.thread, received.buyer, received.name)
        older = {name: value for name, value in MESSAGE.items() if name != "from_user_id"}
        (received,) = self.read(connector, write(contacts=[{**CONTACT, "profile": {}}], messages=[older]))
        assert (PHONE, "") == (received.thread, received.name)

    @pytest.mark.parametrize(
        ("kind", "content", "expected", "text", "facts"),
        [
            ("image", {"id": "65", "mime_type": "image/jpeg", "sha256": "x"}, Kind.IMAGE, "", {"media_id": "65"}),
            ("video", {"id": "76", "caption": "look"}, Kind.VIDEO, "look", {"media_id": "76"}),
            ("audio", {"id": "12", "voice": True}, Kind.VOICE, "", {"media_id": "12"}),
            ("document", {"id": "3", "filename": "a.pdf"}, Kind.FILE, "", {"media_id": "3", "file": "a.pdf"}),
            ("sticker", {"id": "4", "animated": False}, Kind.STICKER, "", {"media_id": "4"}),
            (
                "location",
                {"latitude": 37.46, "longitude": -122.21, "name": "HQ", "address": "1 Hacker Way"},
                Kind.LOCATION,
                "",
                {"latitude": 37.46, "longitude": -122.21, "name": "HQ", "address": "1 Hacker Way"},
            ),
            (
                "order",
                {
                    "catalog_id": CATALOG,
                    "text": "",
                    "product_items": [
                        {"product_retailer_id": "HAMBURGER", "quantity": 3, "item_price": 30, "currency": "ILS"},
                        {"product_retailer_id": "SODA", "quantity": 2, "item_price": 10, "currency": "ILS"},
                    ],
                },
                Kind.PRODUCT,
                "",
                {
                    "product": "HAMBURGER",
                    "cart": [{"product": "HAMBURGER", "quantity": 3}, {"product": "SODA", "quantity": 2}],
                },
            ),
        ],
    )
    def test_what_is_no_text_is_read_as_such(self, connector, kind, content, expected, text, facts):
        (received,) = self.read(connector, write(messages=[make(kind, content)]))
        assert (expected, text, facts, True) == (received.kind, received.text, received.facts, received.is_answered)

    def test_a_question_about_a_product_names_it(self, connector):
        context = {"referred_product": {"catalog_id": CATALOG, "product_retailer_id": "DRESS-01"}}
        (received,) = self.read(connector, write(messages=[{**MESSAGE, "context": context}]))
        assert (Kind.PRODUCT, "DRESS-01") == (received.kind, received.facts["product"])
        assert MESSAGE["text"]["body"] == received.text

    def test_an_answer_to_a_message_is_a_text(self, connector):
        context = {"from": "15550783881", "id": "wamid.1"}
        (received,) = self.read(connector, write(messages=[{**MESSAGE, "context": context}]))
        assert (Kind.TEXT, {}) == (received.kind, received.facts)

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("interactive", {"type": "button_reply", "button_reply": {"id": "/returns", "title": "Returns"}}),
            ("interactive", {"type": "list_reply", "list_reply": {"id": "/returns", "title": "Returns"}}),
            ("button", {"payload": "/returns", "text": "Returns"}),
        ],
    )
    def test_a_pressed_button_is_read(self, connector, kind, content):
        (received,) = self.read(connector, write(messages=[make(kind, content)]))
        assert (Kind.BUTTON, "/returns", "Returns") == (received.kind, received.payload, received.text)

    def test_authors(self, connector):
        bodies = self.write_ignored()
        expected = {
            "status": Author.SYSTEM,
            "echo of the business app": Author.AGENT,
            "standby": Author.SYSTEM,
            "echo of Meta's agent": Author.BOT,
            "group": Author.SYSTEM,
            "new number": Author.SYSTEM,
            "reaction": Author.BUYER,
        }
        assert expected == {name: self.read(connector, bodies[name])[0].author for name in expected}

    def test_what_is_told_of_a_conversation_is_kept_with_it(self, connector):
        bodies = self.write_ignored()
        received = [self.read(connector, bodies[name])[0] for name in ("standby", "echo of the business app")]
        assert {USER} == {message.thread for message in received}
        assert "CO.1" == self.read(connector, bodies["new user id"])[0].thread

    def test_a_failure_that_is_told_later_is_kept(self, connector):
        (received,) = self.read(connector, self.write_ignored()["failed"])
        assert {"event": "failed", "of": STATUS["id"], "error": "131047"} == received.facts

    def test_each_status_of_a_message_is_its_own(self, connector):
        statuses = [{**STATUS, "status": status} for status in ("sent", "delivered", "read")]
        received = self.read(connector, write(statuses=statuses))
        assert 3 == len({message.message_id for message in received})

    # --- going out ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("thread", "field"), [(USER, "recipient"), ("US.ENT.118157992128", "recipient"), (PHONE, "to")]
    )
    async def test_whom_it_goes_to(self, connector, server, thread, field):
        to = dataclasses.replace(self.make_address(), thread=thread)
        assert ["wamid.1"] == list(await connector.send(self.make_sending(Reply("hello"), to=to)))
        assert thread == server.messages[0][field]

    @pytest.mark.parametrize(("many", "kind"), [(1, "button"), (3, "button"), (4, "list"), (10, "list")])
    async def test_few_choices_are_buttons_and_more_are_a_list(self, connector, server, many, kind):
        buttons = tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(many))
        await connector.send(self.make_sending(Reply("Which one?", ReplyKind.BUTTONS, buttons)))
        assert (kind, buttons) == (server.messages[0]["interactive"]["type"], server.shown[0].buttons)

    async def test_a_title_of_many_characters_in_few_letters_is_shown(self, connector, server):
        """Twenty letters, of which WhatsApp counts every character."""
        button = Button("👩‍👧" * 8, "/family")
        await connector.send(self.make_sending(Reply("Which one?", ReplyKind.BUTTONS, (button,))))
        assert server.shown[0].buttons[0].title.startswith("👩‍👧")

    async def test_buttons_below_a_long_text(self, connector, server):
        """Interactive messages have less room than texts: the last part is the one with the buttons."""
        reply = Reply("word " * 300, ReplyKind.BUTTONS, (Button("Yes", "/affirm"), Button("No", "/deny")))
        for call in fit([reply], connector.capabilities).calls:
            await connector.send(self.make_sending(*call))
        assert [False, True] == [bool(shown.buttons) for shown in server.shown]
        assert 300 == " ".join(shown.text for shown in server.shown).split().count("word")

    async def test_a_product_of_the_catalogue(self, server):
        async with httpx.AsyncClient() as client:
            connector = self.open(client, url=server.base_url, catalog=CATALOG)
            facts = {"product": "DRESS-01", "title": "Dress", "image": "https://shop.example/1.jpg"}
            await connector.send(self.make_sending(Reply("Dress\n$19", ReplyKind.PRODUCT, facts=facts)))
        assert [(ReplyKind.PRODUCT, "Dress\n$19")] == [(shown.kind, shown.text) for shown in server.shown]

    @pytest.mark.parametrize("catalog", ["", CATALOG])
    async def test_a_product_that_is_in_no_catalogue_is_a_picture_with_words(self, server, catalog):
        async with httpx.AsyncClient() as client:
            connector = self.open(client, url=server.base_url, catalog=catalog)
            facts = {"product": "BAG-09", "title": "Bag", "image": "https://shop.example/9.jpg"}
            await connector.send(self.make_sending(Reply("Bag\n$9", ReplyKind.PRODUCT, facts=facts)))
            await connector.send(self.make_sending(Reply("Bag\n$9", ReplyKind.PRODUCT, facts={"product": "BAG-09"})))
        assert [(ReplyKind.IMAGE, "Bag\n$9"), (ReplyKind.TEXT, "Bag\n$9")] == [(s.kind, s.text) for s in server.shown]

    @pytest.mark.parametrize(
        ("facts", "shown"),
        [
            ({"template": "order_sent", "language": "en_US", "values": ["A-1", "Monday"]}, "order_sent A-1 Monday"),
            (
                {"template": "order_sent", "language": "en_US", "values": {"n": "A-1", "d": "Monday"}},
                "order_sent A-1 Monday",
            ),
            ({"template": "welcome", "language": "id"}, "welcome"),
        ],
    )
    async def test_a_template_is_sent(self, connector, server, facts, shown):
        await connector.send(self.make_sending(Reply("", ReplyKind.TEMPLATE, facts=facts)))
        assert [shown] == [message.text for message in server.shown]

    async def test_after_the_window_only_a_template_goes_out(self, connector, server):
        server.break_next(**answer(131047, "Re-engagement message"))
        with pytest.raises(SendError, match="only a template"):
            await connector.send(self.make_sending(Reply("hello")))

    async def test_too_many_to_one_person_wait_longer_each_time(self, connector, server):
        server.break_next(times=9, **answer(131056, "Pair rate limit hit"))
        waits = []
        for attempt in (1, 2, 3, 9):
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("hello"), attempt=attempt))
            waits.append(caught.value.after)
        assert [1.0, 4.0, 16.0, 256.0] == waits

    def test_a_spoilt_contact_costs_no_message(self, connector):
        for contacts in ([{}], [{"profile": [], "user_id": 1.5}], "text", [None]):
            body = json.loads(self.write_text("hello", "m-1"))
            changed = copy.deepcopy(body)
            changed["entry"][0]["changes"][0]["value"]["contacts"] = contacts
            assert ["hello"] == [message.text for message in self.read(connector, json.dumps(changed).encode())]
