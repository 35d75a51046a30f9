"""Shopee's chat: the pushes of its page, the signature as its samples make it, and a server for what is sent."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import hmac
import json
import types

import pytest

from channels.connector import Call, ConnectorSettingsError, ForgedError, SendError
from channels.shopee import ShopeeConnector
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Author, Kind, Reply
from tests.channels.selling import SellerContract
from tests.channels.shopee_server import ShopeeChatServer
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY, SHOP_ID

CALLBACK = "https://pasar.example/webhooks/shopee/testshop"
#: The samples of https://open.shopee.com/push-mechanism/5, with our shop for theirs and without the names.
TEXT = {
    "message_id": "2302748948493123953",
    "shop_id": SHOP_ID,
    "request_id": "35f9478b-7482-46eb-a268-8f828fedb673",
    "from_id": 165105353,
    "from_user_name": "buyer",
    "to_id": 947151379,
    "to_user_name": "shop",
    "message_type": "text",
    "content": {"text": "Baik kak .. 🤗"},
    "conversation_id": "709122092476686867",
    "created_timestamp": 1726044721,
    "region": "ID",
    "is_in_chatbot_session": False,
    "source_content": {},
    "quoted_msg": {"message_id": ""},
    "sub_account_id": 0,
    "sub_account_name": 0,
}
#: Of April 2025.
SHOPS = {"business_type": 0, "from_shop_id": 165103149, "to_shop_id": SHOP_ID, "status": "normal"}
ITEM = {
    "message_type": "item",
    "content": {"shop_id": 109157255, "item_id": 9112503530},
    "source_content": {"item_id": 4112503530},
}
IMAGE = {
    "message_type": "image",
    "content": {
        "url": "https://cf.shopee.vn/file/09591ecdc9f1dc7bd507817797d826fe_dynamic",
        "thumb_url": "b9591ecdc9f1dc7bd507817797d826fe_dynamic_tn",
        "thumb_height": 711,
        "thumb_width": 400,
        "file_server_id": 0,
    },
}
VIDEO = {"message_type": "video", "content": {"video_url": "cf03c9e1fe2c0992cdb51c3cb6eab2bd", "duration_seconds": 15}}
LIVE_AGENT = {"message_type": "faq_liveagent", "content": {"text": "Chat dengan Penjual", "pass_through_data": ""}}
NOTIFICATION = {
    "msg_id": None,
    "data": {
        "type": "notification",
        "region": "PH",
        "content": {
            "user_id": 12252079,
            "conversation_id": "4670954831706433",
            "type": "mark_as_replied",
            "content": {"conversation_id": "4670954310906433"},
            "timestamp": 1719883961,
            "msg_id": 0,
            "biz_id": 0,
            "from_id": 0,
        },
    },
}


def write(*changes, shop_id=SHOP_ID, code=10):
    content = {**TEXT, **SHOPS}
    for change in changes:
        content |= change
    return pack({name: value for name, value in content.items() if value is not ...}, shop_id, code)


def pack(content, shop_id=SHOP_ID, code=10):
    data = {"type": "message", "region": "ID", "content": content}
    push = {"msg_id": "", "data": data, "shop_id": shop_id, "code": code, "timestamp": 1726044722}
    return json.dumps(push, ensure_ascii=False).encode()


def fail(code, message="told by Shopee", **fault):
    return {"body": json.dumps({"error": code, "message": message, "request_id": "1f34"}).encode(), **fault}


class TestShopee(SellerContract):
    connector_class = ShopeeConnector
    settings = types.MappingProxyType(
        {"partner_id": str(PARTNER_ID), "partner_key": PARTNER_KEY, "shop_id": str(SHOP_ID), "callback": CALLBACK}
    )
    errors = (
        *SellerContract.errors,
        (fail("error_param"), {"permanent": True}),
        (fail("error_permission", status=403), {"permanent": True}),
        (fail("error_auth", "Invalid partner_id or shopid."), {"permanent": True}),
        (fail("error_server"), {"permanent": False, "uncertain": True}),
        (fail("error_rate_limit"), {"permanent": False, "uncertain": False}),
        (
            fail("error_x", status=429, headers={"Retry-After": "3"}),
            {"permanent": False, "after": 3.0, "uncertain": False},
        ),
        ({"body": b"<html>"}, {"permanent": False, "uncertain": True}),
    )
    token_refusal = types.MappingProxyType(fail("invalid_acceess_token", "Invalid access_token, please have a check."))
    product, order = "9112503530", "220818EGS328B9"

    def make_server(self):
        return ShopeeChatServer()

    def make_token(self, server):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=4)
        return Token(*(server.issue() if server else ("access", "refresh")), until)

    def count_renewals(self, server):
        return server.renewals

    def end_token(self, server, tokens):
        server.access = dict.fromkeys(server.access, 0.0)

    def make_address(self):
        return dataclasses.replace(super().make_address(), thread=TEXT["conversation_id"], buyer="165105353")

    def sign(self, body, sent_at):
        # As the samples of https://open.shopee.com/developer-guide/18 do it.
        digest = hmac.new(PARTNER_KEY.encode(), f"{CALLBACK}|".encode() + body, hashlib.sha256).hexdigest()
        return Call("POST", "http://10.0.0.7:5005/webhooks/shopee/testshop", {"authorization": digest}, body)

    def write_text(self, text, message_id):
        return write({"content": {"text": text}, "message_id": message_id})

    def write_own(self, sent, message_id):
        own = {"from_shop_id": SHOP_ID, "to_shop_id": 165103149, "from_id": 947151379, "to_id": 165105353}
        return write(own, {"content": {"text": sent}, "message_id": message_id})

    def write_ignored(self):
        return {
            "shop's side": self.write_own("hello", "1"),
            "automatic reply": write({"status": "auto_reply", "from_shop_id": SHOP_ID}),
            "reply out of hours": write({"status": "offwork_autoreply", "from_shop_id": SHOP_ID}),
            "affiliate": write({"business_type": 11}),
            "Shopee's chatbot": write({"is_in_chatbot_session": True}),
            "blocked": write({"status": "blocked"}),
            "censored": write({"status": "censored_blacklist"}),
            "bundle": write(
                {"message_type": "bundle_message", "content": {"messages": ["1"], "shopee_chatbot_replied": True}}
            ),
            "unknown type": write({"message_type": "hologram", "content": {}}),
            "notification": json.dumps({**NOTIFICATION, "shop_id": SHOP_ID, "code": 10}).encode(),
            "notification as on the page": json.dumps(NOTIFICATION).encode(),
            "order": write(code=3),
            "test of the console": json.dumps({"code": 0, "data": {}, "timestamp": 1}).encode(),
            "another shop": write(shop_id=947042923),
            "the page's own sample of a text": write({"from_shop_id": ..., "to_shop_id": ..., "shop_id": 165103149}),
            "a sub-account of before 2025": write({"from_shop_id": ..., "to_shop_id": ..., "sub_account_id": 77}),
        }

    async def test_published_signatures(self, connector):
        """None is published; the construction is checked against the wrong ones that come to mind."""
        body = write()
        for url, key in ((CALLBACK + "/", PARTNER_KEY), ("", PARTNER_KEY), (CALLBACK, PARTNER_KEY + "0")):
            digest = hmac.new(key.encode(), f"{url}|".encode() + body, hashlib.sha256).hexdigest()
            with pytest.raises(ForgedError):
                connector.verify(Call("POST", url, {"authorization": digest}, body))
        connector.verify(self.sign(body, None))

    # --- what only Shopee has -----------------------------------------------------------------------------------

    def test_a_key_of_its_own_for_pushes(self, connector):
        other = self.open(connector.client, push_key="another")
        body = write()
        digest = hmac.new(b"another", f"{CALLBACK}|".encode() + body, hashlib.sha256).hexdigest()
        other.verify(Call("POST", CALLBACK, {"authorization": digest}, body))
        with pytest.raises(ForgedError):
            other.verify(self.sign(body, None))

    @pytest.mark.parametrize(("setting", "value"), [("partner_id", "x"), ("shop_id", "-1"), ("shop_id", "١٢")])
    def test_numbers_must_be_digits(self, connector, setting, value):
        with pytest.raises(ConnectorSettingsError, match=f"testshop: {setting}"):
            self.open(connector.client, **{setting: value})

    def test_the_sample_of_the_page(self, connector):
        (received,) = self.read(connector, write())
        assert ("2302748948493123953", "709122092476686867", "165105353", "Baik kak .. 🤗", "buyer") == (
            received.message_id,
            received.thread,
            received.buyer,
            received.text,
            received.name,
        )
        assert datetime.datetime(2024, 9, 11, 8, 52, 1, tzinfo=datetime.timezone.utc) == received.sent_at

    def test_ids_of_64_bits_keep_their_digits(self, connector):
        """Where they come as numbers, a float would lose the last ones."""
        body = write({"message_id": 2434129165249003889, "conversation_id": 709122092476686867})
        (received,) = self.read(connector, body)
        assert ("2434129165249003889", "709122092476686867") == (received.message_id, received.thread)

    @pytest.mark.parametrize("before", [{}, {"from_shop_id": ..., "to_shop_id": ..., "status": ...}])
    @pytest.mark.parametrize(
        ("message", "kind", "text", "facts"),
        [
            (ITEM, Kind.PRODUCT, "", {"product": "9112503530"}),
            (IMAGE, Kind.IMAGE, "", {"url": "https://cf.shopee.vn/file/09591ecdc9f1dc7bd507817797d826fe_dynamic"}),
            (VIDEO, Kind.VIDEO, "", {"media_id": "cf03c9e1fe2c0992cdb51c3cb6eab2bd"}),
            (LIVE_AGENT, Kind.TEXT, "Chat dengan Penjual", {}),
            (
                {**LIVE_AGENT, "source_content": {"order_sn": "220818EGS328B9"}},
                Kind.ORDER,
                "",
                {"order_id": "220818EGS328B9"},
            ),
            ({**LIVE_AGENT, "source_content": {"item_id": 4112503530}}, Kind.PRODUCT, "", {"product": "4112503530"}),
            ({"message_type": "order", "content": {"order_sn": "2408"}}, Kind.ORDER, "", {"order_id": "2408"}),
            ({"message_type": "sticker", "content": {"sticker_id": "0007"}}, Kind.STICKER, "", {"sticker": "0007"}),
            ({"source_content": {"order_sn": "2408"}}, Kind.TEXT, "Baik kak .. 🤗", {"order_id": "2408"}),
        ],
    )
    def test_the_pages_other_samples(self, connector, before, message, kind, text, facts):
        (received,) = self.read(connector, write(before, message))
        assert (kind, text, facts, True) == (received.kind, received.text, received.facts, received.is_answered)

    @pytest.mark.parametrize("sender", [0, 165103149, ...])
    def test_a_buyer_may_have_a_shop(self, connector, sender):
        (received,) = self.read(connector, write({"from_shop_id": sender}))
        assert Author.BUYER is received.author

    def test_the_shops_side_writes_to_the_buyer(self, connector):
        (received,) = self.read(connector, self.write_own("hello", "1"))
        assert ("165105353", "") == (received.buyer, received.name)

    def test_it_is_acknowledged_with_nothing(self, connector):
        answer = connector.acknowledge(self.sign(write(), None))
        assert (200, b"") == (answer.status, answer.body)

    async def test_a_buyer_without_a_number_cannot_be_written_to(self, connector, server):
        to = dataclasses.replace(self.make_address(), buyer="buyer-1")
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("a"), to=to))
        assert (True, []) == (caught.value.permanent, server.seen)

    async def test_the_buyer_is_written_to(self, connector, server):
        (named,) = await connector.send(self.make_sending(Reply("a")))
        assert ("165105353", "2302748948493123953") == (server.shown[0].thread, named)

    async def test_a_buyer_is_known_by_the_id_of_her_orders(self, connector):
        (received,) = self.read(connector, write())
        assert "165105353" == await connector.identify(received)

    # --- pushes that were lost ----------------------------------------------------------------------------------

    async def recover(self, connector, kept=None):
        kept = [] if kept is None else kept

        async def accept(messages):
            kept.extend(messages)

        await connector.recover(accept)
        return kept

    async def test_lost_messages_are_found_again(self, connector, server):
        for number in range(230):
            server.lose(self.write_text(f"line {number}", f"m-{number}"))
        kept = await self.recover(connector)
        assert [f"line {number}" for number in range(230)] == [received.text for received in kept]
        assert ([176_709, 176_809, 176_839], []) == (server.confirmed, server.lost)
        assert 0 == server.forged

    async def test_they_are_those_that_a_push_would_have_brought(self, connector, server):
        server.lose(write())
        assert self.read(connector, write()) == await self.recover(connector)

    async def test_nothing_lost_confirms_nothing(self, connector, server):
        assert [] == await self.recover(connector)
        assert [] == server.confirmed

    @pytest.mark.parametrize("other", [write(code=3), write(shop_id=947042923), b"no JSON", b"{}"])
    async def test_what_is_for_others_is_not_confirmed(self, connector, server, other):
        """An order's push, another shop's: whoever reads those must find them still there."""
        server.lose(self.write_text("ours", "m-1"))
        server.lose(other)
        kept = await self.recover(connector)
        assert ["ours"] == [received.text for received in kept]
        assert (2, []) == (len(server.lost), server.confirmed)

    async def test_what_was_not_kept_is_not_confirmed(self, connector, server):
        server.lose(write())

        async def accept(messages):
            raise OSError("the database is gone")

        with pytest.raises(OSError, match="database"):
            await connector.recover(accept)
        assert [] == server.confirmed

    async def test_one_that_cannot_be_read_holds_up_nothing(self, connector, server):
        server.lose(write({"message_id": ...}))
        server.lose(self.write_text("ours", "m-1"))
        kept = await self.recover(connector)
        assert (["ours"], [176_611]) == ([received.text for received in kept], server.confirmed)

    @pytest.mark.parametrize("page", [{"push_message_list": 1}, {"push_message_list": [1]}, {"has_next_page": "x"}])
    async def test_a_page_that_is_not_as_told(self, connector, server, page):
        server.break_next(body=json.dumps({"error": "", "response": page}).encode())
        with pytest.raises(SendError, match="lost pushes"):
            await self.recover(connector)

    async def test_a_notification_among_them_is_ours_to_confirm(self, connector, server):
        server.lose(json.dumps({**NOTIFICATION, "shop_id": SHOP_ID, "code": 10}).encode())
        assert [] == await self.recover(connector)
        assert [176_610] == server.confirmed

    @pytest.mark.parametrize("fault", [{"status": 500}, fail("error_server"), fail("error_sign"), {"body": b"["}])
    async def test_a_refusal_is_told(self, connector, server, fault):
        server.lose(write())
        server.break_next(**fault)
        with pytest.raises(SendError):
            await self.recover(connector)
        assert [] == server.confirmed
