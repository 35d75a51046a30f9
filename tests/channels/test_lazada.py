"""Lazada's chat: its published signature, the message of its page, and a server that behaves as its pages say."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import hmac
import json
import types

import pytest

from channels.connector import Account, Call, ConnectorSettingsError
from channels.lazada import LazadaConnector
from pasar.commerce.platforms.lazada.ventures import VENTURES
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Author, Kind, Reply, ReplyKind
from tests.channels.contract import Vector
from tests.channels.lazada_server import LazadaChatServer
from tests.channels.selling import PICTURE_URL, SellerContract
from tests.commerce.platforms.lazada_server import APP_KEY, APP_SECRET

SELLER = "20240305"
#: The example of https://open.lazada.com/apps/doc/doc?nodeId=29537&docId=121553
DATA = {
    "session_id": "100094063_2_1011822749_1_103",
    "message_id": "1zYOS7N0cuIqw96026",
    "content": '{"txt":"hello world!"}',
    "from_account_id": "1891549323",
    "from_account_type": 1,
    "send_time": 1596550789323,
    "template_id": 1,
    "to_account_id": "231135951",
    "to_account_type": 1,
    "type": 1,
    "site_id": "SG",
    "process_msg": "",
    "auto_reply": False,
    "status": 0,
}


def write(kind=2, seller=20240305, **data):
    push = {"data": {**DATA, **data}, "seller_id": seller, "message_type": kind}
    return json.dumps(push, ensure_ascii=False).encode()


def write_content(template, **content):
    return write(template_id=template, content=json.dumps(content, ensure_ascii=False))


def fail(code, message="told by Lazada", **fault):
    body = {"code": code, "type": "ISV", "message": message, "request_id": "0ba2"}
    return {"body": json.dumps(body).encode(), **fault}


class TestLazada(SellerContract):
    connector_class = LazadaConnector
    settings = types.MappingProxyType({"app_key": APP_KEY, "app_secret": APP_SECRET, "seller_id": SELLER})
    # The Java sample of "Lazada Push Mechanism" (docId=120168): signed as it stands there, dots and all.
    vectors = (
        Vector(
            {"app_key": "123456", "app_secret": "3412gyo124goi3124"},
            Call(
                "POST",
                "",
                {"authorization": "f3d2ca947f16a50b577c036adecd18bec126ea19cadedd59816e255d3b6104ab"},
                b'{"seller_id":"1234567", "message_type":0, "data":{...}..}',
            ),
        ),
    )
    errors = (
        *SellerContract.errors,
        (fail("MissingParameter"), {"permanent": True}),
        (fail("InsufficientPermission", status=403), {"permanent": True}),
        (fail("ApiCallLimit", "the ban will last 7 seconds"), {"permanent": False, "after": 7.0, "uncertain": False}),
        (fail("ServiceTimeout"), {"permanent": False, "uncertain": True}),
        ({"body": b'{"code": "0", "err_code": "1001", "err_message": "x", "success": false}'}, {"permanent": True}),
        ({"body": b'{"err_code": "1001"}'}, {"permanent": True}),
        ({"body": b'{"code": "0", "success": false}'}, {"permanent": True}),
        ({"body": b"{}", "status": 429}, {"permanent": False, "uncertain": False}),
        ({"body": b'{"code": "0"}', "status": 502}, {"permanent": False, "uncertain": True}),
        ({"body": b"<html>"}, {"permanent": False, "uncertain": True}),
        ({"body": b"[]"}, {"permanent": False, "uncertain": True}),
    )
    token_refusal = types.MappingProxyType(
        fail("IllegalAccessToken", "The specified access token is invalid or expired")
    )
    product, order = "170080044", "8891312920166"

    def make_server(self):
        return LazadaChatServer()

    def make_token(self, server):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=10)
        return Token("access-1", "refresh-1", until)

    def count_renewals(self, server):
        return server.refreshes

    def end_token(self, server, tokens):
        server.tokens.clear()

    def open(self, client, **settings):
        url = {"url": settings["url"] + "/rest"} if "url" in settings else {}
        return super().open(client, **{"country": "SG", **settings, **url})

    def make_address(self):
        return dataclasses.replace(super().make_address(), thread=DATA["session_id"], buyer="1891549323")

    def sign(self, body, sent_at):
        digest = hmac.new(APP_SECRET.encode(), APP_KEY.encode() + body, hashlib.sha256).hexdigest()
        return Call("POST", self.url, {"authorization": digest}, body)

    def write_text(self, text, message_id):
        return write(content=json.dumps({"txt": text}, ensure_ascii=False), message_id=message_id)

    def write_own(self, sent, message_id):
        own = {"from_account_type": 2, "from_account_id": "231135951", "to_account_id": "1891549323"}
        return write(content=json.dumps({"txt": sent}, ensure_ascii=False), message_id=message_id, **own)

    def write_ignored(self):
        return {
            "seller": self.write_own("hello", "1"),
            "automatic reply": write(auto_reply=True),
            "blocked": write(process_msg="This message has not passed"),
            "system": write(type=2),
            "unknown author": write(from_account_type=3),
            "taken back": write(status=1),
            "system's text": write(template_id=2),
            "voucher": write(template_id=10008, content='{"promotionId": 1}'),
            "unknown template": write(template_id=424242, content="not even JSON"),
            "session": json.dumps({"data": {"session_id": "1"}, "seller_id": 20240305, "message_type": 19}).encode(),
            "order": write(kind=0),
            "another seller": write(seller=1),
        }

    # --- what only Lazada has -----------------------------------------------------------------------------------

    def test_the_country_must_be_lazadas(self, connector):
        settings = {**self.settings, "country": "SG"}
        for country in ({}, {"country": "FR"}):
            with pytest.raises(ConnectorSettingsError, match="testshop: country"):
                self.connector_class(
                    Account("testshop", "stylehub", {**settings, "country": "", **country}), connector.client
                )

    def test_the_example_of_the_page(self, connector):
        (received,) = self.read(connector, write())
        assert ("1zYOS7N0cuIqw96026", "100094063_2_1011822749_1_103", "1891549323", "hello world!", {"site": "SG"}) == (
            received.message_id,
            received.thread,
            received.buyer,
            received.text,
            received.facts,
        )
        expected = datetime.datetime(2020, 8, 4, 14, 19, 49, 323000, tzinfo=datetime.timezone.utc)
        assert expected == received.sent_at

    @pytest.mark.parametrize(
        ("template", "content", "kind", "facts"),
        [
            (
                3,
                {"imgUrl": "https://sg-live-02.slatic.net/p/1.jpg", "width": 100, "height": 100, "osskey": "k"},
                Kind.IMAGE,
                {"url": "https://sg-live-02.slatic.net/p/1.jpg"},
            ),
            (4, {"txt": "[smile]"}, Kind.STICKER, {"sticker": "[smile]"}),
            (6, {"of": "its own"}, Kind.VIDEO, {}),
            (
                10006,
                {"actionUrl": "https://www.lazada.sg/products/-i170080044-s208990041.html", "title": "Shirt", "price": "9"},
                Kind.PRODUCT,
                {
                    "url": "https://www.lazada.sg/products/-i170080044-s208990041.html",
                    "title": "Shirt",
                    "product": "170080044",
                },
            ),
            (10006, {"itemId": 170080044}, Kind.PRODUCT, {"product": "170080044"}),
            (10006, {"actionUrl": "https://s.lazada.sg/s.abc-i", "title": "Shirt"}, Kind.PRODUCT, {
                "url": "https://s.lazada.sg/s.abc-i", "title": "Shirt"}),
            (10007, {"orderId": "8891312920166", "status": "Paid"}, Kind.ORDER, {"order_id": "8891312920166"}),
            (10007, {"orderId": 8891312920166}, Kind.ORDER, {"order_id": "8891312920166"}),
        ],
    )  # fmt: skip
    def test_what_is_no_text_is_read_as_such(self, connector, template, content, kind, facts):
        (received,) = self.read(connector, write_content(template, **content))
        assert (kind, {"site": "SG", **facts}, True) == (received.kind, received.facts, received.is_answered)

    def test_a_message_that_is_taken_back_is_told_apart(self, connector):
        """It has the id of the first, which would drop it unseen."""
        (first,), (again,) = (self.read(connector, write(status=status)) for status in (0, 1))
        assert (first.message_id, Kind.OTHER, Author.SYSTEM, "") == (
            again.facts["recalled"],
            again.kind,
            again.author,
            again.text,
        )
        assert first.message_id != again.message_id and first.conversation_id == again.conversation_id

    def test_a_number_in_a_text_will_do(self, connector):
        (received,) = self.read(
            connector, write(template_id="1", type="1", from_account_type="1", send_time="1596550789323")
        )
        assert received.is_answered

    def test_our_own_blocked_message_is_no_persons(self, connector):
        (received,) = self.read(connector, write(from_account_type=2, process_msg="xxxx"))
        assert Author.SYSTEM is received.author

    async def test_a_buyer_is_not_vouched_for(self, connector):
        (received,) = self.read(connector, write())
        assert "" == await connector.identify(received)

    async def test_what_is_long_stands_in_the_body(self, connector, server):
        """No address carries a thousand Thai characters."""
        text = "ก" * 1000
        await connector.send(self.make_sending(Reply(text)))
        (seen,) = server.calls("/im/message/send")
        assert ("POST", False, 0) == (seen.method, "txt" in seen.query, server.forged)
        assert [text] == [shown.text for shown in server.shown]

    async def test_blanks_and_signs_are_signed_as_they_are_sent(self, connector, server):
        text = "a=b&c=d + 50% é 🚚\n+"
        await connector.send(self.make_sending(Reply(text)))
        assert ([text], 0) == ([shown.text for shown in server.shown], server.forged)

    async def test_a_picture_has_its_address_and_size(self, connector, server):
        await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": PICTURE_URL})))
        (seen,) = server.calls("/im/message/send")
        assert b"img_url=https%3A%2F%2Fshop.example%2Fshirt.jpg&width=320&height=240" in seen.body

    async def test_an_answer_without_the_gateways_code_is_one(self, connector, server):
        server.wants_code = False
        assert ["23hR7YH0BtkiN00001"] == await connector.send(self.make_sending(Reply("a")))

    @pytest.mark.parametrize(("site", "country"), [("TH", "TH"), ("", "SG"), ("XX", "SG")])
    async def test_a_session_is_answered_in_its_country(self, connector, site, country, monkeypatch):
        """A seller may have several, under one authorisation."""
        own = LazadaConnector(
            Account("testshop", "stylehub", {**self.settings, "country": "SG"}), connector.client, self.tokens_in_use
        )
        asked = []

        async def ask(method, url, auth, **content):
            asked.append(url)
            raise RuntimeError

        monkeypatch.setattr(own, "ask", ask)
        with pytest.raises(RuntimeError):
            await own.send(
                self.make_sending(Reply("a"), to=dataclasses.replace(self.make_address(), facts={"site": site}))
            )
        assert [f"{VENTURES[country].url}/im/message/send"] == asked

    async def test_a_picture_of_a_person_is_not_taken_for_ours(self, connector):
        await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": PICTURE_URL})))
        content = json.dumps({"imgUrl": "https://sg-live-02.slatic.net/p/1.jpg"})
        (received,) = self.read(connector, write(template_id=3, content=content, from_account_type=2))
        assert Author.AGENT is received.author
