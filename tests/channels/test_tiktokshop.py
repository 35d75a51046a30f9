"""TikTok Shop's chat: its published signature, its own examples, and a server that behaves as its pages say."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import hmac
import json
import time
import types

import pytest

from channels.connector import Call, SendError
from channels.tiktokshop import TikTokShopConnector
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Author, Kind, Reply, ReplyKind
from tests.channels.contract import Vector
from tests.channels.selling import PICTURE_URL, SellerContract
from tests.channels.tiktokshop_server import TikTokShopChatServer
from tests.commerce.platforms.tiktokshop.server import APP_KEY, APP_SECRET, CIPHER, SHOP_ID

#: The example of https://partner.tiktokshop.com/docv2/page/14-new-message
EXAMPLE = {
    "type": 14,
    "tts_notification_id": "7327112393057371910",
    "shop_id": "7494049642642441621",
    "timestamp": 1644412885,
    "data": {
        "content": '{"content":"444"}',
        "conversation_id": "710688832392260838",
        "create_time": 1681790246,
        "is_visible": True,
        "message_id": "722323407926368819",
        "index": "7494560109732334274",
        "type": "TEXT",
        "sender": {"im_user_id": "707885565181165594", "role": "BUYER"},
    },
}
#: The body that the webhooks' overview signs.
SIGNED = (
    b'{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,'
    b'"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}'
)


def write(**data):
    return json.dumps({**EXAMPLE, "data": {**EXAMPLE["data"], **data}}, ensure_ascii=False).encode()


def write_content(kind, role="BUYER", **content):
    sender = {"im_user_id": "707885565181165594", "role": role}
    return write(type=kind, content=json.dumps(content, ensure_ascii=False), sender=sender)


def fail(code, message="told by TikTok", **fault):
    body = {"code": code, "message": message, "request_id": "2022030707", "data": {}}
    return {"body": json.dumps(body).encode(), **fault}


class TestTikTokShop(SellerContract):
    connector_class = TikTokShopConnector
    settings = types.MappingProxyType(
        {"app_key": APP_KEY, "app_secret": APP_SECRET, "shop_cipher": CIPHER, "shop_id": SHOP_ID}
    )
    # The official golden vector of "TTS Webhooks Overview"
    vectors = (
        Vector(
            {"app_key": "abcdef", "app_secret": "123"},
            Call(
                "POST",
                "",
                {"authorization": "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"},
                SIGNED,
            ),
        ),
    )
    errors = (
        *SellerContract.errors,
        (fail(45101006), {"permanent": True}),
        (fail(45109001, status=400), {"permanent": True}),
        (fail(45101004), {"permanent": False, "after": 3600.0, "uncertain": False}),
        (fail(36009002), {"permanent": False, "after": None, "uncertain": False}),
        (
            fail(36009002, status=429, headers={"Retry-After": "3"}),
            {"permanent": False, "after": 3.0, "uncertain": False},
        ),
        (fail(36009003), {"permanent": False, "uncertain": True}),
        (fail(45102007), {"permanent": False, "uncertain": False}),
        (fail(101000, status=429), {"permanent": False, "uncertain": False}),
        ({"body": b"<html>"}, {"permanent": False, "uncertain": True}),
        ({"body": b'{"code": {}}'}, {"permanent": True}),
    )
    token_refusal = types.MappingProxyType(fail(105002, "Expired credentials."))
    product, order = "7494560109732334265", "576653688135258178"

    def make_server(self):
        return TikTokShopChatServer()

    def make_token(self, server):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=7)
        return Token("TTP_access_1", "TTP_refresh_1", until)

    def count_renewals(self, server):
        return server.refreshes

    def end_token(self, server, tokens):
        server.tokens["TTP_access_1"] = time.time() - 1

    def make_address(self):
        return dataclasses.replace(super().make_address(), thread="710688832392260838")

    def sign(self, body, sent_at):
        digest = hmac.new(APP_SECRET.encode(), APP_KEY.encode() + body, hashlib.sha256).hexdigest()
        return Call("POST", self.url, {"authorization": digest}, body)

    def write_text(self, text, message_id):
        return write(content=json.dumps({"content": text}, ensure_ascii=False), message_id=message_id)

    def write_own(self, sent, message_id):
        content = json.dumps({"content": sent}, ensure_ascii=False)
        return write(content=content, message_id=message_id, sender={"im_user_id": "1", "role": "CUSTOMER_SERVICE"})

    def write_ignored(self):
        return {
            "agent": self.write_own("hello", "1"),
            "automatic reply": write_content("TEXT", "SHOP", content="Welcome"),
            "chat bot": write_content("TEXT", "ROBOT", content="Welcome"),
            "system": write_content("TEXT", "SYSTEM", content="Rate us"),
            "unknown role": write_content("TEXT", "GHOST", content="Rate us"),
            "not to be shown": write(is_visible=False),
            "agent joins": write_content("ALLOCATED_SERVICE", content="Rina joined"),
            "notice": write_content("NOTIFICATION", content="Closed"),
            "transfer": write_content("BUYER_ENTER_FROM_TRANSFER", content="Transferred"),
            "coupon": write_content("COUPON_CARD", coupon_id="7262992004278206762"),
            "other": write_content("OTHER", content="?"),
            "unknown type": write(type="HOLOGRAM", content="not even JSON"),
            "new conversation": json.dumps({**EXAMPLE, "type": 13, "data": {"conversation_id": "1"}}).encode(),
            "order": SIGNED,
            "another shop": json.dumps({**EXAMPLE, "shop_id": "1"}).encode(),
        }

    # --- what only TikTok Shop has ------------------------------------------------------------------------------

    def test_the_example_of_the_page(self, connector):
        (received,) = self.read(connector, json.dumps(EXAMPLE).encode())
        assert ("722323407926368819", "710688832392260838", "707885565181165594", "444") == (
            received.message_id,
            received.thread,
            received.buyer,
            received.text,
        )
        assert datetime.datetime(2023, 4, 18, 3, 57, 26, tzinfo=datetime.timezone.utc) == received.sent_at

    @pytest.mark.parametrize(
        ("kind", "content", "expected", "facts"),
        [
            (
                "IMAGE",
                {"height": "290", "url": "https://tosv.boei18n.byted.org/obj/temai-im/Fszk", "width": "304"},
                Kind.IMAGE,
                {"url": "https://tosv.boei18n.byted.org/obj/temai-im/Fszk"},
            ),
            (
                "VIDEO",
                {"url": "https://video.example/1", "vid": "v0e30cg700f7cgcmu8jc77u9e2bdp95g", "duration": "20.504"},
                Kind.VIDEO,
                {"url": "https://video.example/1", "media_id": "v0e30cg700f7cgcmu8jc77u9e2bdp95g"},
            ),
            ("PRODUCT_CARD", {"product_id": "12345"}, Kind.PRODUCT, {"product": "12345"}),
            ("BUYER_ENTER_FROM_PRODUCT", {"product_id": "12345"}, Kind.PRODUCT, {"product": "12345"}),
            ("ORDER_CARD", {"order_id": "12345"}, Kind.ORDER, {"order_id": "12345"}),
            ("BUYER_ENTER_FROM_ORDER", {"order_id": "12345"}, Kind.ORDER, {"order_id": "12345"}),
            ("RETURN_REFUND_CARD", {"order_id": "12345", "sku_id": "45678"}, Kind.ORDER, {"order_id": "12345"}),
            ("ORDER_CARD", {"order_id": 576653688135258178}, Kind.ORDER, {"order_id": "576653688135258178"}),
            ("EMOTICONS", {"content": "[smile]"}, Kind.STICKER, {"sticker": "[smile]"}),
            ("EMOTICONS", {"shape": "of their own"}, Kind.STICKER, {}),
        ],
    )
    def test_what_is_no_text_is_read_as_such(self, connector, kind, content, expected, facts):
        (received,) = self.read(connector, write_content(kind, **content))
        assert (expected, facts, True) == (received.kind, received.facts, received.is_answered)

    @pytest.mark.parametrize(
        ("role", "author"),
        [
            ("BUYER", Author.BUYER),
            ("CUSTOMER_SERVICE", Author.AGENT),
            ("SHOP", Author.SYSTEM),
            ("SYSTEM", Author.SYSTEM),
            ("ROBOT", Author.BOT),
        ],
    )
    def test_authors(self, connector, role, author):
        (received,) = self.read(connector, write_content("TEXT", role, content="hello"))
        assert (author, "707885565181165594" if author is Author.BUYER else "") == (received.author, received.buyer)

    def test_a_persons_coupon_is_a_persons(self, connector):
        (received,) = self.read(connector, write_content("COUPON_CARD", "CUSTOMER_SERVICE", coupon_id="1"))
        assert Author.AGENT is received.author

    async def test_her_messages_are_marked_as_read_once_a_turn(self, connector, server):
        """Two answers to one message, then one to her next."""
        for text in ("a", "b"):
            await connector.send(self.make_sending(Reply(text)))
        later = dataclasses.replace(self.make_address(), heard_at=datetime.datetime.now(datetime.timezone.utc))
        await connector.send(self.make_sending(Reply("c"), to=later))
        assert ["710688832392260838"] * 2 == server.read
        paths = [seen.path.rpartition("/")[2] for seen in server.seen]
        assert ["read", "messages", "messages", "read", "messages"] == paths

    async def test_a_message_unasked_marks_nothing_as_read(self, connector, server):
        to = dataclasses.replace(self.make_address(), heard_at=None)
        await connector.send(self.make_sending(Reply("Your order was sent"), to=to))
        assert ([], 1) == (server.read, len(server.shown))

    async def test_an_answer_does_not_wait_for_the_read_receipt(self, connector, server):
        server.break_next(status=500)
        await connector.send(self.make_sending(Reply("a")))
        await connector.send(self.make_sending(Reply("b")))
        assert (["a", "b"], 1) == ([shown.text for shown in server.shown], len(server.read))

    async def test_the_days_calls_are_spent(self, connector, server):
        server.quota = 3
        await connector.send(self.make_sending(Reply("a")))
        await connector.send(self.make_sending(Reply("b")))
        with pytest.raises(SendError, match="45101004") as caught:
            await connector.send(self.make_sending(Reply("c")))
        assert (False, 3600.0) == (caught.value.permanent, caught.value.after)

    @pytest.mark.parametrize(
        "reply",
        [
            Reply("Sudah dikirim 🚚\n"),
            Reply("x", ReplyKind.PRODUCT, facts={"product": "7494560109732334265"}),
            Reply("x", ReplyKind.ORDER, facts={"order_id": "576653688135258178"}),
        ],
    )
    async def test_a_message_whose_answer_was_lost_is_shown_once(self, connector, server, reply):
        sending = self.make_sending(reply)
        await connector.send(dataclasses.replace(sending, replies=(Reply("before"),)))
        server.break_next(drop=True)
        with pytest.raises(SendError) as caught:
            await connector.send(sending)
        assert caught.value.uncertain
        (named,) = await connector.send(dataclasses.replace(sending, attempt=2, uncertain=True))
        assert (2, server.messages["710688832392260838"][0]["id"]) == (len(server.shown), named)

    async def test_a_message_that_was_not_taken_is_sent_again(self, connector, server):
        sending = dataclasses.replace(self.make_sending(Reply("a")), attempt=2, uncertain=True)
        await connector.send(sending)
        assert ["a"] == [shown.text for shown in server.shown]

    async def test_an_older_message_of_the_same_words_is_not_taken_for_it(self, connector, server):
        await connector.send(self.make_sending(Reply("a")))
        server.messages["710688832392260838"][0]["create_time"] -= 3600
        await connector.send(dataclasses.replace(self.make_sending(Reply("a")), attempt=2, uncertain=True))
        assert ["a", "a"] == [shown.text for shown in server.shown]

    async def test_while_it_is_not_known_nothing_is_sent(self, connector, server):
        """The question itself failed: the outbox must go on not to know."""
        await connector.send(self.make_sending(Reply("first")))
        server.break_next(times=9, **fail(45101003))
        with pytest.raises(SendError) as caught:
            await connector.send(dataclasses.replace(self.make_sending(Reply("a")), attempt=2, uncertain=True))
        assert (False, True, 1) == (caught.value.permanent, caught.value.uncertain, len(server.shown))

    @pytest.mark.parametrize("history", ["no list", [{}], [{"create_time": "x"}], {"a": 1}])
    async def test_a_history_that_cannot_be_read_is_no_crash(self, connector, server, history):
        server.next_answers = [(0, "Success", {}), (0, "Success", {"messages": history})]
        await connector.send(dataclasses.replace(self.make_sending(Reply("a")), attempt=2, uncertain=True))
        assert ["a"] == [shown.text for shown in server.shown]

    @pytest.mark.parametrize("data", [None, [], {}, {"url": "https://x"}, {"url": 1, "width": 1, "height": 1}])
    async def test_an_upload_that_is_not_as_told(self, connector, server, data):
        answered = fail(0)
        server.break_next(status=500)
        server.break_next(body=json.dumps({**json.loads(answered["body"]), "data": data}).encode())
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": PICTURE_URL})))
        assert (False, []) == (caught.value.uncertain, server.shown)

    async def test_what_may_not_be_said_is_final(self, connector, server):
        with pytest.raises(SendError, match="45101006") as caught:
            await connector.send(self.make_sending(Reply("a weapon")))
        assert caught.value.permanent

    # --- who she is -----------------------------------------------------------------------------------------------

    def make_conversation(self, named, *participants):
        people = [{"im_user_id": f"im-{user}", "user_id": user, "role": role} for user, role in participants]
        return {"id": named, "participants": people, "can_send_message": True}

    async def test_a_buyer_is_known_by_the_id_of_her_orders(self, connector, server):
        """Not by im_user_id, which no order has; asked once."""
        others = [self.make_conversation(str(number), (f"user-{number}", "BUYER")) for number in range(25)]
        hers = self.make_conversation("710688832392260838", ("shop", "SHOP"), ("7494560109732334262", "BUYER"))
        server.conversations = [*others, hers]
        (received,) = self.read(connector, json.dumps(EXAMPLE).encode())
        assert ["7494560109732334262"] * 2 == [await connector.identify(received) for _ in range(2)]
        assert 2 == len(server.calls("/conversations"))

    @pytest.mark.parametrize("people", [(), (("a", "SHOP"),), (("a", "BUYER"), ("b", "BUYER"))])
    async def test_who_is_not_told_is_nobody(self, connector, server, people):
        server.conversations = [self.make_conversation("710688832392260838", *people)]
        (received,) = self.read(connector, json.dumps(EXAMPLE).encode())
        assert "" == await connector.identify(received)

    async def test_a_conversation_that_is_not_there_is_nobodys(self, connector, server):
        server.conversations = [self.make_conversation(str(number), ("a", "BUYER")) for number in range(100)]
        (received,) = self.read(connector, json.dumps(EXAMPLE).encode())
        assert ("", 3) == (await connector.identify(received), len(server.calls("/conversations")))

    @pytest.mark.parametrize("conversations", ["x", [1], [{"id": None}], [{"id": "710688832392260838"}]])
    async def test_conversations_that_are_not_as_told(self, connector, server, conversations):
        server.next_answers = [(0, "Success", {"conversations": conversations})]
        (received,) = self.read(connector, json.dumps(EXAMPLE).encode())
        with pytest.raises(SendError, match="conversations"):
            await connector.identify(received)
