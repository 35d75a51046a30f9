"""What all connectors of Meta must keep, over :class:`ConnectorContract`."""

from __future__ import annotations

import hashlib
import hmac
import json
import types

import pytest

from channels.connector import Call, ForgedError, SendError, TokenRefusedError
from pasar.messages.model import Reply
from tests.channels.contract import ConnectorContract, Vector
from tests.channels.meta_server import TOKEN, write_error

SECRET = "meta-app-secret-of-the-tests"
VERIFY_TOKEN = "meta-verify-token-of-the-tests"
SETTINGS = types.MappingProxyType({"secret": SECRET, "verify_token": VERIFY_TOKEN, "token": TOKEN})

#: david-lev/pywa@02d8e0a0 tests/test_server.py: a call as Meta sent it; the app's secret was reset since.
CAPTURED = Vector(
    {"secret": "1222e786b144d0e85b9f365372d93676"},
    Call(
        "POST",
        "",
        {"x-hub-signature-256": "sha256=54edfa1d7259e0eb13c677cc7d73d1b5c86cfa12433d19156e058ab9251bc441"},
        b'{"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":'
        b'{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877",'
        b'"phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"PyWa Tests"},'
        b'"wa_id":"972544401243"}],"messages":[{"from":"972544401243",'
        b'"id":"wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA",'
        b'"timestamp":"1730231903","text":{"body":"Hey there! I am using PyWa."},"type":"text"}]},'
        b'"field":"messages"}]}]}',
    ),
)


def answer(code, message="", *, status=400, **more):
    """A fault of the server: an error of the Graph API."""
    return {"status": status, "body": write_error(code, message, **more)}


class MetaContract(ConnectorContract):
    vectors = (CAPTURED,)
    token_refusal = types.MappingProxyType(answer(190, "Error validating access token", error_subcode=463))
    errors = (
        *ConnectorContract.errors,
        ({"status": 400}, {"permanent": True}),
        (answer(4, "Application request limit reached"), {"permanent": False, "uncertain": False}),
        (answer(613, "Calls have exceeded the rate limit"), {"permanent": False, "uncertain": False}),
        (answer(2, "Temporary failure", status=500, is_transient=True), {"permanent": False, "uncertain": True}),
        (answer(100, "Invalid parameter"), {"permanent": True}),
        (answer(10, "Permission denied", status=403), {"permanent": True}),
        (answer(200, "Requires permission", status=403), {"permanent": True}),
    )

    def sign(self, body, sent_at):
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return Call("POST", self.url, {"x-hub-signature-256": f"sha256={digest}"}, body)

    def ask(self, **query):
        return Call("GET", self.url, {}, query={f"hub.{name}": value for name, value in query.items()})

    def test_the_address_is_verified(self, connector):
        given = connector.challenge(self.ask(mode="subscribe", verify_token=VERIFY_TOKEN, challenge="1158201444"))
        assert (200, b"1158201444") == (given.status, given.body)

    @pytest.mark.parametrize(
        "change",
        [
            {"verify_token": "another"},
            {"verify_token": ""},
            {"verify_token": "é\udcff"},
            {"mode": "unsubscribe"},
            {"challenge": ""},
            {"challenge": "<script>\n"},
            {"challenge": "1" * 1000},
        ],
    )
    def test_an_address_is_verified_for_meta_only(self, connector, change):
        query = {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": "1158201444", **change}
        with pytest.raises(ForgedError) as caught:
            connector.challenge(self.ask(**query))
        assert 403 == caught.value.status

    def test_the_older_signature_does_not_serve(self, connector):
        """Whoever may choose SHA-1 has chosen the weaker."""
        body = self.write_text("hello", "m-1")
        digest = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
        with pytest.raises(ForgedError):
            connector.verify(Call("POST", self.url, {"x-hub-signature": f"sha1={digest}"}, body))

    def test_another_accounts_events_are_left_out(self, connector):
        """One app has one address for all of its accounts."""
        own = self.settings[self.own_setting]
        body = self.write_text("hello", "m-1").replace(own.encode(), b"1234")
        assert [] == self.read(connector, body)

    def test_another_object_is_refused(self, connector):
        body = {**json.loads(self.write_text("hello", "m-1")), "object": "user"}
        with pytest.raises(ValueError, match="object"):
            self.read(connector, json.dumps(body).encode())

    async def test_errors_name_metas_code(self, connector, server):
        server.break_next(**answer(551, "This person isn't available right now.", error_subcode=1545041))
        with pytest.raises(SendError, match="551/1545041") as caught:
            await connector.send(self.make_sending(Reply("hello")))
        assert caught.value.permanent

    async def test_a_token_that_never_served_is_told(self, connector, server):
        server.good.clear()
        with pytest.raises(TokenRefusedError):
            await connector.send(self.make_sending(Reply("hello")))
