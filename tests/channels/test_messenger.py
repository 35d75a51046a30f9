"""Messenger: examples of its own documentation, and a server that behaves as that says."""

from __future__ import annotations

import types

from channels.messenger import OURS, MessengerConnector
from pasar.messages.model import Author, Reply
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
