"""What Messenger and Instagram must keep alike, over :class:`MetaContract`."""

from __future__ import annotations

import dataclasses
import datetime
import json

import httpx
import pytest

from pasar.messages.model import Author, Kind, Reply, ReplyKind
from tests.channels.contract import NOW
from tests.channels.meta_contract import MetaContract, answer

BUYER = "1254477777772919"
LONG_MID = "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDA4NDYwMDU2" * 3  # of Instagram's length


class MessagingContract(MetaContract):
    object_name = ""
    errors = (
        *MetaContract.errors,
        (answer(10, "Sent outside of allowed window", error_subcode=2018278), {"permanent": True}),
        (answer(100, "No matching user found", error_subcode=2018001), {"permanent": True}),
        (answer(551, "This person isn't available right now."), {"permanent": True}),
    )

    @property
    def own(self):
        return self.settings[self.own_setting]

    def make_address(self):
        return dataclasses.replace(super().make_address(), thread=BUYER, buyer=BUYER)

    def write(self, *events, channel="messaging"):
        entry = {"id": self.own, "time": 1458692752478, channel: list(events)}
        return json.dumps({"object": self.object_name, "entry": [entry]}, ensure_ascii=False).encode()

    def make(self, **content):
        return {"sender": {"id": BUYER}, "recipient": {"id": self.own}, "timestamp": 1458692752478, **content}

    def make_message(self, **fields):
        return self.make(message={"mid": "m_1457764197618:41d102a3e1ae206a38", **fields})

    def make_echo(self, **fields):
        content = {"mid": "m_2", "text": "hi", "is_echo": True, **fields}
        return {**self.make(message=content), "sender": {"id": self.own}, "recipient": {"id": BUYER}}

    def write_text(self, text, message_id):
        return self.write(self.make_message(mid=message_id, text=text))

    def write_ignored(self):
        text = self.make_message(text="hello")
        return {
            "echo": self.write(self.make_echo()),
            "own message without a flag": self.write({**self.make_echo(), "message": {"mid": "m_3", "text": "hi"}}),
            "standby": self.write(text, channel="standby"),
            "postback on standby": self.write(self.make(postback={"title": "Returns"}), channel="standby"),
            "echo on standby": self.write(self.make_echo(), channel="standby"),
            "delivered": self.write(self.make(delivery={"mids": ["m_1"], "watermark": 1458668856253})),
            "read": self.write(self.make(read={"watermark": 1458668856253})),
            "reaction": self.write(self.make(reaction={"reaction": "love", "action": "react", "mid": "m_1"})),
            "passed": self.write(self.make(pass_thread_control={"new_owner_app_id": "123", "metadata": "x"})),
            "taken": self.write(self.make(take_thread_control={"previous_owner_app_id": "123", "metadata": "x"})),
            "asked for": self.write(self.make(request_thread_control={"requested_owner_app_id": 123})),
            "roles": self.write(self.make(app_roles={"123456789": ["primary_receiver"]})),
            "referral": self.write(self.make(referral={"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"})),
            "edited": self.write(self.make(message_edit={"mid": "m_1", "text": "hello", "num_edit": 1})),
            "taken back": self.write(self.make_message(is_deleted=True)),
            "unsupported": self.write(self.make_message(is_unsupported=True)),
            "mention": self.write(self.make_message(attachments=[{"type": "story_mention", "payload": {"url": "x"}}])),
            "unknown": self.write(self.make(hologram={"id": "1"})),
            "empty": self.write(self.make()),
            "comment": json.dumps(
                {
                    "object": self.object_name,
                    "entry": [{"id": self.own, "time": 1, "changes": [{"field": "comments", "value": {"id": "1"}}]}],
                }
            ).encode(),
        }

    # --- coming in ------------------------------------------------------------------------------------------------

    def test_every_event_of_a_call_is_read(self, connector):
        """Several entries and events; one that cannot be read, or is another account's, costs the others nothing."""
        own = json.loads(self.write(self.make_message(mid="a"), {"sender": {}}, self.make_message(mid="b")))
        other = json.loads(self.write(self.make_message(mid="c")))["entry"]
        strange = [{**other[0], "id": "4711"}]
        body = json.dumps({**own, "entry": [*own["entry"], *strange, *other]}).encode()
        assert ["a", "b", "c"] == [message.message_id for message in self.read(connector, body)]

    def test_a_buyer_is_who_has_written_or_was_written_to(self, connector):
        for event in (self.make_message(text="hello"), self.make_echo()):
            (received,) = self.read(connector, self.write(event))
            assert (BUYER, BUYER) == (received.thread, received.buyer)
            assert "2016-03-23T00:25:52.478000+00:00" == received.sent_at.isoformat()

    @pytest.mark.parametrize(
        ("attachments", "kind", "facts"),
        [
            ([{"type": "image", "payload": {"url": "https://cdn/1"}}], Kind.IMAGE, {"url": "https://cdn/1"}),
            ([{"type": "video", "payload": {"url": "https://cdn/1"}}], Kind.VIDEO, {"url": "https://cdn/1"}),
            ([{"type": "audio", "payload": {"url": "https://cdn/1"}}], Kind.VOICE, {"url": "https://cdn/1"}),
            ([{"type": "file", "payload": {"url": "https://cdn/1"}}], Kind.FILE, {"url": "https://cdn/1"}),
            ([{"type": "ig_reel", "payload": {"url": "https://cdn/1"}}], Kind.VIDEO, {"url": "https://cdn/1"}),
            ([{"type": "share", "payload": {"url": "https://cdn/1"}}], Kind.IMAGE, {"url": "https://cdn/1"}),
            (
                [{"type": "image", "payload": {"url": f"https://cdn/{n}"}} for n in (1, 2)],
                Kind.IMAGE,
                {"url": "https://cdn/1", "urls": ["https://cdn/1", "https://cdn/2"]},
            ),
            (  # both, until Meta ends the older one
                [
                    {"type": "image", "payload": {"url": "https://cdn/1", "sticker_id": 369239263222822}},
                    {"type": "sticker", "payload": {"url": "https://cdn/1", "sticker_id": 369239263222822}},
                ],
                Kind.STICKER,
                {"sticker": "369239263222822"},
            ),
            (
                [{"type": "location", "payload": {"coordinates": {"lat": 13.75, "long": 100.5}}}],
                Kind.LOCATION,
                {"latitude": 13.75, "longitude": 100.5},
            ),
            (
                [
                    {
                        "type": "template",
                        "payload": {
                            "product": {"elements": [{"id": "99", "retailer_id": "DRESS-01", "title": "Dress"}]}
                        },
                    }
                ],
                Kind.PRODUCT,
                {"product": "DRESS-01"},
            ),
        ],
    )
    def test_what_is_no_text_is_read_as_such(self, connector, attachments, kind, facts):
        (received,) = self.read(connector, self.write(self.make_message(attachments=attachments)))
        assert (kind, facts, True) == (received.kind, received.facts, received.is_answered)

    def test_a_link_is_a_text(self, connector):
        """The platform makes an attachment of the address in it."""
        fallback = [{"type": "fallback", "payload": {"url": "https://shop.example", "title": "Shop"}}]
        event = self.make_message(text="see https://shop.example", attachments=fallback)
        (received,) = self.read(connector, self.write(event))
        assert (Kind.TEXT, "see https://shop.example") == (received.kind, received.text)

    def test_words_with_a_picture_are_kept(self, connector):
        picture = [{"type": "image", "payload": {"url": "https://cdn/1"}}]
        (received,) = self.read(connector, self.write(self.make_message(text="this one?", attachments=picture)))
        assert (Kind.IMAGE, "this one?") == (received.kind, received.text)

    def test_a_question_from_a_products_page_names_it(self, connector):
        event = self.make_message(text="in red?", referral={"product": {"id": "4711"}})
        (received,) = self.read(connector, self.write(event))
        assert (Kind.PRODUCT, "4711", "in red?") == (received.kind, received.facts["product"], received.text)

    def test_a_tapped_quick_reply_is_read(self, connector):
        event = self.make_message(text="Returns", quick_reply={"payload": "/return_item"})
        (received,) = self.read(connector, self.write(event))
        assert (Kind.BUTTON, "/return_item", "Returns") == (received.kind, received.payload, received.text)

    @pytest.mark.parametrize("mid", [{}, {"mid": "m_9"}])
    def test_a_postback_is_read(self, connector, mid):
        event = self.make(postback={"title": "Returns", "payload": "/return_item", **mid})
        (received,), (again,) = (self.read(connector, self.write(event)) for _ in range(2))
        assert (Kind.BUTTON, "/return_item", "Returns") == (received.kind, received.payload, received.text)
        assert received.is_answered and received.message_id == again.message_id
        (other,) = self.read(connector, self.write({**event, "timestamp": 1458692752479}))
        assert ("mid" in event["postback"]) == (received.message_id == other.message_id)

    def test_a_long_id_is_kept_short(self, connector):
        (one,) = self.read(connector, self.write(self.make_message(mid=LONG_MID, text="a")))
        (other,) = self.read(connector, self.write(self.make_message(mid=f"{LONG_MID}x", text="a")))
        assert len(one.message_id) <= 128 and one.message_id != other.message_id

    async def test_an_echo_of_a_long_id_is_known_again(self, connector, server):
        server.break_next(status=200, body=json.dumps({"message_id": LONG_MID}).encode())
        (sent,) = await connector.send(self.make_sending(Reply("hi")))
        (echo,) = self.read(connector, self.write(self.make_echo(mid=LONG_MID)))
        assert sent == echo.message_id

    async def test_authors(self, connector):
        bodies = self.write_ignored()
        expected = {"echo": Author.AGENT, "standby": Author.SYSTEM, "taken": Author.SYSTEM, "read": Author.SYSTEM}
        assert expected == {name: self.read(connector, bodies[name])[0].author for name in expected}
        async with httpx.AsyncClient() as client:
            knowing = self.open(client, programs="17, 263902037430900")
            echoes = [self.make_echo(app_id=app) for app in (17, "263902037430900", 18)]
            authors = [received.author for received in self.read(knowing, self.write(*echoes))]
        assert [Author.BOT, Author.BOT, Author.AGENT] == authors

    def test_handovers_say_who_has_the_conversation(self, connector):
        (received,) = self.read(connector, self.write_ignored()["passed"])
        assert {"event": "pass_thread_control", "new_owner_app_id": "123"} == received.facts

    def test_notices_of_one_moment_are_each_their_own(self, connector):
        events = [self.make(delivery={"mids": [mid], "watermark": 1}) for mid in ("m_1", "m_2")]
        assert 2 == len({received.message_id for received in self.read(connector, self.write(*events))})

    # --- going out ------------------------------------------------------------------------------------------------

    async def test_a_product_is_a_card(self, connector, server):
        facts = {"product": "D", "title": "Dress " * 30, "price": "$19", "image": "https://shop.example/1.jpg"}
        facts["url"] = "https://shop.example/d"
        await connector.send(self.make_sending(Reply("Dress\n$19", ReplyKind.PRODUCT, facts=facts)))
        (element,) = server.bodies[0]["message"]["attachment"]["payload"]["elements"]
        assert ("$19", "https://shop.example/1.jpg") == (element["subtitle"], element["image_url"])
        assert {"type": "web_url", "url": "https://shop.example/d"} == element["default_action"]

    @pytest.mark.parametrize("facts", [{}, {"title": "Dress"}, {"price": "$19", "image": "https://shop.example/1.jpg"}])
    async def test_a_product_of_which_too_little_is_known_is_told(self, connector, server, facts):
        await connector.send(self.make_sending(Reply("Dress\n$19", ReplyKind.PRODUCT, facts=facts)))
        assert ["Dress\n$19"] == [shown.text for shown in server.shown]

    @pytest.mark.parametrize(
        ("granted", "author", "hours", "tagged"),
        [
            ("yes", Author.AGENT, 30, True),
            ("yes", Author.AGENT, 1, False),
            ("yes", Author.BOT, 30, False),
            ("no", Author.AGENT, 30, False),
        ],
    )
    async def test_a_person_may_write_later(self, server, granted, author, hours, tagged):
        """Only people, only where Meta has granted it, only after the window."""
        to = dataclasses.replace(self.make_address(), heard_at=NOW - datetime.timedelta(hours=hours))
        async with httpx.AsyncClient() as client:
            connector = self.open(client, url=server.base_url, human_agent=granted)
            await connector.send(self.make_sending(Reply("Hello", author=author), to=to))
        assert tagged == (server.bodies[0].get("tag") == "HUMAN_AGENT")
