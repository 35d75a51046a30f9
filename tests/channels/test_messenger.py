"""Messenger: examples of its own documentation, and a server that behaves as that says."""

from __future__ import annotations

import types

import pytest

from channels.messenger import OURS, MessengerConnector
from pasar.messages.model import Author, Kind, Reply
from tests.channels.messaging_contract import MessagingContract
from tests.channels.messenger_server import PAGE, MessengerServer
from tests.channels.meta_contract import SETTINGS


class TestMessenger(MessagingContract):
    connector_class = MessengerConnector
    settings = types.MappingProxyType({**SETTINGS, "page": PAGE})
    own_setting = "page"
    object_name = "page"

    def make_server(self):
        return MessengerServer()

    async def test_our_own_echo_is_the_bots(self, connector, server):
        """What we send says so, and the echo brings it back."""
        await connector.send(self.make_sending(Reply("hello")))
        (received,) = self.read(connector, self.write(self.make_echo(metadata=server.bodies[0]["message"]["metadata"])))
        assert (Author.BOT, OURS) == (received.author, server.bodies[0]["message"]["metadata"])

    @pytest.mark.parametrize(
        ("status", "given", "purposes"),
        [
            ({}, True, ["promotion"]),
            ({"notification_messages_status": "STOP_NOTIFICATIONS"}, False, ["promotion", "review"]),
            ({"notification_messages_status": "STOP NOTIFICATIONS"}, False, ["promotion", "review"]),
            ({"notification_messages_status": "RESUME_NOTIFICATIONS"}, True, ["promotion"]),
        ],
        ids=["given", "stopped", "stopped with a blank", "resumed"],
    )
    def test_marketing_messages_are_agreed_to_and_stopped(self, connector, status, given, purposes):
        """https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messaging_optins"""
        optin = {
            "type": "notification_messages", "payload": "sales", "notification_messages_token": "1", "title": "Sales",
            "user_token_status": "NOT_REFRESHED", **status,
        }  # fmt: skip
        event = {"sender": {"id": "9"}, "recipient": {"id": PAGE}, "timestamp": 1458692752478, "optin": optin}
        (received,) = self.read(connector, self.write(event))
        assert (Kind.CONSENT, Author.SYSTEM, "9") == (received.kind, received.author, received.buyer)
        assert (given, purposes) == (received.facts["given"], received.facts["purposes"])

    def test_a_plugin_is_no_consent(self, connector):
        """ "Send to Messenger" comes by the same name."""
        event = {"sender": {"id": "9"}, "recipient": {"id": PAGE}, "timestamp": 1458692752478, "optin": {"ref": "page"}}
        (received,) = self.read(connector, self.write(event))
        assert Kind.OTHER is received.kind
